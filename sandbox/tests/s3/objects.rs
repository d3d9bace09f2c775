use aws_sdk_s3::{primitives::ByteStream, types::ChecksumAlgorithm};

use super::{PLAIN, World, code};

#[tokio::test]
async fn an_object_comes_back_with_its_headers_and_its_checksum() {
    let world = World::start().await;
    let put = world
        .client
        .put_object()
        .bucket(PLAIN)
        .key("user-1/Antwort Ä&+ 1.webm")
        .content_type("audio/webm")
        .metadata("origin", "recorder")
        .body(ByteStream::from_static(b"hello"));
    let put = put.send().await.unwrap();
    assert_eq!(put.checksum_crc32(), Some("NhCmhg=="));
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(put.version_id(), None);

    let got = world
        .client
        .get_object()
        .bucket(PLAIN)
        .key("user-1/Antwort Ä&+ 1.webm")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("audio/webm"));
    assert_eq!(got.metadata().unwrap()["origin"], "recorder");
    assert_eq!(got.checksum_crc32(), Some("NhCmhg=="));
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "hello");

    let head = world
        .client
        .head_object()
        .bucket(PLAIN)
        .key("user-1/Antwort Ä&+ 1.webm")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_length(), head.content_type()),
        (Some(5), Some("audio/webm"))
    );
}

#[tokio::test]
async fn a_body_that_streams_from_a_file_arrives_with_its_trailing_checksum() {
    let world = World::start().await;
    let bytes = vec![b'x'; 300_000];
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let body = ByteStream::from_path(file.path()).await.unwrap();
    let put = world
        .client
        .put_object()
        .bucket(PLAIN)
        .key("streamed")
        .body(body);
    let put = put
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .send()
        .await
        .unwrap();
    assert!(put.checksum_sha256().is_some());
    assert_eq!(world.server.get(PLAIN, "streamed").unwrap(), bytes);
}

#[tokio::test]
async fn a_body_that_does_not_match_its_checksum_is_refused() {
    let world = World::start().await;
    let put = world
        .client
        .put_object()
        .bucket(PLAIN)
        .key("garbled")
        .checksum_crc32("AAAAAA==");
    let put = put.body(ByteStream::from_static(b"hello")).send().await;
    assert_eq!(code(put), "BadDigest");
    assert_eq!(world.server.count(PLAIN, ""), 0);
}

#[tokio::test]
async fn a_range_gives_that_part_of_the_object() {
    let world = World::start().await;
    world
        .server
        .put(PLAIN, "digits", "0123456789", "text/plain")
        .unwrap();
    let get = |range: &str| {
        world
            .client
            .get_object()
            .bucket(PLAIN)
            .key("digits")
            .range(range)
            .send()
    };
    let got = get("bytes=2-4").await.unwrap();
    assert_eq!(got.content_range(), Some("bytes 2-4/10"));
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "234");
    assert_eq!(
        get("bytes=-3")
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .into_bytes(),
        "789"
    );
    assert_eq!(code(get("bytes=10-").await), "InvalidRange");
}

#[tokio::test]
async fn a_write_can_ask_that_nothing_is_there_yet() {
    let world = World::start().await;
    let put = || {
        world
            .client
            .put_object()
            .bucket(PLAIN)
            .key("once")
            .if_none_match("*")
            .send()
    };
    put().await.unwrap();
    assert_eq!(code(put().await), "PreconditionFailed");
}

#[tokio::test]
async fn a_copy_keeps_the_attributes() {
    let world = World::start().await;
    world
        .server
        .put(PLAIN, "from here", "bytes", "text/plain")
        .unwrap();
    let copy = world.client.copy_object().bucket(PLAIN).key("to");
    copy.copy_source(format!("{PLAIN}/from%20here"))
        .send()
        .await
        .unwrap();
    let head = world
        .client
        .head_object()
        .bucket(PLAIN)
        .key("to")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("text/plain"));
}

#[tokio::test]
async fn a_list_rolls_up_folders_and_never_takes_user_10_for_user_1() {
    let world = World::start().await;
    for key in [
        "user-1/a",
        "user-1/b/1",
        "user-1/b/2",
        "user-1/c",
        "user-10/a",
    ] {
        world.server.put(PLAIN, key, "x", "text/plain").unwrap();
    }
    let list = world
        .client
        .list_objects_v2()
        .bucket(PLAIN)
        .prefix("user-1/")
        .delimiter("/")
        .max_keys(2);
    let mut pages = list.into_paginator().send();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.key_count() <= Some(2));
        seen.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key().map(str::to_owned)),
        );
        seen.extend(
            page.common_prefixes()
                .iter()
                .filter_map(|prefix| prefix.prefix().map(str::to_owned)),
        );
    }
    assert_eq!(seen, ["user-1/a", "user-1/b/", "user-1/c"]);
}

#[tokio::test]
async fn a_list_goes_on_over_pages_of_a_thousand() {
    let world = World::start().await;
    for number in 0..2_500 {
        world
            .server
            .put(PLAIN, &format!("k{number:05}"), "x", "text/plain")
            .unwrap();
    }
    let mut pages = world
        .client
        .list_objects_v2()
        .bucket(PLAIN)
        .start_after("k00009")
        .into_paginator()
        .send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().contents().len());
    }
    assert_eq!(sizes, [1000, 1000, 490]);
}

#[tokio::test]
async fn the_head_of_a_missing_object_is_not_found() {
    let world = World::start().await;
    let head = world.client.head_object().bucket(PLAIN).key("missing");
    let error = head.send().await.expect_err("nothing is there");
    assert!(error.into_service_error().is_not_found());
}
