//! The application as it really is: no credits and no block flag, tests with `date` and `score`, sessions in
//! signed cookies (the table is empty), foreign keys that RESTRICT, and files under `uploads/` that only
//! `Response.audioUrl` ties to a user.
//!
//! Traps on purpose: two users whose e-mails differ in letter case alone, one file that two users' rows name,
//! files that no row names, a row whose file is gone, and payments in two currencies.

use chrono::NaiveDate;
use sqlx::PgPool;

use super::{
    SampleObject, TODAY,
    object::{audio, tests},
    people::{PEOPLE, SamplePerson},
    run,
};

/// What is run, in this order.
pub(crate) const SCRIPTS: &[&str] = &[
    include_str!("people.sql"),
    include_str!("real/schema.sql"),
    include_str!("real/rows.sql"),
    include_str!("real/records.sql"),
];

/// The twin of Maria by letter case: another person.
pub const TWIN: SamplePerson = SamplePerson {
    id: "usr_41",
    email: "Maria@example.com",
    name: "Maria Silva",
};

/// A user who deletes without resistance and leaves nothing behind: only CASCADE rows.
pub const PLAIN: SamplePerson = SamplePerson {
    id: "usr_9",
    email: "hana@example.com",
    name: "Hana Sato",
};

/// A user whom one RESTRICT row of `Subscription` holds, and nothing else.
pub const HELD_BY_SUBSCRIPTION: &str = "usr_5";

/// A user whom RESTRICT rows of `AnalyticsEvent` hold, and nothing else.
pub const HELD_BY_ANALYTICS: &str = "usr_10";

/// A user whom RESTRICT rows of `BlogPost` hold, and nothing else.
pub const HELD_BY_BLOG_POST: &str = "usr_6";

/// The owner, beside Maria, of rows that name [`shared_key`].
pub const SHARES_A_FILE: &str = "usr_7";

/// The person and test and answer whose row names a file that is not in the bucket.
const GONE: (u32, u32, u32) = (11, 1, 1);

/// Makes the tables in an empty database and fills them, told relative to [`TODAY`].
///
/// # Errors
/// When the database refuses, for example because the tables are there already.
pub async fn load(pool: &PgPool) -> anyhow::Result<()> {
    load_at(pool, TODAY).await
}

/// As [`load`], told relative to another day.
///
/// # Errors
/// As [`load`].
pub async fn load_at(pool: &PgPool, today: NaiveDate) -> anyhow::Result<()> {
    run(pool, today, SCRIPTS).await
}

/// The key that rows of Maria and of [`SHARES_A_FILE`] both name: two uploads in one millisecond.
#[must_use]
pub fn shared_key() -> String {
    key(1, 1, 1)
}

/// The key of a file that a row of `usr_11` names and that is not in the bucket.
#[must_use]
pub fn gone_key() -> String {
    key(GONE.0, GONE.1, GONE.2)
}

/// The files: what the rows name, except one that is gone, and three whose rows were never written.
#[must_use]
pub fn objects() -> Vec<SampleObject> {
    let mut objects = Vec::new();
    // The twin, person 41, has one test.
    for (n, tests) in (1..=PEOPLE).map(|n| (n, tests(n))).chain([(41, 1)]) {
        for (test, answer) in (1..=tests).flat_map(|test| (1..=audio(n)).map(move |it| (test, it)))
        {
            let second_name_of_shared = (n, test, answer) == (7, 1, 1);
            if second_name_of_shared || (n, test, answer) == GONE {
                continue;
            }
            let object = SampleObject::new(key(n, test, answer));
            objects.push(object.written(if test % 4 == 0 { 2 } else { 1 }));
        }
    }
    objects.extend((1..=3).map(|it| SampleObject::new(key(99, 1, it))));
    objects
}

/// `uploads/<milliseconds>-recording.<kind>`, as `rows.sql` has it.
fn key(n: u32, test: u32, answer: u32) -> String {
    let millis = 1_760_000_000_000 + u64::from(n * 100_000 + test * 1000 + answer * 37) * 1009;
    let kind = if answer == 3 { "mp4" } else { "webm" };
    format!("uploads/{millis}-recording.{kind}")
}
