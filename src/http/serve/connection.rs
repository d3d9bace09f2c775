//! One connection, from its first byte to its end.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{server::conn::http1, service::Service, service::service_fn};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    HttpLimits,
    crowd::{Doing, Phase, Place},
};
use crate::config::limits;

/// What one connection needs.
pub(super) struct Connection {
    app: TowerToHyperService<Router>,
    limits: HttpLimits,
    place: Place,
}

impl Connection {
    pub(super) fn new(app: Router, limits: HttpLimits, place: Place) -> Self {
        Self {
            app: TowerToHyperService::new(app),
            limits,
            place,
        }
    }

    /// Answers requests until the client or a time limit ends it, its place is needed, or the server stops.
    pub(super) async fn run(self, stream: TcpStream, stop: CancellationToken) {
        // Answers are small and complete: waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection is gone already");
        }
        let (place, phase) = (&self.place, &self.place.phase);
        let answer = service_fn(|mut request: Request<hyper::body::Incoming>| {
            phase.send_replace((Doing::Request, Instant::now()));
            request.extensions_mut().insert(place.proof.clone());
            let answering = self.app.call(request);
            async move {
                let response = answering.await;
                place.proof.is_over();
                phase.send_replace((Doing::Idle, Instant::now()));
                response
            }
        });
        let io = TokioIo::new(Watched {
            stream,
            phase: phase.clone(),
        });
        let serving = http1::Builder::new()
            .max_buf_size(limits::HEADER_BYTES)
            // The times are measured here, where a connection's wait for a request has another limit than its headers.
            .header_read_timeout(None)
            .serve_connection(io, answer);
        let mut serving = pin!(serving);
        let mut is_stopping = false;
        loop {
            tokio::select! {
                ended = serving.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return;
                }
                () = self.place.close.cancelled() => return,
                () = self.overdue() => return,
                () = stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    if phase.borrow().0 == Doing::Open {
                        return;
                    }
                    serving.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Completes when the connection has done the same for too long.
    async fn overdue(&self) {
        let mut seen = self.place.phase.subscribe();
        loop {
            let (doing, since) = *seen.borrow_and_update();
            let end = since + self.time_for(doing);
            match timeout_at(end, seen.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => {
                    tracing::debug!(?doing, "a connection took too long and is closed");
                    metrics::counter!("countersign_http_overdue_connections_total").increment(1);
                    return;
                }
            }
        }
    }

    fn time_for(&self, doing: Doing) -> Duration {
        match doing {
            Doing::Open | Doing::Idle => self.limits.keep_alive,
            Doing::Headers => self.limits.header_time,
            Doing::Request => self.limits.request_time,
        }
    }
}

/// A stream that notes when headers begin to arrive.
struct Watched {
    stream: TcpStream,
    phase: watch::Sender<Phase>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.phase.send_if_modified(|phase| {
                let begins = matches!(phase.0, Doing::Open | Doing::Idle);
                if begins {
                    *phase = (Doing::Headers, Instant::now());
                }
                begins
            });
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
