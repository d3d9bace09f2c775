//! What the scenarios share: a store in the sandbox, a client to it, and a clock that does not wait.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_s3::config::{BehaviorVersion, Region};
use chrono::TimeDelta;
use countersign::{
    runtime::{Clock, Instant, SharedClock, SystemClock},
    systems::object_store::{
        Credentials, ObjectKey, ObjectStore, Prefix, PrefixTemplate, Settings, Timeouts,
    },
};
use countersign_sandbox::{
    runtime::system_now,
    s3::{BucketSettings, S3Server, Settings as ServerSettings, Versioning},
};

pub(super) const BUCKET: &str = "app-audio";
const REGION: &str = "eu-central-1";

/// A running sandbox store with one bucket, and the client under test.
pub(super) struct Bench {
    pub(super) server: S3Server,
    pub(super) store: ObjectStore,
    pub(super) clock: Arc<LeapingClock>,
}

impl Bench {
    pub(super) async fn new(versioning: Versioning) -> Self {
        Self::with_attempts_of(versioning, Duration::from_secs(20)).await
    }

    /// `attempt` is real time: how long the client waits for one answer.
    pub(super) async fn with_attempts_of(versioning: Versioning, attempt: Duration) -> Self {
        let server = S3Server::start(ServerSettings {
            bind: ([127, 0, 0, 1], 0).into(),
            now: system_now(),
            access_key: "sandbox-key".to_owned(),
            secret_key: "sandbox-secret".to_owned(),
            region: REGION.to_owned(),
            buckets: vec![BucketSettings {
                name: BUCKET.to_owned(),
                versioning,
            }],
        })
        .await
        .unwrap();
        let clock = Arc::new(LeapingClock::new());
        let settings = Settings {
            timeouts: Timeouts {
                attempt,
                ..Timeouts::default()
            },
            ..settings(&server)
        };
        let store = connect(settings, clock.clone()).await;
        Self {
            server,
            store,
            clock,
        }
    }

    /// Stores `count` objects under `prefix`.
    pub(super) fn fill(&self, prefix: &str, count: usize) {
        for number in 0..count {
            self.put(&format!("{prefix}{number:05}.webm"), "sound");
        }
    }

    /// Stores an object beside the client, and returns its version id.
    pub(super) fn put(&self, key: &str, text: &'static str) -> String {
        self.server.put(BUCKET, key, text, "audio/webm").unwrap()
    }

    /// Deletes an object as the app does, without a version id: where versions are kept, a marker only hides it.
    pub(super) async fn hide(&self, key: &str) {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new(REGION))
            .endpoint_url(self.server.endpoint())
            .force_path_style(true)
            .credentials_provider(aws_sdk_s3::config::Credentials::new(
                "sandbox-key",
                "sandbox-secret",
                None,
                None,
                "the app",
            ))
            .build();
        let app = aws_sdk_s3::Client::from_conf(config);
        app.delete_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await
            .unwrap();
    }

    /// How many calls of an operation the server has seen.
    pub(super) fn calls(&self, operation: &str) -> usize {
        let calls = self.server.calls();
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }
}

pub(super) fn settings(server: &S3Server) -> Settings {
    Settings {
        endpoint: server.endpoint().parse().ok(),
        credentials: Credentials::Keys {
            access_key_id: "sandbox-key".to_owned(),
            secret_access_key: "sandbox-secret".to_owned(),
            session_token: None,
        },
        ..Settings::new(BUCKET, REGION)
    }
}

pub(super) async fn connect(settings: Settings, clock: SharedClock) -> ObjectStore {
    ObjectStore::connect(settings, clock).await.unwrap()
}

pub(super) fn key(text: &str) -> ObjectKey {
    ObjectKey::new(text).unwrap()
}

pub(super) fn prefix(user_id: &str) -> Prefix {
    let template = PrefixTemplate::parse("user-{id}/").unwrap();
    template.for_user(user_id).unwrap()
}

/// A clock that jumps to wherever somebody waits for, and remembers how far it jumped.
pub(super) struct LeapingClock {
    now: Mutex<Instant>,
    waits: Mutex<Vec<TimeDelta>>,
}

impl LeapingClock {
    fn new() -> Self {
        Self {
            now: Mutex::new(SystemClock.now()),
            waits: Mutex::default(),
        }
    }

    pub(super) fn waits(&self) -> Vec<TimeDelta> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, when: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut now = self.now.lock().unwrap();
        if when > *now {
            self.waits.lock().unwrap().push(when - *now);
            *now = when;
        }
        Box::pin(std::future::ready(()))
    }
}
