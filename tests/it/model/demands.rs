//! What a change demands of its requester when it begins, by the rules alone.

use std::collections::BTreeSet;

use countersign::domain::{
    Actor, Command, Person, Plan, Request, RequestId, Risk, Role, Standing, State,
    command::Start,
    digest::Commitment,
    event::{Asked, Planned},
    fold,
    plan::{PlannedStep, Warning},
};
use uuid::Uuid;

use super::by_hand::{AT, after, with_policy};

fn person(slack_id: &str, role: Role) -> Person {
    Person {
        slack_id: slack_id.to_owned(),
        standing: Standing::FullMember,
        role: Some(role),
        identities: BTreeSet::from([format!("slack:{slack_id}")]),
    }
}

fn asked() -> Request {
    let asked = Asked {
        number: 1001,
        operation: "user ban".to_owned(),
        risk: Risk::Change,
        by: Actor::Person(person("U0OLGA", Role::Operator).party()),
        arguments: Commitment {
            id: Uuid::from_u128(2),
            sha256: String::new(),
        },
        fingerprint: "one".to_owned(),
    };
    fold::open(RequestId(Uuid::from_u128(3)), &asked, AT)
}

fn planned(request: &Request, warns: bool) -> Planned {
    let mut plan = Plan::of_steps(vec![PlannedStep::new("ban", "Ban the account")]);
    if warns {
        plan.warnings = vec![Warning::new("sessions_go_on", "Sessions go on.")];
    }
    with_policy(request, plan)
}

fn presented(warns: bool) -> Request {
    let request = asked();
    let planned = planned(&request, warns);
    after(request, &Command::Present(Box::new(planned)))
}

/// Begins the run, with the plan as it is now.
fn begun(request: Request, warns: bool, drift: &[&str]) -> Request {
    let now = planned(&request, warns);
    let start = Start {
        plan: now.plan,
        policy: now.policy,
        drift: drift.iter().map(|&it| it.to_owned()).collect(),
        requester: Some(person("U0OLGA", Role::Operator)),
        approvers: vec![],
    };
    after(request, &Command::Start(Box::new(start)))
}

#[test]
fn a_change_that_warns_only_when_it_begins_is_confirmed_first() {
    let request = presented(false);
    assert!(matches!(request.state, State::Approved { .. }));
    let request = begun(request, true, &[]);
    assert!(matches!(request.state, State::AwaitingConfirmation));
}

#[test]
fn a_change_that_a_person_has_go_on_keeps_the_plan_that_was_confirmed() {
    let request = presented(true);
    let confirm = Command::Confirm {
        by: person("U0OLGA", Role::Operator),
        clicked_at: AT,
        plan: request.plan.as_ref().unwrap().digest,
    };
    let running = begun(after(request, &confirm), true, &[]);
    let step = || "ban".to_owned();
    let running = after(running, &Command::BeginStep { step: step() });
    let lost = Command::GiveUpStep {
        step: step(),
        why: "the connection broke during the commit".to_owned(),
        indeterminate: true,
    };
    let resume = Command::Resume {
        by: person("U0ADA", Role::Admin),
    };
    let resumed = after(after(running, &lost), &resume);
    let resumed = match resumed.state {
        State::Running { .. } => resumed,
        _ => begun(
            resumed,
            true,
            &["what would be carried out is another thing now"],
        ),
    };
    assert!(
        matches!(resumed.state, State::Running { .. }),
        "{:?}",
        resumed.state
    );
}
