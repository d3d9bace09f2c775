//! Who the people of a request are when it is planned and when it begins to run.

use async_trait::async_trait;

use super::Runner;
use crate::{
    domain::{Person, Plan, Request, approval::has_role},
    operations::People,
    slack::{
        directory::Freshness,
        people::{People as KnownPeople, PeopleError},
    },
};

impl Runner {
    /// A plan of a higher risk than its operation's needs a requester of a higher role.
    pub(super) async fn not_theirs(&self, request: &Request, plan: &Plan) -> Option<String> {
        let risk = plan.risk.filter(|risk| *risk > request.risk)?;
        let requester = request.requester.person()?;
        let person = People::person(self, &requester.slack_id).await?;
        let refusal = has_role(&person, risk.role_to_ask()).err()?;
        let says = format!("this much is a {} operation: {refusal}", risk.word());
        // The warning that raised the risk says why.
        let why = plan.warnings.iter().find(|one| !one.is_test_mode());
        Some(why.map_or_else(|| says.clone(), |why| format!("{says} ({why})")))
    }

    /// The requester and the approvers as they are known right now; `None` when Slack or the store does not tell.
    pub(super) async fn people(&self, request: &Request) -> Option<(Option<Person>, Vec<Person>)> {
        let people = self.known_people();
        let look = async {
            let mut approvers = Vec::new();
            for approval in request.state.approvals() {
                let slack_id = &approval.by.slack_id;
                let person = people.person(slack_id, Freshness::Fresh).await?;
                approvers.push(people.before(&person, request).await?);
            }
            let requester = match request.requester.person() {
                Some(party) => Some(people.person(&party.slack_id, Freshness::Fresh).await?),
                None => None,
            };
            Ok::<_, PeopleError>((requester, approvers))
        };
        look.await
            .inspect_err(|error| tracing::warn!(request = %request.id, %error, "a run waits"))
            .ok()
    }

    fn known_people(&self) -> KnownPeople {
        KnownPeople {
            directory: self.directory.clone(),
            journal: self.journal.clone(),
            clock: self.clock.clone(),
        }
    }
}

#[async_trait]
impl People for Runner {
    async fn person(&self, slack_id: &str) -> Option<Person> {
        let person = self.known_people().person(slack_id, Freshness::Fresh).await;
        person
            .inspect_err(
                |error| tracing::warn!(person = slack_id, %error, "nothing is known of them now"),
            )
            .ok()
    }
}
