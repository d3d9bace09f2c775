//! What is asked about people: looked at, banned, promoted, reviewed, their data handed out, their sessions ended.

use crate::story::{ADA, ASK, MARIA, QUICK, story};

#[tokio::test]
async fn people_are_looked_at_banned_promoted_and_reviewed() {
    story("people", QUICK, async |page| {
        page.hide_tour().await;
        let shown = page
            .ask_and_read(
                "/ops user show maria@example.com",
                &["Account usr_1", "Maria Santos", "Last sign-in"],
            )
            .await;
        page.picture_of(&shown, "1-shown").await;
        let did = page
            .ask_and_read(
                "/ops user activity usr_1 5",
                &["12 tests", "7 more are not shown", "Credits missing"],
            )
            .await;
        page.picture_of(&did, "2-activity").await;

        let banned = page
            .ask_and_read(
                "/ops user ban maria@example.com sends spam",
                &["Ban a user", "Done", "3 sessions ended"],
            )
            .await;
        page.fact("data", "Account", "blocked").await;
        page.fact("data", "· Session", "0").await;
        page.picture_of(&banned, "3-banned").await;
        page.ask_and_read(
            "/ops user unban usr_1 it was a mistake",
            &["Lift a user's ban", "the block is lifted"],
        )
        .await;
        page.fact("data", "Account", "active").await;

        let promoted = page
            .ask("/ops user promote usr_1 joins the support team")
            .await;
        page.card(&promoted, &["USER → ADMIN"]).await;
        page.picture_of(&promoted, "4-promote").await;
        page.approve(&promoted, None).await;
        page.fact("data", "Role", "ADMIN").await;

        let review = page
            .ask_and_read("/ops admins review", &["4 admins, 4 who can act"])
            .await;
        page.picture_of(&review, "5-review").await;
        page.press_offer(&review, "usr_3", "Keep").await;
        let kept = page.next_request();
        page.told(&kept, &["Keep an admin", "stays an admin"]).await;
        page.press_offer(&review, "usr_1", "Demote").await;
        let demoted = page.next_request();
        page.card(&demoted, &["ADMIN → USER"]).await;
        page.approve(&demoted, None).await;
        page.fact("data", "Role", "USER").await;

        page.ask_and_read(
            "/ops admins keep usr_4 leads the support team",
            &["stays an admin"],
        )
        .await;
        let typed = page.ask("/ops user demote usr_3 has left the team").await;
        page.approve(&typed, None).await;
        page.card(&typed, &["Done"]).await;
        page.picture_of(&typed, "6-demoted").await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_is_handed_out_sessions_end_and_who_was_erased_stays_erased() {
    story("privacy", QUICK, async |page| {
        page.hide_tour().await;
        let copy = page
            .ask("/ops user export maria@example.com with files asked for a copy")
            .await;
        page.card(&copy, &["Awaiting approval", "It hands out"])
            .await;
        page.picture_of(&copy, "1-export").await;
        page.approve(&copy, None).await;
        page.told(&copy, &["Done", "The archive is ready"]).await;
        page.picture_of(&copy, "2-link").await;
        page.downloads_archive(&copy).await;

        let revoked = page
            .ask("/ops sessions revoke usr_1 her laptop was stolen")
            .await;
        page.card(&revoked, &["3 rows deleted"]).await;
        page.picture_of(&revoked, "3-revoke").await;
        page.approve(&revoked, Some(MARIA)).await;
        page.fact("data", "· Session", "0").await;

        let deleted = page.ask(ASK).await;
        page.approve(&deleted, Some(MARIA)).await;
        page.fact("data", "Account", "erased").await;
        page.card(&deleted, &["Done"]).await;
        page.backstage("data", "restore").await;
        page.fact("data", "Account", "active").await;
        page.screenshot("4-restored").await;
        let replay = page
            .ask("/ops erasure replay the database was restored from a backup")
            .await;
        page.card(&replay, &["Awaiting approval", "usr_1 is there again"])
            .await;
        page.picture_of(&replay, "5-replay").await;
        page.approve(&replay, Some("erase 1")).await;
        page.fact("data", "Account", "erased").await;
        page.card(&replay, &["Done"]).await;
        page.become_person(ADA).await;
        page.picture_of(&replay, "6-replayed").await;
    })
    .await;
}
