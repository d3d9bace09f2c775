//! A backup is restored, and with it come people who were erased.

use std::time::Duration;

use countersign::domain::RequestId;
use countersign_sandbox::data;

use crate::support::{Options, World, once::results, story::*};

pub const LINE: &str = "/ops erasure replay the database was restored";

/// Rows of Maria as a backup has them, kept where the app does not look.
const SAVE: &str = r#"
    create table countersign.saved_user as select * from "User" where id = 'usr_1';
    create table countersign.saved_test as select * from "TestSession" where "userId" = 'usr_1';
    create table countersign.saved_response as
        select * from "Response" where "sessionId" in (select id from countersign.saved_test);"#;
const RESTORE: &str = r#"
    insert into "User" select * from countersign.saved_user;
    insert into "TestSession" select * from countersign.saved_test;
    insert into "Response" select * from countersign.saved_response;"#;

impl World {
    /// Writes down what a backup would have of Maria.
    pub async fn save_maria(&self) {
        self.run_sql(SAVE).await;
    }

    /// Maria is erased; gives the deletion.
    pub async fn erase_maria(&self) -> RequestId {
        self.save_maria().await;
        let id = self.ask(ADA, "/ops user delete usr_1 asked for it").await;
        self.approve(GRACE, id).await;
        self.cool_off().await;
        self.until_state(id, "done").await;
        id
    }

    /// Maria's account, tests and answers are there again.
    pub async fn restore_maria(&self) {
        self.run_sql(RESTORE).await;
    }

    pub async fn run_sql(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.db).await.unwrap();
    }

    /// Ada asks for a replay, Grace approves it, and its cooling-off time passes.
    pub async fn replay(&self) -> RequestId {
        let id = self.ask(ADA, LINE).await;
        self.approve_typing(GRACE, id, "erase 1").await;
        self.cool_off().await;
        id
    }
}

pub const MARIA: &str = r#"select count(*) from "User" where id = 'usr_1'"#;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_back_with_a_backup_is_erased_again_with_a_certificate() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let bucket = data::BUCKET;
    let key = "user-usr_1/came-back.webm";
    world.s3.put(bucket, key, "again", "audio/webm").unwrap();
    let id = world
        .ask(ADA, "/ops erasure replay restored from a backup")
        .await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(
        card.contains("usr_1 is there again: OPS-1001 erased it"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "erase 1").await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    assert_eq!(world.s3.count(bucket, "user-usr_1/"), 0);
    let results = results(&world, id).await;
    let rows = results.iter().find(|(step, _)| step == "rows:usr_1");
    assert_eq!(rows.unwrap().1["rows"], 1 + 12 + 60);
    let certificates = world.s3.objects(crate::support::environment::DOCUMENTS);
    assert_eq!(certificates.len(), 2);
    let lists = "select (select count(*) from countersign.erasure_object)
                      + (select count(*) from countersign.erasure_key)
                      + (select count(*) from countersign.erasure_subject)";
    assert_eq!(world.count(lists).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_came_back_it_says_so_and_ends_well() {
    let world = World::start().await;
    world.erase_maria().await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(
        card.contains("nobody of 1 erased accounts is there again"),
        "{card}"
    );
    let delivery = world.click(GRACE, id, "approve").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_state(id, "done").await;
    world.until_card_says(id, "nothing was erased").await;
    assert_eq!(world.count(r#"select count(*) from "User""#).await, 39);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_real_application_the_person_goes_again_and_the_twin_stays() {
    let world = World::with(Options::real()).await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("usr_41 is left alone"), "{card}");
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    let twin = r#"select count(*) from "User" where id = 'usr_41'"#;
    assert_eq!(world.count(twin).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_cooling_off_time_lifts_the_block_and_erases_nobody() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "erase 1").await;
    world.until_event(id, "step_succeeded", 1).await;
    assert!(world.is_blocked("usr_1").await);
    let delivery = world.click(LINUS, id, "stop").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_state(id, "stopped").await;
    assert!(!world.is_blocked("usr_1").await);
    assert_eq!(world.count(MARIA).await, 1);
    world.clock.advance(Duration::from_secs(1));
    world.finish().await;
}
