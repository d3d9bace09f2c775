//! A request and its state.

use serde::{Deserialize, Serialize};

use super::{
    Actor, Instant, PlanDigest, RequestId,
    digest::Commitment,
    event::StepResult,
    person::Party,
    plan::{Plan, PlannedStep},
    policy::{Policy, Risk},
    status::Status,
};

/// One asking for an operation: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    /// Its number for people.
    pub number: i64,
    /// As people type it: `user delete`.
    pub operation: String,
    /// Its risk when it was asked.
    pub risk: Risk,
    /// Who asked.
    pub requester: Actor,
    /// Commitment to arguments and reason.
    pub arguments: Commitment,
    /// See [`super::event::Asked::fingerprint`].
    pub fingerprint: String,
    pub asked_at: Instant,
    /// How many events it has: the version that the next append expects.
    pub version: i64,
    /// The keyed hash of its last event, as the journal verified or wrote it; the next event is chained to it.
    #[serde(skip)]
    pub last_hash: [u8; 32],
    /// The current plan, once there is one.
    pub plan: Option<CurrentPlan>,
    /// Where it stands.
    pub state: State,
}

/// The plan that counts now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentPlan {
    /// 1 for the first plan, one more each time it was superseded.
    pub round: i32,
    /// What would happen.
    pub plan: Plan,
    pub digest: PlanDigest,
    /// What it demands.
    pub policy: Policy,
    /// When the requester confirmed it.
    pub confirmed_at: Option<Instant>,
}

impl std::ops::Deref for CurrentPlan {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Asked; the plan is being worked out.
    Asked,
    /// A blocker forbids it.
    Refused {
        blockers: Vec<String>,
        /// True when there is no plan and it is about Stripe's test mode.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        test_mode: bool,
    },
    /// Waits for a second person.
    AwaitingApproval {
        /// Approvals so far.
        approvals: Vec<Approval>,
    },
    /// Waits for the requester to confirm what they asked for.
    AwaitingConfirmation,
    /// May run as soon as the plan has been worked out again.
    Approved {
        /// All approvals; none when the risk needs none.
        approvals: Vec<Approval>,
    },
    /// Approved; waits so that somebody can stop it.
    CoolingOff {
        approvals: Vec<Approval>,
        /// When the wait is over.
        until: Instant,
        /// What is done in the meantime.
        hold: Vec<Step>,
    },
    /// The hold is being undone; then `end` holds.
    RollingBack {
        /// The approvals under which the hold was done.
        approvals: Vec<Approval>,
        hold: Vec<Step>,
        /// What the request becomes.
        end: Box<State>,
    },
    /// Being carried out.
    Running {
        approvals: Vec<Approval>,
        /// What the hold did, to be undone if the run is called off before anything irreversible.
        hold: Vec<Step>,
        /// The steps with what is known of each.
        steps: Vec<Step>,
    },
    /// Denied by a person.
    Denied { by: Party, reason: Commitment },
    /// Nobody approved or confirmed in time.
    Expired,
    /// Withdrawn by the requester.
    Cancelled,
    /// Stopped in the cooling-off time.
    Stopped { by: Party },
    /// Carried out.
    Succeeded {
        /// The approvals under which it ran.
        approvals: Vec<Approval>,
        /// The steps and their results.
        steps: Vec<Step>,
    },
    /// A step could not be done, or cannot be known; a person resumes or settles.
    Stuck {
        /// The approvals under which it ran.
        approvals: Vec<Approval>,
        /// The steps so far: of the run, or of the hold when that stuck.
        steps: Vec<Step>,
        /// The step where it stuck.
        step: String,
        why: String,
        /// True when it is not known whether the step had its effect.
        indeterminate: bool,
        /// In what it stuck.
        place: Place,
    },
    /// A person closed a stuck request.
    Settled {
        by: Party,
        /// The steps as they were left.
        steps: Vec<Step>,
    },
    /// Carried out, or settled by a person, and taken back afterwards by somebody outside.
    Reversed {
        /// The approvals under which it ran; none when a person had settled it.
        approvals: Vec<Approval>,
        /// The steps and their results, as they were when the request was at its end.
        steps: Vec<Step>,
        /// What was taken back and why.
        why: String,
        /// What was done about it.
        result: StepResult,
    },
}

/// One person's yes to one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: Party,
    pub plan: PlanDigest,
    pub at: Instant,
}

/// In what a request stuck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    Hold {
        /// When the cooling-off time is over.
        until: Instant,
    },
    Run {
        /// What the hold did.
        hold: Vec<Step>,
    },
    /// In undoing the hold.
    Lift {
        /// What the request was to become.
        end: Box<State>,
    },
}

/// A step and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    #[serde(flatten)]
    pub planned: PlannedStep,
    /// How far it is.
    pub progress: Progress,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Progress {
    /// Not begun.
    Waiting,
    /// Begun; whether it had its effect is known from its marker.
    Started {
        /// 1 for the first try.
        attempt: u32,
    },
    /// A try failed; the next one comes.
    Deferred {
        /// Tries so far.
        attempt: u32,
        /// Why the last one failed.
        why: String,
        /// When the next one comes.
        retry_at: Instant,
    },
    Done {
        /// What it did.
        result: StepResult,
    },
    /// Done and undone again.
    Undone,
}

impl State {
    /// The state without its facts.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Asked => Status::Asked,
            Self::Refused { .. } => Status::Refused,
            Self::AwaitingApproval { .. } => Status::AwaitingApproval,
            Self::AwaitingConfirmation => Status::AwaitingConfirmation,
            Self::Approved { .. } => Status::Approved,
            Self::CoolingOff { .. } => Status::CoolingOff,
            Self::RollingBack { .. } => Status::RollingBack,
            Self::Running { .. } => Status::Running,
            Self::Denied { .. } => Status::Denied,
            Self::Expired => Status::Expired,
            Self::Cancelled => Status::Cancelled,
            Self::Stopped { .. } => Status::Stopped,
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Stuck {
                indeterminate: true,
                ..
            } => Status::Indeterminate,
            Self::Stuck { .. } => Status::Failed,
            Self::Settled { .. } => Status::Settled,
            Self::Reversed { .. } => Status::Reversed,
        }
    }

    /// The state's word, as people read it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.status().word()
    }

    /// True when nothing more will happen to the request.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status().is_terminal()
    }

    /// The steps of the run or the hold, when there is one.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::CoolingOff { hold, .. } | Self::RollingBack { hold, .. } => hold,
            Self::Running { steps, .. }
            | Self::Succeeded { steps, .. }
            | Self::Stuck { steps, .. }
            | Self::Settled { steps, .. }
            | Self::Reversed { steps, .. } => steps,
            _ => &[],
        }
    }

    /// The approvals that count in this state.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        match self {
            Self::AwaitingApproval { approvals }
            | Self::Approved { approvals }
            | Self::CoolingOff { approvals, .. }
            | Self::RollingBack { approvals, .. }
            | Self::Running { approvals, .. }
            | Self::Succeeded { approvals, .. }
            | Self::Stuck { approvals, .. }
            | Self::Reversed { approvals, .. } => approvals,
            _ => &[],
        }
    }
}

impl Request {
    /// `OPS-1042`.
    #[must_use]
    pub fn label(&self) -> String {
        label(self.number)
    }

    /// When the runner has to look at this request again; `None` when only a person can move it.
    #[must_use]
    pub fn due_at(&self, now: Instant) -> Option<Instant> {
        match &self.state {
            State::Asked | State::Approved { .. } => Some(now),
            State::AwaitingApproval { .. } | State::AwaitingConfirmation => {
                self.plan.as_ref().map(|p| p.policy.expires_at)
            }
            State::CoolingOff { hold, until, .. } => {
                Some(next_step_due(hold, now).map_or(*until, |due| due))
            }
            State::RollingBack { hold, .. } => Some(rollback_due(hold, now)),
            State::Running { steps, .. } => next_step_due(steps, now).or(Some(now)),
            _ => None,
        }
    }
}

/// `OPS-1042` for a request's number.
#[must_use]
pub fn label(number: i64) -> String {
    format!("OPS-{number}")
}

fn next_step_due(steps: &[Step], now: Instant) -> Option<Instant> {
    steps.iter().find_map(|step| match &step.progress {
        Progress::Done { .. } | Progress::Undone => None,
        Progress::Deferred { retry_at, .. } => Some(*retry_at),
        Progress::Waiting | Progress::Started { .. } => Some(now),
    })
}

fn rollback_due(hold: &[Step], now: Instant) -> Instant {
    hold.iter()
        .filter_map(|step| match &step.progress {
            Progress::Deferred { retry_at, .. } => Some(*retry_at),
            _ => None,
        })
        .max()
        .unwrap_or(now)
}
