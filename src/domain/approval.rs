//! The two-person rule, the requester's confirmation, and the proof that what was demanded was given.

use super::{
    Instant, Plan, PlanDigest, Policy, Refusal, RequestId, Risk,
    actor::Service,
    person::{Person, Role, Standing, is_email_identity, user_identity},
    policy::PolicySettings,
    request::{Approval, Request, State},
};

/// Proof that a request's plan may be carried out: enough distinct, qualified persons approved that very
/// plan or its requester confirmed it, or it needs neither. Only this module makes one, so nothing runs without it.
#[derive(Debug, Clone)]
pub struct Approved {
    request: RequestId,
    plan: PlanDigest,
}

impl Approved {
    /// The proof for a request that is cleared to run (or runs already), `None` for any other.
    #[must_use]
    pub fn of(request: &Request) -> Option<Self> {
        let current = request.plan.as_ref()?;
        let approvals = match &request.state {
            State::Approved { approvals }
            | State::CoolingOff { approvals, .. }
            | State::Running { approvals, .. } => approvals,
            _ => return None,
        };
        let confirmed = !current.policy.confirm || current.confirmed_at.is_some();
        let of_this_plan = approvals.iter().all(|a| a.plan == current.digest);
        let enough =
            distinct(approvals) >= usize::from(required(request, current.policy.approvals));
        let subject = current.plan.subject.as_ref();
        let subject = subject.and_then(|s| s.email_identity.as_ref());
        let all_are_second_persons = approvals.iter().all(|a| {
            !request.requester.has_any(&a.by.identities)
                && subject.is_none_or(|identity| !a.by.identities.contains(identity))
        });
        // The service asks for nothing that needs an approval, whatever journal or plan say.
        let may_ask = request.requester.person().is_some() || Service::may_ask(request.risk);
        (may_ask && enough && confirmed && of_this_plan && all_are_second_persons).then_some(Self {
            request: request.id,
            plan: current.digest,
        })
    }

    /// The request that may run.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// The plan that may be carried out.
    #[must_use]
    pub fn plan(&self) -> PlanDigest {
        self.plan
    }
}

/// What a plan of this request demands when it is shown at `now`. What had to be confirmed once has to be confirmed again
/// when it has changed, and nobody is there to confirm what the service asks for.
#[must_use]
pub fn demanded(request: &Request, plan: &Plan, settings: &PolicySettings, now: Instant) -> Policy {
    let risk = plan.risk.unwrap_or(request.risk).max(request.risk);
    let before = request.plan.as_ref();
    let confirm = risk == Risk::Change
        && request.requester.person().is_some()
        && (plan.calls_for_confirmation() || before.is_some_and(|plan| plan.policy.confirm));
    Policy::new(risk, plan.irreversible, confirm, settings, now)
}

/// How many approvals a request needs: a gated risk never needs fewer than one, whatever the journal says.
#[must_use]
pub fn required(request: &Request, by_policy: u8) -> u8 {
    if request.risk.is_gated() {
        by_policy.max(1)
    } else {
        by_policy
    }
}

/// May this person confirm a request? Whoever asked for it may, as long as they may ask.
///
/// # Errors
/// Refuses everybody else.
pub fn may_confirm(request: &Request, by: &Person) -> Result<(), Refusal> {
    if !request.requester.lets_act(by) {
        return Err(Refusal::NotRequester);
    }
    has_role(by, request.risk.role_to_ask())
}

/// May this person deny, stop, resume or settle a request? Its subject may not, or an admin could keep a request about
/// their own account from ever running. Whoever asked for it may.
///
/// # Errors
/// Refuses whoever is no full member or no admin, and the subject.
pub fn may_decide_on(request: &Request, by: &Person) -> Result<(), Refusal> {
    may_decide(by)?;
    if is_subject(request, by) && !request.requester.is(by) {
        return Err(Refusal::SubjectDecision);
    }
    Ok(())
}

/// May this person see a request's whole plan? Whoever asked for it may, and whoever may ask for what only reads.
///
/// # Errors
/// Refuses everybody else.
pub fn may_see(request: &Request, by: &Person) -> Result<(), Refusal> {
    match has_role(by, Role::Viewer) {
        Err(Refusal::RoleMissing(_)) if request.requester.is(by) => Ok(()),
        outcome => outcome,
    }
}

/// Whether a request is about this person.
fn is_subject(request: &Request, by: &Person) -> bool {
    let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
    subject.is_some_and(|subject| {
        let email = subject.email_identity.as_ref();
        email.is_some_and(|identity| by.identities.contains(identity))
            || by.identities.contains(&user_identity(&subject.user_id))
    })
}

/// May this person decide about requests at all?
///
/// # Errors
/// Refuses whoever is no full member or no admin.
pub fn may_decide(person: &Person) -> Result<(), Refusal> {
    has_role(person, Role::Admin)
}

/// Is this person a full member with at least `role`?
///
/// # Errors
/// Refuses whoever is not.
pub fn has_role(person: &Person, role: Role) -> Result<(), Refusal> {
    if person.standing != Standing::FullMember {
        return Err(Refusal::NotAMember(person.standing));
    }
    if person.role < Some(role) {
        return Err(Refusal::RoleMissing(role));
    }
    Ok(())
}

/// The two-person rule for one approver of one request, with no exemption for anyone.
///
/// # Errors
/// Names the part of the rule that is broken.
pub fn may_approve(request: &Request, approvals: &[Approval], by: &Person) -> Result<(), Refusal> {
    may_decide(by)?;
    // Without an address nobody can tell that two accounts, or an account and the subject, are one human.
    let requester = request.requester.person();
    let knows_requester = requester.is_some_and(|party| knows_email(&party.identities));
    if !knows_email(&by.identities) || !knows_requester {
        return Err(Refusal::NoEmail);
    }
    if request.requester.is(by) {
        return Err(Refusal::SelfApproval);
    }
    if is_subject(request, by) {
        return Err(Refusal::SubjectApproval);
    }
    if approvals.iter().any(|a| by.is_same_human(&a.by)) {
        return Err(Refusal::AlreadyApproved);
    }
    Ok(())
}

fn knows_email(identities: &std::collections::BTreeSet<String>) -> bool {
    identities
        .iter()
        .any(|identity| is_email_identity(identity))
}

/// How many distinct humans approved.
fn distinct(approvals: &[Approval]) -> usize {
    approvals
        .iter()
        .enumerate()
        .filter(|(i, a)| {
            approvals[..*i]
                .iter()
                .all(|earlier| earlier.by.identities.is_disjoint(&a.by.identities))
        })
        .count()
}
