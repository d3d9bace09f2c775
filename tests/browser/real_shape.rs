//! The application as it really is: what cannot be done is said before anybody approves.

use crate::story::{GRACE, MARIA, story};

#[tokio::test]
async fn the_card_says_what_this_application_cannot_do() {
    story("real", &["--shape", "real"], async |page| {
        page.say("/ops user delete usr_1 asked for erasure by mail")
            .await;
        page.channel("ops-approvals").await;
        page.message("Awaiting approval").await;
        page.message("live sessions cannot be ended").await;
        page.message("isBlocked").await;
        page.screenshot("1-card").await;
        page.press("full_plan").await;
        page.modal("Subscription").await;
        page.screenshot("2-full-plan").await;
        page.close_modal().await;

        page.become_person(GRACE).await;
        page.press("approve").await;
        page.modal(MARIA).await;
        page.submit(MARIA).await;
        page.fact("data", "Account", "erased").await;
        page.fact("data", "Rows", "0").await;
        // Another person's row names this one too.
        page.fact("data", "File versions", "1").await;
        page.message("Done").await;
        page.screenshot("3-done").await;
    })
    .await;
}
