//! What would be no revocation is not one.

use super::{of_maria, sessions, sign_in};
use crate::support::{Options, World, story::*};

const ALL: &str = "/ops sessions revoke all session tokens were leaked";

#[tokio::test(flavor = "multi_thread")]
async fn where_sessions_are_cookies_it_refuses_and_says_what_ends_them() {
    let world = World::with(Options::real()).await;
    for line in [ALL, "/ops sessions revoke usr_1 her laptop was stolen"] {
        let id = world.ask_and_be_refused(line).await;
        assert_eq!(world.event_names(id).await, ["asked", "refused"]);
    }
    for words in [
        "signs people in with JWT cookies",
        "a new NEXTAUTH_SECRET in Vercel and a redeployment end everybody's sessions",
        "old deployments keep the old secret",
        "only if the app looks at the block with every request",
    ] {
        world.until_told(ADA, words).await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_table_of_sessions_it_refuses() {
    let world = World::start().await;
    sqlx::raw_sql(r#"drop table "Session""#)
        .execute(&world.db)
        .await
        .unwrap();
    world.ask_and_be_refused(ALL).await;
    world.until_told(ADA, "there is no table Session").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_have_all_expired_sign_nobody_in() {
    let world = World::with(Options::real()).await;
    sign_in(&world, "'usr_1', 'usr_7'", "-1 minute").await;
    world.ask_and_be_refused(ALL).await;
    world
        .until_told(ADA, "every row of Session has expired")
        .await;
    assert_eq!(sessions(&world).await, 6);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_live_session_is_refused() {
    let world = World::start().await;
    world
        .ask_and_be_refused("/ops sessions revoke usr_3 her laptop was stolen")
        .await;
    world
        .until_told(ADA, "usr_3 has no live session in Session")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_the_id_all_cannot_be_told_from_everybody() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"insert into "User" (id, email, "updatedAt") values ('all', 'al@example.com', now());
           insert into "Session" (id, "sessionToken", "userId", expires) values ('al', 'al', 'all', now() + interval '1 day')"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    for line in [ALL, "/ops sessions revoke al@example.com leaked"] {
        let before = sessions(&world).await;
        world.ask_and_be_refused(line).await;
        assert_eq!(sessions(&world).await, before);
    }
    world.until_told(ADA, "this cannot be told apart").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_with_that_name_and_twins_are_refused() {
    let world = World::start().await;
    world
        .ask_and_be_refused("/ops sessions revoke usr_999 her laptop was stolen")
        .await;
    world
        .until_told(ADA, "no account has this id or e-mail address")
        .await;
    world
        .ask_and_be_refused("/ops sessions revoke Maria@example.com her laptop was stolen")
        .await;
    world.until_told(ADA, "ask by id: usr_1").await;
    assert_eq!(of_maria(&world).await, 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_not_ask_for_it() {
    let world = World::start().await;
    let before = world.newest().await;
    assert!(world.slack.slash(OLGA, OPS, ALL).await.unwrap().ok());
    let id = world.until_newer_than(before).await;
    world.until_state(id, "refused").await;
    world.until_told(OLGA, "admin").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_delete_sessions_is_named_before_anybody_has_to_decide() {
    let (world, role) = World::with_documented_role(true).await;
    world
        .run(format!(r#"revoke delete on "Session" from {role}"#))
        .await;
    let before = sessions(&world).await;
    world.ask_and_be_refused(ALL).await;
    world.until_told(ADA, "may not delete from Session").await;
    assert_eq!(sessions(&world).await, before);
    world.finish().await;
}
