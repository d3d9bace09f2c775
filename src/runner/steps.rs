//! Single steps: announced, carried out, recorded; tried again with growing pauses.

use super::{
    REST, Runner,
    drive::{MoveError, Moved},
};
use crate::{
    domain::{
        Command, Instant, Request, Risk, State,
        answer::Done,
        approval::Approved,
        digest::canonical_json,
        private_data::{Kind, PrivateText},
        request::{Progress, Step},
    },
    journal::{ReadError, Recorded, lease::Lease, private_data},
    operations::{
        StepContext, StepError, catalogue,
        step::{HELD_UP, is_held_up, pause_after},
    },
    systems::app_db::LazySnapshot,
    telemetry::StepTried,
};

/// Tries of one step before a person has to look: about four hours of an outage.
pub const MOST_TRIES: u32 = 60;
/// Tries of one step of what only reads, before the person who asked is told: a quarter of a minute.
pub const MOST_READ_TRIES: u32 = 5;
/// What is said of a step that was tried and never answered.
const UNKNOWN_EFFECT: &str = ". Whether one of its tries had its effect is not known: try again, which finds out, \
                              rather than ask anew";

impl Runner {
    /// The next step of the hold or the run.
    pub(super) async fn step(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
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
        let is_stale = is_stale(request, next, events, self.clock.now());
        let Some(approved) = Approved::of(request) else {
            tracing::error!(request = %request.id, "a run without a valid approval is not carried out");
            return Ok(Moved::Rests(REST));
        };
        let step = next.planned.id.clone();
        let begin = Command::BeginStep { step: step.clone() };
        match self.command(lease, request, &begin, &[]).await? {
            Moved::On => {}
            not_begun => return Ok(not_begun),
        }
        let (request, events) = self.reread(lease).await?;
        let outcome = if is_stale {
            Err(StepError::Failed(held_up(&request, &step)))
        } else {
            self.effect(&request, &events, Some(&approved), &step, false)
                .await?
        };
        let answer = outcome.as_ref().ok().and_then(|done| done.answer.as_ref());
        let answer = answer.map(|answer| private_data::new(Kind::Answer, canonical_json(answer)));
        let (command, words) = match outcome {
            Ok(done) => {
                let result = done.result;
                let answer = answer.as_ref().map(PrivateText::commitment);
                let finish = Command::FinishStep {
                    step,
                    result,
                    answer,
                };
                (finish, None)
            }
            Err(error) => self.failed(&request, step, error),
        };
        let private_data: Vec<_> = answer.into_iter().collect();
        self.command_quoting(lease, &request, &command, &private_data, words.as_deref())
            .await
    }

    /// The hold's steps are undone last first. Undoing is tried until it succeeds.
    pub(super) async fn undo(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        let State::RollingBack { hold, .. } = &request.state else {
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
        let (command, words) = match self.effect(request, events, None, &step, true).await? {
            Ok(done) => {
                let result = done.result;
                (Command::UndoStep { step, result }, None)
            }
            Err(error) => self.failed(request, step, error),
        };
        self.command_quoting(lease, request, &command, &[], words.as_deref())
            .await
    }

    async fn effect(
        &self,
        request: &Request,
        events: &[Recorded],
        approved: Option<&Approved>,
        step: &str,
        undo: bool,
    ) -> Result<Result<Done, StepError>, MoveError> {
        let Some(operation) = catalogue::find(&request.operation) else {
            let says = format!("this version does not know `{}`", request.operation);
            return Ok(Err(StepError::Failed(says)));
        };
        let private_data = self.journal.private_data_of(request.id, events).await?;
        if private_data.changed {
            return Err(ReadError::TextChanged.into());
        }
        let began = tokio::time::Instant::now();
        let context = StepContext {
            systems: &self.systems,
            app: LazySnapshot::of(&self.systems.app_db),
            journal: &self.journal,
            request,
            events,
            private_data: &private_data,
            approved,
            people: &*self.people,
            now: self.clock.now(),
        };
        let outcome = if undo {
            operation.undo(&context, step).await.map(Done::from)
        } else {
            operation.carry_out(&context, step).await
        };
        let tried = StepTried {
            number: request.label(),
            operation: &request.operation,
            step,
            outcome: outcome.as_ref().map_or_else(StepError::word, |_| "done"),
            took: began.elapsed(),
            replica: self.replica,
        };
        tried.tell();
        Ok(outcome)
    }

    /// What passes is tried again with growing pauses; what does not, or not for long, a person has to look at. Beside it the
    /// words of the system that failed, for what the requester is told of.
    fn failed(
        &self,
        request: &Request,
        step: String,
        error: StepError,
    ) -> (Command, Option<String>) {
        let (error, words) = error.split();
        let command = self.what_follows(request, step, error);
        let is_told = !matches!(command, Command::DeferStep { .. });
        (command, words.filter(|_| is_told))
    }

    fn what_follows(&self, request: &Request, step: String, error: StepError) -> Command {
        let tries = tries(request, &step);
        let pause = match &error {
            StepError::Later { after, .. } => pause_after(tries).max(*after),
            _ => pause_after(tries),
        };
        let id = step.clone();
        let give_up = |why, indeterminate| Command::GiveUpStep {
            step: id,
            why,
            indeterminate,
        };
        match error {
            StepError::Failed(why) => give_up(why, false),
            StepError::Indeterminate(why) => give_up(why, true),
            StepError::Refused(why) => Command::RefuseStep { step, why },
            // Split off before.
            StepError::Quoted { error, .. } => self.what_follows(request, step, *error),
            StepError::Wait { why, again } => Command::DeferStep {
                retry_at: self.clock.now() + again,
                step,
                why,
                waits: true,
            },
            StepError::Retry(why) | StepError::Later { why, .. }
                if request.risk == Risk::Read && tries >= MOST_READ_TRIES =>
            {
                give_up(format!("{why}. Ask again later"), false)
            }
            // A connection that broke during a commit looks like one that broke before it, so one of the tries may
            // have had its effect.
            StepError::Retry(why) | StepError::Later { why, .. } if tries >= MOST_TRIES => {
                let may_be_done = request.risk != Risk::Read;
                let unknown = if may_be_done { UNKNOWN_EFFECT } else { "" };
                give_up(
                    format!("given up after {tries} tries: {why}{unknown}"),
                    may_be_done,
                )
            }
            StepError::Retry(why) | StepError::Later { why, .. } => Command::DeferStep {
                retry_at: self.clock.now() + pause,
                step,
                why,
                waits: false,
            },
        }
    }
}

/// Why a run does not go on that was held up, and what is not known of it.
fn held_up(request: &Request, step: &str) -> String {
    // The try that is refused here is on record as the last one.
    let unknown = if tries(request, step) > 1 {
        UNKNOWN_EFFECT
    } else {
        ""
    };
    format!("{HELD_UP}{unknown}")
}

/// Whether this would be the run's first irreversible step, long after its start.
fn is_stale(request: &Request, next: &Step, events: &[Recorded], now: Instant) -> bool {
    let crossed =
        request.state.steps().iter().any(|step| {
            step.planned.irreversible && matches!(step.progress, Progress::Done { .. })
        });
    next.planned.irreversible && !crossed && is_held_up(events, now)
}

fn is_resting(step: &Step, now: Instant) -> bool {
    matches!(step.progress, Progress::Deferred { retry_at, .. } if now < retry_at)
}

/// Tries of a step so far, the one that just failed included.
fn tries(request: &Request, step: &str) -> u32 {
    let step = request.state.steps().iter().find(|s| s.planned.id == step);
    match step.map(|step| &step.progress) {
        Some(Progress::Started { attempt } | Progress::Deferred { attempt, .. }) => {
            (*attempt).max(1)
        }
        _ => 1,
    }
}
