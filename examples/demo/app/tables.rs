//! The tables that hold rows of a person, and how the rows are found. Written by hand, past the service's own search,
//! so that the page shows what is there and not what the service believes.

use crate::arguments::Shape;

/// A table and the condition under which a row is the person's: `$1` is the id, `$2` the e-mail.
pub type Counted = (&'static str, &'static str);

const BY_ID: &str = r#""userId" = $1"#;
const BY_TEST: &str = r#""sessionId" in (select id from "TestSession" where "userId" = $1)"#;

const RUNBOOK: &[Counted] = &[
    ("User", "id = $1"),
    ("Account", BY_ID),
    ("Session", BY_ID),
    ("TestSession", BY_ID),
    ("Response", BY_TEST),
    ("UserFlashcardProgress", BY_ID),
    ("UserPronunciationProgress", BY_ID),
    ("SupportTicket", BY_ID),
    ("Subscription", BY_ID),
    ("AnalyticsEvent", BY_ID),
    ("LoginAttempt", "lower(email) = lower($2)"),
    ("PasswordResetToken", "lower(email) = lower($2)"),
    ("VerificationToken", "lower(identifier) = lower($2)"),
];

/// Here two people's addresses differ in letter case alone, so nothing is folded.
const REAL: &[Counted] = &[
    ("User", "id = $1"),
    ("Account", BY_ID),
    ("TestSession", BY_ID),
    ("Response", BY_TEST),
    ("QuestionUsage", BY_ID),
    ("UserFlashcardProgress", BY_ID),
    ("UserPronunciationProgress", BY_ID),
    ("Subscription", BY_ID),
    ("AnalyticsEvent", BY_ID),
    ("BlogPost", r#""authorId" = $1"#),
    ("BlogDraft", BY_ID),
    ("LoginAttempt", r#"email = $2 or "userId" = $1"#),
    ("PasswordResetToken", "email = $2"),
    ("VerificationToken", "identifier = $2"),
];

/// One query with the name and the number of the person's rows of every table.
pub fn query(shape: Shape) -> String {
    let tables = match shape {
        Shape::Runbook => RUNBOOK,
        Shape::Real => REAL,
    };
    let parts: Vec<String> = tables
        .iter()
        .map(|(table, whose)| {
            format!(
                r#"select '{table}' as "table", count(*) as "rows" from "{table}" where {whose}"#
            )
        })
        .collect();
    parts.join(" union all ")
}
