//! `/ops audit verify`.

use insta::assert_snapshot;

use crate::support::{World, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_journal_is_said_to_be_sound() {
    let world = World::start().await;
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("The journal is what was recorded"), "{text}");
    let how = "countersign audit verify --witness POSITION:HASH";
    assert!(text.contains(how), "{text}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_projection_is_found_and_named() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    sqlx::query("update countersign.request set state = 'succeeded' where id = $1")
        .bind(id.0)
        .execute(&world.db)
        .await
        .unwrap();
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("NOT what was recorded: 1 finding."), "{text}");
    // How much of the chain is linked by now depends on the moment.
    let passes = |line: &&str| {
        !["head", "Links", "Not yet"]
            .iter()
            .any(|word| line.contains(word))
    };
    let lines = seen(&[told]);
    let lines: Vec<_> = lines.lines().filter(passes).collect();
    assert_snapshot!("found", lines.join("\n"));
    sqlx::query("update countersign.request set state = 'cancelled' where id = $1")
        .bind(id.0)
        .execute(&world.db)
        .await
        .unwrap();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_was_rewritten_beside_the_chain_is_found() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    let rewrite = "update countersign.private_text set text = replace(text, $2, $3)
                   where request_id = $1 and kind = 'asking'";
    let change = async |from: &str, to: &str| {
        let query = sqlx::query(rewrite).bind(id.0).bind(from).bind(to);
        query.execute(&world.db).await.unwrap();
    };
    change("by mail", "by nobody").await;
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("NOT what was recorded: 1 finding."), "{text}");
    assert!(!text.contains(":white_check_mark:"), "{text}");
    assert!(text.contains("OPS-1001"), "{text}");
    assert!(
        text.contains("Change nothing; compare with the witnesses in the audit channel."),
        "{text}"
    );
    change("by nobody", "by mail").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_learns_nothing_about_the_journal() {
    let world = World::start().await;
    world.command_from(GIL, "audit verify").await;
    let id = world.until_newer_than(None).await;
    world.until_state(id, "refused").await;
    let looked = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(looked).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_verification_runs_at_a_time_and_the_next_one_is_told_so() {
    let world = World::start().await;
    // As another replica that verifies holds it.
    let mut other = world.db.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('countersign verify', 0))")
        .execute(&mut *other)
        .await
        .unwrap();
    let first = world.asks(ADA, "/ops audit verify").await;
    world.until_event(first, "step_deferred", 1).await;
    let (second, told) = world.answered(GRACE, "/ops audit verify").await;
    let text = told.all_text();
    let says = "OPS-1001 has been verifying the journal since";
    assert!(text.contains(says), "{text}");
    world.until_state(second, "refused").await;
    other.rollback().await.unwrap();
    world.hurry_until_state(first, "done").await;
    let told = world.told_of(ADA, first).await;
    let text = told.all_text();
    assert!(text.contains("The journal is what was recorded"), "{text}");
    world.hurry_until_delivered().await;
    world.finish().await;
}
