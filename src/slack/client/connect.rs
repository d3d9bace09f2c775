use std::{sync::Arc, time::Duration};

use hyper_rustls::HttpsConnectorBuilder;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
};
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
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
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
    let builder = HttpsConnectorBuilder::new();
    // The library's own connector speaks https alone, which no stand-in on this machine does. A plain connection
    // needs no root certificates, which take long to read.
    let connector = match api_url.scheme() {
        "http" => builder
            .with_tls_config(without_roots()?)
            .https_or_http()
            .enable_http1()
            .build(),
        _ => builder
            .with_provider_and_native_roots(ring::default_provider())
            .map_err(ConnectError::RootCertificates)?
            .https_only()
            .enable_http1()
            .build(),
    };
    let connector = SlackClientHyperConnector::with_connector(connector)
        .with_slack_api_url(api_url.as_str().trim_end_matches('/'));
    Ok(SlackClient::new(connector))
}

fn without_roots() -> Result<ClientConfig, ConnectError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ConnectError::Tls)?;
    Ok(config
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

pub(super) fn response_urls(timeout: Duration) -> Result<reqwest::Client, ConnectError> {
    if CryptoProvider::get_default().is_none() {
        // Losing a race against another installation of the same provider changes nothing.
        let _ = ring::default_provider().install_default();
    }
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .build()
        .map_err(ConnectError::HttpClient)
}
