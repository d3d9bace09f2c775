//! What is asked about the database: who has an account, who is connected, and whose connections nobody uses.

use crate::story::{QUICK, story};

#[tokio::test]
async fn accounts_and_connections_are_counted_with_pictures() {
    story("database", QUICK, async |page| {
        page.hide_tour().await;
        let users = page
            .ask_and_read("/ops stats users", &["Accounts", "Role ADMIN"])
            .await;
        page.picture(&users).await;
        page.screenshot("1-users").await;
        let connections = page
            .ask_and_read("/ops db connections", &["ielts-web", "Oldest idle"])
            .await;
        page.picture(&connections).await;
        page.screenshot("2-plot").await;
        page.picture_of(&connections, "3-connections").await;
        for line in [
            "/ops check openai",
            "/ops ip ban 8.8.4.4 for 24h it scrapes the tests",
            "/ops ip unban 8.8.4.4 it was the school's proxy",
            "/ops ip list",
        ] {
            page.ask_and_read(line, &["is not configured: set"]).await;
        }
        let reset = page
            .ask_and_read(
                "/ops db reset-pool idle the app is refused connections",
                &["no connection of ielts has been idle for more than 5 min"],
            )
            .await;
        page.picture_of(&reset, "4-reset").await;
    })
    .await;
}

/// It waits for the five minutes after which a connection counts as unused.
#[tokio::test]
#[ignore = "takes more than five minutes"]
async fn connections_that_nobody_used_for_five_minutes_are_ended() {
    story("unused", QUICK, async |page| {
        page.hide_tour().await;
        for minutes in 1..=5 {
            let unused = format!("3, for {minutes} min");
            page.fact("data", "Unused connections", &unused).await;
        }
        let reset = page
            .ask("/ops db reset-pool idle the app is refused connections")
            .await;
        page.confirm_and_read(&reset, &["Done", "ielts-web"]).await;
        page.fact("data", "Unused connections", "none").await;
        page.picture_of(&reset, "1-reset").await;
    })
    .await;
}
