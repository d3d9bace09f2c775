//! What a step gets to work with, and how it fails.
//!
//! # Error policy
//!
//! - Whether a failure can be repeated is decided where it is seen: every error of a system converts into a [`StepError`] (or a
//!   `PlanError`), and the runner acts on the variant alone.
//! - `Retry`: the effect is certainly not there, or repeating it does no harm. `Indeterminate`: the effect may be there, and
//!   repeating it could do harm; a person has to look. When in doubt it is `Indeterminate`.
//! - `Refused`: the state of the world forbids it and nothing was changed. `Failed`: no try can succeed until a person has
//!   changed something. `Wait`: nothing failed, somebody else has to come first.
//! - `Display` holds our words and codes (SQLSTATE, S3's, Stripe's) and goes into events, cards and the log. What a system said itself
//!   may name people: it goes through [`StepError::quoting`] and reaches the requester alone.
//! - Errors are enums where a caller decides by the variant, and `anyhow` only where the process starts. Outside tests nothing
//!   panics: what cannot happen is an error that says so.

use serde::de::DeserializeOwned;
use sqlx::error::DatabaseError;
use uuid::Uuid;

use super::{People, PlanError};
use crate::{
    domain::{
        Event, Instant, Person, Request, approval::Approved, event::StepResult, plan::PlannedStep,
        private_data::PrivateData,
    },
    journal::{
        Journal, RecordError, Recorded,
        read::{self, ReadError},
    },
    systems::{
        Off, Systems,
        app_db::{AppDbError, LazySnapshot},
        http::{Kind, VendorError},
        object_store::StoreError,
    },
};

/// How long after the start of a run its first effect that nothing takes back may come. Later, plan, people and blockers
/// are looked at again, which a person has to ask for.
pub const STALE: chrono::Duration = chrono::Duration::minutes(30);
/// What is said of a run that was held up for longer.
pub const HELD_UP: &str =
    "the run was held up for so long that plan and approvals have to be looked at again";

/// The pause after the first failed try; each further one is twice as long.
pub const FIRST_PAUSE: chrono::Duration = chrono::Duration::seconds(1);
/// The longest pause between two tries.
pub const LONGEST_PAUSE: chrono::Duration = chrono::Duration::seconds(300);

/// The pause after so many failed tries.
#[must_use]
pub fn pause_after(tries: u32) -> chrono::Duration {
    let doublings = tries.saturating_sub(1).min(16);
    (FIRST_PAUSE * 2_i32.saturating_pow(doublings)).min(LONGEST_PAUSE)
}

/// Whether the run began longer ago than [`STALE`].
#[must_use]
pub fn is_held_up(events: &[Recorded], now: Instant) -> bool {
    let mut latest = events.iter().rev();
    let started = latest.find(|recorded| matches!(recorded.event, Event::RunStarted { .. }));
    started.is_some_and(|run| now - run.at > STALE)
}

/// Everything that a step may use.
pub struct StepContext<'a> {
    /// The systems operated on.
    pub systems: &'a Systems,
    /// The app's database as it is for this step.
    pub app: LazySnapshot<'a>,
    /// The store: what an operation keeps between its steps.
    pub journal: &'a Journal,
    /// The request as the journal has it.
    pub request: &'a Request,
    /// Its events so far.
    pub events: &'a [Recorded],
    /// What people read beside the chain.
    pub private_data: &'a PrivateData,
    /// The proof that the plan may be carried out; `None` while a hold is undone.
    pub approved: Option<&'a Approved>,
    pub people: &'a dyn People,
    pub now: Instant,
}

impl StepContext<'_> {
    #[must_use]
    pub fn request_id(&self) -> Uuid {
        self.request.id.0
    }

    /// An argument as it was typed; empty when it was left out, and once it was erased.
    #[must_use]
    pub fn argument(&self, name: &str) -> &str {
        let asking = self.private_data.asking.as_ref();
        asking
            .and_then(|asking| asking.arguments.get(name))
            .map_or("", String::as_str)
    }

    /// The person who asked, as they are now.
    ///
    /// # Errors
    /// [`StepError::Retry`] while that cannot be asked, [`StepError::Failed`] when the service asked.
    pub async fn requester(&self) -> Result<Person, StepError> {
        let party = self.request.requester.person();
        let party = party.ok_or_else(|| StepError::Failed("nobody asked for this".to_owned()))?;
        let person = self.people.person(&party.slack_id).await;
        person.ok_or_else(|| StepError::Retry("who people are cannot be asked now".to_owned()))
    }

    /// What the current round has done so far, in order: each step's id and its last result. A run that was
    /// resumed may have done a step twice.
    #[must_use]
    pub fn done(&self) -> Vec<(&str, &StepResult)> {
        let mut done: Vec<(&str, &StepResult)> = vec![];
        for recorded in read::current_round(self.events) {
            if let Event::StepSucceeded { step, result, .. } = &recorded.event {
                done.retain(|(earlier, _)| earlier != step);
                done.push((step, result));
            }
        }
        done
    }

    /// The round whose hold was last begun: after a supersession the plan is a round further already.
    #[must_use]
    pub fn held_round(&self) -> i32 {
        let begun = self
            .events
            .iter()
            .rposition(|recorded| matches!(recorded.event, Event::CoolingOffStarted { .. }));
        let rounds = self.events[..begun.unwrap_or(self.events.len())]
            .iter()
            .filter(|recorded| {
                matches!(recorded.event, Event::Planned(_) | Event::Superseded { .. })
            })
            .count();
        i32::try_from(rounds).unwrap_or(i32::MAX)
    }

    /// The step as it was planned, of this run or of the hold that is being undone.
    ///
    /// # Errors
    /// [`StepError::Failed`] when there is no such step.
    pub fn step(&self, id: &str) -> Result<&PlannedStep, StepError> {
        let mut steps = self.request.state.steps().iter();
        let step = steps.find(|step| step.planned.id == id);
        step.map(|step| &step.planned)
            .ok_or_else(|| StepError::Failed(format!("no step `{id}` was planned")))
    }

    /// The terms of the approved plan, which this step carries out.
    ///
    /// # Errors
    /// [`StepError::Failed`] when the plan has none of this type, or when there is no approval.
    pub fn terms<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        self.proven()?;
        let plan = self.request.plan.as_ref();
        let terms = plan.and_then(|plan| plan.plan.terms.read());
        terms.ok_or_else(|| {
            let says = "the plan is of another version: ask for it again";
            StepError::Failed(says.to_owned())
        })
    }

    /// A private term of the approved plan, as long as it was not erased.
    ///
    /// # Errors
    /// [`StepError::Failed`] when it is gone, when it is not what was approved, or when there is no approval.
    pub fn private_term(&self, name: &str) -> Result<&str, StepError> {
        self.proven()?;
        let plan = self.request.plan.as_ref();
        let commitment = plan.and_then(|plan| plan.plan.terms.private(name));
        let text = commitment.and_then(|commitment| self.private_data.term(commitment));
        text.ok_or_else(|| {
            let says = format!("the {name} that was approved is not on record any more");
            StepError::Failed(says)
        })
    }

    /// The application's user whom the approved plan names.
    ///
    /// # Errors
    /// [`StepError::Failed`] when it names none, or when there is no approval.
    pub fn approved_user(&self) -> Result<&str, StepError> {
        self.proven()?;
        self.subject()
    }

    /// The proof belongs to this request and its current plan.
    ///
    /// # Errors
    /// [`StepError::Failed`] when it does not, or when there is none.
    pub fn proven(&self) -> Result<(), StepError> {
        let plan = self.request.plan.as_ref();
        let proven = plan.is_some_and(|plan| {
            self.approved.is_some_and(|proof| {
                proof.plan() == plan.digest && proof.request() == self.request.id
            })
        });
        if proven {
            Ok(())
        } else {
            Err(StepError::Failed("this plan is not approved".into()))
        }
    }

    /// The application's user whom the request is about.
    ///
    /// # Errors
    /// [`StepError::Failed`] when the plan names none.
    pub fn subject(&self) -> Result<&str, StepError> {
        self.request
            .plan
            .as_ref()
            .and_then(|plan| plan.plan.subject.as_ref())
            .map(|subject| subject.user_id.as_str())
            .filter(|id| !id.is_empty())
            .ok_or_else(|| StepError::Failed("the plan names no user".into()))
    }
}

/// How a step fails. The texts go into the journal: no secrets, no personal data, and no words of another system but its codes.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Another try may succeed.
    #[error("{0}")]
    Retry(String),
    /// Another try may succeed, and not before the pause that a vendor asked for.
    #[error("{why}")]
    Later {
        why: String,
        /// How long the pause is at least.
        after: chrono::Duration,
    },
    /// Nothing failed, but somebody else has to come first, and may take days. Looked at again after a while, for
    /// as long as it takes.
    #[error("{why}")]
    Wait {
        /// What is waited for.
        why: String,
        /// When it is looked at again.
        again: chrono::Duration,
    },
    /// No try can succeed until a person has changed something.
    #[error("{0}")]
    Failed(String),
    /// What is there now forbids it, and nothing was changed. A request whose hold is refused ends with that.
    #[error("{0}")]
    Refused(String),
    /// It cannot be known whether the effect is there.
    #[error("{0}")]
    Indeterminate(String),
    /// One of the others, with what a system outside said in its own words. They may name people: the person who asked is
    /// told them, and nothing else.
    #[error("{error}")]
    Quoted {
        /// The failure.
        error: Box<StepError>,
        words: String,
    },
}

impl StepError {
    /// The plan names a step that is none of the operation's.
    #[must_use]
    pub(super) fn unknown_step(step: &str) -> Self {
        Self::Failed(format!("this version does not know the step `{step}`"))
    }

    /// With what a system outside said in its own words, when it said anything.
    #[must_use]
    pub fn quoting(self, words: Option<&str>) -> Self {
        match words.filter(|words| !words.trim().is_empty()) {
            Some(words) => Self::Quoted {
                error: Box::new(self),
                words: words.to_owned(),
            },
            None => self,
        }
    }

    /// Its name in the log and in metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Retry(_) | Self::Later { .. } => "retry",
            Self::Wait { .. } => "wait",
            Self::Failed(_) => "failed",
            Self::Refused(_) => "refused",
            Self::Indeterminate(_) => "indeterminate",
            Self::Quoted { error, .. } => error.word(),
        }
    }

    /// The failure, and the words beside it.
    #[must_use]
    pub fn split(self) -> (Self, Option<String>) {
        match self {
            Self::Quoted { error, words } => (error.split().0, Some(words)),
            error => (error, None),
        }
    }
}

impl From<PlanError> for StepError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Refused(why) => Self::Failed(why.join("; ")),
            PlanError::Unavailable(why) => Self::Retry(why),
            PlanError::Quoted { error, words } => Self::from(*error).quoting(Some(&words)),
        }
    }
}

impl From<AppDbError> for StepError {
    fn from(error: AppDbError) -> Self {
        let says = error.to_string();
        let failed = match error.is_retryable() {
            true => Self::Retry(says),
            false => Self::Failed(says),
        };
        failed.quoting(error.words())
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        let says = error.to_string();
        let failed = match error.is_retryable() {
            true => Self::Retry(says),
            false => Self::Failed(says),
        };
        failed.quoting(error.words())
    }
}

impl From<ReadError> for StepError {
    fn from(error: ReadError) -> Self {
        Self::Retry(read_says(&error))
    }
}

impl From<RecordError> for StepError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            error => Self::Retry(error.to_string()),
        }
    }
}

impl From<Off> for StepError {
    fn from(error: Off) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<VendorError> for StepError {
    /// A step that looks its effect up before it repeats it may turn the doubt into another try; nothing else may.
    fn from(error: VendorError) -> Self {
        let says = error.to_string();
        let after = error
            .after
            .and_then(|after| chrono::Duration::from_std(after).ok());
        let failed = match (error.kind, after) {
            (Kind::Retry, Some(after)) => Self::Later { why: says, after },
            (Kind::Retry, None) => Self::Retry(says),
            (Kind::InDoubt, _) => Self::Indeterminate(says),
            (Kind::Permanent, _) => Self::Failed(says),
        };
        failed.quoting(error.words())
    }
}

impl From<sqlx::Error> for StepError {
    fn from(error: sqlx::Error) -> Self {
        Self::Retry(store_says(&error))
    }
}

/// What is said when the journal cannot be read.
#[must_use]
pub(super) fn read_says(error: &ReadError) -> String {
    match error {
        ReadError::Store(error) => store_says(error),
        unreadable => unreadable.to_string(),
    }
}

/// What is said of an error of the store: our words and the SQLSTATE.
#[must_use]
pub(super) fn store_says(error: &sqlx::Error) -> String {
    match error.as_database_error().and_then(DatabaseError::code) {
        Some(code) => format!("the store refused (SQLSTATE {code})"),
        None => "the store does not answer".to_owned(),
    }
}
