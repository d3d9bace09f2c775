//! Who may have the dialog that a button of a card opens. What is submitted in it is decided afresh.

use super::inbox::Dialog;
use crate::{
    domain::{
        Person, PlanDigest, Refusal, Request, State,
        approval::{may_approve, may_decide_on, may_see},
    },
    slack::cards::{is_of_current_card, is_of_request},
};

impl Dialog {
    /// Why this person does not get the dialog; `None` when they do. `plan` and `nonce` are the button's. What the rules
    /// forbid comes before what is merely too late.
    #[must_use]
    pub fn refusal(
        self,
        request: &Request,
        person: &Person,
        plan: Option<PlanDigest>,
        nonce: Option<&str>,
    ) -> Option<Refusal> {
        let allowed = match self {
            Self::Approve => may_approve(request, request.state.approvals(), person),
            Self::Deny | Self::Settle => may_decide_on(request, person),
            Self::FullPlan => may_see(request, person),
        };
        allowed
            .err()
            .or_else(|| self.out_of_place(&request.state))
            .or_else(|| self.out_of_date(request, plan, nonce))
    }

    fn out_of_place(self, state: &State) -> Option<Refusal> {
        let word = state.word();
        match (self, state) {
            (Self::Approve | Self::Deny, State::AwaitingApproval { .. })
            | (Self::Settle, State::Stuck { .. })
            | (Self::FullPlan, _) => None,
            (Self::Approve | Self::Deny, _) => Some(Refusal::NothingToDecide(word)),
            (Self::Settle, _) => Some(Refusal::NotStuck(word)),
        }
    }

    fn out_of_date(
        self,
        request: &Request,
        plan: Option<PlanDigest>,
        nonce: Option<&str>,
    ) -> Option<Refusal> {
        let is_current_plan = request.plan.as_ref().map(|it| it.digest) == plan;
        let is_current = match self {
            Self::Approve if !is_current_plan => return Some(Refusal::OtherPlan),
            Self::FullPlan => {
                is_current_plan && nonce.is_some_and(|given| is_of_request(request, given))
            }
            _ => nonce.is_some_and(|given| is_of_current_card(request, given)),
        };
        (!is_current).then_some(Refusal::OutOfDate)
    }
}
