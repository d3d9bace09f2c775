//! The texts beside the chain, held against the commitments in it.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Kind, MAX_LISTED, Place, Report};
use crate::{
    domain::digest::{Commitment, commit},
    journal::store::Connection,
};

/// A commitment and the event that holds it.
#[derive(Debug)]
pub(super) struct Committed {
    pub(super) commitment: Commitment,
    pub(super) place: Place,
}

/// Checks the texts of some events. An erased text cannot be checked; that it may be erased is the point.
pub(super) async fn check(
    db: &mut Connection,
    all: &[Committed],
    report: &mut Report,
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = all.iter().map(|it| it.commitment.id).collect();
    let rows = sqlx::query!(
        "select id, request_id, salt, text, erased_at from countersign.private_text where id = any($1)",
        &ids
    )
    .fetch_all(db)
    .await?;
    let rows: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    for Committed { commitment, place } in all {
        let row = rows.get(&commitment.id);
        match row.filter(|row| Some(row.request_id) == place.request) {
            None => {
                let says = "the text that the event commits to is gone";
                report.add(Kind::TextMissing, *place, says);
            }
            Some(row) => match &row.text {
                None => report.checked.erased += 1,
                Some(text) => {
                    report.checked.texts += 1;
                    if commit(&row.salt, text) != commitment.sha256 {
                        let says = "the text is not the one that the event commits to";
                        report.add(Kind::TextChanged, *place, says);
                    }
                }
            },
        }
    }
    Ok(())
}

/// Looks for texts that no event commits to: they were put there by somebody else.
pub(super) async fn check_uncommitted(
    db: &mut Connection,
    report: &mut Report,
) -> sqlx::Result<()> {
    let limit = i64::try_from(MAX_LISTED).unwrap_or(i64::MAX);
    let rows = sqlx::query!(
        r#"select p.id, p.request_id, r.number as "number?" from countersign.private_text p
           left join countersign.request r on r.id = p.request_id
           where not exists (select from countersign.event e
                             where e.stream = p.request_id and strpos(e.body, p.id::text) > 0)
           order by p.id limit $1"#,
        limit
    )
    .fetch_all(db)
    .await?;
    for row in rows {
        let place = Place {
            request: Some(row.request_id),
            number: row.number,
            ..Place::default()
        };
        let says = format!("no event commits to the text {}", row.id);
        report.add(Kind::TextUncommitted, place, says);
    }
    Ok(())
}
