//! What can be asked for: one file per operation, named as people type it; [`catalogue`] lists them.
//!
//! An operation declares its name, arguments and risk, works out a plan, and carries out the plan's steps.
//! It knows nothing of Slack, of approvals or of retries: those follow from the declaration and the plan.

mod admins_keep;
pub mod admins_review;
pub mod argument;
mod audit_verify;
mod ban;
mod cancel;
pub mod capability;
pub mod catalogue;
mod check_openai;
mod credits;
mod credits_add;
mod credits_remove;
pub mod db_connections;
mod db_reset_pool;
pub mod declaration;
pub mod drift;
mod erasure;
mod erasure_replay;
mod freeze;
pub mod help;
mod ip_ban;
mod ip_list;
mod ip_rule;
mod ip_unban;
mod named_files;
pub mod parse;
mod payment_bought;
mod payment_delivery;
mod payment_dispute;
mod payment_find;
mod payment_named;
mod payment_owner;
pub(crate) mod refund;
mod request_lookup;
mod requests;
mod role_change;
mod section;
mod sessions_revoke;
mod show;
mod stats_revenue;
mod stats_users;
pub mod step;
mod stripe_customers;
mod stripe_review;
mod subject;
mod typed_amount;
mod typed_choice;
mod typed_duration;
mod user_activity;
mod user_ban;
mod user_delete;
mod user_demote;
mod user_export;
mod user_promote;
mod user_show;
mod user_unban;
mod what_stays;
mod whoami;
mod wording;

use std::collections::BTreeMap;

use async_trait::async_trait;

pub use argument::{Argument, Reading, Takes};
pub use declaration::Declaration;
pub use step::{StepContext, StepError};
pub(crate) use subject::USER;

use crate::{
    domain::{
        Instant, Person, Plan, Request, Risk,
        answer::Done,
        event::{Asking, StepResult},
    },
    journal::{Journal, read::ReadError},
    systems::{
        Off, Systems,
        app_db::{AppDbError, LazySnapshot},
        http::{Kind, VendorError},
        object_store::StoreError,
    },
    work::Job,
};

/// One entry of the runbook.
#[async_trait]
pub trait Operation: Send + Sync {
    /// What it is called, what it takes, and how much it can hurt.
    fn declaration(&self) -> &Declaration;

    /// Whether the same request of the same person right after the first one does no harm: it reads, or sets something to
    /// what it is already. Anything else is done once within a minute.
    fn may_repeat(&self) -> bool {
        self.declaration().risk == Risk::Read
    }

    /// Works out what it would do. Looks only; called when it is asked for and again right before the run.
    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError>;

    /// Carries out one step of an approved plan. Called again after a crash or a failed try, so it must be
    /// harmless when its effect is there already, and give the same result.
    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError>;

    /// Takes back a step of the hold. Operations without a hold have nothing to take back.
    async fn undo(&self, _context: &StepContext<'_>, _step: &str) -> Result<StepResult, StepError> {
        Ok(StepResult::new())
    }

    /// Whether it asks or changes something at Stripe when there is a key. With a test key its cards and answers say so.
    fn asks_stripe(&self, _asking: &Asking) -> bool {
        false
    }

    /// What it needs done on a schedule, whatever is asked for: what it leaves behind for a time has to go.
    fn jobs(&self) -> &'static [Job] {
        &[]
    }

    /// What has changed between the approved plan and the plan as it is now, beyond what the operation
    /// tolerates. Empty when the approval still covers it. Whoever overrides it says why.
    fn drift(&self, approved: &Plan, now: &Plan) -> Vec<String> {
        drift::beyond_tolerance(approved, now)
    }
}

/// Everything that planning may use.
pub struct PlanContext<'a> {
    /// The systems operated on.
    pub systems: &'a Systems,
    /// The app's database as it is for this plan.
    pub app: LazySnapshot<'a>,
    /// The store.
    pub journal: &'a Journal,
    pub people: &'a dyn People,
    /// The request that is planned.
    pub request: &'a Request,
    /// What was asked for, with which arguments and why.
    pub asking: &'a Asking,
    pub now: Instant,
}

impl PlanContext<'_> {
    /// An argument as it was typed; empty when it was left out.
    #[must_use]
    pub fn argument(&self, name: &str) -> &str {
        self.asking.arguments.get(name).map_or("", String::as_str)
    }
}

/// Facts about the people of the workspace.
#[async_trait]
pub trait People: Send + Sync {
    /// A person by the Slack account as they are now; `None` while that cannot be asked.
    async fn person(&self, slack_id: &str) -> Option<Person>;

    /// The person as the rules have to see them for one request, whose subject they may be under another address; `None`
    /// while that cannot be asked.
    async fn before(&self, person: &Person, request: &Request) -> Option<Person>;
}

/// A plan, with what people read instead of the ids in it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What would happen.
    pub plan: Plan,
    /// The subject's masked e-mail; lives beside the chain.
    pub label: Option<String>,
    /// Terms that name people (an IP address, a name) by name. They live beside the chain, and the plan gets a commitment
    /// to each: see [`StepContext::private_term`].
    pub private_terms: BTreeMap<String, String>,
}

impl From<Plan> for Proposal {
    /// A plan that is about nobody.
    fn from(plan: Plan) -> Self {
        Self {
            plan,
            label: None,
            private_terms: BTreeMap::new(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The arguments name nothing, or more than one thing, or this application cannot do it.
    #[error("{}", .0.join("; "))]
    Refused(Vec<String>),
    /// A system did not answer; worth another try.
    #[error("{0}")]
    Unavailable(String),
    /// One of the others, with what a system outside said in its own words. They may name people: the person who asked is
    /// told them, and nothing else.
    #[error("{error}")]
    Quoted {
        /// The failure.
        error: Box<PlanError>,
        words: String,
    },
}

impl PlanError {
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

    /// The failure, and the words beside it.
    #[must_use]
    pub fn split(self) -> (Self, Option<String>) {
        match self {
            Self::Quoted { error, words } => (error.split().0, Some(words)),
            error => (error, None),
        }
    }
}

impl From<AppDbError> for PlanError {
    fn from(error: AppDbError) -> Self {
        let says = error.to_string();
        let failed = match error.is_retryable() {
            true => Self::Unavailable(says),
            false => Self::Refused(vec![says]),
        };
        failed.quoting(error.words())
    }
}

impl From<StoreError> for PlanError {
    fn from(error: StoreError) -> Self {
        let says = error.to_string();
        let failed = match error.is_retryable() {
            true => Self::Unavailable(says),
            false => Self::Refused(vec![says]),
        };
        failed.quoting(error.words())
    }
}

impl From<ReadError> for PlanError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(step::read_says(&error))
    }
}

impl From<Off> for PlanError {
    fn from(error: Off) -> Self {
        Self::Refused(vec![error.to_string()])
    }
}

impl From<VendorError> for PlanError {
    fn from(error: VendorError) -> Self {
        let says = error.to_string();
        let failed = match error.kind {
            // Planning only looks, so nothing can be in doubt.
            Kind::Retry | Kind::InDoubt => Self::Unavailable(says),
            Kind::Permanent => Self::Refused(vec![says]),
        };
        failed.quoting(error.words())
    }
}

impl From<sqlx::Error> for PlanError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(step::store_says(&error))
    }
}
