//! Single steps: announced, carried out, recorded; tried again with growing pauses.

use chrono::Duration;

use super::{
    Runner,
    drive::{MoveError, Moved},
};
use crate::{
    domain::{
        Command, Instant, Request, State,
        approval::Approved,
        event::StepResult,
        request::{Progress, Step},
    },
    journal::{Recorded, lease::Lease, particulars},
    operations::{StepContext, StepError, catalogue},
};

/// The pause after the first failed try; each further one is twice as long.
pub const FIRST_PAUSE: Duration = Duration::seconds(1);
/// The longest pause between two tries.
pub const LONGEST_PAUSE: Duration = Duration::seconds(300);

impl Runner {
    /// The next step of the hold or the run.
    pub(super) async fn step(
        &self,
        lease: Lease,
        request: &Request,
        _events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        let next = request
            .state
            .steps()
            .iter()
            .find(|step| !matches!(step.progress, Progress::Done { .. }));
        let Some(next) = next else {
            return Ok(Moved::Waits);
        };
        if is_resting(next, self.clock.now()) {
            return Ok(Moved::Waits);
        }
        let Some(approved) = Approved::of(request) else {
            tracing::error!(request = %request.id, "a run without a valid approval is not carried out");
            return Ok(Moved::Rests);
        };
        let step = next.planned.id.clone();
        self.command(
            lease,
            request,
            &Command::BeginStep { step: step.clone() },
            &[],
        )
        .await?;
        let (request, events) = self.reread(lease).await?;
        let outcome = self
            .effect(&request, &events, Some(&approved), &step, false)
            .await?;
        let command = match outcome {
            Ok(result) => Command::FinishStep { step, result },
            Err(StepError::Retry(why)) => self.deferred(&request, step, why),
            Err(StepError::Failed(why)) => Command::GiveUpStep {
                step,
                why,
                indeterminate: false,
            },
            Err(StepError::Indeterminate(why)) => Command::GiveUpStep {
                step,
                why,
                indeterminate: true,
            },
        };
        self.command(lease, &request, &command, &[]).await
    }

    /// The hold's steps are undone last first. Undoing is tried until it succeeds.
    pub(super) async fn undo(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        let State::Lifting { hold, .. } = &request.state else {
            return Ok(Moved::Waits);
        };
        let next = hold
            .iter()
            .rev()
            .find(|step| !matches!(step.progress, Progress::Waiting | Progress::Undone));
        let Some(next) = next else {
            return Ok(Moved::Waits);
        };
        if is_resting(next, self.clock.now()) {
            return Ok(Moved::Waits);
        }
        let step = next.planned.id.clone();
        let command = match self.effect(request, events, None, &step, true).await? {
            Ok(result) => Command::UndoStep { step, result },
            Err(error) => self.deferred(request, step, error.to_string()),
        };
        self.command(lease, request, &command, &[]).await
    }

    async fn effect(
        &self,
        request: &Request,
        events: &[Recorded],
        approved: Option<&Approved>,
        step: &str,
        undo: bool,
    ) -> Result<Result<StepResult, StepError>, MoveError> {
        let Some(operation) = catalogue::find(&request.operation) else {
            let says = format!("this version does not know `{}`", request.operation);
            return Ok(Err(StepError::Failed(says)));
        };
        let particulars = particulars::of_request(&self.journal.pool, request.id.0).await?;
        let context = StepContext {
            systems: &self.systems,
            journal: &self.journal,
            request,
            events,
            particulars: &particulars,
            approved,
            now: self.clock.now(),
        };
        Ok(if undo {
            operation.undo(&context, step).await
        } else {
            operation.carry_out(&context, step).await
        })
    }

    fn deferred(&self, request: &Request, step: String, why: String) -> Command {
        let tries = request
            .state
            .steps()
            .iter()
            .find(|s| s.planned.id == step)
            .map_or(1, |s| tries(&s.progress));
        let pause = FIRST_PAUSE * 2_i32.saturating_pow(tries.saturating_sub(1).min(16));
        Command::DeferStep {
            step,
            why,
            retry_at: self.clock.now() + pause.min(LONGEST_PAUSE),
        }
    }
}

fn is_resting(step: &Step, now: Instant) -> bool {
    matches!(step.progress, Progress::Deferred { retry_at, .. } if now < retry_at)
}

fn tries(progress: &Progress) -> u32 {
    match progress {
        Progress::Started { attempt } | Progress::Deferred { attempt, .. } => *attempt,
        Progress::Waiting | Progress::Done { .. } | Progress::Undone => 1,
    }
}
