//! The directory's facts in the domain's words.

use super::{PersonFacts, Role, Standing};
use crate::domain::person;

impl From<PersonFacts> for person::Person {
    fn from(facts: PersonFacts) -> Self {
        Self {
            standing: match facts.standing {
                Standing::FullMember => person::Standing::FullMember,
                Standing::Guest(_) => person::Standing::Guest,
                Standing::Bot | Standing::AppUser => person::Standing::Bot,
                Standing::Deactivated => person::Standing::Deactivated,
                Standing::Stranger | Standing::ForeignTeam => person::Standing::Stranger,
                Standing::Unknown => person::Standing::Unknown,
            },
            role: facts.roles.last().map(|highest| match highest {
                Role::Viewer => person::Role::Viewer,
                Role::Operator => person::Role::Operator,
                Role::Admin => person::Role::Admin,
            }),
            identities: facts.identities,
            slack_id: facts.slack_user_id,
        }
    }
}
