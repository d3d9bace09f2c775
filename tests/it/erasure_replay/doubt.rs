//! A deletion whose rows went, and whose run never learnt of it: settled by a person, and not forgotten.

use std::time::Duration;

use chrono::{DateTime, Utc};
use countersign::{domain::RequestId, runtime::Clock};
use serde_json::Value;

use super::restored::{LINE, MARIA};
use crate::support::{World, environment::DOCUMENTS, story::*};

/// The store does not take the note that the rows are gone.
const LOSE_THE_ANSWER: &str = "
    create function countersign.lose() returns trigger language plpgsql as $$
    begin raise exception 'the store is away'; end $$;
    create trigger lose before update of erased_at on countersign.erasure_ledger
        for each row execute function countersign.lose()";
const FIND_IT_AGAIN: &str = "
    drop trigger lose on countersign.erasure_ledger;
    drop table countersign.applied_step;
    alter table countersign.away rename to applied_step";

impl World {
    /// Maria's rows are gone with their marker, but the run has failed without knowing. Where the markers are is up to
    /// the test.
    async fn erase_maria_unnoticed(&self) -> RequestId {
        self.save_maria().await;
        self.run_sql(LOSE_THE_ANSWER).await;
        let id = self.ask(ADA, "/ops user delete usr_1 asked for it").await;
        self.approve(GRACE, id).await;
        self.cool_off().await;
        self.until_event(id, "step_deferred", 1).await;
        assert_eq!(self.count(MARIA).await, 0);
        self.run_sql("alter table countersign.applied_step rename to away")
            .await;
        self.hurry_until_state(id, "failed").await;
        id
    }

    /// Grace settles what failed, and the service tidies up.
    pub async fn settle(&self, id: RequestId) {
        let view = self.open_modal(GRACE, id, "settle").await;
        self.submit(GRACE, &view, "looked at by hand").await;
        self.until_state(id, "settled").await;
        self.tidy_up().await;
    }

    /// Ada asks for a replay and calls it off; gives what its card said.
    pub async fn card_of_replay(&self) -> String {
        let id = self.ask(ADA, LINE).await;
        let card = self.until_card_shows(id, "approve").await.all_text();
        self.click(ADA, id, "cancel").await;
        self.until_state(id, "cancelled").await;
        card
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_went_unnoticed_are_in_the_ledger_once_the_request_is_settled() {
    let world = World::start().await;
    let id = world.erase_maria_unnoticed().await;
    world.run_sql(FIND_IT_AGAIN).await;
    world.settle(id).await;
    let entry = "select count(*) from countersign.erasure_ledger
                 where user_id = 'usr_1' and erased_at is not null and forgotten_at is not null";
    assert_eq!(world.count(entry).await, 1);
    let texts = "select count(*) from countersign.private_text where text is not null";
    assert_eq!(world.count(texts).await, 0);
    world.restore_maria().await;
    let card = world.card_of_replay().await;
    assert!(
        card.contains("usr_1 is there again: OPS-1001 erased it"),
        "{card}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_erasure_is_known_although_the_restore_took_the_ledger_back() {
    let world = World::start().await;
    let id = world.erase_maria_unnoticed().await;
    world.run_sql(FIND_IT_AGAIN).await;
    world.settle(id).await;
    world
        .run_sql("delete from countersign.erasure_ledger")
        .await;
    world.restore_maria().await;
    let card = world.card_of_replay().await;
    assert!(
        card.contains("usr_1 is there again: OPS-1001 erased it"),
        "{card}"
    );
    assert!(card.contains("the ledger was restored too"), "{card}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_settled_deletion_has_the_time_of_the_try_that_erased_the_rows() {
    let world = World::start().await;
    world
        .run_sql(
            r#"create function forbid() returns trigger language plpgsql as $$
               begin raise exception 'not today'; end $$;
               create trigger forbid before delete on "User" for each row execute function forbid()"#,
        )
        .await;
    let (bucket, key) = (countersign_sandbox::data::BUCKET, "user-usr_1/kept.webm");
    world.s3.put(bucket, key, "kept", "audio/webm").unwrap();
    world.s3.set_legal_hold(bucket, key, None, true).unwrap();
    let id = world.ask(ADA, "/ops user delete usr_1 asked for it").await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_event(id, "run_failed", 1).await;
    world.run_sql(r#"drop trigger forbid on "User""#).await;
    world.clock.advance(Duration::from_secs(3_600));
    let resumed = world.clock.now();
    world.click(GRACE, id, "resume").await;
    world.until_event(id, "run_failed", 2).await;
    assert_eq!(world.count(MARIA).await, 0);
    world.settle(id).await;
    let documents = world.s3.objects(DOCUMENTS);
    let certificate = world.s3.get(DOCUMENTS, &documents[0].key).unwrap();
    let certificate: Value = serde_json::from_slice(&certificate).unwrap();
    let erased_at: DateTime<Utc> =
        serde_json::from_value(certificate["erased_at"].clone()).unwrap();
    assert!(erased_at >= resumed, "{erased_at} {resumed}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_of_which_nobody_knows_whether_it_happened_is_named_and_erases_nobody() {
    let world = World::start().await;
    let id = world.erase_maria_unnoticed().await;
    world
        .run_sql("drop trigger lose on countersign.erasure_ledger")
        .await;
    world.settle(id).await;
    let doubtful = "select count(*) from countersign.erasure_ledger
                    where user_id = 'usr_1' and erased_at is null and begun_at is not null";
    assert_eq!(world.count(doubtful).await, 1);
    world.restore_maria().await;
    let card = world.card_of_replay().await;
    assert!(card.contains("usr_1 is left alone"), "{card}");
    assert!(card.contains("whose erasure OPS-1001 began"), "{card}");
    assert_eq!(world.count(MARIA).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_approved_anew_enters_the_address_of_then() {
    let world = World::start().await;
    world
        .run_sql(
            r#"create function moves() returns trigger language plpgsql as $$
               begin update "User" set email = 'married@example.com' where id = 'usr_1'; return null; end $$;
               create trigger moves after insert on countersign.erasure_ledger
                   for each statement execute function moves()"#,
        )
        .await;
    let id = world.ask(ADA, "/ops user delete usr_1 asked for it").await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "failed").await;
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "awaiting approval").await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    let request = world.until_state(id, "done").await;
    let subject = request.plan.unwrap().plan.subject.unwrap();
    let entered: Option<String> =
        sqlx::query_scalar("select email_identity from countersign.erasure_ledger")
            .fetch_one(&world.db)
            .await
            .unwrap();
    assert!(entered.is_some());
    assert_eq!(entered, subject.email_identity);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_is_settled_after_the_rows_went_leaves_no_text_about_the_person() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let (bucket, key) = (countersign_sandbox::data::BUCKET, "user-usr_1/kept.webm");
    world.s3.put(bucket, key, "again", "audio/webm").unwrap();
    world.s3.set_legal_hold(bucket, key, None, true).unwrap();
    world.ask_and_read(ADA, "/ops user show usr_1").await;
    let texts = "select count(*) from countersign.private_text p
                 join countersign.request r on r.id = p.request_id
                 where r.subject = 'usr_1' and p.text is not null";
    assert!(world.count(texts).await > 0);
    let id = world.replay().await;
    world.until_state(id, "failed").await;
    assert_eq!(world.count(MARIA).await, 0);
    world.settle(id).await;
    assert_eq!(world.count(texts).await, 0);
    let addresses = "select count(*) from countersign.erasure_subject";
    assert_eq!(world.count(addresses).await, 0);
    world.finish().await;
}
