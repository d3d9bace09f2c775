//! Requests that no Slack sends, and what must not follow from them.

use std::time::Duration;

use countersign_sandbox::slack::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::World;

/// Generous: a connection that stays silent longer than this is a failure.
const SILENCE: Duration = Duration::from_secs(20);

pub(super) fn status(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Answered { status, .. } => *status,
        other => panic!("no answer: {other:?}"),
    }
}

/// Nothing was written down and nothing was noted.
pub(super) async fn assert_nothing_came_in(world: &World) {
    assert_eq!(
        world.count("select count(*) from countersign.inbox").await,
        0
    );
    assert_eq!(
        world
            .count("select count(*) from countersign.seen_signature")
            .await,
        0
    );
    assert_eq!(world.newest().await, None);
}

/// Sends bytes as they are and gives what comes back.
pub(super) async fn raw(world: &World, bytes: &[u8]) -> String {
    exchange(world, bytes, false).await
}

/// Sends bytes as they are and ends the sending side, as who gives up does.
pub(super) async fn raw_and_gone(world: &World, bytes: &[u8]) {
    exchange(world, bytes, true).await;
}

async fn exchange(world: &World, bytes: &[u8], end: bool) -> String {
    let address = world.addresses().pop().unwrap();
    let mut stream = TcpStream::connect(address.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(bytes).await.unwrap();
    if end {
        stream.shutdown().await.unwrap();
    }
    let mut answer = Vec::new();
    tokio::time::timeout(SILENCE, stream.read_to_end(&mut answer))
        .await
        .expect("an answer or an end")
        .unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// What a GET of one of the service's own pages gives.
pub async fn get(world: &World, path: &str) -> (u16, String) {
    let address = world.addresses().pop().unwrap();
    let answer = reqwest::get(format!("{address}{path}")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
