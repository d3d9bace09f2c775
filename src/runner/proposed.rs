//! What came of planning: a plan that commits to its private terms, or why there is none.

use crate::{
    domain::{
        Plan, Request,
        plan::{TEST_MODE, Terms, Warning},
        private_data::{Kind, PrivateData, PrivateText},
    },
    journal::private_data,
    operations::{PlanError, Proposal},
};

/// What came of planning.
pub(super) struct Proposed {
    pub(super) proposal: Result<Committed, PlanError>,
    /// What a system that failed said itself.
    pub(super) words: Option<String>,
    /// Whether it is about Stripe's test mode.
    pub(super) test_mode: bool,
}

impl Proposed {
    pub(super) fn of(proposal: Result<Committed, PlanError>, test_mode: bool) -> Self {
        let (proposal, words) = match proposal {
            Ok(proposal) => (Ok(proposal), None),
            Err(error) => {
                let (error, words) = error.split();
                (Err(error), words)
            }
        };
        Self {
            proposal,
            words,
            test_mode,
        }
    }
}

/// A plan that commits to its private terms.
pub(super) struct Committed {
    pub(super) plan: Plan,
    pub(super) label: Option<String>,
    /// The private terms that are not on record yet.
    pub(super) terms: Vec<PrivateText>,
}

/// A term that is the same as in the earlier plan keeps its commitment, so that both plans compare equal. Any other gets a new
/// random salt: nobody can tell from two commitments whether the texts are the same.
pub(super) fn commit(
    proposal: Proposal,
    earlier: Option<&Terms>,
    private_data: &PrivateData,
) -> Committed {
    let Proposal {
        mut plan,
        label,
        private_terms,
    } = proposal;
    let mut terms = vec![];
    for (name, text) in private_terms {
        let earlier = earlier.and_then(|earlier| earlier.private(&name));
        let same = earlier.filter(|one| private_data.term(one) == Some(text.as_str()));
        let commitment = match same {
            Some(same) => same.clone(),
            None => {
                let term = private_data::new(Kind::Term, text);
                let commitment = term.commitment();
                terms.push(term);
                commitment
            }
        };
        plan.terms.commit(name, commitment);
    }
    Committed { plan, label, terms }
}

/// Says first that Stripe is used in test mode.
pub(super) fn in_test_mode(proposal: Result<Proposal, PlanError>) -> Result<Proposal, PlanError> {
    match proposal {
        Ok(mut proposal) => {
            let credits = match proposal.plan.changes_credits() {
                true => ", but credits in the app's database do change",
                false => "",
            };
            let says = format!(
                "the key is a test key, so this is about test data at Stripe, and no real money moves{credits}"
            );
            proposal.plan.warnings.insert(0, Warning::test_mode(&says));
            Ok(proposal)
        }
        Err(PlanError::Refused(mut why)) => {
            if let Some(first) = why.first_mut() {
                *first = format!("{TEST_MODE}: {first}");
            }
            Err(PlanError::Refused(why))
        }
        Err(error) => Err(error),
    }
}

/// The plan as it was approved, with what forbids it now.
pub(super) fn blocked(request: &Request, blockers: Vec<String>) -> Option<Committed> {
    let mut plan = request.plan.as_ref()?.plan.clone();
    plan.blockers = blockers;
    Some(Committed {
        plan,
        label: None,
        terms: vec![],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(address: &str) -> Proposal {
        let mut proposal = Proposal::from(Plan::of_steps(vec![]));
        let address = ("address".to_owned(), address.to_owned());
        proposal.private_terms.insert(address.0, address.1);
        proposal
    }

    fn on_record(committed: &Committed) -> PrivateData {
        let terms = committed.terms.iter().map(|term| (term.id, term.clone()));
        PrivateData {
            terms: terms.collect(),
            ..PrivateData::default()
        }
    }

    #[test]
    fn a_private_term_stays_out_of_the_plan_and_is_found_by_its_commitment() {
        let committed = commit(proposal("192.0.2.7"), None, &PrivateData::default());
        let plan = serde_json::to_string(&committed.plan).unwrap();
        assert!(!plan.contains("192.0.2.7"), "{plan}");
        let commitment = committed.plan.terms.private("address").unwrap();
        let private_data = on_record(&committed);
        assert_eq!(private_data.term(commitment), Some("192.0.2.7"));
    }

    #[test]
    fn the_same_private_term_planned_again_keeps_its_commitment_and_another_does_not() {
        let first = commit(proposal("192.0.2.7"), None, &PrivateData::default());
        let private_data = on_record(&first);
        let terms = Some(&first.plan.terms);
        let same = commit(proposal("192.0.2.7"), terms, &private_data);
        assert_eq!(same.plan.digest(), first.plan.digest());
        assert!(same.terms.is_empty(), "nothing new is written down");
        let other = commit(proposal("192.0.2.8"), terms, &private_data);
        assert_ne!(other.plan.terms, first.plan.terms);
        assert_eq!(other.terms.len(), 1);
    }

    #[test]
    fn a_private_term_that_was_changed_or_erased_beside_the_chain_is_none() {
        let committed = commit(proposal("192.0.2.7"), None, &PrivateData::default());
        let commitment = committed.plan.terms.private("address").unwrap();
        for text in [Some("192.0.2.8".to_owned()), None] {
            let mut private_data = on_record(&committed);
            for term in private_data.terms.values_mut() {
                term.text.clone_from(&text);
            }
            assert_eq!(private_data.term(commitment), None);
        }
    }
}
