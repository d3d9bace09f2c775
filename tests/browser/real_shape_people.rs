//! People of the application as it really is: each command works, or says which column is missing.

use crate::{
    page::Page,
    story::{MARIA, REAL, story},
};

#[tokio::test]
async fn what_is_asked_about_people_works_or_says_what_is_missing() {
    story("real-people", REAL, async |page| {
        page.hide_tour().await;
        shown_and_not_blocked(page).await;
        promoted_and_demoted(page).await;
        exported_erased_and_erased_again(page).await;
    })
    .await;
}

/// What the app has of her is shown, and what it lacks is named.
async fn shown_and_not_blocked(page: &Page) {
    let shown = page
        .ask_and_read(
            "/ops user show usr_1",
            &[
                "Maria Santos",
                "credits Int @default(0)",
                "isBlocked Boolean",
            ],
        )
        .await;
    page.picture_of(&shown, "1-shown").await;
    page.ask_and_read(
        "/ops user activity usr_1 5",
        &[
            "12 tests",
            "the app has no table for them",
            "status String?",
        ],
    )
    .await;
    let banned = page
        .ask_and_read(
            "/ops user ban usr_1 sends spam",
            &["Refused", "isBlocked Boolean @default(false)"],
        )
        .await;
    page.ask_and_read(
        "/ops user unban usr_1 it was a mistake",
        &["Refused", "isBlocked Boolean @default(false)"],
    )
    .await;
    page.picture_of(&banned, "2-no-block").await;
}

/// Who is an admin changes, by a command and by the buttons of the review.
async fn promoted_and_demoted(page: &Page) {
    let promoted = page
        .ask("/ops user promote usr_1 joins the support team")
        .await;
    page.approve(&promoted, None).await;
    page.fact("data", "Role", "ADMIN").await;
    let review = page
        .ask_and_read("/ops admins review", &["4 admins, 4 who can act"])
        .await;
    page.picture_of(&review, "3-review").await;
    page.press_offer(&review, "usr_3", "Keep").await;
    let kept = page.next_request();
    page.told(&kept, &["stays an admin"]).await;
    page.press_offer(&review, "usr_1", "Demote").await;
    let demoted = page.next_request();
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
}

/// Her sessions cannot be ended; her data are handed out, go, and go again after a restore.
async fn exported_erased_and_erased_again(page: &Page) {
    let revoked = page
        .ask_and_read(
            "/ops sessions revoke usr_1 her laptop was stolen",
            &["Refused", "signs people in with JWT cookies"],
        )
        .await;
    page.picture_of(&revoked, "4-no-sessions").await;
    let copy = page.ask("/ops user export usr_1 asked for a copy").await;
    page.approve(&copy, None).await;
    page.told(&copy, &["The archive is ready"]).await;
    page.downloads_archive(&copy).await;

    let deleted = page.ask("/ops user delete usr_1 asked for erasure").await;
    page.approve(&deleted, Some(MARIA)).await;
    page.fact("data", "Account", "erased").await;
    page.card(&deleted, &["Done"]).await;
    page.backstage("data", "restore").await;
    page.fact("data", "Account", "active").await;
    let replay = page
        .ask("/ops erasure replay the database was restored from a backup")
        .await;
    page.card(&replay, &["usr_41 is left alone"]).await;
    page.picture_of(&replay, "5-replay").await;
    page.approve(&replay, Some("erase 1")).await;
    page.fact("data", "Account", "erased").await;
    page.card(&replay, &["Done"]).await;
}
