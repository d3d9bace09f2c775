//! The runner's commands about single steps: what fits where.

use super::{
    Command, Event, Refusal, Request, State,
    decide::out_of_order,
    request::{Progress, Step},
};

pub(super) fn decide(request: &Request, command: &Command) -> Result<Vec<Event>, Refusal> {
    let refused = || out_of_order(request, command);
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
        Command::FinishStep { step, result } => {
            started(forward_steps(request), step).ok_or_else(refused)?;
            let mut events = vec![Event::StepSucceeded {
                step: step.clone(),
                result: result.clone(),
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
        } => {
            if !is_under_way(request, step) {
                return Err(refused());
            }
            Ok(vec![Event::StepDeferred {
                step: step.clone(),
                why: why.clone(),
                retry_at: *retry_at,
            }])
        }
        Command::GiveUpStep {
            step,
            why,
            indeterminate,
        } => {
            if !is_under_way(request, step) {
                return Err(refused());
            }
            let (step, why) = (step.clone(), why.clone());
            Ok(vec![if *indeterminate {
                Event::RunIndeterminate { step, why }
            } else {
                Event::RunFailed { step, why }
            }])
        }
        Command::UndoStep { step, result } => undo(request, step, result, command),
        _ => Err(refused()),
    }
}

fn undo(
    request: &Request,
    step: &str,
    result: &super::event::StepResult,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let State::Lifting { hold, .. } = &request.state else {
        return Err(out_of_order(request, command));
    };
    if !open_undo(hold).any(|s| s.planned.id == step) {
        return Err(out_of_order(request, command));
    }
    let others = open_undo(hold).any(|s| s.planned.id != step);
    let mut events = vec![Event::StepUndone {
        step: step.to_owned(),
        result: result.clone(),
    }];
    if !others {
        events.push(Event::Lifted);
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
        State::Lifting { hold, .. } => open_undo(hold).any(|s| s.planned.id == step),
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
