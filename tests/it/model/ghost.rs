//! What the model remembers beside the request, and the invariants that it holds every step against. The
//! rules are written here a second time, in other words than the domain's.

use countersign::domain::{
    Command, Event, Instant, PlanDigest, Request, State,
    approval::Approved,
    request::{Place, Progress},
};

use super::world::{Account, HOLD, LAST, Setting, Version, World};

/// The model's own memory of one history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Ghost {
    /// Runs begun and not called off.
    pub runs: u8,
    /// True once the step that nothing takes back was done, or may have been.
    pub no_way_back: bool,
    /// True once a person closed a request whose hold could not be undone.
    pub abandoned: bool,
    /// Who approved which plan in the current round.
    pub approvals: Vec<(Account, Version)>,
    /// Which plan the requester confirmed in the current round.
    pub confirmed: Option<Version>,
    /// Steps that may have had an effect and are not undone.
    pub begun: Vec<String>,
    /// Steps that are done and not undone.
    pub done: Vec<String>,
}

/// One accepted command.
pub struct Step<'a> {
    pub setting: &'a Setting,
    pub world: World,
    pub now: Instant,
    pub by: Option<Account>,
    pub command: &'a Command,
    pub before: &'a Request,
    pub events: &'a [Event],
    pub after: &'a Request,
}

impl Ghost {
    /// The memory after one more step.
    ///
    /// # Errors
    /// Names the invariant that the step breaks.
    pub fn follow(&self, step: &Step<'_>) -> Result<Self, String> {
        let mut ghost = self.clone();
        // Only what was done, or settled by a person, can be taken back, once, and only by the world outside.
        let reverses = matches!(step.command, Command::Reverse { .. });
        if reverses != matches!(step.after.state, State::Reversed { .. }) {
            return Err("a reversal that reverses nothing, or none that does".into());
        }
        let was_settled = matches!(step.before.state, State::Settled { .. });
        if reverses && !was_settled && !matches!(step.before.state, State::Succeeded { .. }) {
            return Err("a reversal of what is neither done nor settled".into());
        }
        if step.before.state.is_terminal() && !reverses {
            return Err(format!("{} after the end", step.command.name()));
        }
        for event in step.events {
            ghost.note(event, step)?;
        }
        ghost.check_approvals_are_kept(step)?;
        ghost.check_steps(step)?;
        check_due(step)?;
        Ok(ghost)
    }

    fn note(&mut self, event: &Event, step: &Step<'_>) -> Result<(), String> {
        match event {
            Event::Approved { plan, .. } => self.approve(*plan, step)?,
            Event::Confirmed { plan, .. } => self.confirm(*plan, step)?,
            Event::Superseded { .. } => {
                if self.runs > 0 || self.no_way_back {
                    return Err("superseded after a run began".into());
                }
                self.approvals.clear();
                self.confirmed = None;
            }
            Event::RunStarted { plan, .. } => {
                if self.runs > 0 || self.no_way_back {
                    return Err("a second run".into());
                }
                self.runs += 1;
                let approved = step.before.plan.as_ref().map(|it| it.digest);
                if approved != Some(*plan) {
                    return Err("a run of another plan".into());
                }
                check_start(step)?;
                self.check_confirmed(step)?;
                self.check_two_persons(step)?;
                self.check_enough(step)?;
            }
            Event::StepStarted { step: id, .. } => {
                if Approved::of(step.before).is_none_or(|it| Some(it.plan()) != digest(step)) {
                    return Err(format!("{id} began without the proof of approval"));
                }
                if self.runs == 0 && !HOLD.contains(&id.as_str()) {
                    return Err(format!("{id} began before the run"));
                }
                if self.done.contains(id) {
                    return Err(format!("{id} began again after it was done"));
                }
                if !self.begun.contains(id) {
                    self.begun.push(id.clone());
                    self.begun.sort();
                }
            }
            Event::StepSucceeded { step: id, .. } => {
                if !self.begun.contains(id) {
                    return Err(format!("{id} was done but never begun"));
                }
                self.done.push(id.clone());
                self.done.sort();
                self.no_way_back |= id == LAST;
            }
            Event::RunIndeterminate { step: id, .. } => self.no_way_back |= id == LAST,
            Event::Resumed { .. } | Event::Settled { .. } => self.leave_stuck(event, step),
            Event::StepUndone { step: id, .. } => {
                self.begun.retain(|it| it != id);
                self.done.retain(|it| it != id);
            }
            _ => {}
        }
        Ok(())
    }

    /// A run that stuck before its last step is called off: it is looked at again, or the hold is undone.
    fn leave_stuck(&mut self, event: &Event, step: &Step<'_>) {
        let State::Stuck { place, .. } = &step.before.state else {
            return;
        };
        let is_settled = matches!(event, Event::Settled { .. });
        self.abandoned |= is_settled && matches!(place, Place::Lift { .. });
        if matches!(place, Place::Run { .. }) && !self.no_way_back {
            self.runs = 0;
            self.begun.retain(|it| HOLD.contains(&it.as_str()));
            self.done.retain(|it| HOLD.contains(&it.as_str()));
        }
    }

    fn approve(&mut self, plan: PlanDigest, step: &Step<'_>) -> Result<(), String> {
        let setting = step.setting;
        let by = step.by.ok_or("an approval by nobody")?;
        let version = version(setting, plan);
        let approval = (by, version.ok_or("an approval of no plan")?);
        self.approvals.push(approval);
        if let Command::Approve { typed, .. } = step.command
            && setting.risk.is_gated()
            && typed.is_none()
        {
            return Err("an approval without the typed confirmation".into());
        }
        if !setting.is_admin(by, step.world) {
            return Err("an approval by somebody who may not".into());
        }
        let human = |it| setting.human(it, step.world);
        let humans = self.approvals.iter().map(|it| human(it.0));
        if humans.filter(|it| *it == human(by)).count() > 1 {
            return Err("one human approves twice".into());
        }
        let barred = [setting.requester, Account::Subject].map(human);
        if barred.contains(&human(by)) {
            return Err("the requester or the subject approves".into());
        }
        Ok(())
    }

    /// Only whoever asked confirms, under any account, in time, and as long as they may ask.
    fn confirm(&mut self, plan: PlanDigest, step: &Step<'_>) -> Result<(), String> {
        let setting = step.setting;
        let by = step.by.ok_or("a confirmation by nobody")?;
        let human = |it| setting.human(it, step.world);
        if human(by) != human(setting.requester) {
            return Err("a confirmation by somebody else".into());
        }
        if !setting.is_admin(by, step.world) {
            return Err("a confirmation by somebody who may not ask".into());
        }
        if step
            .before
            .due_at(step.now)
            .is_none_or(|due| due <= step.now)
        {
            return Err("a confirmation after its time".into());
        }
        self.confirmed = version(setting, plan);
        Ok(())
    }

    /// What has to be confirmed runs as it was confirmed.
    fn check_confirmed(&self, step: &Step<'_>) -> Result<(), String> {
        let confirmed = self.confirmed.map(|it| step.setting.digest(it));
        if step.setting.confirm && (confirmed.is_none() || confirmed != digest(step)) {
            return Err("a run of what was not confirmed".into());
        }
        Ok(())
    }

    /// By what is known when the run begins, nobody counts who asked, whom it concerns, or who counts already.
    fn check_two_persons(&self, step: &Step<'_>) -> Result<(), String> {
        let setting = step.setting;
        let mut humans: Vec<Account> = self
            .approvals
            .iter()
            .map(|(account, _)| setting.human(*account, step.world))
            .collect();
        if humans.contains(&setting.human(setting.requester, step.world)) {
            return Err("the requester counts as approver".into());
        }
        if humans.contains(&Account::Subject) {
            return Err("the subject counts as approver".into());
        }
        let all = humans.len();
        humans.sort();
        humans.dedup();
        if humans.len() < all {
            return Err("one human counts twice".into());
        }
        Ok(())
    }

    fn check_enough(&self, step: &Step<'_>) -> Result<(), String> {
        let setting = step.setting;
        let valid = self.approvals.iter().filter(|(account, version)| {
            Some(setting.digest(*version)) == digest(step) && setting.is_admin(*account, step.world)
        });
        let valid = valid.count();
        let needed = usize::from(setting.approvals.max(u8::from(setting.risk.is_gated())));
        if valid < needed {
            return Err(format!("a run with {valid} of {needed} valid approvals"));
        }
        if !setting.is_admin(setting.requester, step.world) {
            return Err("a run for somebody who may not ask any more".into());
        }
        Ok(())
    }

    /// What is recorded stays until the request ends or its plan is superseded.
    fn check_approvals_are_kept(&self, step: &Step<'_>) -> Result<(), String> {
        let was_done =
            |state: &State| matches!(state, State::Succeeded { .. } | State::Reversed { .. });
        let ends = |state: &State| state.is_terminal() && !was_done(state);
        let state = &step.after.state;
        let was_over = ends(&step.before.state);
        let is_over = was_over || ends(state) || is_rolling_back(state);
        let kept: Vec<String> = state
            .approvals()
            .iter()
            .map(|it| it.by.slack_id.clone())
            .collect();
        let noted: Vec<String> = self
            .approvals
            .iter()
            .map(|(account, _)| format!("{account:?}"))
            .collect();
        if !is_over && kept != noted {
            return Err(format!("approvals by {noted:?} became {kept:?}"));
        }
        Ok(())
    }

    fn check_steps(&self, step: &Step<'_>) -> Result<(), String> {
        let state = &step.after.state;
        let has_no_effects = match state {
            State::Running { .. } | State::CoolingOff { .. } | State::RollingBack { .. } => false,
            State::Stuck { .. } => false,
            State::Settled { .. } | State::Succeeded { .. } | State::Reversed { .. } => {
                self.runs == 0
            }
            _ => true,
        };
        if has_no_effects && !self.abandoned && !self.begun.is_empty() {
            return Err(format!(
                "{:?} is not undone, but the request is {}",
                self.begun,
                state.word()
            ));
        }
        for id in &self.done {
            let lost = state
                .steps()
                .iter()
                .any(|it| &it.planned.id == id && !matches!(it.progress, Progress::Done { .. }));
            if lost && !self.abandoned && !is_rolling_back(state) {
                return Err(format!("{id} was done and no longer is"));
            }
        }
        let was_settled = matches!(step.before.state, State::Settled { .. });
        if let State::Succeeded { .. } | State::Reversed { .. } = state
            && !was_settled
        {
            let planned = step.after.plan.iter().flat_map(|it| &it.plan.steps);
            if planned.into_iter().any(|it| !self.done.contains(&it.id)) {
                return Err("the run is done, but not all of its steps".into());
            }
        }
        Ok(())
    }
}

/// The hold is being undone, or undoing it stuck.
fn is_rolling_back(state: &State) -> bool {
    match state {
        State::RollingBack { .. } => true,
        State::Stuck { place, .. } => matches!(place, Place::Lift { .. }),
        _ => false,
    }
}

/// Nothing runs that drifted, is forbidden now, or has not cooled off.
fn check_start(step: &Step<'_>) -> Result<(), String> {
    let Command::Start(start) = step.command else {
        return Err("a run that was not started".into());
    };
    // What a person has go on may have had its effect: only an approval is void then.
    let is_first = matches!(step.before.state, State::Approved { .. });
    let is_bound = step.setting.risk.is_gated() || (step.setting.confirm && is_first);
    if is_bound && !start.drift.is_empty() {
        return Err("a run of a plan that drifted".into());
    }
    if step.world.version == Version::Blocked {
        return Err("a run that a blocker forbids".into());
    }
    match &step.before.state {
        State::CoolingOff { until, .. } if step.now < *until => Err("a run too early".into()),
        State::CoolingOff { .. } => Ok(()),
        _ if step.setting.cooling_off => Err("a run without cooling off".into()),
        _ => Ok(()),
    }
}

/// The runner looks again at everything that does not wait for a person alone.
fn check_due(step: &Step<'_>) -> Result<(), String> {
    let state = &step.after.state;
    let waits_for_a_person = state.is_terminal() || matches!(state, State::Stuck { .. });
    let due = step.after.due_at(step.now);
    if due.is_some() == waits_for_a_person {
        return Err(format!("{} is due at {due:?}", state.word()));
    }
    Ok(())
}

/// The version of a plan.
fn version(setting: &Setting, plan: PlanDigest) -> Option<Version> {
    let versions = [Version::A, Version::B, Version::Blocked];
    versions.into_iter().find(|it| setting.digest(*it) == plan)
}

fn digest(step: &Step<'_>) -> Option<PlanDigest> {
    step.before.plan.as_ref().map(|it| it.digest)
}
