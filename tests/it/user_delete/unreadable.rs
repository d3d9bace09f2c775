//! Tables that the service's database role may not read: what can be done without them is done and says so.

use countersign::domain::plan::Warning;

use crate::support::{World, story::*};

const SHOW: &str = "/ops user show usr_1";
const EXPORT: &str = "/ops user export usr_1 asked for a copy";
const DELETE: &str = "/ops user delete usr_1 asked for erasure";

/// A world with one more table, which our role may not read.
async fn with_table(columns: &str) -> World {
    let (world, role) = World::with_documented_role(true).await;
    world
        .run(format!(
            r#"create table "Letter" (id int primary key, {columns}); revoke all on "Letter" from {role}"#
        ))
        .await;
    world
}

async fn exported(world: &World) -> Vec<Warning> {
    let id = world.ask(ADA, EXPORT).await;
    let warnings = world.request(id).await.plan.unwrap().plan.warnings;
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    warnings
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_hang_on_the_account_forbid_its_deletion_and_are_left_out_of_the_rest() {
    let world = with_table(r#""userId" text references "User" (id)"#).await;
    let says = r#"may not read Letter, which belongs to the account by Letter.userId: GRANT SELECT ON "public"."Letter""#;
    let told = world.refusal_of(ADA, DELETE).await;
    assert!(told.contains(says), "{told}");
    let (_, told) = world.ask_and_read(ADA, SHOW).await;
    assert!(
        told.contains(&format!(
            "Not counted: the database role of DATABASE_URL {says}"
        )),
        "{told}"
    );
    let warnings = exported(&world).await;
    assert!(
        warnings
            .iter()
            .any(|one| one.text.contains("not exported") && one.text.contains(says)),
        "{warnings:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_for_addresses_forbids_a_deletion_too() {
    let world = with_table("email text").await;
    let told = world.refusal_of(ADA, DELETE).await;
    let says = "may not read Letter, which has a column for addresses (Letter.email)";
    assert!(told.contains(says), "{told}");
    let warnings = exported(&world).await;
    assert!(
        warnings.iter().any(|one| one.text.contains(says)),
        "{warnings:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_without_a_key_is_warned_of_and_forbids_nothing() {
    let world = with_table(r#""userId" text"#).await;
    let says = "may not read Letter, so rows that name this account in Letter.userId";
    let warnings = exported(&world).await;
    assert!(
        warnings.iter().any(|one| one.text.contains(says)),
        "{warnings:?}"
    );
    let id = world.ask(ADA, DELETE).await;
    world.until_card_says(id, says).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_has_nothing_to_do_with_people_stands_in_nobodys_way() {
    let world = with_table("word text").await;
    let warnings = exported(&world).await;
    assert!(
        !warnings.iter().any(|one| one.text.contains("Letter")),
        "{warnings:?}"
    );
    world.ask(ADA, DELETE).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_during_a_deletion_keeps_it_from_calling_anything_gone() {
    let (world, role) = World::with_documented_role(true).await;
    let id = world.ask(ADA, DELETE).await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    let boundary = crate::support::boundary::Boundary::at(
        &world,
        "new.name = 'step_succeeded' and new.body::text like '%\"objects\"%'",
    )
    .await;
    world.cool_off().await;
    boundary.reached(&world).await;
    world
        .run(format!(r#"revoke select on "LoginAttempt" from {role}"#))
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "may not read LoginAttempt").await;
    world
        .run(format!(r#"grant select on "LoginAttempt" to {role}"#))
        .await;
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    world.finish().await;
}
