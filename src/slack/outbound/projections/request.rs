//! The messages of a request: its card in the approvals channel, its line and thread in the audit channel, and what the
//! requester is told.

mod moved;

use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;
use uuid::Uuid;

use super::Projection;
use crate::{
    domain::{Event, Instant, Request, RequestId, State, event::TRIED_TO_ASK, request::Progress},
    journal::{Recorded, read},
    operations::catalogue,
    slack::{
        cards::{self, View},
        outbound::{
            Channels, Outbound,
            drawn::{DrawError, Drawn},
            pictures::Wanted,
            row::Due,
            slot::Slot,
        },
    },
};

/// A step that is put off again and again is told the first time, and then every so many times.
const DEFERRALS_TOLD: u32 = 5;

#[derive(Default)]
pub(super) struct Requests {
    /// Requests whose messages cannot be noted now, and when they are looked at again.
    resting: Mutex<HashMap<Uuid, Instant>>,
}

/// One message of a request. Its slot is called `approval:ID`, `confirm:ID`, `audit:ID`, `audit:ID:VERSION` or `outcome:ID:VERSION`.
#[derive(Debug, Clone, Copy)]
enum Message {
    /// The card in the approvals channel.
    Approval,
    /// The plan that the requester confirms.
    Confirm,
    /// The line in the audit channel.
    Audit,
    /// The entry for one event in the audit thread.
    AuditEntry(i64),
    /// What the requester is told about one event.
    Outcome(i64),
}

#[async_trait]
impl Projection for Requests {
    fn kinds(&self) -> &'static [&'static str] {
        &["approval", "confirm", "audit", "outcome"]
    }

    async fn note(&self, outbound: &Outbound) -> Result<(), sqlx::Error> {
        self.note_moved(outbound).await
    }

    async fn next_due(&self, outbound: &Outbound) -> Result<Option<Instant>, sqlx::Error> {
        self.next_look(outbound).await
    }

    async fn draw(&self, outbound: &Outbound, due: &Due) -> Result<Drawn, DrawError> {
        let id = due.request_id.map(RequestId);
        let id = id.ok_or(DrawError::Nothing("no request"))?;
        let message = message(&due.slot, id).ok_or(DrawError::Nothing("an unknown slot"))?;
        let mut events = outbound.journal.events(id).await?;
        let private_data = outbound.journal.private_data_of(id, &events).await?;
        if let Message::Outcome(version) = message {
            events.retain(|recorded| recorded.version <= version);
        }
        let request = read::replay(id, &events)?;
        let frozen = catalogue::waits_when_frozen(&request) && outbound.journal.is_frozen().await?;
        let title = catalogue::title(&request.operation);
        let view = View {
            request: &request,
            private_data: &private_data,
            title: &title,
            now: outbound.clock.now(),
            frozen,
            last_superseded: last_superseded(&events),
            answers: &[],
            pictures: &cards::Pictures::default(),
        };
        match message {
            Message::Approval => Ok(Drawn::of(cards::approval_card(&view), request.version)),
            Message::Confirm => Ok(Drawn::of(cards::confirm_card(&view), request.version)),
            Message::Audit => {
                let card = cards::audit_parent(&view).without_addresses();
                Ok(Drawn::of(card, request.version))
            }
            Message::AuditEntry(version) => {
                let entry = events.iter().find(|recorded| recorded.version == version);
                let entry = entry.ok_or(DrawError::Nothing("no such event"))?;
                let card = cards::audit_entry(&view, version, &entry.event, entry.at);
                Ok(Drawn::of(card.without_addresses(), due.wanted))
            }
            Message::Outcome(_) => {
                let answers = answers(&events);
                let pictures = match request.state {
                    State::Succeeded { .. } => outbound.pictures(&answers, &private_data).await?,
                    _ => Wanted::default(),
                };
                let view = View {
                    answers: &answers,
                    pictures: &pictures.files,
                    ..view
                };
                Ok(Drawn {
                    card: cards::outcome_note(&view).ok_or(DrawError::Nothing("no outcome"))?,
                    shows: due.wanted,
                    pictures,
                })
            }
        }
    }
}

/// What a slot of a request shows; `None` when it is not one of this request.
fn message(slot: &str, request: RequestId) -> Option<Message> {
    let mut parts = slot.split(':');
    let kind = parts.next()?;
    let id: Uuid = parts.next()?.parse().ok()?;
    (id == request.0).then_some(())?;
    let version = parts.next().and_then(|v| v.parse().ok());
    match (kind, version) {
        ("approval", None) => Some(Message::Approval),
        ("confirm", None) => Some(Message::Confirm),
        ("audit", None) => Some(Message::Audit),
        ("audit", Some(version)) => Some(Message::AuditEntry(version)),
        ("outcome", Some(version)) => Some(Message::Outcome(version)),
        _ => None,
    }
}

/// The slots of a request, in the order in which they first appear.
fn slots(request: &Request, events: &[Recorded], channels: &Channels) -> Vec<Slot> {
    let id = request.id;
    let card = |name: String, recipient: &str| Slot {
        name,
        recipient: recipient.to_owned(),
        thread_of: None,
        wanted: request.version,
        passes: passes(&request.state),
    };
    let mut slots = Vec::new();
    let admitted = is_admitted(events);
    if admitted && (request.risk.is_gated() || events.iter().any(|e| needs_a_person(&e.event))) {
        slots.push(card(format!("approval:{id}"), &channels.approvals));
    }
    if events
        .iter()
        .any(|recorded| is_to_be_confirmed(&recorded.event))
    {
        slots.push(card(format!("confirm:{id}"), request.requester.told()));
    }
    let parent = format!("audit:{id}");
    slots.push(card(parent.clone(), &channels.audit));
    let mut deferrals = Deferrals::default();
    for recorded in events {
        let version = recorded.version;
        if is_told_in_audit(&recorded.event, &mut deferrals) {
            slots.push(Slot {
                name: format!("audit:{id}:{version}"),
                recipient: channels.audit.clone(),
                thread_of: Some(parent.clone()),
                wanted: 1,
                passes: false,
            });
        }
        if admitted && is_told_to_requester(&recorded.event) {
            slots.push(Slot {
                name: format!("outcome:{id}:{version}"),
                recipient: request.requester.told().to_owned(),
                thread_of: None,
                wanted: 1,
                passes: false,
            });
        }
    }
    slots
}

/// The service itself moves a request on from here, usually within a moment.
fn passes(state: &State) -> bool {
    match state {
        State::Asked
        | State::Approved { .. }
        | State::Running { .. }
        | State::RollingBack { .. } => true,
        State::CoolingOff { hold, .. } => hold
            .iter()
            .any(|step| !matches!(step.progress, Progress::Done { .. })),
        _ => false,
    }
}

/// False when the person had no right to ask: that is for the audit channel alone, and they were answered already.
fn is_admitted(events: &[Recorded]) -> bool {
    !events.get(1).is_some_and(|second| {
        matches!(&second.event, Event::AttemptRefused { tried, .. } if tried == TRIED_TO_ASK)
    })
}

/// A run that stuck has buttons on its card, also when nobody had to approve it.
fn needs_a_person(event: &Event) -> bool {
    matches!(
        event,
        Event::RunFailed { .. } | Event::RunIndeterminate { .. }
    )
}

/// A plan that its requester has to confirm.
fn is_to_be_confirmed(event: &Event) -> bool {
    let (plan, policy) = match event {
        Event::Planned(planned) => (&planned.plan, &planned.policy),
        Event::Superseded { plan, policy, .. } => (plan, policy),
        _ => return false,
    };
    policy.confirm && plan.blockers.is_empty()
}

/// Every transition is in the audit thread. That a step begins is told by its end, or by the card, and what is quoted is for
/// the requester alone.
fn is_told_in_audit(event: &Event, deferrals: &mut Deferrals) -> bool {
    !matches!(event, Event::StepStarted { .. } | Event::Quoted { .. }) && deferrals.is_told(event)
}

/// How often each step was put off since it began, or since a person had it go on.
#[derive(Default)]
struct Deferrals(HashMap<String, u32>);

impl Deferrals {
    fn is_told(&mut self, event: &Event) -> bool {
        match event {
            Event::StepDeferred { step, .. } => {
                let times = self.0.entry(step.clone()).or_default();
                *times += 1;
                *times == 1 || times.is_multiple_of(DEFERRALS_TOLD)
            }
            Event::RunStarted { .. } | Event::Resumed { .. } | Event::Stopped { .. } => {
                self.0.clear();
                true
            }
            _ => true,
        }
    }
}

/// The requester hears of ends, and of what needs them.
fn is_told_to_requester(event: &Event) -> bool {
    matches!(
        event,
        Event::Refused { .. }
            | Event::Denied { .. }
            | Event::Expired
            | Event::Stopped { .. }
            | Event::Superseded { .. }
            | Event::RunSucceeded
            | Event::RunFailed { .. }
            | Event::RunIndeterminate { .. }
            | Event::Settled { .. }
            | Event::Reversed { .. }
    )
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

/// The answers that the current round has given, or what the system that failed said itself. A step that was done twice
/// answers once, with what it found last.
fn answers(events: &[Recorded]) -> Vec<Uuid> {
    if let [.., quoted, last] = events
        && ends_unwell(&last.event)
    {
        return match &quoted.event {
            Event::Quoted { answer } => vec![answer.id],
            _ => vec![],
        };
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{Instant, person::Party};

    fn deferred(step: &str) -> Event {
        Event::StepDeferred {
            step: step.to_owned(),
            why: "the object store does not answer".to_owned(),
            retry_at: Instant::UNIX_EPOCH,
            waits: false,
        }
    }

    #[test]
    fn a_step_that_is_put_off_again_and_again_is_told_first_and_then_every_fifth_time() {
        let mut deferrals = Deferrals::default();
        let mut tell = |step| is_told_in_audit(&deferred(step), &mut deferrals);
        let told: Vec<usize> = (1..=12).filter(|_| tell("files")).collect();
        assert_eq!(told, [1, 5, 10]);
        assert!(tell("rows"), "every step is counted by itself");
    }

    #[test]
    fn after_a_person_had_the_run_go_on_the_first_time_is_told_again() {
        let mut deferrals = Deferrals::default();
        let resumed = Event::Resumed {
            by: Party {
                slack_id: "U0ADA".to_owned(),
                identities: BTreeSet::new(),
            },
        };
        let events = [
            deferred("files"),
            deferred("files"),
            resumed,
            deferred("files"),
        ];
        let told = events.map(|event| is_told_in_audit(&event, &mut deferrals));
        assert_eq!(told, [true, false, true, true]);
    }
}
