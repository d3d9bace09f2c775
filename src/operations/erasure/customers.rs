//! The person's customers at Stripe: which they are, what of theirs is still running, and which are left because nothing
//! says whose they are.

mod erase;

pub(super) use erase::{erase, left};

use super::{
    case::Case,
    step,
    terms::{Account, Terms},
};
use crate::{
    domain::{
        Instant, Plan,
        plan::{Impact, Kept, PlannedStep, Warning},
    },
    operations::{
        PlanContext, PlanError, StepError,
        stripe_customers::{Customers, MOST_CUSTOMERS, Owner, as_they_are, find},
    },
    systems::{
        Systems,
        app_db::{AppUser, Snapshot},
        stripe::{Customer, Retry, Stripe, StripeError},
    },
};

/// Subscriptions of one customer that are looked at.
const MOST_SUBSCRIPTIONS: usize = 20;

/// Everything at Stripe that may be the person's.
#[derive(Default)]
struct Found {
    customers: Customers,
    /// Customers that name the account, under another address.
    elsewhere: Vec<Customer>,
    /// Why the address alone does not say whose a customer is.
    doubt: Option<&'static str>,
}

/// Adds what happens to the person's customers, and what forbids it. Gives the ids of those that are to be deleted. `erased`
/// is when the account was erased before, if it has come back with a backup.
pub(super) async fn add(
    plan: &mut Plan,
    context: &PlanContext<'_>,
    user: &AppUser,
    erased: Option<Instant>,
) -> Result<Vec<String>, PlanError> {
    let systems = context.systems;
    let Some(stripe) = &systems.stripe else {
        return Ok(vec![]);
    };
    let app = context.app.get().await?;
    let found = match look(app, stripe, user, erased).await {
        Ok(found) => found,
        Err(Unseen::Refused(error)) => {
            let says = format!("the Stripe customer cannot be looked for: {error}");
            match systems.delete_stripe_customer {
                true => plan.blockers.push(says),
                false => plan
                    .warnings
                    .push(Warning::new("stripe_customer_not_readable", says)),
            }
            return Ok(vec![]);
        }
        Err(Unseen::Not(error)) => return Err(error),
    };
    add_subscriptions(plan, stripe, &found).await?;
    add_gaps(plan, systems, &found);
    if !systems.delete_stripe_customer {
        return Ok(vec![]);
    }
    add_deletion(plan, &found.customers.theirs);
    add_left(plan, &found);
    let theirs = found.customers.theirs.into_iter();
    Ok(theirs.map(|customer| customer.id).collect())
}

/// Why nothing is known.
enum Unseen {
    /// Stripe refuses the look.
    Refused(StripeError),
    /// There can be no plan now.
    Not(PlanError),
}

impl From<StripeError> for Unseen {
    fn from(error: StripeError) -> Self {
        match error.retry() {
            Retry::Pointless => Self::Refused(error),
            Retry::Harmless { .. } | Retry::InDoubt { .. } => Self::Not(error.into()),
        }
    }
}

async fn look(
    app: &Snapshot,
    stripe: &Stripe,
    user: &AppUser,
    erased: Option<Instant>,
) -> Result<Found, Unseen> {
    let mut found = Found::default();
    let user_field = &app.mapping.payment.metadata_user;
    if let Some(email) = &user.email {
        let shares = app.shares_address(&user.id).await;
        found.doubt = match shares.map_err(|error| Unseen::Not(error.into()))? {
            Some(true) => Some("another account has this address too"),
            Some(false) if user.email_verified == Some(false) => {
                Some("the app has not verified this address")
            }
            Some(false) => None,
            None => Some("the account is gone"),
        };
        let owner = Owner {
            user: &user.id,
            email,
            user_field,
            doubt: found.doubt,
            erased,
        };
        found.customers = find(stripe, &owner).await?;
    }
    let naming = stripe.search_customers_by_metadata(user_field, &user.id, MOST_CUSTOMERS);
    match naming.await {
        Ok(naming) => {
            let known = [&found.customers.theirs[..], &found.customers.unclear].concat();
            let naming = as_they_are(stripe, naming.items, &known).await?;
            let is_named = |it: &Customer| it.metadata.get(user_field) == Some(&user.id);
            found.elsewhere = naming.into_iter().filter(is_named).collect();
        }
        Err(error) if error.retry() == Retry::Pointless => {
            found.customers.unsearched.get_or_insert(error);
        }
        Err(error) => return Err(error.into()),
    }
    found.customers.theirs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// Nobody is erased and goes on being charged. What may be somebody else's is only told.
async fn add_subscriptions(
    plan: &mut Plan,
    stripe: &Stripe,
    found: &Found,
) -> Result<(), PlanError> {
    let theirs = running(stripe, &found.customers.theirs).await;
    let unclear = found.customers.unclear.iter().chain(&found.elsewhere);
    let unclear: Vec<Customer> = unclear.cloned().collect();
    let (theirs, unclear) = match (theirs, running(stripe, &unclear).await) {
        (Ok(theirs), Ok(unclear)) => (theirs, unclear),
        (Err(error), _) | (_, Err(error)) if error.retry() == Retry::Pointless => {
            let says =
                format!("whether a subscription is running cannot be read from Stripe: {error}");
            plan.warnings
                .push(Warning::new("stripe_subscriptions_not_readable", says));
            return Ok(());
        }
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    if !theirs.is_empty() {
        let (are_running, them) = match theirs.len() {
            1 => ("1 subscription is running".to_owned(), "it"),
            n => (format!("{n} subscriptions are running"), "them"),
        };
        plan.blockers.push(format!(
            "{are_running} at Stripe ({}): cancel and settle {them} first",
            theirs.join(", ")
        ));
    }
    if !unclear.is_empty() {
        let says = format!(
            "subscriptions that run at Stripe and may be this person's, which nothing proves: {}. Look there before you \
             approve",
            unclear.join(", ")
        );
        let about = unclear.join(", ");
        plan.warnings
            .push(Warning::new("subscriptions_of_unclear_owner", says).about(about));
    }
    Ok(())
}

async fn running(stripe: &Stripe, customers: &[Customer]) -> Result<Vec<String>, StripeError> {
    let mut running = vec![];
    for customer in customers {
        let all = stripe
            .subscriptions_of(&customer.id, MOST_SUBSCRIPTIONS)
            .await?;
        let all = all.items.into_iter().filter(|one| one.is_running());
        running.extend(all.map(|one| one.id));
    }
    Ok(running)
}

fn add_gaps(plan: &mut Plan, systems: &Systems, found: &Found) {
    if let Some(error) = &found.customers.unsearched {
        let says = format!(
            "customers at Stripe with the address in other letter case could not be searched for: {error}"
        );
        plan.warnings
            .push(Warning::new("stripe_customers_not_searched", says));
    }
    if !found.customers.more {
        return;
    }
    let says = format!("more than {MOST_CUSTOMERS} customers at Stripe have this address");
    if systems.delete_stripe_customer {
        plan.blockers.push(format!(
            "{says}: delete those of this person there, until {MOST_CUSTOMERS} or fewer are left, then ask again"
        ));
    } else {
        let says = format!(
            "{says}: whether they have running subscriptions was not looked at for all of them"
        );
        plan.warnings
            .push(Warning::new("more_stripe_customers", says));
    }
}

fn add_deletion(plan: &mut Plan, theirs: &[Customer]) {
    if theirs.is_empty() {
        return;
    }
    let at = plan.steps.iter().position(|one| one.id == step::ELSEWHERE);
    let title = match theirs {
        [_] => "Delete the Stripe customer",
        _ => "Delete the Stripe customers",
    };
    let step = PlannedStep::irreversible(step::STRIPE, title);
    plan.steps.insert(at.unwrap_or(plan.steps.len()), step);
    plan.impact
        .extend(theirs.iter().map(|customer| Impact::Value {
            name: "Stripe customer".to_owned(),
            before: customer.id.clone(),
            after: "deleted".to_owned(),
        }));
    plan.warnings.push(Warning::new(
        "stripe_customer_deleted_for_good",
        "deleting a Stripe customer cancels its subscriptions at once and cannot be undone",
    ));
}

/// What is not deleted, because it is or may be somebody else's.
fn add_left(plan: &mut Plan, found: &Found) {
    let ids = |customers: &[Customer]| {
        let ids: Vec<&str> = customers.iter().map(|one| one.id.as_str()).collect();
        ids.join(", ")
    };
    let mut add = |kind: &str, what: &str, count: usize, why: String| {
        if count > 0 {
            let kept = Kept::new(kind, what, why);
            plan.kept.push(kept.counted(count as u64));
        }
    };
    let Customers {
        unclear, others, ..
    } = &found.customers;
    let others = usize::try_from(*others).unwrap_or(usize::MAX);
    let doubt = found
        .doubt
        .unwrap_or("the letter case is another, or the account was erased before");
    let why = format!(
        "no account is named there, and {doubt}: look in Stripe at {}",
        ids(unclear)
    );
    let what = "Stripe customer(s) of unclear owner";
    add("stripe_customers_unclear", what, unclear.len(), why);
    let why = format!(
        "this account is named there under another address: look in Stripe at {}",
        ids(&found.elsewhere)
    );
    let what = "Stripe customer(s) with another address";
    let kind = "stripe_customers_with_other_address";
    add(kind, what, found.elsewhere.len(), why);
    let why = "the address is this one, and another account is named there".to_owned();
    let what = "Stripe customer(s) of others";
    add("stripe_customers_of_others", what, others, why);
}

/// The customers that the approved plan says are deleted: no others are.
fn approved(case: &Case<'_>) -> Result<Vec<String>, StepError> {
    let plan = case.context.request.plan.as_ref().map(|plan| &plan.plan);
    let Account { stripe_customers } = Terms::account(plan, case.user)?;
    Ok(stripe_customers)
}
