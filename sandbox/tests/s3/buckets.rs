use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CorsConfiguration, CorsRule,
    CreateBucketConfiguration, VersioningConfiguration,
};
use countersign_sandbox::s3::{Encryption, LoggingEnabled};

use super::{PLAIN, SUSPENDED, VERSIONED, World, code};

#[tokio::test]
async fn buckets_are_listed_created_and_located() {
    let world = World::start().await;
    let region = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuCentral1)
        .build();
    let create = || world.client.create_bucket().bucket("new-bucket");
    create()
        .create_bucket_configuration(region.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(create().create_bucket_configuration(region).send().await),
        "BucketAlreadyOwnedByYou"
    );
    let listed = world.client.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed
        .buckets()
        .iter()
        .filter_map(|bucket| bucket.name())
        .collect();
    assert_eq!(names, ["new-bucket", PLAIN, SUSPENDED, VERSIONED]);
    world
        .client
        .head_bucket()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert!(
        world
            .client
            .head_bucket()
            .bucket("no-bucket")
            .send()
            .await
            .is_err()
    );
    let location = world
        .client
        .get_bucket_location()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert_eq!(
        location.location_constraint(),
        Some(&BucketLocationConstraint::EuCentral1)
    );
}

#[tokio::test]
async fn versioning_is_unset_until_it_is_put() {
    let world = World::start().await;
    let status = || async {
        let answer = world
            .client
            .get_bucket_versioning()
            .bucket(PLAIN)
            .send()
            .await;
        answer.unwrap().status().cloned()
    };
    assert_eq!(status().await, None);
    let enabled = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let put = world
        .client
        .put_bucket_versioning()
        .bucket(PLAIN)
        .versioning_configuration(enabled);
    put.send().await.unwrap();
    assert_eq!(status().await, Some(BucketVersioningStatus::Enabled));
}

#[tokio::test]
async fn cors_is_missing_until_it_is_put() {
    let world = World::start().await;
    let get = || world.client.get_bucket_cors().bucket(PLAIN).send();
    assert_eq!(code(get().await), "NoSuchCORSConfiguration");
    let rule = CorsRule::builder()
        .allowed_methods("GET")
        .allowed_origins("https://app.example")
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder()
        .cors_rules(rule)
        .build()
        .unwrap();
    world
        .client
        .put_bucket_cors()
        .bucket(PLAIN)
        .cors_configuration(rules)
        .send()
        .await
        .unwrap();
    assert_eq!(
        get().await.unwrap().cors_rules()[0].allowed_origins(),
        ["https://app.example"]
    );
}

#[tokio::test]
async fn a_new_bucket_has_the_configuration_that_aws_gives_it() {
    let world = World::start().await;
    let client = &world.client;
    let block = client
        .get_public_access_block()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert_eq!(
        block
            .public_access_block_configuration()
            .unwrap()
            .block_public_policy(),
        Some(true)
    );
    assert_eq!(
        code(client.get_bucket_policy_status().bucket(PLAIN).send().await),
        "NoSuchBucketPolicy"
    );
    let encryption = client
        .get_bucket_encryption()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    let rule = &encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules()[0];
    assert_eq!(
        rule.apply_server_side_encryption_by_default()
            .unwrap()
            .sse_algorithm()
            .as_str(),
        "AES256"
    );
    let logging = client
        .get_bucket_logging()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert!(logging.logging_enabled().is_none());
}

#[tokio::test]
async fn a_test_can_change_what_a_bucket_says_about_itself() {
    let world = World::start().await;
    let client = &world.client;
    world
        .server
        .configure(PLAIN, |facts| {
            facts.public_access_block = None;
            facts.policy_is_public = Some(true);
            facts.encryption = Some(Encryption::Kms {
                key_id: "key-1".into(),
            });
            facts.logging = Some(LoggingEnabled {
                target_bucket: "logs".into(),
                target_prefix: "access/".into(),
                ..Default::default()
            });
        })
        .unwrap();
    let block = client.get_public_access_block().bucket(PLAIN).send().await;
    assert_eq!(code(block), "NoSuchPublicAccessBlockConfiguration");
    let status = client
        .get_bucket_policy_status()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(true));
    let encryption = client
        .get_bucket_encryption()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    let rule = &encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules()[0];
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.kms_master_key_id(), Some("key-1"));
    let logging = client
        .get_bucket_logging()
        .bucket(PLAIN)
        .send()
        .await
        .unwrap();
    assert_eq!(
        logging.logging_enabled().unwrap().target_prefix(),
        "access/"
    );
}
