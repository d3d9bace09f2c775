use std::time::Duration;

use hyper_rustls::HttpsConnectorBuilder;
use slack_morphism::{
    SlackClient,
    hyper_tokio::{SlackClientHyperConnector, SlackHyperClient},
};
use url::Url;

/// The Web API cannot be reached as it is set.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be used.
    #[error(
        "the Slack API address must be an http or https address without a query, like https://slack.com/api"
    )]
    Address,
    /// The machine's root certificates cannot be read.
    #[error("the root certificates of this machine cannot be read")]
    RootCertificates(#[source] std::io::Error),
    /// The client for response URLs cannot be made.
    #[error("the HTTP client cannot be set up")]
    HttpClient(#[source] reqwest::Error),
}

/// The address without a slash at its end: the library puts one between it and the method.
pub(super) fn api_url(address: &str) -> Result<Url, ConnectError> {
    let url = Url::parse(address.trim_end_matches('/')).map_err(|_| ConnectError::Address)?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    usable.then_some(url).ok_or(ConnectError::Address)
}

pub(super) fn web_api(api_url: &Url) -> Result<SlackHyperClient, ConnectError> {
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(ConnectError::RootCertificates)?;
    // The library's own connector speaks https alone, which no stand-in on this machine does.
    let schemes = match api_url.scheme() {
        "http" => tls.https_or_http(),
        _ => tls.https_only(),
    };
    let connector = schemes.enable_http1().build();
    let connector = SlackClientHyperConnector::with_connector(connector)
        .with_slack_api_url(api_url.as_str().trim_end_matches('/'));
    Ok(SlackClient::new(connector))
}

pub(super) fn response_urls(timeout: Duration) -> Result<reqwest::Client, ConnectError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing a race against another installation of the same provider changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .build()
        .map_err(ConnectError::HttpClient)
}
