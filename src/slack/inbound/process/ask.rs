//! Somebody asks for an operation.

use super::{Claimed, ProcessError, Processor};
use crate::{
    config::limits,
    domain::{
        Event, Person, Refusal, RequestId,
        approval::has_role,
        event::{Asking, TRIED_TO_ASK},
        request,
    },
    journal::{
        Connection, RecordError,
        append::Batch,
        read::{self, DoneLately},
        sealed,
    },
    operations::{Declaration, Operation, catalogue},
    slack::{cards, directory::Freshness},
};

impl Processor {
    pub(super) async fn ask(
        &self,
        claimed: &Claimed,
        name: &str,
        asking: &Asking,
    ) -> Result<(), ProcessError> {
        let Some(operation) = catalogue::find(name) else {
            let says = format!("this version does not know `{name}`");
            return self.just_answer(claimed, cards::reply_error(&says)).await;
        };
        let declaration = operation.declaration();
        let people = self.people();
        let role = declaration.risk.role_to_ask();
        let user = &claimed.entry.user;
        let mut person = people.person(user, Freshness::Cached).await?;
        // Facts that were read a while ago may let somebody ask, who is looked at again before the run. They refuse nobody.
        if has_role(&person, role).is_err() {
            person = people.person(user, Freshness::Now).await?;
        }
        let refusal = has_role(&person, role).err();
        let opened = self
            .open(
                claimed,
                operation.as_ref(),
                asking,
                &person,
                refusal.as_ref(),
            )
            .await;
        match opened {
            Err(ProcessError::Record(RecordError::AlreadyOpen)) => {
                self.point_to_open(claimed, declaration, asking).await
            }
            outcome => outcome,
        }
    }

    /// Puts the asking on record. Whoever may not ask is on record as well, with a request that ends at once.
    async fn open(
        &self,
        claimed: &Claimed,
        operation: &dyn Operation,
        asking: &Asking,
        person: &Person,
        refusal: Option<&Refusal>,
    ) -> Result<(), ProcessError> {
        let declaration = operation.declaration();
        let user = Some(claimed.entry.user.as_str());
        let fingerprint = declaration.fingerprint(&self.journal.key, asking, user);
        let now = self.clock.now();
        let id = self
            .journal
            .key
            .request_id(&claimed.dedupe_key, claimed.received_at);
        let id = RequestId(id);
        // A copy of an entry that was processed before: what it asked for is on record, and nothing follows from it again.
        if read::is_on_record(&self.journal.pool, id).await? {
            return self.end_processed(claimed, id).await;
        }
        let frozen = declaration.waits_when_frozen() && self.journal.is_frozen().await?;
        let mut tx = self.journal.pool.begin().await?;
        if refusal.is_none() && !operation.may_repeat() {
            let done = done_lately(&mut tx, claimed, asking, &fingerprint).await?;
            if let Some(done) = done {
                let card = cards::reply_repeated(&request::label(done.number), done.status.word());
                if self.finish(&mut tx, claimed, Some(card), now).await? {
                    tx.commit().await?;
                }
                return Ok(());
            }
        }
        let number = read::next_number(&mut *tx).await?;
        let by = person.party().into();
        let (asked, private_text) = declaration.asked(number, by, asking, fingerprint);
        let mut events = vec![asked];
        events.extend(refusal.into_iter().flat_map(|why| refused(person, why)));
        let batch = Batch {
            before: None,
            id,
            events: &events,
            private_data: &[private_text],
            at: now,
            fence: None,
        };
        self.journal.record_in(&mut tx, batch).await?;
        let label = request::label(number);
        let answer = match refusal {
            Some(refusal) => {
                tracing::warn!(request = label, user = %person.slack_id, %refusal, "asking was refused");
                cards::reply_refused(refusal, &format!("{label} {}", declaration.title))
            }
            None => cards::reply_asked(&label, declaration.title, declaration.risk, frozen),
        };
        if self.finish(&mut tx, claimed, Some(answer), now).await? {
            tx.commit().await.map_err(RecordError::from)?;
        }
        Ok(())
    }

    /// Ends an entry whose request is on record. Another worker that was quicker has ended it in that transaction; one that is
    /// still open was put back by somebody.
    async fn end_processed(&self, claimed: &Claimed, id: RequestId) -> Result<(), ProcessError> {
        let mut tx = self.journal.pool.begin().await?;
        if self
            .finish(&mut tx, claimed, None, self.clock.now())
            .await?
        {
            tx.commit().await?;
            tracing::error!(request = %id, "an entry of the inbox was put back after it had been processed: it has no effect");
            sealed::report("inbox");
        }
        Ok(())
    }

    /// The same question is open: whoever asks again is pointed to it. When it was closed a moment ago, it
    /// is asked again.
    async fn point_to_open(
        &self,
        claimed: &Claimed,
        declaration: &Declaration,
        asking: &Asking,
    ) -> Result<(), ProcessError> {
        let user = Some(claimed.entry.user.as_str());
        let fingerprint = declaration.fingerprint(&self.journal.key, asking, user);
        let open = read::open_with_fingerprint(&self.journal.pool, &fingerprint).await?;
        let Some((_, number)) = open else {
            return Err(RecordError::Conflict.into());
        };
        let card = cards::reply_existing(&request::label(number), None);
        self.just_answer(claimed, card).await
    }
}

/// What the same person asked for in the same words a moment ago and has had: Slack may have told them that it failed, or
/// they pressed twice. Whatever ended without an effect may be asked again at once.
async fn done_lately(
    tx: &mut Connection,
    claimed: &Claimed,
    asking: &Asking,
    fingerprint: &str,
) -> Result<Option<DoneLately>, sqlx::Error> {
    // Another worker may be at the same question: what it writes down has to be seen here.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(fingerprint)
        .execute(&mut *tx)
        .await?;
    let within = chrono::Duration::from_std(limits::REPEATED).unwrap_or_default();
    let since = claimed.received_at - within;
    let done = read::done_since(&mut *tx, fingerprint, &claimed.entry.user, since).await?;
    Ok(done.into_iter().find(|done| has_same_reason(done, asking)))
}

/// What was erased may have been the same.
fn has_same_reason(done: &DoneLately, asking: &Asking) -> bool {
    let earlier = done.asking.as_deref();
    let earlier = earlier.and_then(|text| serde_json::from_str::<Asking>(text).ok());
    earlier.is_none_or(|earlier| earlier.reason == asking.reason)
}

/// What follows when somebody may not ask.
fn refused(person: &Person, refusal: &Refusal) -> [Event; 2] {
    let why = refusal.to_string();
    [
        Event::AttemptRefused {
            by: person.party(),
            tried: TRIED_TO_ASK.to_owned(),
            code: refusal.code().to_owned(),
            why: why.clone(),
        },
        Event::Refused {
            blockers: vec![why],
            test_mode: false,
        },
    ]
}
