//! Which erasures of an account are open: whoever blocked it lifts the block.

use super::{step, terms::Terms};
use crate::{
    domain::{Event, RequestId, request::label},
    journal::{Journal, Store, read::ReadError},
};

/// The erasure of this account that was approved and has not ended, alone or with others who came back with a backup:
/// `OPS-1042`. From its approval on, whether the account is blocked is the erasure's business alone.
pub(in crate::operations) async fn erasure_under_way(
    journal: &Journal,
    user_id: &str,
) -> Result<Option<String>, ReadError> {
    let number = sqlx::query_scalar!(
        r#"select number from countersign.request
           where operation = 'user delete' and subject = $1 and open
             and state not in ('asked', 'awaiting_approval')"#,
        user_id
    )
    .fetch_optional(&journal.pool)
    .await?;
    match number {
        Some(number) => Ok(Some(label(number))),
        None => replay_under_way(journal, user_id, uuid::Uuid::nil()).await,
    }
}

/// The replay of the erasures that was approved, has not ended, and is about this account among others. It has no subject:
/// whom it blocks is in the terms of its plan. `except` is a request that does not count.
pub(in crate::operations) async fn replay_under_way(
    journal: &Journal,
    user_id: &str,
    except: uuid::Uuid,
) -> Result<Option<String>, ReadError> {
    let open = sqlx::query!(
        r#"select id, number from countersign.request
           where operation = 'erasure replay' and open and id <> $1 and state not in ('asked', 'awaiting_approval')
           order by number"#,
        except
    )
    .fetch_all(&journal.pool)
    .await?;
    for one in open {
        let request = journal.request(RequestId(one.id)).await?;
        let terms = request.plan.and_then(|plan| Terms::of(&plan.plan));
        if terms.is_some_and(|terms| terms.accounts.contains_key(user_id)) {
            return Ok(Some(label(one.number)));
        }
    }
    Ok(None)
}

/// The deletion of this account that was asked for and has not ended, approved or not: `OPS-1042`.
pub(in crate::operations) async fn open_deletion(
    store: &Store,
    user_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    let number = sqlx::query_scalar!(
        "select number from countersign.request where operation = 'user delete' and subject = $1 and open",
        user_id
    )
    .fetch_optional(store)
    .await?;
    Ok(number.map(label))
}

/// The deletion of this account that was approved, has blocked it and has not ended: `OPS-1042`.
pub(in crate::operations) async fn deletion_that_blocked(
    journal: &Journal,
    user_id: &str,
) -> Result<Option<String>, ReadError> {
    let open = sqlx::query!(
        r#"select id, number from countersign.request
           where operation = 'user delete' and subject = $1 and open and state not in ('asked', 'awaiting_approval')"#,
        user_id
    )
    .fetch_optional(&journal.pool)
    .await?;
    let Some(open) = open else {
        return Ok(None);
    };
    let events = journal.events(RequestId(open.id)).await?;
    let has_blocked =
        |event: &Event| matches!(event, Event::StepSucceeded { step, .. } if step == step::BLOCK);
    let has_blocked = events.iter().any(|one| has_blocked(&one.event));
    Ok(has_blocked.then(|| label(open.number)))
}
