use std::{future::Future, pin::Pin, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::IntoResponse,
};
use countersign::{
    config::limits::BODY_BYTES,
    runtime::{Clock, Instant},
    slack::inbound::{
        payload::{EventKind, parse_event},
        receive::{Gate, Verified, admit, challenge_response},
        rejection::Rejection,
        signature::SignatureError,
    },
};
use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use super::{SIGNED_AT, at, headers, secret, sign};

/// A clock that stands still at the time of signing.
struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        at(SIGNED_AT)
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

async fn receive(headers: HeaderMap, body: Body) -> Result<Verified, Rejection> {
    let mut request = Request::new(body);
    *request.headers_mut() = headers;
    let gate = Gate::new(secret(), Arc::new(Still));
    gate.receive(Uuid::nil(), request).await
}

#[tokio::test]
async fn a_signed_request_comes_through_with_its_raw_body() {
    let body = "command=%2Fops&text=caf%C3%A9";
    let verified = receive(sign(body.as_bytes(), SIGNED_AT), body.into())
        .await
        .unwrap();
    assert_eq!(verified.body, body);
    assert_eq!(verified.received_at, at(SIGNED_AT));
}

#[tokio::test]
async fn a_forged_request_is_answered_401_without_a_word() {
    let forged = headers(&SIGNED_AT.to_string(), &format!("v0={}", "0".repeat(64)));
    let rejection = receive(forged, "command=%2Fops".into()).await.unwrap_err();
    assert_eq!(rejection, Rejection::Signature(SignatureError::Forged));
    let response = rejection.into_response();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(
        axum::body::to_bytes(response.into_body(), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_oversized_request_is_answered_413_even_when_it_is_signed() {
    let body = vec![b'a'; BODY_BYTES + 1];
    let rejection = receive(sign(&body, SIGNED_AT), body.clone().into())
        .await
        .unwrap_err();
    assert_eq!(rejection.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let rejection = admit(
        &sign(&body, SIGNED_AT),
        body.into(),
        &secret(),
        at(SIGNED_AT),
    );
    assert_eq!(rejection.unwrap_err(), Rejection::TooLarge);
}

#[tokio::test]
async fn an_announced_oversize_is_refused_before_a_byte_is_read() {
    let mut announced = sign(b"", SIGNED_AT);
    announced.insert("content-length", (BODY_BYTES + 1).into());
    let endless = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let rejection = receive(announced, endless).await.unwrap_err();
    assert_eq!(rejection, Rejection::TooLarge);
}

#[tokio::test]
async fn the_largest_body_is_let_in() {
    let body = vec![b'a'; BODY_BYTES];
    assert!(
        receive(sign(&body, SIGNED_AT), body.clone().into())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_answered_400() {
    let whole = b"command=%2Fops&text=user+delete";
    let pieces = [
        Ok(Bytes::from_static(&whole[..10])),
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
    ];
    let broken = Body::from_stream(futures::stream::iter(pieces));
    let rejection = receive(sign(whole, SIGNED_AT), broken).await.unwrap_err();
    assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_answered_400() {
    let mut announced = sign(b"command=%2Fops", SIGNED_AT);
    announced.insert("content-length", 100.into());
    let rejection = receive(announced, "command=%2Fops".into())
        .await
        .unwrap_err();
    assert_eq!(rejection, Rejection::Truncated);
}

#[tokio::test]
async fn a_certificate_check_is_answered_200_without_a_signature_and_lets_nothing_in() {
    let mut unsigned = HeaderMap::new();
    unsigned.insert(
        "content-type",
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    let body = "ssl_check=1&token=x&command=%2Fops";
    let rejection = receive(unsigned.clone(), body.into()).await.unwrap_err();
    assert_eq!(rejection.status(), StatusCode::OK);
    let rejection = receive(unsigned, "command=%2Fops&text=ssl_check%3D1".into()).await;
    assert_eq!(rejection.unwrap_err().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_signed_url_verification_is_answered_with_its_challenge() {
    let body = br#"{"type":"url_verification","token":"t","challenge":"3eZbrw1aB"}"#;
    let verified = receive(sign(body, SIGNED_AT), body.to_vec().into())
        .await
        .unwrap();
    let event = parse_event(&verified.body).unwrap();
    let EventKind::UrlVerification { challenge } = event.kind() else {
        panic!("{event:?}");
    };
    let response = challenge_response(challenge);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let answer = axum::body::to_bytes(response.into_body(), 100)
        .await
        .unwrap();
    assert_eq!(answer, "3eZbrw1aB");
}

#[tokio::test]
async fn an_unsigned_url_verification_is_refused() {
    let body = r#"{"type":"url_verification","challenge":"3eZbrw1aB"}"#;
    let rejection = receive(HeaderMap::new(), body.into()).await.unwrap_err();
    assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_let_in_does_not_show_its_body_when_logged() {
    let body = "text=secret-reason";
    let verified = receive(sign(body.as_bytes(), SIGNED_AT), body.into())
        .await
        .unwrap();
    assert!(!format!("{verified:?}").contains("secret-reason"));
}
