//! Reading: events in order, verified, and the request that they fold to.
//!
//! Nothing is decided, shown or run from events that were not verified: reading checks every hash of the stream.

use sqlx::PgExecutor;
use thiserror::Error;
use uuid::Uuid;

use super::{
    Journal,
    hash::{Entry, GENESIS},
    sealed,
    store::Store,
    stream::Stream,
};
use crate::{
    audit_key::{AuditKey, Hash},
    domain::{Event, Instant, Request, RequestId, Status, fold::Misplaced},
};

#[derive(Debug, Clone)]
pub struct Recorded<E = Event> {
    /// Its place in the stream, from 1.
    pub version: i64,
    pub at: Instant,
    pub event: E,
    /// Its keyed hash.
    pub hash: Hash,
}

/// Why a request cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is no such request.
    #[error("there is no such request")]
    NotFound,
    /// Somebody without the key changed, removed or inserted an event.
    #[error(
        "event {version} is not what was recorded: the journal of this request has been changed outside Countersign; run `countersign audit verify`"
    )]
    Tampered {
        /// The first version that is wrong.
        version: i64,
    },
    /// A text that an event commits to was changed or removed by somebody without the key.
    #[error(
        "a text of this request has been changed outside Countersign; run `countersign audit verify`"
    )]
    TextChanged,
    /// An event is not what this version of the program writes.
    #[error("event {version} cannot be read: {source}")]
    Unreadable {
        version: i64,
        source: serde_json::Error,
    },
    /// The events do not follow from each other.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl Journal {
    /// All events of one request in order, verified.
    ///
    /// # Errors
    /// [`ReadError::Tampered`], [`ReadError::Unreadable`] or the store's.
    pub async fn events(&self, id: RequestId) -> Result<Vec<Recorded>, ReadError> {
        self.events_in(&self.pool, id).await
    }

    /// As [`Journal::events`], over the caller's connection.
    pub async fn events_in(
        &self,
        db: impl PgExecutor<'_>,
        id: RequestId,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.events_of::<Request>(db, id.0).await
    }

    /// All events of one stream in order, verified.
    pub(super) async fn events_of<S: Stream>(
        &self,
        db: impl PgExecutor<'_>,
        stream: Uuid,
    ) -> Result<Vec<Recorded<S::Event>>, ReadError> {
        // Looked up before the events are read: what was known then must be on record, whatever is appended meanwhile.
        let known = self.newest.of(stream);
        let rows = sqlx::query_as!(
            Row,
            r#"select e.version, e.name, e.at, e.body, e.hash, coalesce(r.version, s.version) as "shown?"
               from countersign.event e
               left join countersign.request r on r.id = e.stream
               left join countersign.service_settings s on e.kind = 'settings'
               where e.stream = $1 and e.kind = $2 order by e.version"#,
            stream,
            S::KIND
        )
        .fetch_all(db)
        .await?;
        let verified = verified::<S>(&self.key, stream, rows).and_then(|events| match known {
            Some(known) => known.must_be_among(&events).map(|()| events),
            None => Ok(events),
        });
        match &verified {
            Ok(events) => self.newest.note(stream, events),
            Err(ReadError::Tampered { version }) => {
                tracing::error!(kind = S::KIND, %stream, version, "the journal has been changed outside Countersign");
                sealed::count("event");
            }
            Err(_) => {}
        }
        verified
    }

    /// The request that its verified events fold to.
    pub async fn request(&self, id: RequestId) -> Result<Request, ReadError> {
        replay(id, &self.events(id).await?)
    }
}

/// One event as it is stored.
struct Row {
    version: i64,
    name: String,
    at: Instant,
    body: String,
    hash: Vec<u8>,
    /// The version that the stream's projection shows: no event up to it may be gone.
    shown: Option<i64>,
}

/// The events of one stream whose versions, names and hashes are what was recorded.
fn verified<S: Stream>(
    key: &AuditKey,
    stream: Uuid,
    rows: Vec<Row>,
) -> Result<Vec<Recorded<S::Event>>, ReadError> {
    let mut previous = GENESIS;
    let shown = rows.first().and_then(|row| row.shown).unwrap_or_default();
    let mut events = Vec::with_capacity(rows.len());
    for (version, row) in (1..).zip(rows) {
        let entry = Entry::new((S::KIND, stream), version, &row.name, row.at, &row.body);
        previous = key.event(&previous, &entry);
        if row.version != version || row.hash != previous {
            return Err(ReadError::Tampered { version });
        }
        let event: S::Event = serde_json::from_str(&row.body)
            .map_err(|source| ReadError::Unreadable { version, source })?;
        if S::name(&event) != row.name {
            return Err(ReadError::Tampered { version });
        }
        events.push(Recorded {
            version,
            at: row.at,
            event,
            hash: previous,
        });
    }
    let last = events.last().map_or(0, |event| event.version);
    if last < shown {
        return Err(ReadError::Tampered { version: last + 1 });
    }
    Ok(events)
}

/// Folds recorded events.
///
/// # Errors
/// [`ReadError::NotFound`] when there are none, [`ReadError::Misplaced`] when they do not follow.
pub fn replay(id: RequestId, events: &[Recorded]) -> Result<Request, ReadError> {
    folded(id.0, events)?.ok_or(ReadError::NotFound)
}

/// Folds the recorded events of any stream; `None` when there are none.
pub(super) fn folded<S: Stream>(
    stream: Uuid,
    events: &[Recorded<S::Event>],
) -> Result<Option<S>, Misplaced> {
    let mut state = None;
    for recorded in events {
        let mut next = S::fold(state.take(), stream, &recorded.event, recorded.at)?;
        *next.last_hash() = recorded.hash;
        state = Some(next);
    }
    Ok(state)
}

pub async fn by_number(pool: &Store, number: i64) -> Result<Option<RequestId>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id from countersign.request where number = $1",
        number
    )
    .fetch_optional(pool)
    .await
    .map(|id| id.map(RequestId))
}

/// The open request with a fingerprint, and its number.
pub async fn open_with_fingerprint(
    pool: &Store,
    fingerprint: &str,
) -> Result<Option<(RequestId, i64)>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, number from countersign.request where fingerprint = $1 and open",
        fingerprint
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (RequestId(row.id), row.number)))
}

/// What somebody asked for lately that is over and was carried out, or may have been: the number, its status, and
/// the arguments and the reason as JSON unless they were erased. The newest comes first.
pub async fn done_since(
    db: impl PgExecutor<'_>,
    fingerprint: &str,
    requester: &str,
    since: Instant,
) -> Result<Vec<DoneLately>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.number, r.state, p.text as asking
           from countersign.request r
           left join countersign.private_text p on p.request_id = r.id and p.kind = 'asking'
           where r.fingerprint = $1 and r.requester = $2 and r.asked_at > $3 and not r.open
             and r.state not in ('refused', 'denied', 'expired', 'cancelled', 'stopped')
           order by r.asked_at desc"#,
        fingerprint,
        requester,
        since
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DoneLately {
                number: row.number,
                status: status(&row.state)?,
                asking: row.asking,
            })
        })
        .collect()
}

/// The status of a request's row.
fn status(name: &str) -> Result<Status, sqlx::Error> {
    Status::from_name(name)
        .ok_or_else(|| sqlx::Error::Decode(format!("{name} is no state of a request").into()))
}

/// See [`done_since`].
#[derive(Debug, Clone)]
pub struct DoneLately {
    /// The number for people.
    pub number: i64,
    /// Where it stands.
    pub status: Status,
    /// The arguments and the reason, as JSON.
    pub asking: Option<String>,
}

/// The next number for people.
pub async fn next_number(db: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select nextval('countersign.request_number') as "number!""#)
        .fetch_one(db)
        .await
}

/// Whether a request has any event.
pub async fn is_on_record(pool: &Store, id: RequestId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from countersign.event where stream = $1) as "exists!""#,
        id.0
    )
    .fetch_one(pool)
    .await
}

/// The number that the projection gives a request, for a message about a request whose events cannot be read.
pub async fn number_shown(pool: &Store, id: RequestId) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!("select number from countersign.request where id = $1", id.0)
        .fetch_optional(pool)
        .await
}

/// The events of a request's newest plan, that it was planned or superseded first.
#[must_use]
pub fn current_round(events: &[Recorded]) -> &[Recorded] {
    let is_plan = |e: &Recorded| matches!(e.event, Event::Planned(_) | Event::Superseded { .. });
    &events[events.iter().rposition(is_plan).unwrap_or(0)..]
}

/// Which requests are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// Those that are not over.
    Open,
    /// Those of one Slack account, open or not.
    Of(&'a str),
    /// Those of one operation (`refund`, or all that begin with `user`), in one state, or about one of the app's user ids.
    Matching(&'a str),
    /// All.
    All,
}

/// One request in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The number for people.
    pub number: i64,
    /// As people type it: `user delete`.
    pub operation: String,
    /// Where it stands.
    pub status: Status,
    /// The Slack account that asked.
    pub requester: String,
    pub asked_at: Instant,
}

/// The newest requests, at most `most`, and how many there are. `except` is left out.
pub async fn list(
    pool: &Store,
    which: Which<'_>,
    except: RequestId,
    most: i64,
) -> Result<(Vec<Listed>, i64), sqlx::Error> {
    let open_only = which == Which::Open;
    let (of, matching) = match which {
        Which::Of(user) => (Some(user), None),
        Which::Matching(word) => (None, Some(word)),
        Which::Open | Which::All => (None, None),
    };
    let states: Vec<String> = Status::ALL
        .into_iter()
        .filter(|one| matching.is_some_and(|text| one.is_meant_by(text)))
        .map(|one| one.name().to_owned())
        .collect();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from countersign.request
           where id <> $1 and (open or not $2) and ($3::text is null or requester = $3)
             and ($4::text is null or state = any($5) or $4 in (operation, split_part(operation, ' ', 1), subject))"#,
        except.0,
        open_only,
        of,
        matching,
        &states
    )
    .fetch_one(pool)
    .await?;
    let rows = sqlx::query!(
        r#"select number, operation, state, requester, asked_at from countersign.request
           where id <> $1 and (open or not $2) and ($3::text is null or requester = $3)
             and ($4::text is null or state = any($5) or $4 in (operation, split_part(operation, ' ', 1), subject))
           order by number desc limit $6"#,
        except.0,
        open_only,
        of,
        matching,
        &states,
        most
    )
    .fetch_all(pool)
    .await?;
    let listed = rows.into_iter().map(|row| {
        Ok(Listed {
            number: row.number,
            operation: row.operation,
            status: status(&row.state)?,
            requester: row.requester,
            asked_at: row.asked_at,
        })
    });
    Ok((listed.collect::<Result<_, sqlx::Error>>()?, total))
}
