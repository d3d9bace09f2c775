//! What happens to single messages: deleted by hand, kept out of a channel, or caught in a broken connection.

use countersign_sandbox::slack::{Message, Submission};

use crate::support::{
    World,
    once::{audit_is_in_order, every_message_stands_once, maria_is_erased_once},
    story::*,
};

/// Somebody with the right to do so deletes messages in Slack.
fn delete_by_hand(world: &World, channel: &str, which: impl Fn(&Message) -> bool) {
    world
        .slack
        .edit_channel(channel, |channel| {
            channel.messages.retain(|message| !which(message));
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_somebody_deleted_is_posted_again_with_its_buttons() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    delete_by_hand(&world, APPROVALS, |_| true);
    let submission = world.submit(GRACE, &view, "usr_1").await;
    assert_eq!(submission, Submission::Closed);
    let card = world.until_card_shows(id, "stop").await;
    assert!(card.all_text().contains("cooling off"));
    assert_eq!(world.slack.messages(APPROVALS).len(), 1);
    world.cool_off().await;
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_thread_that_somebody_deleted_is_begun_anew() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    crate::support::leftovers::check(&world).await;
    let thread = world.audit_thread(id).await;
    delete_by_hand(&world, AUDIT, |message| {
        thread.iter().any(|one| one.ts == message.ts)
    });
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    every_message_stands_once(&world).await;
    let thread = world.audit_thread(id).await;
    let entries = "select count(*) from countersign.message where parent is not null";
    assert_eq!(thread.len() as i64, world.count(entries).await + 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_is_deleted_while_an_entry_waits_gets_its_first_message_back_first() {
    let world = World::start().await;
    let mut gate = world.slack.faults().hold("chat.postMessage");
    let delivery = world.slack.slash(ADA, OPS, LINE).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    let entry = loop {
        let held = gate.arrived().await.unwrap();
        if held.call.args["thread_ts"].is_string() {
            break held;
        }
        held.release();
    };
    // The chain's head may be posted already, and nobody posts a deleted one again.
    delete_by_hand(&world, AUDIT, |one| one.all_text().contains("OPS-1001"));
    entry.release();
    drop(gate);
    let id = world
        .until("the request", async |world| world.newest().await)
        .await;
    world.until_card_shows(id, "approve").await;
    crate::support::leftovers::check(&world).await;
    every_message_stands_once(&world).await;
    audit_is_in_order(&world, id).await;
    let delivery = world.click(ADA, id, "cancel").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bot_is_out_of_the_audit_channel_its_entries_wait_and_come_in_order_later() {
    const BOT: &str = "U0COUNTERSIGN";
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let edit = |edit: fn(&mut std::collections::BTreeSet<String>)| {
        let edited = world.slack.edit_channel(AUDIT, |c| edit(&mut c.members));
        edited.unwrap();
    };
    edit(|members| {
        members.remove(BOT);
    });
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world.until_told(ADA, "OPS-1001").await;
    edit(|members| {
        members.insert(BOT.to_owned());
    });
    world.hurry_until_delivered().await;
    maria_is_erased_once(&world, id).await;
    audit_is_in_order(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_the_store_that_breaks_while_a_card_is_drawn_loses_no_message() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    crate::support::leftovers::check(&world).await;
    let mut tx = world.db.begin().await.unwrap();
    sqlx::raw_sql("lock table countersign.event in access exclusive mode")
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query(
        "update countersign.message set generation = generation + 1 where slot like 'approval:%'",
    )
    .execute(&world.db)
    .await
    .unwrap();
    world
        .hurry_until("the drawing waits", async |world| {
            let sql = "select count(*) from (select pg_terminate_backend(pid) from pg_locks
                           where not granted and relation = 'countersign.event'::regclass) cut";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    tx.rollback().await.unwrap();
    world.hurry_until_delivered().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world.hurry_until_delivered().await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_posted_once_although_three_replicas_take_its_channel_at_the_same_time() {
    let mut world = World::start().await;
    world.start_replica().await;
    world.start_replica().await;
    // Reading who may write where goes on; taking a channel waits.
    let mut tx = world.db.begin().await.unwrap();
    sqlx::raw_sql("lock table countersign.channel_pace in share mode")
        .execute(&mut *tx)
        .await
        .unwrap();
    let delivery = world.slack.slash(ADA, OPS, LINE).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world
        .hurry_until("three writers for one channel", async |world| {
            let sql = "select count(*) from pg_locks
                       where not granted and relation = 'countersign.channel_pace'::regclass";
            (world.count(sql).await >= 3).then_some(())
        })
        .await;
    tx.rollback().await.unwrap();
    let id = world.newest().await.unwrap();
    world.until_card_shows(id, "approve").await;
    crate::support::leftovers::check(&world).await;
    every_message_stands_once(&world).await;
    let delivery = world.click(ADA, id, "cancel").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.finish().await;
}
