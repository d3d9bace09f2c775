//! `countersign audit verify`: is the journal what was recorded?
//!
//! Everything is read in one snapshot, page by page, so that it works on a journal of any length while the
//! service goes on appending. What verifying cannot see by itself is a database that was set back as a whole
//! to an earlier time; for that, the chain's head is posted outside the database, and given here as a witness.

mod kinds;
mod links;
mod report;
mod sealed_rows;
mod streams;
mod texts;

use super::{
    store::{Connection, Store, Whole},
    stream::Stream,
};
use crate::{
    audit_key::{AuditKey, Hash},
    domain::{Request, ServiceSettings},
};
pub use report::{Checked, Finding, Kind, MAX_LISTED, Place, Report};

/// Checks every event, every link, the head, the projections and the texts beside the chain. `witness` is a
/// position of the chain and its hash, as they were posted earlier.
///
/// # Errors
/// The store's; what is wrong with the journal is in the report.
pub async fn verify(
    pool: &Store,
    key: &AuditKey,
    witness: Option<(i64, Hash)>,
) -> Result<Report, sqlx::Error> {
    let mut tx = pool.begin_whole(Whole::Snapshot).await?;
    let report = verify_in(&mut tx, key, witness).await?;
    tx.rollback().await?;
    Ok(report)
}

/// The same, unless somebody verifies already: then `None`. One verification at a time keeps the store free for work.
pub async fn verify_alone(pool: &Store, key: &AuditKey) -> Result<Option<Report>, sqlx::Error> {
    let mut tx = pool.begin_whole(Whole::Snapshot).await?;
    if !tx.is_alone_at("verify").await? {
        return Ok(None);
    }
    let report = verify_in(&mut tx, key, None).await?;
    tx.rollback().await?;
    Ok(Some(report))
}

/// The same in the caller's transaction, which must read from one snapshot.
pub(super) async fn verify_in(
    db: &mut Connection,
    key: &AuditKey,
    witness: Option<(i64, Hash)>,
) -> Result<Report, sqlx::Error> {
    let mut report = Report::default();
    let mut orphans = links::check(db, key, witness, &mut report).await?;
    streams::check::<Request>(db, key, &mut orphans, &mut report).await?;
    streams::check::<ServiceSettings>(db, key, &mut orphans, &mut report).await?;
    for orphan in orphans {
        let place = Place {
            position: Some(orphan.position),
            ..Place::default()
        };
        report.add(Kind::EventMissing, place, "the linked event is gone");
    }
    check_kinds(db, &mut report).await?;
    texts::check_uncommitted(db, &mut report).await?;
    sealed_rows::check_all(db, key, &mut report).await?;
    Ok(report)
}

/// Events of a kind that does not exist were put there by somebody else.
async fn check_kinds(db: &mut Connection, report: &mut Report) -> sqlx::Result<()> {
    let known = [Request::KIND, ServiceSettings::KIND].map(str::to_owned);
    let unknown = sqlx::query_scalar!(
        r#"select count(*) as "unknown!" from countersign.event where kind <> all($1)"#,
        &known
    )
    .fetch_one(db)
    .await?;
    if unknown > 0 {
        let says = format!("{unknown} events are of a kind that this version does not know");
        report.add(Kind::EventUnreadable, Place::default(), says);
    }
    Ok(())
}

/// The hashes over which the next entry may be chained. After a mismatch there are two, the stored one and the
/// one that should be there, so that one changed entry does not make all later ones look changed; after a gap
/// there is none, and nothing can be said of the next entry.
#[derive(Debug, Clone)]
struct Previous(Vec<Hash>);

impl Previous {
    fn known(hash: Hash) -> Self {
        Self(vec![hash])
    }

    fn unknown() -> Self {
        Self(vec![])
    }

    /// Whether `stored` is what `chain` makes of a previous hash; goes on to the next entry.
    fn accepts(&mut self, stored: Hash, chain: impl Fn(&Hash) -> Hash) -> bool {
        let expected: Vec<Hash> = self.0.iter().map(chain).collect();
        if expected.is_empty() || expected.contains(&stored) {
            self.0 = vec![stored];
            return true;
        }
        self.0 = vec![stored, expected[0]];
        false
    }
}
