//! The client of one bucket.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU8},
};

use aws_config::{
    default_provider::credentials::DefaultCredentialsChain, provider_config::ProviderConfig,
};
use aws_sdk_s3::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials as Keys, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::{
    bucket::BucketPlace,
    error::StoreError,
    measured::Measured,
    settings::{Credentials, Settings, Timeouts},
    whole::WholeAnswers,
};
use crate::runtime::SharedClock;

/// Attempts of the SDK for one call that is not a delete: the first and two more, within the call's budget. Deletes are
/// repeated by our own loop alone, which knows each key's fate: two loops inside each other would multiply.
const CALL_ATTEMPTS: u32 = 3;

/// One bucket of an object store. Cheap to clone.
#[derive(Clone)]
pub struct ObjectStore {
    pub(super) client: Client,
    pub(super) place: Arc<BucketPlace>,
    pub(super) clock: SharedClock,
    pub(super) concurrency: usize,
    /// The form of bulk deletes that the store takes, see `delete_batch`.
    pub(super) bulk_form: Arc<AtomicU8>,
}

impl fmt::Debug for ObjectStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ObjectStore")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl ObjectStore {
    /// Prepares the client; the first call to the store opens a connection. `clock` is waited on between the attempts
    /// of an erasure.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when a setting cannot work.
    pub async fn connect(settings: Settings, clock: SharedClock) -> Result<Self, StoreError> {
        settings.validate()?;
        let place = Arc::new(settings.place());
        let concurrency = settings.concurrency;
        let client = Client::from_conf(configure(settings).await);
        Ok(Self {
            client,
            place,
            clock,
            concurrency,
            bulk_form: Arc::default(),
        })
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.place.bucket
    }

    /// Which bucket it is, for reading what columns hold.
    #[must_use]
    pub fn place(&self) -> &BucketPlace {
        &self.place
    }
}

async fn configure(settings: Settings) -> Config {
    let http = http_client();
    let region = Region::new(settings.region);
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(region.clone())
        .interceptor(WholeAnswers)
        .interceptor(Measured)
        .retry_config(RetryConfig::standard().with_max_attempts(CALL_ATTEMPTS))
        .timeout_config(timeouts(settings.timeouts));
    config = match settings.credentials {
        Credentials::Keys {
            access_key_id,
            secret_access_key,
            session_token,
        } => config.credentials_provider(Keys::new(
            access_key_id,
            secret_access_key,
            session_token,
            None,
            "countersign settings",
        )),
        Credentials::Environment => {
            let provider = ProviderConfig::default()
                .with_http_client(http)
                .with_region(Some(region));
            let chain = DefaultCredentialsChain::builder()
                .configure(provider)
                .build()
                .await;
            config.credentials_provider(chain)
        }
    };
    if let Some(endpoint) = settings.endpoint {
        // Stores other than AWS often know neither host names per bucket nor the newer checksum trailers.
        config = config
            .endpoint_url(endpoint)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    }
    config.build()
}

fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn timeouts(timeouts: Timeouts) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.attempt)
        .operation_attempt_timeout(timeouts.attempt)
        .operation_timeout(timeouts.call)
        .build()
}
