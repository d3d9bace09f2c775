//! What the service may ask for by itself, by the rules alone.

use std::collections::BTreeSet;

use countersign::domain::{
    Actor, Command, Plan, Request, RequestId, Risk, State,
    actor::Service,
    approval::Approved,
    digest::Commitment,
    event::{Asked, Planned},
    fold,
    person::Party,
    plan::{PlannedStep, Warning},
    request::Approval,
};
use uuid::Uuid;

use super::by_hand::{AT, after, with_policy};

fn asked(risk: Risk) -> Request {
    let asked = Asked {
        number: 1043,
        operation: "ip unban".to_owned(),
        risk,
        by: Actor::Service(Service {
            because: RequestId(Uuid::from_u128(1)),
            number: 1042,
            told: "U0ADA".to_owned(),
        }),
        arguments: Commitment {
            id: Uuid::from_u128(2),
            sha256: String::new(),
        },
        fingerprint: "one".to_owned(),
    };
    fold::open(RequestId(Uuid::from_u128(3)), &asked, AT)
}

fn planned(request: &Request, raised: Option<Risk>) -> Planned {
    let mut plan = Plan::of_steps(vec![PlannedStep::new("remove", "Remove the rule")]);
    plan.risk = raised;
    // What a person would have to confirm.
    plan.warnings = vec![Warning::new("another_rule", "Another rule stays.")];
    with_policy(request, plan)
}

/// The request after its plan was presented.
fn presented(risk: Risk, raised: Option<Risk>) -> Request {
    let request = asked(risk);
    let planned = planned(&request, raised);
    after(request, &Command::Present(Box::new(planned)))
}

#[test]
fn the_service_reads_and_changes_and_what_needs_an_approval_is_refused_at_once() {
    for risk in [Risk::Read, Risk::Change] {
        let request = presented(risk, None);
        assert!(
            matches!(request.state, State::Approved { .. }),
            "{:?}",
            request.state
        );
        assert!(Approved::of(&request).is_some());
    }
    for (risk, raised) in [
        (Risk::Sensitive, None),
        (Risk::Destructive, None),
        (Risk::Change, Some(Risk::Sensitive)),
    ] {
        let request = presented(risk, raised);
        assert!(
            matches!(request.state, State::Refused { .. }),
            "{:?}",
            request.state
        );
    }
}

#[test]
fn no_approval_on_record_lets_a_gated_request_of_the_service_run() {
    let mut request = presented(Risk::Change, None);
    request.risk = Risk::Destructive;
    let plan = request.plan.as_ref().unwrap().digest;
    let by = Party {
        slack_id: "U0GRACE".to_owned(),
        identities: BTreeSet::from(["slack:U0GRACE".to_owned(), "email:1".to_owned()]),
    };
    request.state = State::Approved {
        approvals: vec![Approval { by, plan, at: AT }],
    };
    assert!(Approved::of(&request).is_none());
}
