//! Every ten minutes: answers that whoever asked has had time to read in Slack are erased. They may name people who are
//! nobody's subject.

use chrono::Duration;
use futures::future::BoxFuture;

use crate::{
    journal::private_data,
    work::{Job, JobContext, JobError, Schedule},
};

/// How long answers are kept after their request's end: long enough for a Slack that is down to come back.
const KEPT: Duration = Duration::days(7);

/// Erases old answers.
pub const FORGET_ANSWERS: Job = Job {
    name: "forget answers",
    schedule: Schedule::Every(Duration::minutes(10)),
    catch_up: Duration::minutes(10),
    deadline: std::time::Duration::from_secs(300),
    run: forget_answers,
};

fn forget_answers(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let (pool, now) = (&context.journal.pool, context.now);
        Ok(private_data::erase_answers(pool, now - KEPT, now).await?)
    })
}
