//! The parts of a Postgres URL, decoded. Passwords are found also when their special characters were not encoded.

use percent_encoding::percent_decode_str;

use super::{Address, parameters::is_known};

/// A URL in parts. Empty parts are `None`.
pub(super) struct Parts {
    pub scheme: &'static str,
    pub user: Option<String>,
    pub password: Option<String>,
    pub addresses: Vec<Address>,
    pub database: Option<String>,
    /// Without the question mark.
    pub query: String,
}

/// What follows the user and the password, not yet decoded.
struct Rest<'a> {
    addresses: &'a str,
    path: Option<&'a str>,
    query: &'a str,
}

impl Parts {
    pub(super) fn of(text: &str) -> Result<Self, String> {
        let (scheme, rest) = scheme(text)?;
        let (user_info, rest) = divide(rest).ok_or(
            "is not a URL: after the password come a host, a port that is a number and a database \
             (percent-encode special characters)",
        )?;
        let (user, password) = match user_info.map(|info| info.split_once(':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            Some(None) => (user_info, None),
            None => (None, None),
        };
        Ok(Self {
            scheme,
            user: user.map(decoded).transpose()?.flatten(),
            password: password.map(decoded).transpose()?.flatten(),
            addresses: addresses(rest.addresses)?,
            database: rest.path.map(decoded).transpose()?.flatten(),
            query: rest.query.to_owned(),
        })
    }
}

fn scheme(text: &str) -> Result<(&'static str, &str), String> {
    for scheme in ["postgresql", "postgres"] {
        if let Some(rest) = text
            .strip_prefix(scheme)
            .and_then(|rest| rest.strip_prefix("://"))
        {
            return Ok((scheme, rest));
        }
    }
    if text.starts_with("prisma+postgres://") || text.starts_with("prisma://") {
        return Err(
            "is an address for Prisma's own client, which speaks HTTP: use the direct connection string, which begins \
             with postgres://"
                .to_owned(),
        );
    }
    Err("is not a Postgres URL: it must begin with postgresql:// or postgres://".to_owned())
}

/// Finds where the host begins. An `@` in a password that was not encoded makes several places possible: the first one
/// counts after which everything is as expected, else the last one after which a host and a database follow.
fn divide(text: &str) -> Option<(Option<&str>, Rest<'_>)> {
    let at_signs: Vec<usize> = text.match_indices('@').map(|(at, _)| at).collect();
    if at_signs.is_empty() {
        return Some((None, Rest::of(text)?));
    }
    let mut places = Vec::new();
    for at in at_signs {
        if let Some(rest) = Rest::of(&text[at + 1..]) {
            places.push((&text[..at], rest));
        }
    }
    let best = places.iter().position(|(_, rest)| rest.knows_its_query());
    let best = best.or_else(|| places.iter().rposition(|(_, rest)| rest.path.is_some()));
    let index = best.or_else(|| (!places.is_empty()).then_some(0))?;
    let (user_info, rest) = places.swap_remove(index);
    Some((Some(user_info), rest))
}

impl<'a> Rest<'a> {
    /// `None` when this cannot be what follows a password.
    fn of(text: &'a str) -> Option<Self> {
        let text = text.split('#').next().filter(|before| *before == text)?;
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        let (addresses, path) = match before.split_once('/') {
            Some((addresses, path)) => (addresses, Some(path)),
            None => (before, None),
        };
        let fits = addresses.split(',').all(is_address)
            && !path.is_some_and(|path| path.contains(['@', '/']));
        fits.then_some(Self {
            addresses,
            path,
            query,
        })
    }

    fn knows_its_query(&self) -> bool {
        let mut pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.all(|pair| pair.split_once('=').is_some_and(|(name, _)| is_known(name)))
    }
}

/// `host`, `host:5432`, `[::1]:5432`, `%2Fvar%2Frun`, or nothing.
fn is_address(text: &str) -> bool {
    let (host, port) = host_and_port(text);
    let is_host = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._%~".contains(&byte) || !byte.is_ascii());
    let is_bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| {
            host.bytes()
                .all(|b| b.is_ascii_hexdigit() || b":.%".contains(&b))
        });
    (is_host || is_bracketed) && port.is_none_or(|port| port.is_empty() || is_port(port))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn host_and_port(text: &str) -> (&str, Option<&str>) {
    let end_of_host = text.rfind(']').map_or(0, |end| end + 1);
    match text[end_of_host..].rfind(':') {
        Some(colon) => {
            let colon = end_of_host + colon;
            (&text[..colon], Some(&text[colon + 1..]))
        }
        None => (text, None),
    }
}

fn addresses(text: &str) -> Result<Vec<Address>, String> {
    text.split(',')
        .map(|address| {
            let (host, port) = host_and_port(address);
            Ok(Address {
                host: decoded(host)?,
                port: port.and_then(|port| port.parse().ok()),
            })
        })
        .collect()
}

/// What is not valid percent-encoding stays as it is.
fn decoded(text: &str) -> Result<Option<String>, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "holds percent-encoded bytes that are not UTF-8")?;
    Ok((!decoded.is_empty()).then(|| decoded.into_owned()))
}
