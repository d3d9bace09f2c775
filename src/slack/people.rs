//! Who somebody is for the rules: what Slack says now, with every identity that the journal has on record.

use std::sync::Arc;

use async_trait::async_trait;

use super::directory::{Directory, DirectoryError, Freshness};
use crate::{
    domain::{
        Person, Request, Standing,
        person::{is_email_identity, user_identity},
    },
    journal::Journal,
    operations,
    runtime::SharedClock,
};

/// Slack's directory together with the journal's memory. Cheap to clone.
#[derive(Clone)]
pub struct People {
    /// What Slack says.
    pub directory: Arc<Directory>,
    /// What is on record.
    pub journal: Journal,
    pub clock: SharedClock,
}

/// Why it cannot be said who somebody is. Nothing may be decided then.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Slack does not tell.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The store does not tell.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl People {
    /// A Slack account, with all identities that it, or any account of the same human, has or ever had on record.
    pub async fn person(
        &self,
        slack_id: &str,
        freshness: Freshness,
    ) -> Result<Person, PeopleError> {
        let now = self.clock.now();
        let mut person = self.directory.person(slack_id, freshness, now).await?;
        // Nobody else may do anything, and the address that an outsider shows is not vouched for. An address on record does
        // not stand in for one that Slack does not show now: then nobody can tell who the person is.
        let shows_address = person.identities.iter().any(|it| is_email_identity(it));
        if person.standing == Standing::FullMember && shows_address {
            self.unite(&mut person).await?;
        }
        Ok(person)
    }

    async fn unite(&self, person: &mut Person) -> Result<(), sqlx::Error> {
        loop {
            let known = self.journal.known().await?.united(&person.identities);
            let all = self.directory.linked(known);
            if all.len() == person.identities.len() {
                return Ok(());
            }
            person.identities = all;
        }
    }

    /// The person as the rules have to see them for one request: its subject under any address that the account of the
    /// application had on record counts as its subject.
    pub async fn before(&self, person: &Person, request: &Request) -> Result<Person, sqlx::Error> {
        let mut person = person.clone();
        let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
        if let Some(subject) = subject {
            let mut addresses = self.journal.known().await?.of_user(&subject.user_id);
            addresses.extend(subject.email_identity.clone());
            let mut united = person.clone();
            self.unite(&mut united).await?;
            if !addresses.is_disjoint(&united.identities) {
                person.identities.insert(user_identity(&subject.user_id));
            }
        }
        Ok(person)
    }

    /// The same for an approver, against whom the requester and the earlier approvers are as Slack knows them now: what
    /// they have in common with the approver by now counts as well.
    pub async fn before_approval(
        &self,
        person: &Person,
        request: &Request,
    ) -> Result<Person, PeopleError> {
        let mut person = self.before(person, request).await?;
        let earlier = request
            .state
            .approvals()
            .iter()
            .map(|approval| &approval.by);
        for other in request.requester.person().into_iter().chain(earlier) {
            let now = self.person(&other.slack_id, Freshness::Fresh).await?;
            if !now.identities.is_disjoint(&person.identities) {
                person.identities.extend(other.identities.iter().cloned());
            }
        }
        Ok(person)
    }
}

#[async_trait]
impl operations::People for People {
    async fn person(&self, slack_id: &str) -> Option<Person> {
        let person = self.person(slack_id, Freshness::Fresh).await;
        person
            .inspect_err(
                |error| tracing::warn!(person = slack_id, %error, "nothing is known of them now"),
            )
            .ok()
    }

    async fn before(&self, person: &Person, request: &Request) -> Option<Person> {
        let before = self.before(person, request).await;
        before
            .inspect_err(|error| tracing::warn!(request = %request.id, %error, "nothing is known of a person now"))
            .ok()
    }
}
