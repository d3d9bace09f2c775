//! Everything that belongs to a person is found, and nothing else.

use countersign::systems::object_store::StoreError;
use countersign_sandbox::s3::{Failure, Times, Versioning};
use futures::TryStreamExt;

use super::bench::{BUCKET, Bench, key, prefix};

#[tokio::test]
async fn more_than_a_page_of_versions_and_markers_is_found_whole() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1_203);
    for number in 0..1_203 {
        bench.put(&format!("user-1/{number:05}.webm"), "again");
    }
    bench.hide("user-1/00007.webm").await;

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    assert_eq!(
        (found.current_objects, found.versions, found.delete_markers),
        (1_202, 2_406, 1)
    );
    assert_eq!(found.bytes, 2_406 * 5);
    assert_eq!(found.objects.len(), bench.server.count(BUCKET, "user-1/"));
    let ids: std::collections::BTreeSet<_> = found
        .objects
        .iter()
        .map(|object| (&object.key, &object.version_id))
        .collect();
    assert_eq!(ids.len(), 2_407, "each version once");
}

#[tokio::test]
async fn user_1_does_not_find_the_objects_of_user_10() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2);
    bench.fill("user-10/", 3);
    bench.put("user-1", "not in the folder");
    bench.put("user-1.webm", "not in the folder");

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    let keys: Vec<_> = found
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect();
    assert_eq!(keys, ["user-1/00000.webm", "user-1/00001.webm"]);
}

#[tokio::test]
async fn an_object_that_looks_deleted_is_found_with_its_marker() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("user-1/a", "old");
    bench.hide("user-1/a").await;
    assert!(
        bench.server.get(BUCKET, "user-1/a").is_none(),
        "a reader sees nothing"
    );

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    assert_eq!(
        (
            found.current_objects,
            found.versions,
            found.delete_markers,
            found.bytes
        ),
        (0, 1, 1, 3)
    );
    let marker = found
        .objects
        .iter()
        .find(|object| object.delete_marker)
        .unwrap();
    assert!(marker.latest && marker.version_id.is_some());
}

#[tokio::test]
async fn an_exact_key_does_not_find_the_keys_that_start_with_it() {
    for versioning in [Versioning::Unset, Versioning::Enabled] {
        let bench = Bench::new(versioning).await;
        bench.put("uploads/1", "mine");
        bench.fill("uploads/1", 1_100);

        let found = bench
            .store
            .find(&[], &[key("uploads/1"), key("uploads/2")])
            .await
            .unwrap();

        let keys: Vec<_> = found
            .objects
            .iter()
            .map(|object| object.key.as_str())
            .collect();
        assert_eq!(keys, ["uploads/1"], "{versioning:?}");
    }
}

#[tokio::test]
async fn more_than_a_page_of_versions_of_one_key_is_found_by_that_key() {
    let bench = Bench::new(Versioning::Enabled).await;
    for _ in 0..1_010 {
        bench.put("uploads/1", "take");
    }
    bench.fill("uploads/1", 30);

    let found = bench.store.find(&[], &[key("uploads/1")]).await.unwrap();

    assert_eq!((found.versions, found.current_objects), (1_010, 1));
}

#[tokio::test]
async fn a_bucket_that_never_kept_versions_gives_objects_without_version_ids() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.fill("user-1/", 1_001);

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    assert_eq!(
        (found.current_objects, found.versions, found.delete_markers),
        (1_001, 1_001, 0)
    );
    assert!(
        found
            .objects
            .iter()
            .all(|object| object.version_id.is_none() && object.latest)
    );
    assert_eq!(bench.calls("ListObjectVersions"), 0);
}

#[tokio::test]
async fn versions_from_before_a_suspension_are_found() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("user-1/a", "old");
    bench
        .server
        .set_versioning(BUCKET, Versioning::Suspended)
        .unwrap();
    bench.put("user-1/a", "new");

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    assert_eq!((found.current_objects, found.versions), (1, 2));
    assert!(
        found
            .objects
            .iter()
            .any(|object| object.version_id.as_deref() == Some("null"))
    );
}

#[tokio::test]
async fn what_is_asked_for_twice_is_found_once() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 3);
    let twice = [prefix("1"), prefix("1")];

    let found = bench
        .store
        .find(
            &twice,
            &[key("user-1/00001.webm"), key("user-1/00001.webm")],
        )
        .await
        .unwrap();

    assert_eq!(found.versions, 3);
}

#[tokio::test]
async fn keys_with_characters_that_xml_or_addresses_mangle_are_found_as_they_are() {
    let bench = Bench::new(Versioning::Enabled).await;
    let odd = [
        "user-1/a b+c",
        "user-1/50%25&<x>",
        "user-1/\u{1}\r\n",
        "user-1/ü/日本",
    ];
    for name in odd {
        bench.put(name, "x");
    }

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    let keys: std::collections::BTreeSet<_> = found
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect();
    assert_eq!(keys, odd.into_iter().collect());
}

#[tokio::test]
async fn nothing_asked_for_is_nothing_found_without_a_call() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1);

    let found = bench.store.find(&[], &[]).await.unwrap();

    assert!(found.is_empty());
    assert_eq!(bench.server.calls(), []);
}

#[tokio::test]
async fn a_large_search_is_handed_over_page_by_page() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2_500);

    let pages: Vec<_> = bench
        .store
        .find_stream(&[prefix("1")], &[])
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();

    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
}

#[tokio::test]
async fn a_listing_that_fails_in_passing_is_repeated() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2);
    bench
        .server
        .faults()
        .fail_calls("ListObjectVersions", Failure::SlowDown, Times::First(1));

    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();

    assert_eq!(found.versions, 2);
    assert_eq!(bench.calls("ListObjectVersions"), 2);
}

#[tokio::test]
async fn a_denied_listing_is_an_error_and_never_an_empty_find() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2);
    bench.server.faults().fail_calls(
        "ListObjectVersions",
        Failure::AccessDenied,
        Times::UntilCleared,
    );

    let error = bench.store.find(&[prefix("1")], &[]).await.unwrap_err();

    assert!(
        matches!(&error, StoreError::Denied { code, .. } if code == "AccessDenied"),
        "{error:?}"
    );
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn an_unknown_versioning_state_is_an_error_and_never_an_empty_find() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2);
    bench.server.faults().fail_calls(
        "GetBucketVersioning",
        Failure::AccessDenied,
        Times::UntilCleared,
    );

    let error = bench.store.find(&[prefix("1")], &[]).await.unwrap_err();

    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
}
