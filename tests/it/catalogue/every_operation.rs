//! One scenario over all operations: each is asked for, planned, on record and in the audit channel.

use std::collections::BTreeMap;

use countersign::{domain::Risk, operations::catalogue};

use crate::support::{Options, World, story::*};

/// A line for every operation that the runbook-shaped application can plan.
pub const LINES: &[(&str, &str)] = &[
    ("user show", "/ops user show usr_10"),
    ("user activity", "/ops user activity usr_10"),
    ("user promote", "/ops user promote usr_10 joins the team"),
    ("user demote", "/ops user demote usr_3 has left the team"),
    ("user ban", "/ops user ban usr_13 sends spam"),
    ("user unban", "/ops user unban usr_22 it was a mistake"),
    ("admins review", "/ops admins review"),
    ("admins keep", "/ops admins keep usr_3 still on the team"),
    ("credits add", "/ops credits add usr_10 5 a gift"),
    ("credits remove", "/ops credits remove usr_10 5 refunded"),
    (
        "user delete",
        "/ops user delete usr_10 asked for erasure by mail",
    ),
    (
        "user export",
        "/ops user export usr_11 with files asked for a copy by mail",
    ),
    (
        "erasure replay",
        "/ops erasure replay restored from a backup",
    ),
    ("db connections", "/ops db connections"),
    (
        "db reset-pool",
        "/ops db reset-pool idle the app is refused connections",
    ),
    ("stats users", "/ops stats users"),
    ("requests", "/ops requests"),
    ("show", "/ops show OPS-1001"),
    ("cancel", "/ops cancel OPS-1001"),
    ("freeze", "/ops freeze on the database is being restored"),
    ("audit verify", "/ops audit verify"),
    ("whoami", "/ops whoami"),
    ("stats revenue", "/ops stats revenue"),
    ("stripe review", "/ops stripe review"),
    ("payment find", "/ops payment find maria@example.com"),
    (
        "refund",
        "/ops refund pi_maria_pro the test was interrupted",
    ),
    (
        "sessions revoke",
        "/ops sessions revoke usr_10 a laptop was lost",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_planned_recorded_and_told_in_the_audit_channel() {
    let lines: BTreeMap<&str, &str> = LINES.iter().copied().collect();
    let world = World::with(Options::default().and_stripe()).await;
    // What some of the others are about.
    let first = world.ask_for_maria().await;
    let _idle = world.app_was_idle("web", 1).await;
    let mut names = vec![];
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let name = declaration.name;
        let line = lines
            .get(name)
            .unwrap_or_else(|| panic!("no line for {name}"));
        let before = world.newest().await;
        let delivery = world.slack.slash(ADA, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{name}: {:?}", delivery.error);
        let id = world.until_newer_than(before).await;
        let events = world
            .until(&format!("{name} is planned"), async |world| {
                let events = world.event_names(id).await;
                events.contains(&"planned".to_owned()).then_some(events)
            })
            .await;
        assert_eq!(events.first().map(String::as_str), Some("asked"), "{name}");
        world.until_audit(id, "Planned").await;
        let request = world.request(id).await;
        assert_eq!(request.operation, name);
        assert!(request.risk >= declaration.risk, "{name}");
        if declaration.risk >= Risk::Sensitive {
            world.click(ADA, id, "cancel").await;
            world.until_state(id, "cancelled").await;
        } else {
            world.until_state(id, "done").await;
        }
        names.push(name);
    }
    assert_eq!(names.len(), lines.len(), "a line for what is not there");
    if world.request(first).await.state.word() == "awaiting approval" {
        world.click(ADA, first, "cancel").await;
    }
    world.until_state(first, "cancelled").await;
    world.finish().await;
}
