//! `/ops sessions revoke <user>`.

use super::{of_maria, sessions, sign_in};
use crate::support::{World, once::results, seen::seen, story::*};

const LINE: &str = "/ops sessions revoke maria@example.com her laptop was stolen";

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_signed_out_everywhere_and_nobody_else_is() {
    let world = World::start().await;
    let before = sessions(&world).await;
    assert_eq!(of_maria(&world).await, 3);
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_for_one_person", seen(&[card]));
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 0);
    assert_eq!(sessions(&world).await, before - 3);
    let results = results(&world, id).await;
    assert_eq!(results[0].1["sessions_ended"], 3);
    assert_eq!(results[0].1["people_signed_out"], 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_who_signs_in_again_and_again_does_not_void_the_approval() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    sign_in(&world, "'usr_1'", "30 days").await;
    sign_in_again(&world).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 0);
    world.finish().await;
}

async fn sign_in_again(world: &World) {
    sqlx::raw_sql(
        r#"insert into "Session" (id, "sessionToken", "userId", expires)
           select 'more_' || n, 'more_' || n, 'usr_1', now() + interval '1 day' from generate_series(1, 50) n"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_signed_out_meanwhile_is_not_reported_as_signed_out() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    sqlx::raw_sql(r#"delete from "Session" where "userId" = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    world.cool_off().await;
    world.until_state(id, "refused").await;
    world
        .until_told(ADA, "usr_1 has no live session in Session")
        .await;
    world.finish().await;
}
