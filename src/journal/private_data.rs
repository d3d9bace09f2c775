//! The texts beside the chain: written with their commitments, read for cards, erased with the person.

use std::collections::BTreeMap;

use sqlx::PgExecutor;
use uuid::Uuid;

use super::{
    Journal, ReadError, RecordError, Recorded, sealed,
    store::{Connection, Store, Whole},
};
use crate::{
    domain::{
        Instant, RequestId,
        digest::commit,
        private_data::{Kind, PrivateData, PrivateText},
    },
    runtime,
};

/// A new text, with an id and a salt of its own.
#[must_use]
pub fn new(kind: Kind, text: String) -> PrivateText {
    PrivateText {
        id: runtime::new_id(),
        kind,
        salt: runtime::random_bytes(),
        text: Some(text),
    }
}

pub(super) async fn insert(
    db: &mut Connection,
    request_id: Uuid,
    private_data: &[PrivateText],
) -> Result<(), RecordError> {
    for text in private_data {
        sqlx::query!(
            "insert into countersign.private_text (id, request_id, kind, salt, text) values ($1, $2, $3, $4, $5)",
            text.id,
            request_id,
            word(text.kind),
            &text.salt,
            text.text,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

impl Journal {
    /// Everything that people may read beside one request's events.
    pub async fn private_data(&self, id: RequestId) -> Result<PrivateData, ReadError> {
        let events = self.events(id).await?;
        Ok(self.private_data_of(id, &events).await?)
    }

    /// The same, where the events are at hand. Only texts that one of them commits to are given.
    pub async fn private_data_of(
        &self,
        id: RequestId,
        events: &[Recorded],
    ) -> Result<PrivateData, sqlx::Error> {
        Self::private_data_in(&self.pool, id, events).await
    }

    /// As [`Journal::private_data_of`], over the caller's connection.
    pub async fn private_data_in(
        db: impl PgExecutor<'_>,
        id: RequestId,
        events: &[Recorded],
    ) -> Result<PrivateData, sqlx::Error> {
        let rows = sqlx::query!(
            "select id, kind, salt, text from countersign.private_text where request_id = $1 order by id",
            id.0
        )
        .fetch_all(db)
        .await?;
        let mut committed: BTreeMap<Uuid, &str> = events
            .iter()
            .flat_map(|recorded| recorded.event.commitments())
            .map(|commitment| (commitment.id, commitment.sha256.as_str()))
            .collect();
        let mut all = PrivateData::default();
        for row in rows {
            let sha256 = committed.remove(&row.id);
            let Some(text) = row.text else {
                all.erased = true;
                continue;
            };
            match sha256 {
                Some(sha256) if sha256 == commit(&row.salt, &text) => {
                    add(&mut all, row.id, &row.kind, row.salt, text);
                }
                // Events that came since these were read may commit to it.
                None => {}
                Some(_) => all.changed = true,
            }
        }
        all.changed |= !committed.is_empty();
        if all.changed {
            sealed::report("private_text");
        }
        Ok(all)
    }
}

fn add(all: &mut PrivateData, id: Uuid, kind: &str, salt: Vec<u8>, text: String) {
    match kind {
        "term" => {
            // A salt of another length is none of ours: the text is then not what the plan commits to.
            let term = PrivateText {
                id,
                kind: Kind::Term,
                salt: salt.try_into().unwrap_or_default(),
                text: Some(text),
            };
            all.terms.insert(id, term);
        }
        "asking" => all.asking = serde_json::from_str(&text).ok(),
        "label" => all.label = Some(text),
        "answer" => {
            if let Ok(answer) = serde_json::from_str(&text) {
                all.answers.insert(id, answer);
            }
        }
        _ => {
            all.notes.insert(id, text);
        }
    }
}

/// Erases what is written beside all requests about one of the application's users, and has their cards
/// redrawn without it. Requests that never found an account are about whom they name: by id or by the address,
/// in any letter case, or, once they are closed, by the address in the reason. Answers that offer something about the account are about it too. The salt goes as well, so that nobody can try guesses against the commitment. The chain
/// holds commitments only and still verifies. Gives the number of requests.
///
/// # Errors
/// The store's; then nothing is erased.
pub async fn erase_subject(
    pool: &Store,
    user_id: &str,
    email: Option<&str>,
    now: Instant,
) -> Result<usize, sqlx::Error> {
    // All texts are looked through, which takes long in an old journal.
    let mut tx = pool.begin_whole(Whole::Current).await?;
    let requests = about(&mut tx, user_id, email).await?;
    sqlx::query!(
        r#"update countersign.private_text set text = null, salt = '', erased_at = $2
           where request_id = any($1) and text is not null"#,
        &requests,
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update countersign.request set undelivered = true where id = any($1)",
        &requests
    )
    .execute(&mut *tx)
    .await?;
    // A message that is current is redrawn all the same, and so is one that is being sent right now, drawn before.
    sqlx::query!(
        r#"update countersign.message
           set generation = generation + 1, undeliverable = null,
               wanted_since = case when shown = wanted and shown_generation = generation then $2 else wanted_since end
           where request_id = any($1)"#,
        &requests,
        now
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(requests.len())
}

/// Erases answers to requests that ended before a time. The messages stay as they are.
pub async fn erase_answers(store: &Store, before: Instant) -> Result<(), sqlx::Error> {
    let answers = "update countersign.private_text set text = null, salt = '', erased_at = now()
        where id in (select p.id from countersign.private_text p join countersign.request r on r.id = p.request_id
                     where p.kind = 'answer' and p.text is not null and not r.open and not r.undelivered
                       and r.updated_at < $1 limit $2)";
    store.in_batches(answers, before).await
}

/// Erases the texts of requests that ended before a time and whose plan is about a private term, as an IP address. Such a request
/// has no account of the app as its subject, with whom its texts would be erased.
pub async fn erase_named(store: &Store, before: Instant) -> Result<(), sqlx::Error> {
    let named = "update countersign.private_text set text = null, salt = '', erased_at = now()
        where id in (select p.id from countersign.private_text p join countersign.request r on r.id = p.request_id
                     where p.text is not null and not r.open and not r.undelivered and r.updated_at < $1
                       and p.request_id in (select request_id from countersign.private_text
                                            where kind = 'term' and text is not null)
                     order by p.kind = 'term' limit $2)";
    store.in_batches(named, before).await
}

/// The requests about a user.
async fn about(
    db: &mut Connection,
    user_id: &str,
    email: Option<&str>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select r.id from countersign.request r
           where r.subject = $1
              or exists (
                   select from countersign.private_text p
                   where p.request_id = r.id and p.kind = 'answer'
                     and position('"user":' || to_json($1::text)::text in p.text) > 0)
              or r.subject is null and exists (
                   select from countersign.private_text p
                   where p.request_id = r.id
                     and lower(case when p.kind = 'asking' then p.text::jsonb #>> '{arguments,user}' end)
                         in (lower($1), lower($2)))
              or r.subject is null and not r.open and exists (
                   select from countersign.private_text p
                   where p.request_id = r.id
                     and lower(case when p.kind = 'asking' then p.text::jsonb ->> 'reason' end)
                         ~ ('(^|[^[:alnum:].@_+%!#$&*/=?^{|}~-])\.*'
                            || regexp_replace(lower($2), '([].*+?^$(){}|\\[])', '\\\1', 'g')
                            || '\.*($|[^[:alnum:].@_+%-])'))"#,
        user_id,
        email
    )
    .fetch_all(db)
    .await
}

/// The word under which a kind is stored.
#[must_use]
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Asking => "asking",
        Kind::Label => "label",
        Kind::Note => "note",
        Kind::Answer => "answer",
        Kind::Term => "term",
    }
}
