//! A payment is granted once, whoever asks and whenever.

use super::{asked, credits_of, done, events_of};
use crate::support::{Options, World, boundary::Boundary, seen::seen, story::*};

async fn in_force(world: &World) -> i64 {
    let sql = "select count(*) from countersign.credit_grant where released_at is null and granted_at is not null";
    world.count(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_granted_once_and_the_second_request_names_the_first() {
    let world = World::start().await;
    done(
        &world,
        OLGA,
        "/ops credits add usr_1 10 pi_3Mtw the webhook failed",
    )
    .await;
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events[0].1["payment"], "pi_3Mtw");
    // Nor for somebody else, nor in another number.
    for line in [
        "/ops credits add usr_1 10 pi_3Mtw the webhook failed",
        "/ops credits add usr_7 20 pi_3Mtw the webhook failed",
    ] {
        let id = world.ask_and_be_refused(line).await;
        assert_eq!(world.event_names(id).await, ["asked", "refused"]);
    }
    world
        .until_told(ADA, "pi_3Mtw was granted by OPS-1001 already")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    assert_eq!(in_force(&world).await, 1);
    done(
        &world,
        OLGA,
        "/ops credits add usr_1 10 pi_other the webhook failed",
    )
    .await;
    assert_eq!(in_force(&world).await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_at_once_for_one_payment_one_is_refused() {
    let world = World::start().await;
    // Both are asked for before either is planned.
    let boundary = Boundary::at(&world, "new.name = 'planned'").await;
    let first = asked(&world, OLGA, "/ops credits add usr_1 10 cs_live_1 paid").await;
    let second = asked(&world, ADA, "/ops credits add usr_7 10 cs_live_1 paid").await;
    boundary.reached(&world).await;
    boundary.open().await;
    let ended = async |id| {
        world
            .until("both are over", async |world| {
                let state = world.request(id).await.state;
                state.is_terminal().then(|| state.word())
            })
            .await
    };
    let mut words = [ended(first).await, ended(second).await];
    words.sort_unstable();
    assert_eq!(words, ["done", "refused"]);
    let total = r#"select sum(credits) from "User" where id in ('usr_1', 'usr_7')"#;
    assert_eq!(world.count(total).await, 12 + 9 + 10);
    assert_eq!(in_force(&world).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_grant_waits_for_its_approval_another_one_for_the_payment_is_refused() {
    let world = World::start().await;
    let id = world
        .ask(ADA, "/ops credits add usr_1 60 pi_3Mtw paid")
        .await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_for_a_payment", seen(&[card]));
    world
        .ask_and_be_refused("/ops credits add usr_7 10 pi_3Mtw paid")
        .await;
    world
        .until_told(ADA, "pi_3Mtw is asked for by OPS-1001, which is still open")
        .await;

    // Once it is given up, the payment is free again.
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    done(&world, ADA, "/ops credits add usr_7 10 pi_3Mtw paid").await;
    assert_eq!(credits_of(&world, "usr_7").await, Some(19));
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    assert_eq!(in_force(&world).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_failed_and_was_settled_leaves_the_payment_free() {
    let world = World::start().await;
    let forbid = r#"alter table "User" add constraint poor check (credits < 20)"#;
    sqlx::raw_sql(forbid).execute(&world.db).await.unwrap();
    let id = asked(&world, ADA, "/ops credits add usr_1 10 ch_1 paid").await;
    world.until_state(id, "failed").await;
    world
        .ask_and_be_refused("/ops credits add usr_7 1 ch_1 paid")
        .await;
    let view = world.open_modal(GRACE, id, "settle").await;
    world.submit(GRACE, &view, "not now").await;
    world.until_state(id, "settled").await;
    done(&world, ADA, "/ops credits add usr_7 1 ch_1 paid").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    // The marker of the settled one is taken: not even a replica that was thought dead gives these credits any more.
    let taken = "select count(*) from countersign.applied_step where result = '\"Forestalled\"'";
    assert_eq!(world.count(taken).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_made_and_then_lost_its_entry_counts_all_the_same() {
    let world = World::with(Options::default()).await;
    done(&world, OLGA, "/ops credits add usr_1 10 pi_3Mtw paid").await;
    // As if the program had died between the effect and the note in the store, and a person had settled the run.
    sqlx::raw_sql("update countersign.credit_grant set granted_at = null")
        .execute(&world.db)
        .await
        .unwrap();
    world
        .ask_and_be_refused("/ops credits add usr_7 10 pi_3Mtw paid")
        .await;
    world
        .until_told(ADA, "pi_3Mtw was granted by OPS-1001 already")
        .await;
    assert_eq!(in_force(&world).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_payment_belongs_to_the_reason() {
    let world = World::start().await;
    done(
        &world,
        OLGA,
        "/ops credits add usr_1 10 pi is what they asked for",
    )
    .await;
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events[0].1["reason"], "pi is what they asked for");
    assert_eq!(events[0].1.get("payment"), None);
    assert_eq!(
        world
            .count("select count(*) from countersign.credit_grant")
            .await,
        0
    );
    world.finish().await;
}
