//! `countersign audit rebuild`: the projections made anew from the events.

use thiserror::Error;

use super::{
    RecordError,
    projection::{self, Parties},
    settings,
    store::{Connection, Store, Whole},
    stream::Stream,
    verify::{Report, verify_in},
    walk,
};
use crate::{
    audit_key::AuditKey,
    domain::{
        Event, Instant, Request, RequestId, ServiceSettings,
        fold::{self, Misplaced},
    },
};

/// Why nothing was rebuilt.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// The events are not what was recorded. Rebuilding would wipe out the traces.
    #[error("the journal does not verify, so nothing was rebuilt\n{0}")]
    Unsound(Box<Report>),
    /// An event cannot be read.
    #[error("an event cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// An event does not follow.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
    /// A row could not be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// Makes `countersign.request`, `countersign.party` and `countersign.service_settings` anew from the events, in one transaction; appends
/// wait until it is done. What Slack has been told of stays told, unless the row was out of date. Gives the number
/// of requests.
///
/// # Errors
/// [`RebuildError`]; then everything is as it was.
pub async fn rebuild(pool: &Store, key: &AuditKey) -> Result<u64, RebuildError> {
    let mut tx = pool.begin_whole(Whole::SnapshotToChange).await?;
    // In the order in which appends take them, and before the transaction's snapshot is taken.
    sqlx::query!("lock table countersign.event in share mode")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("lock table countersign.request, countersign.party, countersign.service_settings in share row exclusive mode")
        .execute(&mut *tx)
        .await?;
    let report = verify_in(&mut tx, key, None).await?;
    if !report.events_are_sound() {
        return Err(RebuildError::Unsound(Box::new(report)));
    }
    let delivered = sqlx::query!(
        "select id, version from countersign.request where not undelivered order by id"
    )
    .fetch_all(&mut *tx)
    .await?;
    let (ids, versions): (Vec<_>, Vec<_>) =
        delivered.into_iter().map(|it| (it.id, it.version)).unzip();
    sqlx::query!("delete from countersign.party")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from countersign.request")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from countersign.service_settings")
        .execute(&mut *tx)
        .await?;
    let requests = write_requests(&mut tx).await?;
    write_settings(&mut tx).await?;
    sqlx::query!(
        r#"update countersign.request r set undelivered = false
           from unnest($1::uuid[], $2::bigint[]) as told(id, version)
           where r.id = told.id and r.version = told.version"#,
        &ids,
        &versions
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(requests)
}

/// One request, folded as far as the walk has come.
struct Folded {
    request: Request,
    parties: Parties,
    at: Instant,
}

async fn write_requests(db: &mut Connection) -> Result<u64, RebuildError> {
    let mut place = walk::Place::START;
    let mut current: Option<Folded> = None;
    let mut written = 0;
    loop {
        let rows = walk::page(db, Request::KIND, &mut place).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let event: Event = serde_json::from_str(&row.body).map_err(RebuildError::Unreadable)?;
            let (request, mut parties) = match (current.take(), &event) {
                (Some(it), event) if it.request.id.0 == row.stream => {
                    (fold::fold(it.request, event, row.at)?, it.parties)
                }
                (done, Event::Asked(asked)) => {
                    written += write(db, done).await?;
                    let request = fold::open(RequestId(row.stream), asked, row.at);
                    (request, Parties::default())
                }
                _ => return Err(RecordError::Empty.into()),
            };
            parties.note(&request, &event);
            let at = row.at;
            current = Some(Folded {
                request,
                parties,
                at,
            });
        }
    }
    Ok(written + write(db, current).await?)
}

async fn write_settings(db: &mut Connection) -> Result<(), RebuildError> {
    let mut place = walk::Place::START;
    let mut current = None;
    loop {
        let rows = walk::page(db, ServiceSettings::KIND, &mut place).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let event = serde_json::from_str(&row.body).map_err(RebuildError::Unreadable)?;
            let before = current.take().map(|(settings, _)| settings);
            current = Some((Stream::fold(before, row.stream, &event, row.at)?, row.at));
        }
    }
    if let Some((settings, at)) = current {
        settings::project(db, &settings, at).await?;
    }
    Ok(())
}

async fn write(db: &mut Connection, folded: Option<Folded>) -> Result<u64, RecordError> {
    match folded {
        None => Ok(0),
        Some(it) => {
            projection::write(db, &it.request, &it.parties, it.at).await?;
            Ok(1)
        }
    }
}
