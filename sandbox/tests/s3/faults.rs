use std::sync::Arc;

use aws_sdk_s3::error::SdkError;
use countersign_sandbox::s3::{ANY_OPERATION, DeletesOf, Failure, Times};

use super::{PLAIN, World, code, deletes::delete};

const KEYS: [&str; 4] = ["k1", "k2", "k3", "k4"];

#[tokio::test]
async fn every_second_key_fails_once_and_then_goes_through() {
    let world = filled().await;
    world
        .server
        .faults()
        .fail_deletes(DeletesOf::EveryNth(2), Failure::SlowDown, Times::First(1));
    assert_eq!(delete_all(&world).await, ["k2 SlowDown", "k4 SlowDown"]);
    assert_eq!(
        world.stored(PLAIN),
        ["k2 object null latest", "k4 object null latest"]
    );
    assert!(delete_all(&world).await.is_empty());
    assert_eq!(world.server.count(PLAIN, ""), 0);
}

#[tokio::test]
async fn chosen_keys_fail_until_the_fault_is_cleared() {
    let world = filled().await;
    let faults = world.server.faults();
    faults.fail_deletes(
        DeletesOf::Prefix("k3".into()),
        Failure::InternalError,
        Times::UntilCleared,
    );
    for _ in 0..3 {
        assert_eq!(delete_all(&world).await, ["k3 InternalError"]);
    }
    let single = world
        .client
        .delete_object()
        .bucket(PLAIN)
        .key("k3")
        .send()
        .await;
    assert_eq!(code(single), "InternalError");
    faults.clear();
    assert!(delete_all(&world).await.is_empty());
}

#[tokio::test]
async fn whole_calls_fail_as_often_as_asked() {
    let world = filled().await;
    world
        .server
        .faults()
        .fail_calls(ANY_OPERATION, Failure::SlowDown, Times::First(1));
    assert_eq!(code(world.client.list_buckets().send().await), "SlowDown");
    world.client.list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn a_held_call_has_no_effect_before_it_is_released() {
    let world = filled().await;
    let gate = world.server.faults().hold("DeleteObjects");
    let client = world.client.clone();
    let call = tokio::spawn(async move {
        client
            .delete_objects()
            .bucket(PLAIN)
            .delete(delete([("k1", None)], false))
            .send()
            .await
    });
    gate.arrived().await;
    assert_eq!(world.server.count(PLAIN, ""), 4);
    gate.release();
    call.await.unwrap().unwrap();
    assert_eq!(world.server.count(PLAIN, ""), 3);
}

#[tokio::test]
async fn a_held_call_whose_connection_is_dropped_never_had_an_effect() {
    let world = filled().await;
    let gate = world.server.faults().hold("DeleteObjects");
    let client = world.client.clone();
    let call = tokio::spawn(async move {
        client
            .delete_objects()
            .bucket(PLAIN)
            .delete(delete([("k1", None)], false))
            .send()
            .await
    });
    gate.arrived().await;
    gate.drop_connections();
    assert!(matches!(
        call.await.unwrap(),
        Err(SdkError::DispatchFailure(_))
    ));
    assert_eq!(world.server.count(PLAIN, ""), 4);
}

#[tokio::test]
async fn a_slow_call_waits_for_what_the_test_chose() {
    let world = filled().await;
    let turns = Arc::new(tokio::sync::Semaphore::new(0));
    let waiting = turns.clone();
    world.server.faults().slow(
        "DeleteObject",
        Arc::new(move || {
            let waiting = waiting.clone();
            Box::pin(async move { waiting.acquire().await.unwrap().forget() })
        }),
    );
    let held = world.server.faults().hold("DeleteObject");
    let client = world.client.clone();
    let call =
        tokio::spawn(async move { client.delete_object().bucket(PLAIN).key("k1").send().await });
    turns.add_permits(1);
    held.arrived().await;
    assert_eq!(turns.available_permits(), 0, "the wait comes first");
    held.release();
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_answer_can_be_held_after_the_effect() {
    let world = filled().await;
    let gate = world.server.faults().hold_answers("DeleteObject");
    let client = world.client.clone();
    let call =
        tokio::spawn(async move { client.delete_object().bucket(PLAIN).key("k1").send().await });
    gate.arrived().await;
    assert_eq!(world.server.count(PLAIN, "k1"), 0);
    assert!(!call.is_finished());
    gate.release();
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_has_happened() {
    let world = filled().await;
    world
        .server
        .faults()
        .lose_answers("DeleteObjects", Times::First(1));
    let lost = world
        .client
        .delete_objects()
        .bucket(PLAIN)
        .delete(delete([("k1", None)], false))
        .send()
        .await;
    assert!(matches!(lost, Err(SdkError::DispatchFailure(_))));
    assert_eq!(world.server.count(PLAIN, "k1"), 0);
    assert!(delete_all(&world).await.is_empty());
}

#[tokio::test]
async fn a_stopped_server_refuses_connections_and_keeps_its_store() {
    let world = filled().await;
    world.server.stop().await;
    let refused = world.client.list_buckets().send().await;
    assert!(matches!(refused, Err(SdkError::DispatchFailure(_))));
    assert_eq!(world.server.count(PLAIN, ""), 4);
}

async fn filled() -> World {
    let world = World::start().await;
    for key in KEYS {
        world.server.put(PLAIN, key, "x", "text/plain").unwrap();
    }
    world
}

/// Deletes all keys in one call; the errors as `key code`.
async fn delete_all(world: &World) -> Vec<String> {
    let all = delete(KEYS.map(|key| (key, None)), true);
    let done = world
        .client
        .delete_objects()
        .bucket(PLAIN)
        .delete(all)
        .send()
        .await
        .unwrap();
    let errors = done
        .errors()
        .iter()
        .map(|error| format!("{} {}", error.key().unwrap(), error.code().unwrap()));
    errors.collect()
}
