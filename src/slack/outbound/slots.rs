//! Which messages a request must have in Slack. Pure: from its events to a list of slots.

use std::collections::HashMap;

use uuid::Uuid;

use super::Channels;
use crate::{
    domain::{
        Event, Quarter, Request, RequestId, Risk, State, event::TRIED_TO_ASK, request::Progress,
    },
    journal::Recorded,
};

/// A step that is put off again and again is told the first time, and then every so many times.
const DEFERRALS_TOLD: u32 = 5;

/// One message's place: what it shows is drawn anew from the journal whenever it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its name, unique for ever.
    pub name: String,
    /// The channel or person it goes to.
    pub recipient: String,
    /// The slot whose thread it belongs to.
    pub thread_of: Option<String>,
    /// The version of the request that it must show.
    pub wanted: i64,
    /// Whether what it would show now is usually overtaken at once.
    pub passes: bool,
}

/// What a slot's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
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
    /// The chain's head.
    Witness,
    /// That a quarter's review of the admins is due, or who made it.
    Review(Quarter),
}

/// The slots of a request, in the order in which they first appear.
pub(super) fn of_request(request: &Request, events: &[Recorded], channels: &Channels) -> Vec<Slot> {
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

/// In which order a channel is told. What only reads comes last, so that a flood of reads does not hold up the lines of what
/// changes something; of one request everything stays in order.
pub(super) fn rank(risk: Risk) -> i16 {
    match risk {
        Risk::Sensitive | Risk::Destructive => 0,
        Risk::Change => 1,
        Risk::Read => 2,
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

/// The name of the slot that asks for a quarter's review of the admins.
pub(super) fn review(quarter: Quarter) -> String {
    format!("review:{quarter}")
}

/// What a slot draws.
pub(super) fn drawing(name: &str, request: Option<RequestId>) -> Option<Drawing> {
    let mut parts = name.split(':');
    let kind = parts.next()?;
    if kind == "head" {
        return Some(Drawing::Witness);
    }
    if kind == "review" {
        return parts.next()?.parse().ok().map(Drawing::Review);
    }
    let id: Uuid = parts.next()?.parse().ok()?;
    (Some(RequestId(id)) == request).then_some(())?;
    let version = parts.next().and_then(|v| v.parse().ok());
    match (kind, version) {
        ("approval", None) => Some(Drawing::Approval),
        ("confirm", None) => Some(Drawing::Confirm),
        ("audit", None) => Some(Drawing::Audit),
        ("audit", Some(version)) => Some(Drawing::AuditEntry(version)),
        ("outcome", Some(version)) => Some(Drawing::Outcome(version)),
        _ => None,
    }
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
