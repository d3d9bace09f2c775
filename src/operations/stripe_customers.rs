//! Whose a customer at Stripe is. An address is typed by whoever pays, so it proves little: a customer that names another
//! account is never somebody's, and one that names none only under exactly the account's address.

use crate::{
    domain::{Instant, precision::certainly_before},
    systems::stripe::{Customer, Retry, Stripe, StripeError},
};

/// Customers that are read: more with one address are no person's.
pub(super) const MOST_CUSTOMERS: usize = 10;

/// An account, as customers are matched with it.
pub(super) struct Owner<'a> {
    /// The app's user id.
    pub user: &'a str,
    /// The address.
    pub email: &'a str,
    /// The name under which Stripe's metadata hold the user id.
    pub user_field: &'a str,
    /// Why the address alone does not say whose a customer is; `None` when it does.
    pub doubt: Option<&'static str>,
    /// When the account was erased, if it has come back with a backup: since then the address was anybody's.
    pub erased: Option<Instant>,
}

/// Whose a customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The account's.
    Theirs,
    /// Another account's.
    Others,
    /// Nothing says whose.
    Unclear,
}

/// The customers that were found under the address, in any letter case.
#[derive(Default)]
pub(super) struct Customers {
    /// The account's.
    pub theirs: Vec<Customer>,
    /// Those of which nothing says whose they are.
    pub unclear: Vec<Customer>,
    /// How many name another account.
    pub others: u64,
    /// Whether there are more than were read.
    pub more: bool,
    /// Why those in other letter case could not be searched for.
    pub unsearched: Option<StripeError>,
}

impl Owner<'_> {
    /// Whose a customer is. Two that have no address do not have the same one.
    pub(super) fn whose(&self, customer: &Customer) -> Whose {
        let email = customer.email.as_deref().unwrap_or_default();
        let is_exact = !email.is_empty() && email == self.email;
        let is_same =
            is_exact || !email.is_empty() && email.to_lowercase() == self.email.to_lowercase();
        match self.names(customer) {
            Some(false) => Whose::Others,
            Some(true) if is_same => Whose::Theirs,
            None if is_exact && self.doubt.is_none() && self.is_of_their_time(customer) => {
                Whose::Theirs
            }
            Some(true) | None => Whose::Unclear,
        }
    }

    /// Whether a customer names the account (true), another one (false), or none.
    fn names(&self, customer: &Customer) -> Option<bool> {
        let named = customer.metadata.get(self.user_field);
        let named = named.filter(|id| !id.is_empty());
        named.map(|id| id == self.user)
    }

    fn is_of_their_time(&self, customer: &Customer) -> bool {
        self.erased.is_none_or(|erased| {
            customer
                .created
                .is_some_and(|made| certainly_before(made, erased))
        })
    }
}

/// What Stripe has under an address, whoever they are.
pub(super) struct UnderAddress {
    /// With exactly the address, as they are now.
    pub exact: Vec<Customer>,
    /// What a search in any letter case found, which lags and repeats the exact ones.
    pub searched: Vec<Customer>,
    /// Whether there are more than [`MOST_CUSTOMERS`].
    pub more: bool,
    /// Why those in other letter case could not be searched for.
    pub unsearched: Option<StripeError>,
}

/// Looks for customers by the address as it is, and in other letter case.
///
/// # Errors
/// [`StripeError`]. Only a search that Stripe refuses is none.
pub(super) async fn under_address(
    stripe: &Stripe,
    email: &str,
) -> Result<UnderAddress, StripeError> {
    let exact = stripe.customers_by_email(email, MOST_CUSTOMERS).await?;
    let mut found = UnderAddress {
        exact: exact.items,
        searched: vec![],
        more: exact.more,
        unsearched: None,
    };
    let searched = stripe.search_customers_by_email(email, MOST_CUSTOMERS);
    match searched.await {
        Ok(searched) => {
            found.more |= searched.more;
            found.searched = searched.items;
        }
        // Some countries have no search, and a key may lack the right to it.
        Err(error) if error.retry() == Retry::Pointless => found.unsearched = Some(error),
        Err(error) => return Err(error),
    }
    Ok(found)
}

/// Finds the customers under the account's address.
///
/// # Errors
/// [`StripeError`]. Only a search that Stripe refuses is none.
pub(super) async fn find(stripe: &Stripe, owner: &Owner<'_>) -> Result<Customers, StripeError> {
    if owner.email.is_empty() {
        return Ok(Customers::default());
    }
    let under = under_address(stripe, owner.email).await?;
    let mut found = Customers {
        more: under.more,
        unsearched: under.unsearched,
        ..Customers::default()
    };
    let mut all = under.exact;
    all.extend(as_they_are(stripe, under.searched, &all).await?);
    for customer in all {
        match owner.whose(&customer) {
            Whose::Theirs => found.theirs.push(customer),
            Whose::Unclear => found.unclear.push(customer),
            Whose::Others => found.others += 1,
        }
    }
    Ok(found)
}

/// What a search found, as it is now: a search lags. Those that are known already, and those that are deleted, are left
/// out.
pub(super) async fn as_they_are(
    stripe: &Stripe,
    searched: Vec<Customer>,
    known: &[Customer],
) -> Result<Vec<Customer>, StripeError> {
    let mut now = vec![];
    for one in searched {
        if known.iter().any(|it| it.id == one.id) {
            continue;
        }
        match stripe.customer(&one.id).await {
            Ok(customer) if customer.deleted => {}
            Ok(customer) => now.push(customer),
            Err(error) if error.is_resource_missing() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn customer(email: Option<&str>, user: Option<&str>) -> Customer {
        Customer {
            id: "cus_1".to_owned(),
            email: email.map(str::to_owned),
            deleted: false,
            livemode: true,
            created: Some(DateTime::UNIX_EPOCH),
            metadata: user
                .map(|id| ("userId".to_owned(), id.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    fn owner(email: &str) -> Owner<'_> {
        Owner {
            user: "usr_1",
            email,
            user_field: "userId",
            doubt: None,
            erased: None,
        }
    }

    #[test]
    fn the_account_that_is_named_outweighs_the_address() {
        let (maria, upper) = (Some("maria@example.com"), Some("MARIA@example.com"));
        let cases = [
            (maria, Some("usr_1"), Whose::Theirs),
            (upper, Some("usr_1"), Whose::Theirs),
            (maria, None, Whose::Theirs),
            (maria, Some(""), Whose::Theirs),
            (upper, None, Whose::Unclear),
            (Some("boss@example.net"), Some("usr_1"), Whose::Unclear),
            (None, Some("usr_1"), Whose::Unclear),
            (maria, Some("usr_10"), Whose::Others),
        ];
        for (email, user, whose) in cases {
            let found = owner("maria@example.com").whose(&customer(email, user));
            assert_eq!(found, whose, "{email:?} {user:?}");
        }
    }

    #[test]
    fn two_without_an_address_do_not_have_the_same_one() {
        for email in [None, Some("")] {
            let found = owner("").whose(&customer(email, None));
            assert_eq!(found, Whose::Unclear, "{email:?}");
        }
    }

    #[test]
    fn in_doubt_and_since_the_erasure_an_address_alone_says_nothing() {
        let email = "maria@example.com";
        let unnamed = customer(Some(email), None);
        let doubted = Owner {
            doubt: Some("why"),
            ..owner(email)
        };
        assert_eq!(doubted.whose(&unnamed), Whose::Unclear);
        let hour = TimeDelta::hours(1);
        for (erased, whose) in [
            (DateTime::UNIX_EPOCH + hour, Whose::Theirs),
            (DateTime::UNIX_EPOCH - hour, Whose::Unclear),
        ] {
            let owner = Owner {
                erased: Some(erased),
                ..owner(email)
            };
            assert_eq!(owner.whose(&unnamed), whose);
        }
    }

    #[test]
    fn a_customer_of_the_second_of_the_erasure_is_kept_wherever_in_it_the_erasure_was() {
        let email = "maria@example.com";
        let made: DateTime<chrono::Utc> = "2026-12-01T10:00:05Z".parse().expect("a time");
        let unnamed = Customer {
            created: Some(made),
            ..customer(Some(email), None)
        };
        for (after, whose) in [
            (-1, Whose::Unclear),
            (0, Whose::Unclear),
            (1, Whose::Unclear),
            (999, Whose::Unclear),
            (1000, Whose::Theirs),
            (1001, Whose::Theirs),
        ] {
            let owner = Owner {
                erased: Some(made + TimeDelta::milliseconds(after)),
                ..owner(email)
            };
            assert_eq!(owner.whose(&unnamed), whose, "{after} ms later");
        }
    }
}
