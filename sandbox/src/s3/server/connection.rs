//! Connections, and the way of one request through them.

use std::sync::Arc;

use http::{HeaderValue, Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{Body, HttpResponse, StdError, service::S3Service};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    access::{Fate, Outcome},
    signature::Gatekeeper,
};
use crate::{
    runtime,
    s3::{
        dialect::Dialect,
        faults::{Dropped, Faults},
    },
};

/// What each connection needs.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) service: S3Service,
    pub(super) gatekeeper: Arc<Gatekeeper>,
    pub(super) faults: Faults,
    pub(super) dialect: Dialect,
}

/// Accepts connections until told to stop; then every connection is closed where it stands.
pub(super) async fn accept(listener: TcpListener, serving: Serving, stopping: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, serving.clone()));
                }
                Err(error) => tracing::warn!(%error, "the sandbox's S3 could not accept a connection"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, serving: Serving) {
    let service = service_fn(move |request| answer(serving.clone(), request));
    let served = Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the sandbox's S3 ended early");
    }
}

/// Answers one request. An error makes the connection close without an answer.
async fn answer(serving: Serving, request: Request<Incoming>) -> Result<HttpResponse, StdError> {
    let (mut parts, body) = request.into_parts();
    if let Err(refused) = serving.gatekeeper.admit(&mut parts) {
        return Ok(refused.to_http_response()?);
    }
    let fate = Fate::default();
    parts.extensions.insert(fate.clone());
    let request = Request::from_parts(parts, Body::from(body));
    let mut response = serving
        .service
        .call(request)
        .await
        .map_err(StdError::from)?;
    let finished = match fate.outcome() {
        Outcome::Refused => Ok(()),
        Outcome::Called(operation) => {
            serving.dialect.spoil(&operation, &mut response);
            serving.faults.after(&operation).await
        }
        Outcome::Dropped => Err(Dropped),
    };
    finished.map_err(|Dropped| StdError::from("a fault closes this connection"))?;
    if let Ok(id) = HeaderValue::from_str(&runtime::new_id().simple().to_string()) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    Ok(response)
}
