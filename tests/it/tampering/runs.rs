//! Runs whose events or rows were changed by somebody without the key.

use std::time::Duration;

use countersign::{
    domain::RequestId,
    journal::{
        Journal,
        verify::{Kind, verify},
    },
};
use sqlx::AssertSqlSafe;

use crate::support::{World, boundary::Boundary, environment::DOCUMENTS, story::*};

const MARIA: &str = r#"select count(*) from "User" where id = 'usr_1'"#;

/// SQL by somebody who owns the database and turned the triggers off.
async fn tamper(world: &World, statements: &str) {
    let sql = format!("begin; set local session_replication_role = replica; {statements}; commit");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&world.db)
        .await
        .unwrap();
}

async fn findings(world: &World, kind: Kind) -> u64 {
    let journal = world.journal();
    let report = verify(&journal.pool, &journal.key, None).await.unwrap();
    report.by_kind.get(&kind).copied().unwrap_or_default()
}

/// When the runner looks at the request next, in seconds since 1970.
async fn looked_at_next(world: &World) -> i64 {
    let sql =
        "select coalesce(max(extract(epoch from look_at)), 0)::bigint from countersign.request";
    world.count(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_with_a_changed_event_is_not_carried_out_and_whoever_clicks_is_told() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.until_card_shows(id, "stop").await;
    tamper(
        &world,
        "update countersign.event set body = replace(body, 'usr_1', 'usr_2') where name = 'planned'",
    )
    .await;
    world.clock.advance(Duration::from_secs(3_600));
    assert!(world.click(ADA, id, "stop").await.ok());
    world
        .until_told(ADA, "has been changed outside Countersign")
        .await;
    assert_eq!(world.count(MARIA).await, 1);
    let other = r#"select count(*) from "User" where id = 'usr_2'"#;
    assert_eq!(world.count(other).await, 1);
    assert!(findings(&world, Kind::EventChanged).await > 0);
    let started = "select count(*) from countersign.event where name = 'run_started'";
    assert_eq!(world.count(started).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invented_approval_runs_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    tamper(
        &world,
        "insert into countersign.event (kind, stream, version, name, body, at, hash)
         select kind, stream, 3, 'approved', replace(body, '\"planned\"', '\"approved\"'), at, sha256(hash)
         from countersign.event where version = 2;
         update countersign.request set version = 3, state = 'approved', due_at = '1970-01-01', look_at = '1970-01-01'",
    )
    .await;
    world
        .hurry_until("the runner has looked", async |world| {
            (looked_at_next(world).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.event_names(id).await.len(), 3);
    assert_eq!(world.count(MARIA).await, 1);
    assert!(findings(&world, Kind::EventChanged).await > 0);
}

/// A deletion that has just collected its files, held before that is on record.
async fn collected(world: &World) -> (RequestId, Boundary) {
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    let collected = "new.name = 'step_succeeded' and new.body like '%\"collect\"%'";
    let boundary = Boundary::at(world, collected).await;
    world.cool_off().await;
    boundary.reached(world).await;
    (id, boundary)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_erases_no_file_that_somebody_put_on_its_list() {
    let world = World::start().await;
    let (id, boundary) = collected(&world).await;
    let others = world
        .s3
        .count(countersign_sandbox::data::BUCKET, "user-usr_2/");
    tamper(
        &world,
        "insert into countersign.erasure_object (request_id, key, version_id, delete_marker, bytes, mac)
         select request_id, 'user-usr_2/' || key, version_id, delete_marker, bytes, mac
         from countersign.erasure_object limit 1",
    )
    .await;
    boundary.open().await;
    world.hurry_until_state(id, "failed").await;
    let card = world
        .until_card_says(id, "has been changed outside Countersign")
        .await;
    assert!(!card.all_text().is_empty());
    let left = world
        .s3
        .count(countersign_sandbox::data::BUCKET, "user-usr_2/");
    assert_eq!(left, others);
    assert_eq!(findings(&world, Kind::RowChanged).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_approved_while_an_event_is_gone_that_may_say_who_is_one_human() {
    let mut world = World::start().await;
    world.answered(ADA_AGAIN, "/ops whoami").await;
    let other = world.newest().await.unwrap();
    let id = world.ask_for_maria().await;
    tamper(
        &world,
        &format!("delete from countersign.event where stream = '{other}'; delete from countersign.request where id = '{other}'"),
    )
    .await;
    // A process that has read the event remembers it.
    world.restart().await;
    world.approve(GRACE, id).await;
    world.until_told(GRACE, "nothing can be approved").await;
    assert_eq!(world.event_names(id).await, ["asked", "planned"]);
    assert!(findings(&world, Kind::EventMissing).await > 0);
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_claim_somebody_removes_is_not_given_credits_again() {
    let world = World::start().await;
    let add = "/ops credits add usr_1 10 pi_3Mtw the webhook failed";
    assert!(world.slack.slash(ADA, OPS, add).await.unwrap().ok());
    let first = world.until_newer_than(None).await;
    world.until_state(first, "done").await;
    tamper(&world, "delete from countersign.credit_grant").await;
    let again = "/ops credits add usr_7 10 pi_3Mtw the webhook failed";
    world.ask_and_be_refused(again).await;
    world
        .until_told(ADA, "was granted by OPS-1001 already")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_grants_at_once_stay_below_the_limit_when_somebody_removes_their_places() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'planned'").await;
    let ask = async |line: &str| assert!(world.slack.slash(ADA, OPS, line).await.unwrap().ok());
    ask("/ops credits add usr_1 40 a gift").await;
    boundary.reached(&world).await;
    tamper(&world, "delete from countersign.credit_count").await;
    ask("/ops credits add usr_1 39 another gift").await;
    world
        .until("the second one is counted", async |world| {
            let counted = "select count(*) from countersign.credit_count";
            (world.count(counted).await == 1).then_some(())
        })
        .await;
    boundary.open().await;
    world
        .hurry_until("nothing more happens by itself", async |world| {
            let over = "select count(*) from countersign.request
                        where state in ('failed', 'succeeded', 'refused', 'awaiting_approval')";
            (world.count(over).await == 2).then_some(())
        })
        .await;
    let credits = r#"select credits::bigint from "User" where id = 'usr_1'"#;
    assert!(world.count(credits).await <= 12 + 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_count_against_the_limit_of_a_day_when_somebody_dates_their_request_back() {
    let world = World::start().await;
    let ask = async |line: &str| assert!(world.slack.slash(ADA, OPS, line).await.unwrap().ok());
    ask("/ops credits add usr_1 40 a gift").await;
    let first = world.until_newer_than(None).await;
    world.until_state(first, "done").await;
    tamper(
        &world,
        &format!(
            "update countersign.event set at = at - interval '40 days' where stream = '{first}'"
        ),
    )
    .await;
    ask("/ops credits add usr_1 39 another gift").await;
    world
        .hurry_until("the second one is not planned", async |world| {
            let rests = "select count(*) from countersign.request
                         where (id <> (select id from countersign.request order by number limit 1))
                           and (state = 'refused' or state = 'asked' and look_at > due_at)";
            (world.count(rests).await == 1).then_some(())
        })
        .await;
    let credits = r#"select credits::bigint from "User" where id = 'usr_1'"#;
    assert_eq!(world.count(credits).await, 12 + 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_does_not_wait_for_what_the_whole_journal_says() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    let mut locked = world.db.begin().await.unwrap();
    sqlx::raw_sql("lock table countersign.chain in access exclusive mode")
        .execute(&mut *locked)
        .await
        .unwrap();
    assert!(world.click(GRACE, id, "stop").await.ok());
    world.until_event(id, "stopped", 1).await;
    locked.rollback().await.unwrap();
    world.until_state(id, "stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_certificate_is_signed_because_somebody_closes_a_deletion_in_the_store() {
    let world = World::start().await;
    let (_, boundary) = collected(&world).await;
    tamper(
        &world,
        "update countersign.request set open = false; update countersign.erasure_ledger set erased_at = now()",
    )
    .await;
    let tidied = async || {
        let ticks = "select count(*) from countersign.job_tick
                     where job = 'forget closed deletions' and outcome = 'done'";
        world.count(ticks).await
    };
    let before = tidied().await;
    world.clock.advance(Duration::from_secs(601));
    world
        .until("closed requests are tidied up", async |_| {
            (tidied().await > before).then_some(())
        })
        .await;
    assert!(world.s3.objects(DOCUMENTS).is_empty());
    let addresses = "select count(*) from countersign.erasure_subject";
    assert_eq!(world.count(addresses).await, 1, "it is still looked for");
    let erased = "select count(*) from countersign.private_text where text is null";
    assert_eq!(world.count(erased).await, 0);
    assert!(findings(&world, Kind::ProjectionStale).await > 0);
    boundary.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_not_called_off_under_the_number_of_another_one() {
    let world = World::start().await;
    world.ask_for_maria().await;
    let other = world.ask(ADA, "/ops user delete usr_7 asked for it").await;
    tamper(
        &world,
        "update countersign.request set number = 5 where number = 1001;
         update countersign.request set number = 1001 where number = 1002",
    )
    .await;
    world.ask_and_be_refused("/ops cancel OPS-1001").await;
    assert_eq!(world.event_names(other).await, ["asked", "planned"]);
    assert_eq!(findings(&world, Kind::ProjectionStale).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_goes_to_no_other_channel_and_in_no_other_direct_message() {
    let world = World::start().await;
    world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    tamper(
        &world,
        "update countersign.message set recipient = 'C0OPS', shown = null, ts = null, channel = null where slot like 'approval:%';
         update countersign.message set shown = null, channel = 'C0OPS' where slot like 'audit:%' and parent is null",
    )
    .await;
    world
        .hurry_until("the messages are given up", async |world| {
            let given_up =
                "select count(*) from countersign.message where undeliverable is not null";
            (world.count(given_up).await >= 2).then_some(())
        })
        .await;
    assert!(world.slack.messages(OPS).is_empty());
    assert!(findings(&world, Kind::RowChanged).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_somebody_lifts_in_the_store_holds() {
    let world = World::start().await;
    world
        .slack
        .slash(OLGA, OPS, "/ops freeze on restoring the database")
        .await
        .unwrap();
    world.until_told(OLGA, "frozen").await;
    let journal = world.journal();
    assert!(journal.is_frozen().await.unwrap());
    let lifted = "update countersign.event set body = replace(body, 'true', 'false') where kind = 'settings'";
    tamper(&world, lifted).await;
    assert!(journal.is_frozen().await.unwrap());
    assert!(findings(&world, Kind::EventChanged).await > 0);
    tamper(
        &world,
        "delete from countersign.event where kind = 'settings'",
    )
    .await;
    assert!(journal.is_frozen().await.unwrap());
    let after_a_restart = Journal::new(world.db.clone(), journal.key.clone());
    assert!(after_a_restart.is_frozen().await.unwrap());
    assert!(findings(&world, Kind::EventMissing).await > 0);
    tamper(&world, "delete from countersign.service_settings").await;
    assert!(journal.is_frozen().await.unwrap());
    assert!(findings(&world, Kind::EventMissing).await > 0);
}
