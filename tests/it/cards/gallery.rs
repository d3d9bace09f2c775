//! Every kind of body that people see, checked against Slack's limits and written where other checkers read it.

use std::{fs, path::Path};

use countersign::{
    domain::{Event, Plan, Refusal, event::Planned, plan::Phase},
    slack::cards::{
        Card, approval_card, ask_modal, audit_entry, audit_parent, chain_head, confirm_card,
        confirm_modal, deny_modal, full_plan_modal, info_modal, outcome_note, reply_asked,
        reply_error, reply_existing, reply_refused, reply_usage, settle_modal,
    },
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use slack_morphism::blocks::SlackView;

use super::{
    fits::assert_fits,
    modals::{context, form},
    properties::hostile,
    story::{
        Story, certificate, commitment, noon, party, plan, plan_steps, policy, result, rows_result,
    },
};

/// Requests with hostile texts that are written beside the realistic ones.
const HOSTILE: usize = 40;

/// A kind, `message` or `modal`, and a body.
pub(super) type Body = (&'static str, Value);

fn message(card: &Card) -> Body {
    ("message", serde_json::to_value(card).unwrap())
}

fn modal(view: &SlackView) -> Body {
    ("modal", serde_json::to_value(view).unwrap())
}

/// Everything that can be drawn of one request.
pub(super) fn of_story(story: &Story) -> Vec<Body> {
    let (view, context) = (story.view(), context(story));
    let mut all = vec![
        message(&approval_card(&view)),
        message(&confirm_card(&view)),
        message(&audit_parent(&view)),
        modal(&confirm_modal(&view, &context)),
        modal(&deny_modal(&view, &context)),
        modal(&settle_modal(&view, &context)),
        modal(&full_plan_modal(&view)),
    ];
    all.extend(outcome_note(&view).iter().map(message));
    all
}

/// One of each event, in a thread.
pub(super) fn of_events(story: &Story, why: &str) -> Vec<Body> {
    let current = story.request.plan.as_ref();
    let plan = current.map_or_else(plan, |current| current.plan.clone());
    let mut events = decisions(plan.clone(), why);
    events.extend(step_events(plan, why));
    let entries = events.iter().zip(1..);
    let entries =
        entries.map(|(event, version)| audit_entry(&story.view(), version, event, noon(5)));
    entries.map(|entry| message(&entry)).collect()
}

/// What persons and the runner do to a whole request.
fn decisions(plan: Plan, why: &str) -> Vec<Event> {
    let by = || party("U0SECOND");
    let text = || why.to_owned();
    let (note, policy, digest) = (commitment(9), policy(1), plan.digest());
    vec![
        Event::Planned(Planned {
            digest: plan.digest(),
            plan: plan.clone(),
            policy: policy.clone(),
            label: None,
        }),
        Event::Refused {
            blockers: vec![text()],
            test_mode: true,
        },
        Event::Approved {
            by: by(),
            plan: digest,
        },
        Event::Confirmed {
            by: by(),
            plan: digest,
        },
        Event::AttemptRefused {
            by: by(),
            tried: text(),
            code: text(),
            why: text(),
        },
        Event::Denied {
            by: by(),
            reason: note.clone(),
        },
        Event::Expired,
        Event::Cancelled { by: by() },
        Event::Stopped { by: by() },
        Event::Superseded {
            why: vec![text()],
            digest: plan.digest(),
            plan,
            policy,
        },
        Event::RolledBack,
        Event::RunSucceeded,
        Event::Resumed { by: by() },
        Event::Settled { by: by(), note },
    ]
}

/// What happens to its steps.
fn step_events(plan: Plan, why: &str) -> Vec<Event> {
    let step = || "rows".to_owned();
    let text = || why.to_owned();
    let at = noon(5);
    let done = |did: Value| Event::StepSucceeded {
        step: step(),
        result: result(did),
        answer: None,
    };
    let odd = json!({ "note": why, why: [why, { "what": why, "why": why }], "kept": [why] });
    vec![
        Event::CoolingOffStarted {
            until: at,
            hold: plan_steps(Phase::Hold),
        },
        Event::RunStarted {
            plan: plan.digest(),
            steps: plan.steps,
        },
        Event::StepStarted {
            step: step(),
            attempt: 2,
        },
        done(rows_result()),
        done(certificate()),
        done(odd.clone()),
        Event::StepDeferred {
            step: step(),
            why: text(),
            retry_at: at,
            waits: false,
        },
        Event::StepUndone {
            step: step(),
            result: result(json!({})),
        },
        Event::RunFailed {
            step: text(),
            why: text(),
        },
        Event::RunIndeterminate {
            step: step(),
            why: text(),
        },
        Event::Reversed {
            why: text(),
            result: result(odd),
        },
    ]
}

pub(super) fn replies(words: &str) -> Vec<Body> {
    let link = "https://team.slack.com/archives/C1/p1?a=1&b=2";
    vec![
        message(&reply_refused(
            &Refusal::Confirmation(words.to_owned()),
            words,
        )),
        message(&reply_asked(
            words,
            words,
            countersign::domain::Risk::Change,
            true,
        )),
        message(&reply_existing(words, Some(link))),
        message(&reply_existing(words, None)),
        message(&reply_usage(words)),
        message(&reply_error(words)),
        message(&chain_head(7, &"ab".repeat(32), noon(0))),
        modal(&info_modal(words, words)),
    ]
}

fn stories() -> Vec<Story> {
    let by = || party("U0SECOND");
    let settled = Event::Settled {
        by: by(),
        note: commitment(9),
    };
    let refused = Event::Refused {
        blockers: vec!["the last admin".into()],
        test_mode: false,
    };
    vec![
        Story::asked(),
        Story::planned(1),
        Story::planned(2).approved("U0SECOND"),
        Story::planned(1).approved("U0SECOND"),
        Story::held().frozen(),
        Story::cooling_off(),
        Story::held(),
        Story::held().then(Event::Stopped { by: by() }),
        Story::held()
            .then(Event::Stopped { by: by() })
            .rolled_back(),
        Story::running(),
        Story::rows_deleted(),
        Story::done(),
        Story::done().erased(),
        Story::failed(),
        Story::failed().then(settled).noted("by hand"),
        Story::planned(1).denied("no"),
        Story::planned(1).then(Event::Expired),
        Story::planned(1).then(Event::Cancelled { by: by() }),
        Story::planned(1).then(refused),
    ]
}

#[test]
fn every_body_fits_and_is_written_for_other_checkers() {
    let mut bodies: Vec<Body> = stories().iter().flat_map(of_story).collect();
    bodies.extend(of_events(&Story::done(), "a row was locked"));
    bodies.extend(replies("`/ops user delete <user> <reason>`"));
    bodies.push(modal(&ask_modal(&form())));
    let mut runner = TestRunner::deterministic();
    for _ in 0..HOSTILE {
        let (story, words) = hostile().new_tree(&mut runner).unwrap().current();
        bodies.extend(of_story(&story));
        bodies.extend(of_events(&story, &words));
        bodies.extend(replies(&words));
    }
    let mut lines = String::new();
    for (kind, body) in &bodies {
        assert_fits(kind, body);
        lines.push_str(&json!({ "kind": kind, "body": body }).to_string());
        lines.push('\n');
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/slack-bodies");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("cards.jsonl"), lines).unwrap();
}
