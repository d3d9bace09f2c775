//! The last admin is not blocked either, in whatever order people click.

use countersign::domain::RequestId;
use sqlx::Connection;

use crate::support::{World, story::*};

const ACTING: &str =
    r#"select count(*) from "User" where role = 'ADMIN' and "isBlocked" is not true"#;
const DELETE_ADA: &str = "/ops user delete usr_2 has left the team";
const DELETE_BEN: &str = "/ops user delete usr_3 has left the team";
const DEMOTE_BEN: &str = "/ops user demote usr_3 has left the team";

/// A world in which `usr_2` and `usr_3` are the admins.
async fn two_admins() -> World {
    let world = World::start().await;
    world
        .run_sql(r#"update "User" set role = 'USER' where id = 'usr_4'"#)
        .await;
    world
}

/// The deletion ended by itself, everybody reads why, and its account is as it was.
async fn refused_and_told(world: &World, id: RequestId, user: &str) {
    world.until_state(id, "refused").await;
    assert!(!world.is_blocked(user).await);
    assert_eq!(world.count(ACTING).await, 1);
    let why = format!("{user}: this is the last admin who can act: promote somebody else first");
    world.until_told(ADA, &why).await;
    world.until_audit(id, &why).await;
    let card = world.until_card_says(id, &why).await;
    assert!(card.elements().is_empty(), "{card:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_account_became_the_last_admin_by_a_demotion_is_refused_before_it_blocks()
{
    let world = two_admins().await;
    let delete = world.ask(ADA, DELETE_ADA).await;
    let demote = world.ask(ADA, DEMOTE_BEN).await;
    world.approve_by_click(GRACE, demote).await;
    world.until_state(demote, "done").await;
    world.approve_typing(GRACE, delete, "usr_2").await;
    refused_and_told(&world, delete, "usr_2").await;
    let names = world.event_names(delete).await;
    let ends = ["step_started", "refused", "step_undone", "rolled_back"];
    assert!(names.ends_with(&ends.map(str::to_owned)), "{names:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demotion_after_the_hold_of_a_deletion_is_refused() {
    let world = two_admins().await;
    let demote = world.ask(ADA, DEMOTE_BEN).await;
    let delete = world.ask(ADA, DELETE_ADA).await;
    world.approve_typing(GRACE, delete, "usr_2").await;
    world.until_event(delete, "step_succeeded", 1).await;
    world.approve_by_click(GRACE, demote).await;
    world.until_state(demote, "refused").await;
    assert!(world.is_blocked("usr_2").await);
    assert_eq!(world.count(ACTING).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_deletions_the_one_approved_second_is_refused_before_it_blocks() {
    let world = two_admins().await;
    let ada = world.ask(ADA, DELETE_ADA).await;
    let ben = world.ask(ADA, DELETE_BEN).await;
    world.approve_typing(GRACE, ben, "usr_3").await;
    world.until_event(ben, "step_succeeded", 1).await;
    world.approve_typing(GRACE, ada, "usr_2").await;
    refused_and_told(&world, ada, "usr_2").await;
    assert_eq!(world.request(ben).await.state.word(), "cooling off");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_refused_can_be_deleted_once_somebody_else_can_act() {
    let world = two_admins().await;
    let ada = world.ask(ADA, DELETE_ADA).await;
    let ben = world.ask(ADA, DELETE_BEN).await;
    world.approve_typing(GRACE, ben, "usr_3").await;
    world.until_event(ben, "step_succeeded", 1).await;
    world.approve_typing(GRACE, ada, "usr_2").await;
    world.until_state(ada, "refused").await;
    world.click(LINUS, ben, "stop").await;
    world.until_state(ben, "stopped").await;
    let again = world.ask(ADA, DELETE_ADA).await;
    world.approve_typing(GRACE, again, "usr_2").await;
    world.until_event(again, "step_succeeded", 1).await;
    assert!(world.is_blocked("usr_2").await);
    assert_eq!(world.count(ACTING).await, 1);
    world.finish().await;
}

/// Both holds have passed every check but the one under the lock, which they wait for.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_deletions_that_two_replicas_hold_at_once_exactly_one_blocks() {
    let mut world = two_admins().await;
    world.start_replica().await;
    let both = [
        (world.ask(ADA, DELETE_ADA).await, "usr_2"),
        (world.ask(ADA, DELETE_BEN).await, "usr_3"),
    ];
    let mut holding = sqlx::PgConnection::connect(world.database_url())
        .await
        .unwrap();
    sqlx::raw_sql(r#"begin; select 1 from "User" where id in ('usr_2', 'usr_3') for update"#)
        .execute(&mut holding)
        .await
        .unwrap();
    for (id, user) in both {
        world.approve_typing(GRACE, id, user).await;
    }
    world
        .until("both holds at the lock", async |world| {
            let waiting = "select count(*) from pg_stat_activity
                           where datname = current_database() and wait_event_type = 'Lock'";
            (world.count(waiting).await == 2).then_some(())
        })
        .await;
    sqlx::raw_sql("rollback")
        .execute(&mut holding)
        .await
        .unwrap();
    let refused = world
        .until("one is refused", async |world| {
            for (id, user) in both {
                if world.request(id).await.state.word() == "refused" {
                    return Some((id, user));
                }
            }
            None
        })
        .await;
    refused_and_told(&world, refused.0, refused.1).await;
    let [held] = both
        .map(|(id, _)| id)
        .into_iter()
        .filter(|id| *id != refused.0)
        .collect::<Vec<_>>()[..]
    else {
        panic!("one of two is left");
    };
    world.until_event(held, "step_succeeded", 1).await;
    assert_eq!(world.request(held).await.state.word(), "cooling off");
    world.finish().await;
}
