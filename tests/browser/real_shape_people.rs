//! People of the application as it really is: each command works, or says which column is missing.

use crate::story::{REAL, story};

#[tokio::test]
async fn what_is_asked_about_people_works_or_says_what_is_missing() {
    story("real-people", REAL, async |page| {
        let shown = page
            .ask_and_read("/ops user show usr_1", &["Account usr_1", "User.credits"])
            .await;
        page.picture_of(&shown, "1-shown").await;
    })
    .await;
}
