//! What the requester reads about the connections of this moment.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    domain::answer::Answer,
    systems::app_db::{Connections, Group, Waiting},
};

/// From this share of the limit on, in percent, it is warned of.
const NEAR_PERCENT: i64 = 80;
/// Groups that are listed.
const MOST_GROUPS: usize = 40;

pub(super) fn of(found: &Connections) -> Answer {
    let mut answer = Answer::default().facts(facts(found));
    if found.server * 100 >= found.limits.usable() * NEAR_PERCENT {
        answer = answer.warning(format!(
            "{} of {} connections are taken: what comes next may be refused.",
            found.server,
            found.limits.usable()
        ));
    }
    answer = with_waiting(answer, &found.waiting);
    answer = with_groups(answer, &found.groups);
    if found.hidden > 0 {
        answer = answer.warning(format!(
            "What {} of these connections do is not visible to the role {role}; some may be processes of the server. \
             An administrator of the database can change that: GRANT pg_monitor TO {role}.",
            found.hidden,
            role = found.role,
        ));
    }
    answer.text(if found.pooled {
        "The database is reached through a pooler. These are the server's connections, most of them the pooler's; how \
         many clients wait at the pooler is not visible here."
    } else {
        "The database is reached without a pooler: every instance of the app holds connections of its own."
    })
}

fn facts(found: &Connections) -> Vec<(String, String)> {
    let limits = &found.limits;
    let here: i64 = found.groups.iter().map(|group| group.count).sum();
    let mut facts = vec![
        (
            "On the server".to_owned(),
            format!(
                "{} of {} ({}, less {} reserved)",
                found.server,
                limits.usable(),
                limits.most,
                limits.reserved
            ),
        ),
        (
            "To the app's database".to_owned(),
            match limits.database {
                Some(most) => format!("{here} of {most}"),
                None => here.to_string(),
            },
        ),
    ];
    let mut states: BTreeMap<&str, i64> = BTreeMap::new();
    for group in &found.groups {
        *states.entry(state(group)).or_default() += group.count;
    }
    let states = states.into_iter();
    facts.extend(states.map(|(state, count)| (format!("State: {state}"), count.to_string())));
    if let Some(age) = found.oldest_idle {
        facts.push(("Oldest idle".to_owned(), for_(age)));
    }
    facts
}

fn with_waiting(answer: Answer, waiting: &[Waiting]) -> Answer {
    if waiting.is_empty() {
        return answer;
    }
    let rows = waiting.iter().map(|one| {
        vec![
            one.pid.to_string(),
            one.user.clone(),
            one.application.clone(),
            for_(one.open),
            for_(one.idle),
        ]
    });
    let columns = ["process", "user", "application", "open", "idle"];
    answer
        .text("Idle in a transaction, which holds locks and keeps dead rows, the oldest first:")
        .table(&columns, rows.collect(), 0)
}

fn with_groups(answer: Answer, groups: &[Group]) -> Answer {
    let shown = groups.iter().take(MOST_GROUPS);
    let rows = shown.map(|group| {
        vec![
            group.count.to_string(),
            state(group).to_owned(),
            group.user.clone(),
            group.application.clone(),
        ]
    });
    let more = groups.len().saturating_sub(MOST_GROUPS) as u64;
    let columns = ["count", "state", "user", "application"];
    answer.table(&columns, rows.collect(), more)
}

fn state(group: &Group) -> &str {
    group.state.as_deref().unwrap_or("not visible")
}

fn for_(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}
