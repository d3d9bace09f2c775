//! Who the people of a request are when it is planned and when it begins to run.

use super::Runner;
use crate::domain::{Person, Plan, Request, approval::has_role};

impl Runner {
    /// A plan of a higher risk than its operation's needs a requester of a higher role.
    pub(super) async fn not_theirs(&self, request: &Request, plan: &Plan) -> Option<String> {
        let risk = plan.risk.filter(|risk| *risk > request.risk)?;
        let requester = request.requester.person()?;
        let person = self.people.person(&requester.slack_id).await?;
        let refusal = has_role(&person, risk.role_to_ask()).err()?;
        let says = format!("this much is a {} operation: {refusal}", risk.word());
        // The warning that raised the risk says why.
        let why = plan.warnings.iter().find(|one| !one.is_test_mode());
        Some(why.map_or_else(|| says.clone(), |why| format!("{says} ({why})")))
    }

    /// The requester and the approvers as they are known right now; `None` when Slack or the store does not tell.
    pub(super) async fn people(&self, request: &Request) -> Option<(Option<Person>, Vec<Person>)> {
        let mut approvers = Vec::new();
        for approval in request.state.approvals() {
            let person = self.people.person(&approval.by.slack_id).await?;
            approvers.push(self.people.before(&person, request).await?);
        }
        let requester = match request.requester.person() {
            Some(party) => Some(self.people.person(&party.slack_id).await?),
            None => None,
        };
        Some((requester, approvers))
    }
}
