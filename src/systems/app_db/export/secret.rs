//! Names that look like a secret's. What looks like one is held back: a person needs no password hash, and whoever finds
//! the archive must not get one.

/// What kind of value a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// True or false, or a time: no secret fits in it.
    FlagOrTime,
    /// A number: a count more often than a code.
    Number,
    /// Anything else.
    Other,
}

/// Parts of names: letters and digits alone, in lower case.
const PARTS: [&str; 26] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "hash",
    "secret",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "sessionkey",
    "oauth",
    "sessionstate",
    "codeverifier",
    "codechallenge",
    "recoverycode",
    "backupcode",
    "resetcode",
    "verificationcode",
    "confirmationcode",
    "logincode",
    "securityanswer",
    "cookie",
];

/// Whole words of names that are too short to be looked for inside of others.
const WORDS: [&str; 9] = [
    "otp", "totp", "hotp", "pin", "cvv", "cvc", "salt", "jwt", "mfa",
];

/// Names that hold a part and are no secret.
const HARMLESS: [&str; 2] = ["hashtag", "cookieconsent"];

/// The part of the name that makes it look like a secret's.
pub(super) fn looks_like(name: &str, value: Value) -> Option<&'static str> {
    if value == Value::FlagOrTime {
        return None;
    }
    let words = words(name);
    if let Some(word) = WORDS.iter().find(|word| words.iter().any(|w| w == *word)) {
        return Some(word);
    }
    if value == Value::Number {
        return None;
    }
    let mut plain = words.concat();
    for harmless in HARMLESS {
        plain = plain.replace(harmless, "");
    }
    PARTS.iter().find(|part| plain.contains(**part)).copied()
}

/// `sessionToken`, `session_token` and `session-token` as `session`, `token`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        let begins = char.is_uppercase() && after_lower;
        if begins || !char.is_alphanumeric() {
            words.push(String::new());
        }
        if char.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(char.to_lowercase());
        }
        after_lower = char.is_lowercase() || char.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_recognised_in_any_spelling() {
        for name in [
            "password",
            "passwordHash",
            "hashed_password",
            "PASSWORD",
            "sessionToken",
            "refresh_token",
            "id_token",
            "apiKey",
            "api-key",
            "totpSecret",
            "otp",
            "reset_code",
            "session_state",
            "clientSecret",
            "salt",
            "OAuthGrant",
        ] {
            assert!(looks_like(name, Value::Other).is_some(), "{name}");
        }
        assert!(looks_like("pin", Value::Number).is_some());
    }

    #[test]
    fn what_is_no_secret_is_let_through() {
        for name in [
            "email",
            "sessionId",
            "hashtags",
            "spinCount",
            "description",
            "footpath",
            "provider",
        ] {
            assert_eq!(looks_like(name, Value::Other), None, "{name}");
        }
        assert_eq!(looks_like("tokensUsed", Value::Number), None);
        assert_eq!(looks_like("passwordChangedAt", Value::FlagOrTime), None);
        assert_eq!(looks_like("hasPassword", Value::FlagOrTime), None);
    }
}
