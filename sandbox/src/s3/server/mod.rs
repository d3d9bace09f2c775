//! The server: one port, the signature check, the faults around each call.

mod access;
mod auth;
mod connection;
mod encoding;
mod link;
mod signature;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use anyhow::Context;
use s3s::{
    config::{S3Config, StaticConfigProvider},
    service::{S3Service, S3ServiceBuilder},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(super) use encoding::percent_encode;

use super::{
    Shared, api::Api, calls::Calls, dialect::Dialect, faults::Faults, lock, settings::Settings,
    store::Store,
};
use crate::runtime;

/// A running S3. Dropping it closes its port; what it stores goes with the last handle to it.
pub struct S3Server {
    pub(super) shared: Arc<Shared>,
    address: SocketAddr,
    stopping: CancellationToken,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl S3Server {
    /// Binds the port and serves. Fails when the port is taken or two buckets have one name.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.bind).await;
        let listener = listener
            .with_context(|| format!("the sandbox's S3 cannot listen on {}", settings.bind))?;
        let address = listener.local_addr()?;
        let mut store = Store::default();
        for bucket in settings.buckets {
            let name = bucket.name.clone();
            let created = store.create(bucket, (settings.now)());
            created.map_err(|error| anyhow::anyhow!("bucket {name}: {error}"))?;
        }
        let gatekeeper = signature::Gatekeeper {
            now: settings.now.clone(),
            machine: runtime::system_now(),
            region: settings.region.clone(),
            access_key: settings.access_key.clone(),
            secret_key: settings.secret_key.clone(),
        };
        let shared = Arc::new(Shared {
            store: Mutex::new(store),
            faults: Faults::default(),
            dialect: Dialect::default(),
            calls: Calls::default(),
            now: settings.now,
            region: settings.region,
        });
        let one_key = auth::OneKey {
            access_key: settings.access_key,
            secret_key: settings.secret_key.into(),
        };
        let serving = connection::Serving {
            service: service(&shared, one_key),
            gatekeeper: Arc::new(gatekeeper),
            faults: shared.faults.clone(),
            dialect: shared.dialect.clone(),
        };
        let stopping = CancellationToken::new();
        let task = tokio::spawn(connection::accept(listener, serving, stopping.clone()));
        Ok(Self {
            shared,
            address,
            stopping,
            serving: Mutex::new(Some(task)),
        })
    }

    /// The base URL for clients, which must use path style: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the port and every connection, also in the middle of a call. The store can still be looked into.
    pub async fn stop(&self) {
        self.stopping.cancel();
        let serving = lock(&self.serving).take();
        if let Some(task) = serving {
            // The task only ends by itself or by a panic, and either way nothing is served any more.
            let _ = task.await;
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

fn service(shared: &Arc<Shared>, auth: auth::OneKey) -> S3Service {
    let mut config = S3Config::default();
    // The gatekeeper judges the time by the sandbox's clock; the protocol layer knows only the machine's.
    config.presigned_url_max_skew_time_secs = u32::MAX;
    let mut builder = S3ServiceBuilder::new(Api(shared.clone()));
    builder.set_auth(auth);
    builder.set_access(access::Access(shared.clone()));
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.build()
}
