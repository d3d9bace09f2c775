//! The limit counts what one person has moved on one account within a day, in however many requests.

use std::time::Duration;

use super::{asked, credits_of, done};
use crate::support::{World, story::*};

/// The second account of Ada's in the workspace.
const ADA_AGAIN: &str = "U0ADA2";

/// Asks, is refused, and gives why.
async fn refused(world: &World, who: &str, line: &str) -> String {
    let id = asked(world, who, line).await;
    world.until_state(id, "refused").await;
    world.told_of(who, id).await.all_text()
}

async fn address(world: &World, user: &str, address: &str) {
    sqlx::query(r#"update "User" set email = $2 where id = $1"#)
        .bind(user)
        .bind(address)
        .execute(&world.db)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_over_the_limit_cannot_be_split() {
    let world = World::start().await;
    done(&world, OLGA, "/ops credits add usr_1 50 a gift").await;
    for credits in [50, 1] {
        let line = format!("/ops credits add usr_1 {credits} another gift");
        let says = refused(&world, OLGA, &line).await;
        let total = 50 + credits;
        let why = format!(
            "50 credits today already, with these {total}: over the limit of 50 in 24 hours"
        );
        assert!(says.contains(&why), "{says}");
    }
    assert_eq!(credits_of(&world, "usr_1").await, Some(62));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_an_admin_the_rest_of_a_split_grant_waits_for_a_second_admin_who_sees_why() {
    let world = World::start().await;
    done(&world, ADA, "/ops credits add usr_1 30 a gift").await;
    let id = world
        .ask(ADA, "/ops credits add usr_1 30 another gift")
        .await;
    let card = world.card(id).await.all_text();
    assert!(
        card.contains("30 credits today already, with these 60: over the limit of 50"),
        "{card}"
    );
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(72));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_and_another_person_count_for_themselves() {
    let world = World::start().await;
    done(&world, OLGA, "/ops credits add usr_1 30 a gift").await;
    done(&world, OLGA, "/ops credits add usr_7 30 a gift").await;
    done(&world, ADA, "/ops credits add usr_1 30 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(72));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_slack_accounts_of_one_person_count_as_one() {
    let world = World::start().await;
    done(&world, ADA, "/ops credits add usr_1 30 a gift").await;
    let id = world
        .ask(ADA_AGAIN, "/ops credits add usr_1 25 a gift")
        .await;
    world
        .until_card_says(id, "30 credits today already, with these 55")
        .await;
    assert!(world.click(ADA_AGAIN, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_the_limit_begins_anew() {
    let world = World::start().await;
    done(&world, OLGA, "/ops credits add usr_1 50 a gift").await;
    world.clock.advance(Duration::from_secs(24 * 60 * 60 + 60));
    done(&world, OLGA, "/ops credits add usr_1 50 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(112));
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_do_not_pass_the_limit_together() {
    let world = World::start().await;
    let lines = [50, 49, 48, 47].map(|n| format!("/ops credits add usr_1 {n} a gift"));
    let sent = lines
        .each_ref()
        .map(|line| world.slack.slash(OLGA, OPS, line));
    for delivery in futures::future::join_all(sent).await {
        assert!(delivery.unwrap().ok());
    }
    world
        .until("all four have ended", async |world| {
            let ended = "select count(*) from countersign.request where not open";
            (world.count(ended).await == 4).then_some(())
        })
        .await;
    let granted = "select count(*) from countersign.request where state = 'succeeded'";
    assert_eq!(world.count(granted).await, 1);
    let credits = credits_of(&world, "usr_1").await.unwrap();
    assert!((12 + 47..=12 + 50).contains(&credits), "{credits}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_approval_counts_and_what_was_called_off_does_not() {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops credits add usr_1 60 a gift").await;
    let says = refused(&world, ADA, "/ops credits add usr_1 5 a gift").await;
    assert!(says.contains("is open"), "{says}");
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    done(&world, ADA, "/ops credits add usr_1 5 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(17));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_are_removed_add_up_for_themselves() {
    let world = World::start().await;
    done(&world, OLGA, "/ops credits add usr_1 50 a gift").await;
    done(&world, OLGA, "/ops credits remove usr_1 30 by mistake").await;
    let says = refused(&world, OLGA, "/ops credits remove usr_1 30 once more").await;
    assert!(
        says.contains("30 credits today already, with these 60: over the limit of 50"),
        "{says}"
    );
    assert_eq!(credits_of(&world, "usr_1").await, Some(32));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_own_records_do_not_change_what_was_granted() {
    let world = World::start().await;
    done(&world, OLGA, "/ops credits add usr_1 50 a gift").await;
    sqlx::raw_sql(r#"delete from "AnalyticsEvent"; update "User" set credits = 0"#)
        .execute(&world.db)
        .await
        .unwrap();
    let says = refused(&world, OLGA, "/ops credits add usr_1 50 another gift").await;
    assert!(says.contains("over the limit of 50 in 24 hours"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_account_always_needs_a_second_admin() {
    let world = World::start().await;
    for own in ["olga@ieltseq.example", "Olga+app@IELTSEQ.example"] {
        address(&world, "usr_7", own).await;
        for verb in ["add", "remove"] {
            let line = format!("/ops credits {verb} usr_7 1 a gift");
            let says = refused(&world, OLGA, &line).await;
            assert!(says.contains("the requester's own account"), "{says}");
        }
    }
    address(&world, "usr_7", "ada@ieltseq.example").await;
    for who in [ADA, ADA_AGAIN] {
        let id = world.ask(who, "/ops credits add usr_7 1 a gift").await;
        world
            .until_card_says(id, "this is the requester's own account")
            .await;
        assert!(world.click(who, id, "cancel").await.ok());
        world.until_state(id, "cancelled").await;
    }
    world.finish().await;
}
