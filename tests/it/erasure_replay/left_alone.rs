//! Who is not erased: new accounts, and what forbids an erasure; and who may not ask.

use super::restored::{LINE, MARIA};
use crate::support::{Options, World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_signed_up_with_the_address_since_is_left_alone_and_named() {
    let world = World::start().await;
    world.erase_maria().await;
    world
        .run_sql(
            r#"insert into "User" (id, name, email, "updatedAt") values ('usr_99', 'New', 'maria@example.com', now())"#,
        )
        .await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("usr_99 is left alone"), "{card}");
    assert!(card.contains("has another id"), "{card}");
    let delivery = world.click(GRACE, id, "approve").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_state(id, "done").await;
    let new = r#"select count(*) from "User" where id = 'usr_99'"#;
    assert_eq!(world.count(new).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_same_id_that_was_made_after_the_erasure_is_left_alone() {
    let world = World::start().await;
    world.erase_maria().await;
    world
        .run_sql(
            r#"insert into "User" (id, name, email, "createdAt", "updatedAt")
               values ('usr_1', 'New', 'new@example.com', now() + interval '2 days', now())"#,
        )
        .await;
    let id = world
        .ask(ADA, "/ops erasure replay restored from a backup")
        .await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("was made after that"), "{card}");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    assert_eq!(world.count(MARIA).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_had_another_address_at_the_time_of_the_backup_is_the_same_account() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(r#"update "User" set email = 'earlier@example.com' where id = 'usr_1'"#)
        .await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(
        card.contains("with another e-mail address than then"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    world.finish().await;
}

/// The app does not say when an account was made.
fn without_creation_time() -> Options {
    Options {
        file: Some("[app.schema.user]\ncreated_at = \"\"".to_owned()),
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_same_id_with_another_address_and_no_creation_time_is_left_alone() {
    let world = World::with(without_creation_time()).await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(r#"update "User" set email = 'earlier@example.com' where id = 'usr_1'"#)
        .await;
    let card = world.card_of_replay().await;
    assert!(card.contains("usr_1 is left alone"), "{card}");
    assert!(
        card.contains("neither the e-mail address nor the time"),
        "{card}"
    );
    assert_eq!(world.count(MARIA).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_without_an_address_do_not_count_as_the_same() {
    let world = World::with(without_creation_time()).await;
    world
        .run_sql(
            r#"alter table "User" alter email drop not null;
               update "User" set email = null where id = 'usr_1'"#,
        )
        .await;
    world.erase_maria().await;
    world.restore_maria().await;
    let card = world.card_of_replay().await;
    assert!(card.contains("usr_1 is left alone"), "{card}");
    assert_eq!(world.count(MARIA).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_admin_may_not_replay() {
    let world = World::start().await;
    world.slack.slash(OLGA, OPS, LINE).await.unwrap();
    world.until_told(OLGA, "admin").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_an_address_that_another_account_has_too_stay_in_a_replay() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(
            r#"drop index "User_email_key";
               insert into "User" (id, name, email, "createdAt", "updatedAt")
               values ('usr_99', 'Maria B', 'maria@example.com', now() - interval '100 days', now());
               insert into "LoginAttempt" (id, email, success) values ('either', 'maria@example.com', true);"#,
        )
        .await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("usr_99 is left alone"), "{card}");
    assert!(
        card.contains("another account has the same address"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    let either = r#"select count(*) from "LoginAttempt" where id = 'either'"#;
    assert_eq!(world.count(either).await, 1);
    world.finish().await;
}
