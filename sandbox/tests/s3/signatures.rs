use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use chrono::TimeDelta;
use countersign_sandbox::runtime;

use super::{ACCESS_KEY, PLAIN, SECRET_KEY, World, client, code};

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let world = World::start().await;
    let stranger = client(&world.server, ACCESS_KEY, "not the secret", "eu-central-1");
    assert_eq!(
        code(stranger.list_buckets().send().await),
        "SignatureDoesNotMatch"
    );
    assert!(world.server.calls().is_empty());
}

#[tokio::test]
async fn an_unknown_access_key_is_refused() {
    let world = World::start().await;
    let stranger = client(&world.server, "AKIASTRANGER", SECRET_KEY, "eu-central-1");
    assert_eq!(
        code(stranger.list_buckets().send().await),
        "InvalidAccessKeyId"
    );
}

#[tokio::test]
async fn a_signature_for_another_region_is_refused() {
    let world = World::start().await;
    let elsewhere = client(&world.server, ACCESS_KEY, SECRET_KEY, "us-east-1");
    assert_eq!(
        code(elsewhere.list_buckets().send().await),
        "AuthorizationHeaderMalformed"
    );
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "x", "text/plain").unwrap();
    let answer = http()
        .get(format!("{}/{PLAIN}/k", world.server.endpoint()))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_link_works_until_the_sandbox_clock_passes_its_end() {
    let world = World::start().await;
    world
        .server
        .put(PLAIN, "export 1.json", "{}", "application/json")
        .unwrap();
    let get = world.client.get_object().bucket(PLAIN).key("export 1.json");
    let get = get.response_content_disposition("attachment; filename=\"export.json\"");
    let link = get
        .presigned(PresigningConfig::expires_in(Duration::from_secs(3600)).unwrap())
        .await
        .unwrap();

    world.clock.advance(TimeDelta::minutes(59));
    let answer = http().get(link.uri()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"export.json\""
    );
    assert_eq!(answer.text().await.unwrap(), "{}");

    world.clock.advance(TimeDelta::minutes(2));
    let answer = http().get(link.uri()).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("Request has expired"));
}

#[tokio::test]
async fn a_link_made_by_a_clock_far_in_the_past_works_for_a_server_of_that_time() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "x", "text/plain").unwrap();
    world.clock.advance(-TimeDelta::days(400));
    let past = SystemTime::from(runtime::system_now()() - TimeDelta::days(400));
    let config = PresigningConfig::builder()
        .start_time(past)
        .expires_in(Duration::from_secs(60));
    let link = world
        .client
        .get_object()
        .bucket(PLAIN)
        .key("k")
        .presigned(config.build().unwrap())
        .await
        .unwrap();
    assert_eq!(http().get(link.uri()).send().await.unwrap().status(), 200);
    // The SDK itself goes on signing by the machine's clock.
    world
        .client
        .head_object()
        .bucket(PLAIN)
        .key("k")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_from_the_future_is_not_valid_yet() {
    let world = World::start().await;
    world.server.put(PLAIN, "k", "x", "text/plain").unwrap();
    let link = link_to(&world, "k").await;
    world.clock.advance(-TimeDelta::hours(1));
    let answer = http().get(link.uri()).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("not valid yet"));
}

#[tokio::test]
async fn a_link_that_was_tampered_with_is_refused() {
    let world = World::start().await;
    world.server.put(PLAIN, "mine", "x", "text/plain").unwrap();
    world.server.put(PLAIN, "other", "x", "text/plain").unwrap();
    let link = link_to(&world, "mine").await;
    assert_eq!(http().get(link.uri()).send().await.unwrap().status(), 200);
    let longer = link.uri().replace("X-Amz-Expires=60", "X-Amz-Expires=6000");
    for tampered in [longer, link.uri().replace("/mine?", "/other?")] {
        let answer = http().get(tampered).send().await.unwrap();
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("SignatureDoesNotMatch")
        );
    }
}

#[tokio::test]
async fn a_link_can_upload() {
    let world = World::start().await;
    let put = world
        .client
        .put_object()
        .bucket(PLAIN)
        .key("up")
        .content_type("text/plain");
    let link = put
        .presigned(PresigningConfig::expires_in(Duration::from_secs(60)).unwrap())
        .await
        .unwrap();
    let request = http()
        .put(link.uri())
        .header("content-type", "text/plain")
        .body("bytes");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(world.server.get(PLAIN, "up").unwrap(), "bytes");
}

async fn link_to(world: &World, key: &str) -> PresignedRequest {
    let config = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    world
        .client
        .get_object()
        .bucket(PLAIN)
        .key(key)
        .presigned(config)
        .await
        .unwrap()
}

fn http() -> reqwest::Client {
    // Another test may have installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
