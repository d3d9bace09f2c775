//! State is the fold of events.

mod stuck;

use thiserror::Error;

use super::{
    Event, Instant, PlanDigest, Policy, Request, RequestId, State, approval,
    event::{Asked, StepResult},
    plan::{Phase, Plan, PlannedStep},
    request::{Approval, CurrentPlan, Progress, Step},
    running::needs_undoing,
};

/// An event that cannot follow the ones before it: the journal is damaged or was written by another version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("event {event} cannot follow version {version} ({state})")]
pub struct Misplaced {
    event: &'static str,
    version: i64,
    state: &'static str,
}

/// The first event of a request.
#[must_use]
pub fn open(id: RequestId, asked: &Asked, at: Instant) -> Request {
    Request {
        id,
        number: asked.number,
        operation: asked.operation.clone(),
        risk: asked.risk,
        requester: asked.by.clone(),
        arguments: asked.arguments.clone(),
        fingerprint: asked.fingerprint.clone(),
        asked_at: at,
        version: 1,
        last_hash: [0; 32],
        plan: None,
        state: State::Asked,
    }
}

/// The first event of a request, whatever it is.
///
/// # Errors
/// [`Misplaced`] when it is not that somebody asked.
pub fn first(id: RequestId, event: &Event, at: Instant) -> Result<Request, Misplaced> {
    match event {
        Event::Asked(asked) => Ok(open(id, asked, at)),
        _ => Err(Misplaced {
            event: event.name(),
            version: 0,
            state: "not asked",
        }),
    }
}

/// The state after one more event.
///
/// # Errors
/// [`Misplaced`] when the event does not fit; `decide` never produces such an event.
pub fn fold(mut request: Request, event: &Event, at: Instant) -> Result<Request, Misplaced> {
    let misplaced = Misplaced {
        event: event.name(),
        version: request.version,
        state: request.state.word(),
    };
    request.version += 1;
    if let Event::AttemptRefused { .. } | Event::Quoted { .. } = event {
        return Ok(request);
    }
    let state = std::mem::replace(&mut request.state, State::Asked);
    let next = match event {
        Event::Planned(planned) => {
            let next = replan(&mut request, &planned.plan, planned.digest, &planned.policy);
            matches!(state, State::Asked).then_some(next)
        }
        Event::Superseded {
            plan,
            digest,
            policy,
            ..
        } => supersede(&mut request, state, plan, *digest, policy),
        Event::RunStarted { plan, .. } if !is_current(&request, *plan) => None,
        Event::Resumed { .. } | Event::Settled { .. } => stuck::leave(state, event, at),
        Event::Approved { by, plan } if is_current(&request, *plan) => {
            let (by, plan) = (by.clone(), *plan);
            approve(&request, state, Approval { by, plan, at })
        }
        Event::Confirmed { plan, .. } if is_current(&request, *plan) => {
            confirm(&mut request, &state, at)
        }
        Event::Approved { .. } | Event::Confirmed { .. } => None,
        _ => transition(state, event),
    };
    request.state = next.ok_or(misplaced)?;
    if let Event::StepSucceeded { .. } = event {
        wait_from(&mut request, at);
    }
    Ok(request)
}

fn is_current(request: &Request, plan: PlanDigest) -> bool {
    request
        .plan
        .as_ref()
        .is_some_and(|current| current.digest == plan)
}

/// The cooling-off time runs from the moment when the hold is in place, however late that was: there is always
/// time to stop it.
fn wait_from(request: &mut Request, held_at: Instant) {
    let seconds = request
        .plan
        .as_ref()
        .map_or(0, |p| p.policy.cooling_off_seconds);
    if let State::CoolingOff { until, hold, .. } = &mut request.state
        && hold
            .iter()
            .all(|step| matches!(step.progress, Progress::Done { .. }))
    {
        *until = (*until).max(held_at + chrono::Duration::seconds(seconds.into()));
    }
}

fn replan(request: &mut Request, plan: &Plan, digest: PlanDigest, policy: &Policy) -> State {
    let round = request.plan.as_ref().map_or(1, |p| p.round + 1);
    request.risk = request.risk.max(plan.risk.unwrap_or(request.risk));
    request.plan = Some(CurrentPlan {
        round,
        plan: plan.clone(),
        digest,
        policy: policy.clone(),
        confirmed_at: None,
    });
    match approval::required(request, policy.approvals) {
        0 if policy.confirm => State::AwaitingConfirmation,
        0 => State::Approved { approvals: vec![] },
        _ => State::AwaitingApproval { approvals: vec![] },
    }
}

fn supersede(
    request: &mut Request,
    state: State,
    plan: &Plan,
    digest: PlanDigest,
    policy: &Policy,
) -> Option<State> {
    let waiting = replan(request, plan, digest, policy);
    let end = if plan.blockers.is_empty() {
        waiting
    } else {
        State::Refused {
            blockers: plan.blockers.clone(),
            test_mode: false,
        }
    };
    match state {
        State::Approved { .. } => Some(end),
        State::CoolingOff {
            approvals, hold, ..
        } => Some(lift(approvals, hold, end)),
        _ => None,
    }
}

fn approve(request: &Request, state: State, approval: Approval) -> Option<State> {
    let State::AwaitingApproval { mut approvals } = state else {
        return None;
    };
    let policy = &request.plan.as_ref()?.policy;
    approvals.push(approval);
    let required = usize::from(approval::required(request, policy.approvals));
    Some(if approvals.len() >= required {
        State::Approved { approvals }
    } else {
        State::AwaitingApproval { approvals }
    })
}

fn confirm(request: &mut Request, state: &State, at: Instant) -> Option<State> {
    request.plan.as_mut()?.confirmed_at = Some(at);
    matches!(state, State::AwaitingConfirmation).then_some(State::Approved { approvals: vec![] })
}

/// What a hold began until it was refused is undone first.
fn refuse(state: State, blockers: Vec<String>, test_mode: bool) -> Option<State> {
    let end = State::Refused {
        blockers,
        test_mode,
    };
    match state {
        State::Asked
        | State::AwaitingApproval { .. }
        | State::AwaitingConfirmation
        | State::Approved { .. } => Some(end),
        State::CoolingOff {
            approvals, hold, ..
        } => Some(lift(approvals, hold, end)),
        State::Running {
            approvals,
            hold,
            steps,
        } => Some(lift(approvals, held(hold, steps), end)),
        _ => None,
    }
}

/// The transitions that depend on state and event alone.
fn transition(state: State, event: &Event) -> Option<State> {
    match (state, event) {
        (
            state,
            Event::Refused {
                blockers,
                test_mode,
            },
        ) => refuse(state, blockers.clone(), *test_mode),
        (State::AwaitingApproval { .. }, Event::Denied { by, reason }) => Some(State::Denied {
            by: by.clone(),
            reason: reason.clone(),
        }),
        (State::AwaitingApproval { .. } | State::AwaitingConfirmation, Event::Expired) => {
            Some(State::Expired)
        }
        (
            State::Asked | State::AwaitingApproval { .. } | State::AwaitingConfirmation,
            Event::Cancelled { .. },
        ) => Some(State::Cancelled),
        (State::Approved { approvals }, Event::CoolingOffStarted { until, hold }) => {
            Some(State::CoolingOff {
                approvals,
                until: *until,
                hold: waiting(hold),
            })
        }
        (
            State::CoolingOff {
                approvals, hold, ..
            },
            Event::Stopped { by },
        ) => Some(lift(approvals, hold, State::Stopped { by: by.clone() })),
        (State::Approved { approvals }, Event::RunStarted { steps, .. }) => Some(State::Running {
            approvals,
            hold: vec![],
            steps: waiting(steps),
        }),
        (
            State::CoolingOff {
                approvals, hold, ..
            },
            Event::RunStarted { steps, .. },
        ) => Some(State::Running {
            approvals,
            hold,
            steps: waiting(steps),
        }),
        (State::RollingBack { end, .. }, Event::RolledBack) => Some(*end),
        (
            State::Running {
                approvals, steps, ..
            },
            Event::RunSucceeded,
        ) => Some(State::Succeeded { approvals, steps }),
        (state, Event::Reversed { why, result }) => reverse(state, why, result),
        (state, Event::RunFailed { step, why }) => stuck::enter(state, step, why, false),
        (state, Event::RunIndeterminate { step, why }) => stuck::enter(state, step, why, true),
        (state, _) => step_event(state, event),
    }
}

/// What was done, or settled by a person, is taken back.
fn reverse(state: State, why: &str, result: &StepResult) -> Option<State> {
    let (approvals, steps) = match state {
        State::Succeeded { approvals, steps } => (approvals, steps),
        State::Settled { steps, .. } => (vec![], steps),
        _ => return None,
    };
    Some(State::Reversed {
        approvals,
        steps,
        why: why.to_owned(),
        result: result.clone(),
    })
}

fn waiting(planned: &[PlannedStep]) -> Vec<Step> {
    planned
        .iter()
        .map(|planned| Step {
            planned: planned.clone(),
            progress: Progress::Waiting,
        })
        .collect()
}

fn lift(approvals: Vec<Approval>, mut hold: Vec<Step>, end: State) -> State {
    if !hold.iter().any(|step| needs_undoing(&step.progress)) {
        return end;
    }
    // A pause that was left from carrying the step out does not hold up undoing it.
    for step in &mut hold {
        if let Progress::Deferred { .. } = step.progress {
            step.progress = Progress::Started { attempt: 0 };
        }
    }
    State::RollingBack {
        approvals,
        hold,
        end: Box::new(end),
    }
}

/// Everything that a hold did, also where it was part of the run because there was no cooling-off time.
fn held(mut hold: Vec<Step>, steps: Vec<Step>) -> Vec<Step> {
    hold.extend(
        steps
            .into_iter()
            .filter(|step| step.planned.phase == Phase::Hold),
    );
    hold
}

fn step_event(mut state: State, event: &Event) -> Option<State> {
    // Undoing has no begin of its own, so every deferral is one more try.
    let undone = u32::from(matches!(state, State::RollingBack { .. }));
    let steps = match &mut state {
        State::CoolingOff { hold, .. } | State::RollingBack { hold, .. } => hold,
        State::Running { steps, .. } => steps,
        _ => return None,
    };
    let (id, progress): (&String, Box<dyn FnOnce(u32) -> Progress>) = match event {
        Event::StepStarted { step, attempt } => {
            let attempt = *attempt;
            (step, Box::new(move |_| Progress::Started { attempt }))
        }
        Event::StepSucceeded { step, result, .. } => {
            let result = result.clone();
            (step, Box::new(move |_| Progress::Done { result }))
        }
        Event::StepDeferred {
            step,
            why,
            retry_at,
            waits,
        } => {
            let (why, retry_at, waits) = (why.clone(), *retry_at, *waits);
            let deferred = move |attempt| Progress::Deferred {
                attempt: if waits { 0 } else { attempt },
                why,
                retry_at,
            };
            (step, Box::new(deferred))
        }
        Event::StepUndone { step, .. } => (step, Box::new(|_| Progress::Undone)),
        _ => return None,
    };
    let step = steps.iter_mut().find(|s| &s.planned.id == id)?;
    let attempt = match &step.progress {
        Progress::Started { attempt } | Progress::Deferred { attempt, .. } => *attempt,
        _ => 0,
    };
    step.progress = progress(attempt + undone);
    Some(state)
}
