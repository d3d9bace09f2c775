//! The doctor's checks of secrets: shared, repeated and placeholder values. No text here holds a secret.

use std::collections::BTreeSet;

use url::Url;

use super::Finding;
use crate::{
    audit_key::AuditKey,
    config::{
        database_url::DatabaseUrl,
        names::{self as n, Name},
        secret::Secret,
        settings::Settings,
        vendors::Vendor,
    },
};

/// The fewest different bytes of a key that was drawn at random: 32 random bytes have about 30.
const KEY_DIFFERENT_BYTES: usize = 12;
/// The fewest different characters of any other secret. 16 random hexadecimal digits have about 10.
const TEXT_DIFFERENT_CHARS: usize = 5;
/// Shorter values are not judged by their characters: too few tell nothing.
const JUDGED_FROM_CHARS: usize = 8;
/// From this share of neighbours that follow each other (`abc`, `321`, `aa`) a value is a sequence, in percent.
const SEQUENCE_PERCENT: usize = 60;
/// From this length on a secret that is a part of the audit key gives it away.
const SHARED_FROM_CHARS: usize = 16;

/// What people write where a secret is still to come, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "replace-me",
    "replace_me",
    "replaceme",
    "your-",
    "your_",
    "yoursecret",
    "yourtoken",
    "yourkey",
    "example",
    "dummy",
    "insert-",
    "supersecret",
    "super-secret",
    "secretsecret",
    "passwordpassword",
    "qwerty",
    "letmein",
    "xxxxxx",
    "<secret",
    "<token",
];

/// What the findings are about that concern no single setting.
const NAME: &str = "secrets";

/// One secret text and the setting that holds it.
struct Held<'a> {
    name: &'static Name,
    text: String,
    /// The role and host of a database password: one role may be used twice.
    login: Option<&'a DatabaseUrl>,
}

/// Everything that is doubtful about the secrets.
pub(super) fn all(settings: &Settings) -> Vec<Finding> {
    let held = held(settings);
    let mut findings = vec![audit_key(settings)];
    findings.extend(in_the_audit_key(&settings.store.audit_key, &held));
    findings.extend(shared(&held));
    findings.extend(weak(&held));
    findings
}

fn audit_key(settings: &Settings) -> Finding {
    const DRAW: &str = "draw one with `openssl rand -base64 32`";
    let key = settings.store.audit_key.bytes();
    let different = key.iter().collect::<BTreeSet<_>>().len();
    let name = n::COUNTERSIGN_AUDIT_KEY.env;
    if different < KEY_DIFFERENT_BYTES || repeats(key) {
        let says = "repeats itself, so it was hardly drawn at random";
        return Finding::warning(name, says).hint(DRAW);
    }
    if is_sequence(key) || is_sequence(hex::encode(key).as_bytes()) {
        return Finding::warning(name, "is a sequence that can be guessed").hint(DRAW);
    }
    let text = String::from_utf8_lossy(key).to_lowercase();
    let words =
        key.iter().all(|byte| (b' '..=b'~').contains(byte)) && !key.iter().any(u8::is_ascii_digit);
    if words || is_placeholder(&text) {
        let says = "is a text of words or a placeholder, not random bytes";
        return Finding::warning(name, says).hint(DRAW);
    }
    Finding::ok(name, format!("{} bytes", key.len()))
}

/// Whoever knows a secret that is the audit key, or a part of it, can write a journal that verifies.
fn in_the_audit_key(key: &AuditKey, held: &[Held<'_>]) -> Vec<Finding> {
    let key = key.bytes();
    // A key that was written in hexadecimal is compared as it was written.
    let written = hex::encode(key);
    let shares = |one: &&Held<'_>| {
        let text = one.text.as_bytes();
        let is_in = |whole: &[u8]| {
            let mut parts = whole.windows(text.len());
            parts.any(|part| part.eq_ignore_ascii_case(text))
        };
        let is_part = text.len() >= SHARED_FROM_CHARS && (is_in(key) || is_in(written.as_bytes()));
        let decoded = AuditKey::decode(&one.text);
        is_part || decoded.is_some_and(|decoded| decoded.bytes() == key)
    };
    held.iter()
        .filter(shares)
        .map(|one| {
            let says = format!(
                "is the same secret as {}: whoever knows that one can forge the journal",
                one.name.env
            );
            Finding::fault(n::COUNTERSIGN_AUDIT_KEY.env, says).hint(format!(
                "for a new installation draw a key with `openssl rand -base64 32`; with a journal in use keep the key and \
                 change {}",
                one.name.env
            ))
        })
        .collect()
}

fn shared(held: &[Held<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, one) in held.iter().enumerate() {
        for other in &held[index + 1..] {
            let one_login = match (one.login, other.login) {
                (Some(one), Some(other)) => user(one) == user(other),
                _ => false,
            };
            if one.text == other.text && !one_login {
                let says = format!("{} is the same secret as {}", other.name.env, one.name.env);
                findings.push(
                    Finding::warning(NAME, says)
                        .hint("give each its own, so that one that leaks opens one door"),
                );
            }
        }
    }
    findings
}

fn weak(held: &[Held<'_>]) -> Vec<Finding> {
    let judged = held.iter().filter(|one| one.login.is_none());
    judged
        .filter_map(|one| {
            // The issuer's prefix, such as `xoxb-`, is not what makes it secret.
            let text = one.text.rsplit(['-', '_']).next().unwrap_or_default();
            let text = if text.len() < JUDGED_FROM_CHARS {
                &one.text
            } else {
                text
            };
            let bytes = text.as_bytes();
            let different = bytes.iter().collect::<BTreeSet<_>>().len();
            let judged = bytes.len() >= JUDGED_FROM_CHARS;
            let says = if is_placeholder(&one.text.to_lowercase()) {
                "looks like a placeholder"
            } else if judged && (different < TEXT_DIFFERENT_CHARS || repeats(bytes)) {
                "repeats itself, so it is hardly the issuer's"
            } else if judged && is_sequence(bytes) {
                "is a sequence that can be guessed"
            } else {
                return None;
            };
            let says = format!("{} {says}", one.name.env);
            Some(Finding::warning(NAME, says).hint(one.name.about))
        })
        .collect()
}

fn is_placeholder(lower: &str) -> bool {
    PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Whether the value is one part over and over.
fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| {
        let pairs = bytes.iter().zip(bytes.iter().skip(period));
        pairs.into_iter().all(|(one, later)| one == later)
    })
}

/// Whether most characters follow the one before, upwards or downwards, or repeat it.
fn is_sequence(bytes: &[u8]) -> bool {
    let neighbours = bytes.windows(2);
    let all = neighbours.len();
    let near = neighbours
        .filter(|pair| {
            pair.first()
                .zip(pair.last())
                .is_some_and(|(a, b)| a.abs_diff(*b) <= 1)
        })
        .count();
    all > 0 && near * 100 >= all * SEQUENCE_PERCENT
}

/// Every secret that is set, but for the audit key.
fn held(settings: &Settings) -> Vec<Held<'_>> {
    let add = |name: &'static Name, secret: Option<&Secret>| {
        secret.map(|secret| (name, secret.expose().to_owned()))
    };
    let slack = &settings.slack;
    let mut found: Vec<(&'static Name, String)> = Vec::new();
    found.extend(add(n::SLACK_SIGNING_SECRET, Some(&slack.signing_secret)));
    found.extend(add(n::SLACK_BOT_TOKEN, Some(&slack.bot_token)));
    found.extend(add(n::SLACK_APP_TOKEN, slack.app_token.as_ref()));
    if let Some(aws) = &settings.s3.credentials {
        found.extend(add(n::AWS_SECRET_ACCESS_KEY, Some(&aws.secret_access_key)));
        found.extend(add(n::AWS_SESSION_TOKEN, aws.session_token.as_ref()));
    }
    let vendors = &settings.vendors;
    if let Vendor::Ready(stripe) = &vendors.stripe {
        found.extend(add(n::STRIPE_SECRET_KEY, Some(&stripe.secret_key)));
        found.extend(add(
            n::STRIPE_WEBHOOK_SECRET,
            stripe.webhook_secret.as_ref(),
        ));
    }
    if let Vendor::Ready(vercel) = &vendors.vercel {
        found.extend(add(n::VERCEL_TOKEN, Some(&vercel.token)));
        found.extend(add(
            n::VERCEL_WEBHOOK_SECRET,
            vercel.webhook_secret.as_ref(),
        ));
    }
    if let Vendor::Ready(neon) = &vendors.neon {
        found.extend(add(n::NEON_API_KEY, Some(&neon.api_key)));
    }
    if let Vendor::Ready(openai) = &vendors.openai {
        found.extend(add(n::OPENAI_API_KEY, Some(&openai.api_key)));
        found.extend(add(n::OPENAI_ADMIN_KEY, openai.admin_key.as_ref()));
    }
    if let Vendor::Ready(resend) = &vendors.resend {
        found.extend(add(n::RESEND_API_KEY, Some(&resend.api_key)));
    }
    let mut held: Vec<Held<'_>> = found
        .into_iter()
        .map(|(name, text)| Held {
            name,
            text,
            login: None,
        })
        .collect();
    let databases = [
        (n::DATABASE_URL, &settings.app.database),
        (n::COUNTERSIGN_DATABASE_URL, &settings.store.database),
    ];
    for (name, database) in databases {
        if let Some(text) = password(database) {
            held.push(Held {
                name,
                text,
                login: Some(database),
            });
        }
    }
    held
}

fn password(database: &DatabaseUrl) -> Option<String> {
    let url = Url::parse(database.url.expose()).ok()?;
    let decoded = percent_encoding::percent_decode_str(url.password()?).decode_utf8_lossy();
    Some(decoded.into_owned()).filter(|text| !text.is_empty())
}

fn user(database: &DatabaseUrl) -> Option<String> {
    let url = Url::parse(database.url.expose()).ok()?;
    Some(url.username().to_owned())
}
