//! The runner's commands about single steps: what fits where.

use super::{
    Command, Event, Instant, Refusal, Request, Risk, State,
    plan::Phase,
    request::{Progress, Step},
};

pub(super) fn decide(
    request: &Request,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let refused = || command.out_of_order(request);
    match command {
        Command::BeginStep { step } => {
            let next = next_open(forward_steps(request)).ok_or_else(refused)?;
            if &next.planned.id != step {
                return Err(refused());
            }
            Ok(vec![Event::StepStarted {
                step: step.clone(),
                attempt: attempts(&next.progress) + 1,
            }])
        }
        Command::FinishStep {
            step,
            result,
            answer,
        } => {
            started(forward_steps(request), step).ok_or_else(refused)?;
            let mut events = vec![Event::StepSucceeded {
                step: step.clone(),
                result: result.clone(),
                answer: answer.clone(),
            }];
            if is_last_of_run(request, step) {
                events.push(Event::RunSucceeded);
            }
            Ok(events)
        }
        Command::DeferStep {
            step,
            why,
            retry_at,
            waits,
        } => {
            if !is_under_way(request, step) {
                return Err(refused());
            }
            Ok(vec![Event::StepDeferred {
                step: step.clone(),
                why: why.clone(),
                retry_at: *retry_at,
                waits: *waits,
            }])
        }
        Command::RetryNow { step } => retry_now(request, step, now).ok_or_else(refused),
        Command::GiveUpStep {
            step,
            why,
            indeterminate,
        } => {
            if !is_under_way(request, step) {
                return Err(refused());
            }
            let (step, why) = (step.clone(), why.clone());
            // What only reads left nothing half done: it is over, and can be asked again.
            if request.risk == Risk::Read {
                return Ok(vec![Event::Refused {
                    blockers: vec![why],
                    test_mode: false,
                }]);
            }
            Ok(vec![if *indeterminate {
                Event::RunIndeterminate { step, why }
            } else {
                Event::RunFailed { step, why }
            }])
        }
        Command::RefuseStep { step, why } => refuse(request, step, why).ok_or_else(refused),
        Command::UndoStep { step, result } => undo(request, step, result, command),
        _ => Err(refused()),
    }
}

/// A hold that cannot be put in place ends the request; later on a person has to look.
fn refuse(request: &Request, step: &str, why: &str) -> Option<Vec<Event>> {
    let step = started(forward_steps(request), step)?;
    let why = why.to_owned();
    Some(vec![match step.planned.phase {
        Phase::Hold => Event::Refused {
            blockers: vec![why],
            test_mode: false,
        },
        Phase::Main => Event::RunFailed {
            step: step.planned.id.clone(),
            why,
        },
    }])
}

/// The step that waits, when it is this one and it would wait longer.
fn retry_now(request: &Request, id: &str, now: Instant) -> Option<Vec<Event>> {
    let next = next_open(forward_steps(request)).filter(|step| step.planned.id == id)?;
    let Progress::Deferred { why, retry_at, .. } = &next.progress else {
        return None;
    };
    (*retry_at > now).then(|| {
        vec![Event::StepDeferred {
            step: id.to_owned(),
            why: why.clone(),
            retry_at: now,
            waits: true,
        }]
    })
}

fn undo(
    request: &Request,
    step: &str,
    result: &super::event::StepResult,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let State::RollingBack { hold, .. } = &request.state else {
        return Err(command.out_of_order(request));
    };
    if !open_undo(hold).any(|s| s.planned.id == step) {
        return Err(command.out_of_order(request));
    }
    let others = open_undo(hold).any(|s| s.planned.id != step);
    let mut events = vec![Event::StepUndone {
        step: step.to_owned(),
        result: result.clone(),
    }];
    if !others {
        events.push(Event::RolledBack);
    }
    Ok(events)
}

/// A step that was begun may have had its effect, so it is undone as well.
pub(super) fn needs_undoing(progress: &Progress) -> bool {
    match progress {
        Progress::Started { .. } | Progress::Deferred { .. } | Progress::Done { .. } => true,
        Progress::Waiting | Progress::Undone => false,
    }
}

/// A step that was begun and has no result yet, or one that still has to be undone.
fn is_under_way(request: &Request, step: &str) -> bool {
    match &request.state {
        State::RollingBack { hold, .. } => open_undo(hold).any(|s| s.planned.id == step),
        _ => started(forward_steps(request), step).is_some(),
    }
}

fn open_undo(hold: &[Step]) -> impl Iterator<Item = &Step> {
    hold.iter().filter(|step| needs_undoing(&step.progress))
}

fn forward_steps(request: &Request) -> &[Step] {
    match &request.state {
        State::CoolingOff { hold, .. } => hold,
        State::Running { steps, .. } => steps,
        _ => &[],
    }
}

fn next_open(steps: &[Step]) -> Option<&Step> {
    steps
        .iter()
        .find(|step| !matches!(step.progress, Progress::Done { .. }))
}

fn started<'a>(steps: &'a [Step], id: &str) -> Option<&'a Step> {
    next_open(steps)
        .filter(|step| step.planned.id == id && matches!(step.progress, Progress::Started { .. }))
}

fn is_last_of_run(request: &Request, step: &str) -> bool {
    matches!(&request.state, State::Running { steps, .. }
        if steps.last().is_some_and(|last| last.planned.id == step))
}

fn attempts(progress: &Progress) -> u32 {
    match progress {
        Progress::Started { attempt } | Progress::Deferred { attempt, .. } => *attempt,
        Progress::Waiting | Progress::Done { .. } | Progress::Undone => 0,
    }
}
