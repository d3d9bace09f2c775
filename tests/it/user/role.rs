//! `/ops user promote` and `/ops user demote`.

use insta::assert_snapshot;

use super::told::shown;
use crate::support::{Options, World, boundary::Boundary, once::results, story::*};

const PROMOTE: &str = "/ops user promote hana@example.com joins the support team";
const DEMOTE: &str = "/ops user demote ben@example.com has left the team";

impl World {
    /// The role of an account, as text.
    async fn role_of(&self, user: &str) -> String {
        sqlx::query_scalar(r#"select role::text from "User" where id = $1"#)
            .bind(user)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// Somebody approves what asks for no typed confirmation.
    pub async fn approve_by_click(&self, who: &str, id: countersign::domain::RequestId) {
        let delivery = self.click(who, id, "approve").await;
        assert!(delivery.ok(), "{:?}", delivery.error);
    }
}

const TOUCHED: &str = r#"select count(*) from "User" where "updatedAt" > now() at time zone 'UTC' - interval '1 hour'"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_becomes_an_admin_after_a_second_admin_has_approved() {
    let world = World::start().await;
    let id = world.ask(ADA, PROMOTE).await;
    assert_snapshot!("promote_card", shown(&world.card(id).await));
    assert_eq!(world.role_of("usr_9").await, "USER");
    world.approve_by_click(GRACE, id).await;
    world.until_state(id, "done").await;
    assert_eq!(world.role_of("usr_9").await, "ADMIN");
    assert_eq!(world.count(TOUCHED).await, 1);
    assert_snapshot!("promote_told", shown_told(&world, id).await);
    world.finish().await;
}

async fn shown_told(world: &World, id: countersign::domain::RequestId) -> String {
    super::told::without_times(&world.told_directly(ADA, id).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_becomes_a_user_again_where_roles_are_text_and_live_cookies_are_warned_of() {
    let world = World::with(Options::real()).await;
    let id = world.ask(ADA, DEMOTE).await;
    assert_snapshot!("demote_card_real", shown(&world.card(id).await));
    world.approve_by_click(GRACE, id).await;
    world.until_state(id, "done").await;
    assert_eq!(world.role_of("usr_3").await, "USER");
    assert_eq!(world.count(TOUCHED).await, 1);
    let told = shown_told(&world, id).await;
    assert!(told.contains("role: ADMIN → USER"), "{told}");
    assert!(told.contains("for as long as they are used"), "{told}");
    assert!(!told.contains("sessions:"), "{told}");
    assert!(told.contains("NEXTAUTH_SECRET"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_already_is_refused_before_anybody_has_to_decide() {
    let world = World::start().await;
    let told = world
        .refusal_of(ADA, "/ops user promote ben@example.com again")
        .await;
    assert!(told.contains("usr_3 is ADMIN already"), "{told}");
    let told = world
        .refusal_of(ADA, "/ops user demote hana@example.com again")
        .await;
    assert!(
        told.contains("usr_9 is not ADMIN: the role is USER"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_is_not_demoted() {
    let world = World::start().await;
    world
        .run(r#"update "User" set role = 'USER' where id in ('usr_2', 'usr_4')"#)
        .await;
    let told = world.refusal_of(ADA, DEMOTE).await;
    assert!(
        told.contains("this is the last admin who can act"),
        "{told}"
    );
    assert_eq!(world.role_of("usr_3").await, "ADMIN");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_the_enum_does_not_have_is_refused_with_those_that_it_has() {
    let options = Options {
        file: Some(
            "[app.schema.user]\nadmin_role = \"OWNER\"\nuser_role = \"MEMBER\"\n".to_owned(),
        ),
        ..Options::default()
    };
    let world = World::with(options).await;
    let told = world.refusal_of(ADA, PROMOTE).await;
    assert!(
        told.contains("User.role has no value OWNER (it has USER, ADMIN)"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ordinary_role_must_be_one_of_the_enums_too() {
    let options = Options {
        file: Some("[app.schema.user]\nuser_role = \"MEMBER\"\n".to_owned()),
        ..Options::default()
    };
    let world = World::with(options).await;
    let told = world.refusal_of(ADA, DEMOTE).await;
    assert!(
        told.contains("User.role has no value MEMBER (it has USER, ADMIN)"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_column_the_prisma_field_is_named() {
    let world = World::with(Options::real()).await;
    world.run(r#"alter table "User" drop column role"#).await;
    let told = world.refusal_of(ADA, PROMOTE).await;
    assert!(told.contains("role String @default"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_by_letter_case_are_never_guessed_between() {
    let world = World::with(Options::real()).await;
    let told = world
        .refusal_of(ADA, "/ops user promote maria@example.com helps us")
        .await;
    assert!(told.contains("ask by id: usr_1, usr_41"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_not_ask_for_it() {
    let world = World::start().await;
    world.slack.slash(OLGA, OPS, PROMOTE).await.unwrap();
    world.until_told(OLGA, "admin").await;
    assert_eq!(world.role_of("usr_9").await, "USER");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_promotion_changes_nothing() {
    let world = World::start().await;
    let id = world.ask(ADA, PROMOTE).await;
    let view = world.open_modal(GRACE, id, "deny").await;
    world.submit(GRACE, &view, "not agreed").await;
    world.until_state(id, "denied").await;
    assert_eq!(world.role_of("usr_9").await, "USER");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_warned_of_when_it_is_promoted() {
    let world = World::start().await;
    let id = world.ask(ADA, "/ops user promote usr_22 comes back").await;
    world
        .until_card_says(id, "the account is blocked, and stays so")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_somebody_changed_meanwhile_stops_the_run_and_is_left_alone() {
    let world = World::start().await;
    let id = world.ask(ADA, DEMOTE).await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    world.approve_by_click(GRACE, id).await;
    boundary.reached(&world).await;
    world.run(r#"alter type "Role" add value 'AUTHOR'"#).await;
    world
        .run(r#"update "User" set role = 'AUTHOR' where id = 'usr_3'"#)
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "the role is AUTHOR now, and not ADMIN")
        .await;
    assert_eq!(world.role_of("usr_3").await, "AUTHOR");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_change_and_journal_the_role_is_changed_once() {
    let mut world = World::start().await;
    let id = world.ask(ADA, PROMOTE).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    world.approve_by_click(GRACE, id).await;
    boundary.reached(&world).await;
    assert_eq!(world.role_of("usr_9").await, "ADMIN");
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await[0].1["role"], "USER → ADMIN");
    let marks = "select count(*) from countersign.applied_step";
    assert_eq!(world.count(marks).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_demotion_and_journal_a_promotion_that_came_since_stays() {
    let mut world = World::start().await;
    let id = world.ask(ADA, DEMOTE).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    world.approve_by_click(GRACE, id).await;
    boundary.reached(&world).await;
    assert_eq!(world.role_of("usr_3").await, "USER");
    world
        .run(r#"update "User" set role = 'ADMIN' where id = 'usr_3'"#)
        .await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(world.role_of("usr_3").await, "ADMIN");
    assert_eq!(results(&world, id).await[0].1["role"], "ADMIN → USER");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_database_breaks_off_is_made_again() {
    for (line, user, role) in [(PROMOTE, "usr_9", "ADMIN"), (DEMOTE, "usr_3", "USER")] {
        let world = World::start().await;
        let id = world.ask(ADA, line).await;
        let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
        world.approve_by_click(GRACE, id).await;
        let lock = r#"select from "User" for update"#;
        let app = world.cut_off_at(boundary, id, lock).await;
        assert_ne!(world.role_of(user).await, role);
        app.rollback().await.unwrap();
        world.hurry_until_state(id, "done").await;
        assert_eq!(world.role_of(user).await, role);
        world.hurry_until_delivered().await;
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_have_all_expired_show_nobody_how_people_are_signed_in_now() {
    let world = World::start().await;
    world
        .run(r#"update "Session" set expires = now() - interval '1 day'"#)
        .await;
    for line in [PROMOTE, DEMOTE] {
        let id = world.ask(ADA, line).await;
        world
            .until_card_says(id, "every row of Session has expired")
            .await;
        world.approve_by_click(GRACE, id).await;
        world.until_state(id, "done").await;
        let told = shown_told(&world, id).await;
        assert!(told.contains("NEXTAUTH_SECRET"), "{told}");
    }
    world.finish().await;
}
