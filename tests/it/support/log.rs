//! Everything that this process logs, of all tests: the service's own tasks run on threads of their own.

use std::{
    io::{self, Write},
    sync::{Mutex, Once},
};

use countersign_sandbox::postgres::Server;
use tracing_subscriber::EnvFilter;

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep what is logged, from the first call on.
pub async fn capture() {
    // What the sandbox does to set itself up, with a password in a statement, is none of the service's log.
    Server::shared().await.unwrap();
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                "countersign=trace,sqlx=debug,hyper=debug,reqwest=debug",
            ))
            .with_writer(|| Log)
            .finish();
        tracing::subscriber::set_global_default(subscriber)
            .expect("the only subscriber of the tests");
    });
}

/// What was logged so far.
pub fn so_far() -> String {
    String::from_utf8(LOGGED.lock().unwrap().clone()).unwrap()
}
