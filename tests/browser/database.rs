//! What is asked about the database, and about the service itself.

use crate::story::{QUICK, story};

#[tokio::test]
async fn connections_and_accounts_are_counted_with_pictures() {
    story("database", QUICK, async |page| {
        let users = page.ask_and_read("/ops stats users", &["Accounts"]).await;
        page.picture(&users).await;
        page.screenshot("1-users").await;
        let connections = page.ask_and_read("/ops db connections", &["idle"]).await;
        page.picture(&connections).await;
        page.screenshot("2-plot").await;
        page.picture_of(&connections, "3-connections").await;
        let reset = page
            .ask_and_read(
                "/ops db reset-pool idle the app is refused connections",
                &["Done"],
            )
            .await;
        page.picture_of(&reset, "4-reset").await;
    })
    .await;
}

#[tokio::test]
async fn the_service_itself_is_asked() {
    story("bot", QUICK, async |page| {
        page.say("/ops help").await;
        page.only_for_me("/ops user delete").await;
        page.screenshot("1-help").await;
        let who = page.ask_and_read("/ops whoami", &["admin"]).await;
        page.picture_of(&who, "2-whoami").await;
        let frozen = page
            .ask_and_read("/ops freeze on the database is restored", &["frozen"])
            .await;
        page.picture_of(&frozen, "3-frozen").await;
        let open = page
            .ask("/ops user promote usr_1 joins the support team")
            .await;
        let listed = page.ask_and_read("/ops requests", &[&open]).await;
        page.picture_of(&listed, "4-requests").await;
        let shown = page
            .ask_and_read(&format!("/ops show {open}"), &["What happened"])
            .await;
        page.picture_of(&shown, "5-shown").await;
        page.ask_and_read(&format!("/ops cancel {open}"), &["is cancelled"])
            .await;
        page.card(&open, &["Cancelled"]).await;
        page.ask_and_read("/ops freeze off all is well again", &["thawed"])
            .await;
        let verified = page
            .ask_and_read("/ops audit verify", &["The journal is what was recorded"])
            .await;
        page.picture_of(&verified, "6-verified").await;
    })
    .await;
}
