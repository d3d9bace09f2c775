//! Everything else of the application as it really is.

use crate::story::{REAL, story};

#[tokio::test]
async fn everything_else_works_or_says_what_is_missing() {
    story("real-rest", REAL, async |page| {
        let connections = page.ask_and_read("/ops db connections", &["idle"]).await;
        page.picture_of(&connections, "1-connections").await;
    })
    .await;
}
