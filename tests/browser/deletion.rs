//! The whole deletion, with what must be refused on the way and a crash in the middle.

use crate::story::{ADA, ASK, GIL, GRACE, MARIA, story};

#[tokio::test]
async fn a_deletion_is_countersigned_by_another_admin_and_survives_kill_9() {
    story("deletion", &["--cooling-off", "15s"], async |page| {
        page.screenshot("1-welcome").await;
        page.hide_tour().await;
        page.say(ASK).await;
        page.only_for_me("OPS-1001").await;
        page.channel("ops-approvals").await;
        page.message("Awaiting approval").await;
        page.fact("data", "Rows", "135").await;
        page.screenshot("2-card").await;

        page.press("approve").await;
        page.only_for_me("asked for").await;
        page.screenshot("3-own-approval-refused").await;

        page.become_person(GIL).await;
        page.channel("ops").await;
        page.say(ASK).await;
        page.only_for_me("guest").await;
        page.screenshot("4-guest-refused").await;

        page.backstage("service", "kill-in-the-middle").await;
        page.become_person(GRACE).await;
        page.channel("ops-approvals").await;
        page.press("approve").await;
        page.modal(MARIA).await;
        page.submit("usr_2").await;
        page.modal_error(MARIA).await;
        page.screenshot("5-wrong-confirmation").await;
        page.submit(MARIA).await;
        page.modal_closed().await;
        page.no_button("approve").await;
        page.button("stop").await;
        page.fact("data", "Account", "blocked").await;
        page.screenshot("6-cooling-off").await;

        page.fact_has("service", "Process", "signal: 9").await;
        page.screenshot("7-killed").await;
        page.fact("service", "Process", "running").await;
        page.fact("data", "Account", "erased").await;
        page.fact("data", "Rows", "0").await;
        page.fact("data", "File versions", "0").await;
        page.fact("data", "Certificates", "1").await;
        page.message("Done").await;
        page.no_button("stop").await;
        page.screenshot("8-done").await;

        page.become_person(ADA).await;
        page.channel("ops-audit").await;
        page.thread("OPS-1001").await;
        page.reply("certificates/OPS-1001").await;
        page.screenshot("9-audit").await;
    })
    .await;
}
