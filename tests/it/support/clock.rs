//! A clock that runs as the machine's does, and can be moved ahead or stopped.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use countersign::runtime::{Clock, Instant, SystemClock};
use tokio::sync::watch;

/// Real time plus what a test has added.
pub struct TestClock(watch::Sender<Reading>);

#[derive(Clone, Copy)]
struct Reading {
    ahead: chrono::Duration,
    /// When it was stopped.
    stopped: Option<Instant>,
}

impl Reading {
    fn now(self) -> Instant {
        self.stopped
            .unwrap_or_else(|| SystemClock.now() + self.ahead)
    }
}

impl TestClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(Reading {
            ahead: chrono::Duration::zero(),
            stopped: None,
        })))
    }

    /// Moves the clock ahead; whoever waits for a time in between is woken.
    pub fn advance(&self, by: Duration) {
        let by = chrono::Duration::from_std(by).unwrap();
        self.0.send_modify(|reading| reading.ahead += by);
    }

    /// Stops the clock: whoever waits for a later time waits until it goes on.
    pub fn stop(&self) {
        self.0
            .send_modify(|reading| reading.stopped = Some(reading.now()));
    }

    /// Has the clock go on, at the time that it would show if it had not been stopped.
    pub fn go_on(&self) {
        self.0.send_modify(|reading| reading.stopped = None);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.0.borrow().now()
    }

    fn sleep_until(&self, when: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut changed = self.0.subscribe();
            loop {
                let reading = *changed.borrow_and_update();
                if reading.now() >= when {
                    return;
                }
                let passes = async {
                    match reading.stopped {
                        Some(_) => std::future::pending().await,
                        None => SystemClock.sleep_until(when - reading.ahead).await,
                    }
                };
                tokio::select! {
                    () = passes => {}
                    _ = changed.changed() => {}
                }
            }
        })
    }
}
