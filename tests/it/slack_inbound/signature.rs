use countersign::slack::inbound::signature::{SignatureError, SigningSecret, verify};
use http::HeaderMap;

use super::{SIGNED_AT, at, headers, secret, sign};

/// The vector that Slack publishes with its own libraries.
const BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn official() -> HeaderMap {
    headers(&SIGNED_AT.to_string(), SIGNATURE)
}

#[test]
fn the_official_vector_is_accepted_and_named_by_its_signature() {
    let id = verify(&official(), BODY, &secret(), at(SIGNED_AT)).unwrap();
    assert_eq!(format!("v0={}", id.as_str()), SIGNATURE);
}

#[test]
fn a_signature_in_capitals_has_the_same_id_so_that_it_is_known_as_a_replay() {
    let capitals = SIGNATURE.to_uppercase().replace("V0=", "v0=");
    let headers = headers(&SIGNED_AT.to_string(), &capitals);
    let id = verify(&headers, BODY, &secret(), at(SIGNED_AT)).unwrap();
    assert_eq!(format!("v0={}", id.as_str()), SIGNATURE);
}

#[test]
fn the_window_is_300_seconds_in_both_directions() {
    for skew in [-300, 300] {
        assert!(verify(&official(), BODY, &secret(), at(SIGNED_AT + skew)).is_ok());
    }
    for skew in [-301, 301] {
        let refused = verify(&official(), BODY, &secret(), at(SIGNED_AT + skew));
        assert_eq!(refused, Err(SignatureError::Stale { seconds: 301 }));
    }
}

#[test]
fn one_changed_byte_anywhere_is_a_forgery() {
    let now = at(SIGNED_AT);
    for position in (0..BODY.len()).step_by(17) {
        let mut body = BODY.to_vec();
        body[position] ^= 1;
        let refused = verify(&official(), &body, &secret(), now);
        assert_eq!(refused, Err(SignatureError::Forged));
    }
    let cut = verify(&official(), &BODY[..BODY.len() - 1], &secret(), now);
    assert_eq!(cut, Err(SignatureError::Forged));
    let later = headers(&(SIGNED_AT + 1).to_string(), SIGNATURE);
    assert_eq!(
        verify(&later, BODY, &secret(), now),
        Err(SignatureError::Forged)
    );
    let other = SigningSecret::new("another secret").unwrap();
    assert_eq!(
        verify(&official(), BODY, &other, now),
        Err(SignatureError::Forged)
    );
}

#[test]
fn malformed_headers_are_refused_by_name() {
    let time = "x-slack-request-timestamp";
    let signature = "x-slack-signature";
    let now = at(SIGNED_AT);
    let good = SIGNED_AT.to_string();
    let long = "9".repeat(40);
    for bad in [
        "",
        "now",
        "+1531420618",
        "-1531420618",
        "1531420618.0",
        &long,
    ] {
        let refused = verify(&headers(bad, SIGNATURE), BODY, &secret(), now);
        assert_eq!(refused, Err(SignatureError::Malformed(time)), "{bad}");
    }
    let bare = &SIGNATURE[3..];
    for bad in [
        "",
        "v0=",
        bare,
        &SIGNATURE[..66],
        &format!("{SIGNATURE}00"),
        "v0=zz",
    ] {
        let refused = verify(&headers(&good, bad), BODY, &secret(), now);
        assert_eq!(refused, Err(SignatureError::Malformed(signature)), "{bad}");
    }
    let mut twice = official();
    twice.append(signature, SIGNATURE.parse().unwrap());
    let refused = verify(&twice, BODY, &secret(), now);
    assert_eq!(refused, Err(SignatureError::Malformed(signature)));
}

#[test]
fn missing_headers_are_refused_by_name() {
    for name in ["x-slack-request-timestamp", "x-slack-signature"] {
        let mut headers = official();
        headers.remove(name);
        let refused = verify(&headers, BODY, &secret(), at(SIGNED_AT));
        assert_eq!(refused, Err(SignatureError::MissingHeader(name)));
    }
}

#[test]
fn no_refusal_shows_the_right_signature_the_body_or_the_secret() {
    let wrong = headers(&SIGNED_AT.to_string(), &format!("v0={}", "0".repeat(64)));
    let right = sign(BODY, SIGNED_AT)["x-slack-signature"].to_str().unwrap()[3..].to_owned();
    let error = verify(&wrong, BODY, &secret(), at(SIGNED_AT)).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", secret());
    for hidden in [right.as_str(), "roadrunner", super::SECRET] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn an_empty_secret_is_refused_before_anybody_can_sign_with_it() {
    assert!(SigningSecret::new("").is_err());
    assert!(SigningSecret::new(" \n").is_err());
}
