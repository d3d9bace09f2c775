//! The global chain. A sealer links committed events in batches; one replica at a time, while the others go
//! on appending. Between commit and seal an event is covered by its stream's own chain.

use std::{collections::BTreeSet, fmt, str::FromStr};

use sqlx::PgExecutor;
use thiserror::Error;

use super::{
    hash::{Entry, GENESIS, checked_hash, stored},
    sealed,
    store::{Connection, Store},
};
use crate::audit_key::{AuditKey, Hash};

/// Most events linked in one transaction.
const BATCH: i64 = 2_000;

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many events are linked.
    pub position: i64,
    /// The hash of the last link.
    pub hash: Hash,
}

/// `position:hash`, as it is posted outside the database and given to `countersign audit verify` again.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, hex::encode(self.hash))
    }
}

/// A witness that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "a witness is a position, a colon and 64 hexadecimal digits, as the audit channel shows it"
)]
pub struct NotAWitness;

impl FromStr for Head {
    type Err = NotAWitness;

    fn from_str(text: &str) -> Result<Self, NotAWitness> {
        let (position, hash) = text.trim().split_once(':').ok_or(NotAWitness)?;
        let position = position.parse().map_err(|_| NotAWitness)?;
        let hash = hex::decode(hash).map_err(|_| NotAWitness)?;
        let hash = stored(&hash).ok_or(NotAWitness)?;
        Ok(Self { position, hash })
    }
}

/// Why nothing was sealed.
#[derive(Debug, Error)]
pub enum SealError {
    /// The stored head was changed by somebody without the key.
    #[error("the head of the chain was tampered with: run `countersign audit verify`")]
    Tampered,
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// Links everything that waits. Gives the number of events linked; 0 when nothing waits or another replica
/// is at it.
///
/// # Errors
/// [`SealError`]; then nothing was linked.
pub async fn seal(pool: &Store, key: &AuditKey) -> Result<u64, SealError> {
    let mut linked = 0;
    loop {
        let batch = seal_batch(pool, key).await?;
        linked += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(linked);
        }
    }
}

async fn seal_batch(pool: &Store, key: &AuditKey) -> Result<u64, SealError> {
    let mut tx = pool.begin().await?;
    let head = sqlx::query!(
        "select position, hash, mac from countersign.chain_head for update skip locked"
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(head) = head else {
        return Ok(0);
    };
    let mut head = checked_head(key, head.position, &head.hash, &head.mac)?;
    let waiting = take_pending(&mut tx, key).await?;
    if waiting.taken == 0 {
        return Ok(0);
    }
    let (taken, waiting) = (waiting.taken as u64, waiting.genuine);
    let mut positions = Vec::with_capacity(waiting.len());
    let mut hashes = Vec::with_capacity(waiting.len());
    for (_, event) in &waiting {
        let position = head.position + 1;
        head = Head {
            position,
            hash: key.link(&head.hash, position, event),
        };
        positions.push(position);
        hashes.push(head.hash.to_vec());
    }
    let (seqs, events): (Vec<i64>, Vec<Vec<u8>>) = waiting
        .into_iter()
        .map(|(seq, hash)| (seq, hash.to_vec()))
        .unzip();
    sqlx::query!(
        r#"insert into countersign.chain (position, event_seq, event_hash, hash)
           select * from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])"#,
        &positions,
        &seqs,
        &events,
        &hashes
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update countersign.chain_head set position = $1, hash = $2, mac = $3",
        head.position,
        &head.hash,
        &key.head(head.position, &head.hash)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(taken)
}

/// Events that waited to be linked.
struct Pending {
    taken: usize,
    /// In the order of their commits, those whose hash is right.
    genuine: Vec<(i64, Hash)>,
}

/// Takes what waits. An event whose hash does not follow from the one before it was put there or changed without the key: it
/// goes on waiting, with what came after it in its stream, and verifying names it. One that is linked already was noted
/// again by somebody else, and stays as it is.
async fn take_pending(tx: &mut Connection, key: &AuditKey) -> Result<Pending, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select e.seq, e.kind, e.stream, e.version, e.name, e.at, e.body, e.hash, before.hash as "before?",
                  c.position as "linked?"
           from countersign.chain_pending p
               join countersign.event e on e.seq = p.event_seq
               left join countersign.event before on before.stream = e.stream and before.version = e.version - 1
               left join countersign.chain c on c.event_seq = e.seq
           order by e.seq limit $1"#,
        BATCH
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut taken = Vec::with_capacity(rows.len());
    let mut genuine = Vec::with_capacity(rows.len());
    let mut held = BTreeSet::new();
    for row in rows {
        if row.linked.is_some() {
            sealed::report("chain_pending");
            taken.push(row.seq);
            continue;
        }
        let stream = (row.kind.as_str(), row.stream);
        let entry = Entry::new(stream, row.version, &row.name, row.at, &row.body);
        let hash = checked_hash(key, &entry, row.before.as_deref(), &row.hash);
        match hash.filter(|_| !held.contains(&row.stream)) {
            Some(hash) => {
                taken.push(row.seq);
                genuine.push((row.seq, hash));
            }
            None => {
                if held.insert(row.stream) {
                    sealed::report("event");
                }
            }
        }
    }
    sqlx::query!(
        "delete from countersign.chain_pending where event_seq = any($1)",
        &taken
    )
    .execute(tx)
    .await?;
    Ok(Pending {
        taken: taken.len(),
        genuine,
    })
}

/// Puts the empty chain's head in place, once.
pub async fn ensure_head(db: impl PgExecutor<'_>, key: &AuditKey) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.chain_head (position, hash, mac)
           select 0, $1, $2 where not exists (select from countersign.chain)
           on conflict do nothing"#,
        &GENESIS,
        &key.head(0, &GENESIS)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The head as it is stored.
///
/// # Errors
/// [`SealError::Tampered`] when there is none or its seal is wrong.
pub async fn head(pool: &Store, key: &AuditKey) -> Result<Head, SealError> {
    let row = sqlx::query!("select position, hash, mac from countersign.chain_head")
        .fetch_optional(pool)
        .await?
        .ok_or(SealError::Tampered)?;
    checked_head(key, row.position, &row.hash, &row.mac)
}

/// The head as it is stored, when its seal is right.
pub(super) fn checked_head(
    key: &AuditKey,
    position: i64,
    hash: &[u8],
    mac: &[u8],
) -> Result<Head, SealError> {
    let hash = stored(hash).ok_or(SealError::Tampered)?;
    if key.head(position, &hash).as_slice() != mac {
        return Err(SealError::Tampered);
    }
    Ok(Head { position, hash })
}
