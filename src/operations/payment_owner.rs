//! Whose a payment is, and how many credits it bought: by what was written down when it was paid, never by an e-mail
//! address, which anybody can type at a checkout.

use std::collections::BTreeMap;

use super::{
    PlanContext, PlanError,
    payment_bought::{Bought, Grant},
};
use crate::{
    domain::request::label,
    systems::{
        app_db::{AppUser, FindError, UserRef},
        stripe::{CheckoutSession, Payment, Retry, Stripe, StripeError},
    },
};

/// Checkout sessions of one payment that are looked at. There is one as a rule.
const SESSIONS: usize = 5;

/// The longest id of an account that is repeated: a UUID has 36 characters.
const ID_CHARS: usize = 40;

/// Whose a payment is.
pub(super) enum Owner {
    /// An account of the app.
    Known {
        /// The account.
        user: Box<AppUser>,
        /// The credits that the whole payment bought.
        bought: Bought,
    },
    /// Nobody can say: why.
    Unknown(String),
}

impl Owner {
    /// The account, when it is known.
    pub(super) fn user(&self) -> Option<&AppUser> {
        match self {
            Self::Known { user, .. } => Some(user),
            Self::Unknown(_) => None,
        }
    }
}

/// Asks the ledger of what was given by hand first, then the app's own table, then what the app gave Stripe.
pub(super) async fn of(
    context: &PlanContext<'_>,
    stripe: &Stripe,
    payment: &Payment,
) -> Result<Owner, PlanError> {
    let systems = context.systems;
    let sessions = match payment.id.starts_with("pi_") {
        true => {
            stripe
                .sessions_of_intent(&payment.id, SESSIONS)
                .await?
                .items
        }
        false => vec![],
    };
    let mut ids = vec![payment.id.clone()];
    ids.extend(payment.charge.clone());
    ids.extend(sessions.iter().map(|session| session.id.clone()));
    let names = &systems.app_db.mapping().payment;
    let granted = granted(context, &ids).await?;
    let app = context.app.get().await?;
    let row = app.payment_row(&ids).await?;
    let said = || all_metadata(payment, &sessions);
    let said_credits = said()
        .filter_map(|data| data.get(&names.metadata_credits)?.parse().ok())
        .find(|credits: &i64| *credits > 0);
    let bought = Bought::of(granted.as_ref(), row.as_ref(), said_credits);
    let granted_to = granted.map(|grant| grant.user_id);
    let user_id = granted_to.or(row.map(|row| row.user_id)).or_else(|| {
        let named = said().find_map(|data| data.get(&names.metadata_user).cloned());
        let referred = || {
            sessions
                .iter()
                .find_map(|one| one.client_reference_id.clone())
        };
        named.or_else(referred).filter(|id| !id.is_empty())
    });
    let Some(user_id) = user_id else {
        let says = "neither the app nor Stripe's metadata say whose account it was for";
        return Ok(Owner::Unknown(says.to_owned()));
    };
    match app.find_user(&UserRef::Id(user_id.clone())).await {
        Ok(user) => Ok(Owner::Known {
            user: Box::new(user),
            bought,
        }),
        Err(FindError::Db(error)) => Err(error.into()),
        Err(_) if is_id(&user_id) => Ok(Owner::Unknown(format!(
            "it was for the account {user_id}, which the app does not have"
        ))),
        Err(_) => {
            let says = "it was for an account that the app does not have";
            Ok(Owner::Unknown(says.to_owned()))
        }
    }
}

/// Whether a text can be an id of the app's. What stands in its place at Stripe may be an address, a name or anything
/// else, and what is said here goes on record.
fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.len() <= ID_CHARS && text.chars().all(fits) && text.contains(|c: char| c.is_ascii_digit())
}

/// Credits that were given by hand for a payment, because the app had not.
async fn granted(context: &PlanContext<'_>, ids: &[String]) -> Result<Option<Grant>, PlanError> {
    let row = sqlx::query!(
        r#"select g.user_id, sum(g.credits)::bigint as "credits!", array_agg(r.number order by r.number) as "numbers!"
           from countersign.credit_grant g join countersign.request r on r.id = g.request_id
           where g.payment = any($1) and g.granted_at is not null
           group by g.user_id order by max(g.granted_at) desc limit 1"#,
        ids
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    Ok(row.map(|row| Grant {
        user_id: row.user_id,
        credits: row.credits,
        by: row.numbers.into_iter().map(label).collect(),
    }))
}

fn all_metadata<'a>(
    payment: &'a Payment,
    sessions: &'a [CheckoutSession],
) -> impl Iterator<Item = &'a BTreeMap<String, String>> {
    let of_sessions = sessions.iter().map(|session| &session.metadata);
    std::iter::once(&payment.metadata).chain(of_sessions)
}

impl From<StripeError> for PlanError {
    /// What reads can always be asked again, unless Stripe refuses.
    fn from(error: StripeError) -> Self {
        let says = error.to_string();
        let failed = match error.retry() {
            Retry::Pointless => Self::Refused(vec![says]),
            Retry::Harmless { .. } | Retry::InDoubt { .. } => Self::Unavailable(says),
        };
        failed.quoting(error.words())
    }
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn an_id_is_told_from_what_names_a_person() {
        for id in [
            "usr_9",
            "42",
            "clx3k9v0x0000qzrm8h1l2abc",
            "0190b5a7-5d2e-7c3b-9f00-1a2b3c4d5e6f",
        ] {
            assert!(is_id(id), "{id}");
        }
        for other in [
            "maria@example.com",
            "maria",
            "Maria Silva 2",
            "+49 151 1234",
            "",
        ] {
            assert!(!is_id(other), "{other}");
        }
        assert!(!is_id(&"a1".repeat(30)));
    }
}
