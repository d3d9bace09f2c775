//! What is asked about the service itself.

use crate::story::{QUICK, story};

#[tokio::test]
async fn the_service_itself_is_asked() {
    story("service", QUICK, async |page| {
        page.hide_tour().await;
        page.say("/ops help").await;
        page.only_for_me("/ops user delete").await;
        page.screenshot("1-help").await;
        let who = page.ask_and_read("/ops whoami", &["Role", "admin"]).await;
        page.picture_of(&who, "2-whoami").await;
        let frozen = page
            .ask_and_read("/ops freeze on the database is restored", &["frozen"])
            .await;
        page.picture_of(&frozen, "3-frozen").await;
        let open = page
            .ask("/ops user promote usr_1 joins the support team")
            .await;
        page.card(&open, &["Awaiting approval"]).await;
        let listed = page.ask_and_read("/ops requests", &[&open]).await;
        page.picture_of(&listed, "4-requests").await;
        let shown = page
            .ask_and_read(&format!("/ops show {open}"), &["What happened", "planned"])
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
