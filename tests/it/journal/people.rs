//! Who there is, and what they ask for.

use countersign::{
    domain::{
        Person, Plan, Policy, Role, Standing,
        person::{Party, slack_identity},
        plan::{Phase, PlannedStep, Subject, Terms},
        private_data::{Kind, PrivateText},
    },
    runtime,
};

use super::store::start;
pub fn text(kind: Kind, text: &str) -> PrivateText {
    PrivateText {
        id: runtime::new_id(),
        kind,
        salt: runtime::random_bytes(),
        text: Some(text.to_owned()),
    }
}

pub fn person(name: &str) -> Person {
    Person {
        slack_id: name.to_owned(),
        standing: Standing::FullMember,
        role: Some(Role::Admin),
        identities: [slack_identity(name), format!("email:{name}")].into(),
    }
}

/// Another account of the human called `name`.
pub fn second_account(name: &str) -> Party {
    Party {
        slack_id: "OTHER".into(),
        identities: [slack_identity("OTHER"), format!("email:{name}")].into(),
    }
}

pub fn plan() -> Plan {
    let step = |id: &str, phase| PlannedStep {
        phase,
        irreversible: id == "rows",
        ..PlannedStep::new(id, id)
    };
    Plan {
        subject: Some(Subject {
            user_id: "usr_1".into(),
            email_identity: Some("email:SUBJECT".into()),
        }),
        terms: Terms::default(),
        steps: vec![step("hold", Phase::Hold), step("rows", Phase::Main)],
        impact: vec![],
        kept: vec![],
        warnings: vec![],
        blockers: vec![],
        confirm: None,
        irreversible: true,
        risk: None,
    }
}

pub fn policy(approvals: u8, cooling_off_seconds: u32) -> Policy {
    Policy {
        approvals,
        confirm: false,
        expires_at: start() + chrono::Duration::hours(4),
        cooling_off_seconds,
    }
}
