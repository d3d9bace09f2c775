//! The entries of the journal. State is the fold of these; nothing else is the truth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Actor, Instant, PlanDigest,
    digest::Commitment,
    person::Party,
    plan::{Plan, PlannedStep},
    policy::{Policy, Risk},
};

/// One immutable fact about one request. Holds no secrets, no free text and no addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody asked for an operation.
    Asked(Asked),
    /// The plan is known and waits for approval or confirmation, or needs neither.
    Planned(Planned),
    /// The operation will not happen: blockers, or nothing to do it with.
    Refused {
        /// Why, for people.
        blockers: Vec<String>,
        /// True when there is no plan and it is about Stripe's test mode.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        test_mode: bool,
    },
    /// A person approved this plan.
    Approved { by: Party, plan: PlanDigest },
    /// The requester confirmed this plan.
    Confirmed { by: Party, plan: PlanDigest },
    /// Somebody tried to decide and was refused by a rule; changes nothing, but is on record.
    AttemptRefused {
        by: Party,
        /// What was tried: `approve`.
        tried: String,
        /// Which rule: [`super::Refusal::code`].
        code: String,
        /// The rule's words.
        why: String,
    },
    /// A person denied it.
    Denied {
        by: Party,
        /// Commitment to the reason, which lives beside the chain.
        reason: Commitment,
    },
    /// Nobody decided in time.
    Expired,
    /// The requester withdrew it.
    Cancelled { by: Party },
    /// Everything is approved; the cooling-off time runs.
    CoolingOffStarted {
        /// When it is over.
        until: Instant,
        /// What is done in the meantime.
        hold: Vec<PlannedStep>,
    },
    /// Somebody stopped it in the cooling-off time.
    Stopped { by: Party },
    /// The world changed more than the operation tolerates, or an approver lost the right: what was
    /// decided is void.
    Superseded {
        /// What changed, for people.
        why: Vec<String>,
        /// The plan as it is now.
        plan: Plan,
        digest: PlanDigest,
        /// What it demands.
        policy: Policy,
    },
    /// Everything that the hold had done is undone.
    RolledBack,
    /// The run begins: the whole step list, before the first effect.
    RunStarted {
        /// The plan that is carried out.
        plan: PlanDigest,
        /// All steps still to be done, in order.
        steps: Vec<PlannedStep>,
    },
    /// A step is about to have its effect.
    StepStarted {
        /// The step's id.
        step: String,
        /// 1 for the first try.
        attempt: u32,
    },
    /// A step is done.
    StepSucceeded {
        /// The step's id.
        step: String,
        /// What it did, counted.
        result: StepResult,
        /// Commitment to what the requester alone is told, which lives beside the chain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Commitment>,
    },
    /// A try failed in a way that another try may mend.
    StepDeferred {
        /// The step's id.
        step: String,
        /// Why, without secrets or personal data.
        why: String,
        /// When it is tried again.
        retry_at: Instant,
        /// True when nothing failed: somebody else has to come first, and the tries are counted anew.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        waits: bool,
    },
    /// A hold's step is undone.
    StepUndone {
        /// The step's id.
        step: String,
        /// What that did.
        result: StepResult,
    },
    /// Everything is done.
    RunSucceeded,
    /// A step cannot be done.
    RunFailed {
        /// The step's id.
        step: String,
        why: String,
    },
    /// Whether a step had its effect cannot be known; a person must look.
    RunIndeterminate {
        /// The step's id.
        step: String,
        /// What is not known.
        why: String,
    },
    /// A person looked and has the run go on at the step where it stuck.
    Resumed { by: Party },
    /// A person looked and closes the request.
    Settled {
        by: Party,
        /// Commitment to the note, which lives beside the chain.
        note: Commitment,
    },
    /// A system outside gave its own words for the failure that follows. They may name people, so they live beside the chain,
    /// and the requester alone is told them.
    Quoted {
        /// Commitment to the words.
        answer: Commitment,
    },
    /// After its end somebody outside took back what the run had done, as a bank that sends a refund back.
    Reversed {
        /// What was taken back and why, without secrets or personal data.
        why: String,
        /// What was done about it by itself.
        result: StepResult,
    },
}

/// What [`Event::AttemptRefused`] says was tried when somebody asked who may not.
pub const TRIED_TO_ASK: &str = "ask";

/// Facts of [`Event::Asked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The number for people: 1042 is `OPS-1042`.
    pub number: i64,
    /// As people type it: `user delete`.
    pub operation: String,
    /// Its risk when it was asked.
    pub risk: Risk,
    /// Who asked.
    pub by: Actor,
    /// Commitment to the arguments and the reason, which live beside the chain.
    pub arguments: Commitment,
    /// Keyed hash of operation and arguments: the same question asked again has the same one.
    pub fingerprint: String,
}

/// What somebody asked for, as they typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The arguments by name.
    pub arguments: BTreeMap<String, String>,
    /// The reason; empty for what only reads.
    pub reason: String,
}

/// Facts of [`Event::Planned`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What would happen.
    pub plan: Plan,
    /// The plan's digest as it was shown: an approval names it, also when a later version would write the
    /// plan in other words.
    pub digest: PlanDigest,
    /// What it demands.
    pub policy: Policy,
    /// Commitment to what people read instead of the user id, a masked e-mail, which lives beside the chain.
    pub label: Option<Commitment>,
}

/// What a step did: counts and short facts by name, ready to be shown and certified.
pub type StepResult = BTreeMap<String, serde_json::Value>;

/// The name of the fact by which a step that succeeded says what somebody has to look at, in words without personal data.
pub const ALARM: &str = "alarm";

impl Event {
    /// Who did it, when a person did.
    #[must_use]
    pub fn by(&self) -> Option<&Party> {
        match self {
            Self::Asked(asked) => asked.by.person(),
            Self::Approved { by, .. }
            | Self::Confirmed { by, .. }
            | Self::AttemptRefused { by, .. }
            | Self::Denied { by, .. }
            | Self::Cancelled { by }
            | Self::Stopped { by }
            | Self::Resumed { by }
            | Self::Settled { by, .. } => Some(by),
            _ => None,
        }
    }

    /// The commitments to texts beside the chain that it holds.
    #[must_use]
    pub fn commitments(&self) -> Vec<&Commitment> {
        match self {
            Self::Asked(Asked { arguments, .. }) => vec![arguments],
            Self::Planned(Planned { plan, label, .. }) => {
                label.iter().chain(plan.terms.commitments()).collect()
            }
            Self::Superseded { plan, .. } => plan.terms.commitments().collect(),
            Self::Denied { reason, .. } => vec![reason],
            Self::Settled { note, .. } => vec![note],
            Self::Quoted { answer } => vec![answer],
            Self::StepSucceeded { answer, .. } => answer.iter().collect(),
            _ => vec![],
        }
    }

    /// The event's name, as it stands in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asked(_) => "asked",
            Self::Planned(_) => "planned",
            Self::Refused { .. } => "refused",
            Self::Approved { .. } => "approved",
            Self::Confirmed { .. } => "confirmed",
            Self::AttemptRefused { .. } => "attempt_refused",
            Self::Denied { .. } => "denied",
            Self::Expired => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::CoolingOffStarted { .. } => "cooling_off_started",
            Self::Stopped { .. } => "stopped",
            Self::Superseded { .. } => "superseded",
            Self::RolledBack => "rolled_back",
            Self::RunStarted { .. } => "run_started",
            Self::StepStarted { .. } => "step_started",
            Self::StepSucceeded { .. } => "step_succeeded",
            Self::StepDeferred { .. } => "step_deferred",
            Self::StepUndone { .. } => "step_undone",
            Self::RunSucceeded => "run_succeeded",
            Self::RunFailed { .. } => "run_failed",
            Self::RunIndeterminate { .. } => "run_indeterminate",
            Self::Resumed { .. } => "resumed",
            Self::Settled { .. } => "settled",
            Self::Quoted { .. } => "quoted",
            Self::Reversed { .. } => "reversed",
        }
    }
}
