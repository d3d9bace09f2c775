//! The audit channel, and what only one person sees.

use countersign::{
    domain::{
        Event, Refusal, Risk, State,
        event::{ALARM, Planned},
        plan::Warning,
        request::Progress,
    },
    slack::cards::{
        audit_entry, audit_parent, chain_head, reply_asked, reply_error, reply_existing,
        reply_refused, reply_usage,
    },
};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{
    gallery::of_events,
    readable,
    story::{Story, certificate, commitment, noon, party, plan, policy, result, rows_result},
};

const ADDRESSES: &str = "auth0|ada@example.com from 8.8.4.4";

fn entry(story: &Story, event: &Event) -> String {
    readable::card(&audit_entry(&story.view(), 7, event, noon(3)))
}

fn did(step: &str, what: Value) -> Event {
    let step = step.to_owned();
    let result = result(what);
    Event::StepSucceeded {
        step,
        result,
        answer: None,
    }
}

#[test]
fn the_audit_line_is_short_and_current() {
    let line = |story: Story| readable::card(&audit_parent(&story.view()));
    assert_snapshot!("audit_line", line(Story::planned(1)));
    assert_snapshot!("audit_line_erased", line(Story::done().erased()));
}

#[test]
fn the_thread_tells_what_was_planned() {
    let planned = Event::Planned(Planned {
        digest: plan().digest(),
        plan: plan(),
        policy: policy(1),
        label: None,
    });
    assert_snapshot!("entry_planned", entry(&Story::planned(1), &planned));
}

#[test]
fn the_thread_shows_attempts_that_the_rules_refused() {
    let attempt = Event::AttemptRefused {
        by: party("U0ASKER"),
        tried: "approve".into(),
        code: Refusal::SelfApproval.code().into(),
        why: Refusal::SelfApproval.to_string(),
    };
    assert_snapshot!("entry_attempt", entry(&Story::planned(1), &attempt));
}

#[test]
fn the_thread_counts_what_a_step_did() {
    let story = Story::running();
    assert_snapshot!("entry_rows", entry(&story, &did("rows", rows_result())));
}

#[test]
fn the_thread_holds_the_certificate() {
    let story = Story::running();
    assert_snapshot!(
        "entry_certificate",
        entry(&story, &did("certificate", certificate()))
    );
}

#[test]
fn the_thread_quotes_the_reason_of_a_denial_until_it_is_erased() {
    let denied = Event::Denied {
        by: party("U0SECOND"),
        reason: commitment(9),
    };
    let story = Story::planned(1).noted("Wrong account");
    assert!(entry(&story, &denied).contains("> Wrong account"));
    assert!(entry(&story.erased(), &denied).contains("> _erased_"));
}

/// A request in which everything that is outside text holds addresses.
fn full_of_addresses(mut story: Story) -> Story {
    let words = || ADDRESSES.to_owned();
    let plan = &mut story.request.plan.as_mut().unwrap().plan;
    plan.subject.as_mut().unwrap().user_id = words();
    plan.warnings = vec![Warning::new("code", words())];
    plan.steps.iter_mut().for_each(|step| step.title = words());
    if let State::Stuck { steps, .. } = &mut story.request.state {
        let titles = steps.iter_mut().map(|step| &mut step.planned.title);
        titles.for_each(|title| *title = words());
    }
    if let State::Succeeded { steps, .. } = &mut story.request.state {
        let result = result(json!({ ALARM: ADDRESSES }));
        steps[0].progress = Progress::Done { result };
    }
    let asking = story.private_data.asking.as_mut().unwrap();
    asking.reason = words();
    asking.arguments.insert("what".to_owned(), words());
    asking
        .arguments
        .insert("network".to_owned(), "8.8.4.4".to_owned());
    story.private_data.label = Some(words());
    story.noted(ADDRESSES)
}

#[test]
fn the_audit_channel_is_written_without_addresses_whatever_the_texts_hold() {
    let stories = [Story::planned(1), Story::failed(), Story::done()];
    for story in stories.map(full_of_addresses) {
        let mut bodies: Vec<String> = of_events(&story, ADDRESSES)
            .into_iter()
            .map(|(_, body)| body.to_string())
            .collect();
        bodies.push(serde_json::to_string(&audit_parent(&story.view())).unwrap());
        for body in bodies {
            assert!(
                !body.contains("ada@") && !body.contains("8.8.4.4"),
                "{body}"
            );
        }
    }
}

#[test]
fn the_audit_line_names_whom_it_is_about_by_the_id_alone() {
    let mut story = Story::planned(1);
    story.private_data.label = Some("a•••@example.com".to_owned());
    let line = readable::card(&audit_parent(&story.view()));
    assert!(line.contains("about `usr_17`"), "{line}");
    assert!(!line.contains("example.com"), "{line}");
}

#[test]
fn the_witness_is_what_the_verification_takes() {
    let hash = "ab".repeat(32);
    let card = readable::card(&chain_head(1234, &hash, noon(0)));
    let command = format!("`countersign audit verify --witness 1234:{hash}`");
    assert!(card.contains(&command), "{card}");
}

#[test]
fn replies_are_short_and_hold_no_foreign_markup() {
    let replies = [
        reply_refused(&Refusal::SelfApproval, "OPS-1042"),
        reply_asked("OPS-1042", "Delete a user", Risk::Destructive, false),
        reply_asked("OPS-1042", "Add credits", Risk::Change, true),
        reply_existing(
            "OPS-1042",
            Some("https://team.slack.com/archives/C1/p1?a=1&b=2"),
        ),
        reply_existing("OPS-1042", Some("https://x|<!channel>")),
        reply_usage("`/ops user delete <user> <reason>`\n\nName the user by e-mail or id"),
        reply_error("this could not be written down"),
    ];
    let all: Vec<_> = replies.iter().map(readable::card).collect();
    assert_snapshot!("replies", all.join("\n\n"));
}
