use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{PLAIN, VERSIONED, World, code};

#[tokio::test]
async fn a_bulk_delete_answers_for_each_key() {
    let world = World::start().await;
    let first = world.server.put(VERSIONED, "a", "x", "text/plain").unwrap();
    world.server.put(VERSIONED, "b", "x", "text/plain").unwrap();
    let done = world.client.delete_objects().bucket(VERSIONED);
    let done = done.delete(delete(
        [("a", Some(first.as_str())), ("b", None), ("never", None)],
        false,
    ));
    let done = done.send().await.unwrap();
    assert_eq!(done.deleted().len(), 3);
    assert_eq!(done.deleted()[0].version_id(), Some(first.as_str()));
    assert!(done.deleted()[1].delete_marker_version_id().is_some());
    assert_eq!(
        world.stored(VERSIONED),
        [
            "b marker id latest",
            "b object id",
            "never marker id latest"
        ]
    );
    let call = world.server.calls().pop().unwrap();
    assert_eq!(
        (call.operation.as_str(), call.keys.as_slice()),
        ("DeleteObjects", &["a", "b", "never"].map(str::to_owned)[..])
    );
}

#[tokio::test]
async fn a_legal_hold_refuses_the_delete_of_its_version_only() {
    let world = World::start().await;
    let held = world
        .server
        .put(VERSIONED, "held", "x", "text/plain")
        .unwrap();
    let free = world
        .server
        .put(VERSIONED, "held", "y", "text/plain")
        .unwrap();
    world
        .server
        .set_legal_hold(VERSIONED, "held", Some(&held), true)
        .unwrap();
    let both = || {
        delete(
            [("held", Some(held.as_str())), ("held", Some(free.as_str()))],
            true,
        )
    };
    let done = world
        .client
        .delete_objects()
        .bucket(VERSIONED)
        .delete(both())
        .send()
        .await
        .unwrap();
    assert!(done.deleted().is_empty(), "quiet tells errors only");
    assert_eq!(done.errors().len(), 1);
    assert_eq!(done.errors()[0].code(), Some("AccessDenied"));
    assert_eq!(done.errors()[0].version_id(), Some(held.as_str()));
    assert_eq!(world.server.count(VERSIONED, "held"), 1);

    world
        .server
        .set_legal_hold(VERSIONED, "held", Some(&held), false)
        .unwrap();
    let done = world
        .client
        .delete_objects()
        .bucket(VERSIONED)
        .delete(both())
        .send()
        .await
        .unwrap();
    assert!(done.errors().is_empty());
    assert_eq!(world.server.count(VERSIONED, "held"), 0);
}

#[tokio::test]
async fn a_bucket_without_versions_knows_no_legal_hold() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "x", "text/plain").unwrap();
    assert!(world.server.set_legal_hold(PLAIN, "k", None, true).is_err());
}

#[tokio::test]
async fn more_than_a_thousand_keys_are_refused() {
    let world = World::start().await;
    let keys: Vec<String> = (0..1_001).map(|number| format!("k{number}")).collect();
    let all = delete(keys.iter().map(|key| (key.as_str(), None)), false);
    let refused = world
        .client
        .delete_objects()
        .bucket(PLAIN)
        .delete(all)
        .send()
        .await;
    assert_eq!(code(refused), "MalformedXML");
}

pub(super) fn delete<'a>(
    objects: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    quiet: bool,
) -> Delete {
    let objects = objects.into_iter().map(|(key, version)| {
        let object = ObjectIdentifier::builder()
            .key(key)
            .set_version_id(version.map(str::to_owned));
        object.build().unwrap()
    });
    Delete::builder()
        .set_objects(Some(objects.collect()))
        .quiet(quiet)
        .build()
        .unwrap()
}
