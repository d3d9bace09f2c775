//! Every ten minutes: texts beside the journal that have served their purpose are erased. The messages stay as they are.

use chrono::Duration;
use futures::future::BoxFuture;

use crate::{
    journal::private_data,
    work::{Job, JobContext, JobError, Schedule},
};

/// How long answers are kept after their request's end: long enough for a Slack that is down to come back. Whoever asked has read
/// them there, and they may name people who are nobody's subject.
const ANSWERS_KEPT: Duration = Duration::days(7);

/// How long the texts of a request are kept after its end whose plan is about a private term, as an IP address.
pub const NAMES_KEPT: Duration = Duration::days(90);

/// Erases old texts.
pub const FORGET_TEXTS: Job = Job {
    name: "forget texts",
    schedule: Schedule::Every(Duration::minutes(10)),
    catch_up: Duration::minutes(10),
    deadline: std::time::Duration::from_secs(300),
    run: forget,
};

fn forget(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let store = &context.journal.pool;
        private_data::erase_answers(store, context.now - ANSWERS_KEPT).await?;
        Ok(private_data::erase_named(store, context.now - NAMES_KEPT).await?)
    })
}
