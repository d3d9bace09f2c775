//! What ends at the gate: nothing of it is read, nothing follows from it.

use countersign::config::limits::BODY_BYTES;
use countersign_sandbox::slack::{Outgoing, sign};

use super::wire::{assert_nothing_came_in, raw, raw_and_gone, status};
use crate::support::{World, story::*};

const DELETE_MARIA: &str = "user delete maria@example.com asked for erasure by mail";

fn command(world: &World) -> Outgoing {
    world
        .slack
        .command_request(ADA, OPS, "/ops", DELETE_MARIA)
        .unwrap()
}

fn now(world: &World) -> i64 {
    countersign::runtime::Clock::now(&*world.clock).timestamp()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_signed_too_long_ago_is_refused() {
    let world = World::start().await;
    for seconds in [-302, 302] {
        let mut request = command(&world);
        request.timestamp = Some(now(&world) + seconds);
        assert_eq!(status(&world.slack.send(&request).await), 401, "{seconds}");
    }
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_somebody_else_signed_is_refused() {
    let world = World::start().await;
    let mut request = command(&world);
    let timestamp = now(&world);
    request.timestamp = Some(timestamp);
    request.signature = Some(sign("another secret", timestamp, &request.body));
    assert_eq!(status(&world.slack.send(&request).await), 401);

    // A right signature of another body.
    let right = sign(world.slack.signing_secret(), timestamp, &request.body);
    request.signature = Some(right);
    request.body = request.body.replace("maria", "marta");
    assert_eq!(status(&world.slack.send(&request).await), 401);
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_signature_is_refused_everywhere() {
    let world = World::start().await;
    for path in [
        "/slack/commands",
        "/slack/interactions",
        "/slack/options",
        "/slack/events",
    ] {
        let mut request = command(&world);
        path.clone_into(&mut request.path);
        request.signature = Some(String::new());
        assert_eq!(status(&world.slack.send(&request).await), 401, "{path}");
    }
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_by_its_announcement_alone() {
    let world = World::start().await;
    let head = format!(
        "POST /slack/commands HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        BODY_BYTES + 1
    );
    let answer = raw(&world, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unannounced_size_is_read_up_to_the_limit_only() {
    let world = World::start().await;
    let (timestamp, zeros) = (now(&world), "0".repeat(64));
    let head = format!(
        "POST /slack/commands HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
         x-slack-request-timestamp: {timestamp}\r\nx-slack-signature: v0={zeros}\r\n\r\n"
    );
    let size = BODY_BYTES + 1;
    let mut bytes = format!("{head}{size:x}\r\n").into_bytes();
    bytes.resize(bytes.len() + size, b'a');
    let answer = raw(&world, &bytes).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

/// A signed command as bytes, whose head announces `missing` bytes more, or fewer, than it has.
fn announced(world: &World, missing: isize) -> String {
    let request = command(world);
    let timestamp = now(world);
    let signature = sign(world.slack.signing_secret(), timestamp, &request.body);
    format!(
        "POST /slack/commands HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\nx-slack-request-timestamp: {timestamp}\r\n\
         x-slack-signature: {signature}\r\ncontent-length: {}\r\n\r\n{}",
        request.body.len().saturating_add_signed(missing),
        request.body
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_early_changes_nothing() {
    let world = World::start().await;
    // Who has ended the connection gets no answer; the service is up for the next one.
    raw_and_gone(&world, announced(&world, 10).as_bytes()).await;
    assert_nothing_came_in(&world).await;
    world.ask_for_maria().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_cut_on_its_way_is_refused() {
    let world = World::start().await;
    let cut = announced(&world, -10);
    let answer = raw(&world, &cut.as_bytes()[..cut.len() - 10]).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_body_that_cannot_be_read_is_refused() {
    let world = World::start().await;
    for (path, body) in [
        ("/slack/interactions", "payload=%7B%22type%22"),
        ("/slack/interactions", "nothing=here"),
        ("/slack/events", "{\"type\":"),
        ("/slack/commands", "text=user+delete"),
    ] {
        let form = "application/x-www-form-urlencoded";
        let request = Outgoing::raw(path, form, body.to_owned());
        assert_eq!(
            status(&world.slack.send(&request).await),
            400,
            "{path} {body}"
        );
    }
    assert_eq!(
        world.count("select count(*) from countersign.inbox").await,
        0
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_check_is_answered_and_nothing_follows_from_it() {
    let world = World::start().await;
    let mut request = Outgoing::form(
        "/slack/commands",
        &[("ssl_check", "1"), ("user_id", ADA), ("text", DELETE_MARIA)],
    );
    request.signature = Some(String::new());
    assert_eq!(status(&world.slack.send(&request).await), 200);
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_for_events_answers_slacks_challenge() {
    let world = World::start().await;
    world.slack.verify_url().await.unwrap();
    world.finish().await;
}
