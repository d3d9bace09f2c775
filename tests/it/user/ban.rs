//! `/ops user ban` and `/ops user unban`.

use insta::assert_snapshot;

use crate::support::{Options, World, boundary::Boundary, once::results, people::VICTOR, story::*};

const BAN: &str = "/ops user ban maria@example.com sends spam";
const UNBAN: &str = "/ops user unban usr_22 it was a mistake";
const SESSIONS: &str = r#"select count(*) from "Session" where "userId" = 'usr_1'"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_bans_an_account_and_its_sessions_end() {
    let world = World::start().await;
    let (_, told) = world.ask_and_read(OLGA, BAN).await;
    assert_snapshot!("ban_told", told);
    assert!(world.is_blocked("usr_1").await);
    assert_eq!(world.count(SESSIONS).await, 0);
    let others = r#"select count(*) from "User" where "isBlocked" and id <> 'usr_1'"#;
    assert_eq!(world.count(others).await, 1, "nobody else is blocked by it");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_is_lifted_and_sessions_stay_ended() {
    let world = World::start().await;
    let (_, told) = world.ask_and_read(OLGA, UNBAN).await;
    assert_snapshot!("unban_told", told);
    assert!(!world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_the_column_is_told_what_to_add_and_nothing_is_done() {
    let world = World::with(Options::real()).await;
    for line in [
        "/ops user ban usr_1 sends spam",
        "/ops user unban usr_1 a mistake",
    ] {
        let told = world.refusal_of(OLGA, line).await;
        assert!(
            told.contains("add `isBlocked Boolean @default(false)` to model User in schema.prisma"),
            "{told}"
        );
    }
    assert_eq!(
        world
            .count("select count(*) from countersign.applied_step")
            .await,
        0
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_sessions_are_cookies_it_says_that_they_go_on() {
    let world = World::with(Options::real()).await;
    world
        .run(r#"alter table "User" add "isBlocked" boolean not null default false"#)
        .await;
    let (_, told) = world
        .ask_and_read(OLGA, "/ops user ban usr_1 sends spam")
        .await;
    assert_snapshot!("ban_told_real", told);
    assert!(world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_demoted_first() {
    let world = World::start().await;
    let told = world
        .refusal_of(ADA, "/ops user ban ben@example.com sends spam")
        .await;
    assert!(told.contains("usr_3 is an admin: demote first"), "{told}");
    assert!(!world.is_blocked("usr_3").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_already_is_refused() {
    let world = World::start().await;
    let told = world
        .refusal_of(OLGA, "/ops user ban usr_22 sends spam")
        .await;
    assert!(told.contains("usr_22 is blocked already"), "{told}");
    let told = world
        .refusal_of(OLGA, "/ops user unban usr_1 a mistake")
        .await;
    assert!(told.contains("usr_1 is not blocked"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_twins_are_not_banned() {
    let world = World::with(Options::real()).await;
    world
        .run(r#"alter table "User" add "isBlocked" boolean not null default false"#)
        .await;
    let told = world.refusal_of(OLGA, BAN).await;
    assert!(told.contains("ask by id: usr_1, usr_41"), "{told}");
    let told = world
        .refusal_of(OLGA, "/ops user ban usr_0 sends spam")
        .await;
    assert!(told.contains("no account has this id"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_not_ban() {
    let world = World::start().await;
    world.slack.slash(VICTOR, OPS, BAN).await.unwrap();
    world.until_told(VICTOR, "operator").await;
    assert!(!world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_became_an_admin_meanwhile_is_not_banned() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world.ask_freely(OLGA, BAN).await;
    boundary.reached(&world).await;
    world
        .run(r#"update "User" set role = 'ADMIN' where id = 'usr_1'"#)
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    let told = world.told_directly(OLGA, id).await;
    assert!(told.contains("demote first"), "{told}");
    assert!(!world.is_blocked("usr_1").await);
    assert_eq!(world.count(SESSIONS).await, 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_ban_and_journal_the_same_is_told() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(OLGA, BAN).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await[0].1["sessions_ended"], 3);
    assert!(world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_unban_and_journal_a_ban_that_came_since_stays() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(OLGA, UNBAN).await;
    boundary.reached(&world).await;
    assert!(!world.is_blocked("usr_22").await);
    world
        .run(r#"update "User" set "isBlocked" = true where id = 'usr_22'"#)
        .await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert!(world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_database_breaks_off_is_made_again() {
    for (line, user, blocked) in [(BAN, "usr_1", true), (UNBAN, "usr_22", false)] {
        let world = World::start().await;
        let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
        let id = world.ask_freely(OLGA, line).await;
        let lock = r#"select from "User" for update"#;
        let app = world.cut_off_at(boundary, id, lock).await;
        assert_eq!(world.is_blocked(user).await, !blocked);
        app.rollback().await.unwrap();
        world.hurry_until_state(id, "done").await;
        assert_eq!(world.is_blocked(user).await, blocked);
        world.hurry_until_delivered().await;
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_deleted_meanwhile_is_not_banned() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world
        .ask_freely(OLGA, "/ops user ban usr_5 sends spam")
        .await;
    boundary.reached(&world).await;
    world.run(r#"delete from "User" where id = 'usr_5'"#).await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    let told = world.told_directly(OLGA, id).await;
    assert!(
        told.contains("there is no account usr_5 any more"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_that_somebody_lifted_meanwhile_is_not_lifted_again() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world.ask_freely(OLGA, UNBAN).await;
    boundary.reached(&world).await;
    world
        .run(r#"update "User" set "isBlocked" = false where id = 'usr_22'"#)
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    let told = world.told_directly(OLGA, id).await;
    assert!(told.contains("not blocked by now"), "{told}");
    world.finish().await;
}

/// A table of sessions with rows from before the app changed over to cookies.
const STALE: &str = r#"update "Session" set expires = now() - interval '1 day'"#;

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_have_expired_are_no_sessions_that_a_ban_ends() {
    let world = World::start().await;
    world.run(STALE).await;
    let (id, told) = world.ask_and_read(OLGA, BAN).await;
    let result = &results(&world, id).await[0].1;
    assert_eq!(result["sessions_ended"], 0);
    assert!(told.contains("every row of Session has expired"), "{told}");
    assert!(told.contains("NEXTAUTH_SECRET"), "{told}");
    let plan = world.request(id).await.plan.unwrap().plan;
    assert_eq!(plan.steps[0].title, "Block the account");
    assert!(
        plan.warnings[0].text.contains("a live session goes on"),
        "{plan:?}"
    );
    assert_eq!(world.count(SESSIONS).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_live_and_expired_sessions_a_ban_counts_the_live_ones() {
    let world = World::start().await;
    world
        .run(
            r#"update "Session" set expires = now() - interval '1 day'
               where id = (select min(id) from "Session" where "userId" = 'usr_1')"#,
        )
        .await;
    let (id, _) = world.ask_and_read(OLGA, BAN).await;
    let result = &results(&world, id).await[0].1;
    assert_eq!(result["sessions_ended"], 2);
    assert!(!result.contains_key("note"), "{result:?}");
    let plan = world.request(id).await.plan.unwrap().plan;
    let shown = format!("{:?}", plan.impact);
    assert!(shown.contains("2 of them live"), "{shown}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_two_accounts_have_bans_neither() {
    let world = World::start().await;
    world
        .run(
            r#"drop index "User_email_key";
               insert into "User" (id, name, email, "updatedAt") values ('usr_99', 'Maria B', 'maria@example.com', now())"#,
        )
        .await;
    let told = world.refusal_of(OLGA, BAN).await;
    assert!(told.contains("ask by id: usr_1, usr_99"), "{told}");
    world
        .ask_and_read(OLGA, "/ops user ban usr_99 sends spam")
        .await;
    assert!(!world.is_blocked("usr_1").await);
    assert_eq!(world.count(SESSIONS).await, 3);
    world.finish().await;
}
