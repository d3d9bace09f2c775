//! The parameters after the question mark.

use super::Address;

/// What the parameters say that matters here.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub sslmode: Option<String>,
    /// The parameter that said it, as it was written.
    sslmode_by: String,
    pub sslrootcert: Option<String>,
    sslcert: Option<String>,
    sslkey: Option<String>,
    host: Option<String>,
    pub hostaddr: Option<String>,
    port: Option<String>,
    pub dbname: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    application_name: Option<String>,
    options: Option<String>,
    pub schema: Option<String>,
    /// JDBC's list of schemas.
    current_schema: Option<String>,
    /// Prisma's word on whether the certificate is checked.
    sslaccept: Option<String>,
    pub pgbouncer: bool,
    /// Names of parameters that nobody here knows.
    unknown: Vec<String>,
    has_identity: bool,
}

/// Parameters that are read. A mistyped one would silently give up encryption or lead elsewhere.
const READ: &[&str] = &[
    "sslmode",
    "ssl",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "schema",
    "currentSchema",
    "sslaccept",
    "pgbouncer",
];

/// Parameters of libpq, Prisma, node-postgres, JDBC and hosts that change nothing here.
const IGNORED: &[&str] = &[
    "ApplicationName",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "connection_limit",
    "connectionTimeoutMillis",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "idle_in_transaction_session_timeout",
    "idleTimeoutMillis",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "lock_timeout",
    "max",
    "max_connection_lifetime",
    "max_idle_connection_lifetime",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "pool_mode",
    "pool_timeout",
    "prepare",
    "prepareThreshold",
    "query_timeout",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "servicefile",
    "single_use_connections",
    "socket_timeout",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslidentity",
    "sslkeylogfile",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
    "statement_cache_size",
    "statement_timeout",
    "supa",
    "target_session_attrs",
    "tcp_user_timeout",
    "uselibpqcompat",
    "workaround",
];

/// Parameters whose values may be shown when they contradict each other.
const HARMLESS: &[&str] = &[
    "sslmode",
    "ssl",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "schema",
    "currentSchema",
    "sslaccept",
    "pgbouncer",
];

/// What `sslmode` may be. `no-verify` is node-postgres' word for `require`.
const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
    "no-verify",
];

/// How many letters a name may differ from a known one to count as mistyped.
const TYPO: usize = 2;
/// Shorter names differ from too many words by so few letters.
const TYPO_IN: usize = 6;
/// The longest name of a parameter that is repeated in a text.
const NAME_CHARS: usize = 40;

/// Whether some client knows a parameter of this name.
pub(super) fn is_known(name: &str) -> bool {
    READ.contains(&name) || IGNORED.contains(&name) || name.starts_with("options[")
}

impl Parameters {
    pub(super) fn read(query: &str) -> Result<Self, String> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut all = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            all.has_identity |= name == "sslidentity";
            if !READ.contains(&&*name) {
                all.note_unknown(&name, &value)?;
                continue;
            }
            // Empty means unset, as for libpq.
            if value.is_empty() {
                continue;
            }
            match found.iter().find(|(known, _)| *known == name) {
                Some((_, before)) if *before == value => {}
                Some((_, before)) => return Err(contradicts(&name, before, &value)),
                None => found.push((name.into_owned(), value.into_owned())),
            }
        }
        for (name, value) in found {
            all.set(&name, value)?;
        }
        all.settle_certificates();
        all.settle_sslaccept()?;
        all.settle_schema();
        Ok(all)
    }

    fn note_unknown(&mut self, name: &str, value: &str) -> Result<(), String> {
        if is_known(name) {
            return Ok(());
        }
        let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
        let meant = READ
            .iter()
            .filter(|known| known.len() >= TYPO_IN)
            .find(|known| {
                strsim::osa_distance(&plain, &known.to_ascii_lowercase().replace('_', "")) <= TYPO
            });
        let may_be_shown = name.len() <= NAME_CHARS
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        match meant {
            Some(meant) if may_be_shown => Err(format!(
                "has an unknown parameter `{name}`; did you mean `{meant}`?"
            )),
            _ => {
                // A piece of a password has no value.
                if may_be_shown && !value.is_empty() {
                    self.unknown.push(name.to_owned());
                }
                Ok(())
            }
        }
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        let place = match name {
            "sslmode" => return self.set_sslmode(&value),
            "ssl" => return self.set_ssl(&value),
            "pgbouncer" => {
                self.pgbouncer = value == "true";
                return Ok(());
            }
            "sslrootcert" => &mut self.sslrootcert,
            "sslcert" => &mut self.sslcert,
            "sslkey" => &mut self.sslkey,
            "host" => &mut self.host,
            "hostaddr" => &mut self.hostaddr,
            "port" => &mut self.port,
            "dbname" => &mut self.dbname,
            "user" => &mut self.user,
            "password" => &mut self.password,
            "application_name" => &mut self.application_name,
            "options" => &mut self.options,
            "currentSchema" => &mut self.current_schema,
            "sslaccept" => &mut self.sslaccept,
            _ => &mut self.schema,
        };
        *place = Some(value);
        Ok(())
    }

    fn set_sslmode(&mut self, value: &str) -> Result<(), String> {
        if !SSL_MODES.contains(&value) {
            let modes = SSL_MODES.join(", ");
            return Err(format!("has an unknown sslmode; it may be {modes}"));
        }
        let mode = if value == "no-verify" {
            "require"
        } else {
            value
        };
        self.agree_on_sslmode(mode, "sslmode", value)
    }

    /// `ssl=true`, as node-postgres and JDBC have it.
    fn set_ssl(&mut self, value: &str) -> Result<(), String> {
        match value {
            "true" | "1" | "require" | "no-verify" => {
                self.agree_on_sslmode("require", "ssl", value)
            }
            "false" | "0" => self.agree_on_sslmode("disable", "ssl", value),
            _ => Err("has an unknown ssl; it may be true or false".to_owned()),
        }
    }

    fn agree_on_sslmode(&mut self, mode: &str, name: &str, value: &str) -> Result<(), String> {
        let encrypts = |mode: &str| !matches!(mode, "disable" | "allow" | "prefer");
        let said = format!("{name}={value}");
        match self.sslmode.as_deref() {
            Some(before) if encrypts(before) != encrypts(mode) => Err(format!(
                "says both that the connection is encrypted and that it need not be: {} and {said}",
                self.sslmode_by
            )),
            // `ssl` adds nothing to an `sslmode` that encrypts.
            Some(_) if name == "ssl" => Ok(()),
            _ => {
                self.sslmode = Some(mode.to_owned());
                self.sslmode_by = said;
                Ok(())
            }
        }
    }

    /// Prisma's `sslcert` is the certificate authority's; libpq's is the client's and comes with a key.
    /// `sslrootcert=system` is libpq's word for the machine's own authorities, which sqlx uses when none is named.
    fn settle_certificates(&mut self) {
        if self.sslkey.is_none() {
            let authority = self.sslcert.take();
            self.sslrootcert = self.sslrootcert.take().or(authority);
        }
        if self.sslrootcert.as_deref() == Some("system") {
            self.sslrootcert = None;
            self.sslmode = Some("verify-full".to_owned());
        }
    }

    /// Prisma checks the certificate and the host's name with `sslaccept=strict` alone, whatever `sslmode` says, and has no
    /// certificate to check where `sslmode=disable`.
    fn settle_sslaccept(&mut self) -> Result<(), String> {
        match self.sslaccept.as_deref() {
            None | Some("accept_invalid_certs") => Ok(()),
            Some("strict") if self.sslmode_by.ends_with("=no-verify") => Err(format!(
                "says both that the certificate is checked and that it is not: sslaccept=strict and {}",
                self.sslmode_by
            )),
            Some("strict") => {
                if !self.is_strict_without_encryption() {
                    self.sslmode = Some("verify-full".to_owned());
                }
                Ok(())
            }
            Some(_) => {
                Err("has an unknown sslaccept; it may be strict or accept_invalid_certs".to_owned())
            }
        }
    }

    fn is_strict_without_encryption(&self) -> bool {
        self.sslaccept.as_deref() == Some("strict") && self.sslmode.as_deref() == Some("disable")
    }

    /// JDBC's `currentSchema` is a search path. Postgres reads a name without quotes in lower case.
    fn settle_schema(&mut self) {
        if self.schema.is_none() {
            self.schema = self.search_path().into_iter().next();
        }
    }

    fn search_path(&self) -> Vec<String> {
        let names = self.current_schema.as_deref().unwrap_or_default();
        let names = names.split(',').map(|name| {
            let name = name.trim();
            let quoted = name
                .strip_prefix('"')
                .and_then(|name| name.strip_suffix('"'));
            quoted.map_or_else(|| name.to_lowercase(), |name| name.replace("\"\"", "\""))
        });
        names
            .filter(|name| !name.is_empty() && name != "$user")
            .collect()
    }

    /// The servers that `host` and `port` name, each a list with commas.
    pub(super) fn addresses(&self) -> Result<Vec<Address>, String> {
        let hosts = self.host.as_deref().map(|hosts| hosts.split(',').collect());
        let ports = self.port.as_deref().map(|ports| ports.split(',').collect());
        let (hosts, ports): (Vec<&str>, Vec<&str>) =
            (hosts.unwrap_or_default(), ports.unwrap_or_default());
        let mut read = Vec::new();
        for port in &ports {
            let port: u16 = port
                .parse()
                .map_err(|_| "has a port that is not a number")?;
            read.push(port);
        }
        let many = hosts.len().max(read.len());
        let one = |index: usize| Address {
            host: hosts.get(index).map(|host| (*host).to_owned()),
            // One port counts for all hosts.
            port: read.get(index).or(read.first()).copied(),
        };
        Ok((0..many).map(one).collect())
    }

    /// What sqlx is told.
    pub(super) fn for_sqlx(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("sslmode", &self.sslmode),
            ("sslrootcert", &self.sslrootcert),
            ("sslcert", &self.sslcert),
            ("sslkey", &self.sslkey),
            ("application_name", &self.application_name),
            ("options", &self.options),
        ];
        let set = all.into_iter();
        set.filter_map(|(name, value)| Some((name, value.clone()?)))
            .collect()
    }

    /// What may be shown.
    pub(super) fn harmless(&self) -> Vec<(&'static str, String)> {
        let mode = self.sslmode.clone();
        mode.map(|mode| ("sslmode", mode)).into_iter().collect()
    }

    /// What works otherwise than it may have been meant.
    pub(super) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if !self.unknown.is_empty() {
            doubts.push(format!(
                "has parameters that are not known here and change nothing: {}",
                self.unknown.join(", ")
            ));
        }
        if self.has_identity {
            doubts.push(
                "names a client certificate by Prisma's sslidentity, which is not used: name it by sslcert and sslkey"
                    .to_owned(),
            );
        }
        if self.is_strict_without_encryption() {
            doubts.push(
                "says sslaccept=strict, which checks no certificate with sslmode=disable: the connection is not encrypted"
                    .to_owned(),
            );
        }
        let path = self.search_path();
        if let (Some(used), true) = (
            &self.schema,
            path.iter().any(|name| Some(name) != self.schema.as_ref()),
        ) {
            doubts.push(format!(
                "names other schemas in currentSchema: only {used} is used"
            ));
        }
        doubts
    }
}

fn contradicts(name: &str, before: &str, after: &str) -> String {
    if HARMLESS.contains(&name) {
        format!("says {name} twice: {before} and {after}")
    } else {
        format!("says {name} twice, with different values")
    }
}
