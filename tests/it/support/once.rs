//! What must have happened exactly once, whatever went wrong on the way.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::{Event, RequestId, digest::canonical_json, event::StepResult};
use countersign_sandbox::data;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{World, environment::DOCUMENTS, story::ADA};

/// The run's steps with their results, in order; each must have succeeded once.
pub async fn results(world: &World, id: RequestId) -> Vec<(String, StepResult)> {
    let events = world.journal().events(id).await.unwrap();
    let steps: Vec<_> = events
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::StepSucceeded { step, result, .. } => Some((step, result)),
            _ => None,
        })
        .collect();
    let names: BTreeSet<_> = steps.iter().map(|(step, _)| step).collect();
    assert_eq!(names.len(), steps.len(), "a step succeeded twice");
    steps
}

/// Maria is gone, with everything that an erasure must leave behind: once.
pub async fn maria_is_erased_once(world: &World, id: RequestId) {
    assert_eq!(user_rows(world).await, 0);
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    let marks: Vec<String> =
        sqlx::query_scalar("select step from countersign.applied_step order by step")
            .fetch_all(&world.db)
            .await
            .unwrap();
    assert_eq!(marks, ["block@1", "rows@1"]);
    let ledger = "select count(*) from countersign.erasure_ledger where user_id = 'usr_1'";
    assert_eq!(world.count(ledger).await, 1);
    let kept = "select (select count(*) from countersign.erasure_object)
                     + (select count(*) from countersign.erasure_subject)";
    assert_eq!(world.count(kept).await, 0, "work lists are left");
    let names = world.event_names(id).await;
    for once in ["approved", "run_started", "run_succeeded"] {
        let times = names.iter().filter(|name| *name == once).count();
        assert_eq!(times, 1, "{once} in {names:?}");
    }
    certificate_is_right(world, id).await;
    world.hurry_until_delivered().await;
    every_message_stands_once(world).await;
    let told = keyed(&world.slack.dm(ADA)).len();
    assert_eq!(told, 1, "the requester is told once");
}

/// Rows of Maria's account.
pub async fn user_rows(world: &World) -> i64 {
    let sql = r#"select count(*) from "User" where id = 'usr_1'"#;
    world.count(sql).await
}

/// There is one certificate, signed, of what the journal names, and it names an entry of the journal.
async fn certificate_is_right(world: &World, id: RequestId) {
    let documents = world.s3.objects(DOCUMENTS);
    assert_eq!(documents.len(), 1, "{documents:?}");
    let bytes = world.s3.get(DOCUMENTS, &documents[0].key).unwrap();
    let steps: BTreeMap<_, _> = results(world, id).await.into_iter().collect();
    let named = &steps["certificate"]["certificate"];
    assert_eq!(named["key"], documents[0].key.as_str());
    assert_eq!(named["sha256"], hex::encode(Sha256::digest(&bytes)));
    let mut document: Value = serde_json::from_slice(&bytes).unwrap();
    let signature = document.as_object_mut().unwrap().remove("signature");
    let signed = world
        .journal()
        .key
        .sign(canonical_json(&document).as_bytes());
    assert_eq!(signature, Some(hex::encode(signed).into()));
    let hash: String = sqlx::query_scalar(
        "select encode(hash, 'hex') from countersign.event where stream = $1 and version = $2",
    )
    .bind(id.0)
    .bind(document["journal"]["version"].as_i64())
    .fetch_one(&world.db)
    .await
    .unwrap();
    assert_eq!(document["journal"]["hash"], hash);
}

/// Every message that the journal wants stands in Slack once, and nothing else does. The chain's head is posted on a
/// schedule of its own, so that a message may be on its way.
pub async fn every_message_stands_once(world: &World) {
    world
        .until("every message stands in Slack", async |world| {
            let wanted: BTreeSet<String> = sqlx::query_scalar(
                "select id::text from countersign.message where undeliverable is null",
            )
            .fetch_all(&world.db)
            .await
            .unwrap()
            .into_iter()
            .collect();
            (standing(world) == wanted).then_some(())
        })
        .await;
}

/// The keys of the messages that stand in Slack.
fn standing(world: &World) -> BTreeSet<String> {
    let all: Vec<_> = world.slack.read(|slack| {
        let channels = slack.channels.values();
        channels
            .flat_map(|channel| channel.messages.clone())
            .collect()
    });
    let keys = keyed(&all);
    let distinct: BTreeSet<_> = keys.iter().cloned().collect();
    assert_eq!(keys.len(), distinct.len(), "a message stands twice");
    distinct
}

/// The audit thread tells the events in their order.
pub async fn audit_is_in_order(world: &World, id: RequestId) {
    let entries: Vec<(i64, String)> = sqlx::query_as(
        "select split_part(slot, ':', 3)::bigint, ts from countersign.message
         where request_id = $1 and parent is not null and undeliverable is null order by 1",
    )
    .bind(id.0)
    .fetch_all(&world.db)
    .await
    .unwrap();
    assert!(!entries.is_empty());
    assert!(
        entries.is_sorted_by_key(|(_, ts)| ts.clone()),
        "{entries:?}"
    );
}

/// The keys of the messages that show the journal.
pub fn keyed(messages: &[countersign_sandbox::slack::Message]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| {
            let metadata = message.metadata.as_ref()?;
            metadata["event_payload"]["key"].as_str().map(str::to_owned)
        })
        .collect()
}
