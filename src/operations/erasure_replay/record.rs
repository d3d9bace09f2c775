//! Everybody who was erased, as the ledger and the certificates have it.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use crate::{
    domain::{Instant, request::label},
    journal::{
        Journal,
        sealed::{ErasureEntry, Sealed},
    },
    operations::{
        PlanError,
        erasure::{
            DELETION,
            certificate::{FOLDER, genuine},
        },
    },
    systems::{
        Systems,
        object_store::{ObjectKey, Prefix, StoreError},
    },
};

/// One erasure that was carried out.
#[derive(Debug, Clone)]
pub(super) struct Erased {
    /// The deletion: `OPS-1042`.
    pub deletion: String,
    pub user_id: String,
    /// The keyed identity of the address that the account had.
    pub email_identity: Option<String>,
    /// The earliest time at which the rows can have gone. What was made later is not the erased person's.
    pub at: Instant,
}

#[derive(Default)]
pub(super) struct Record {
    pub erased: Vec<Erased>,
    /// Erasures that were begun and settled. Their rows may have gone, and nothing says whether they did; `at` is when
    /// they were begun.
    pub in_doubt: Vec<Erased>,
    /// Erasures that only their certificate knows of.
    pub by_certificate: usize,
    /// Certificates that were looked at and bear our signature.
    pub genuine: usize,
    /// Documents among the certificates that are none of ours, or were changed.
    pub not_genuine: usize,
}

pub(super) async fn read(systems: &Systems, journal: &Journal) -> Result<Record, PlanError> {
    let rows = sqlx::query!(
        r#"select l.request_id, l.user_id, l.email_identity, coalesce(l.begun_at, l.erased_at) as "at!", l.mac, r.number as "number?"
           from countersign.erasure_ledger l left join countersign.request r on r.id = l.request_id
           where l.erased_at is not null"#
    )
    .fetch_all(&journal.pool)
    .await?;
    let known: BTreeSet<Uuid> = rows.iter().map(|row| row.request_id).collect();
    let mut record = Record {
        in_doubt: in_doubt(journal).await?,
        ..Record::default()
    };
    for row in rows {
        let deletion = row.number.map_or_else(|| row.request_id.to_string(), label);
        let entry = entry(row.request_id, row.user_id, row.email_identity);
        let entry = genuine_entry(journal, entry, row.mac)?;
        record.erased.push(Erased {
            deletion,
            user_id: entry.user_id,
            email_identity: entry.email_identity,
            at: row.at,
        });
    }
    add_certificates(systems, &known, &mut record).await?;
    Ok(record)
}

fn entry(request_id: Uuid, user_id: String, email_identity: Option<String>) -> ErasureEntry {
    ErasureEntry {
        request_id,
        user_id,
        email_identity,
    }
}

/// Nobody is erased because of a ledger that somebody else wrote in.
fn genuine_entry(
    journal: &Journal,
    row: ErasureEntry,
    mac: Vec<u8>,
) -> Result<ErasureEntry, PlanError> {
    let genuine = Sealed { row, mac }.open(&journal.key);
    genuine.ok_or_else(|| {
        let says = "the ledger of erasures has been changed outside Countersign: run `countersign audit verify`";
        PlanError::Refused(vec![says.to_owned()])
    })
}

async fn in_doubt(journal: &Journal) -> Result<Vec<Erased>, PlanError> {
    let rows = sqlx::query!(
        r#"select l.request_id as "request_id!", l.user_id as "user_id!", l.email_identity, l.begun_at as "begun_at!",
                  l.mac as "mac!", r.number as "number?"
           from countersign.erasure_ledger l left join countersign.request r on r.id = l.request_id
           where l.erased_at is null and l.begun_at is not null and r.open is not true"#
    )
    .fetch_all(&journal.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let deletion = row.number.map_or_else(|| row.request_id.to_string(), label);
            let entry = entry(row.request_id, row.user_id, row.email_identity);
            let entry = genuine_entry(journal, entry, row.mac)?;
            Ok(Erased {
                deletion,
                user_id: entry.user_id,
                email_identity: entry.email_identity,
                at: row.begun_at,
            })
        })
        .collect()
}

/// Adds the erasures of certificates whose request the ledger does not know. Of the others one is looked at, which tells
/// whether the key is still the one that they were signed with.
async fn add_certificates(
    systems: &Systems,
    known: &BTreeSet<Uuid>,
    record: &mut Record,
) -> Result<(), PlanError> {
    let folder = Prefix::own_folder(FOLDER);
    let found = systems.documents.find(&[folder], &[]).await?;
    let current = found.objects.into_iter();
    let mut is_key_tried = false;
    for object in current.filter(|one| one.latest && !one.delete_marker) {
        let is_known = request_of(&object.key).is_some_and(|id| known.contains(&id));
        if is_known && is_key_tried {
            continue;
        }
        let stored = match systems.documents.get(&object.key).await {
            Ok(stored) => stored.bytes,
            Err(StoreError::NoSuchKey { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        is_key_tried |= is_known;
        match genuine(&systems.key, &stored) {
            Some((certificate, _)) => {
                record.genuine += 1;
                if let Some(erased) = erased(&certificate).filter(|_| !is_known) {
                    record.by_certificate += 1;
                    record.erased.push(erased);
                }
            }
            None => record.not_genuine += 1,
        }
    }
    Ok(())
}

/// The request that a certificate's name ends with.
fn request_of(key: &ObjectKey) -> Option<Uuid> {
    let name = key.as_str().strip_suffix(".json")?;
    name.get(name.len().checked_sub(36)?..)?.parse().ok()
}

/// What a certificate says of a deletion; `None` for certificates of anything else.
fn erased(certificate: &Value) -> Option<Erased> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if certificate["certificate_of"] != DELETION {
        return None;
    }
    // A certificate is issued after the rows went, sometimes long after. Old ones do not say when they went.
    let at = match &certificate["erased_at"] {
        Value::Null => &certificate["issued_at"],
        at => at,
    };
    Some(Erased {
        deletion: text(&certificate["request"]["number"])?,
        user_id: text(&certificate["subject"]["user_id"])?,
        email_identity: text(&certificate["subject"]["email_identity"]),
        at: serde_json::from_value(at.clone()).ok()?,
    })
}
