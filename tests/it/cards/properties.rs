//! Whatever texts and plans come, Slack takes the body and no text becomes markup.

use countersign::{
    domain::{
        Plan, State,
        event::Asking,
        plan::{Impact, Kept, Phase, PlannedStep, RowAction, Subject, Terms, Warning},
        private_data::PrivateData,
        request::{Approval, CurrentPlan, Place, Progress, Step},
    },
    slack::cards::{AskField, AskForm, ask_modal},
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};
use serde_json::{Value, json};

use super::{
    fits::assert_fits,
    gallery::{of_events, of_story, replies},
    story::{Story, commitment, noon, party, policy},
};

/// Texts that try to be markup, to be long, to be nothing, or to look like something else.
fn words() -> impl Strategy<Value = String> {
    let known = vec![
        "<!channel>",
        "<https://evil.example|click>",
        "< @U666> <@> *done* `x` \n> quoted",
        "&lt;@U666&gt; a@b.example",
        "\u{202e}\u{2028}\u{0}\t",
        "",
    ];
    let piece = prop_oneof![
        4 => select(known).prop_map(str::to_owned),
        1 => Just("😀<&>".repeat(900)),
        1 => Just("y".repeat(5000)),
        1 => Just("line\n".repeat(300)),
        2 => any::<String>(),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn impact() -> impl Strategy<Value = Impact> {
    let actions = select(vec![
        RowAction::Deleted,
        RowAction::Anonymised,
        RowAction::Unlinked,
        RowAction::Exported,
    ]);
    prop_oneof![
        (words(), actions, any::<u64>(), words()).prop_map(|(table, action, rows, because)| {
            Impact::Rows {
                table,
                action,
                rows,
                because,
            }
        }),
        (words(), any::<i64>(), words(), any::<Option<i64>>()).prop_map(
            |(what, minor, currency, before)| Impact::Money {
                what,
                minor,
                currency,
                before,
            }
        ),
        (words(), any::<i64>(), any::<i64>()).prop_map(|(name, before, after)| Impact::Credits {
            name,
            before,
            after,
        }),
        (words(), any::<u64>()).prop_map(|(what, count)| Impact::People { what, count }),
        (words(), any::<[u64; 4]>()).prop_map(|(place, n)| Impact::Objects {
            place,
            objects: n[0],
            versions: n[1],
            delete_markers: n[2],
            bytes: n[3],
        }),
        (words(), words(), words()).prop_map(|(name, before, after)| Impact::Value {
            name,
            before,
            after
        }),
    ]
}

fn fact() -> impl Strategy<Value = Value> {
    prop_oneof![
        words().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        vec(words(), 0..12).prop_map(Value::from),
        (words(), any::<u64>()).prop_map(|(name, n)| json!({ name: n })),
        (words(), words()).prop_map(|(a, b)| json!({ "key": a, "sha256": b, "signature": a })),
        Just(Value::Null),
    ]
}

fn progress() -> impl Strategy<Value = Progress> {
    let known = vec![
        "rows",
        "tables",
        "objects",
        "bytes",
        "note",
        "blocked",
        "kept",
        "certificate",
    ];
    let key = prop_oneof![select(known).prop_map(str::to_owned), words()];
    prop_oneof![
        Just(Progress::Waiting),
        Just(Progress::Started { attempt: 2 }),
        words().prop_map(|why| Progress::Deferred {
            attempt: 3,
            why,
            retry_at: noon(4)
        }),
        btree_map(key, fact(), 0..16).prop_map(|result| Progress::Done { result }),
        Just(Progress::Undone),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let phase = select(vec![Phase::Hold, Phase::Main]);
    (words(), words(), phase, progress()).prop_map(|(id, title, phase, progress)| Step {
        planned: PlannedStep {
            phase,
            ..PlannedStep::new(&id, title)
        },
        progress,
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let kept = (words(), any::<Option<u64>>(), words()).prop_map(|(what, count, why)| Kept {
        count,
        ..Kept::new("kind", what, why)
    });
    let lists = (
        vec(impact(), 0..30),
        vec(kept, 0..12),
        vec(words(), 0..12),
        vec(step(), 0..30),
    );
    (words(), lists, option::of(words())).prop_map(|(user_id, lists, confirm)| Plan {
        subject: Some(Subject {
            user_id,
            email_identity: None,
        }),
        terms: Terms::default(),
        impact: lists.0,
        kept: lists.1,
        blockers: lists.2.clone(),
        warnings: lists
            .2
            .into_iter()
            .map(|text| Warning::new("code", text))
            .collect(),
        steps: lists.3.into_iter().map(|step| step.planned).collect(),
        confirm,
        irreversible: true,
        risk: None,
    })
}

fn state() -> impl Strategy<Value = State> {
    let parts = (0..13_u8, vec(step(), 0..20), vec(words(), 0..12), words());
    parts.prop_map(|(kind, steps, blockers, why)| {
        let by = || party("U0SECOND");
        let approvals = vec![Approval {
            by: by(),
            plan: super::story::plan().digest(),
            at: noon(3),
        }];
        let refused = State::Refused {
            blockers,
            test_mode: kind == 4,
        };
        match kind {
            0 => State::Asked,
            1 => refused,
            2 => State::AwaitingApproval { approvals },
            3 => State::CoolingOff {
                approvals,
                until: noon(9),
                hold: steps,
            },
            4 => State::RollingBack {
                approvals,
                hold: steps,
                end: Box::new(refused),
            },
            5 => State::Running {
                approvals,
                hold: vec![],
                steps,
            },
            6 => State::Denied {
                by: by(),
                reason: commitment(9),
            },
            7 => State::Stopped { by: by() },
            8 => State::Succeeded { approvals, steps },
            9 => State::Stuck {
                approvals,
                step: steps
                    .first()
                    .map_or(why.clone(), |step| step.planned.id.clone()),
                steps,
                why,
                indeterminate: false,
                place: Place::Run { hold: vec![] },
            },
            10 => State::AwaitingConfirmation,
            11 => State::Settled { by: by(), steps },
            _ => State::Reversed {
                approvals,
                steps,
                result: [(why.clone(), Value::from(why.clone()))].into(),
                why,
            },
        }
    })
}

/// A request whose every text is hostile, and one more such text.
pub(super) fn hostile() -> impl Strategy<Value = (Story, String)> {
    let asking = (words(), words(), words()).prop_map(|(name, value, reason)| Asking {
        arguments: [(name, value.clone()), ("user".to_owned(), value)].into(),
        reason,
    });
    let beside = (
        option::of(asking),
        option::of(words()),
        words(),
        any::<bool>(),
    );
    let beside = beside.prop_map(|(asking, label, note, erased)| PrivateData {
        changed: false,
        asking,
        label,
        notes: [(commitment(9).id, note)].into(),
        answers: [].into(),
        terms: [].into(),
        erased,
    });
    (plan(), state(), beside, vec(words(), 0..12), words()).prop_map(
        |(plan, state, private_data, why, more)| {
            let mut story = Story::asked();
            story.request.plan = Some(CurrentPlan {
                round: 2,
                digest: plan.digest(),
                plan,
                policy: policy(1),
                confirmed_at: None,
            });
            story.request.state = state;
            story.private_data = private_data;
            story.superseded = Some(why);
            (story, more)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_request_slack_takes_what_is_drawn((story, words) in hostile()) {
        for (kind, body) in of_story(&story).into_iter().chain(of_events(&story, &words)) {
            assert_fits(kind, &body);
        }
    }

    #[test]
    fn whatever_is_said_a_reply_fits(words in words()) {
        for (kind, body) in replies(&words) {
            assert_fits(kind, &body);
        }
    }

    #[test]
    fn whatever_was_typed_the_form_opens(label in words(), help in words(), typed in words()) {
        let form = ask_modal(&AskForm {
            operation: "user delete",
            title: &label,
            summary: &help,
            fields: vec![AskField {
                name: "user".into(),
                label: label.clone(),
                help: help.clone(),
                value: Some(typed.clone()),
                optional: false,
                choices: &[],
            }],
            reason: Some(Some(typed)),
            channel: None,
        });
        assert_fits("modal", &serde_json::to_value(form).unwrap());
    }
}
