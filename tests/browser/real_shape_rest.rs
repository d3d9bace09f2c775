//! Money, the database and the service itself, beside the application as it really is.

use crate::{
    page::Page,
    story::{REAL, story},
};

#[tokio::test]
async fn everything_else_works_or_says_what_is_missing() {
    story("real-rest", REAL, async |page| {
        page.hide_tour().await;
        let added = page
            .ask_and_read(
                "/ops credits add usr_1 5 paid twice for one test",
                &["Refused", "credits Int @default(0)", "MANUAL_CREDIT_ADDED"],
            )
            .await;
        page.ask_and_read(
            "/ops credits remove usr_1 3 given by mistake",
            &["Refused", "credits Int @default(0)"],
        )
        .await;
        page.picture_of(&added, "1-no-credits").await;
        page.ask_and_read("/ops payment find usr_1", &["pi_maria_pro"])
            .await;
        let refund = page
            .ask("/ops refund pi_maria_pro the test was interrupted")
            .await;
        page.card(&refund, &["no credits are taken: the app keeps none"])
            .await;
        page.picture_of(&refund, "2-refund").await;
        page.approve(&refund, Some("9.99 USD")).await;
        page.card(&refund, &["Done"]).await;
        vendors_are_not_configured(page).await;
        page.ask_and_read("/ops stripe review", &["to look at"])
            .await;
        let revenue = page.ask_and_read("/ops stats revenue", &["Revenue"]).await;
        page.picture(&revenue).await;

        let users = page
            .ask_and_read("/ops stats users", &["Accounts", "isBlocked Boolean"])
            .await;
        page.picture(&users).await;
        page.screenshot("3-users").await;
        let connections = page
            .ask_and_read("/ops db connections", &["ielts-web"])
            .await;
        page.picture(&connections).await;
        page.ask_and_read(
            "/ops db reset-pool idle the app is refused connections",
            &["no connection of ielts has been idle for more than 5 min"],
        )
        .await;

        page.channel("ops").await;
        page.say("/ops help credits").await;
        page.only_for_me("/ops credits add").await;
        page.ask_and_read("/ops whoami", &["admin"]).await;
        page.ask_and_read("/ops freeze on the database is restored", &["frozen"])
            .await;
        let open = page
            .ask("/ops user promote usr_1 joins the support team")
            .await;
        page.card(&open, &["Awaiting approval"]).await;
        page.ask_and_read("/ops requests", &[&open]).await;
        page.ask_and_read(&format!("/ops show {open}"), &["What happened"])
            .await;
        page.ask_and_read(&format!("/ops cancel {open}"), &["is cancelled"])
            .await;
        page.ask_and_read("/ops freeze off all is well again", &["thawed"])
            .await;
        let verified = page
            .ask_and_read("/ops audit verify", &["The journal is what was recorded"])
            .await;
        page.picture_of(&verified, "4-verified").await;
    })
    .await;
}

/// The demo has no OpenAI and no Vercel.
async fn vendors_are_not_configured(page: &Page) {
    for line in [
        "/ops check openai",
        "/ops ip ban 8.8.4.4 for 24h it scrapes the tests",
        "/ops ip unban 8.8.4.4 it was the school's proxy",
        "/ops ip list",
    ] {
        page.ask_and_read(line, &["is not configured: set"]).await;
    }
}
