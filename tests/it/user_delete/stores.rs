//! Object stores that differ from AWS, and rights that are missing, as people see them.

use countersign::config::doctor::Verdict;
use countersign_sandbox::{
    data,
    s3::{Garbled, Unknown, Versioning},
};

use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_versioning_is_said_in_the_plan() {
    let world = World::start().await;
    for call in ["GetBucketVersioning", "ListObjectVersions"] {
        world
            .s3
            .dialect()
            .does_not_know(call, Unknown::NotImplemented);
    }
    let id = world.ask_for_maria().await;
    world.until_card_shows(id, "approve").await;
    let plan = world.request(id).await.plan.unwrap().plan;
    let says = "does not support versioning: it keeps no versions";
    assert!(
        plan.warnings.iter().any(|one| one.text.contains(says)),
        "{:?}",
        plan.warnings
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_stops_the_run_by_its_name_and_trying_again_after_it_is_granted_works() {
    let world = World::start().await;
    world.s3.dialect().withhold("s3:DeleteObjectVersion", false);
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    let failed = world.until_state(id, "failed").await;
    let why = serde_json::to_string(&failed.state).unwrap();
    assert!(
        why.contains("lack the right s3:DeleteObjectVersion"),
        "{why}"
    );
    assert!(!why.contains("legal hold"), "{why}");
    world.s3.dialect().clear();
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_in_place_of_the_store_refuses_the_plan_with_what_to_check() {
    let world = World::start().await;
    world
        .s3
        .dialect()
        .garble("GetBucketVersioning", Garbled::WebPage);
    let told = world.refusal_of(ADA, LINE).await;
    assert!(told.contains("AWS_ENDPOINT_URL_S3"), "{told}");
    world.finish().await;
}

/// What the doctor says of the app's bucket.
async fn doctor_says(world: &World) -> Vec<(Verdict, String)> {
    let settings = countersign::config::Settings::from_parts(None, &world.environment).unwrap();
    let parts = countersign::service::Parts::assemble(&settings, world.clock.clone())
        .await
        .unwrap();
    let report = countersign::service::checks::doctor(&settings, &parts).await;
    let findings = report.0.into_iter().filter(|one| one.name == "S3_BUCKET");
    findings.map(|one| (one.verdict, one.says)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_whether_the_bucket_keeps_versions() {
    let world = World::start().await;
    world
        .s3
        .set_versioning(data::BUCKET, Versioning::Enabled)
        .unwrap();
    let says = doctor_says(&world).await;
    assert!(says.len() == 1 && says[0].0 == Verdict::Ok, "{says:?}");
    assert!(says[0].1.ends_with("it keeps versions"), "{says:?}");
    for call in ["GetBucketVersioning", "ListObjectVersions"] {
        world
            .s3
            .dialect()
            .does_not_know(call, Unknown::NotImplemented);
    }
    let says = doctor_says(&world).await;
    assert!(says.len() == 1 && says[0].0 == Verdict::Ok, "{says:?}");
    assert!(
        says[0].1.contains("does not support versioning"),
        "{says:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_right_that_a_deletion_would_lack() {
    let world = World::start().await;
    world
        .s3
        .set_versioning(data::BUCKET, Versioning::Enabled)
        .unwrap();
    for right in ["s3:ListBucketVersions", "s3:GetBucketVersioning"] {
        world.s3.dialect().clear();
        world.s3.dialect().withhold(right, true);
        let says = doctor_says(&world).await;
        let named = says.iter().any(|(verdict, says)| {
            *verdict == Verdict::Fault && says.contains(&format!("lack the right {right}"))
        });
        assert!(named, "{says:?}");
    }
    world.finish().await;
}
