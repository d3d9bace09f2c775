//! Postgres URLs as Prisma applications write them, made fit for sqlx and for Postgres' own tools.

use url::Url;

use super::{names::did_you_mean, secret::Secret};

/// A Postgres URL without the parameters that only Prisma understands, and what those parameters said.
#[derive(Debug, Clone, Default)]
pub struct DatabaseUrl {
    /// The URL for sqlx, `pg_dump` and `psql`.
    pub url: Secret,
    /// Prisma's `schema` parameter: the schema that the app's tables are in. `None` means Postgres' default.
    pub schema: Option<String>,
    /// Whether the URL leads through a transaction-mode pooler, by `pgbouncer=true` or by Neon's `-pooler` host name.
    pub pooled: bool,
    /// Whether what is sent stays private: `sslmode` requires encryption, or the server is on this machine.
    pub private: bool,
    /// The URL as it may be shown: no password, and only harmless parameters.
    pub shown: String,
}

/// Parameters that only Prisma understands. sqlx warns about them, and Postgres' own tools refuse the whole URL.
const PRISMA_ONLY: &[&str] = &[
    "schema",
    "pgbouncer",
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "max_connection_lifetime",
    "max_idle_connection_lifetime",
    "single_use_connections",
    "sslaccept",
    "sslidentity",
    "sslpassword",
];

/// Parameters that are kept: those of Postgres' own client library.
const KEPT: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslnegotiation",
    "channel_binding",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "connect_timeout",
    "target_session_attrs",
    "gssencmode",
];

/// What `sslmode` may be.
const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// Parameters that may be shown; the others may hold a secret.
const HARMLESS: &[&str] = &["sslmode", "host", "port", "dbname", "channel_binding"];

impl DatabaseUrl {
    /// Reads a URL. The error says what is wrong without repeating the URL, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| {
            format!("is not a URL: {error} (percent-encode special characters)")
        })?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err("is not a Postgres URL: it must begin with postgresql://".to_owned());
        }
        let pairs = pairs(&url);
        check_parameters(&pairs)?;
        let value = |key: &str| {
            let found = pairs.iter().find(|pair| pair.key == key);
            found
                .map(|pair| pair.value.clone())
                .filter(|value| !value.is_empty())
        };
        if url.host_str().is_none_or(str::is_empty)
            && value("host").is_none()
            && value("hostaddr").is_none()
        {
            return Err("names no host".to_owned());
        }
        if url.path().trim_start_matches('/').is_empty() && value("dbname").is_none() {
            return Err("names no database".to_owned());
        }
        let pooled = value("pgbouncer").as_deref() == Some("true")
            || url.host_str().is_some_and(|host| {
                host.split('.')
                    .next()
                    .is_some_and(|name| name.ends_with("-pooler"))
            });
        let schema = value("schema");
        let encrypted = matches!(
            value("sslmode").as_deref(),
            Some("require" | "verify-ca" | "verify-full")
        );
        let private = encrypted
            || is_local(url.host_str().unwrap_or_default())
            || value("host").as_deref().is_some_and(is_local);
        keep(&mut url, &pairs, KEPT);
        let shown = redacted(&url, &pairs);
        Ok(Self {
            url: Secret::new(url),
            schema,
            pooled,
            private,
            shown,
        })
    }
}

/// Whether a host is this machine: a loopback name or address, or a socket's folder.
fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
        || host.starts_with('/')
        || host.starts_with("%2F")
}

/// One query parameter: decoded, and as it was written.
struct Pair {
    key: String,
    value: String,
    raw: String,
}

fn pairs(url: &Url) -> Vec<Pair> {
    let raw = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|raw| !raw.is_empty());
    raw.filter_map(|raw| {
        let (key, value) = form_urlencoded::parse(raw.as_bytes()).next()?;
        Some(Pair {
            key: key.into_owned(),
            value: value.into_owned(),
            raw: raw.to_owned(),
        })
    })
    .collect()
}

fn check_parameters(pairs: &[Pair]) -> Result<(), String> {
    for Pair { key, value, .. } in pairs {
        let known = KEPT.iter().chain(PRISMA_ONLY).copied();
        if key == "sslmode" && !SSL_MODES.contains(&value.as_str()) {
            return Err(format!(
                "has an unknown sslmode; it may be {}",
                SSL_MODES.join(", ")
            ));
        }
        // A mistyped `sslmode` would silently give up encryption, so an unknown parameter is a fault.
        if !known.clone().any(|name| name == key) {
            let hint = did_you_mean(key, known).map(|name| format!("; did you mean `{name}`?"));
            return Err(format!(
                "has an unknown parameter `{key}`{}",
                hint.unwrap_or_default()
            ));
        }
    }
    Ok(())
}

/// Leaves only the parameters in `names`, as they were written.
fn keep(url: &mut Url, pairs: &[Pair], names: &[&str]) {
    let kept = pairs
        .iter()
        .filter(|pair| names.contains(&pair.key.as_str()));
    let query = kept
        .map(|pair| pair.raw.as_str())
        .collect::<Vec<_>>()
        .join("&");
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
}

fn redacted(url: &Url, pairs: &[Pair]) -> String {
    let mut shown = url.clone();
    keep(&mut shown, pairs, HARMLESS);
    shown.set_fragment(None);
    // A URL that cannot carry a password does not hold one, so there is nothing to hide when this is refused.
    if shown.password().is_some() && shown.set_password(Some("***")).is_err() {
        return "postgresql://…".to_owned();
    }
    shown.into()
}
