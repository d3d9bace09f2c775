//! What adding and removing credits have in common.

mod limit;
mod payment;
mod plan;
mod stripe;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) use plan::plan;

use super::{Argument, StepContext, StepError, Takes};
use crate::{
    domain::{
        answer::{Answer, Done},
        event::StepResult,
    },
    systems::app_db::{CreditMove, CreditOutcome, CreditWay, Mark},
};

/// The argument that says how many.
const NUMBER: &str = "credits";
/// The argument that names the payment.
pub(super) const PAYMENT: &str = "payment";

/// The most credits that one request moves. More in one go is a slip of the keyboard.
pub const MOST_AT_ONCE: u64 = 1_000_000;

/// The one step, and the name of its marker: a request moves credits once, in whichever round it is approved.
const STEP: &str = "credits";

pub(super) const NUMBER_ARGUMENT: Argument = Argument::required(
    NUMBER,
    "Credits",
    "How many credits.",
    Takes::Count {
        least: 1,
        most: MOST_AT_ONCE,
    },
)
.shown_as("n");

/// What was approved.
#[derive(PartialEq, Serialize, Deserialize)]
struct Moves {
    user: String,
    way: CreditWay,
    credits: i64,
    /// The id that stands for the payment.
    payment: Option<String>,
}

struct Asked<'a> {
    credits: i64,
    payment: Option<&'a str>,
    /// The id that stands for the payment, whichever of its ids was typed.
    claimed: Option<String>,
}

impl<'a> Asked<'a> {
    /// From the arguments; `None` when they were erased.
    fn of(number: &str, payment: &'a str) -> Option<Self> {
        let credits = number.parse().ok().filter(|credits| *credits > 0)?;
        let payment = Some(payment).filter(|payment| !payment.is_empty());
        Some(Self {
            credits,
            payment,
            claimed: None,
        })
    }
}

fn mark(request: uuid::Uuid) -> Mark {
    Mark {
        request_id: request,
        step: STEP.to_owned(),
    }
}

/// Moves the credits, once however often it is called.
pub(super) async fn carry_out(
    context: &StepContext<'_>,
    way: CreditWay,
) -> Result<Done, StepError> {
    let user = context.approved_user()?;
    let asked = Asked::of(context.argument(NUMBER), context.argument(PAYMENT));
    let mut asked =
        asked.ok_or_else(|| StepError::Failed("what was asked for was erased".into()))?;
    if asked.payment.is_some() {
        asked.claimed = Some(payment::of_request(context).await?);
    }
    // The arguments live beside the chain. What the plan's terms say is what was approved.
    let asked_for = Moves {
        user: user.to_owned(),
        way,
        credits: asked.credits,
        payment: asked.claimed.clone(),
    };
    if context.terms::<Moves>()? != asked_for {
        let says = "the number or the payment is not what was planned";
        return Err(StepError::Failed(says.into()));
    }
    let mark = mark(context.request_id());
    // What was moved already is within the limit, whatever was moved since.
    let done: Option<CreditOutcome> = context.systems.app_db.applied(&mark).await?;
    if done.is_none() && !limit::is_kept(context, way, asked.credits).await? {
        let says = "with what was moved at the same time this is over the limit that needs no second admin: ask anew";
        return Err(StepError::Failed(says.into()));
    }
    let change = CreditMove {
        user_id: user,
        way,
        credits: asked.credits,
        metadata: metadata(context, &asked),
    };
    let app = context.app.get().await?;
    let outcome = app.move_credits(&mark, &change).await?;
    let CreditOutcome::Moved {
        before,
        after,
        no_event,
    } = outcome
    else {
        let says = "the change was given up before it was made, and nothing was changed";
        return Err(StepError::Failed(says.into()));
    };
    if asked.claimed.is_some() {
        payment::granted(context).await?;
    }
    let result = result(way, asked.credits, before, after, no_event);
    Ok(Done {
        result,
        answer: told(context),
    })
}

/// The plan's warnings beside the result: the message in which it was confirmed shows them no more.
fn told(context: &StepContext<'_>) -> Option<Answer> {
    if !context.request.state.approvals().is_empty() {
        return None;
    }
    let plan = context.request.plan.as_ref()?;
    let warnings = plan.plan.warnings.iter();
    let answer = warnings.fold(Answer::default(), |answer, one| answer.warning(&one.text));
    (!answer.parts.is_empty()).then_some(answer)
}

/// What the runbook notes of a manual change, and where its request is on record. The admin is named by the Slack id.
fn metadata(context: &StepContext<'_>, asked: &Asked<'_>) -> serde_json::Value {
    let asking = context.private_data.asking.as_ref();
    let mut metadata = json!({
        "reason": asking.map(|asking| &asking.reason),
        "admin": context.request.requester.name(),
        "request": context.request.label(),
    });
    if let Some(payment) = &asked.claimed {
        metadata["payment"] = payment.as_str().into();
    }
    metadata
}

/// The name under which a result has the number of credits that moved.
fn verb(way: CreditWay) -> &'static str {
    match way {
        CreditWay::Add => "added",
        CreditWay::Remove => "removed",
    }
}

fn result(
    way: CreditWay,
    asked: i64,
    before: i64,
    after: i64,
    no_event: Option<String>,
) -> StepResult {
    let moved = after.abs_diff(before);
    let mut result = StepResult::from([
        (verb(way).to_owned(), moved.into()),
        ("credits".to_owned(), format!("{before} → {after}").into()),
    ]);
    let shortfall = asked.unsigned_abs().saturating_sub(moved);
    if shortfall > 0 {
        result.insert("not_there_to_remove".to_owned(), shortfall.into());
    }
    let event = match no_event {
        Some(why) => format!("no analytics event was written: {why}"),
        None if moved == 0 => "no analytics event was written: nothing changed".to_owned(),
        None => "the analytics event is written".to_owned(),
    };
    result.insert("note".to_owned(), event.into());
    result
}
