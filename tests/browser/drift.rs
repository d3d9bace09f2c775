//! What was approved is not what would be done any more.

use crate::story::{ASK, GRACE, MARIA, story};

#[tokio::test]
async fn an_approval_is_void_when_the_plan_has_drifted() {
    story("drift", &["--cooling-off", "10s"], async |page| {
        page.say(ASK).await;
        page.channel("ops-approvals").await;
        page.become_person(GRACE).await;
        page.press("approve").await;
        page.modal(MARIA).await;
        page.submit(MARIA).await;
        page.button("stop").await;
        page.backstage("data", "practise").await;
        page.fact("data", "· TestSession", "24").await;
        page.message("12 approved, 24 now").await;
        page.button("approve").await;
        page.screenshot("1-asked-again").await;

        page.press("approve").await;
        page.modal(MARIA).await;
        page.submit(MARIA).await;
        page.fact("data", "Account", "erased").await;
        page.message("Done").await;
        page.screenshot("2-done").await;
    })
    .await;
}
