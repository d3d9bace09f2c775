use aws_sdk_s3::{
    operation::list_object_versions::ListObjectVersionsOutput,
    types::{Delete, ObjectIdentifier},
};

use super::{PLAIN, SUSPENDED, VERSIONED, World, code};

#[tokio::test]
async fn a_versioned_bucket_keeps_every_write_and_hides_it_behind_a_marker() {
    let world = World::start().await;
    let first = world
        .server
        .put(VERSIONED, "k", "one", "text/plain")
        .unwrap();
    world
        .server
        .put(VERSIONED, "k", "two", "text/plain")
        .unwrap();
    let deleted = world
        .client
        .delete_object()
        .bucket(VERSIONED)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(
        world.stored(VERSIONED),
        ["k marker id latest", "k object id", "k object id"]
    );

    let get = || world.client.get_object().bucket(VERSIONED).key("k");
    assert_eq!(code(get().send().await), "NoSuchKey");
    let old = get().version_id(&first).send().await.unwrap();
    assert_eq!(old.body.collect().await.unwrap().into_bytes(), "one");
    let marker = deleted.version_id().unwrap();
    assert_eq!(
        code(get().version_id(marker).send().await),
        "MethodNotAllowed"
    );

    let undone = world
        .client
        .delete_object()
        .bucket(VERSIONED)
        .key("k")
        .version_id(marker)
        .send()
        .await
        .unwrap();
    assert_eq!(undone.delete_marker(), Some(true));
    assert_eq!(world.server.get(VERSIONED, "k").unwrap(), "two");
}

#[tokio::test]
async fn a_plain_bucket_has_one_object_for_a_key_and_forgets_it() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "one", "text/plain").unwrap();
    world.server.put(PLAIN, "k", "two", "text/plain").unwrap();
    assert_eq!(world.stored(PLAIN), ["k object null latest"]);
    let deleted = world
        .client
        .delete_object()
        .bucket(PLAIN)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (deleted.delete_marker(), deleted.version_id()),
        (None, None)
    );
    assert!(world.stored(PLAIN).is_empty());
}

#[tokio::test]
async fn a_suspended_bucket_replaces_only_the_null_version() {
    let world = World::start().await;
    world
        .server
        .set_versioning(SUSPENDED, countersign_sandbox::s3::Versioning::Enabled)
        .unwrap();
    world
        .server
        .put(SUSPENDED, "k", "kept", "text/plain")
        .unwrap();
    world
        .server
        .set_versioning(SUSPENDED, countersign_sandbox::s3::Versioning::Suspended)
        .unwrap();
    world
        .server
        .put(SUSPENDED, "k", "replaced", "text/plain")
        .unwrap();
    world
        .server
        .put(SUSPENDED, "k", "newest", "text/plain")
        .unwrap();
    assert_eq!(
        world.stored(SUSPENDED),
        ["k object null latest", "k object id"]
    );
    world
        .client
        .delete_object()
        .bucket(SUSPENDED)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        world.stored(SUSPENDED),
        ["k marker null latest", "k object id"]
    );
    world
        .client
        .delete_object()
        .bucket(SUSPENDED)
        .key("k")
        .version_id("null")
        .send()
        .await
        .unwrap();
    assert_eq!(world.stored(SUSPENDED), ["k object id latest"]);
}

#[tokio::test]
async fn versions_page_with_both_markers_over_more_than_a_thousand() {
    let world = World::start().await;
    for number in 0..1_250 {
        world
            .server
            .put(VERSIONED, "user-1/many", format!("{number}"), "text/plain")
            .unwrap();
    }
    for number in 0..300 {
        world
            .server
            .put(
                VERSIONED,
                &format!("user-1/k{number:03}"),
                "x",
                "text/plain",
            )
            .unwrap();
        world
            .client
            .delete_object()
            .bucket(VERSIONED)
            .key(format!("user-1/k{number:03}"))
            .send()
            .await
            .unwrap();
    }
    world
        .server
        .put(VERSIONED, "user-10/other", "x", "text/plain")
        .unwrap();
    let mut seen = Vec::new();
    let mut pages = Vec::new();
    let (mut key, mut version) = (None, None);
    loop {
        let page = list_page(&world, key, version).await;
        let listed = listed(&page);
        pages.push(listed.len());
        seen.extend(listed);
        if page.is_truncated() != Some(true) {
            break;
        }
        key = page.next_key_marker().map(str::to_owned);
        version = page.next_version_id_marker().map(str::to_owned);
        assert!(key.is_some() && version.is_some());
    }
    assert_eq!(pages, [1000, 850]);
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), 1_850);
    assert_eq!(
        seen.iter().filter(|(key, ..)| key == "user-1/many").count(),
        1_250
    );
}

#[tokio::test]
async fn a_page_goes_on_when_the_marked_version_is_gone() {
    let world = World::start().await;
    for number in 0..5 {
        world
            .server
            .put(VERSIONED, "user-1/k", format!("{number}"), "text/plain")
            .unwrap();
    }
    let first = world
        .client
        .list_object_versions()
        .bucket(VERSIONED)
        .max_keys(2)
        .send()
        .await
        .unwrap();
    let erase = Delete::builder()
        .set_objects(Some(first.versions().iter().map(identify).collect()))
        .build()
        .unwrap();
    world
        .client
        .delete_objects()
        .bucket(VERSIONED)
        .delete(erase)
        .send()
        .await
        .unwrap();
    let key = first.next_key_marker().map(str::to_owned);
    let rest = list_page(
        &world,
        key,
        first.next_version_id_marker().map(str::to_owned),
    )
    .await;
    assert_eq!(rest.versions().len(), 3);
}

#[tokio::test]
async fn a_version_marker_needs_a_key_marker() {
    let world = World::start().await;
    let list = world
        .client
        .list_object_versions()
        .bucket(VERSIONED)
        .version_id_marker("null");
    assert_eq!(code(list.send().await), "InvalidArgument");
}

async fn list_page(
    world: &World,
    key: Option<String>,
    version: Option<String>,
) -> ListObjectVersionsOutput {
    let list = world
        .client
        .list_object_versions()
        .bucket(VERSIONED)
        .prefix("user-1/");
    list.set_key_marker(key)
        .set_version_id_marker(version)
        .send()
        .await
        .unwrap()
}

fn listed(page: &ListObjectVersionsOutput) -> Vec<(String, String)> {
    let versions = page
        .versions()
        .iter()
        .map(|version| (version.key(), version.version_id()));
    let markers = page
        .delete_markers()
        .iter()
        .map(|marker| (marker.key(), marker.version_id()));
    let both = versions.chain(markers);
    both.map(|(key, id)| (key.unwrap().to_owned(), id.unwrap().to_owned()))
        .collect()
}

fn identify(version: &aws_sdk_s3::types::ObjectVersion) -> ObjectIdentifier {
    let id = ObjectIdentifier::builder().key(version.key().unwrap());
    id.version_id(version.version_id().unwrap())
        .build()
        .unwrap()
}
