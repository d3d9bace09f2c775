//! The Slack app manifest, ready to paste under "Create an app from a manifest".

use url::Url;

/// The manifest for an app that Slack calls over HTTP, as embedded: with an example's URLs.
pub const HTTP: &str = include_str!("../../manifest/http.json");

/// The manifest for an app in Socket Mode, which needs no URL.
pub const SOCKET_MODE: &str = include_str!("../../manifest/socket-mode.json");

/// The base URL that stands in [`HTTP`] for the real one.
pub const EXAMPLE_URL: &str = "https://countersign.example.com";

/// The scopes that the manifests ask for, which are the same in both.
#[must_use]
pub fn bot_scopes() -> Vec<String> {
    let manifest: serde_json::Value = serde_json::from_str(HTTP).unwrap_or_default();
    let scopes = manifest["oauth_config"]["scopes"]["bot"].as_array();
    let names = scopes.into_iter().flatten().filter_map(|one| one.as_str());
    names.map(str::to_owned).collect()
}

/// Why no manifest can be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The text is not a URL at all.
    #[error("`{0}` is not a URL such as https://ops.example.com")]
    NotAUrl(String),
    /// Slack calls https only.
    #[error("`{0}` does not begin with https://, and Slack calls nothing else")]
    NotHttps(String),
    /// More than an origin and a path.
    #[error("`{0}` must not hold a user name, a password, a query or a fragment")]
    TooMuch(String),
}

/// The manifest for a service that the world reaches at `base`, such as `https://ops.example.com`.
///
/// # Errors
/// When `base` is not a plain https URL.
pub fn http(base: &str) -> Result<String, ManifestError> {
    let url = Url::parse(base).map_err(|_| ManifestError::NotAUrl(base.to_owned()))?;
    if url.scheme() != "https" {
        return Err(ManifestError::NotHttps(base.to_owned()));
    }
    let credentials = !url.username().is_empty() || url.password().is_some();
    if credentials || url.query().is_some() || url.fragment().is_some() {
        return Err(ManifestError::TooMuch(base.to_owned()));
    }
    // A parsed URL holds no quote and no backslash unescaped, so it fits into a JSON string as it is.
    Ok(HTTP.replace(EXAMPLE_URL, url.as_str().trim_end_matches('/')))
}
