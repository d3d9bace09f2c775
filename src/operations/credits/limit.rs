//! How many credits one person moves on one account without a second admin: so many within a day, in however many requests.
//!
//! What was moved is taken from the journal, not from the app's own records, which others may change.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{NUMBER, STEP};
use crate::{
    domain::{
        Event, Instant, Request, RequestId, State, person::slack_identity, plan::Warning,
        request::Progress,
    },
    journal::{Connection, Journal, read},
    operations::{PlanContext, PlanError, StepContext, StepError},
    systems::app_db::{AppUser, CreditWay},
};

/// Over how long credits are added up.
const SPAN: TimeDelta = TimeDelta::hours(24);
const NOT_CERTAIN: &str = "events of the journal are missing, changed, or of a later version, so it is not certain how many credits were moved: run `countersign audit verify`";
/// A request that was asked longer ago is not looked at: none stays open as long.
const OLDEST: TimeDelta = TimeDelta::days(31);

/// Why a change of credits needs a second admin; `None` when it needs none.
///
/// # Errors
/// When the store cannot be asked.
pub(super) async fn needs_approval(
    context: &PlanContext<'_>,
    way: CreditWay,
    user: &AppUser,
    credits: i64,
) -> Result<Option<Warning>, PlanError> {
    let person = identities(context).await;
    let limit = i64::from(context.systems.credits_limit);
    let already = already(context, way, user, &person, limit).await?;
    let total = already.saturating_add(credits);
    let subject = crate::operations::subject::subject(context.systems, user);
    let is_own = subject
        .email_identity
        .is_some_and(|identity| person.contains(&identity));
    Ok(if is_own {
        let says = "this is the requester's own account: its credits always need a second admin";
        Some(Warning::new("own_account", says))
    } else if credits > limit {
        let says = format!("{credits} credits are more than the {limit} that need no second admin");
        Some(Warning::new("over_limit", says))
    } else if total > limit {
        let says = format!(
            "{already} credits today already, with these {total}: over the limit of {limit} in 24 hours"
        );
        Some(Warning::new("over_limit_of_a_day", says))
    } else {
        None
    })
}

/// Every name under which the requester counts, now and when the request was asked.
async fn identities(context: &PlanContext<'_>) -> BTreeSet<String> {
    let requester = &context.request.requester;
    let mut all = names(context.request);
    if let Some(party) = requester.person()
        && let Some(person) = context.people.person(&party.slack_id).await
    {
        all.extend(person.identities);
    }
    all
}

fn names(request: &Request) -> BTreeSet<String> {
    let Some(party) = request.requester.person() else {
        return BTreeSet::new();
    };
    let mut all = party.identities.clone();
    all.insert(slack_identity(&party.slack_id));
    all
}

/// Another request that moves credits.
struct Other {
    id: Uuid,
    /// Its place among the requests that were counted, and the account that it was counted for.
    place: Option<i64>,
    user_id: Option<String>,
}

/// What the person has moved on the account since a day ago, or has asked for and not got yet.
async fn already(
    context: &PlanContext<'_>,
    way: CreditWay,
    user: &AppUser,
    person: &BTreeSet<String>,
    limit: i64,
) -> Result<i64, PlanError> {
    let mut tx = context.journal.pool.begin().await?;
    // Requests about one account are counted one after the other.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('countersign.credit_count ' || $1, 0))",
        user.id
    )
    .fetch_one(&mut *tx)
    .await?;
    let place = place(&mut tx, context, user).await?;
    let since = context.now - SPAN;
    let mut total: i64 = 0;
    for other in others(context.journal, &mut tx, context.request, context.now).await? {
        let events = context
            .journal
            .events_in(&mut *tx, RequestId(other.id))
            .await?;
        let request = read::replay(RequestId(other.id), &events)?;
        let is_about = subject(&request).or(other.user_id.as_deref()) == Some(user.id.as_str());
        let is_theirs = !names(&request).is_disjoint(person);
        // One that was planned and has no place has lost it.
        let is_before = other
            .place
            .map_or(request.plan.is_some(), |its| its < place);
        if is_about && is_theirs && is_before {
            let credits = counted(&mut tx, &request, &events, way, since, limit).await?;
            total = total.saturating_add(credits);
        }
    }
    tx.commit().await?;
    Ok(total)
}

/// Whether all that this person moves on the account without a second admin stays within the limit. Places can be changed in
/// the store, so the sum is taken once more before credits move, from what the journal has of all requests.
///
/// # Errors
/// When the store cannot be asked.
pub(super) async fn is_kept(
    context: &StepContext<'_>,
    way: CreditWay,
    credits: i64,
) -> Result<bool, StepError> {
    if context.request.risk.is_gated() {
        return Ok(true);
    }
    let limit = i64::from(context.systems.credits_limit);
    let (person, since) = (names(context.request), context.now - SPAN);
    let mut total = credits;
    let mut tx = context.journal.pool.begin().await?;
    for other in others(context.journal, &mut tx, context.request, context.now).await? {
        let events = context
            .journal
            .events_in(&mut *tx, RequestId(other.id))
            .await?;
        let request = read::replay(RequestId(other.id), &events)?;
        let is_about = subject(&request).is_some() && subject(&request) == subject(context.request);
        if is_about && !request.risk.is_gated() && !names(&request).is_disjoint(&person) {
            let credits = counted(&mut tx, &request, &events, way, since, limit).await?;
            total = total.saturating_add(credits);
        }
    }
    tx.commit().await?;
    Ok(total <= limit)
}

/// The account of the app that a request is about.
fn subject(request: &Request) -> Option<&str> {
    let subject = request.plan.as_ref()?.plan.subject.as_ref();
    subject.map(|subject| subject.user_id.as_str())
}

/// What another request counts.
async fn counted(
    tx: &mut Connection,
    request: &Request,
    events: &[read::Recorded],
    way: CreditWay,
    since: Instant,
    limit: i64,
) -> Result<i64, sqlx::Error> {
    Ok(match moved(request, way) {
        Moved::Nothing => 0,
        Moved::Credits(credits) if is_recent(events, since) => credits,
        Moved::Credits(_) => 0,
        Moved::AsAsked => asked(tx, request.id.0, events).await?.unwrap_or(limit),
    })
}

/// The place of this request, which it keeps.
async fn place(
    db: &mut Connection,
    context: &PlanContext<'_>,
    user: &AppUser,
) -> Result<i64, sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.credit_count (request_id, user_id, counted_at) values ($1, $2, $3)
           on conflict (request_id) do nothing"#,
        context.request.id.0,
        user.id,
        context.now
    )
    .execute(&mut *db)
    .await?;
    sqlx::query_scalar!(
        "select place from countersign.credit_count where request_id = $1",
        context.request.id.0
    )
    .fetch_one(db)
    .await
}

/// The other requests of the same operation that anything happened to within the span. Which there are follows from all
/// events together, so that none is missed whose row somebody changed or removed.
async fn others(
    journal: &Journal,
    db: &mut Connection,
    request: &Request,
    now: Instant,
) -> Result<Vec<Other>, PlanError> {
    let known = journal.known().await?;
    let is_certain = known.is_whole() && known.is_readable();
    let ids = known.asked_for(&request.operation, now - OLDEST, now - SPAN);
    drop(known);
    if !is_certain {
        return Err(PlanError::Unavailable(NOT_CERTAIN.to_owned()));
    }
    let others = ids.into_iter().filter(|id| *id != request.id);
    let ids: Vec<Uuid> = others.map(|id| id.0).collect();
    let others = sqlx::query_as!(
        Other,
        r#"select a.id as "id!", c.place as "place?", c.user_id as "user_id?"
           from unnest($1::uuid[]) as a (id) left join countersign.credit_count c on c.request_id = a.id"#,
        &ids
    );
    Ok(others.fetch_all(db).await?)
}

/// What a request has moved, or may yet.
enum Moved {
    Nothing,
    Credits(i64),
    AsAsked,
}

fn moved(request: &Request, way: CreditWay) -> Moved {
    let done = request.state.steps().iter().find_map(|step| {
        let Progress::Done { result } = &step.progress else {
            return None;
        };
        let moved = result
            .get(super::verb(way))
            .and_then(serde_json::Value::as_i64);
        (step.planned.id == STEP).then_some(moved)?
    });
    match (&request.state, done) {
        (_, Some(credits)) => Moved::Credits(credits),
        (
            State::Refused { .. }
            | State::Denied { .. }
            | State::Expired
            | State::Cancelled
            | State::Stopped { .. },
            None,
        ) => Moved::Nothing,
        // Whether a request that somebody settled has moved them is not known.
        _ => Moved::AsAsked,
    }
}

/// Whether the credits were moved since a time.
fn is_recent(events: &[read::Recorded], since: Instant) -> bool {
    let is_move =
        |event: &Event| matches!(event, Event::StepSucceeded { step, .. } if step == STEP);
    events
        .iter()
        .any(|recorded| is_move(&recorded.event) && recorded.at > since)
}

/// How many were asked for; `None` when that was erased or is not what the journal commits to.
async fn asked(
    db: &mut Connection,
    request: Uuid,
    events: &[read::Recorded],
) -> Result<Option<i64>, sqlx::Error> {
    let data = Journal::private_data_in(db, RequestId(request), events).await?;
    Ok(data
        .asking
        .and_then(|asking| asking.arguments.get(NUMBER)?.parse().ok()))
}
