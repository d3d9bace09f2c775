//! State is the fold of events.

use thiserror::Error;

use super::{
    Event, Instant, PlanDigest, Policy, Request, RequestId, State,
    approval::{self, Approval},
    event::Asked,
    plan::{Plan, PlannedStep},
    request::{CurrentPlan, Progress, Step},
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
        plan: None,
        state: State::Asked,
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
    if let Event::AttemptRefused { .. } = event {
        return Ok(request);
    }
    let state = std::mem::replace(&mut request.state, State::Asked);
    let next = match event {
        Event::Planned(planned) => {
            let next = replan(&mut request, &planned.plan, &planned.policy);
            matches!(state, State::Asked).then_some(next)
        }
        Event::Superseded { plan, policy, .. } => supersede(&mut request, state, plan, policy),
        Event::Approved { by, .. } => approve(&request, state, Approval { by: by.clone(), at }),
        _ => transition(state, event),
    };
    request.state = next.ok_or(misplaced)?;
    Ok(request)
}

fn replan(request: &mut Request, plan: &Plan, policy: &Policy) -> State {
    let round = request.plan.as_ref().map_or(1, |p| p.round + 1);
    request.plan = Some(CurrentPlan {
        round,
        plan: plan.clone(),
        digest: PlanDigest::of(plan),
        policy: policy.clone(),
    });
    if approval::required(request, policy.approvals) == 0 {
        State::Cleared { approvals: vec![] }
    } else {
        State::AwaitingApproval { approvals: vec![] }
    }
}

fn supersede(request: &mut Request, state: State, plan: &Plan, policy: &Policy) -> Option<State> {
    let waiting = replan(request, plan, policy);
    let end = if plan.blockers.is_empty() {
        waiting
    } else {
        State::Refused {
            blockers: plan.blockers.clone(),
        }
    };
    match state {
        State::Cleared { .. } => Some(end),
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
        State::Cleared { approvals }
    } else {
        State::AwaitingApproval { approvals }
    })
}

/// The transitions that depend on state and event alone.
fn transition(state: State, event: &Event) -> Option<State> {
    match (state, event) {
        (
            State::Asked | State::AwaitingApproval { .. } | State::Cleared { .. },
            Event::Refused { blockers },
        ) => Some(State::Refused {
            blockers: blockers.clone(),
        }),
        (State::AwaitingApproval { .. }, Event::Denied { by, reason }) => Some(State::Denied {
            by: by.clone(),
            reason: reason.clone(),
        }),
        (State::AwaitingApproval { .. }, Event::Expired) => Some(State::Expired),
        (State::Asked | State::AwaitingApproval { .. }, Event::Cancelled { .. }) => {
            Some(State::Cancelled)
        }
        (State::Cleared { approvals }, Event::CoolingOffStarted { until, hold }) => {
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
        (
            State::Cleared { approvals } | State::CoolingOff { approvals, .. },
            Event::RunStarted { steps, .. },
        ) => Some(State::Running {
            approvals,
            steps: waiting(steps),
        }),
        (State::Lifting { end, .. }, Event::Lifted) => Some(*end),
        (State::Running { approvals, steps }, Event::RunSucceeded) => {
            Some(State::Succeeded { approvals, steps })
        }
        (state, Event::RunFailed { step, why }) => get_stuck(state, step, why, false),
        (state, Event::RunIndeterminate { step, why }) => get_stuck(state, step, why, true),
        (state @ State::Stuck { .. }, _) => leave_stuck(state, event),
        (state, _) => step_event(state, event),
    }
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

fn lift(approvals: Vec<Approval>, hold: Vec<Step>, end: State) -> State {
    if hold.iter().any(|step| needs_undoing(&step.progress)) {
        State::Lifting {
            approvals,
            hold,
            end: Box::new(end),
        }
    } else {
        end
    }
}

fn get_stuck(state: State, step: &str, why: &str, indeterminate: bool) -> Option<State> {
    let (approvals, steps, in_hold) = match state {
        State::Running { approvals, steps } => (approvals, steps, None),
        State::CoolingOff {
            approvals,
            until,
            hold,
        } => (approvals, hold, Some(until)),
        _ => return None,
    };
    Some(State::Stuck {
        approvals,
        steps,
        step: step.to_owned(),
        why: why.to_owned(),
        indeterminate,
        in_hold,
    })
}

fn leave_stuck(state: State, event: &Event) -> Option<State> {
    let State::Stuck {
        approvals,
        steps,
        in_hold,
        ..
    } = state
    else {
        return None;
    };
    match (event, in_hold) {
        (Event::Resumed { .. }, None) => Some(State::Running { approvals, steps }),
        (Event::Resumed { .. }, Some(until)) => Some(State::CoolingOff {
            approvals,
            until,
            hold: steps,
        }),
        (Event::Settled { by, .. }, None) => Some(State::Settled {
            by: by.clone(),
            steps,
        }),
        (Event::Settled { by, .. }, Some(_)) => {
            let end = State::Settled {
                by: by.clone(),
                steps: vec![],
            };
            Some(lift(approvals, steps, end))
        }
        _ => None,
    }
}

fn step_event(mut state: State, event: &Event) -> Option<State> {
    let steps = match &mut state {
        State::CoolingOff { hold, .. } | State::Lifting { hold, .. } => hold,
        State::Running { steps, .. } => steps,
        _ => return None,
    };
    let (id, progress): (&String, Box<dyn FnOnce(u32) -> Progress>) = match event {
        Event::StepStarted { step, attempt } => {
            let attempt = *attempt;
            (step, Box::new(move |_| Progress::Started { attempt }))
        }
        Event::StepSucceeded { step, result } => {
            let result = result.clone();
            (step, Box::new(move |_| Progress::Done { result }))
        }
        Event::StepDeferred {
            step,
            why,
            retry_at,
        } => {
            let (why, retry_at) = (why.clone(), *retry_at);
            let deferred = move |attempt| Progress::Deferred {
                attempt,
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
    step.progress = progress(attempt);
    Some(state)
}
