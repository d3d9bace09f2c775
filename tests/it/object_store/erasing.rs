//! Erasing leaves nothing, and never says so before it is true.

use std::time::Duration;

use chrono::TimeDelta;
use countersign::systems::object_store::{MAX_FAILURES_LISTED, StoreError};
use countersign_sandbox::s3::{DeletesOf, Failure, Times, Versioning};

use super::bench::{BUCKET, Bench, connect, key, prefix, settings};

/// Finds everything of user 1 and erases it.
async fn erase_user_1(bench: &Bench) -> countersign::systems::object_store::EraseReport {
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    bench.store.erase_list(found.objects).await.unwrap()
}

#[tokio::test]
async fn all_versions_and_markers_go_and_other_users_stay() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1_250);
    for number in 0..1_250 {
        bench.put(&format!("user-1/{number:05}.webm"), "again");
    }
    bench.hide("user-1/00003.webm").await;
    bench.fill("user-10/", 5);

    let report = erase_user_1(&bench).await;

    assert_eq!(
        (report.deleted, report.failed_count, report.retries),
        (2_501, 0, 0)
    );
    assert!(report.is_complete());
    assert_eq!(bench.calls("DeleteObjects"), 3, "1000 versions per call");
    assert_eq!(bench.server.count(BUCKET, "user-1/"), 0);
    assert_eq!(bench.server.count(BUCKET, "user-10/"), 5);
    assert!(
        bench
            .store
            .remaining(&[prefix("1")], &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_bucket_without_versions_is_emptied() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.fill("user-1/", 1_100);

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.failed_count), (1_100, 0));
    assert_eq!(bench.server.count(BUCKET, ""), 0);
}

#[tokio::test]
async fn suspended_versioning_leaves_neither_old_versions_nor_markers() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("user-1/a", "old");
    bench.put("user-1/b", "old");
    bench
        .server
        .set_versioning(BUCKET, Versioning::Suspended)
        .unwrap();
    bench.put("user-1/a", "new");
    bench.hide("user-1/b").await;

    let report = erase_user_1(&bench).await;

    assert_eq!(report.deleted, 4);
    assert_eq!(bench.server.count(BUCKET, ""), 0);
}

#[tokio::test]
async fn versioning_that_was_switched_on_after_the_search_hides_nothing() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.fill("user-1/", 3);
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    bench
        .server
        .set_versioning(BUCKET, Versioning::Enabled)
        .unwrap();

    let report = bench.store.erase_list(found.objects).await.unwrap();

    assert_eq!(report.deleted, 3);
    assert_eq!(bench.server.objects(BUCKET), [], "no data behind a marker");
}

#[tokio::test]
async fn half_of_the_deletes_failing_a_few_times_still_end_with_everything_gone() {
    for failure in [
        Failure::SlowDown,
        Failure::InternalError,
        Failure::ServiceUnavailable,
    ] {
        let bench = Bench::new(Versioning::Enabled).await;
        bench.fill("user-1/", 1_500);
        bench
            .server
            .faults()
            .fail_deletes(DeletesOf::EveryNth(2), failure, Times::First(3));

        let report = erase_user_1(&bench).await;

        assert_eq!(
            (report.deleted, report.failed_count),
            (1_500, 0),
            "{failure:?}"
        );
        assert_eq!(report.retries, 6, "three for each of two batches");
        assert_eq!(bench.server.count(BUCKET, ""), 0);
    }
}

#[tokio::test]
async fn the_waits_between_attempts_grow_and_go_through_the_clock() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1);
    bench
        .server
        .faults()
        .fail_calls("DeleteObjects", Failure::SlowDown, Times::First(4));

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.retries), (1, 4));
    let waits = [200, 400, 800, 1_600].map(TimeDelta::milliseconds);
    assert_eq!(bench.clock.waits(), waits);
}

#[tokio::test]
async fn a_delete_that_fails_for_ever_is_reported_and_not_claimed() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/a", 4);
    bench.fill("user-1/b", 4);
    let stubborn = DeletesOf::Prefix("user-1/b".to_owned());
    bench
        .server
        .faults()
        .fail_deletes(stubborn, Failure::InternalError, Times::UntilCleared);

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.failed_count), (4, 4));
    assert!(!report.is_complete());
    for failed in &report.failed {
        assert!(failed.key.as_str().starts_with("user-1/b"));
        assert_eq!(
            (failed.code.as_str(), failed.permanent),
            ("InternalError", false)
        );
        assert!(failed.version_id.is_some());
    }
    let remaining = bench.store.remaining(&[prefix("1")], &[]).await.unwrap();
    assert_eq!(remaining.versions, 4);
}

#[tokio::test]
async fn more_failures_than_a_report_lists_are_still_counted() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 2_200);
    let all = DeletesOf::Prefix(String::new());
    bench
        .server
        .faults()
        .fail_deletes(all, Failure::AccessDenied, Times::UntilCleared);

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.failed_count), (0, 2_200));
    assert_eq!(report.failed.len(), MAX_FAILURES_LISTED);
}

#[tokio::test]
async fn a_legal_hold_is_permanent_and_is_not_tried_again() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 3);
    bench
        .server
        .set_legal_hold(BUCKET, "user-1/00001.webm", None, true)
        .unwrap();

    let report = erase_user_1(&bench).await;

    assert_eq!(
        (report.deleted, report.failed_count, report.retries),
        (2, 1, 0)
    );
    let failed = &report.failed[0];
    assert_eq!(
        (failed.key.as_str(), failed.code.as_str()),
        ("user-1/00001.webm", "AccessDenied")
    );
    assert!(
        failed.permanent && failed.message.contains("object lock"),
        "{failed:?}"
    );
    assert_eq!(bench.server.count(BUCKET, ""), 1);
}

#[tokio::test]
async fn an_answer_that_gets_lost_after_the_deletes_is_asked_for_again() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1_200);
    bench
        .server
        .faults()
        .lose_answers("DeleteObjects", Times::First(2));

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.failed_count), (1_200, 0));
    assert!(report.retries >= 1);
    assert_eq!(bench.server.count(BUCKET, ""), 0);
}

#[tokio::test]
async fn a_held_call_is_given_up_after_the_attempts_time_and_made_again() {
    let bench = Bench::with_attempts_of(Versioning::Enabled, Duration::from_millis(400)).await;
    bench.fill("user-1/", 3);
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    let gate = bench.server.faults().hold("DeleteObjects");
    let erasing = tokio::spawn({
        let store = bench.store.clone();
        async move { store.erase_list(found.objects).await }
    });
    // The second arrival shows that the first call was given up.
    gate.arrivals(2).await;
    gate.release();

    let report = erasing.await.unwrap().unwrap();

    assert_eq!((report.deleted, report.failed_count), (3, 0));
    assert!(report.retries >= 1);
    assert_eq!(bench.server.count(BUCKET, ""), 0);
}

#[tokio::test]
async fn a_store_that_is_away_leaves_everything_reported_as_not_erased() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 3);
    bench.server.faults().fail_calls(
        "DeleteObjects",
        Failure::ServiceUnavailable,
        Times::UntilCleared,
    );

    let report = erase_user_1(&bench).await;

    assert_eq!(
        (report.deleted, report.failed_count, report.retries),
        (0, 3, 5)
    );
    assert!(
        report
            .failed
            .iter()
            .all(|failed| !failed.permanent && failed.code == "Unavailable")
    );
    assert_eq!(bench.server.count(BUCKET, ""), 3);
}

#[tokio::test]
async fn a_refused_call_is_reported_at_once_for_every_version() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 3);
    bench
        .server
        .faults()
        .fail_calls("DeleteObjects", Failure::AccessDenied, Times::UntilCleared);

    let report = erase_user_1(&bench).await;

    assert_eq!((report.failed_count, report.retries), (3, 0));
    assert!(
        report
            .failed
            .iter()
            .all(|failed| failed.permanent && failed.code == "AccessDenied")
    );
}

#[tokio::test]
async fn a_version_that_the_store_does_not_know_counts_as_gone() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1);
    let mut found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    let mut unknown = found.objects[0].clone();
    unknown.version_id = Some("not-a-version-of-this-store".to_owned());
    found.objects.push(unknown);

    let report = bench.store.erase_list(found.objects).await.unwrap();

    assert_eq!(
        (report.deleted, report.already_gone, report.failed_count),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn an_erasure_can_be_repeated() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 5);
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    bench.store.erase_list(found.objects.clone()).await.unwrap();

    let report = bench.store.erase_list(found.objects).await.unwrap();

    assert!(report.is_complete());
    assert_eq!(
        bench.server.objects(BUCKET),
        [],
        "a repeated erasure leaves no markers"
    );
}

#[tokio::test]
async fn exact_keys_are_erased_and_their_neighbours_stay() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("uploads/1", "mine");
    bench.put("uploads/10", "another's");
    bench.put("uploads/1\r\n&<b>", "another's");
    let found = bench.store.find(&[], &[key("uploads/1")]).await.unwrap();

    let report = bench.store.erase_list(found.objects).await.unwrap();

    assert_eq!(report.deleted, 1);
    assert_eq!(bench.server.count(BUCKET, "uploads/1"), 2);
    assert_eq!(bench.server.get(BUCKET, "uploads/1"), None);
}

#[tokio::test]
async fn keys_that_a_bulk_delete_cannot_name_go_too() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("user-1/\u{1}", "x");
    bench.put("user-1/\u{ffff}", "x");
    bench.put("user-1/a\r\n &<b>\"+%2F", "x");

    let report = erase_user_1(&bench).await;

    assert_eq!((report.deleted, report.failed_count), (3, 0), "{report:?}");
    assert_eq!(
        bench.calls("DeleteObject"),
        2,
        "only what XML cannot hold goes singly"
    );
    assert_eq!(bench.server.count(BUCKET, ""), 0);
}

#[tokio::test]
async fn nothing_is_deleted_while_the_versioning_is_unknown() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1);
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    bench.server.faults().fail_calls(
        "GetBucketVersioning",
        Failure::AccessDenied,
        Times::UntilCleared,
    );

    let error = bench.store.erase_list(found.objects).await.unwrap_err();

    assert!(matches!(error, StoreError::Denied { .. }));
    assert_eq!(bench.calls("DeleteObjects"), 0);
}

#[tokio::test]
async fn a_wrong_bucket_is_said_to_be_missing() {
    let bench = Bench::new(Versioning::Enabled).await;
    let mut elsewhere = settings(&bench.server);
    elsewhere.bucket = "no-such-bucket".to_owned();
    let store = connect(elsewhere, bench.clock.clone()).await;

    let error = store.find(&[prefix("1")], &[]).await.unwrap_err();

    assert_eq!(
        error,
        StoreError::NoSuchBucket {
            bucket: "no-such-bucket".to_owned()
        }
    );
}
