//! Rules that hold for every operation of the catalogue. A new operation needs its line in [`LINES`] and nothing here.

use std::{collections::BTreeMap, time::Duration};

use countersign::{
    domain::{RequestId, Risk},
    operations::catalogue,
};
use sqlx::{AssertSqlSafe, Row};

use super::{
    every_operation::LINES,
    in_audit::{audit_names_nobody, people},
};
use crate::support::{
    Options, World,
    boundary::{Boundary, waiting},
    people::VICTOR,
    story::*,
};

/// Holds the success of every step that was begun once or twice.
const FIRST_TRIES: &str = "new.name = 'step_succeeded' and 2 >= (
    select count(*) from countersign.event e
    where e.stream = new.stream and e.name = 'step_started'
      and e.body::jsonb->>'step' = new.body::jsonb->>'step')";
/// States in which nothing more happens by itself.
const OVER: [&str; 5] = ["done", "refused", "failed", "indeterminate", "stopped"];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lacks_the_role_is_refused_on_record_whatever_the_operation() {
    let world = World::with(Options::default().and_stripe().and_vendors()).await;
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let (name, line) = (declaration.name, line(declaration.name));
        let who = match declaration.risk {
            Risk::Read => GIL,
            Risk::Change => VICTOR,
            Risk::Sensitive | Risk::Destructive => OLGA,
        };
        let id = world.asks(who, line).await;
        world.until_state(id, "refused").await;
        let names = world.event_names(id).await;
        assert_eq!(names, ["asked", "attempt_refused", "refused"], "{name}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_has_its_effect_once_when_every_step_is_followed_by_a_crash_and_by_a_broken_store()
{
    let names = of_risk(Risk::Change);
    let (mut disturbed, quiet) = tokio::join!(world(), world());
    let people = people(&quiet).await;
    // What `db reset-pool` ends.
    let _idle = (
        disturbed.app_was_idle("web", 1).await,
        quiet.app_was_idle("web", 1).await,
    );
    for name in names {
        // A freeze would hold what comes after it.
        if name == "freeze" {
            continue;
        }
        assert_eq!(
            same_in_both(&mut disturbed, &quiet, name).await,
            "done",
            "{name}"
        );
    }
    audit_names_nobody(&quiet, &people).await;
    disturbed.finish().await;
    quiet.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_has_its_effect_once_when_every_step_is_followed_by_a_crash_and_by_a_broken_store()
 {
    each_in_worlds_of_its_own(Risk::Sensitive).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_destructive_has_its_effect_once_when_every_step_is_followed_by_a_crash_and_by_a_broken_store()
 {
    each_in_worlds_of_its_own(Risk::Destructive).await;
}

/// Several operations are about the same account, so that one would be refused after another.
async fn each_in_worlds_of_its_own(risk: Risk) {
    for name in of_risk(risk) {
        let (mut disturbed, quiet) = tokio::join!(world(), world());
        let people = people(&quiet).await;
        let state = same_in_both(&mut disturbed, &quiet, name).await;
        assert_eq!(state, "done", "{name}");
        audit_names_nobody(&quiet, &people).await;
        disturbed.finish().await;
        quiet.finish().await;
    }
}

/// Carries an operation out in both worlds. In one of them the effect of every step is followed by a crash, and when the step is
/// repeated, by a store that breaks off. Both end in the same state, which is given, with the same rows.
async fn same_in_both(disturbed: &mut World, quiet: &World, name: &str) -> &'static str {
    let begun = asked(quiet, name).await;
    let ended = until_over(quiet, begun).await;
    let boundary = Boundary::at(disturbed, FIRST_TRIES).await;
    let id = asked(disturbed, name).await;
    let mut disturbances = 0;
    while stands_at_boundary(disturbed, id).await {
        if disturbances % 2 == 0 {
            disturbed.crash().await;
            disturbed.start_replica().await;
        } else {
            boundary.break_off(disturbed).await;
        }
        disturbances += 1;
    }
    boundary.open().await;
    let state = until_over(disturbed, id).await;
    let steps = disturbed.event_names(id).await;
    let steps = steps
        .iter()
        .filter(|name| *name == "step_succeeded")
        .count();
    assert!(steps > 0, "{name}");
    assert_eq!(disturbances, 2 * steps, "{name}");
    assert_eq!(state, ended, "{name}");
    assert_eq!(rows(disturbed).await, rows(quiet).await, "{name}");
    state
}

/// Asks for an operation and has it approved where that is needed.
async fn asked(world: &World, name: &str) -> RequestId {
    let id = world.asks(ADA, line(name)).await;
    let request = world
        .until("a plan", async |world| {
            let request = world.request(id).await;
            request.plan.is_some().then_some(request)
        })
        .await;
    if request.state.word() == "awaiting approval" {
        match request.plan.and_then(|current| current.plan.confirm) {
            Some(typed) => world.approve_typing(GRACE, id, &typed).await,
            None => world.approve_by_click(GRACE, id).await,
        }
    }
    id
}

/// Waits, with time passing, until a step stands before the record of its success (true) or the request is over (false).
async fn stands_at_boundary(world: &World, id: RequestId) -> bool {
    world
        .until("a step at the boundary, or the end", async |world| {
            if waiting(world).await.is_some() {
                return Some(true);
            }
            let state = pass_time(world, id).await;
            OVER.contains(&state).then_some(false)
        })
        .await
}

async fn until_over(world: &World, id: RequestId) -> &'static str {
    world
        .until("the end", async |world| {
            let state = pass_time(world, id).await;
            OVER.contains(&state).then_some(state)
        })
        .await
}

/// Lets pauses pass, and the cooling-off time in a few looks. Gives the state.
async fn pass_time(world: &World, id: RequestId) -> &'static str {
    let state = world.request(id).await.state.word();
    let by = match state {
        "cooling off" => Duration::from_secs(5),
        _ => Duration::from_millis(200),
    };
    world.clock.advance(by);
    state
}

/// A world in which every operation can be planned.
async fn world() -> World {
    World::with(Options::default().and_stripe().and_vendors()).await
}

fn of_risk(risk: Risk) -> Vec<&'static str> {
    let all = catalogue::all();
    let declarations = all.iter().map(|operation| operation.declaration());
    let wanted = declarations.filter(|one| one.risk == risk);
    wanted.map(|one| one.name).collect()
}

fn line(name: &str) -> &'static str {
    let line = LINES.iter().find(|(of, _)| *of == name);
    line.unwrap_or_else(|| panic!("no line for {name}")).1
}

/// Of every table of the application: how many rows there are, and the sum of each column of whole numbers.
async fn rows(world: &World) -> BTreeMap<String, String> {
    let columns = sqlx::query(
        "select c.table_name::text as of, coalesce(string_agg(format('sum(%I)', c.column_name), ', ' order by c.column_name)
                    filter (where c.data_type in ('integer', 'bigint', 'smallint')), '0') as sums
         from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
         group by 1",
    )
    .fetch_all(&world.db)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for table in columns {
        let (name, sums): (String, String) = (table.get("of"), table.get("sums"));
        let text = format!(r#"select row(count(*), {sums})::text from public."{name}""#);
        let found = sqlx::query_scalar(AssertSqlSafe(text))
            .fetch_one(&world.db)
            .await;
        rows.insert(name, found.unwrap());
    }
    assert!(rows.len() > 5, "{rows:?}");
    rows
}
