use aws_sdk_s3::{error::ProvideErrorMetadata, primitives::ByteStream};
use countersign_sandbox::s3::{Garbled, Unknown};

use super::{PLAIN, VERSIONED, World, code, deletes::delete};

#[tokio::test]
async fn a_call_that_the_store_does_not_know_is_refused_as_it_was_chosen() {
    for (how, expected) in [
        (Unknown::NotImplemented, "NotImplemented"),
        (Unknown::MethodNotAllowed, "MethodNotAllowed"),
        (Unknown::InvalidRequest, "InvalidRequest"),
    ] {
        let world = World::start().await;
        world
            .server
            .dialect()
            .does_not_know("GetBucketVersioning", how);
        let asked = world
            .client
            .get_bucket_versioning()
            .bucket(PLAIN)
            .send()
            .await;
        assert_eq!(code(asked), expected);
        world
            .client
            .head_bucket()
            .bucket(PLAIN)
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_bulk_delete_without_an_md5_is_refused_with_the_chosen_code() {
    let world = World::start().await;
    world.server.dialect().wants_md5("MissingContentMD5");
    let call = world.client.delete_objects().bucket(PLAIN);
    let refused = call.delete(delete([("k", None)], true)).send().await;
    assert_eq!(code(refused), "MissingContentMD5");
}

#[tokio::test]
async fn a_request_with_a_newer_checksum_is_refused_and_one_without_is_not() {
    let world = World::start().await;
    world.server.dialect().refuses_checksums();
    let put = world.client.put_object().bucket(PLAIN).key("k");
    let put = put
        .body(ByteStream::from_static(b"x"))
        .checksum_crc32("jNxk6Q==");
    assert_eq!(code(put.send().await), "NotImplemented");
    world
        .client
        .head_bucket()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_withheld_right_refuses_only_what_needs_it() {
    let world = World::start().await;
    let version = world.server.put(VERSIONED, "k", "x", "text/plain").unwrap();
    world
        .server
        .dialect()
        .withhold("s3:DeleteObjectVersion", true);
    let call = || world.client.delete_object().bucket(VERSIONED).key("k");
    let refused = call().version_id(&version).send().await.unwrap_err();
    let refused = refused.as_service_error().unwrap();
    assert_eq!(refused.code(), Some("AccessDenied"));
    assert!(
        refused
            .message()
            .unwrap()
            .contains("perform: s3:DeleteObjectVersion")
    );
    call().send().await.unwrap();
}

#[tokio::test]
async fn only_the_allowed_folders_can_be_listed() {
    let world = World::start().await;
    world.server.dialect().list_only_under("a/");
    world.server.dialect().list_only_under("b+c/");
    let list = |prefix: &str| {
        let call = world.client.list_objects_v2().bucket(PLAIN);
        call.prefix(prefix).send()
    };
    list("a/x").await.unwrap();
    list("b+c/x").await.unwrap();
    assert_eq!(code(list("c/").await), "AccessDenied");
    let whole = world.client.list_objects_v2().bucket(PLAIN).send().await;
    assert_eq!(code(whole), "AccessDenied");
}

#[tokio::test]
async fn a_garbled_answer_says_success_and_is_none_and_the_call_has_had_its_effect() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "x", "text/plain").unwrap();
    world
        .server
        .dialect()
        .garble("DeleteObjects", Garbled::WebPage);
    let call = world.client.delete_objects().bucket(PLAIN);
    let answer = call.delete(delete([("k", None)], false)).send().await;
    let status = answer
        .unwrap_err()
        .raw_response()
        .unwrap()
        .status()
        .as_u16();
    assert_eq!(status, 200);
    assert_eq!(world.server.count(PLAIN, ""), 0);
}

#[tokio::test]
async fn a_held_version_says_so_to_whoever_asks_for_it() {
    let world = World::start().await;
    world.server.put(VERSIONED, "k", "x", "text/plain").unwrap();
    world
        .server
        .set_legal_hold(VERSIONED, "k", None, true)
        .unwrap();
    let head = world
        .client
        .head_object()
        .bucket(VERSIONED)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.object_lock_legal_hold_status().map(|on| on.as_str()),
        Some("ON")
    );
}
