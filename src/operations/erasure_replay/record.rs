//! Everybody who was erased, as the ledger and the certificates have it.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    domain::{Instant, request::label},
    operations::{
        PlanError,
        user_delete::certificate::{FOLDER, genuine},
    },
    systems::{
        Systems,
        object_store::{ObjectKey, Prefix, StoreError},
    },
};

/// The operation whose certificates count.
const DELETION: &str = "user delete";

/// One erasure that was carried out.
#[derive(Debug, Clone)]
pub(super) struct Erased {
    /// The deletion: `OPS-1042`.
    pub deletion: String,
    pub user_id: String,
    /// The keyed identity of the address that the account had.
    pub email_identity: Option<String>,
    pub at: Instant,
}

/// What is on record.
pub(super) struct Record {
    pub erased: Vec<Erased>,
    /// Erasures that only their certificate knows of.
    pub by_certificate: usize,
    /// Documents among the certificates that are none of ours, or were changed.
    pub not_genuine: usize,
}

pub(super) async fn read(systems: &Systems, store: &PgPool) -> Result<Record, PlanError> {
    let rows = sqlx::query!(
        r#"select l.request_id, l.user_id, l.email_identity, l.erased_at as "erased_at!", r.number as "number?"
           from countersign.erasure_ledger l left join countersign.request r on r.id = l.request_id
           where l.erased_at is not null"#
    )
    .fetch_all(store)
    .await
    .map_err(|error| PlanError::Unavailable(format!("the store: {error}")))?;
    let known: BTreeSet<Uuid> = rows.iter().map(|row| row.request_id).collect();
    let mut record = Record {
        erased: rows
            .into_iter()
            .map(|row| Erased {
                deletion: row.number.map_or_else(|| row.request_id.to_string(), label),
                user_id: row.user_id,
                email_identity: row.email_identity,
                at: row.erased_at,
            })
            .collect(),
        by_certificate: 0,
        not_genuine: 0,
    };
    add_certificates(systems, &known, &mut record).await?;
    Ok(record)
}

/// Adds the erasures of certificates whose request the ledger does not know.
async fn add_certificates(
    systems: &Systems,
    known: &BTreeSet<Uuid>,
    record: &mut Record,
) -> Result<(), PlanError> {
    let folder = Prefix::own_folder(FOLDER);
    let found = systems.documents.find(&[folder], &[]).await?;
    let current = found.objects.into_iter();
    for object in current.filter(|one| one.latest && !one.delete_marker) {
        if request_of(&object.key).is_some_and(|id| known.contains(&id)) {
            continue;
        }
        let stored = match systems.documents.get(&object.key).await {
            Ok(stored) => stored.bytes,
            Err(StoreError::NoSuchKey { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        match genuine(&systems.key, &stored) {
            Some((certificate, _)) => {
                if let Some(erased) = erased(&certificate) {
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
    Some(Erased {
        deletion: text(&certificate["request"]["number"])?,
        user_id: text(&certificate["subject"]["user_id"])?,
        email_identity: text(&certificate["subject"]["email_identity"]),
        at: serde_json::from_value(certificate["issued_at"].clone()).ok()?,
    })
}
