//! Above the limit a second admin decides.

use countersign::domain::Risk;

use super::{asked, credits_of, done, events_of, set_credits};
use crate::support::{Options, World, once::results, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_the_limit_need_nobody_else_and_one_more_needs_a_second_admin() {
    let world = World::start().await;
    done(&world, ADA, "/ops credits add usr_1 50 a gift").await;
    let id = world.ask(ADA, "/ops credits add usr_1 51 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(62));
    assert_eq!(world.request(id).await.risk, Risk::Sensitive);
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_over_the_limit", seen(&[card]));
    assert!(world.click(ADA, id, "approve").await.ok());
    world
        .until_told(ADA, "a second admin has to approve it")
        .await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(113));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_not_ask_for_more_than_the_limit() {
    let world = World::start().await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 51 a gift").await;
    world.until_state(id, "refused").await;
    world
        .until_told(OLGA, "this much is a sensitive operation")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_configured_upwards_and_downwards() {
    for (limit, credits) in [("0", "1"), ("100", "101")] {
        let world = World::with(Options::default().with("COUNTERSIGN_CREDITS_LIMIT", limit)).await;
        if limit != "0" {
            done(
                &world,
                ADA,
                &format!("/ops credits add usr_1 {limit} a gift"),
            )
            .await;
        }
        for verb in ["add", "remove"] {
            let line = format!("/ops credits {verb} usr_1 {credits} a reason");
            let id = world.ask(ADA, &line).await;
            assert!(world.click(ADA, id, "cancel").await.ok());
            world.until_state(id, "cancelled").await;
        }
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_the_person_spends_meanwhile_do_not_void_the_approval() {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops credits add usr_1 60 a gift").await;
    set_credits(&world, "usr_1", 5).await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await[0].1["credits"], "5 → 65");
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_on_the_account_voids_the_approval() {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops credits add usr_1 60 a gift").await;
    sqlx::query(r#"update "User" set email = 'somebody@example.com' where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_event(id, "superseded", 1).await;
    world.until_state(id, "awaiting approval").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.until_card_shows(id, "approve").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_the_limit_is_open_once_per_account_and_so_after_a_rebuild() {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops credits add usr_1 60 a gift").await;
    let second = asked(&world, ADA, "/ops credits add usr_1 70 a gift").await;
    world.until_state(second, "refused").await;
    let label = world.request(id).await.label();
    let says = format!("{label}, which is about this account too, is open");
    world.until_told(ADA, &says).await;
    let risks = || async {
        let sql = "select risk from countersign.request order by number";
        let risks: Vec<String> = sqlx::query_scalar(sql).fetch_all(&world.db).await.unwrap();
        risks
    };
    let before = risks().await;
    let journal = world.journal();
    countersign::journal::rebuild::rebuild(&journal.pool, &journal.key)
        .await
        .unwrap();
    assert_eq!(before, risks().await);
    assert_eq!(before[0], "sensitive");
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_changed_beside_the_chain_after_the_approval_stops_the_run_until_it_is_put_right()
 {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops credits add usr_1 60 a gift").await;
    let boundary =
        crate::support::boundary::Boundary::at(&world, "new.name = 'step_started'").await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    boundary.reached(&world).await;
    let forge = |from: &'static str, to: &'static str| {
        sqlx::query(
            "update countersign.private_text set text = replace(text, $1, $2) where kind = 'asking'",
        )
        .bind(from)
        .bind(to)
        .execute(&world.db)
    };
    forge(r#""credits":"60""#, r#""credits":"90""#)
        .await
        .unwrap();
    boundary.open().await;
    world
        .until("the run rests", async |world| {
            let rests = "select count(*) from countersign.request
                         where look_at > (select max(at) + interval '5 minutes' from countersign.event)";
            (world.count(rests).await == 1).then_some(())
        })
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    forge(r#""credits":"90""#, r#""credits":"60""#)
        .await
        .unwrap();
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(72));
    world.finish().await;
}
