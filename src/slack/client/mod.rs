//! Calls to the Slack Web API.
//!
//! One call is one request: nothing is retried here and nothing is queued, because the library's rate control holds
//! the replies to different people in one line. Who calls decides what happens next, from [`SlackError::retry`].

mod connect;
mod error;
mod files;
mod lookup;
mod messages;
mod people;
mod respond;
mod scopes;
mod views;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slack_morphism::{
    ClientResult, SlackApiToken, SlackApiTokenValue, hyper_tokio::SlackHyperClient,
};
use tokio::sync::OnceCell;
use url::Url;

pub use connect::ConnectError;
pub use error::{Cause, Retry, SlackError};
pub use lookup::MAX_LOOKUP_PAGES;
pub use messages::{Content, KEY_FIELD, Metadata, Posted};
pub use people::{ChannelInfo, EnterpriseUser, Ourselves, UserInfo, UserProfile};
pub use respond::{Reply, ReplyMessage, Visibility};
pub use views::OpenedView;

use crate::telemetry::{self, VendorCall};
use error::Effect;

/// Where the Web API is, unless it is set otherwise.
pub const SLACK_API_URL: &str = "https://slack.com/api";

/// The vendor's name in metrics.
const VENDOR: &str = "slack";

/// How long a call may take, unless it is set otherwise.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How the Web API is reached.
#[derive(Clone)]
pub struct SlackApiSettings {
    /// The address up to and with `/api`. Plain `http` is only for stand-ins.
    pub api_url: String,
    /// The bot token, `xoxb-…`.
    pub token: String,
    /// How long one call may take.
    pub timeout: Duration,
}

/// The Web API with our bot token. Cheap to clone.
#[derive(Clone)]
pub struct SlackApi {
    client: SlackHyperClient,
    http: reqwest::Client,
    token: SlackApiToken,
    api_url: Url,
    timeout: Duration,
    ourselves: Arc<OnceCell<Ourselves>>,
}

#[derive(Deserialize)]
struct Answer<T> {
    ok: bool,
    #[serde(flatten)]
    body: T,
}

impl SlackApi {
    /// Prepares the connections; nothing is called yet.
    ///
    /// # Errors
    /// [`ConnectError`] when the address is no web address or the machine has no root certificates.
    pub fn new(settings: SlackApiSettings) -> Result<Self, ConnectError> {
        let api_url = connect::api_url(&settings.api_url)?;
        Ok(Self {
            client: connect::web_api(&api_url)?,
            http: connect::response_urls(settings.timeout)?,
            token: SlackApiToken::new(SlackApiTokenValue(settings.token)),
            api_url,
            timeout: settings.timeout,
            ourselves: Arc::default(),
        })
    }

    async fn read<T>(
        &self,
        method: &'static str,
        params: &[(&'static str, String)],
    ) -> Result<T, SlackError>
    where
        T: DeserializeOwned + Send,
    {
        let params: Vec<_> = params
            .iter()
            .map(|(name, value)| (*name, Some(value.as_str())))
            .collect();
        let session = self.client.open_session(&self.token);
        let call = session.http_session_api.http_get(method, &params, None);
        self.within(self.timeout, method, Effect::None, call).await
    }

    async fn write<T>(
        &self,
        method: &'static str,
        request: &(impl Serialize + Send + Sync),
    ) -> Result<T, SlackError>
    where
        T: DeserializeOwned + Send,
    {
        self.write_within(self.timeout, method, request).await
    }

    async fn write_within<T>(
        &self,
        limit: Duration,
        method: &'static str,
        request: &(impl Serialize + Send + Sync),
    ) -> Result<T, SlackError>
    where
        T: DeserializeOwned + Send,
    {
        let session = self.client.open_session(&self.token);
        let call = session.http_session_api.http_post(method, request, None);
        self.within(limit.min(self.timeout), method, Effect::Possible, call)
            .await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        method: &'static str,
        effect: Effect,
        call: impl Future<Output = ClientResult<Answer<T>>> + Send,
    ) -> Result<T, SlackError> {
        let answered = async {
            match tokio::time::timeout(limit, call).await {
                Ok(Ok(answer)) if answer.ok => Ok(answer.body),
                Ok(Ok(_)) => Err(SlackError::unavailable(method, effect, Cause::Unreadable)),
                Ok(Err(error)) => Err(SlackError::from_library(method, effect, error)),
                Err(_) => Err(SlackError::unavailable(method, effect, Cause::Timeout)),
            }
        };
        measured(method, answered).await
    }
}

/// Measures a call.
async fn measured<T>(
    method: &'static str,
    call: impl Future<Output = Result<T, SlackError>>,
) -> Result<T, SlackError> {
    let measure = VendorCall::begin(VENDOR, method);
    let answer = call.await;
    if let Err(SlackError::RateLimited { .. }) = &answer {
        telemetry::rate_limited(VENDOR);
    }
    measure.end(answer.is_ok());
    answer
}

impl fmt::Debug for SlackApiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackApiSettings")
            .field("api_url", &self.api_url)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SlackApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackApi")
            .field("api_url", &self.api_url.as_str())
            .finish_non_exhaustive()
    }
}
