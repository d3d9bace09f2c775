//! Somebody asks for an operation.

use super::{Claimed, DeedError, Deeds};
use crate::{
    domain::{
        Event, Person, Refusal, RequestId,
        approval::has_role,
        digest::canonical_json,
        event::Asked,
        particulars::{Asking, Kind, Particular},
        request,
    },
    journal::{RecordError, append::Batch, read},
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
        if let Err(refusal) = has_role(&person, declaration.risk.role_to_ask()) {
            return self.refuse(claimed, declaration, &refusal).await;
        }
        match self.open(claimed, declaration, asking, &person).await {
            Err(DeedError::Record(RecordError::AlreadyOpen)) => {
                self.point_to_open(claimed, declaration, asking).await
            }
            outcome => outcome,
        }
    }

    async fn refuse(
        &self,
        claimed: &Claimed,
        declaration: &Declaration,
        refusal: &Refusal,
    ) -> Result<(), DeedError> {
        tracing::warn!(
            user = %claimed.deed.user,
            operation = declaration.name,
            %refusal,
            "an operation was asked for and refused"
        );
        let card = cards::reply_refused(refusal, declaration.title);
        self.just_answer(claimed, card).await
    }

    async fn open(
        &self,
        claimed: &Claimed,
        declaration: &Declaration,
        asking: &Asking,
        person: &Person,
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
            fingerprint: self.fingerprint(declaration, asking),
        });
        let batch = Batch {
            before: None,
            id: RequestId(rim::new_id()),
            events: &[asked],
            particulars: &[particular],
            at: now,
            fence: None,
        };
        self.journal.record_in(&mut tx, batch).await?;
        let answer = cards::reply_asked(&request::label(number), declaration.title);
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
        let fingerprint = self.fingerprint(declaration, asking);
        let open = read::open_with_fingerprint(&self.journal.pool, &fingerprint).await?;
        let Some((_, number)) = open else {
            return Err(RecordError::Conflict.into());
        };
        let card = cards::reply_existing(&request::label(number), None);
        self.just_answer(claimed, card).await
    }

    /// The reason does not make it another question.
    fn fingerprint(&self, declaration: &Declaration, asking: &Asking) -> String {
        self.journal
            .key
            .fingerprint(&(declaration.name, &asking.arguments))
    }
}
