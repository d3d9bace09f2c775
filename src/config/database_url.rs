//! Postgres URLs as libpq, Prisma and hosts write them, made fit for sqlx.
//!
//! Parameters that are another client's own are ignored. What contradicts itself is refused: which of two values holds
//! differs from client to client. Errors never repeat a value that may be secret.

mod parameters;
mod split;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::secret::Secret;
use parameters::Parameters;
use split::Parts;

/// One server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Address {
    /// A name, an address or a socket's folder.
    pub host: Option<String>,
    pub port: Option<u16>,
}

/// A Postgres URL with the parameters that sqlx understands, and what the others said.
#[derive(Debug, Clone, Default)]
pub struct DatabaseUrl {
    /// The URL for sqlx.
    pub url: Secret,
    /// Prisma's `schema` parameter, or else JDBC's `currentSchema`: the schema that the app's tables are in. `None` means
    /// Postgres' default.
    pub schema: Option<String>,
    /// Whether the URL leads through a pooler that may be in transaction mode, by its host name or by `pgbouncer=true`.
    pub pooled: bool,
    /// Whether what is sent stays private: `sslmode` requires encryption, or the server is on this machine.
    pub private: bool,
    /// The URL as it may be shown: no password, and only harmless parameters.
    pub shown: String,
    /// What the doctor says about it: it works, but perhaps not as it was meant.
    pub doubts: Vec<String>,
}

/// What stays as it is in each part of a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same for a host name or address.
const PLAIN_HOST: &AsciiSet = &PLAIN.remove(b'[').remove(b']').remove(b':');
/// The same for a parameter's value.
const PLAIN_VALUE: &AsciiSet = &PLAIN.remove(b'/').remove(b',').remove(b':');

impl DatabaseUrl {
    /// Reads a URL. The error says what is wrong without repeating the URL, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = Parts::of(text.trim())?;
        let parameters = Parameters::read(&parts.query)?;
        let place = Place::of(&parts, &parameters)?;
        let encrypted = matches!(
            parameters.sslmode.as_deref(),
            Some("require" | "verify-ca" | "verify-full")
        );
        Ok(Self {
            url: Secret::new(place.url(parts.scheme, &parameters)),
            schema: parameters.schema.clone(),
            pooled: parameters.pgbouncer || is_pooler(&place.host, place.port),
            private: encrypted || is_local(&place.host),
            shown: place.shown(parts.scheme, &parameters),
            doubts: place.doubts,
        })
    }
}

/// Where the database is, whichever way the URL says it.
struct Place {
    user: Option<String>,
    password: Option<String>,
    host: String,
    port: Option<u16>,
    database: String,
    doubts: Vec<String>,
}

impl Place {
    fn of(parts: &Parts, parameters: &Parameters) -> Result<Self, String> {
        let mut doubts = Vec::new();
        let (host, port) = address(parts, parameters, &mut doubts)?;
        let user = one("user", &parts.user, &parameters.user)?;
        let database = match one("database", &parts.database, &parameters.dbname)? {
            Some(database) => database,
            // As libpq does. Prisma takes `postgres`; hosts that hand out URLs without a database accept either.
            None => {
                let user = user.clone();
                let user = user.ok_or("names neither a database nor a user")?;
                if !host.ends_with(".prisma.io") {
                    doubts.push(format!(
                        "names no database: the one called like the user, {user}, is used"
                    ));
                }
                user
            }
        };
        let password = match (&parts.password, &parameters.password) {
            (Some(before), Some(after)) if before != after => {
                doubts.push("holds two passwords: the one in `password` is used".to_owned());
                parameters.password.clone()
            }
            (before, after) => before.clone().or_else(|| after.clone()),
        };
        doubts.extend(parameters.doubts());
        Ok(Self {
            user,
            password,
            host,
            port,
            database,
            doubts,
        })
    }

    fn url(&self, scheme: &str, parameters: &Parameters) -> String {
        let password = self
            .password
            .as_deref()
            .map(|password| encoded(password, PLAIN));
        self.written(scheme, password.as_deref(), &parameters.for_sqlx())
    }

    fn shown(&self, scheme: &str, parameters: &Parameters) -> String {
        let password = self.password.as_ref().map(|_| "***");
        self.written(scheme, password, &parameters.harmless())
    }

    fn written(&self, scheme: &str, password: Option<&str>, query: &[(&str, String)]) -> String {
        let mut text = format!("{scheme}://");
        if let Some(user) = &self.user {
            text += &encoded(user, PLAIN);
        }
        if let Some(password) = password {
            text = text + ":" + password;
        }
        if self.user.is_some() || password.is_some() {
            text += "@";
        }
        text += &encoded(&self.host, PLAIN_HOST);
        if let Some(port) = self.port {
            text += &format!(":{port}");
        }
        text = text + "/" + &encoded(&self.database, PLAIN);
        for (index, (name, value)) in query.iter().enumerate() {
            text += if index == 0 { "?" } else { "&" };
            text = text + name + "=" + &encoded(value, PLAIN_VALUE);
        }
        text
    }
}

/// The one server that is used, from the URL's own host and port and from its parameters.
fn address(
    parts: &Parts,
    parameters: &Parameters,
    doubts: &mut Vec<String>,
) -> Result<(String, Option<u16>), String> {
    let named = first(&parts.addresses, doubts);
    let from_parameters = parameters.addresses()?;
    let asked = first(&from_parameters, doubts);
    let host = match (&named.host, &asked.host) {
        // `localhost` only fills the place before a socket's folder, as Prisma's and Google's documentation have it.
        (Some(named), Some(socket)) if named == "localhost" && socket.starts_with('/') => {
            Some(socket.clone())
        }
        (named, asked) => one("host", named, asked)?,
    };
    let host = match (host, &parameters.hostaddr) {
        // The name is needed where the server's certificate is compared with it.
        (Some(host), Some(_)) if parameters.sslmode.as_deref() == Some("verify-full") => host,
        (_, Some(address)) => address.clone(),
        (Some(host), None) => host,
        (None, None) => return Err("names no host".to_owned()),
    };
    let port = match (named.port, asked.port) {
        (Some(one), Some(other)) if one != other => {
            return Err(format!("names two ports: {one} and {other}"));
        }
        (one, other) => one.or(other),
    };
    Ok((host, port))
}

/// The first of several servers. libpq would try one after the other.
fn first(addresses: &[Address], doubts: &mut Vec<String>) -> Address {
    if let [used, _, ..] = addresses {
        let host = used.host.as_deref().unwrap_or_default();
        doubts.push(format!(
            "names {} hosts: only the first, {host}, is used. Name the one that takes writes",
            addresses.len()
        ));
    }
    addresses.first().cloned().unwrap_or_default()
}

/// The value that is said in the URL itself or by a parameter; when both say it, they must agree.
fn one(
    what: &str,
    named: &Option<String>,
    asked: &Option<String>,
) -> Result<Option<String>, String> {
    match (named, asked) {
        (Some(named), Some(asked)) if named != asked => {
            Err(format!("names two {what}s: {named} and {asked}"))
        }
        (named, asked) => Ok(named.clone().or_else(|| asked.clone())),
    }
}

fn encoded(text: &str, plain: &'static AsciiSet) -> String {
    utf8_percent_encode(text, plain).to_string()
}

/// Whether a host is this machine: a loopback name or address, or a socket's folder.
fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1") || host.starts_with(['/', '@'])
}

/// Whether a host is a pooler of Neon, Supabase or Prisma Postgres.
fn is_pooler(host: &str, port: Option<u16>) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let first = host.split('.').next().unwrap_or_default();
    let of_supabase = [".supabase.com", ".supabase.co"];
    first.ends_with("-pooler")
        || host.ends_with(".pooler.supabase.com")
        || host == "pooled.db.prisma.io"
        // Supabase's pooler in transaction mode, also when it runs beside the database.
        || port == Some(6543) && of_supabase.iter().any(|end| host.ends_with(end))
}
