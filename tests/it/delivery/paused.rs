//! A replica that is paused inside a transaction, as by SIGSTOP, holds up what is its own and nothing else.

use countersign_sandbox::slack::Message;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::support::{World, story::*};

/// Begins a transaction beside the service and takes locks in it, as a replica that is paused there has.
async fn paused(world: &World, locks: &'static str) -> Transaction<'static, Postgres> {
    let mut tx = world.db.begin().await.unwrap();
    let connection: &mut PgConnection = &mut tx;
    sqlx::raw_sql(locks).execute(connection).await.unwrap();
    tx
}

/// Somebody else asks for something that reads, and is answered.
async fn others_are_answered(world: &World) -> Message {
    let (id, told) = world.answered(GRACE, "/ops whoami").await;
    world.until_state(id, "done").await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_paused_while_appending_holds_up_one_request() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    // It is about to append the expiry or an approval: its lease and its request are locked, and the request is due.
    let locks = "update countersign.request set look_at = now() - interval '1 hour';
                 select from countersign.request for update;
                 select from countersign.lease for share";
    let tx = paused(&world, locks).await;
    others_are_answered(&world).await;
    others_are_answered(&world).await;
    tx.rollback().await.unwrap();
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_paused_while_announcing_holds_up_the_messages_of_one_request() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    // It is about to have the messages of Maria's deletion drawn again, and has the chain's head to post.
    let locks =
        "update countersign.request set undelivered = true, updated_at = now() - interval '1 hour';
                 select from countersign.message for update";
    let tx = paused(&world, locks).await;
    others_are_answered(&world).await;
    tx.rollback().await.unwrap();
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_paused_while_writing_to_a_channel_holds_up_that_channel_only() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    let locks = "select from countersign.channel_pace where recipient = 'C0AUDIT' for update";
    let tx = paused(&world, locks).await;
    others_are_answered(&world).await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.until_told(ADA, "OPS-1001").await;
    tx.rollback().await.unwrap();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_paused_while_sealing_keeps_nobody_from_appending() {
    let world = World::start().await;
    let tx = paused(&world, "select from countersign.chain_head for update").await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    others_are_answered(&world).await;
    tx.rollback().await.unwrap();
    world.finish().await;
}
