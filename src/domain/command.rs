//! What can be asked of a request, by people and by the runner.

use super::{
    PlanDigest, Policy, Refusal, Request,
    digest::Commitment,
    event::{Planned, StepResult},
    person::Person,
    plan::Plan,
};

/// A command. People's commands carry fresh facts about the person who sent them.
#[derive(Debug, Clone)]
pub enum Command {
    /// The plan is worked out.
    Present(Box<Planned>),
    /// There is nothing to plan: the arguments name nobody, or more than one.
    Refuse {
        /// Why, for people.
        blockers: Vec<String>,
        /// Whether it is about Stripe's test mode.
        test_mode: bool,
    },
    /// A person approves one plan.
    Approve {
        by: Person,
        /// When the click came in. The approval is in time when the click was.
        clicked_at: super::Instant,
        /// The plan that the person saw.
        plan: PlanDigest,
        /// What the person typed to confirm.
        typed: Option<String>,
    },
    /// The requester confirms one plan.
    Confirm {
        by: Person,
        /// When the click came in.
        clicked_at: super::Instant,
        /// The plan that the person saw.
        plan: PlanDigest,
    },
    /// A person denies.
    Deny { by: Person, reason: Commitment },
    /// The requester withdraws.
    Cancel { by: Person },
    /// A person stops it in the cooling-off time.
    Stop { by: Person },
    /// The time to approve or confirm is over.
    Expire,
    /// Begin the run, with the plan as it is now and the people as they are now.
    Start(Box<Start>),
    /// A step is about to have its effect.
    BeginStep {
        /// The step's id.
        step: String,
    },
    /// A step is done.
    FinishStep {
        /// The step's id.
        step: String,
        /// What it did.
        result: StepResult,
        /// Commitment to what the requester alone is told.
        answer: Option<Commitment>,
    },
    /// A step failed, or waits for somebody else; try again later.
    DeferStep {
        /// The step's id.
        step: String,
        why: String,
        retry_at: super::Instant,
        /// True when nothing failed.
        waits: bool,
    },
    /// What a waiting step waits for may have come: it is tried again at once.
    RetryNow {
        /// The step's id.
        step: String,
    },
    /// A step cannot be done, or cannot be known.
    GiveUpStep {
        /// The step's id.
        step: String,
        why: String,
        /// True when it is not known whether it had its effect.
        indeterminate: bool,
    },
    /// What a step found forbids it, and it left everything as it was. A hold that cannot be put in place ends the request.
    RefuseStep {
        /// The step's id.
        step: String,
        why: String,
    },
    /// A hold's step is undone.
    UndoStep {
        /// The step's id.
        step: String,
        /// What that did.
        result: StepResult,
    },
    /// A person has a stuck run go on.
    Resume { by: Person },
    /// A person closes a stuck request.
    Settle { by: Person, note: Commitment },
    /// What the run had done was taken back by somebody outside.
    Reverse {
        /// What and why.
        why: String,
        /// What was done about it.
        result: StepResult,
    },
}

/// Facts of [`Command::Start`].
#[derive(Debug, Clone)]
pub struct Start {
    /// The plan as it is now.
    pub plan: Plan,
    /// What a new approval would demand.
    pub policy: Policy,
    /// Material differences from the approved plan, beyond the operation's tolerance.
    pub drift: Vec<String>,
    /// The requester as the directory knows them now; `None` when the service asked.
    pub requester: Option<Person>,
    /// The approvers as the directory knows them now.
    pub approvers: Vec<Person>,
}

impl Command {
    /// The command's name, as refusals show it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Present(_) => "a plan",
            Self::Refuse { .. } => "a refusal",
            Self::Approve { .. } => "approve",
            Self::Confirm { .. } => "confirm",
            Self::Deny { .. } => "deny",
            Self::Cancel { .. } => "cancel",
            Self::Stop { .. } => "stop",
            Self::Expire => "expiry",
            Self::Start(_) => "a start",
            Self::BeginStep { .. } => "the begin of a step",
            Self::FinishStep { .. } => "the end of a step",
            Self::DeferStep { .. } => "a failed try",
            Self::RetryNow { .. } => "news for a step",
            Self::GiveUpStep { .. } => "a failed step",
            Self::RefuseStep { .. } => "a refused step",
            Self::UndoStep { .. } => "an undone step",
            Self::Resume { .. } => "resume",
            Self::Settle { .. } => "settle",
            Self::Reverse { .. } => "a reversal",
        }
    }

    pub(super) fn out_of_order(&self, request: &Request) -> Refusal {
        Refusal::OutOfOrder {
            command: self.name(),
            state: request.state.word(),
        }
    }

    /// The person behind the command, when there is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Approve { by, .. }
            | Self::Confirm { by, .. }
            | Self::Deny { by, .. }
            | Self::Cancel { by }
            | Self::Stop { by }
            | Self::Resume { by }
            | Self::Settle { by, .. } => Some(by),
            _ => None,
        }
    }
}
