//! What a command does to a request: events, or a named refusal. No I/O, no clock, no randomness.

use super::{
    Command, Event, Instant, PlanDigest, Refusal, Request, State,
    actor::Service,
    approval,
    command::Start,
    event::Planned,
    person::Person,
    plan::Phase,
    policy::Policy,
    request::{Approval, CurrentPlan, Progress},
    running,
};

/// Decides one command at `now`.
///
/// # Errors
/// A [`Refusal`] when the rules or the state forbid it; then nothing changes.
pub fn decide(request: &Request, command: &Command, now: Instant) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Present(planned) => present(request, planned, command),
        Command::Refuse {
            blockers,
            test_mode,
        } => match request.state {
            State::Asked => Ok(vec![Event::Refused {
                blockers: blockers.clone(),
                test_mode: *test_mode,
            }]),
            _ => Err(command.out_of_order(request)),
        },
        Command::Approve {
            by,
            clicked_at,
            plan,
            typed,
        } => approve(request, by, *plan, typed.as_deref(), *clicked_at, now),
        Command::Confirm {
            by,
            clicked_at,
            plan,
        } => confirm(request, by, *plan, *clicked_at),
        Command::Deny { by, reason } => {
            awaiting(request)?;
            approval::may_decide_on(request, by)?;
            Ok(vec![Event::Denied {
                by: by.party(),
                reason: reason.clone(),
            }])
        }
        Command::Cancel { by } => cancel(request, by),
        Command::Stop { by } => stop(request, by),
        Command::Expire => expire(request, now),
        Command::Start(start) => begin_run(request, start, command, now),
        Command::BeginStep { .. }
        | Command::FinishStep { .. }
        | Command::DeferStep { .. }
        | Command::RetryNow { .. }
        | Command::GiveUpStep { .. }
        | Command::RefuseStep { .. }
        | Command::UndoStep { .. } => running::decide(request, command, now),
        Command::Resume { by } => {
            stuck(request)?;
            approval::may_decide_on(request, by)?;
            Ok(vec![Event::Resumed { by: by.party() }])
        }
        Command::Settle { by, note } => {
            stuck(request)?;
            approval::may_decide_on(request, by)?;
            Ok(vec![Event::Settled {
                by: by.party(),
                note: note.clone(),
            }])
        }
        // What a person settled may have been under way: it can be taken back as well.
        Command::Reverse { why, result } => match request.state {
            State::Succeeded { .. } | State::Settled { .. } => Ok(vec![Event::Reversed {
                why: why.clone(),
                result: result.clone(),
            }]),
            _ => Err(command.out_of_order(request)),
        },
    }
}

fn present(request: &Request, planned: &Planned, command: &Command) -> Result<Vec<Event>, Refusal> {
    let State::Asked = request.state else {
        return Err(command.out_of_order(request));
    };
    let mut planned = planned.clone();
    let risk = planned.plan.risk.unwrap_or(request.risk).max(request.risk);
    if request.requester.person().is_none() && !Service::may_ask(risk) {
        let says = "the service may not ask for what needs an approval";
        planned.plan.blockers.push(says.to_owned());
        planned.digest = planned.plan.digest();
    }
    let blockers = planned.plan.blockers.clone();
    let mut events = vec![Event::Planned(planned)];
    if !blockers.is_empty() {
        events.push(Event::Refused {
            blockers,
            test_mode: false,
        });
    }
    Ok(events)
}

fn approve(
    request: &Request,
    by: &Person,
    plan: PlanDigest,
    typed: Option<&str>,
    clicked_at: Instant,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let approvals = awaiting(request)?;
    approval::may_approve(request, approvals, by)?;
    let current = in_time(request, plan, clicked_at)?;
    match (&current.plan.confirm, typed.map(str::trim)) {
        (Some(_), None) => return Err(Refusal::ConfirmationMissing),
        (Some(expected), Some(typed)) if typed != expected => {
            return Err(Refusal::Confirmation(expected.clone()));
        }
        _ => {}
    }
    let mut events = vec![Event::Approved {
        by: by.party(),
        plan,
    }];
    let required = usize::from(approval::required(request, current.policy.approvals));
    if approvals.len() + 1 >= required && current.policy.cooling_off_seconds > 0 {
        events.push(Event::CoolingOffStarted {
            until: now + chrono::Duration::seconds(current.policy.cooling_off_seconds.into()),
            hold: current.plan.steps_of(Phase::Hold).cloned().collect(),
        });
    }
    Ok(events)
}

fn confirm(
    request: &Request,
    by: &Person,
    plan: PlanDigest,
    clicked_at: Instant,
) -> Result<Vec<Event>, Refusal> {
    let State::AwaitingConfirmation = request.state else {
        return Err(Refusal::NothingToDecide(request.state.word()));
    };
    approval::may_confirm(request, by)?;
    in_time(request, plan, clicked_at)?;
    Ok(vec![Event::Confirmed {
        by: by.party(),
        plan,
    }])
}

/// The current plan, when it is the one that was clicked on and the click came before its time was over.
fn in_time(
    request: &Request,
    plan: PlanDigest,
    clicked_at: Instant,
) -> Result<&CurrentPlan, Refusal> {
    let current = request.plan.as_ref();
    let current = current.filter(|current| current.digest == plan);
    let current = current.ok_or(Refusal::OtherPlan)?;
    if clicked_at >= current.policy.expires_at {
        return Err(Refusal::TooLate);
    }
    Ok(current)
}

fn expire(request: &Request, now: Instant) -> Result<Vec<Event>, Refusal> {
    let (State::AwaitingApproval { .. } | State::AwaitingConfirmation) = request.state else {
        return Err(Refusal::NothingToDecide(request.state.word()));
    };
    if request.due_at(now).is_none_or(|due| now < due) {
        return Err(Refusal::TooEarly);
    }
    Ok(vec![Event::Expired])
}

fn cancel(request: &Request, by: &Person) -> Result<Vec<Event>, Refusal> {
    if !matches!(
        request.state,
        State::Asked | State::AwaitingApproval { .. } | State::AwaitingConfirmation
    ) {
        return Err(Refusal::NothingToDecide(request.state.word()));
    }
    if !request.requester.lets_act(by) {
        return Err(Refusal::NotYours);
    }
    Ok(vec![Event::Cancelled { by: by.party() }])
}

/// Any admin but the subject may stop, and so may the requester: stopping is the safe direction.
fn stop(request: &Request, by: &Person) -> Result<Vec<Event>, Refusal> {
    let State::CoolingOff { .. } = request.state else {
        return Err(Refusal::NotCoolingOff(request.state.word()));
    };
    if !request.requester.lets_act(by) {
        approval::may_decide_on(request, by)?;
    }
    Ok(vec![Event::Stopped { by: by.party() }])
}

fn begin_run(
    request: &Request,
    start: &Start,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let (approvals, hold_is_done) = match &request.state {
        State::Approved { approvals } => (approvals, false),
        State::CoolingOff {
            approvals,
            until,
            hold,
        } => {
            let done = hold
                .iter()
                .all(|step| matches!(step.progress, Progress::Done { .. }));
            if now < *until || !done {
                return Err(Refusal::TooEarly);
            }
            (approvals, true)
        }
        _ => return Err(command.out_of_order(request)),
    };
    let Some(current) = &request.plan else {
        return Err(command.out_of_order(request));
    };
    let role = request.risk.role_to_ask();
    let requester = start.requester.as_ref();
    let requester_lost = requester.and_then(|person| approval::has_role(person, role).err());
    let mut why = void_approvals(request, approvals, start);
    // A change that a person has go on may have had its effect already: it goes on with the plan that was confirmed.
    let is_first = matches!(request.state, State::Approved { .. });
    let is_gated = approval::required(request, current.policy.approvals) > 0;
    if is_gated || (current.policy.confirm && is_first) {
        why.extend(start.drift.iter().cloned());
    }
    if is_first {
        why.extend(demands_more(&current.policy, &start.policy));
    }
    why.extend(start.plan.blockers.iter().cloned());
    let mut plan = start.plan.clone();
    let risk = plan.risk.unwrap_or(request.risk);
    if is_first && request.requester.person().is_none() && !Service::may_ask(risk) {
        let says = "it needs an approval now, and the service may not ask for what needs one";
        plan.blockers.push(says.to_owned());
        why.push(says.to_owned());
    }
    if let Some(refusal) = requester_lost {
        let says = format!("the requester may no longer ask for this: {refusal}");
        plan.blockers.push(says.clone());
        why.push(says);
    }
    if !why.is_empty() {
        return Ok(vec![Event::Superseded {
            why,
            digest: PlanDigest::of(&plan),
            plan,
            policy: start.policy.clone(),
        }]);
    }
    let steps = current
        .plan
        .steps
        .iter()
        .filter(|step| !(hold_is_done && step.phase == Phase::Hold));
    let steps: Vec<_> = steps.cloned().collect();
    let is_done = steps.is_empty();
    let mut events = vec![Event::RunStarted {
        plan: current.digest,
        steps,
    }];
    if is_done {
        events.push(Event::RunSucceeded);
    }
    Ok(events)
}

/// What the plan demands now and did not demand when it was recorded.
fn demands_more(before: &Policy, now: &Policy) -> Option<String> {
    if before.approvals == 0 && now.approvals > 0 {
        return Some("it needs an approval now".to_owned());
    }
    let says = "it has to be confirmed now: it warns, or touches money or credits";
    (now.confirm && !before.confirm).then(|| says.to_owned())
}

/// Why approvals no longer count: the approver lost the role or the membership since, or has turned out to be
/// the same human as the requester, the subject or another approver.
fn void_approvals(request: &Request, approvals: &[Approval], start: &Start) -> Vec<String> {
    let mut counted: Vec<Approval> = vec![];
    let mut why = vec![];
    let is_requester = |person: &Person| {
        let requester = start.requester.as_ref();
        requester.is_some_and(|requester| person.is_same_human(&requester.party()))
    };
    for approval in approvals {
        let who = &approval.by.slack_id;
        let Some(now) = start.approvers.iter().find(|p| &p.slack_id == who) else {
            why.push(format!(
                "nothing is known any more of the approver <@{who}>"
            ));
            continue;
        };
        // Names under which the approver counted then still count.
        let mut person = now.clone();
        person
            .identities
            .extend(approval.by.identities.iter().cloned());
        let refusal = if is_requester(&person) {
            Err(Refusal::SelfApproval)
        } else {
            approval::may_approve(request, &counted, &person)
        };
        match refusal {
            Ok(()) => counted.push(Approval {
                by: person.party(),
                ..approval.clone()
            }),
            Err(refusal) => why.push(format!(
                "the approval of <@{who}> no longer counts: {refusal}"
            )),
        }
    }
    why
}

fn awaiting(request: &Request) -> Result<&[Approval], Refusal> {
    match &request.state {
        State::AwaitingApproval { approvals } => Ok(approvals),
        other => Err(Refusal::NothingToDecide(other.word())),
    }
}

fn stuck(request: &Request) -> Result<(), Refusal> {
    match &request.state {
        State::Stuck { .. } => Ok(()),
        other => Err(Refusal::NotStuck(other.word())),
    }
}
