//! More than one account came back, and not every one of them can be erased, or still is who it was.

use super::restored::{LINE, MARIA};
use crate::support::{World, story::*};
use countersign::journal::sealed::ErasureEntry;

const IVAN: &str = r#"select count(*) from "User" where id = 'usr_10'"#;
/// A subscription of Maria's that was made after her erasure.
const NEW_SUBSCRIPTION: &str = r#"
    insert into "Subscription" (id, "userId", plan, status, amount, "createdAt", "expiresAt")
    values ('sub_new', 'usr_1', 'PRO', 'ACTIVE', 9.99, now() + interval '2 days', now() + interval '90 days')"#;

impl World {
    /// Maria and Ivan were erased and are there again.
    async fn two_came_back(&self) {
        self.erase_maria().await;
        self.run_sql(
            r#"create table countersign.saved_other as select * from "User" where id = 'usr_10'"#,
        )
        .await;
        let other = self.ask(ADA, "/ops user delete usr_10 asked for it").await;
        self.approve_typing(GRACE, other, "usr_10").await;
        self.cool_off().await;
        self.until_state(other, "done").await;
        self.restore_maria().await;
        self.run_sql(r#"insert into "User" select * from countersign.saved_other"#)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_came_back_are_erased_one_after_another() {
    let world = World::start().await;
    world.two_came_back().await;
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "erase 2").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await + world.count(IVAN).await, 0);
    assert_eq!(world.count(r#"select count(*) from "User""#).await, 38);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_erased_now_is_left_out_and_the_others_are_erased() {
    let world = World::start().await;
    world.two_came_back().await;
    world.run_sql(NEW_SUBSCRIPTION).await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("left out: usr_1 "), "{card}");
    assert!(card.contains("1 subscription is running"), "{card}");
    assert!(card.contains("usr_10 is there again"), "{card}");
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!((world.count(MARIA).await, world.count(IVAN).await), (1, 0));
    assert!(!world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_is_left_to_erase_it_is_refused() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world.run_sql(NEW_SUBSCRIPTION).await;
    let id = world.ask_and_be_refused(LINE).await;
    world
        .until_audit(id, "usr_1: 1 subscription is running")
        .await;
    assert_eq!(world.count(MARIA).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_runs_only_in_the_backup_forbids_nothing() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(
            r#"insert into "Subscription" (id, "userId", plan, status, amount, "createdAt", "expiresAt")
               values ('sub_old', 'usr_1', 'PRO', 'ACTIVE', 9.99, now() - interval '9 days', now() + interval '90 days')"#,
        )
        .await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(
        card.contains("and were settled before the account was erased: 1"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_got_the_id_while_an_earlier_account_was_erased_is_not_touched() {
    let world = World::start().await;
    world.two_came_back().await;
    let (bucket, key) = (countersign_sandbox::data::BUCKET, "user-usr_1/again.webm");
    world.s3.put(bucket, key, "again", "audio/webm").unwrap();
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "erase 2").await;
    world.cool_off().await;
    gate.arrived().await;
    world
        .run_sql(
            r#"delete from "User" where id = 'usr_10';
               insert into "User" (id, name, email, "createdAt", "updatedAt")
               values ('usr_10', 'New', 'new@example.com', now() + interval '2 days', now())"#,
        )
        .await;
    gate.release();
    world.until_state(id, "failed").await;
    let card = world.until_card_says(id, "usr_10 was left as it is").await;
    let says = card.all_text();
    assert!(says.contains("after OPS-1002 erased the account"), "{says}");
    let new = r#"select count(*) from "User" where id = 'usr_10' and email = 'new@example.com'"#;
    assert_eq!((world.count(MARIA).await, world.count(new).await), (0, 1));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_twenty_are_erased_in_more_than_one_replay() {
    let world = World::start().await;
    world
        .run_sql(
            "insert into countersign.erasure_ledger (request_id, user_id, entered_at, erased_at, mac)
             select gen_random_uuid(), 'usr_' || n, now(), now() + interval '1 day', n::text::bytea
             from generate_series(11, 35) n",
        )
        .await;
    world.seal_again::<ErasureEntry>().await;
    let id = world.ask(ADA, LINE).await;
    let plan = world.request(id).await.plan.unwrap().plan;
    assert_eq!(plan.confirm.as_deref(), Some("erase 20"));
    let blocks = plan.steps.iter().filter(|one| one.id.starts_with("block:"));
    assert_eq!(blocks.count(), 20);
    let more = "5 more are there again: ask for another replay afterwards";
    assert!(plan.warnings.iter().any(|one| one.text == more), "{plan:?}");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}
