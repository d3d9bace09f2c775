//! `user export`: everything that belongs to a person as one archive, and a link to it for the requester alone.
//!
//! The archive is written as a stream, so memory does not grow with the data. Every archive is on record before its first
//! byte is uploaded, and the service deletes it when its time is over, whatever became of the run.

mod archive;
mod archives;
mod entries;
mod files;
mod index;
mod link;
mod manifest;
mod plan;
mod stripe;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(super) use archives::remove_of_user;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, subject,
};
use crate::{
    domain::{Risk, answer::Done, event::Asking},
    systems::{Requirement, Systems},
    work::Job,
};

/// The steps' names, in their order.
mod step {
    pub const ARCHIVE: &str = "archive";
    pub const LINK: &str = "link";
}

/// The argument that asks for the files' contents.
const FILES: &str = "files";

static DECLARATION: Declaration = Declaration {
    name: "user export",
    title: "Export a user's data",
    summary: "Writes all rows of an account, and its files when asked, into one ZIP. A second admin approves; the link goes to whoever asked, alone.",
    risk: Risk::Sensitive,
    arguments: &[
        subject::ARGUMENT,
        Argument::optional(
            FILES,
            "Files",
            "Choose `with files` to get the files too; otherwise only their list is in the archive.",
            Takes::Choice(&["with files"]),
        ),
    ],
    requires: &[Requirement::Account, Requirement::Files],
    runs_when_frozen: false,
    runbook: "Common Operations 7: Export User Data (GDPR Request)",
    example: "/ops user export maria@example.com with files asked for a copy of her data",
    changes: "Nothing in the app. An archive is written to the documents' bucket and deleted after `COUNTERSIGN_EXPORT_RETENTION`.",
    undo: "There is nothing to undo: the archive is deleted by itself.",
};

pub(super) struct UserExport;

#[async_trait]
impl Operation for UserExport {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    fn jobs(&self) -> &'static [Job] {
        &[archives::REMOVE_DUE]
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        plan::plan(context).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        let user = context.approved_user()?;
        match step {
            step::ARCHIVE => {
                self.is_as_planned(context)?;
                archive::make(context, user).await.map(Done::from)
            }
            step::LINK => link::hand_over(context).await,
            _ => Err(StepError::unknown_step(step)),
        }
    }
}

/// What goes into the archive beside the rows.
#[derive(PartialEq, Serialize, Deserialize)]
struct Contents {
    /// The files themselves. Their list goes along in any case.
    files: bool,
    /// What Stripe holds about the person.
    stripe: bool,
}

impl Contents {
    fn of(systems: &Systems, files: bool) -> Self {
        Self {
            files,
            stripe: systems.stripe.is_some(),
        }
    }
}

impl UserExport {
    /// The arguments lie beside the chain. What the plan's terms say is what was approved.
    fn is_as_planned(&self, context: &StepContext<'_>) -> Result<(), StepError> {
        let with_files = !context.argument(FILES).is_empty();
        if context.terms::<Contents>()? != Contents::of(context.systems, with_files) {
            let says = "what goes into the archive is not as it was planned: ask anew";
            return Err(StepError::Failed(says.to_owned()));
        }
        Ok(())
    }
}
