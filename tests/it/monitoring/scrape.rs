//! What `/metrics` answers.

use crate::{
    inbound::wire::get,
    support::{World, story::*},
};

#[tokio::test(flavor = "multi_thread")]
async fn open_requests_are_counted_by_state_and_ended_ones_by_outcome() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let text = scrape(&world).await;
    assert_eq!(
        value(
            &text,
            r#"countersign_requests_open{state="awaiting_approval"}"#
        ),
        Some(1.0)
    );
    assert_eq!(
        value(&text, r#"countersign_requests_open{state="running"}"#),
        Some(0.0)
    );
    assert_eq!(value(&text, "countersign_store_up"), Some(1.0));
    let outcome = r#"countersign_requests_total{operation="user delete",outcome="cancelled"}"#;
    // The process counts for all worlds that run in it.
    let before = value(&text, outcome).unwrap_or(0.0);
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world
        .until("the end to be counted", async |world| {
            let text = scrape(world).await;
            let open = value(
                &text,
                r#"countersign_requests_open{state="awaiting_approval"}"#,
            );
            (value(&text, outcome)? > before && open == Some(0.0)).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_with_its_age_until_it_is_gone() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    let idle = scrape(&world).await;
    for name in WAITING {
        assert_eq!(value(&idle, name), Some(0.0), "{name}: {idle}");
    }
    // An entry that nobody may take yet, and a message that nobody may write yet.
    sqlx::raw_sql(
        "insert into countersign.inbox (id, dedupe_key, kind, rank, lane, payload, received_at, not_before, mac)
         values (gen_random_uuid(), 'waits', 'ask', 2, '2:U0NOBODY', null, now() - interval '100 s',
                 now() + interval '1 year', '');
         update countersign.channel_pace set not_before = now() + interval '1 year' where recipient = 'C0AUDIT'",
    )
    .execute(&world.db)
    .await
    .unwrap();
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let waiting = world
        .until("messages that wait", async |world| {
            let text = scrape(world).await;
            (value(&text, "countersign_messages_undelivered")? >= 1.0
                && value(&text, "countersign_messages_oldest_seconds")? > 0.0)
                .then_some(text)
        })
        .await;
    assert!(value(&waiting, "countersign_inbox_open").unwrap() >= 1.0);
    assert!(value(&waiting, "countersign_inbox_oldest_seconds").unwrap() > 90.0);
    sqlx::raw_sql(
        "delete from countersign.inbox where dedupe_key = 'waits';
         update countersign.channel_pace set not_before = now() where recipient = 'C0AUDIT'",
    )
    .execute(&world.db)
    .await
    .unwrap();
    world
        .until("nothing waits", async |world| {
            let text = scrape(world).await;
            WAITING
                .iter()
                .all(|name| value(&text, name) == Some(0.0))
                .then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_told_with_its_help_and_calls_are_measured_by_system() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let text = scrape(&world).await;
    for call in [
        r#"countersign_vendor_call_seconds_count{vendor="slack",call="chat.postMessage",outcome="ok"}"#,
        r#"countersign_vendor_call_seconds_count{vendor="s3",call="ListObjectVersions",outcome="ok"}"#,
        r#"countersign_vendor_call_seconds_count{vendor="app_db",call="erase",outcome="ok"}"#,
        r#"countersign_step_seconds_count{operation="user delete",outcome="done"}"#,
        r#"countersign_events_total{event="step_succeeded"}"#,
        r#"countersign_inbox_accepted_total{kind="approve"}"#,
        "countersign_lease_takeovers_total",
    ] {
        assert!(value(&text, call).is_some(), "{call}: {text}");
    }
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        let is_ours = name.starts_with("countersign_");
        assert!(
            !is_ours || text.contains(&format!("# HELP {name} ")),
            "{name} is not declared"
        );
    }
    world.finish().await;
}

/// What is 0 while nothing waits.
const WAITING: [&str; 4] = [
    "countersign_inbox_open",
    "countersign_inbox_oldest_seconds",
    "countersign_messages_undelivered",
    "countersign_messages_oldest_seconds",
];

pub(super) async fn scrape(world: &World) -> String {
    let (status, text) = get(world, "/metrics").await;
    assert_eq!(status, 200);
    text
}

/// The value of a series, by its name with labels.
pub(super) fn value(text: &str, series: &str) -> Option<f64> {
    let of_series = |line: &str| {
        let rest = line.strip_prefix(series)?;
        rest.strip_prefix(' ')?.parse().ok()
    };
    text.lines().find_map(of_series)
}
