//! Who somebody is for the rules: what Slack says now, with every identity that the journal has on record.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use tokio::sync::MutexGuard;

use super::directory::{Directory, DirectoryError, Freshness};
use crate::{
    config::limits,
    domain::{
        Person, Request, Standing,
        person::{is_email_identity, user_identity},
    },
    journal::{Journal, index::Known},
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
    pub memory: Memory,
}

/// How much of what is on record must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// What is at hand soon. What only stops something must get through, and what is opened or asked for is decided again.
    AtHand,
    /// All that can be read.
    Read,
    /// All of it, and nothing may be missing or changed: what is missing may say that two accounts are one human.
    Whole,
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
    /// Events are missing or changed.
    #[error("events of the journal have been changed outside Countersign")]
    Changed,
    /// There are events of a later version.
    #[error("this version of Countersign cannot read all events of the journal")]
    Unreadable,
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
        self.remember(&mut person).await?;
        Ok(person)
    }

    /// The same people, of whom so much must be known.
    #[must_use]
    pub fn with(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    /// What is on record; `None` when it is not at hand and need not be.
    async fn known(&self) -> Result<Option<MutexGuard<'_, Known>>, PeopleError> {
        if self.memory == Memory::AtHand {
            let known = tokio::time::timeout(limits::KNOWN_TO_STOP, self.journal.known()).await;
            return Ok(known.ok().and_then(Result::ok));
        }
        let known = self.journal.known().await?;
        match self.memory {
            Memory::Whole if !known.is_whole() => Err(PeopleError::Changed),
            Memory::Whole if !known.is_readable() => Err(PeopleError::Unreadable),
            _ => Ok(Some(known)),
        }
    }

    async fn remember(&self, person: &mut Person) -> Result<(), PeopleError> {
        // Nobody else may do anything, and the address that an outsider shows is not vouched for. An address on record does
        // not stand in for one that Slack does not show now: then nobody can tell who the person is.
        let shows_address = person.identities.iter().any(|it| is_email_identity(it));
        if person.standing == Standing::FullMember && shows_address {
            self.unite(person).await?;
        }
        Ok(())
    }

    async fn unite(&self, person: &mut Person) -> Result<(), PeopleError> {
        loop {
            let Some(known) = self.known().await? else {
                return Ok(());
            };
            let united = known.united(&person.identities);
            drop(known);
            let all = self.directory.linked(united);
            if all.len() == person.identities.len() {
                return Ok(());
            }
            person.identities = all;
        }
    }

    /// The person as the rules have to see them for one request: its subject under any address that the account of the
    /// application had on record counts as its subject.
    pub async fn before(&self, person: &Person, request: &Request) -> Result<Person, PeopleError> {
        let mut person = person.clone();
        self.remember(&mut person).await?;
        let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
        if let Some(subject) = subject {
            let known = self.known().await?;
            let mut addresses = known.map_or_else(BTreeSet::new, |it| it.of_user(&subject.user_id));
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
