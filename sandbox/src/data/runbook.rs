//! The application as its runbook believes it to be: credits and a block flag on the user, database sessions,
//! every foreign key CASCADE or SET NULL, and files under `user-<id>/`.
//!
//! Traps on purpose: `usr_1` is a prefix of `usr_10`, Maria's e-mail stands in another user's support ticket,
//! in rows without a foreign key and in a request that nobody owns any more, some of her files have older
//! versions or lie under a delete marker, and an admin's address stands in the event of credits that `usr_8` was given by
//! hand.

use chrono::NaiveDate;
use sqlx::PgPool;

use super::{
    SampleObject, TODAY,
    object::{audio, tests},
    people::PEOPLE,
    run,
};

/// What is run, in this order.
pub(crate) const SCRIPTS: &[&str] = &[
    include_str!("people.sql"),
    include_str!("runbook/schema.sql"),
    include_str!("runbook/rows.sql"),
];

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

/// The files: recordings and a picture per user, Maria's reports (forty files of hers), and one that is nobody's.
#[must_use]
pub fn objects() -> Vec<SampleObject> {
    let mut objects: Vec<SampleObject> = (1..=PEOPLE).flat_map(files_of).collect();
    objects.push(SampleObject::new("shared/instructions.mp3".to_owned()));
    objects
}

fn files_of(n: u32) -> Vec<SampleObject> {
    let prefix = format!("user-usr_{n}");
    let picture = SampleObject::new(format!("{prefix}/avatar.png"));
    let mut files = vec![picture.written(if n == 1 { 3 } else { 1 })];
    for test in 1..=tests(n) {
        for answer in 1..=audio(n) {
            let key = format!("{prefix}/tests/{test}/answer-{answer}.webm");
            let object = SampleObject::new(key).written(if test % 4 == 0 { 2 } else { 1 });
            let deleted = (n, test, answer) == (1, 12, 3);
            files.push(if deleted { object.deleted() } else { object });
        }
    }
    if n == 1 {
        let report = |number| SampleObject::new(format!("{prefix}/reports/report-{number}.pdf"));
        files.extend([report(1).written(2).deleted(), report(2), report(3)]);
    }
    files
}
