//! A clock that runs as the machine's does, and can be moved ahead.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use countersign::runtime::{Clock, Instant, SystemClock};
use tokio::sync::watch;

/// Real time plus what a test has added.
pub struct TestClock {
    ahead: watch::Sender<chrono::Duration>,
}

impl TestClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            ahead: watch::Sender::new(chrono::Duration::zero()),
        })
    }

    /// Moves the clock ahead; whoever waits for a time in between is woken.
    pub fn advance(&self, by: Duration) {
        self.ahead
            .send_modify(|ahead| *ahead += chrono::Duration::from_std(by).unwrap());
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        SystemClock.now() + *self.ahead.borrow()
    }

    fn sleep_until(&self, when: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut moved = self.ahead.subscribe();
            while self.now() < when {
                let real = when - *moved.borrow_and_update();
                tokio::select! {
                    () = SystemClock.sleep_until(real) => {}
                    _ = moved.changed() => {}
                }
            }
        })
    }
}
