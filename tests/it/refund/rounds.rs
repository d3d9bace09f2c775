//! A plan that is superseded after it had taken credits: they go back to whom they were taken from.

use std::time::Duration;

use super::*;
use crate::support::boundary::Boundary;

/// The service dies after the credits were taken, for so long that plan and people have to be looked at again; in the
/// meantime the app says that this account bought so many credits with the payment.
async fn held_up(world: &mut World, user: &str, credits: i64) -> RequestId {
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let after = "new.name = 'step_succeeded' and new.body like '%\"prepare\"%'";
    let boundary = Boundary::at(world, after).await;
    world.cool_off().await;
    boundary.reached(world).await;
    world.crash().await;
    boundary.roll_back(world).await;
    assert_eq!(credits_of(world, "usr_1").await, MARIAS - 10);
    world.clock.advance(Duration::from_secs(3600));
    world
        .run(format!(
            r#"create table "Payment" (id text primary key, "stripePaymentId" text, "userId" text, credits integer);
               insert into "Payment" values ('1', '{PRO}', '{user}', {credits})"#
        ))
        .await;
    world.start_replica().await;
    world.hurry_until_state(id, "failed").await;
    world
        .until_card_says(id, "Whether one of its tries had its effect is not known")
        .await;
    world.click(LINUS, id, "resume").await;
    world.hurry_until_state(id, "awaiting approval").await;
    id
}

async fn goes_through(world: &World, id: RequestId) {
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(world, PRO, 999, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_of_an_earlier_plan_come_back_also_when_the_new_one_takes_none() {
    let mut world = shop().await;
    let id = held_up(&mut world, "usr_1", 0).await;
    goes_through(&world, id).await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_of_an_earlier_plan_come_back_to_the_account_that_they_were_taken_from() {
    let mut world = shop().await;
    let before = credits_of(&world, "usr_10").await;
    let id = held_up(&mut world, "usr_10", 3).await;
    goes_through(&world, id).await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert_eq!(credits_of(&world, "usr_10").await, before - 3);
    world.finish().await;
}
