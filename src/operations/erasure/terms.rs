//! What an erasure is carried out from: the accounts, and what is deleted of each beyond rows and files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{Plan, Terms as PlanTerms},
    operations::StepError,
};

/// The terms of an erasure of one account or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::operations) struct Terms {
    /// By user id.
    pub accounts: BTreeMap<String, Account>,
}

/// One account of an erasure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::operations) struct Account {
    /// The ids of the customers at Stripe that are deleted, and no others are.
    pub stripe_customers: Vec<String>,
}

impl Terms {
    /// The terms of one account's erasure.
    pub(super) fn only(user: &str, account: Account) -> Self {
        Self {
            accounts: BTreeMap::from([(user.to_owned(), account)]),
        }
    }

    /// The terms of a plan; `None` for a plan of another operation.
    pub(in crate::operations) fn of(plan: &Plan) -> Option<Self> {
        plan.terms.read()
    }

    /// Adds those of an account's own plan.
    pub(in crate::operations) fn add(&mut self, of_one: &Plan) {
        let of_one = Self::of(of_one).unwrap_or_default();
        self.accounts.extend(of_one.accounts);
    }

    /// As a plan holds them.
    pub(in crate::operations) fn written(&self) -> PlanTerms {
        PlanTerms::of(self)
    }

    /// What was approved for one account.
    ///
    /// # Errors
    /// [`StepError::Failed`] when the plan is not about it.
    pub(super) fn account(plan: Option<&Plan>, user: &str) -> Result<Account, StepError> {
        plan.and_then(Self::of)
            .and_then(|mut terms| terms.accounts.remove(user))
            .ok_or_else(|| StepError::Failed(format!("the plan has no terms for {user}")))
    }
}
