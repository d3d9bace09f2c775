//! The HTTP server: HTTP/1.1 over connections that are limited in number and time.
//!
//! A connection is open, then sends a request's headers, then waits for the answer, and so on. Each of these has a time
//! limit. When there are too many connections, the one that has waited longest without a verified request is closed, so
//! that clients who send nothing or send slowly never keep others out.

mod connection;
mod crowd;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config::limits;
use connection::Connection;
use crowd::Crowd;

/// How long the server waits before it accepts again when the machine refused.
const PAUSE: Duration = Duration::from_millis(100);

/// What clients may take of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections at a time.
    pub connections: usize,
    /// The time for a request's headers, from their first byte on.
    pub header_time: Duration,
    /// The time for a request's body.
    pub body_time: Duration,
    /// The time for a whole request once its headers are there.
    pub request_time: Duration,
    /// The time that a connection may be open without a request.
    pub keep_alive: Duration,
    /// Bytes of bodies in memory at a time.
    pub bodies_bytes: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: most_connections(),
            header_time: limits::HEADER_TIME,
            body_time: limits::BODY_TIME,
            request_time: limits::REQUEST_TIME,
            keep_alive: limits::KEEP_ALIVE,
            bodies_bytes: limits::BODIES_BYTES,
        }
    }
}

/// Half of the files that the process may open: the others are for the databases, Slack, the object store and vendors.
fn most_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current;
    let files = files.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    (files / 2).clamp(limits::HTTP_CONNECTIONS_LEAST, limits::HTTP_CONNECTIONS)
}

/// Serves until `stop`, then finishes the requests that are under way.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: HttpLimits,
    stop: CancellationToken,
) {
    let tracker = TaskTracker::new();
    let crowd = Arc::new(Crowd::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => match crowd.admit() {
                Some(place) => {
                    let connection = Connection::new(app.clone(), limits, place);
                    tracker.spawn(connection.run(stream, stop.clone()));
                }
                None => {
                    metrics::counter!("countersign_http_refused_connections_total").increment(1);
                    refuse(&stream);
                }
            },
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                crowd.make_room();
                // Ends at once when the server stops.
                let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
            }
        }
    }
    // Nobody is accepted any more while what is under way is finished.
    drop(listener);
    tracker.close();
    tracker.wait().await;
}

/// Says that there is no place, if that can be said without waiting.
fn refuse(stream: &tokio::net::TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    if let Err(error) = stream.try_write(ANSWER) {
        tracing::debug!(%error, "a connection over the limit was closed without an answer");
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
