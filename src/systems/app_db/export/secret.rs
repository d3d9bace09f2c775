//! Names that look like a secret's. What looks like one is held back: a person needs no password hash, and whoever finds
//! the archive must not get one.

/// What kind of value a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// True or false, a time, or one of a few words: no secret fits in it.
    FlagOrTime,
    /// A number: a count more often than a code.
    Number,
    /// Anything else.
    Other,
}

/// Parts of names: letters and digits alone, in lower case. A number's name has to end with one: `resetCode` is a code,
/// `tokensUsed` a count.
const PARTS: [&str; 37] = [
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
    "accesscode",
    "activationcode",
    "authcode",
    "authenticationcode",
    "emailcode",
    "onetimecode",
    "securitycode",
    "signincode",
    "smscode",
    "twofactorcode",
    "magiclink",
    "securityanswer",
    "cookie",
];

/// Parts of the names of tables whose rows are secrets, whatever their columns are called.
const TABLE_PARTS: [&str; 20] = [
    "apikey",
    "accesskey",
    "apitoken",
    "twofactor",
    "multifactor",
    "authenticator",
    "webauthn",
    "passkey",
    "recoverycode",
    "backupcode",
    "verificationcode",
    "confirmationcode",
    "logincode",
    "resetcode",
    "onetime",
    "magiclink",
    "signinlink",
    "loginlink",
    "passwordreset",
    "oauthgrant",
];

/// Last words of such names: a `Token` is one, its usage is not.
const TABLE_ENDS: [&str; 6] = [
    "token",
    "tokens",
    "secret",
    "secrets",
    "credential",
    "credentials",
];

/// Last words of columns that hold no secret in such tables either.
const PLAIN_ENDS: [&str; 24] = [
    "id",
    "email",
    "mail",
    "identifier",
    "user",
    "name",
    "label",
    "title",
    "description",
    "type",
    "kind",
    "purpose",
    "provider",
    "status",
    "role",
    "ip",
    "agent",
    "device",
    "platform",
    "attempts",
    "count",
    "uses",
    "limit",
    "version",
];

/// Names of columns that say what they are only together with their table's: the `code` of a `Login`.
const BARE: [&str; 4] = ["code", "codes", "key", "keys"];

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
    if let Some(word) = short_word(&words) {
        return Some(word);
    }
    let plain = without_harmless(&words);
    let is_in = |part: &&&str| match value {
        Value::Number => plain.ends_with(**part),
        _ => plain.contains(**part),
    };
    PARTS.iter().find(is_in).copied()
}

/// What makes a column look like one that looks like none by its own name: the table that it is in.
pub(super) fn in_table(table: &str, column: &str, value: Value) -> Option<&'static str> {
    if value == Value::FlagOrTime {
        return None;
    }
    let of_column = words(column);
    if let Some(part) = holds_secrets(table) {
        let last = of_column.last().map_or("", String::as_str);
        return (!PLAIN_ENDS.contains(&last)).then_some(part);
    }
    if BARE.contains(&of_column.concat().as_str()) {
        return looks_like(&format!("{table}_{column}"), value);
    }
    None
}

/// The part of a table's name by which its rows are secrets.
fn holds_secrets(table: &str) -> Option<&'static str> {
    let words = words(table);
    let plain = words.concat();
    let last = words.last().map_or("", String::as_str);
    let by_end = || TABLE_ENDS.iter().find(|end| last == **end).copied();
    let by_part = || {
        TABLE_PARTS
            .iter()
            .find(|part| plain.contains(**part))
            .copied()
    };
    short_word(&words).or_else(by_part).or_else(by_end)
}

fn short_word(words: &[String]) -> Option<&'static str> {
    let is_there = |word: &&&str| words.iter().any(|one| one == *word);
    WORDS.iter().find(|word| is_there(word)).copied()
}

fn without_harmless(words: &[String]) -> String {
    let mut plain = words.concat();
    for harmless in HARMLESS {
        plain = plain.replace(harmless, "");
    }
    plain
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
        for code in ["pin", "verificationCode", "reset_code", "loginToken"] {
            assert!(looks_like(code, Value::Number).is_some(), "{code}");
        }
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
        for count in ["tokensUsed", "passwordAttempts", "hashRate", "zipCode"] {
            assert_eq!(looks_like(count, Value::Number), None, "{count}");
        }
        assert_eq!(looks_like("passwordChangedAt", Value::FlagOrTime), None);
        assert_eq!(looks_like("hasPassword", Value::FlagOrTime), None);
    }

    #[test]
    fn what_a_table_holds_is_judged_with_its_name() {
        for (table, column) in [
            ("ApiKey", "key"),
            ("api_keys", "value"),
            ("TwoFactor", "code"),
            ("RecoveryCode", "code"),
            ("MagicLink", "url"),
            ("LoginToken", "data"),
            ("Login", "code"),
            ("EmailVerification", "code"),
        ] {
            for value in [Value::Other, Value::Number] {
                assert!(in_table(table, column, value).is_some(), "{table}.{column}");
            }
        }
        for (table, column) in [
            ("ApiKey", "id"),
            ("ApiKey", "userId"),
            ("ApiKey", "name"),
            ("VerificationToken", "identifier"),
            ("PasswordResetToken", "email"),
            ("TwoFactor", "failedAttempts"),
            ("TokenUsage", "model"),
            ("Country", "code"),
            ("Setting", "key"),
            ("TestSession", "state"),
        ] {
            assert_eq!(
                in_table(table, column, Value::Other),
                None,
                "{table}.{column}"
            );
        }
    }
}
