//! Which credits are taken: named for whoever has to look.

use serde_json::Value;

use super::{
    step,
    terms::{Credits, Terms},
};
use crate::{
    domain::{Request, event::StepResult},
    operations::{StepContext, StepError},
};

/// It is not known whether money went back: what is to be looked at, and which credits stay taken until then.
pub(super) fn unknown(context: &StepContext<'_>, says: &str) -> StepError {
    StepError::Indeterminate(format!("{says}. {}", still_taken(context)))
}

/// How many credits of whom are taken, and both ways in which they go back.
pub(super) fn still_taken(context: &StepContext<'_>) -> String {
    let done = context.done();
    let prepared = done.iter().find(|(step, _)| *step == step::PREPARE);
    let Some((are_taken, by_hand)) = taken(context.request, prepared.map(|(_, result)| *result))
    else {
        return "No credits are taken".to_owned();
    };
    format!(
        "{are_taken}. Trying again gives back what is taken once it is certain that no money went; whoever settles this \
         and knows that none went gives it back by hand: {by_hand}"
    )
}

/// How many credits of whom a step took, in words, and the command that gives them back by hand.
pub(super) fn taken(request: &Request, prepared: Option<&StepResult>) -> Option<(String, String)> {
    let credits = prepared?.get("credits_taken").and_then(Value::as_i64)?;
    let Credits { user, .. } = Terms::of(&request.plan.as_ref()?.plan)?.credits?;
    let are_taken = match credits {
        ..=0 => return None,
        1 => format!("1 credit of {user} is taken"),
        _ => format!("{credits} credits of {user} are taken"),
    };
    let label = request.label();
    let by_hand = format!("/ops credits add {user} {credits} {label} was not refunded");
    Some((are_taken, by_hand))
}
