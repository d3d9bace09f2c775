//! Which tables hold codes for an address, which serve nobody without it.

use super::columns::singular;

/// Words for signing in and for an address, which stand before the last word.
const SIGN_IN: &[&str] = &[
    "account",
    "auth",
    "authentication",
    "email",
    "link",
    "login",
    "magic",
    "mail",
    "one",
    "otp",
    "password",
    "passwordless",
    "reset",
    "signin",
    "signup",
    "time",
    "verification",
    "verify",
    "confirmation",
];
/// Words before the last one that change nothing.
const ANYBODYS: &[&str] = &["user", "customer", "member", "failed", "pending"];
/// Names that are often written as one word.
const AS_ONE: &[&str] = &[
    "verificationtoken",
    "emailverification",
    "emailconfirmation",
    "passwordreset",
    "passwordresettoken",
    "loginattempt",
    "magiclink",
];

/// Whether the rows of a table of this name are codes for an address: `password_reset_tokens`, `EmailConfirmation`. Every word
/// of the name has to say so, as an erasure deletes the rows: `order_confirmations` and `exam_attempts` are the business's.
pub(super) fn is_for_an_address(table: &str) -> bool {
    let words = words(table);
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    let said: Vec<&str> = before
        .iter()
        .map(String::as_str)
        .filter(|word| !ANYBODYS.contains(word))
        .collect();
    let about = |needed: &[&str]| said.last().is_some_and(|word| needed.contains(word));
    if !said.iter().all(|word| SIGN_IN.contains(word)) {
        return false;
    }
    match last.as_str() {
        "token" | "verification" | "otp" | "passwordless" => true,
        "reset" => about(&["password"]),
        "attempt" => about(&["login", "signin", "auth", "authentication"]),
        "confirmation" => about(&["email", "account"]),
        "link" => about(&["magic"]),
        "password" | "code" => said.ends_with(&["one", "time"]),
        one => AS_ONE.contains(&one),
    }
}

/// The words of a name in lower case and in the singular, split at what is no letter or digit and at capitals.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (index, char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| chars.get(index));
        let is_after_small = before.is_some_and(|before| !before.is_uppercase());
        let is_before_small = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        let begins = char.is_uppercase() && (is_after_small || is_before_small);
        if begins || !char.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            // These are two words or one.
            Some(last)
                if matches!(
                    (last.as_str(), word.as_str()),
                    ("sign", "in" | "up") | ("log", "in") | ("e", "mail")
                ) =>
            {
                last.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined.iter().map(|word| singular(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::is_for_an_address;

    #[test]
    fn codes_for_an_address_are_known_by_whole_words() {
        for name in [
            "tokens",
            "VerificationToken",
            "verificationtokens",
            "verification",
            "password_reset_tokens",
            "passwordResets",
            "user_password_resets",
            "email_confirmations",
            "AccountConfirmation",
            "LoginAttempt",
            "failed_sign_in_attempts",
            "authAttempts",
            "otps",
            "email_otp",
            "magic_links",
            "MagicLinkToken",
            "one_time_passwords",
        ] {
            assert!(is_for_an_address(name), "{name}");
        }
    }

    #[test]
    fn rows_of_the_business_are_never_taken_for_codes() {
        for name in [
            "presets",
            "footprints",
            "exam_attempts",
            "ExamAttempt",
            "attempts",
            "author_attempts",
            "payment_attempts",
            "order_confirmations",
            "confirmations",
            "order_email_confirmations",
            "credit_resets",
            "resets",
            "gift_tokens",
            "business_verifications",
            "token_purchases",
            "one_time_purchases",
            "hotpots",
            "payment_links",
            "newsletter",
        ] {
            assert!(!is_for_an_address(name), "{name}");
        }
    }
}
