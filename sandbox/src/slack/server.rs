//! The HTTP server. It is driven by hand, because a simulated outage has to cut connections.

use std::sync::Arc;

use axum::{Extension, Router, response::Response};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::core::Shared;

/// Cuts the connection that a request came in on.
#[derive(Debug, Clone)]
pub(super) struct HangUp(CancellationToken);

impl HangUp {
    /// Cuts the connection. Nothing after it runs.
    pub(super) async fn now(&self) -> Response {
        self.0.cancel();
        std::future::pending().await
    }
}

/// Serves until the workspace stops.
pub(super) async fn serve(shared: Arc<Shared>, listener: TcpListener, router: Router) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        if let Ok((stream, _)) = accepted {
            let cut = shared.stop.child_token();
            shared.tasks.spawn(connection(stream, router.clone(), cut));
        }
    }
}

async fn connection(stream: TcpStream, router: Router, cut: CancellationToken) {
    let service = TowerToHyperService::new(router.layer(Extension(HangUp(cut.clone()))));
    let builder = Builder::new(TokioExecutor::new()).http1_only();
    tokio::select! {
        // A caller that goes away in the middle is no news here.
        _ = builder.serve_connection(TokioIo::new(stream), service) => {}
        () = cut.cancelled() => {}
    }
}
