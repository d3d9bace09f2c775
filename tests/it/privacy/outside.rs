//! What other systems say in their own words may name people: it is told to the person who asked, and to nobody else.

use countersign::domain::RequestId;
use countersign_sandbox::{
    s3,
    stripe::{Failure, NewPayment, Times},
};

use super::Somebody;
use crate::support::{Options, World, log, story::*};

const YOLANDA: Somebody = Somebody {
    id: "usr_yq19",
    email: "yolanda.yq19@example.net",
    name: "Yolanda Unequalled",
    tokens: ["yq19-first-session-token", "yq19-second-session-token"],
};
const EMAIL: &str = YOLANDA.email;

/// Waits until the requester has read the words, and looks for them everywhere else.
async fn told_to_the_requester_alone(world: &World, who: &str, id: RequestId, code: &str) {
    world.until_told(who, EMAIL).await;
    let event =
        "select count(*) from countersign.event where body like '%' || $1 || '%' and stream = $2";
    let told: i64 = sqlx::query_scalar(event)
        .bind(code)
        .bind(id.0)
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert!(told > 0, "the journal does not say {code}");
    world
        .until("everything is told", async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    YOLANDA.is_named_nowhere(world, &[]).await;
}

async fn ask(world: &World, who: &str, line: &str) -> RequestId {
    let before = world.newest().await;
    let delivery = world.slack.slash(who, OPS, line).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_newer_than(before).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trigger_raises_is_told_to_the_requester_alone() {
    log::capture().await;
    let world = World::start().await;
    YOLANDA.join(&world).await;
    world
        .run(
            r#"create function invoices() returns trigger language plpgsql as $$
               begin raise exception 'account % has open invoices', old.email
                   using constraint = old.email, table = old.email, column = old.email; end $$;
               create trigger invoices before delete or update on "User" for each row
                   when (old.id = 'usr_yq19') execute function invoices()"#,
        )
        .await;
    let id = ask(&world, OLGA, "/ops credits add usr_yq19 10 a gift").await;
    world.until_state(id, "failed").await;
    told_to_the_requester_alone(&world, OLGA, id, "P0001").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trigger_raises_under_the_code_of_a_constraint_is_told_to_the_requester_alone() {
    log::capture().await;
    let world = World::start().await;
    YOLANDA.join(&world).await;
    world
        .run(
            r#"create function once() returns trigger language plpgsql as $$
               begin raise unique_violation using message = old.email, constraint = old.email, detail = old.email; end $$;
               create trigger once before update on "User" for each row
                   when (old.id = 'usr_yq19') execute function once()"#,
        )
        .await;
    let id = ask(&world, OLGA, "/ops user ban usr_yq19 sends spam").await;
    world.until_state(id, "failed").await;
    told_to_the_requester_alone(&world, OLGA, id, "23505").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_a_plan_is_told_to_the_requester_alone() {
    log::capture().await;
    let world = World::start().await;
    YOLANDA.join(&world).await;
    let fault = s3::Failure::AccessDeniedTo("user-usr_yq19/yolanda.yq19@example.net.webm");
    let calls = world.s3.faults();
    calls.fail_calls("ListObjectVersions", fault, s3::Times::UntilCleared);
    ask(&world, ADA, "/ops user show usr_yq19").await;
    let id = ask(&world, ADA, "/ops user delete usr_yq19 asked for it").await;
    world.until_state(id, "refused").await;
    told_to_the_requester_alone(&world, ADA, id, "AccessDenied").await;
    world.s3.faults().clear();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_says_of_a_refused_refund_is_told_to_the_requester_alone() {
    log::capture().await;
    let world = World::with(Options::default().and_stripe()).await;
    YOLANDA.join(&world).await;
    let payment = NewPayment::of(1999, "usd").named("yq19");
    world.stripe.add_payment(payment.referring_to(YOLANDA.id));
    let id = world.ask(ADA, "/ops refund pi_yq19 wants it back").await;
    let says = Failure::Refused("yolanda.yq19@example.net has no card any more");
    let faults = world.stripe.faults();
    faults.fail("POST /v1/refunds", says, Times::UntilCleared);
    world.approve_typing(GRACE, id, "19.99 USD").await;
    world.cool_off().await;
    world.until_state(id, "failed").await;
    told_to_the_requester_alone(&world, ADA, id, "400 invalid_request_error").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_quoted_goes_with_the_person() {
    let world = World::start().await;
    YOLANDA.join(&world).await;
    world
        .run(
            r#"create function invoices() returns trigger language plpgsql as $$
               begin raise exception 'account % has open invoices', old.email; end $$;
               create trigger invoices before delete on "User" for each row
                   when (old.id = 'usr_yq19') execute function invoices()"#,
        )
        .await;
    let id = world
        .ask(ADA, "/ops user delete usr_yq19 asked for it")
        .await;
    world.approve_typing(GRACE, id, YOLANDA.id).await;
    world.cool_off().await;
    world.until_state(id, "failed").await;
    world.until_told(ADA, EMAIL).await;
    world.run(r#"drop trigger invoices on "User""#).await;
    assert!(world.click(GRACE, id, "resume").await.ok());
    // Nothing irreversible was done, so the plan is looked at again before it goes on.
    world.hurry_until_state(id, "done").await;
    let kept = "select count(*) from countersign.private_text where text like '%yolanda.yq19@%'";
    assert_eq!(world.count(kept).await, 0);
    world.hurry_until_delivered().await;
    let told: Vec<_> = world.slack.dm(ADA);
    let named = told
        .iter()
        .any(|message| message.all_text().contains(EMAIL));
    assert!(!named, "the message still shows what was said");
    world.finish().await;
}
