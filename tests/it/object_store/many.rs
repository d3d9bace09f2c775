//! Many exact keys are looked for in few calls, and found as exactly as one by one.

use std::collections::BTreeSet;

use countersign::systems::object_store::ObjectKey;
use countersign_sandbox::s3::Versioning;

use super::bench::{BUCKET, Bench, key};

const LISTS: [&str; 2] = ["ListObjectVersions", "ListObjectsV2"];

fn lists(bench: &Bench) -> usize {
    LISTS.iter().map(|call| bench.calls(call)).sum()
}

fn keys(numbers: impl Iterator<Item = usize>) -> Vec<ObjectKey> {
    numbers
        .map(|n| key(&format!("uploads/{n:05}.webm")))
        .collect()
}

async fn found(bench: &Bench, keys: &[ObjectKey]) -> BTreeSet<String> {
    let found = bench.store.find(&[], keys).await.unwrap();
    let keys: Vec<String> = found.objects.iter().map(|o| o.key.to_string()).collect();
    let set = BTreeSet::from_iter(keys.clone());
    assert_eq!(set.len(), keys.len(), "each version once");
    set
}

#[tokio::test]
async fn thousands_of_keys_take_a_listing_per_thousand_and_not_one_each() {
    for versioning in [Versioning::Enabled, Versioning::Unset] {
        let bench = Bench::new(versioning).await;
        bench.fill("uploads/", 4_012);

        assert_eq!(found(&bench, &keys(0..4_012)).await.len(), 4_012);

        let calls = lists(&bench);
        assert!(calls <= 10, "{calls} listings for 4012 keys");
    }
}

#[tokio::test]
async fn keys_that_are_not_there_take_no_listing_each_either() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("uploads/", 10);
    assert_eq!(found(&bench, &keys(100..3_100)).await.len(), 0);
    let calls = lists(&bench);
    assert!(calls <= 10, "{calls} listings for 3000 keys");
}

#[tokio::test]
async fn keys_among_many_of_others_are_found_in_fewer_calls_than_keys() {
    for (apart, most) in [(20, 60), (400, 24)] {
        let bench = Bench::new(Versioning::Enabled).await;
        bench.fill("uploads/", 6_000);
        let mine: Vec<usize> = (0..6_000).step_by(apart).collect();

        let found = found(&bench, &keys(mine.iter().copied())).await;

        assert_eq!(found.len(), mine.len());
        let calls = lists(&bench);
        assert!(calls <= most, "{calls} listings for {} keys", mine.len());
    }
}

#[tokio::test]
async fn every_version_and_marker_of_many_keys_is_found_across_pages() {
    let bench = Bench::new(Versioning::Enabled).await;
    for _ in 0..3 {
        bench.fill("uploads/", 700);
    }
    for _ in 0..1_200 {
        bench.put("uploads/00350.webm", "again");
    }
    bench.hide("uploads/00007.webm").await;

    let all = keys(0..700);
    let found = bench.store.find(&[], &all).await.unwrap();

    assert_eq!(found.objects.len(), bench.server.count(BUCKET, "uploads/"));
    assert_eq!((found.versions, found.delete_markers), (3_300, 1));
}

#[tokio::test]
async fn odd_keys_are_found_exactly_among_keys_that_start_alike() {
    for versioning in [Versioning::Enabled, Versioning::Unset] {
        let bench = Bench::new(versioning).await;
        let odd = [
            "uploads/a",
            "uploads/a ",
            "uploads/a b+c",
            "uploads/a%20b",
            "uploads/a/b",
            "uploads//a",
            "uploads/é",
            "uploads/e\u{301}",
            "uploads/語",
            "uploads/😀",
            "uploads/\u{fffd}x",
            "uploads/a\tb",
            "uploads/\u{1}",
            "uploads/-",
            "uploads/~",
            "uploads/a&b<c>",
            "a",
            "b",
            "u",
            "üb",
            "x/1",
            "x/2",
        ];
        for text in odd {
            bench.put(text, "sound");
            bench.put(&format!("{text}x"), "not asked for");
            bench.put(&format!("{text}/"), "not asked for");
        }
        let longest = format!("uploads/{}", "l".repeat(1_016));
        bench.put(&longest, "sound");
        let mut wanted: BTreeSet<String> = odd.iter().map(ToString::to_string).collect();
        wanted.insert(longest);
        let keys: Vec<ObjectKey> = wanted.iter().map(|text| key(text)).collect();

        assert_eq!(found(&bench, &keys).await, wanted, "{versioning:?}");
    }
}

#[tokio::test]
async fn a_policy_that_allows_to_list_folders_only_does_not_stop_the_search() {
    let bench = Bench::new(Versioning::Enabled).await;
    let folders = ["media/audio/", "media/video/", "more/"];
    let mut wanted = BTreeSet::new();
    for folder in folders {
        bench.fill(folder, 30);
        bench.server.dialect().list_only_under(folder);
        wanted.extend((0..30).map(|n| format!("{folder}{n:05}.webm")));
    }
    let keys: Vec<ObjectKey> = wanted.iter().map(|text| key(text)).collect();
    assert_eq!(found(&bench, &keys).await, wanted);
}
