//! Stores that know a part of S3 only, rights that are missing, and answers that are none.

use countersign::systems::object_store::{Cause, EraseReport, StoreError, Versioning as Keeps};
use countersign_sandbox::s3::{DeletesOf, Failure, Garbled, Times, Unknown, Versioning};

use super::bench::{BUCKET, Bench, prefix};

async fn erase(bench: &Bench) -> EraseReport {
    let found = bench.store.find(&[prefix("1")], &[]).await.unwrap();
    bench.store.erase_list(found.objects).await.unwrap()
}

#[tokio::test]
async fn a_store_that_does_not_know_versioning_keeps_no_versions_and_is_emptied() {
    for how in [
        Unknown::NotImplemented,
        Unknown::MethodNotAllowed,
        Unknown::InvalidRequest,
    ] {
        let bench = Bench::new(Versioning::Unset).await;
        bench.fill("user-1/", 1_100);
        let dialect = bench.server.dialect();
        dialect.does_not_know("GetBucketVersioning", how);
        dialect.does_not_know("ListObjectVersions", how);

        let versioning = bench.store.versioning().await.unwrap();
        assert_eq!(versioning, Keeps::NotSupported, "{how:?}");
        assert!(!versioning.keeps_versions());
        let report = erase(&bench).await;

        assert_eq!((report.deleted, report.failed_count), (1_100, 0), "{how:?}");
        assert_eq!(bench.server.count(BUCKET, ""), 0);
        assert_eq!(
            bench.calls("GetBucketVersioning"),
            3,
            "asked once each time"
        );
        assert_eq!(bench.calls("ListObjectVersions"), 0);
    }
}

#[tokio::test]
async fn versions_that_are_kept_and_cannot_be_listed_are_an_error_that_waiting_does_not_mend() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.fill("user-1/", 1);
    let dialect = bench.server.dialect();
    dialect.does_not_know("ListObjectVersions", Unknown::NotImplemented);

    let error = bench.store.find(&[prefix("1")], &[]).await.unwrap_err();

    assert!(matches!(error, StoreError::Unsupported { .. }), "{error:?}");
    assert!(!error.is_retryable());
    assert!(
        error
            .to_string()
            .contains("does not support ListObjectVersions"),
        "{error}"
    );
}

#[tokio::test]
async fn a_versioning_question_that_is_refused_for_want_of_a_right_is_not_taken_for_no_versions() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench
        .server
        .dialect()
        .withhold("s3:GetBucketVersioning", false);

    let error = bench.store.versioning().await.unwrap_err();

    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(
        error.to_string().contains("s3:GetBucketVersioning"),
        "{error}"
    );
}

#[tokio::test]
async fn bulk_deletes_go_on_with_an_md5_where_the_store_wants_one() {
    for code in ["MissingContentMD5", "InvalidRequest"] {
        for refuses_checksums in [false, true] {
            let bench = Bench::new(Versioning::Unset).await;
            bench.fill("user-1/", 1_500);
            bench.server.dialect().wants_md5(code);
            if refuses_checksums {
                bench.server.dialect().refuses_checksums();
            }

            let report = erase(&bench).await;

            assert_eq!((report.deleted, report.failed_count), (1_500, 0), "{code}");
            assert_eq!(bench.server.count(BUCKET, ""), 0);
            assert_eq!(bench.calls("DeleteObjects"), 4, "each of two batches twice");
            assert_eq!(bench.calls("DeleteObject"), 0);

            bench.fill("user-1/", 3);
            erase(&bench).await;
            assert_eq!(
                bench.calls("DeleteObjects"),
                5,
                "what the store takes is remembered"
            );
        }
    }
}

#[tokio::test]
async fn a_store_without_bulk_deletes_is_emptied_one_by_one() {
    for how in [Unknown::NotImplemented, Unknown::InvalidRequest] {
        let bench = Bench::new(Versioning::Enabled).await;
        bench.fill("user-1/", 12);
        bench.server.dialect().does_not_know("DeleteObjects", how);

        let report = erase(&bench).await;

        assert_eq!((report.deleted, report.failed_count), (12, 0), "{how:?}");
        assert_eq!(bench.calls("DeleteObject"), 12);
        assert_eq!(bench.server.count(BUCKET, ""), 0);
    }
}

#[tokio::test]
async fn a_missing_right_to_delete_is_called_by_its_name() {
    for (versioning, right) in [
        (Versioning::Enabled, "s3:DeleteObjectVersion"),
        (Versioning::Unset, "s3:DeleteObject"),
    ] {
        for names_it in [true, false] {
            let bench = Bench::new(versioning).await;
            bench.fill("user-1/", 3);
            bench.server.dialect().withhold(right, names_it);

            let report = erase(&bench).await;

            assert_eq!(report.failed_count, 3);
            let cause = Cause::MissingRight(right.to_owned());
            assert!(
                report
                    .failed
                    .iter()
                    .all(|one| one.permanent && one.cause == cause),
                "{:?}",
                report.failed
            );
        }
    }
}

#[tokio::test]
async fn object_lock_is_recognised_by_the_answer_and_by_asking_for_the_version() {
    let bench = Bench::new(Versioning::Enabled).await;
    bench.put("user-1/a", "held");
    bench
        .server
        .set_legal_hold(BUCKET, "user-1/a", None, true)
        .unwrap();

    let report = erase(&bench).await;
    assert_eq!(report.failed[0].cause, Cause::Protected);

    // A store that says "Access Denied" and no more.
    bench.server.faults().fail_deletes(
        DeletesOf::Prefix("user-1/".into()),
        Failure::AccessDenied,
        Times::UntilCleared,
    );
    let report = erase(&bench).await;
    assert_eq!(report.failed[0].cause, Cause::Protected);
}

#[tokio::test]
async fn a_missing_right_to_list_is_called_by_its_name() {
    for (versioning, right) in [
        (Versioning::Enabled, "s3:ListBucketVersions"),
        (Versioning::Unset, "s3:ListBucket"),
    ] {
        let bench = Bench::new(versioning).await;
        bench.server.dialect().withhold(right, false);
        let error = bench.store.find(&[prefix("1")], &[]).await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&format!("lack the right {right}:")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_a_web_page_or_cut_off_says_what_to_check() {
    for how in [Garbled::WebPage, Garbled::CutOff] {
        for (call, versioning) in [
            ("GetBucketVersioning", Versioning::Enabled),
            ("ListObjectVersions", Versioning::Enabled),
            ("ListObjectsV2", Versioning::Unset),
        ] {
            let bench = Bench::new(versioning).await;
            bench.fill("user-1/", 40);
            bench.server.dialect().garble(call, how);

            let error = bench.store.find(&[prefix("1")], &[]).await.unwrap_err();

            assert!(
                matches!(error, StoreError::Unreadable { .. }),
                "{call} {how:?}: {error:?}"
            );
            assert!(!error.is_retryable());
            let says = error.to_string();
            assert!(
                says.contains(call) && says.contains("AWS_ENDPOINT_URL_S3"),
                "{says}"
            );
        }
    }
}

#[tokio::test]
async fn deletes_whose_answer_cannot_be_read_are_not_called_done() {
    for how in [Garbled::WebPage, Garbled::CutOff] {
        let bench = Bench::new(Versioning::Enabled).await;
        bench.fill("user-1/", 40);
        bench.server.dialect().garble("DeleteObjects", how);

        let report = erase(&bench).await;

        assert_eq!((report.deleted, report.failed_count), (0, 40), "{how:?}");
        assert!(
            report
                .failed
                .iter()
                .all(|failed| failed.code == "Unreadable")
        );
    }
}
