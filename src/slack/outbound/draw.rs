//! Draws what a message shows now, from the journal.

use uuid::Uuid;

use super::{
    Outbound,
    pictures::Wanted,
    slots::{self, Drawing},
};
use crate::{
    domain::{Event, Request, RequestId, State},
    journal::{
        ReadError, Recorded,
        hash::{GENESIS, stored},
        read, sealed, switch,
    },
    operations::catalogue,
    slack::cards::{self, Card, View},
};

/// A drawn message and the version that it shows.
pub(super) struct Drawn {
    pub card: Card,
    pub shows: i64,
    /// The one person who may read it, as it holds what only the requester is told.
    pub only_to: Option<String>,
    /// The pictures of what is shown.
    pub pictures: Wanted,
}

/// Why a message cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrawError {
    #[error(transparent)]
    Read(ReadError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    #[error("nothing to show: {0}")]
    Nothing(&'static str),
}

impl From<ReadError> for DrawError {
    /// A store that does not answer says nothing about the message.
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            error => Self::Read(error),
        }
    }
}

impl Outbound {
    pub(super) async fn draw(
        &self,
        slot: &str,
        request: Option<Uuid>,
        wanted: i64,
    ) -> Result<Drawn, DrawError> {
        let id = request.map(RequestId);
        let drawing = slots::drawing(slot, id).ok_or(DrawError::Nothing("an unknown slot"))?;
        match drawing {
            Drawing::Witness => return self.draw_witness(wanted).await,
            Drawing::Review(quarter) => return self.draw_review(quarter).await,
            _ => {}
        }
        let id = id.ok_or(DrawError::Nothing("no request"))?;
        let mut events = self.journal.events(id).await?;
        let private_data = self.journal.private_data_of(id, &events).await?;
        if let Drawing::Outcome(version) = drawing {
            events.retain(|recorded| recorded.version <= version);
        }
        let request = read::replay(id, &events)?;
        let title = catalogue::title(&request.operation);
        let superseded = last_superseded(&events);
        let answers = match events.as_slice() {
            [.., quoted, last] if ends_unwell(&last.event) => quotation(&quoted.event),
            events => answers(events),
        };
        let pictures = match (drawing, &request.state) {
            (Drawing::Outcome(_), State::Succeeded { .. }) => {
                self.pictures(&answers, &private_data).await?
            }
            _ => Wanted::default(),
        };
        let view = View {
            request: &request,
            private_data: &private_data,
            title: &title,
            now: self.clock.now(),
            frozen: self.holds(&request).await?,
            last_superseded: superseded,
            answers: &answers,
            pictures: &pictures.files,
        };
        let shows = match drawing {
            Drawing::Approval | Drawing::Confirm | Drawing::Audit => request.version,
            _ => wanted,
        };
        let card = match drawing {
            Drawing::Approval => cards::approval_card(&view),
            Drawing::Confirm => cards::confirm_card(&view),
            Drawing::Audit => cards::audit_parent(&view).without_addresses(),
            Drawing::AuditEntry(version) => {
                let entry = events.iter().find(|recorded| recorded.version == version);
                let entry = entry.ok_or(DrawError::Nothing("no such event"))?;
                cards::audit_entry(&view, version, &entry.event, entry.at).without_addresses()
            }
            Drawing::Outcome(_) => {
                cards::outcome_note(&view).ok_or(DrawError::Nothing("no outcome"))?
            }
            Drawing::Witness | Drawing::Review(_) => {
                return Err(DrawError::Nothing("drawn above"));
            }
        };
        let only_to = match drawing {
            Drawing::Confirm | Drawing::Outcome(_) => Some(request.requester.told().to_owned()),
            _ => None,
        };
        Ok(Drawn {
            card,
            shows,
            only_to,
            pictures,
        })
    }

    /// Whether everything is frozen and the request waits for the thaw.
    async fn holds(&self, request: &Request) -> Result<bool, sqlx::Error> {
        Ok(catalogue::waits_when_frozen(request)
            && switch::is_on(&self.journal.pool, &self.journal.key, switch::FREEZE).await?)
    }

    async fn draw_witness(&self, position: i64) -> Result<Drawn, DrawError> {
        let link = sqlx::query!(
            r#"select c.hash, c.event_hash, before.hash as "before?", e.at
               from countersign.chain c join countersign.event e on e.seq = c.event_seq
               left join countersign.chain before on before.position = c.position - 1
               where c.position = $1"#,
            position
        )
        .fetch_optional(&self.journal.pool)
        .await?
        .ok_or(DrawError::Nothing("no such link"))?;
        let before = match position {
            1 => Some(GENESIS),
            _ => link.before.as_deref().and_then(stored),
        };
        let linked = before.zip(stored(&link.event_hash));
        let linked = linked.map(|(before, event)| self.journal.key.link(&before, position, &event));
        if linked.is_none_or(|hash| hash.as_slice() != link.hash) {
            sealed::report("chain");
            return Err(DrawError::Nothing(
                "the link was changed outside Countersign",
            ));
        }
        Ok(Drawn {
            card: cards::chain_head(position, &hex::encode(link.hash), link.at),
            shows: position,
            only_to: None,
            pictures: Wanted::default(),
        })
    }
}

/// Why the newest plan took the place of the one before it.
fn last_superseded(events: &[Recorded]) -> Option<&[String]> {
    events.iter().rev().find_map(|one| match &one.event {
        Event::Superseded { why, .. } => Some(why.as_slice()),
        _ => None,
    })
}

/// Whether this is the end of something that went wrong.
fn ends_unwell(event: &Event) -> bool {
    matches!(
        event,
        Event::Refused { .. } | Event::RunFailed { .. } | Event::RunIndeterminate { .. }
    )
}

/// What the system that failed said itself.
fn quotation(event: &Event) -> Vec<Uuid> {
    match event {
        Event::Quoted { answer } => vec![answer.id],
        _ => vec![],
    }
}

/// The answers that the current round has given. A step that was done twice answers once, with what it found last.
fn answers(events: &[Recorded]) -> Vec<Uuid> {
    let mut given: Vec<(&str, Uuid)> = vec![];
    for recorded in read::current_round(events) {
        if let Event::StepSucceeded {
            step,
            answer: Some(answer),
            ..
        } = &recorded.event
        {
            given.retain(|(earlier, _)| earlier != step);
            given.push((step, answer.id));
        }
    }
    given.into_iter().map(|(_, id)| id).collect()
}
