//! Somebody asks for an operation.

use super::{Claimed, DeedError, Deeds};
use crate::{
    domain::{
        Event, Person, Refusal, RequestId, Risk,
        approval::has_role,
        digest::canonical_json,
        event::{Asked, TRIED_TO_ASK},
        particulars::{Asking, Kind, Particular},
        request,
    },
    journal::{RecordError, append::Batch, read, switch},
    operations::{Declaration, catalogue},
    rim,
    slack::{cards, directory::Freshness},
};

impl Deeds {
    pub(super) async fn ask(
        &self,
        claimed: &Claimed,
        name: &str,
        asking: &Asking,
    ) -> Result<(), DeedError> {
        let Some(operation) = catalogue::find(name) else {
            let says = format!("this version does not know `{name}`");
            return self.just_answer(claimed, cards::reply_error(&says)).await;
        };
        let declaration = operation.declaration();
        let person = self.person(&claimed.deed.user, Freshness::Cached).await?;
        let refusal = has_role(&person, declaration.risk.role_to_ask()).err();
        let opened = self
            .open(claimed, declaration, asking, &person, refusal.as_ref())
            .await;
        match opened {
            Err(DeedError::Record(RecordError::AlreadyOpen)) => {
                self.point_to_open(claimed, declaration, asking).await
            }
            outcome => outcome,
        }
    }

    /// Puts the asking on record. Whoever may not ask is on record as well, with a request that ends at once.
    async fn open(
        &self,
        claimed: &Claimed,
        declaration: &Declaration,
        asking: &Asking,
        person: &Person,
        refusal: Option<&Refusal>,
    ) -> Result<(), DeedError> {
        let now = self.clock.now();
        let mut tx = self.journal.pool.begin().await?;
        let number = read::next_number(&mut *tx).await?;
        let particular = Particular {
            id: rim::new_id(),
            kind: Kind::Asking,
            salt: rim::random_bytes(),
            text: Some(canonical_json(asking)),
        };
        let asked = Event::Asked(Asked {
            number,
            operation: declaration.name.to_owned(),
            risk: declaration.risk,
            by: person.party(),
            arguments: particular.commitment(),
            fingerprint: self.fingerprint(declaration, asking, &claimed.deed.user),
        });
        let mut events = vec![asked];
        events.extend(refusal.into_iter().flat_map(|why| refused(person, why)));
        let batch = Batch {
            before: None,
            id: RequestId(rim::new_id()),
            events: &events,
            particulars: &[particular],
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
            None => {
                let frozen = declaration.waits_when_frozen()
                    && switch::is_on(&mut *tx, switch::FREEZE).await?;
                cards::reply_asked(&label, declaration.title, declaration.risk, frozen)
            }
        };
        if self.finish(&mut tx, claimed, Some(answer), now).await? {
            tx.commit().await.map_err(RecordError::from)?;
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
    ) -> Result<(), DeedError> {
        let fingerprint = self.fingerprint(declaration, asking, &claimed.deed.user);
        let open = read::open_with_fingerprint(&self.journal.pool, &fingerprint).await?;
        let Some((_, number)) = open else {
            return Err(RecordError::Conflict.into());
        };
        let card = cards::reply_existing(&request::label(number), None);
        self.just_answer(claimed, card).await
    }

    /// The reason does not make it another question. What only reads answers each person who asks.
    fn fingerprint(&self, declaration: &Declaration, asking: &Asking, user: &str) -> String {
        let who = (declaration.risk == Risk::Read).then_some(user);
        self.journal
            .key
            .fingerprint(&(declaration.name, &asking.arguments, who))
    }
}

/// What follows when somebody may not ask.
fn refused(person: &Person, refusal: &Refusal) -> [Event; 2] {
    let why = refusal.to_string();
    [
        Event::AttemptRefused {
            by: person.party(),
            tried: TRIED_TO_ASK.to_owned(),
            why: why.clone(),
        },
        Event::Refused {
            blockers: vec![why],
        },
    ]
}
