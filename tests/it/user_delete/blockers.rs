//! What forbids a deletion beside the rows themselves: money on its way, a dispute, a legal hold.

use crate::support::{Options, World, story::*};

const ELIF: &str = "/ops user delete usr_6 asked for it";

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_asked_for_comes_first() {
    let world = World::with(Options::default().and_stripe()).await;
    let refund = world
        .ask(ADA, "/ops refund pi_maria_pro the test was interrupted")
        .await;
    let told = world.refusal_of(ADA, LINE).await;
    assert!(
        told.contains("OPS-1001 refunds a payment of this account"),
        "{told}"
    );
    world.click(ADA, refund, "cancel").await;
    world.until_state(refund, "cancelled").await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_the_bank_has_not_decided_comes_first() {
    let world = World::with(Options::default().and_stripe()).await;
    world
        .run_sql(r#"update "Subscription" set status = 'EXPIRED'"#)
        .await;
    let told = world.refusal_of(ADA, ELIF).await;
    assert!(
        told.contains("1 payment is disputed at the bank (pi_elif)"),
        "{told}"
    );
    let dispute = {
        let account = world.stripe.account();
        account.disputes.iter().next().unwrap().id.clone()
    };
    world.stripe.close_dispute(&dispute, "lost");
    let id = world.ask(ADA, ELIF).await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_under_a_legal_hold_is_not_deleted() {
    let world =
        World::with(Options::default().with("COUNTERSIGN_LEGAL_HOLD", "usr_9, usr_1")).await;
    let told = world.refusal_of(ADA, LINE).await;
    assert!(told.contains("a legal hold is on this account"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_wrote_that_was_made_since_with_the_same_address_stays() {
    let world = World::start().await;
    let (bucket, key) = (countersign_sandbox::data::BUCKET, "user-usr_1/avatar.png");
    world.s3.set_legal_hold(bucket, key, None, true).unwrap();
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "failed").await;
    world
        .run_sql(
            r#"insert into "User" (id, name, email, "updatedAt") values ('usr_99', 'New', 'maria@example.com', now());
               insert into "LoginAttempt" (id, email, success) values ('new', 'maria@example.com', true)"#,
        )
        .await;
    world.s3.set_legal_hold(bucket, key, None, false).unwrap();
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    let hers = r#"select (select count(*) from "LoginAttempt" where id = 'new')
                       + (select count(*) from "User" where id = 'usr_99')"#;
    assert_eq!(world.count(hers).await, 2);
    let results = crate::support::once::results(&world, id).await;
    let (_, verified) = results.iter().find(|(step, _)| step == "verify").unwrap();
    let note = verified["note"].to_string();
    assert!(
        note.contains("1 rows") && note.contains("another account uses the address"),
        "{note}"
    );
    world.finish().await;
}
