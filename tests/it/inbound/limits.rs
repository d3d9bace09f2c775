//! Clients that send slowly, send nothing, or send too much take nothing from the others.

use std::time::{Duration, Instant};

use countersign_sandbox::slack::sign;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::wire::{assert_nothing_came_in, raw};
use crate::support::{Options, World, story::*};

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(300);
/// Longer than any limit that a test waits for, and shorter than those that it does not.
const SOON: Duration = Duration::from_secs(4);
const KIB: usize = 1024;

/// A running service whose limits were changed.
async fn world_with(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::without_service(Options::default().and_stripe()).await;
    change(&mut world);
    world.start_replica().await;
    world
}

async fn connect(world: &World) -> TcpStream {
    let address = world.addresses().pop().unwrap();
    TcpStream::connect(address.trim_start_matches("http://"))
        .await
        .unwrap()
}

/// Sends bytes and leaves the connection open.
async fn begin(world: &World, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(world).await;
    stream.write_all(bytes).await.unwrap();
    stream
}

/// What comes until the service ends the connection; a connection that is cut gives nothing.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the service ends the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The head of a request with a body of this size, whose signature looks right until the body is known.
fn signed_head(world: &World, path: &str, size: usize) -> String {
    let now = countersign::runtime::Clock::now(&*world.clock).timestamp();
    let slack = sign("not the secret", now, "");
    let stripe = countersign_sandbox::stripe::sign("not the secret", now, "");
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\
         content-type: application/x-www-form-urlencoded\r\nx-slack-request-timestamp: {now}\r\n\
         x-slack-signature: {slack}\r\nstripe-signature: t={now},v1={stripe}\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_do_not_arrive_in_time_end_the_connection_on_every_route() {
    let world = world_with(|world| world.tuning.http.header_time = SHORT).await;
    for half in [
        "P",
        "POST /slack/commands HTTP/1.1\r\nhost: local",
        "POST /hooks/stripe HTTP/1.1\r\nhost: localhost\r\n",
        "GET /healthz HTTP/1.1\r\n",
        "GET /metrics HTTP/1.1\r\nx: y",
    ] {
        let mut stream = begin(&world, half.as_bytes()).await;
        assert_eq!(until_closed(&mut stream).await, "", "{half}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_trickle_in_get_no_more_time() {
    let world = world_with(|world| world.tuning.http.header_time = SHORT).await;
    let mut stream = begin(&world, b"POST /slack/commands HTTP/1.1\r\nx-slow: ").await;
    let began = Instant::now();
    let mut drip = tokio::time::interval(Duration::from_millis(20));
    let mut byte = [0];
    loop {
        tokio::select! {
            _ = drip.tick() => if stream.write_all(b"a").await.is_err() { break },
            _ = stream.read(&mut byte) => break,
        }
        assert!(began.elapsed() < SOON, "it goes on and on");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_used_waits_for_its_next_request_longer_than_for_headers() {
    let world = world_with(|world| {
        world.tuning.http.header_time = SHORT;
        world.tuning.http.keep_alive = SHORT * 4;
    })
    .await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let began = Instant::now();
    let mut stream = begin(&world, request).await;
    let answer = until_closed(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(began.elapsed() >= SHORT * 4, "closed too early");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_in_time_is_answered_408() {
    let world = world_with(|world| world.tuning.http.body_time = SHORT).await;
    for path in ["/slack/commands", "/slack/events", "/hooks/stripe"] {
        let head = signed_head(&world, path, 100);
        let mut stream = begin(&world, format!("{head}text=").as_bytes()).await;
        let mut answer = [0; 12];
        let read = tokio::time::timeout(SOON, stream.read_exact(&mut answer)).await;
        read.expect("an answer in time").unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408", "{path}");
    }
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_headers_refuse_it_is_answered_before_its_body_comes() {
    let world = world_with(|_| {}).await;
    let now = countersign::runtime::Clock::now(&*world.clock).timestamp();
    let signed = |at: i64| {
        format!(
            "x-slack-request-timestamp: {at}\r\nx-slack-signature: {}\r\nstripe-signature: t={at},v1={}\r\n",
            sign("not the secret", at, ""),
            countersign_sandbox::stripe::sign("not the secret", at, "")
        )
    };
    let headers = [
        String::new(),
        "x-slack-signature: v0=00\r\nstripe-signature: v1=00\r\n".to_owned(),
        signed(now - 400),
        signed(now + 400),
    ];
    for path in [
        "/slack/commands",
        "/slack/interactions",
        "/slack/events",
        "/hooks/stripe",
    ] {
        for headers in &headers {
            for length in ["content-length: 900000", "transfer-encoding: chunked"] {
                let head = format!(
                    "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}{length}\r\n\r\n"
                );
                // No byte of the body is sent.
                let mut stream = begin(&world, head.as_bytes()).await;
                let answer = until_closed(&mut stream).await;
                assert!(
                    answer.starts_with("HTTP/1.1 401"),
                    "{path} {headers}: {answer}"
                );
            }
        }
    }
    assert_nothing_came_in(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_who_send_nothing_or_half_a_request_keep_nobody_out() {
    let world = world_with(|world| world.tuning.http.connections = 16).await;
    let mut others = vec![];
    for n in 0..80 {
        others.push(match n % 3 {
            0 => connect(&world).await,
            1 => begin(&world, b"POST /slack/commands HTTP/1.1\r\nhost:").await,
            _ => {
                let head = signed_head(&world, "/slack/interactions", 1000);
                begin(&world, head.as_bytes()).await
            }
        });
    }
    let began = Instant::now();
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    assert!(began.elapsed() < SOON * 3, "they had to wait");
    drop(others);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_bodies_together_have_one_bound_and_large_ones_leave_room_for_small_ones() {
    let bound = 1000 * KIB;
    let world = world_with(|world| world.tuning.http.bodies_bytes = bound).await;
    // Every client sends all but the last byte of a large body and waits.
    let head = signed_head(&world, "/slack/commands", 400 * KIB);
    let mut request = head.into_bytes();
    request.resize(request.len() + 400 * KIB - 1, b'a');
    let mut held = vec![];
    let mut refused = 0;
    for _ in 0..6 {
        let mut stream = connect(&world).await;
        // Who is refused stops being read.
        let _ = tokio::time::timeout(SHORT, stream.write_all(&request)).await;
        let mut answer = [0; 12];
        match tokio::time::timeout(SHORT, stream.read_exact(&mut answer)).await {
            Ok(Ok(_)) if &answer == b"HTTP/1.1 503" => refused += 1,
            Ok(_) => refused += 1,
            Err(_) => held.push(stream),
        }
    }
    assert!(held.len() <= 2, "{} large bodies are held", held.len());
    assert!(refused >= 4, "{refused} were refused");
    world.ask_for_maria().await;
    drop(held);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_http_1_is_spoken() {
    let world = world_with(|_| {}).await;
    let answer = raw(
        &world,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    )
    .await;
    // An HTTP/2 server would answer with a frame of its settings.
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_an_end_are_refused() {
    let world = world_with(|_| {}).await;
    let mut stream = connect(&world).await;
    let mut endless = b"GET /healthz HTTP/1.1\r\nx: ".to_vec();
    endless.resize(512 * KIB, b'a');
    let _ = stream.write_all(&endless).await;
    let answer = until_closed(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_service_waits_for_no_connection_without_a_request() {
    let mut world = world_with(|_| {}).await;
    let silent = connect(&world).await;
    let mut used = begin(&world, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut answer = [0; 12];
    used.read_exact(&mut answer).await.unwrap();
    let stopped = tokio::time::timeout(SOON, world.stop()).await;
    stopped.expect("the service stops");
    drop((silent, used));
    world.start_replica().await;
    world.finish().await;
}
