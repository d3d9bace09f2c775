//! What columns are called that refer to an account. Numbers and short ids count only there: elsewhere the same value is
//! something else's.

use crate::systems::app_db::{
    graph::{Graph, ROOT},
    schema::Table,
};

/// What people are called in an application's schema.
const PEOPLE: [&str; 50] = [
    "account",
    "actor",
    "admin",
    "approver",
    "assignee",
    "assigner",
    "attendee",
    "author",
    "buyer",
    "coach",
    "commenter",
    "creator",
    "customer",
    "editor",
    "employee",
    "follower",
    "friend",
    "guest",
    "invitee",
    "inviter",
    "learner",
    "manager",
    "member",
    "moderator",
    "operator",
    "owner",
    "participant",
    "patient",
    "payer",
    "people",
    "person",
    "player",
    "receiver",
    "recipient",
    "referrer",
    "reporter",
    "requester",
    "reviewer",
    "seller",
    "sender",
    "student",
    "submitter",
    "subscriber",
    "teacher",
    "tutor",
    "updater",
    "uploader",
    "user",
    "viewer",
    "voter",
];

/// How a column ends that holds an id, in one word with the rest or apart from it.
const IDS: [&str; 9] = [
    "uuids", "uuid", "guids", "guid", "uids", "uid", "ids", "id", "ref",
];

/// Words before `to` in columns that name a person: `assignedTo`.
const GIVEN: [&str; 7] = [
    "assigned",
    "given",
    "granted",
    "sent",
    "shared",
    "transferred",
    "addressed",
];

/// The words for people in this schema.
pub(in crate::systems::app_db) struct Names {
    /// In lower case, one of them.
    people: Vec<String>,
}

impl Names {
    /// A word that is another table's name refers to that table: `memberId` beside a table `Member`.
    pub(in crate::systems::app_db) fn of(graph: &Graph<'_>) -> Self {
        let root = graph.nodes[ROOT].table;
        let own = words_of(&graph.at.schema.tables[root]);
        let tables = graph.at.schema.tables.iter().enumerate();
        let others: Vec<Vec<String>> = tables
            .filter(|(index, _)| *index != root)
            .map(|(_, table)| words_of(table))
            .filter(|words| *words != own)
            .collect();
        let is_other = |word: &str| {
            others
                .iter()
                .any(|other| matches!(other.as_slice(), [only] if only == word))
        };
        let people = PEOPLE.into_iter().filter(|word| !is_other(word));
        let mut people: Vec<String> = people.map(str::to_owned).collect();
        people.extend(own.last().filter(|word| !people.contains(word)).cloned());
        Self { people }
    }

    /// Whether a column of this name refers to an account.
    pub(in crate::systems::app_db) fn refer(&self, column: &str) -> bool {
        let mut words = words(column);
        if words.len() == 1 && words[0] == "uid" {
            return true;
        }
        if words.len() > 1
            && words
                .last()
                .is_some_and(|last| IDS.contains(&last.as_str()))
        {
            words.pop();
        }
        let Some(last) = words.pop() else {
            return false;
        };
        if last == "to" {
            return words
                .last()
                .is_some_and(|before| GIVEN.contains(&before.as_str()));
        }
        let glued = IDS.iter().filter_map(|ending| last.strip_suffix(ending));
        let mut readings = glued.chain([last.as_str()]);
        readings.any(|word| {
            word == "by" && !words.is_empty()
                || word.len() > 4 && word.ends_with("edby")
                || self.people.contains(&singular(word))
        })
    }

    /// The words for people as alternatives of a regular expression, with a small or a capital first letter.
    pub(super) fn pattern(&self) -> String {
        let each = self.people.iter().filter_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().filter(char::is_ascii_lowercase)?;
            let rest = letters.as_str();
            let is_plain = rest.chars().all(|char| char.is_ascii_alphanumeric());
            is_plain.then(|| format!("[{first}{}]{rest}", first.to_ascii_uppercase()))
        });
        each.collect::<Vec<_>>().join("|")
    }
}

/// The words of a table's name, the last one for one of its rows: `TestSession`, `test_sessions`.
pub(super) fn words_of(table: &Table) -> Vec<String> {
    let mut words = words(&table.name);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words
}

/// The words of a name in lower case, whichever way they are put together.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for char in name.chars() {
        let begins = char.is_uppercase() && (before.is_lowercase() || before.is_numeric());
        if begins || !char.is_alphanumeric() {
            words.push(String::new());
        }
        if char.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(char.to_lowercase());
        }
        before = char;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn singular(word: &str) -> String {
    match word {
        _ if word.ends_with("ies") => format!("{}y", word.trim_end_matches("ies")),
        _ if ["sses", "xes", "ches", "shes"]
            .iter()
            .any(|end| word.ends_with(end)) =>
        {
            word[..word.len() - 2].to_owned()
        }
        _ if word.ends_with('s') && !word.ends_with("ss") => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let people = PEOPLE.iter().map(|word| (*word).to_owned()).collect();
        Names { people }
    }

    #[test]
    fn columns_that_refer_to_an_account_are_recognised_by_their_name() {
        for name in [
            "userId",
            "user_id",
            "userid",
            "USERID",
            "userUid",
            "userID",
            "memberIds",
            "member_ids",
            "createdBy",
            "created_by",
            "createdById",
            "created_by_id",
            "createdby",
            "ownerId",
            "owner",
            "authorId",
            "assignedTo",
            "uid",
            "last_editor_id",
            "account_id",
            "participants",
            "people_ids",
        ] {
            assert!(names().refer(name), "{name}");
        }
    }

    #[test]
    fn other_columns_are_not() {
        for name in [
            "id",
            "orderId",
            "order_id",
            "projectId",
            "subject",
            "by",
            "standby",
            "hobby",
            "username",
            "userAgent",
            "userCount",
            "amount",
            "version",
            "externalId",
            "postId",
            "valid",
            "belongsTo",
            "created",
        ] {
            assert!(!names().refer(name), "{name}");
        }
    }

    #[test]
    fn names_are_taken_apart_however_they_are_written() {
        assert_eq!(words("testSessionIDs"), ["test", "session", "ids"]);
        assert_eq!(words("Test_session-id"), ["test", "session", "id"]);
        assert_eq!(singular("companies"), "company");
        assert_eq!(singular("boxes"), "box");
        assert_eq!(singular("access"), "access");
    }
}
