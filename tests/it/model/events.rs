//! Events and JSON as values, for any content: what is written is what is read.

use chrono::Duration;
use countersign::domain::{
    Event, Instant, PlanDigest, Policy, Risk,
    digest::{Commitment, canonical_json},
    event::{Asked, Planned, StepResult},
    person::{Party, email_identity},
    plan::{Impact, Kept, Phase, Plan, PlannedStep, RowAction, Subject, Terms, Warning},
};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// How many events there are; the match below does not compile when one is added.
const EVENTS: usize = 25;

fn ordinal(event: &Event) -> usize {
    match event {
        Event::Asked(_) => 0,
        Event::Planned(_) => 1,
        Event::Refused { .. } => 2,
        Event::Approved { .. } => 3,
        Event::AttemptRefused { .. } => 4,
        Event::Denied { .. } => 5,
        Event::Expired => 6,
        Event::Cancelled { .. } => 7,
        Event::CoolingOffStarted { .. } => 8,
        Event::Stopped { .. } => 9,
        Event::Superseded { .. } => 10,
        Event::RolledBack => 11,
        Event::RunStarted { .. } => 12,
        Event::StepStarted { .. } => 13,
        Event::StepSucceeded { .. } => 14,
        Event::StepDeferred { .. } => 15,
        Event::StepUndone { .. } => 16,
        Event::RunSucceeded => 17,
        Event::RunFailed { .. } => 18,
        Event::RunIndeterminate { .. } => 19,
        Event::Resumed { .. } => 20,
        Event::Settled { .. } => 21,
        Event::Reversed { .. } => 22,
        Event::Quoted { .. } => 23,
        Event::Confirmed { .. } => 24,
    }
}

/// One of each event, made of any text, number and time.
#[expect(clippy::too_many_lines, reason = "a list with one entry per event")]
fn one_of_each(text: &str, number: u32, at: Instant) -> Vec<Event> {
    let text = || text.to_owned();
    let by = || Party {
        slack_id: text(),
        identities: [text(), "slack:U1".into()].into(),
    };
    let commitment = || Commitment {
        id: Uuid::from_u128(number.into()),
        sha256: text(),
    };
    let plan = plan(&text(), number);
    let digest = plan.digest();
    let steps = || plan.steps.clone();
    let policy = || Policy {
        approvals: 2,
        confirm: number.is_multiple_of(2),
        expires_at: at,
        cooling_off_seconds: number,
    };
    let result = || StepResult::from([(text(), Value::from(number)), ("b".into(), Value::Null)]);
    let step = text;
    let why = text;
    vec![
        Event::Asked(Asked {
            number: number.into(),
            operation: text(),
            risk: Risk::Sensitive,
            by: by().into(),
            arguments: commitment(),
            fingerprint: text(),
        }),
        Event::Planned(Planned {
            digest: plan.digest(),
            plan: plan.clone(),
            policy: policy(),
            label: number.is_multiple_of(2).then(commitment),
        }),
        Event::Refused {
            blockers: vec![text()],
            test_mode: number.is_multiple_of(2),
        },
        Event::Approved {
            by: by(),
            plan: digest,
        },
        Event::AttemptRefused {
            by: by(),
            tried: text(),
            code: text(),
            why: why(),
        },
        Event::Denied {
            by: by(),
            reason: commitment(),
        },
        Event::Expired,
        Event::Cancelled { by: by() },
        Event::CoolingOffStarted {
            until: at,
            hold: steps(),
        },
        Event::Stopped { by: by() },
        Event::Superseded {
            why: vec![why()],
            digest: plan.digest(),
            plan: plan.clone(),
            policy: policy(),
        },
        Event::RolledBack,
        Event::RunStarted {
            plan: digest,
            steps: steps(),
        },
        Event::StepStarted {
            step: step(),
            attempt: number,
        },
        Event::StepSucceeded {
            step: step(),
            result: result(),
            answer: None,
        },
        Event::StepDeferred {
            step: step(),
            why: why(),
            retry_at: at,
            waits: false,
        },
        Event::StepUndone {
            step: step(),
            result: result(),
        },
        Event::RunSucceeded,
        Event::RunFailed {
            step: step(),
            why: why(),
        },
        Event::RunIndeterminate {
            step: step(),
            why: why(),
        },
        Event::Resumed { by: by() },
        Event::Settled {
            by: by(),
            note: commitment(),
        },
        Event::Reversed {
            why: why(),
            result: result(),
        },
        Event::Quoted {
            answer: commitment(),
        },
        Event::Confirmed {
            by: by(),
            plan: digest,
        },
    ]
}

fn plan(text: &str, number: u32) -> Plan {
    let text = || text.to_owned();
    let rows = u64::MAX - u64::from(number);
    Plan {
        subject: number.is_multiple_of(3).then(|| Subject {
            user_id: text(),
            email_identity: Some(text()),
        }),
        terms: terms(&text(), number),
        steps: vec![PlannedStep {
            id: text(),
            kind: text(),
            target: number.is_multiple_of(2).then(text),
            title: text(),
            phase: Phase::Hold,
            irreversible: true,
        }],
        impact: vec![
            Impact::Rows {
                table: text(),
                action: RowAction::Unlinked,
                rows,
                because: text(),
            },
            Impact::Objects {
                place: text(),
                objects: rows,
                versions: rows,
                delete_markers: 0,
                bytes: rows,
            },
            Impact::Money {
                what: text(),
                minor: number.into(),
                currency: text(),
                before: number.is_multiple_of(2).then_some(number.into()),
            },
            Impact::Credits {
                name: text(),
                before: number.into(),
                after: i64::MIN,
            },
            Impact::People {
                what: text(),
                count: rows,
            },
            Impact::Value {
                name: text(),
                before: text(),
                after: text(),
            },
        ],
        kept: vec![Kept {
            count: (!number.is_multiple_of(3)).then_some(number.into()),
            told_only: number.is_multiple_of(2),
            ..Kept::new(&text(), text(), text()).about(text())
        }],
        warnings: vec![
            Warning::new(&text(), text()),
            Warning::new(&text(), text()).about(text()).told_only(),
        ],
        blockers: vec![text()],
        confirm: Some(text()),
        irreversible: !number.is_multiple_of(2),
        risk: None,
    }
}

fn terms(text: &str, number: u32) -> Terms {
    let mut terms = Terms::of(&serde_json::json!({ text: [number, text] }));
    let commitment = Commitment {
        id: Uuid::from_u128(number.into()),
        sha256: text.to_owned(),
    };
    terms.commit(text.to_owned(), commitment);
    terms
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        let object = prop::collection::btree_map(any::<String>(), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

/// JSON text with white space, and every object's keys the other way round.
fn written_otherwise(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries = map.iter().rev();
            let entries: Vec<_> = entries
                .map(|(key, it)| {
                    format!("{} : {}", Value::from(key.as_str()), written_otherwise(it))
                })
                .collect();
            format!("{{ {} }}", entries.join(" ,\n"))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(written_otherwise).collect();
            format!("[ {} ]", items.join(" , "))
        }
        scalar => scalar.to_string(),
    }
}

proptest! {
    #[test]
    fn every_event_is_read_as_it_was_written(text in any::<String>(), number in any::<u32>(), nanos in any::<u32>()) {
        let at = Instant::UNIX_EPOCH + Duration::nanoseconds(i64::from(nanos) * 1_000_003);
        let events = one_of_each(&text, number, at);
        let ordinals: Vec<_> = events.iter().map(ordinal).collect();
        prop_assert_eq!(ordinals, (0..EVENTS).collect::<Vec<_>>());
        for event in events {
            let body = canonical_json(&event);
            let read: Event = serde_json::from_str(&body).expect("JSON of an event");
            prop_assert_eq!(canonical_json(&read), body.clone());
            let tag = format!("\"event\":\"{}\"", event.name());
            prop_assert!(body.contains(&tag), "{} lacks {}", body, tag);
            prop_assert_eq!(read, event);
        }
    }

    #[test]
    fn canonical_json_does_not_depend_on_how_a_value_was_written(value in json()) {
        let canonical = canonical_json(&value);
        let other: Value = serde_json::from_str(&written_otherwise(&value)).expect("JSON");
        prop_assert_eq!(&canonical_json(&other), &canonical);
        let again: Value = serde_json::from_str(&canonical).expect("JSON");
        prop_assert_eq!(PlanDigest::of(&again), PlanDigest::of(&value));
        prop_assert_eq!(again, value);
    }

    #[test]
    fn an_address_is_one_human_whatever_its_case_space_and_tag(
        local in "[a-zA-Z0-9._-]{1,12}", host in "[a-zA-Z0-9-]{1,10}\\.[a-z]{2,3}", tag in "[a-z0-9+]{0,6}", key in any::<[u8; 32]>()
    ) {
        let plain = email_identity(&key, &format!("{local}@{host}"));
        let tagged = format!("  {}+{tag}@{}\t", local.to_uppercase(), host.to_uppercase());
        prop_assert_eq!(&email_identity(&key, &tagged), &plain);
        prop_assert_ne!(&email_identity(&key, &format!("x{local}@{host}")), &plain);
        prop_assert_ne!(&email_identity(&key, &format!("{local}@x{host}")), &plain);
        let mut other = key;
        other[0] ^= 1;
        prop_assert_ne!(&email_identity(&other, &format!("{local}@{host}")), &plain);
    }
}
