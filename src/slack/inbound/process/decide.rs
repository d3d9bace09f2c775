//! Somebody decides about a request. Every click is authorised afresh; the button carried no authority.

use super::{Claimed, ProcessError, Processor, open::Button};
use crate::{
    domain::{
        Command, Event, Instant, Person, Refusal, Request, RequestId,
        decide::decide,
        digest::canonical_json,
        private_data::{Kind, PrivateText},
        request::label,
    },
    journal::{ReadError, RecordError, Recorded, append::Batch, private_data, read},
    slack::{
        cards,
        directory::Freshness,
        inbound::inbox::Decision,
        people::{Memory, People, PeopleError},
    },
};

/// The same refusal of the same person on the same request is on record once within this time.
const SAME_REFUSAL: chrono::Duration = chrono::Duration::minutes(1);

impl Processor {
    pub(super) async fn decide(
        &self,
        claimed: &Claimed,
        id: RequestId,
        decision: &Decision,
        nonce: Option<&str>,
    ) -> Result<(), ProcessError> {
        let people = self.people();
        let person = people.person(&claimed.entry.user, Freshness::Fresh).await?;
        let read = self.journal.events(id).await;
        let read = read.and_then(|events| Ok((read::replay(id, &events)?, events)));
        let (request, events) = match read {
            Ok(read) => read,
            Err(ReadError::NotFound) => {
                let card = cards::reply_error("there is no such request any more");
                return self.just_answer(claimed, card).await;
            }
            Err(ReadError::Tampered { .. }) => return self.answer_tampered(claimed, id).await,
            // Trying again would hold up whatever else this person does.
            Err(error @ (ReadError::Unreadable { .. } | ReadError::Misplaced(_))) => {
                tracing::error!(request = %id, %error, "a decision about a request that cannot be read has no effect");
                let says = "this version of Countersign cannot read that request, so nothing was done: try again after the update";
                return self.just_answer(claimed, cards::reply_error(says)).await;
            }
            Err(error) => return Err(error.into()),
        };
        if let Decision::Open {
            dialog,
            plan,
            shown,
        } = decision
        {
            let button = Button {
                dialog: *dialog,
                plan: *plan,
                nonce,
            };
            return self
                .dialog_asked(claimed, request, &person, &button, *shown)
                .await;
        }
        let judged = match judged(people, &person, &request, decision).await {
            Err(PeopleError::Changed) => {
                let says = "events of the journal have been changed outside Countersign, so it is not certain who is the same person, and nothing can be approved: run `countersign audit verify`";
                return self.just_answer(claimed, cards::reply_error(says)).await;
            }
            Err(PeopleError::Unreadable) => {
                let says = "this version of Countersign cannot read all events of the journal, so nothing was done: try again after the update";
                return self.just_answer(claimed, cards::reply_error(says)).await;
            }
            judged => judged?,
        };
        let Some((command, private_data)) = command(&judged, decision, claimed.received_at) else {
            return self.end(claimed, None).await;
        };
        let refusal = match decide(&request, &command, self.clock.now()) {
            Err(refusal) => refusal,
            Ok(_) if !is_up_to_date(&request, &events, claimed, decision, nonce) => {
                Refusal::OutOfDate
            }
            Ok(events) => {
                match self
                    .accept(claimed, request.clone(), &events, &private_data)
                    .await
                {
                    Err(ProcessError::Record(RecordError::SameHuman)) => Refusal::AlreadyApproved,
                    outcome => return outcome,
                }
            }
        };
        self.refuse_decision(claimed, request, &person, decision, &refusal)
            .await
    }

    /// Nothing is decided about a request whose journal was changed; whoever clicked is told.
    async fn answer_tampered(&self, claimed: &Claimed, id: RequestId) -> Result<(), ProcessError> {
        let number = read::number_shown(&self.journal.pool, id).await?;
        let label = number.map_or_else(|| "this request".to_owned(), label);
        self.just_answer(claimed, cards::reply_tampered(&label))
            .await
    }

    async fn accept(
        &self,
        claimed: &Claimed,
        request: Request,
        events: &[Event],
        private_data: &[PrivateText],
    ) -> Result<(), ProcessError> {
        let now = self.clock.now();
        let mut tx = self.journal.pool.begin().await?;
        let batch = Batch {
            id: request.id,
            before: Some(request),
            events,
            private_data,
            at: now,
            fence: None,
        };
        self.journal.record_in(&mut tx, batch).await?;
        if self.finish(&mut tx, claimed, None, now).await? {
            tx.commit().await.map_err(RecordError::from)?;
        }
        Ok(())
    }

    /// What the rules forbid is on record as an attempt; what merely came too late is only answered.
    pub(super) async fn refuse_decision(
        &self,
        claimed: &Claimed,
        request: Request,
        person: &Person,
        decision: &Decision,
        refusal: &Refusal,
    ) -> Result<(), ProcessError> {
        let answer = cards::reply_refused(refusal, &request.label());
        if !refusal.is_rule_violation() {
            return self.just_answer(claimed, answer).await;
        }
        tracing::warn!(request = %request.id, user = %person.slack_id, %refusal, "a decision was refused");
        let now = self.clock.now();
        let attempt = Event::AttemptRefused {
            by: person.party(),
            tried: decision.word().to_owned(),
            code: refusal.code().to_owned(),
            why: refusal.to_string(),
        };
        if self.was_just_refused(request.id, &attempt, now).await? {
            return self.just_answer(claimed, answer).await;
        }
        let mut tx = self.journal.pool.begin().await?;
        let batch = Batch {
            id: request.id,
            before: Some(request),
            events: &[attempt],
            private_data: &[],
            at: now,
            fence: None,
        };
        self.journal.record_in(&mut tx, batch).await?;
        if self.finish(&mut tx, claimed, Some(answer), now).await? {
            tx.commit().await.map_err(RecordError::from)?;
        }
        Ok(())
    }

    /// Whoever clicks on and on fills neither the journal nor the audit channel. Clicks on one request are processed
    /// one after the other, so none slips through in between.
    async fn was_just_refused(
        &self,
        id: RequestId,
        attempt: &Event,
        now: Instant,
    ) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar!(
            r#"select exists(select from countersign.event
                             where stream = $1 and name = $2 and at > $3 and body = $4) as "exists!""#,
            id.0,
            attempt.name(),
            now - SAME_REFUSAL,
            canonical_json(attempt)
        )
        .fetch_one(&self.journal.pool)
        .await
    }
}

/// Who somebody is for a decision. What calls a request off never waits for the journal's memory of people.
async fn judged(
    people: People,
    person: &Person,
    request: &Request,
    decision: &Decision,
) -> Result<Person, PeopleError> {
    match decision {
        Decision::Approve { .. } => {
            let people = people.with(Memory::Whole);
            people.before_approval(person, request).await
        }
        Decision::Confirm { .. } | Decision::Resume | Decision::Settle { .. } => {
            people.with(Memory::Read).before(person, request).await
        }
        _ => people.before(person, request).await,
    }
}

/// Whether the card on which somebody clicked still said what the request was about. Calling it off is meant whatever the
/// card said, as long as it was this request's.
///
/// The nonce of two failures of the same kind is the same. A decision that came in before the later one is about the earlier
/// one: an entry that was processed then and is put back acts on no later place in the request's life.
fn is_up_to_date(
    request: &Request,
    events: &[Recorded],
    claimed: &Claimed,
    decision: &Decision,
    nonce: Option<&str>,
) -> bool {
    let Some(nonce) = nonce else {
        return false;
    };
    let is_after_failure = events
        .iter()
        .rev()
        .find(|recorded| {
            matches!(
                recorded.event,
                Event::RunFailed { .. } | Event::RunIndeterminate { .. }
            )
        })
        .is_none_or(|failure| claimed.received_at >= failure.at);
    match decision {
        Decision::Cancel | Decision::Stop => cards::is_of_request(request, nonce),
        Decision::Resume | Decision::Settle { .. } => {
            is_after_failure && cards::is_of_current_card(request, nonce)
        }
        _ => cards::is_of_current_card(request, nonce),
    }
}

/// The click counts from when it came in, not from when it is worked on. `None` for what decides nothing.
fn command(
    person: &Person,
    decision: &Decision,
    clicked_at: Instant,
) -> Option<(Command, Vec<PrivateText>)> {
    let by = person.clone();
    let note = |text: &str| private_data::new(Kind::Note, text.to_owned());
    Some(match decision {
        Decision::Approve { plan, typed } => {
            let (plan, typed) = (*plan, typed.clone());
            let approve = Command::Approve {
                by,
                clicked_at,
                plan,
                typed,
            };
            (approve, vec![])
        }
        Decision::Confirm { plan } => {
            let plan = *plan;
            let confirm = Command::Confirm {
                by,
                clicked_at,
                plan,
            };
            (confirm, vec![])
        }
        Decision::Deny { reason } => {
            let note = note(reason);
            let reason = note.commitment();
            (Command::Deny { by, reason }, vec![note])
        }
        Decision::Cancel => (Command::Cancel { by }, vec![]),
        Decision::Stop => (Command::Stop { by }, vec![]),
        Decision::Resume => (Command::Resume { by }, vec![]),
        Decision::Settle { note: text } => {
            let text = note(text);
            let note = text.commitment();
            (Command::Settle { by, note }, vec![text])
        }
        Decision::Open { .. } => return None,
    })
}
