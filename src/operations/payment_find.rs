//! `payment find`: the payments of one person, or one payment by its id, as Stripe has them.

pub(super) mod gather;
mod told;

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, payment_dispute, payment_named, payment_owner, subject,
};
use crate::{
    domain::{
        Plan, Risk,
        answer::Done,
        event::{Asking, StepResult},
        plan::PlannedStep,
    },
    systems::{
        Requirement, System,
        app_db::{AppUser, FindError, UserRef},
        stripe::{PaymentId, Retry, Stripe, StripeError},
    },
};

/// Whose payments, or which payment.
const WHOSE: &str = subject::USER;
const STEP: &str = "look";

static DECLARATION: Declaration = Declaration {
    name: "payment find",
    title: "Find payments",
    summary: "A person's payments, or one payment, as Stripe has them: amount, date, status, what was refunded.",
    risk: Risk::Read,
    arguments: &[Argument::required(
        WHOSE,
        "User or payment",
        "An e-mail address, the app's user id, or one payment: pi_…, ch_…, py_… or cs_….",
        Takes::User,
    )
    .shown_as("user|payment")],
    requires: &[
        Requirement::System(System::Stripe),
        Requirement::Column("user.id"),
        Requirement::Part("user.email", "only single payments are found"),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 6: Process Refund Manually",
    example: "/ops payment find maria@example.com",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct PaymentFind;

#[async_trait]
impl Operation for PaymentFind {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let systems = context.systems;
        let stripe = systems.need_stripe()?;
        let named = context.argument(WHOSE);
        let (title, user) = match PaymentId::parse(named) {
            Some(_) => {
                let payment = payment_named::named(stripe, named).await?;
                let owner = payment_owner::of(context, stripe, &payment).await?;
                let user = owner.user().cloned();
                ("Read one payment and its refunds at Stripe", user)
            }
            None => (
                "Look at Stripe for customers, guests and their payments",
                account(context, named).await?,
            ),
        };
        let plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        Ok(match user {
            Some(user) => subject::proposal(systems, &user, plan),
            None => plan.into(),
        })
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let stripe = context.systems.need_stripe()?;
        let named = context.argument(WHOSE);
        if let Some(id) = PaymentId::parse(named) {
            return one(stripe, &id).await;
        }
        let email = email(context, named).await?;
        let found = gather::gather(stripe, &email).await?;
        let result = StepResult::from([
            ("payments".to_owned(), found.payments.len().into()),
            ("customers".to_owned(), found.customers.into()),
        ]);
        Ok(Done::answered(result, told::all(&email, &found)))
    }
}

async fn one(stripe: &Stripe, id: &PaymentId) -> Result<Done, StepError> {
    let Some(payment) = stripe.payment(id).await? else {
        return Err(StepError::Failed(format!(
            "in {id} nothing was paid directly"
        )));
    };
    let refunds = stripe.refunds_of(&payment.id, told::MOST_REFUNDS).await?;
    let taken_back = refunds
        .items
        .iter()
        .filter(|it| !it.is_release(payment.released))
        .count();
    let result = StepResult::from([
        ("payments".to_owned(), 1.into()),
        ("refunds".to_owned(), taken_back.into()),
    ]);
    let standing = payment_dispute::of(stripe, &payment).await?;
    let answer = told::one(&payment, &standing, &refunds);
    Ok(Done::answered(result, answer))
}

/// The account that is named. An address need not be an account's: guests pay too. An account that was found by its id or
/// name is asked for by its own address.
async fn account(context: &PlanContext<'_>, named: &str) -> Result<Option<AppUser>, PlanError> {
    let app = context.app.get().await?;
    match app.find_user(&UserRef::parse(named)).await {
        Ok(user) if user.email.is_some() => Ok(Some(user)),
        Ok(user) => Err(PlanError::Refused(vec![format!(
            "the account {} has no e-mail address, and Stripe knows people by nothing else",
            user.id
        )])),
        Err(FindError::Db(error)) => Err(error.into()),
        Err(_) if named.contains('@') => Ok(None),
        Err(error) => Err(PlanError::Refused(vec![error.to_string()])),
    }
}

/// The address to look for: the one that was typed, or the account's.
async fn email(context: &StepContext<'_>, named: &str) -> Result<String, StepError> {
    // Without an account, what was typed is the address itself.
    let plan = context.request.plan.as_ref();
    if plan.is_some_and(|plan| plan.plan.subject.is_none()) {
        return Ok(named.trim().to_owned());
    }
    let id = UserRef::Id(context.subject()?.to_owned());
    match context.app.get().await?.find_user(&id).await {
        Ok(user) => user
            .email
            .ok_or_else(|| StepError::Failed("the account has no e-mail address".to_owned())),
        Err(FindError::Db(error)) => Err(error.into()),
        Err(error) => Err(StepError::Failed(error.to_string())),
    }
}

impl From<StripeError> for StepError {
    /// For calls that only read.
    fn from(error: StripeError) -> Self {
        let says = error.to_string();
        let failed = match error.retry() {
            Retry::Pointless => Self::Failed(says),
            Retry::Harmless { .. } | Retry::InDoubt { .. } => Self::Retry(says),
        };
        failed.quoting(error.words())
    }
}
