//! `/ops audit verify`.

use insta::assert_snapshot;

use crate::support::{World, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_journal_is_said_to_be_sound() {
    let world = World::start().await;
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("The journal is what was recorded"), "{text}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_projection_is_found_and_named() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    sqlx::query("update countersign.request set state = 'done' where id = $1")
        .bind(id.0)
        .execute(&world.db)
        .await
        .unwrap();
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("NOT what was recorded: 1 finding"), "{text}");
    assert_snapshot!(
        "found",
        seen(&[told])
            .lines()
            .filter(|line| !line.contains("head"))
            .collect::<Vec<_>>()
            .join("\n")
    );
    sqlx::query("update countersign.request set state = 'cancelled' where id = $1")
        .bind(id.0)
        .execute(&world.db)
        .await
        .unwrap();
    world.finish().await;
}
