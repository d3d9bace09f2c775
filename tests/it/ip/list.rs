//! `/ops ip list`.

use countersign_sandbox::{vendor::Failure, vercel::READ_FIREWALL};
use insta::assert_snapshot;
use serde_json::json;

use super::{FOREVER, with_vercel};
use crate::support::{Options, World, boundary::Boundary, once::results, story::*};

const LINE: &str = "/ops ip list";

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_ours_and_of_others_are_listed_apart() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, FOREVER).await;
    world.vercel.add_rule("9.9.9.9", "challenge", "");
    world
        .vercel
        .add_rule("9.9.8.0/24", "deny", "blocked by *Grace* <!channel>");
    let (id, told) = world.ask_and_read(OLGA, LINE).await;
    assert_snapshot!("list", told);
    let result = &results(&world, id).await[0].1;
    assert_eq!(
        (&result["by_countersign"], &result["by_others"]),
        (&json!(1), &json!(2))
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_without_a_firewall_is_not_known_to_deny_nothing() {
    let world = with_vercel().await;
    let (id, told) = world.ask_and_read(OLGA, LINE).await;
    assert_eq!(results(&world, id).await[0].1["rules"], "not known");
    assert!(told.contains("VERCEL_PROJECT_ID"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_that_cannot_be_read_ends_the_look() {
    let world = with_vercel().await;
    world.vercel.fail(READ_FIREWALL, Failure::Garbage);
    let told = world.refusal_of(OLGA, LINE).await;
    assert!(
        told.contains("Vercel gave an answer that cannot be understood"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_lacks_a_right_is_named_and_not_shown() {
    let token = "vcp_a_token_that_was_revoked";
    let options = Options::default().and_vendors().with("VERCEL_TOKEN", token);
    let world = World::with(options).await;
    let told = world.refusal_of(OLGA, LINE).await;
    assert!(
        told.contains("the key in VERCEL_TOKEN lacks a right"),
        "{told}"
    );
    assert!(!told.contains(token), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_the_list_is_read_again() {
    let mut world = with_vercel().await;
    world.ask_and_read(OLGA, FOREVER).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(OLGA, LINE).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await[0].1["by_countersign"], 1);
    world.finish().await;
}
