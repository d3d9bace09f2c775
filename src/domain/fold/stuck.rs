//! Into and out of the states in which a person has to look.

use super::{held, lift};
use crate::domain::{
    Event, Instant, State,
    request::{Place, Progress, Step},
};

pub(super) fn enter(state: State, step: &str, why: &str, indeterminate: bool) -> Option<State> {
    let (approvals, steps, place) = match state {
        State::Running {
            approvals,
            hold,
            steps,
        } => (approvals, steps, Place::Run { hold }),
        State::CoolingOff {
            approvals,
            until,
            hold,
        } => (approvals, hold, Place::Hold { until }),
        State::RollingBack {
            approvals,
            hold,
            end,
        } => (approvals, hold, Place::Lift { end }),
        _ => return None,
    };
    Some(State::Stuck {
        approvals,
        steps,
        step: step.to_owned(),
        why: why.to_owned(),
        indeterminate,
        place,
    })
}

/// A person has looked.
pub(super) fn leave(state: State, event: &Event, at: Instant) -> Option<State> {
    let State::Stuck {
        approvals,
        mut steps,
        step,
        indeterminate,
        place,
        ..
    } = state
    else {
        return None;
    };
    if let Event::Resumed { .. } = event {
        count_anew(&mut steps);
    }
    let no_way_back = steps.iter().any(|s| {
        let is_done = matches!(s.progress, Progress::Done { .. });
        s.planned.irreversible && (is_done || (indeterminate && s.planned.id == step))
    });
    match (event, place) {
        (Event::Resumed { .. }, Place::Hold { until }) => Some(State::CoolingOff {
            approvals,
            until,
            hold: steps,
        }),
        (Event::Resumed { .. }, Place::Run { hold }) if no_way_back => Some(State::Running {
            approvals,
            hold,
            steps,
        }),
        // Nothing irreversible has happened: plan, people and blockers are looked at again before it goes on.
        (Event::Resumed { .. }, Place::Run { hold }) => Some(State::CoolingOff {
            approvals,
            until: at,
            hold: held(hold, steps),
        }),
        (Event::Resumed { .. }, Place::Lift { end }) => Some(State::RollingBack {
            approvals,
            hold: steps,
            end,
        }),
        (Event::Settled { by, .. }, place) => {
            let hold = match place {
                Place::Hold { .. } => steps.clone(),
                Place::Run { hold } if !no_way_back => held(hold, steps.clone()),
                Place::Run { .. } | Place::Lift { .. } => vec![],
            };
            let by = by.clone();
            Some(lift(approvals, hold, State::Settled { by, steps }))
        }
        _ => None,
    }
}

/// Somebody has looked: the step that stuck gets as many tries as at first.
fn count_anew(steps: &mut [Step]) {
    for step in steps {
        if let Progress::Started { attempt } | Progress::Deferred { attempt, .. } =
            &mut step.progress
        {
            *attempt = 0;
        }
    }
}
