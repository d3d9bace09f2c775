//! The sandbox's S3 against the SDK that Countersign uses.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a step that fails fails its test"
)]

mod buckets;
mod deletes;
mod dialect;
mod faults;
mod objects;
mod signatures;
mod uploads;
mod versions;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
};
use chrono::TimeDelta;
use countersign_sandbox::{
    runtime::{self, Now},
    s3::{BucketSettings, S3Server, Settings, Versioning},
};

/// Never kept versions.
const PLAIN: &str = "plain-bucket";
/// Keeps versions.
const VERSIONED: &str = "versioned-bucket";
/// Kept versions once.
const SUSPENDED: &str = "suspended-bucket";

const ACCESS_KEY: &str = "AKIASANDBOX";
const SECRET_KEY: &str = "sandbox-secret";

/// A server, a client for it, and the server's clock.
struct World {
    server: S3Server,
    client: Client,
    clock: Clock,
}

/// The machine's clock, moved by a number of seconds.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_seconds(), Ordering::SeqCst);
    }

    fn now(&self) -> Now {
        let (machine, moved) = (runtime::system_now(), self.0.clone());
        Arc::new(move || machine() + TimeDelta::seconds(moved.load(Ordering::SeqCst)))
    }
}

impl World {
    async fn start() -> Self {
        let clock = Clock::default();
        let bucket = |name: &str, versioning| BucketSettings {
            name: name.into(),
            versioning,
        };
        let server = S3Server::start(Settings {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            now: clock.now(),
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            region: "eu-central-1".into(),
            buckets: vec![
                bucket(PLAIN, Versioning::Unset),
                bucket(VERSIONED, Versioning::Enabled),
                bucket(SUSPENDED, Versioning::Suspended),
            ],
        });
        let server = server.await.expect("the sandbox's S3 starts");
        let client = client(&server, ACCESS_KEY, SECRET_KEY, "eu-central-1");
        Self {
            server,
            client,
            clock,
        }
    }

    /// What the store holds, as `key version-kind latest` lines.
    fn stored(&self, bucket: &str) -> Vec<String> {
        let objects = self.server.objects(bucket).into_iter().map(|object| {
            let kind = if object.delete_marker {
                "marker"
            } else {
                "object"
            };
            let id = if object.version_id == "null" {
                "null"
            } else {
                "id"
            };
            let latest = if object.latest { " latest" } else { "" };
            format!("{} {kind} {id}{latest}", object.key)
        });
        objects.collect()
    }
}

/// A client that does not retry, so that tests see each answer.
fn client(server: &S3Server, access_key: &str, secret_key: &str, region: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new(
            access_key, secret_key, None, None, "tests",
        ))
        .region(Region::new(region.to_owned()))
        .endpoint_url(server.endpoint())
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// The code of the error that S3 answered.
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    result: Result<T, SdkError<E>>,
) -> String {
    let error = result.expect_err("this call is refused");
    let service = error
        .as_service_error()
        .unwrap_or_else(|| panic!("S3 answered with an error: {error:?}"));
    service.code().expect("an error has a code").to_owned()
}
