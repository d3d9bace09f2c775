//! What a value of each kind has to look like. An error completes the sentence that begins with the setting's name.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use ipnet::IpNet;
use url::{Host, Url};

use super::{
    limits::{BUCKET_NAME_CHARS, SECRET_CHARS, SLACK_ID_CHARS},
    secret::Secret,
};
use crate::{audit_key::AuditKey, network};

/// A user id (`U…` or `W…`).
pub(super) fn user_id(text: &str) -> Result<String, String> {
    slack_id(text, "UW", "a user id (U… or W…)")
}

/// A channel id (`C…`, or `G…` for older private channels).
pub(super) fn channel_id(text: &str) -> Result<String, String> {
    slack_id(text, "CG", "a channel id (C… or G…)")
}

/// A workspace id (`T…`).
pub(super) fn team_id(text: &str) -> Result<String, String> {
    slack_id(text, "T", "a workspace id (T…)")
}

fn slack_id(text: &str, prefixes: &str, what: &str) -> Result<String, String> {
    if has_prefix(text, prefixes) {
        return Ok(text.to_owned());
    }
    Err(format!("is `{text}`, which is not {what}"))
}

pub(super) fn has_prefix(text: &str, prefixes: &str) -> bool {
    SLACK_ID_CHARS.contains(&text.len())
        && text.starts_with(|first| prefixes.contains(first))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// An address or a network.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    network::read(text).map_err(|says| format!("holds `{text}`, which {says}"))
}

/// A secret with the beginning that its issuer gives it, so that two swapped tokens are noticed.
pub(super) fn token(text: &str, prefix: &str) -> Result<Secret, String> {
    if text.starts_with(prefix) {
        return Ok(Secret::new(text));
    }
    Err(format!("does not begin with {prefix}"))
}

/// A signing secret: long enough not to be a placeholder.
pub(super) fn signing_secret(text: &str) -> Result<Secret, String> {
    if text.len() >= SECRET_CHARS {
        return Ok(Secret::new(text));
    }
    Err(format!("is shorter than {SECRET_CHARS} characters"))
}

/// The key of the audit chain.
pub(super) fn audit_key(text: &str) -> Result<AuditKey, String> {
    AuditKey::decode(text).ok_or_else(|| {
        "is shorter than 32 bytes, read as hexadecimal, base64 or plain text".to_owned()
    })
}

/// A base URL without query, fragment, credentials or trailing slash. What is sent there carries keys, so it is https,
/// except on this machine.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let url = plain_url(text)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!(
            "is `{text}`: http is only for this machine, use https"
        ));
    }
    Ok(trimmed(&url))
}

/// The URL of an S3-compatible service. Its requests are signed and carry no key, so http is allowed.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    plain_url(text).map(|url| trimmed(&url))
}

fn plain_url(text: &str) -> Result<Url, String> {
    // A connection string in the wrong place holds a password.
    let shown = match text.contains('@') {
        true => "…",
        false => text,
    };
    let url =
        Url::parse(text).map_err(|error| format!("is `{shown}`, which is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("is `{shown}`, which does not begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password, which a base URL must not".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("is `{shown}`: a base URL has no query or fragment"));
    }
    Ok(url)
}

fn trimmed(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// A duration such as `10m`, within `allowed`.
pub(super) fn duration(text: &str, allowed: RangeInclusive<Duration>) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| {
        format!("is `{text}`, which is not a duration such as 30s, 10m, 4h or 7days")
    })?;
    if allowed.contains(&duration) {
        return Ok(duration);
    }
    let (least, most) = (
        humantime::format_duration(*allowed.start()),
        humantime::format_duration(*allowed.end()),
    );
    Err(format!("is `{text}`: it must be from {least} to {most}"))
}

/// A whole number within `allowed`.
pub(super) fn number(text: &str, allowed: RangeInclusive<u32>) -> Result<u32, String> {
    let number = text
        .parse()
        .map_err(|_| format!("is `{text}`, which is not a whole number"))?;
    if allowed.contains(&number) {
        return Ok(number);
    }
    Err(format!(
        "is `{text}`: it must be from {} to {}",
        allowed.start(),
        allowed.end()
    ))
}

/// A bucket name by the rules of S3.
pub(super) fn bucket(text: &str) -> Result<String, String> {
    let ends = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = BUCKET_NAME_CHARS.contains(&text.len())
        && text
            .bytes()
            .all(|byte| ends(&byte) || byte == b'-' || byte == b'.')
        && text.as_bytes().first().is_some_and(ends)
        && text.as_bytes().last().is_some_and(ends);
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!(
        "is `{text}`, which is not a bucket name (3 to 63 lower-case letters, digits, dots and hyphens)"
    ))
}

/// The prefix of one user's files. The slash right after the id keeps `user-1/` from matching `user-10/`.
pub(super) fn user_prefix(text: &str) -> Result<String, String> {
    let fixed = text.replacen("{id}/", "", 1);
    if fixed.len() == text.len()
        || !text.ends_with('/')
        || fixed.contains(['{', '}'])
        || text.starts_with('/')
    {
        return Err(format!(
            "is `{text}`: it must hold {{id}}/ once, end in a slash and not begin with one"
        ));
    }
    Ok(text.to_owned())
}
