//! The store is down, hung or locked: people are told before Slack gives up, and what they were told is true.

use std::time::{Duration, Instant};

use countersign::config::limits;
use countersign_sandbox::slack::{Delivery, Submission};
use serde_json::json;

use crate::support::{
    World,
    store_link::{Link, StoreLink},
    story::*,
};

/// Slack gives up after three seconds. Below that, and above what the service allows itself.
const TOLD_WITHIN: Duration = Duration::from_millis(2500);
const NOT_RECORDED: &str = "Not recorded";
const MAYBE: &str = "may have been recorded";

/// Does something and checks how long it took.
async fn in_time<T>(what: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = what.await;
    let took = began.elapsed();
    assert!(took < TOLD_WITHIN, "answered after {took:?}");
    done
}

async fn command(world: &World, who: &str, line: &str) -> Delivery {
    in_time(world.slack.slash(who, OPS, line)).await.unwrap()
}

fn told(world: &World, who: &str, words: &str) -> usize {
    let told = world.slack.ephemerals(who);
    told.iter()
        .filter(|message| message.all_text().contains(words))
        .count()
}

async fn entries(world: &World) -> i64 {
    world.count("select count(*) from countersign.inbox").await
}

/// The commands on record, without what the requester confirmed.
async fn commands(world: &World) -> i64 {
    let sql = "select count(*) from countersign.inbox where kind = 'credits add'";
    world.count(sql).await
}

#[test]
fn slack_is_answered_before_it_gives_up() {
    assert!(limits::ACKNOWLEDGE + limits::COMMIT + Duration::from_millis(200) < TOLD_WITHIN);
}

async fn nothing_is_recorded(link: Link) {
    let (world, way) = StoreLink::world().await;
    let id = world.ask_for_maria().await;
    let deny = world.open_modal(GRACE, id, "deny").await;
    let card = world.until_card_shows(id, "cancel").await;
    crate::support::leftovers::check(&world).await;
    let before = entries(&world).await;
    way.set(link);

    let delivery = command(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    assert_eq!(told(&world, OLGA, NOT_RECORDED), 1);

    for action in ["cancel", "approve", "full_plan"] {
        let clicked = in_time(world.slack.click(ADA, APPROVALS, &card.ts, action))
            .await
            .unwrap();
        assert_eq!(clicked.status(), 503, "{action}");
    }
    world
        .until("told beside the card", async |world| {
            (told(world, ADA, NOT_RECORDED) == 3).then_some(())
        })
        .await;

    let values = json!({ "note": { "text": "not today" } });
    let submitted = in_time(world.slack.submit(GRACE, &deny, &values))
        .await
        .unwrap();
    let Submission::Errors(errors) = submitted else {
        panic!("{submitted:?}");
    };
    assert!(errors["note"].contains(NOT_RECORDED), "{errors:?}");

    let event = json!({ "type": "app_home_opened", "user": ADA, "tab": "home" });
    let delivered = in_time(world.slack.event(&event)).await;
    assert_eq!(delivered.status(), 503);

    way.set(Link::Open);
    world
        .until("the store is there again", async |world| {
            let (status, _) = super::wire::get(world, "/readyz").await;
            (status == 200).then_some(())
        })
        .await;
    assert_eq!(entries(&world).await, before);
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_hangs_everybody_is_told_in_time_that_nothing_was_recorded() {
    nothing_is_recorded(Link::Hung).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_down_everybody_is_told_in_time_that_nothing_was_recorded() {
    nothing_is_recorded(Link::Cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waited_for_a_lock_is_not_recorded_when_the_lock_is_given_back() {
    let world = World::start().await;
    for table in ["inbox", "seen_signature"] {
        let mut tx = world.db.begin().await.unwrap();
        let lock = format!("lock table countersign.{table} in access exclusive mode");
        sqlx::raw_sql(sqlx::AssertSqlSafe(lock))
            .execute(&mut *tx)
            .await
            .unwrap();
        let before = told(&world, OLGA, NOT_RECORDED);
        command(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
        assert_eq!(told(&world, OLGA, NOT_RECORDED), before + 1, "{table}");
        tx.rollback().await.unwrap();
    }
    // What was under way has ended once this one is through.
    let id = world.asks(OLGA, "/ops credits add usr_1 1 a gift").await;
    world.until_state(id, "done").await;
    assert_eq!(commands(&world).await, 1);
    let requests = "select count(*) from countersign.request";
    assert_eq!(world.count(requests).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_not_confirmed_is_told_as_what_it_is_and_counts_once() {
    let (world, way) = StoreLink::world().await;
    let line = "/ops credits add usr_1 10 a gift";
    way.set(Link::CommitsUnanswered);
    command(&world, OLGA, line).await;
    assert_eq!(told(&world, OLGA, MAYBE), 1);
    assert_eq!(told(&world, OLGA, NOT_RECORDED), 0);
    way.set(Link::Open);
    assert_eq!(entries(&world).await, 1);
    // Olga tries again.
    command(&world, OLGA, line).await;
    world
        .until("both are processed", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (commands(world).await == 2 && world.count(open).await == 0).then_some(())
        })
        .await;
    let id = world.newest().await.unwrap();
    world.until_state(id, "done").await;
    let credits: i32 = sqlx::query_scalar(r#"select credits from "User" where id = 'usr_1'"#)
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert_eq!(credits, 22);
    assert_eq!(
        world
            .count("select count(*) from countersign.request")
            .await,
        1
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_was_not_confirmed_and_is_submitted_again_counts_once() {
    let (world, way) = StoreLink::world().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "deny").await;
    way.set(Link::CommitsUnanswered);
    let values = json!({ "note": { "text": "not today" } });
    let submitted = in_time(world.slack.submit(GRACE, &view, &values))
        .await
        .unwrap();
    let Submission::Errors(errors) = submitted else {
        panic!("{submitted:?}");
    };
    assert!(errors["note"].contains(MAYBE), "{errors:?}");
    way.set(Link::Open);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(
        world.submit(GRACE, &view, "not today").await,
        Submission::Closed
    );
    world.until_state(id, "denied").await;
    world.finish().await;
}
