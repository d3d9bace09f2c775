//! How people name a payment: by its id, or by a link to it.

use std::fmt;

use percent_encoding::percent_decode_str;

/// How somebody names one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentId {
    /// `pi_…`
    Intent(String),
    /// `ch_…` or `py_…`
    Charge(String),
    /// `cs_…`
    Session(String),
}

/// The host of everything of Stripe's that has links.
const HOST: &str = "stripe.com";
/// What people write around an id, and at its end.
const AROUND: &[char] = &[
    '(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', '`', '*', '.', ',', ';', ':', '!', '?',
];

impl PaymentId {
    /// The prefixes that name a payment.
    pub const PREFIXES: &[&str] = &["pi_", "ch_", "py_", "cs_"];

    /// Reads an id by its prefix, also from a link that holds exactly one. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if is_link(text) {
            return Self::of_link(text);
        }
        Self::plain(text.trim_matches(AROUND))
    }

    fn plain(text: &str) -> Option<Self> {
        let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let (kind, rest) = text.split_once('_').filter(|_| fits)?;
        match kind {
            _ if rest.is_empty() => None,
            "pi" => Some(Self::Intent(text.to_owned())),
            "ch" | "py" => Some(Self::Charge(text.to_owned())),
            "cs" => Some(Self::Session(text.to_owned())),
            _ => None,
        }
    }

    /// Whether a text names a payment anywhere, also glued to other characters, as in `payment:pi_3Mtw`.
    #[must_use]
    pub fn is_within(text: &str) -> bool {
        let text = percent_decode_str(text).decode_utf8_lossy();
        let text = text.to_ascii_lowercase();
        text.split(is_outside).any(|run| {
            let parts: Vec<&str> = run.trim_matches('_').split('_').collect();
            let mut pairs = parts.windows(2);
            pairs.any(|pair| matches!(pair, [kind, id] if is_kind(kind) && !id.is_empty()))
        })
    }

    /// The dashboard's links have the id in their path, below the account and the mode, and searches have it in the query.
    fn of_link(link: &str) -> Option<Self> {
        let link = percent_decode_str(link).decode_utf8_lossy();
        let words = link.split(is_outside);
        let mut ids = words.filter_map(Self::plain);
        let first = ids.next()?;
        ids.all(|other| other == first).then_some(first)
    }
}

/// Whether a character is none of an id.
fn is_outside(c: char) -> bool {
    !c.is_ascii_alphanumeric() && c != '_'
}

/// Whether this and an underscore is a prefix of a payment's id.
fn is_kind(kind: &str) -> bool {
    let prefixes = PaymentId::PREFIXES.iter();
    let mut kinds = prefixes.map(|prefix| prefix.trim_end_matches('_'));
    kinds.any(|known| known == kind)
}

/// Whether a text is a web address. Stripe's own is one also without its scheme, as Slack shows it.
#[must_use]
pub fn is_link(text: &str) -> bool {
    let text = text.trim_start_matches(AROUND).to_ascii_lowercase();
    let host = text.split('/').next().unwrap_or_default();
    text.starts_with("https://")
        || text.starts_with("http://")
        || host == HOST
        || host.ends_with(&format!(".{HOST}"))
}

/// Whether a text is a web address of Stripe's.
#[must_use]
pub fn is_stripe_link(text: &str) -> bool {
    is_link(text) && text.to_ascii_lowercase().contains(HOST)
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Intent(id) | Self::Charge(id) | Self::Session(id)) = self;
        f.write_str(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        PaymentId::parse(text).map(|id| id.to_string())
    }

    #[test]
    fn an_id_is_read_from_a_link_wherever_it_stands() {
        for link in [
            "https://dashboard.stripe.com/payments/pi_3Mtw",
            "https://dashboard.stripe.com/test/payments/pi_3Mtw",
            "https://dashboard.stripe.com/acct_1Abc/payments/pi_3Mtw",
            "https://dashboard.stripe.com/acct_1Abc/test/payments/pi_3Mtw/",
            "https://dashboard.stripe.com/payments/pi_3Mtw?foo=bar&ref=1#events",
            "https://dashboard.stripe.com/payments/pi_3Mtw/refunds/re_3Mtw",
            "https://dashboard.stripe.com/search?query=pi_3Mtw",
            "https://dashboard.stripe.com/search?query=id%3Api_3Mtw",
            "HTTPS://Dashboard.Stripe.com/payments/pi_3Mtw,",
            "(https://dashboard.stripe.com/payments/pi_3Mtw).",
            "dashboard.stripe.com/payments/pi_3Mtw",
            "http://dashboard.stripe.com/payments/pi_3Mtw",
        ] {
            assert_eq!(read(link).as_deref(), Some("pi_3Mtw"), "{link}");
        }
        let checkout = "https://checkout.stripe.com/c/pay/cs_test_a1B2#fid";
        assert_eq!(read(checkout).as_deref(), Some("cs_test_a1B2"));
        for id in ["ch_1", "py_1"] {
            let link = format!("https://dashboard.stripe.com/payments/{id}");
            assert_eq!(read(&link).as_deref(), Some(id));
        }
    }

    #[test]
    fn what_people_write_around_an_id_is_no_part_of_it() {
        for text in [
            "pi_3Mtw,",
            "(pi_3Mtw)",
            "`pi_3Mtw`:",
            "\"pi_3Mtw\".",
            "*pi_3Mtw*",
        ] {
            assert_eq!(read(text).as_deref(), Some("pi_3Mtw"), "{text}");
        }
    }

    #[test]
    fn a_link_to_something_else_or_to_two_payments_names_none() {
        for link in [
            "https://dashboard.stripe.com/customers/cus_3Mtw",
            "https://dashboard.stripe.com/payments",
            "https://dashboard.stripe.com/compare?a=pi_1&b=pi_2",
            "payments/pi_3Mtw",
            "pi_",
            "pi_3Mtw?x",
            "maria@example.com",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }

    #[test]
    fn an_id_is_found_wherever_it_is_glued_to_something() {
        for text in [
            "pi_3Mtw",
            "payment:pi_3Mtw",
            "stripe=pi_3Mtw",
            "#pi_3Mtw",
            "_pi_3Mtw_",
            "payment_pi_3Mtw",
            "see:https://dashboard.stripe.com/payments/pi_3Mtw",
            "paid by pi_3Mtw",
            "PI_3Mtw",
            "https://example.com/?q=id%3Apy_3Mtw",
            "https://dashboard.stripe.com/x?a=pi_1&b=pi_2",
        ] {
            assert!(PaymentId::is_within(text), "{text}");
        }
        for text in ["pi", "pi_", "_pi_", "api_key", "OPS-1001", "usr_1", "paid"] {
            assert!(!PaymentId::is_within(text), "{text}");
        }
    }
}
