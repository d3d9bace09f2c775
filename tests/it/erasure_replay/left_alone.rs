//! Who is not erased: new accounts, and what forbids an erasure; and who may not ask.

use super::restored::{LINE, MARIA};
use crate::support::{World, story::*};

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

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_a_deletion_forbids_its_replay() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(
            r#"insert into "Subscription" (id, "userId", plan, status, amount, "expiresAt")
               values ('sub_new', 'usr_1', 'PRO', 'ACTIVE', 9.99, now() + interval '90 days')"#,
        )
        .await;
    let id = world.ask_and_be_refused(LINE).await;
    world
        .until_audit(id, "usr_1: 1 subscription(s) are running")
        .await;
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
