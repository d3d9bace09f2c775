//! Single objects, links, uploads, and the check of the bucket.

use std::{collections::HashMap, time::Duration};

use countersign::systems::object_store::{
    Credentials, PART_BYTES, StoreCheck, StoreError, Versioning as Kept,
};
use countersign_sandbox::s3::{Failure, Times, Versioning};

use super::bench::{BUCKET, Bench, connect, key, settings};

#[tokio::test]
async fn what_is_put_is_read_back_with_its_type_and_metadata() {
    let bench = Bench::new(Versioning::Enabled).await;
    let metadata = HashMap::from([("request".to_owned(), "OPS-1042".to_owned())]);

    let written = bench
        .store
        .put(
            &key("certificates/OPS-1042.json"),
            b"{}".to_vec(),
            "application/json",
            metadata.clone(),
        )
        .await
        .unwrap();
    let read = bench.store.get(&written.key).await.unwrap();

    assert_eq!(read.bytes, b"{}");
    assert_eq!(read.head.content_type.as_deref(), Some("application/json"));
    assert_eq!(read.head.metadata, metadata);
    assert_eq!(read.head.version_id, written.version_id);
    assert_eq!(
        bench.store.head(&written.key).await.unwrap(),
        Some(read.head)
    );
}

#[tokio::test]
async fn what_put_wrote_can_be_erased_by_what_it_returned() {
    let bench = Bench::new(Versioning::Enabled).await;
    let probe = key("ops-probe/1");
    let written = bench
        .store
        .put(&probe, b"probe".to_vec(), "text/plain", HashMap::new())
        .await
        .unwrap();

    let report = bench.store.erase_list(vec![written]).await.unwrap();

    assert_eq!(report.deleted, 1);
    assert_eq!(bench.server.objects(BUCKET), []);
}

#[tokio::test]
async fn what_is_there_is_not_overwritten_by_a_new_object() {
    let bench = Bench::new(Versioning::Enabled).await;
    let place = key("certificates/1.json");
    let put = async |text: &str| {
        let put = bench
            .store
            .put_new(&place, text.as_bytes().to_vec(), "application/json");
        put.await.unwrap()
    };
    bench
        .server
        .faults()
        .lose_answers("PutObject", Times::First(1));
    // The write whose answer is lost is made again by the client, and meets itself.
    assert!(!put("first").await);
    assert!(!put("second").await);
    assert_eq!(bench.store.get(&place).await.unwrap().bytes, b"first");
    assert_eq!(bench.server.objects(BUCKET).len(), 1);
}

#[tokio::test]
async fn a_missing_object_is_named() {
    let bench = Bench::new(Versioning::Unset).await;

    assert_eq!(bench.store.head(&key("a")).await.unwrap(), None);
    let error = bench.store.get(&key("a")).await.unwrap_err();

    assert_eq!(
        error,
        StoreError::NoSuchKey {
            key: "a".to_owned()
        }
    );
}

#[tokio::test]
async fn an_object_that_is_too_large_is_not_read_into_memory() {
    let bench = Bench::new(Versioning::Unset).await;
    bench
        .server
        .put(BUCKET, "big", vec![0; 16 * 1024 * 1024 + 1], "audio/webm")
        .unwrap();

    let error = bench.store.get(&key("big")).await.unwrap_err();

    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn a_link_downloads_the_object_and_does_not_show_in_logs() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.put("exports/a b+c.zip", "zip");

    let link = bench
        .store
        .presign_get(&key("exports/a b+c.zip"), Duration::from_secs(600))
        .await
        .unwrap();

    let answer = fetch(link.reveal()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("zip"), "{answer}");
    assert!(
        answer
            .to_lowercase()
            .contains("content-disposition: attachment"),
        "{answer}"
    );
    assert!(!format!("{link:?}").contains("Signature"));
}

#[tokio::test]
async fn a_link_for_too_long_is_refused() {
    let bench = Bench::new(Versioning::Unset).await;
    for life in [Duration::ZERO, Duration::from_secs(604_801)] {
        let error = bench.store.presign_get(&key("a"), life).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused(_)));
    }
}

#[tokio::test]
async fn an_upload_of_several_parts_appears_whole_and_with_its_hash() {
    let bench = Bench::new(Versioning::Enabled).await;
    let mut upload = bench
        .store
        .start_upload(&key("backups/1.dump"), "application/octet-stream")
        .await
        .unwrap();
    let chunk = vec![7; PART_BYTES / 2 + 1];
    for _ in 0..3 {
        upload.write(&chunk).await.unwrap();
    }
    assert_eq!(
        bench.server.get(BUCKET, "backups/1.dump"),
        None,
        "not before the end"
    );

    let (version, hash) = upload.finish().await.unwrap();

    let stored = bench.server.get(BUCKET, "backups/1.dump").unwrap();
    assert_eq!(
        (stored.len() as u64, version.bytes),
        (version.bytes, 3 * (PART_BYTES as u64 / 2 + 1))
    );
    assert_eq!(
        hash,
        hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&stored))
    );
    assert_eq!(bench.calls("UploadPart"), 2);
    assert_eq!(bench.server.uploads(BUCKET), []);
}

#[tokio::test]
async fn an_empty_upload_is_an_empty_object() {
    let bench = Bench::new(Versioning::Unset).await;
    let upload = bench
        .store
        .start_upload(&key("reports/empty"), "text/plain")
        .await
        .unwrap();

    let (version, _) = upload.finish().await.unwrap();

    assert_eq!(version.bytes, 0);
    assert_eq!(bench.server.get(BUCKET, "reports/empty").unwrap().len(), 0);
}

#[tokio::test]
async fn an_aborted_upload_leaves_no_parts() {
    let bench = Bench::new(Versioning::Unset).await;
    let mut upload = bench
        .store
        .start_upload(&key("backups/1.dump"), "application/octet-stream")
        .await
        .unwrap();
    upload.write(&vec![7; PART_BYTES]).await.unwrap();

    upload.abort().await.unwrap();

    assert_eq!(bench.server.uploads(BUCKET), []);
    assert_eq!(bench.server.objects(BUCKET), []);
}

#[tokio::test]
async fn an_upload_that_cannot_be_finished_leaves_no_parts() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.server.faults().fail_calls(
        "CompleteMultipartUpload",
        Failure::AccessDenied,
        Times::UntilCleared,
    );
    let mut upload = bench
        .store
        .start_upload(&key("backups/1.dump"), "application/octet-stream")
        .await
        .unwrap();
    upload.write(b"dump").await.unwrap();

    let error = upload.finish().await.unwrap_err();

    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert_eq!(bench.server.uploads(BUCKET), []);
}

#[tokio::test]
async fn the_check_tells_whether_versions_are_kept() {
    for (versioning, kept) in [
        (Versioning::Unset, Kept::Never),
        (Versioning::Enabled, Kept::Enabled),
        (Versioning::Suspended, Kept::Suspended),
    ] {
        let bench = Bench::new(versioning).await;
        let check = bench.store.check().await.unwrap();
        assert_eq!(
            check,
            StoreCheck {
                versioning: kept,
                mfa_delete: false
            }
        );
    }
}

#[tokio::test]
async fn the_check_says_that_the_bucket_is_missing() {
    let bench = Bench::new(Versioning::Unset).await;
    let mut elsewhere = settings(&bench.server);
    elsewhere.bucket = "no-such-bucket".to_owned();

    let error = connect(elsewhere, bench.clock.clone())
        .await
        .check()
        .await
        .unwrap_err();

    assert_eq!(
        error,
        StoreError::NoSuchBucket {
            bucket: "no-such-bucket".to_owned()
        }
    );
}

#[tokio::test]
async fn wrong_credentials_are_denied_without_showing_them() {
    let bench = Bench::new(Versioning::Unset).await;
    let mut wrong = settings(&bench.server);
    wrong.credentials = Credentials::Keys {
        access_key_id: "sandbox-key".to_owned(),
        secret_access_key: "not-the-secret".to_owned(),
        session_token: None,
    };
    let store = connect(wrong, bench.clock.clone()).await;

    let error = store.versioning().await.unwrap_err();

    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    let shown = format!("{error} {error:?} {store:?}");
    assert!(!shown.contains("not-the-secret"), "{shown}");
}

#[tokio::test]
async fn a_store_that_is_away_may_be_tried_again() {
    let bench = Bench::new(Versioning::Unset).await;
    bench.server.stop().await;

    let error = bench.store.check().await.unwrap_err();

    assert!(error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("HeadBucket"), "{error}");
}

/// A plain HTTP GET, for a link needs nothing but itself.
async fn fetch(link: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rest = link.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut connection = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}
