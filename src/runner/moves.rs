//! Which move a state calls for: plan, expire, start, a step, or an undone step.

use super::{
    LATE_CLICKS, PLAN_PATIENCE, READ_PATIENCE, REST, Runner,
    drive::{MoveError, Moved},
    proposed::{Committed, Proposed, blocked, commit, in_test_mode},
};
use crate::{
    domain::{
        Command, Instant, Plan, Policy, Request, Risk, State, approval,
        command::Start,
        event::Planned,
        plan::Subject,
        private_data::{Kind, PrivateText},
        request::{self, Progress},
    },
    journal::{ReadError, RecordError, Recorded, lease::Lease, private_data},
    operations::{PlanContext, PlanError, Proposal, USER, catalogue},
    systems::{
        app_db::LazySnapshot,
        stripe::{PaymentId, Stripe},
    },
};

impl Runner {
    pub(super) async fn make_move(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        let now = self.clock.now();
        match &request.state {
            State::Asked => self.plan(lease, request, events).await,
            State::AwaitingApproval { .. } | State::AwaitingConfirmation => {
                self.expire(lease, request).await
            }
            _ if self.is_frozen(request).await? => Ok(Moved::Rests(REST)),
            State::Approved { .. } => self.start(lease, request, events).await,
            State::CoolingOff { hold, until, .. } => {
                let open = hold
                    .iter()
                    .any(|step| !matches!(step.progress, Progress::Done { .. }));
                if open {
                    self.step(lease, request, events).await
                } else if now >= *until {
                    self.start(lease, request, events).await
                } else {
                    Ok(Moved::Waits)
                }
            }
            State::Running { .. } => self.step(lease, request, events).await,
            State::RollingBack { .. } => self.undo(lease, request, events).await,
            _ => Ok(Moved::Waits),
        }
    }

    async fn plan(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        let Proposed {
            proposal,
            words,
            test_mode,
        } = self.propose(request, events).await?;
        let words = words.as_deref();
        match proposal {
            Ok(Committed {
                mut plan,
                label,
                terms,
            }) => {
                plan.blockers.extend(self.not_theirs(request, &plan).await);
                let policy = self.policy_for(request, &plan);
                let label = label.map(|text| private_data::new(Kind::Label, text));
                let planned = Planned {
                    digest: plan.digest(),
                    plan,
                    policy,
                    label: label.as_ref().map(PrivateText::commitment),
                };
                let subject = planned.plan.subject.clone();
                let command = Command::Present(Box::new(planned));
                let private_data: Vec<_> = label.into_iter().chain(terms).collect();
                match self.command(lease, request, &command, &private_data).await {
                    Err(MoveError::Record(RecordError::AlreadyOpen)) => {
                        let blockers = vec![self.conflicting_request(request, subject).await?];
                        let refuse = Command::Refuse {
                            blockers,
                            test_mode,
                        };
                        self.command(lease, request, &refuse, &[]).await
                    }
                    moved => moved,
                }
            }
            Err(PlanError::Refused(blockers)) => {
                let refuse = Command::Refuse {
                    blockers,
                    test_mode,
                };
                self.command_quoting(lease, request, &refuse, &[], words)
                    .await
            }
            Err(PlanError::Unavailable(why)) if self.nobody_waits(request) => {
                let refuse = Command::Refuse {
                    blockers: vec![ask_again(&why)],
                    test_mode,
                };
                self.command_quoting(lease, request, &refuse, &[], words)
                    .await
            }
            Err(error) => {
                tracing::warn!(request = %request.id, %error, "the plan could not be worked out; it is tried again");
                Ok(Moved::Rests(REST))
            }
        }
    }

    /// Works out the plan as it is now, by the same code at every time.
    async fn propose(&self, request: &Request, events: &[Recorded]) -> Result<Proposed, MoveError> {
        let Some(operation) = catalogue::find(&request.operation) else {
            let says = format!("this version does not know `{}`", request.operation);
            return Ok(Proposed::of(Err(PlanError::Refused(vec![says])), false));
        };
        let private_data = self.journal.private_data_of(request.id, events).await?;
        if private_data.changed {
            return Err(ReadError::TextChanged.into());
        }
        let mut asking = private_data.asking.clone().unwrap_or_default();
        // Once a person was found, the same person is meant, whatever the address leads to now. A payment that stands in
        // a person's place stays what it is.
        let typed = asking.arguments.get(USER);
        let is_payment = typed.is_some_and(|typed| PaymentId::parse(typed).is_some());
        let is_account = typed.is_some() && !is_payment;
        let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
        let subject = subject.filter(|_| !is_payment);
        if let Some(subject) = subject {
            let id = subject.user_id.clone();
            asking.arguments.insert(USER.to_owned(), id);
        }
        let context = PlanContext {
            systems: &self.systems,
            app: LazySnapshot::of(&self.systems.app_db),
            journal: &self.journal,
            people: &*self.people,
            request,
            asking: &asking,
            now: self.clock.now(),
        };
        let declaration = operation.declaration();
        let proposal = match declaration.check(&self.systems, &context.app).await {
            Ok(()) => operation.plan(&context).await,
            Err(lacking) => Err(lacking),
        };
        let stripe = self.systems.stripe.as_ref();
        let is_test = stripe.is_some_and(Stripe::is_test_mode) && operation.asks_stripe(&asking);
        let proposal = match is_test {
            true => in_test_mode(proposal),
            false => proposal,
        };
        // Whose a payment is may change between two plans: then the new plan asks for a new approval.
        let named = subject.filter(|_| is_account);
        let proposal = proposal.and_then(|proposal| same_account(named, proposal));
        let earlier = request.plan.as_ref().map(|plan| &plan.plan.terms);
        let committed = proposal.map(|proposal| commit(proposal, earlier, &private_data));
        Ok(Proposed::of(committed, is_test))
    }

    fn policy_for(&self, request: &Request, plan: &Plan) -> Policy {
        approval::demanded(request, plan, &self.policy, self.clock.now())
    }

    /// Whoever asked for something that only reads waits for the answer now, and for a plan not for hours.
    fn nobody_waits(&self, request: &Request) -> bool {
        self.clock.now() - request.asked_at > patience(request)
    }

    /// Whether a run that everybody has agreed to should have begun long ago.
    fn is_overdue(&self, request: &Request) -> bool {
        let due = match &request.state {
            State::CoolingOff { until, .. } => *until,
            state => {
                let approved = state.approvals().iter().map(|approval| approval.at).max();
                let confirmed = request.plan.as_ref().and_then(|plan| plan.confirmed_at);
                approved.or(confirmed).unwrap_or(request.asked_at)
            }
        };
        self.clock.now() - due > patience(request)
    }

    /// Which open request about the same account is in the way.
    async fn conflicting_request(
        &self,
        request: &Request,
        subject: Option<Subject>,
    ) -> Result<String, MoveError> {
        let other = sqlx::query_scalar!(
            r#"select number from countersign.request
               where open and operation = $1 and subject = $2 and risk in ('sensitive', 'destructive') and id <> $3
               order by number limit 1"#,
            request.operation,
            subject.map(|subject| subject.user_id),
            request.id.0
        )
        .fetch_optional(&self.journal.pool)
        .await?;
        let other = other.map_or_else(
            || "another request about this account".to_owned(),
            |number| {
                format!(
                    "{}, which is about this account too,",
                    request::label(number)
                )
            },
        );
        Ok(format!(
            "{other} is open: wait for its end, or have it cancelled"
        ))
    }

    /// A click that came in before the expiry counts, also when it is still being worked on.
    async fn expire(&self, lease: Lease, request: &Request) -> Result<Moved, MoveError> {
        let now = self.clock.now();
        let Some(due) = request.due_at(now).filter(|due| *due <= now) else {
            return Ok(Moved::Waits);
        };
        if self.has_clicks(request, due).await? {
            return Ok(Moved::Rests(LATE_CLICKS));
        }
        self.command(lease, request, &Command::Expire, &[]).await
    }

    /// Whether somebody's click on this request came in until `until` and is not yet processed.
    async fn has_clicks(&self, request: &Request, until: Instant) -> Result<bool, MoveError> {
        let open = sqlx::query_scalar!(
            r#"select exists(select from countersign.inbox
                             where request_id = $1 and done_at is null and failed_at is null and received_at <= $2) as "open!""#,
            request.id.0,
            until
        )
        .fetch_one(&self.journal.pool)
        .await?;
        Ok(open)
    }

    /// A stop that was clicked in time counts: the run begins a moment late, and not while a click is open.
    async fn start(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Moved, MoveError> {
        if let State::CoolingOff { until, .. } = &request.state {
            let early = *until + LATE_CLICKS - self.clock.now();
            if early > chrono::Duration::zero() {
                return Ok(Moved::Rests(early));
            }
            if self.has_clicks(request, *until + LATE_CLICKS).await? {
                return Ok(Moved::Rests(LATE_CLICKS));
            }
        }
        // What the plan says of a refusal is enough here: the request was shown and is shown again.
        let proposal = match self.propose(request, events).await?.proposal {
            Ok(mut proposal) => {
                let blocker = self.not_theirs(request, &proposal.plan).await;
                proposal.plan.blockers.extend(blocker);
                proposal
            }
            Err(PlanError::Unavailable(why)) if !self.is_overdue(request) => {
                tracing::warn!(request = %request.id, why, "the plan could not be worked out again; the run waits");
                return Ok(Moved::Rests(REST));
            }
            Err(PlanError::Unavailable(why)) => {
                return self.refuse(lease, request, ask_again(&why)).await;
            }
            Err(PlanError::Quoted { .. }) => return Ok(Moved::Rests(REST)),
            Err(PlanError::Refused(blockers)) => match blocked(request, blockers) {
                Some(proposal) => proposal,
                None => return Ok(Moved::Waits),
            },
        };
        let subject = proposal.plan.subject.clone();
        match self.begin(lease, request, proposal).await {
            Err(MoveError::Record(RecordError::AlreadyOpen)) => {
                let blocker = self.conflicting_request(request, subject).await?;
                self.refuse(lease, request, blocker).await
            }
            moved => moved,
        }
    }

    /// What was approved is not carried out: the plan as it was, now with a blocker.
    async fn refuse(
        &self,
        lease: Lease,
        request: &Request,
        blocker: String,
    ) -> Result<Moved, MoveError> {
        match blocked(request, vec![blocker]) {
            Some(proposal) => self.begin(lease, request, proposal).await,
            None => Ok(Moved::Waits),
        }
    }

    async fn begin(
        &self,
        lease: Lease,
        request: &Request,
        proposal: Committed,
    ) -> Result<Moved, MoveError> {
        let Some(people) = self.people(request).await else {
            return Ok(Moved::Rests(REST));
        };
        let (requester, approvers) = people;
        let drift = match (&request.plan, catalogue::find(&request.operation)) {
            (Some(current), Some(operation)) => operation.drift(&current.plan, &proposal.plan),
            _ => vec![],
        };
        let start = Start {
            policy: self.policy_for(request, &proposal.plan),
            plan: proposal.plan,
            drift,
            requester,
            approvers,
        };
        let start = Command::Start(Box::new(start));
        self.command(lease, request, &start, &proposal.terms).await
    }

    /// Freezing stops whatever changes something; what only reads goes on, and so does a hold's undoing.
    async fn is_frozen(&self, request: &Request) -> Result<bool, MoveError> {
        if matches!(request.state, State::RollingBack { .. })
            || request.due_at(self.clock.now()).is_none()
            || !catalogue::waits_when_frozen(request)
        {
            return Ok(false);
        }
        Ok(self.journal.is_frozen().await?)
    }
}

/// An account that is gone must not be taken for another one whose name or address is its id.
fn same_account(before: Option<&Subject>, now: Proposal) -> Result<Proposal, PlanError> {
    match (before, &now.plan.subject) {
        (Some(before), Some(now)) if before.user_id != now.user_id => {
            let gone = format!("there is no account {} any more", before.user_id);
            Err(PlanError::Refused(vec![gone]))
        }
        _ => Ok(now),
    }
}

/// How long a plan is tried to be worked out.
fn patience(request: &Request) -> chrono::Duration {
    match request.risk {
        Risk::Read => READ_PATIENCE,
        Risk::Change | Risk::Sensitive | Risk::Destructive => PLAN_PATIENCE,
    }
}

fn ask_again(why: &str) -> String {
    format!("{why}. Ask again later")
}
