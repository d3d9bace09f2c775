//! Roles: what the column can hold, and the last admin.

use countersign::systems::app_db::{AppDb, AppDbError, Mapping, Mark, RoleChange};
use countersign_sandbox::postgres::Template;

use super::support::{App, app, app_with, mapping, mark};

/// How often two demotions are set against each other.
const ROUNDS: u128 = 25;
const ADMINS: &str = r#"SELECT count(*) FROM "User" WHERE role::text = 'ADMIN'"#;

fn demotion(user_id: &str) -> RoleChange<'_> {
    RoleChange {
        user_id,
        from: "ADMIN",
        to: "USER",
    }
}

async fn two_admins(app: &App) {
    app.run(
        r#"UPDATE "User" SET role = 'USER' WHERE role::text = 'ADMIN';
               UPDATE "User" SET role = 'ADMIN' WHERE id IN ('usr_2', 'usr_3')"#,
    )
    .await;
}

/// Another service over the same database.
fn another(app: &App) -> AppDb {
    app.connected_with(|options| options)
}

async fn one_of_two_stays(template: Template) {
    let app = app(template, Mapping::default()).await;
    let (one, two) = (app.at().await, another(&app).open().await.unwrap());
    for round in 0..ROUNDS {
        two_admins(&app).await;
        let (first, second) = (mark(2 * round), mark(2 * round + 1));
        let (a, b) = tokio::join!(
            one.change_role(&first, demotion("usr_2")),
            two.change_role(&second, demotion("usr_3"))
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let refused = a.err().or(b.err()).unwrap();
        assert!(matches!(refused, AppDbError::LastAdmin), "{refused}");
        assert_eq!(app.number(ADMINS).await, 1);
    }
}

#[tokio::test]
async fn of_two_admins_who_are_demoted_at_once_one_stays_where_roles_are_an_enum() {
    one_of_two_stays(Template::Runbook).await;
}

#[tokio::test]
async fn of_two_admins_who_are_demoted_at_once_one_stays_where_roles_are_text() {
    one_of_two_stays(Template::Real).await;
}

#[tokio::test]
async fn an_admin_who_is_erased_and_one_who_is_demoted_do_not_both_go() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let another = another(&app);
    two_admins(&app).await;
    let (erase, demote) = (mark(1), mark(2));
    let at = app.at().await;
    let (erased, demoted) = tokio::join!(
        another.erase(&erase, "usr_3", super::support::ANYBODY),
        at.change_role(&demote, demotion("usr_2"))
    );
    assert!(erased.is_ok() != demoted.is_ok(), "{erased:?} {demoted:?}");
    assert_eq!(app.number(ADMINS).await, 1);
}

#[tokio::test]
async fn an_admin_who_is_blocked_does_not_count_as_one_who_stays() {
    let app = app(Template::Runbook, Mapping::default()).await;
    two_admins(&app).await;
    app.run(r#"UPDATE "User" SET "isBlocked" = true WHERE id = 'usr_3'"#)
        .await;
    let refused = app
        .at()
        .await
        .change_role(&mark(1), demotion("usr_2"))
        .await;
    assert!(matches!(refused, Err(AppDbError::LastAdmin)), "{refused:?}");
    assert_eq!(app.number(ADMINS).await, 2);
}

#[tokio::test]
async fn the_same_step_changes_the_role_once() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.at()
        .await
        .change_role(&mark(1), demotion("usr_2"))
        .await
        .unwrap();
    app.run(r#"UPDATE "User" SET role = 'ADMIN' WHERE id = 'usr_2'"#)
        .await;
    app.at()
        .await
        .change_role(&mark(1), demotion("usr_2"))
        .await
        .unwrap();
    assert_eq!(app.number(ADMINS).await, 3);
    let again = Mark {
        step: "role@2".into(),
        ..mark(1)
    };
    app.at()
        .await
        .change_role(&again, demotion("usr_2"))
        .await
        .unwrap();
    assert_eq!(app.number(ADMINS).await, 2);
}

#[tokio::test]
async fn a_role_that_is_not_the_planned_one_is_left_alone() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let refused = app
        .at()
        .await
        .change_role(&mark(1), demotion("usr_1"))
        .await;
    assert!(
        matches!(&refused, Err(AppDbError::Changed(why)) if why.contains("the role is USER now")),
        "{refused:?}"
    );
    let gone = app
        .at()
        .await
        .change_role(&mark(1), demotion("usr_0"))
        .await;
    assert!(
        matches!(&gone, Err(AppDbError::Changed(why)) if why.contains("no account usr_0")),
        "{gone:?}"
    );
    assert_eq!(
        app.number("SELECT count(*) FROM countersign.applied_step")
            .await,
        0
    );
}

#[tokio::test]
async fn a_trigger_with_another_opinion_keeps_everything_as_it_was() {
    let app = app(Template::Real, Mapping::default()).await;
    app.run(r#"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.role := OLD.role; RETURN NEW; END $$;
               CREATE TRIGGER keep BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION keep()"#)
        .await;
    let refused = app
        .at()
        .await
        .change_role(&mark(1), demotion("usr_2"))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("nothing was kept"),
        "{refused}"
    );
    assert_eq!(app.number(ADMINS).await, 3);
    assert_eq!(
        app.number("SELECT count(*) FROM countersign.applied_step")
            .await,
        0
    );
}

#[tokio::test]
async fn what_the_column_cannot_hold_is_said_with_what_it_can() {
    let owned = app(Template::Runbook, mapping("[user]\nadmin_role = \"OWNER\"")).await;
    let refused = owned.at().await.admins_count().await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("User.role has no value OWNER (it has USER, ADMIN)"),
        "{refused}"
    );

    let numbers = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, role int)"#,
        mapping("[user]\nadmin_role = \"1\""),
    )
    .await;
    let refused = numbers.at().await.admins_count().await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("is of type pg_catalog.int4"), "{refused}");
}
