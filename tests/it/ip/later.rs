//! What the service asks for by itself.

use std::time::Duration;

use countersign::domain::{Actor, RequestId};
use countersign_sandbox::{
    vendor::Failure,
    vercel::{CHANGE_FIREWALL, READ_FIREWALL},
};
use serde_json::json;
use uuid::Uuid;

use super::{BAN, DAY, UNBAN, denied, rules, with_vercel};
use crate::support::{World, story::*};

const OPEN: &str = "select count(*) from countersign.scheduled_request where closed_at is null";

async fn asked_by_the_service(world: &World, ban: RequestId) -> RequestId {
    let id = world.until_newer_than(Some(ban)).await;
    let request = world.request(id).await;
    assert_eq!(request.operation, "ip unban");
    match request.requester {
        Actor::Service(service) => assert_eq!(service.because, ban),
        Actor::Person(person) => panic!("{person:?} asked"),
    }
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_time_is_over_the_service_lifts_a_ban_and_says_why() {
    let world = with_vercel().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    world.clock.advance(DAY - Duration::from_secs(600));
    assert_eq!(rules(&world), denied("8.8.4.4"));
    world.clock.advance(Duration::from_secs(660));
    let lift = asked_by_the_service(&world, ban).await;
    world.until_state(lift, "done").await;
    assert_eq!(rules(&world), []);
    world
        .until_audit(lift, "Countersign, because of OPS-1001")
        .await;
    let told = world.told_of(OLGA, lift).await.all_text();
    assert!(told.contains("8.8.4.4"), "{told}");
    let kept = "select count(*) from countersign.scheduled_request where asking is not null or salt is not null";
    assert_eq!(
        world.count(kept).await,
        0,
        "the address goes from the table, and so does what its keyed hash could be searched with"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_whose_time_was_over_while_the_service_was_down_is_lifted_at_the_start() {
    let mut world = with_vercel().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    world.crash().await;
    world.clock.advance(DAY + DAY);
    assert_eq!(rules(&world), denied("8.8.4.4"));
    world.start_replica().await;
    let lift = asked_by_the_service(&world, ban).await;
    world.until_state(lift, "done").await;
    assert_eq!(rules(&world), []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_asks() {
    let mut world = with_vercel().await;
    world.start_replica().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    world.clock.advance(DAY + Duration::from_secs(60));
    let lift = asked_by_the_service(&world, ban).await;
    world.until_state(lift, "done").await;
    world.clock.advance(Duration::from_secs(120));
    let asked = "select count(*) from countersign.request where operation = 'ip unban'";
    assert_eq!(world.count(asked).await, 1);
    assert_eq!(world.count(OPEN).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_that_a_person_lifts_is_not_lifted_again() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, BAN).await;
    assert_eq!(world.count(OPEN).await, 1);
    world.ask_and_read(OLGA, UNBAN).await;
    assert_eq!(world.count(OPEN).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_gone_by_then_is_said_to_be_gone() {
    let world = with_vercel().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    world.vercel.remove_rules();
    world.clock.advance(DAY + Duration::from_secs(60));
    let lift = asked_by_the_service(&world, ban).await;
    world.until_state(lift, "done").await;
    let gone = "select count(*) from countersign.event
                where name = 'step_succeeded' and body like '%were gone already%'";
    assert_eq!(world.count(gone).await, 1);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_that_is_tried_again_after_its_time_denies_nothing_for_ever() {
    let world = with_vercel().await;
    let body = json!({ "error": { "code": "forbidden", "message": "no" } });
    world
        .vercel
        .fail(CHANGE_FIREWALL, Failure::Answers(403, body));
    let ban = world.ask_freely(OLGA, BAN).await;
    world.until_state(ban, "failed").await;
    world.clock.advance(DAY + Duration::from_secs(60));
    let lift = asked_by_the_service(&world, ban).await;
    world.until_state(lift, "done").await;
    world.click(ADA, ban, "resume").await;
    world
        .until_card_says(ban, "the time of this ban is over before it began")
        .await;
    assert_eq!(rules(&world), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_that_is_not_shown_is_not_taken_for_a_lifted_ban() {
    let world = with_vercel().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    let missing = || {
        let body = json!({ "error": { "code": "not_found", "message": "no such project" } });
        world
            .vercel
            .fail(READ_FIREWALL, Failure::Answers(404, body));
    };
    missing();
    let told = world.refusal_of(OLGA, UNBAN).await;
    assert!(told.contains("Vercel shows no firewall"), "{told}");
    let refused = world.newest().await;
    assert_ne!(refused, Some(ban));
    missing();
    world.clock.advance(DAY + Duration::from_secs(60));
    let lift = world.until_newer_than(refused).await;
    world.skip_pauses_until_state(lift, "done").await;
    assert_eq!(rules(&world), []);
    let again = "select count(*) from countersign.event where name = 'step_deferred'";
    assert_eq!(world.count(again).await, 1);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_journal_does_not_prove_are_closed_and_ask_nothing() {
    let world = with_vercel().await;
    let (ban, _) = world
        .ask_and_read(OLGA, "/ops ip ban 9.9.9.9 it scrapes")
        .await;
    let changes = world.vercel.calls_of(CHANGE_FIREWALL).len();
    for (because, operation, arguments) in [
        (ban.0, "ip unban", r#"{"network": "9.9.9.9"}"#),
        (ban.0, "user delete", r#"{"user": "usr_1"}"#),
        (Uuid::from_u128(7), "ip unban", r#"{"network": "9.9.9.9"}"#),
    ] {
        sqlx::query(
            "insert into countersign.scheduled_request (because, operation, asking, salt, due_at, look_at)
             values ($1, $2, jsonb_build_object('arguments', $3::jsonb, 'reason', 'x'), 'salt', now(), 'epoch')",
        )
        .bind(because)
        .bind(operation)
        .bind(arguments)
        .execute(&world.db)
        .await
        .unwrap();
    }
    world.clock.advance(Duration::from_secs(60));
    world
        .until("forged rows are closed", async |world| {
            (world.count(OPEN).await == 0).then_some(())
        })
        .await;
    assert_eq!(world.newest().await, Some(ban), "nothing was asked");
    assert_eq!(world.vercel.calls_of(CHANGE_FIREWALL).len(), changes);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_moved_or_points_elsewhere_lifts_nothing() {
    let world = with_vercel().await;
    let (ban, _) = world.ask_and_read(OLGA, BAN).await;
    world
        .ask_and_read(OLGA, "/ops ip ban 9.9.9.9 it scrapes")
        .await;
    sqlx::query(
        "update countersign.scheduled_request
         set asking = jsonb_set(asking, '{arguments,network}', '\"9.9.9.9\"'), due_at = now(), look_at = 'epoch'
         where because = $1",
    )
    .bind(ban.0)
    .execute(&world.db)
    .await
    .unwrap();
    world.clock.advance(Duration::from_secs(60));
    world
        .until("the changed row is closed", async |world| {
            (world.count(OPEN).await == 0).then_some(())
        })
        .await;
    assert_eq!(world.vercel.rules().len(), 2);
    world.finish().await;
}
