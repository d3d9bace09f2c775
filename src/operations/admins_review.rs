//! `admins review`: every admin of the app with the last trace of them, and for each the choice to keep or to demote.
//!
//! A button only asks: a demotion is its own request with its own second admin, and a decision to keep is one too, so that
//! both are on record under the name of the person who clicked.

mod reviewed;

use std::collections::BTreeMap;

use async_trait::async_trait;

pub use reviewed::{Reviewed, is_due, reviewed};

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, subject,
    wording::{self, counted},
};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done, OfferButton, Part},
        event::{Asking, StepResult},
        plan::PlannedStep,
        request::label,
    },
    journal::Store,
    systems::{
        Requirement,
        app_db::{Admin, Admins},
    },
};

/// As people type it. The service asks for it when a quarter begins.
pub const NAME: &str = "admins review";

const STEP: &str = "look";

/// Admins that one answer shows: each takes two blocks of the message.
const SHOWN: usize = 18;

static DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Review the admins",
    summary: "Every admin of the app with the last sign-in, event and test, and buttons to keep or demote each.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[Requirement::Column("user.role")],
    runs_when_frozen: false,
    runbook: "Security Checklist",
    example: "/ops admins review",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct AdminsReview;

#[async_trait]
impl Operation for AdminsReview {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        // Refuses when it cannot be told who is an admin.
        context.app.get().await?.admins_count().await?;
        let title = "List the admins and when each was last seen";
        Ok(Plan::of_steps(vec![PlannedStep::new(STEP, title)]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let admins = context.app.get().await?.admins().await?;
        let kept = last_kept(&context.journal.pool, &admins).await?;
        let result = StepResult::from([
            ("admins".to_owned(), admins.total.into()),
            ("who_can_act".to_owned(), admins.acting.into()),
        ]);
        let answer = answer(&admins, &kept, &context.request.label());
        Ok(Done::answered(result, answer))
    }
}

/// The number of the last request that kept each admin, by user id.
async fn last_kept(store: &Store, admins: &Admins) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let ids: Vec<String> = admins.read.iter().map(|one| one.user.id.clone()).collect();
    let rows = sqlx::query!(
        r#"select subject as "subject!", max(number) as "number!" from countersign.request
           where operation = 'admins keep' and state = 'succeeded' and subject = any($1) group by subject"#,
        &ids
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.subject, row.number))
        .collect())
}

/// Those about whom nobody decided come first, then those about whom it was longest ago, so that a review of more admins
/// than one answer shows gets through all of them.
fn answer(admins: &Admins, kept: &BTreeMap<String, i64>, review: &str) -> Answer {
    let mut sorted: Vec<&Admin> = admins.read.iter().collect();
    sorted.sort_by_key(|one| (kept.get(&one.user.id), one.seen.latest()));
    let all = counted(admins.total, "admin", "admins");
    let mut answer = Answer::default()
        .heading(format!("{all}, {} who can act", admins.acting))
        .text("First those whom nobody has decided to keep yet, then those who were last seen longest ago.");
    for one in sorted.iter().take(SHOWN) {
        let acts = u64::from(one.user.blocked != Some(true));
        let is_last = admins.acting <= acts;
        answer = answer.with(offer(one, kept.get(&one.user.id).copied(), is_last, review));
    }
    if admins.total == 0 {
        answer = answer.warning(
            "Nobody is an admin by the configured name: if the app calls its admins otherwise, set role and admin_role in \
             [app.schema.user]. Until then the last admin is not protected",
        );
    }
    let more = admins.total.saturating_sub(sorted.len().min(SHOWN) as u64);
    if more > 0 {
        answer = answer.warning(format!(
            "{} not shown: decide about these, then ask again",
            counted(more, "more admin is", "more admins are")
        ));
    }
    answer
}

fn offer(admin: &Admin, kept: Option<i64>, is_last: bool, review: &str) -> Part {
    let user = &admin.user;
    let who = user.masked_email();
    let mut lines = vec![
        who.map_or_else(|| user.id.clone(), |who| format!("{} · {who}", user.id)),
        format!("Last sign-in: {}", wording::last(admin.seen.sign_in)),
        format!("Last event: {}", wording::last(admin.seen.event)),
        format!("Last test: {}", wording::last(admin.seen.test)),
    ];
    if user.blocked == Some(true) {
        lines.push("Blocked, and no admin who can act".to_owned());
    }
    if let Some(number) = kept {
        lines.push(format!("Last kept in {}", label(number)));
    }
    let mut buttons = vec![button(
        "Keep",
        "admins keep",
        &user.id,
        review,
        "still needed",
    )];
    if is_last {
        lines.push("The last admin who can act: promote somebody else first".to_owned());
    } else {
        buttons.insert(
            0,
            button(
                "Demote",
                "user demote",
                &user.id,
                review,
                "no longer needed",
            ),
        );
    }
    Part::Offer {
        text: lines.join("\n"),
        buttons,
    }
}

fn button(label: &str, operation: &str, user: &str, review: &str, why: &str) -> OfferButton {
    OfferButton {
        label: label.to_owned(),
        operation: operation.to_owned(),
        asking: Asking {
            arguments: BTreeMap::from([(subject::USER.to_owned(), user.to_owned())]),
            reason: format!("admins review {review}: {why}"),
        },
        danger: operation == "user demote",
    }
}
