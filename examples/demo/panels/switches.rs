//! The switches that the workspace does not have by itself: those of S3.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign_sandbox::{
    s3::{DeletesOf, Failure, S3Server, Times},
    slack::Workspace,
};

/// One version of every two is refused …
const EVERY: usize = 2;
/// … this many times before it goes.
const REFUSALS: u32 = 3;

pub fn register(slack: &Workspace, s3: &S3Server) {
    let faults = s3.faults();
    let on = Arc::new(AtomicBool::new(false));
    let shown = on.clone();
    slack.register_switch(
        "s3_deletes",
        "S3 refuses every second delete at first",
        move || shown.load(Ordering::Relaxed),
        move |now| {
            on.store(now, Ordering::Relaxed);
            let times = Times::First(if now { REFUSALS } else { 0 });
            faults.fail_deletes(DeletesOf::EveryNth(EVERY), Failure::InternalError, times);
        },
    );
}
