//! The last admin, whatever comes in whatever order.

use countersign::domain::RequestId;
use sqlx::Connection;

use crate::support::{World, story::*};

const ADMINS: &str = r#"select count(*) from "User" where role = 'ADMIN'"#;
const DEMOTE_ADA: &str = "/ops user demote usr_2 has left the team";
const DEMOTE_BEN: &str = "/ops user demote usr_3 has left the team";

/// A world in which `usr_2` and `usr_3` are the admins, and both are about to be demoted.
async fn both_asked(world: &World) -> [RequestId; 2] {
    world
        .run(r#"update "User" set role = 'USER' where id = 'usr_4'"#)
        .await;
    let ada = world.ask(ADA, DEMOTE_ADA).await;
    [ada, world.ask(ADA, DEMOTE_BEN).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_demotions_is_refused_when_it_would_run() {
    let world = World::start().await;
    let [ada, ben] = both_asked(&world).await;
    world.approve_by_click(GRACE, ben).await;
    world.until_state(ben, "done").await;
    world.approve_by_click(GRACE, ada).await;
    world.until_state(ada, "refused").await;
    let told = world.told_directly(ADA, ada).await;
    assert!(told.contains("last admin"), "{told}");
    assert_eq!(world.count(ADMINS).await, 1);
    world.finish().await;
}

/// Both runs have passed every check but the one under the lock, which they wait for.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_demotions_that_two_replicas_carry_out_at_once_exactly_one_wins() {
    let mut world = World::start().await;
    world.start_replica().await;
    let both = both_asked(&world).await;
    let mut holding = sqlx::PgConnection::connect(world.database_url())
        .await
        .unwrap();
    sqlx::raw_sql(r#"begin; select 1 from "User" where id in ('usr_2', 'usr_3') for update"#)
        .execute(&mut holding)
        .await
        .unwrap();
    for id in both {
        world.approve_by_click(GRACE, id).await;
    }
    world
        .until("both runs at the lock", async |world| {
            let waiting = "select count(*) from pg_stat_activity
                           where datname = current_database() and wait_event_type = 'Lock'";
            (world.count(waiting).await == 2).then_some(())
        })
        .await;
    sqlx::raw_sql("rollback")
        .execute(&mut holding)
        .await
        .unwrap();
    let mut ends = Vec::new();
    for id in both {
        let end = world
            .until("an end", async |world| {
                let state = world.request(id).await.state.word();
                ["done", "failed"].contains(&state).then_some(state)
            })
            .await;
        ends.push(end);
    }
    ends.sort_unstable();
    assert_eq!(ends, ["done", "failed"]);
    assert_eq!(world.count(ADMINS).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_was_blocked_after_the_approval_is_nobody_to_fall_back_on() {
    let world = World::start().await;
    let [ada, _] = both_asked(&world).await;
    world
        .run(r#"update "User" set "isBlocked" = true where id = 'usr_3'"#)
        .await;
    world.approve_by_click(GRACE, ada).await;
    world.until_state(ada, "refused").await;
    assert_eq!(world.count(ADMINS).await, 2);
    world.finish().await;
}
