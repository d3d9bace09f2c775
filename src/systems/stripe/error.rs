//! What can go wrong with a call, sorted by whether the same call may be made again.

use std::{fmt, time::Duration};

pub use crate::systems::http::Doing;

/// A call that did not succeed. The texts name no person and no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// No connection was made: nothing was sent.
    #[error("Stripe cannot be reached")]
    Unreachable,
    /// The connection broke, or the time was over, before an answer was there.
    #[error("Stripe did not answer")]
    Unanswered(Doing),
    /// Too much at once (429): nothing was done.
    #[error("Stripe asks for patience")]
    Busy {
        /// How long, when Stripe says so.
        after: Option<Duration>,
    },
    /// The same idempotency key is being worked on right now (409).
    #[error("Stripe is still at work on the same call")]
    UnderWay {
        /// False when Stripe says that the same call is of no use.
        again: bool,
    },
    /// Stripe failed (5xx).
    #[error("Stripe failed with status {status}{}", by_id(.request_id.as_ref()))]
    Failing {
        /// The HTTP status.
        status: u16,
        /// What was asked.
        doing: Doing,
        /// False when Stripe says that the same call fails again: the failure is stored under its key.
        again: bool,
        /// Stripe's name for the call.
        request_id: Option<String>,
    },
    /// Stripe refused (4xx): nothing was done.
    #[error("Stripe refused: {0}")]
    Refused(Box<Refusal>),
    /// An answer came that cannot be read.
    #[error("Stripe's answer about {what} cannot be understood")]
    Unreadable {
        /// The call's path without ids.
        what: &'static str,
        /// What was asked.
        doing: Doing,
    },
    /// The id cannot be one of Stripe's.
    #[error("this is no id of Stripe's")]
    NoId,
}

/// What Stripe says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `invalid_request_error`, `idempotency_error`, `card_error`.
    pub kind: String,
    /// `resource_missing`, `charge_already_refunded`.
    pub code: Option<String>,
    /// The parameter that does not fit.
    pub param: Option<String>,
    /// Stripe's own words. They may repeat what was asked for, so they are not part of the error's text.
    pub message: String,
    /// Stripe's name for the call, by which its dashboard shows it.
    pub request_id: Option<String>,
}

/// What follows for whoever made the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Nothing was done, and the same call may succeed.
    Harmless {
        /// Not before this time, when Stripe says so.
        after: Option<Duration>,
    },
    /// It may have had its effect. Only the same idempotency key, or a look at the effect, is safe.
    InDoubt {
        /// False when the same key gives the same failure for as long as Stripe keeps it.
        again: bool,
    },
    /// Nothing was done, and the same call fails again until somebody changes something.
    Pointless,
}

impl StripeError {
    /// Whether the same call may be made again, and how.
    #[must_use]
    pub fn retry(&self) -> Retry {
        let harmless = Retry::Harmless { after: None };
        match self {
            Self::Unreachable => harmless,
            Self::Busy { after } => Retry::Harmless { after: *after },
            Self::UnderWay { again } => Retry::InDoubt { again: *again },
            Self::Unanswered(Doing::Reading)
            | Self::Failing {
                doing: Doing::Reading,
                ..
            } => harmless,
            Self::Unanswered(Doing::Writing)
            | Self::Unreadable {
                doing: Doing::Writing,
                ..
            } => Retry::InDoubt { again: true },
            Self::Failing { again, .. } => Retry::InDoubt { again: *again },
            // The same key came with other parameters: what the first call did is not known.
            Self::Refused(refusal) if refusal.kind == IDEMPOTENCY => {
                Retry::InDoubt { again: false }
            }
            Self::Refused(_) | Self::Unreadable { .. } | Self::NoId => Retry::Pointless,
        }
    }

    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// What Stripe said in its own words: for the person who asked alone. They may repeat what was asked for.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        let message = self.refusal().map(|refusal| refusal.message.as_str());
        message.filter(|message| !message.is_empty())
    }

    /// Whether Stripe's own words are that there is no such object. Another 404 may be anybody's on the way.
    #[must_use]
    pub fn is_resource_missing(&self) -> bool {
        let code = self.refusal().and_then(|refusal| refusal.code.as_deref());
        self.is_missing() && code == Some("resource_missing")
    }

    /// Whether the object is there in the mode that the key is not of, as Stripe's words then say: `true` for live mode.
    #[must_use]
    pub fn exists_in_live_mode(&self) -> Option<bool> {
        let refusal = self.refusal().filter(|_| self.is_missing())?;
        match refusal.message.as_str() {
            words if words.contains("exists in live mode") => Some(true),
            words if words.contains("exists in test mode") => Some(false),
            _ => None,
        }
    }

    /// Whether Stripe says that there is no such thing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.status == 404)
    }
}

/// The kind of refusal of a key that was used for another call.
const IDEMPOTENCY: &str = "idempotency_error";
impl Refusal {
    /// The permission that a restricted key lacks, which Stripe names in its words: `rak_charge_write`.
    #[must_use]
    pub fn missing_permission(&self) -> Option<&str> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let words = self.message.split(|c| !is_name(c));
        words
            .into_iter()
            .find(|word| self.status == 403 && word.starts_with("rak_"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            401 => f.write_str("it does not accept the key in STRIPE_SECRET_KEY")?,
            403 => match self.missing_permission() {
                Some(name) => write!(f, "the key lacks the permission {name}")?,
                None => f.write_str("the key lacks a permission")?,
            },
            404 => f.write_str("there is no such thing under this key")?,
            status => {
                write!(f, "{status} {}", self.kind)?;
                if let Some(code) = &self.code {
                    write!(f, ", {code}")?;
                }
                if let Some(param) = &self.param {
                    write!(f, ", about {param}")?;
                }
            }
        }
        f.write_str(&by_id(self.request_id.as_ref()))
    }
}

fn by_id(id: Option<&String>) -> String {
    id.map_or_else(String::new, |id| format!(" ({id})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, kind: &str, message: &str) -> Refusal {
        Refusal {
            status,
            kind: kind.to_owned(),
            code: None,
            param: None,
            message: message.to_owned(),
            request_id: Some("req_1".to_owned()),
        }
    }

    #[test]
    fn a_restricted_key_is_told_which_permission_it_lacks() {
        let says =
            "The provided key does not have the required permissions: rak_charge_write on acct_1.";
        let refusal = refused(403, "invalid_request_error", says);
        assert_eq!(refusal.missing_permission(), Some("rak_charge_write"));
        assert_eq!(
            refusal.to_string(),
            "the key lacks the permission rak_charge_write (req_1)"
        );
    }

    #[test]
    fn what_stripe_repeats_of_the_question_stays_out_of_the_text() {
        let refusal = refused(
            400,
            "invalid_request_error",
            "bad query email:\"maria@example.com\"",
        );
        assert_eq!(refusal.to_string(), "400 invalid_request_error (req_1)");
    }

    #[test]
    fn only_what_writes_can_be_in_doubt() {
        let failing = |doing| StripeError::Failing {
            status: 500,
            doing,
            again: true,
            request_id: None,
        };
        assert_eq!(
            failing(Doing::Reading).retry(),
            Retry::Harmless { after: None }
        );
        assert_eq!(
            failing(Doing::Writing).retry(),
            Retry::InDoubt { again: true }
        );
        let key_used_otherwise = StripeError::Refused(Box::new(refused(400, IDEMPOTENCY, "")));
        assert_eq!(key_used_otherwise.retry(), Retry::InDoubt { again: false });
    }
}
