//! The other commands: what only reads is answered in the conversation with the app, money needs a second admin.

use crate::story::{GRACE, story};

#[tokio::test]
async fn what_only_reads_is_answered_to_the_person_alone() {
    story("answers", &[], async |page| {
        page.say("/ops user show maria@example.com").await;
        page.only_for_me("The answer comes as a direct message")
            .await;
        page.say("/ops payment find maria@example.com").await;
        page.say("/ops stats users").await;
        page.conversation_with_the_app().await;
        page.message("Account usr_1").await;
        page.message("pi_maria_pro").await;
        page.message("Accounts").await;
        page.screenshot("1-answers").await;

        page.channel("ops").await;
        page.say("/ops usr show maria@example.com").await;
        page.only_for_me("Did you mean /ops user show <user>?")
            .await;
        page.say("/ops help refund").await;
        page.only_for_me("A second admin has to approve it").await;
        page.screenshot("2-help").await;
        page.say("/ops credits add").await;
        page.modal("User").await;
        page.screenshot("3-form").await;
        page.close_modal().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_is_approved_by_typing_the_amount_and_takes_its_credits() {
    story("refund", &[], async |page| {
        page.say("/ops refund pi_maria_pro the test was interrupted")
            .await;
        page.channel("ops-approvals").await;
        page.message("Awaiting approval").await;
        page.screenshot("1-card").await;
        page.become_person(GRACE).await;
        page.press("approve").await;
        page.modal("9.99 USD").await;
        page.submit("9.99 USD").await;
        page.message("Done").await;
        page.screenshot("2-done").await;
    })
    .await;
}
