//! The HTTP server of the simulated vendors. It is driven by hand, because a simulated outage has to cut connections.

use axum::{Extension, Router, response::Response};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Cuts the connection that a request came in on.
#[derive(Debug, Clone)]
pub(crate) struct HangUp(CancellationToken);

impl HangUp {
    /// Cuts the connection. Nothing after it runs.
    pub(crate) async fn now(&self) -> Response {
        self.0.cancel();
        std::future::pending().await
    }
}

/// Serves until `stop`, which cuts every connection. Each connection is one of the `tasks`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        if let Ok((stream, _)) = accepted {
            tasks.spawn(connection(stream, router.clone(), stop.child_token()));
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
