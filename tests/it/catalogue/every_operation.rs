//! One scenario over all operations: each is asked for, planned, on record and in the audit channel.

use std::collections::BTreeMap;

use countersign::{
    domain::{RequestId, Risk},
    operations::catalogue,
    runtime::Clock,
};

use super::in_audit::{audit_names_nobody, people};
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
    ("ip ban", "/ops ip ban 8.8.4.4 for 24h it scrapes the tests"),
    (
        "ip unban",
        "/ops ip unban 8.8.4.4 it was the school's proxy",
    ),
    ("ip list", "/ops ip list"),
    ("check openai", "/ops check openai"),
    (
        "sessions revoke",
        "/ops sessions revoke usr_10 a laptop was lost",
    ),
];

/// What the real-shaped application cannot do for another reason than a missing column, and the words that say so.
const OTHERWISE: &[(&str, &str)] = &[("sessions revoke", "JWT cookies")];
/// What names a column and the Prisma field that adds it.
const FIELD: &str = "in schema.prisma";
/// What only a database says.
const SQL: &[&str] = &[
    "error returned from database",
    "does not exist",
    "syntax error",
    "violates",
];

/// How one request went.
struct Went {
    name: &'static str,
    id: RequestId,
    /// The state that it came to by itself.
    state: &'static str,
    /// The titles of the plan's steps.
    steps: Vec<String>,
    /// The entries of its audit thread.
    told: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_planned_recorded_and_told_in_the_audit_channel() {
    let world = World::with(Options::default().and_stripe().and_vendors()).await;
    let month = Clock::now(&*world.clock).format("%Y-%m").to_string();
    let role = world.app_role().await;
    let people = people(&world).await;
    let all = each(&world).await;
    for went in &all {
        assert_ne!(went.state, "refused", "{}", went.name);
    }
    let lines = all.iter().map(|went| {
        let steps = went.steps.join("; ").replace(&month, "(month)");
        let steps = steps.replace(&role, "(role)");
        format!("{} | {steps} | {}", went.name, went.told.join(", "))
    });
    insta::assert_snapshot!("plans", lines.collect::<Vec<_>>().join("\n"));
    audit_names_nobody(&world, &people).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_each_is_planned_or_says_which_field_is_missing() {
    let world = World::with(Options::real().and_stripe().and_vendors()).await;
    for went in each(&world).await {
        if went.state != "refused" {
            continue;
        }
        let says = world.told_of(ADA, went.id).await.all_text();
        let otherwise = OTHERWISE.iter().find(|(name, _)| *name == went.name);
        let words = otherwise.map_or(FIELD, |(_, words)| words);
        assert!(says.contains(words), "{}: {says}", went.name);
        for word in SQL {
            assert!(!says.contains(word), "{}: {says}", went.name);
        }
    }
    world.finish().await;
}

/// Asks for every operation, one after the other, and cancels what would need an approval.
async fn each(world: &World) -> Vec<Went> {
    let lines: BTreeMap<&str, &str> = LINES.iter().copied().collect();
    // What some of the others are about.
    let first = "/ops user delete usr_1 asked for erasure by mail";
    let first = world.ask(ADA, first).await;
    let _idle = world.app_was_idle("web", 1).await;
    let mut all = vec![];
    for operation in catalogue::all() {
        let declaration = operation.declaration().clone();
        let name = declaration.name;
        let line = lines.get(name);
        let line = line.unwrap_or_else(|| panic!("no line for {name}"));
        let id = world.asks(ADA, line).await;
        let request = world
            .until(
                &format!("{name} is asked, planned and over"),
                async |world| {
                    let request = world.request(id).await;
                    let over = ["awaiting approval", "done", "refused"];
                    over.contains(&request.state.word()).then_some(request)
                },
            )
            .await;
        assert_eq!(request.operation, name);
        assert!(request.risk >= declaration.risk, "{name}");
        let state = request.state.word();
        let is_gated = state == "awaiting approval";
        assert!(state == "refused" || is_gated == (declaration.risk >= Risk::Sensitive));
        if is_gated {
            world.click(ADA, id, "cancel").await;
            world.until_state(id, "cancelled").await;
        }
        let plan = request.plan.as_ref();
        let steps = plan.map(|plan| plan.plan.steps.iter().map(|step| step.title.clone()));
        all.push(Went {
            name,
            id,
            state,
            steps: steps.into_iter().flatten().collect(),
            told: told(world, id).await,
        });
    }
    assert_eq!(all.len(), lines.len(), "a line for what is not there");
    world.until_state(first, "cancelled").await;
    all
}

/// The events that the audit thread tells, up to the last one: what was asked, what was planned and how it ended among
/// them. That a step begins is told only when it begins again.
async fn told(world: &World, id: RequestId) -> Vec<String> {
    let names = world.event_names(id).await;
    let entry = |(at, name): (usize, &String)| format!("#{} `{name}`", at + 1);
    let entries: Vec<String> = names.iter().enumerate().map(entry).collect();
    world.until_audit(id, entries.last().unwrap()).await;
    let thread = world.audit_thread(id).await;
    let is_told = |entry: &str| {
        let mut messages = thread.iter();
        messages.any(|message| message.all_text().contains(entry))
    };
    for (name, entry) in names.iter().zip(&entries) {
        assert!(
            is_told(entry) || name == "step_started",
            "{entry} is not told"
        );
    }
    let told = names
        .iter()
        .zip(&entries)
        .filter(|(_, entry)| is_told(entry));
    told.map(|(name, _)| name.clone()).collect()
}
