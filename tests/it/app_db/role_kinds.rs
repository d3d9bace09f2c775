//! Roles in other shapes than one text: lists, flags, numbers, and what nobody can read a role from.

use countersign::systems::app_db::{AppDbError, AppUser, RoleChange, UserRef};

use super::support::{ANYBODY, App, app_with, mapping, mark};

const ACCOUNTS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text, "isBlocked" boolean NOT NULL DEFAULT false);
    INSERT INTO "User" VALUES ('ada', 'ada@x.org'), ('bob', 'bob@x.org'), ('cy', 'cy@x.org');"#;

/// An app whose roles are in a column of the test's own; `roles` sets them.
async fn with_roles(column: &str, roles: &str, more: &str) -> App {
    let sql = format!("{ACCOUNTS} {column}; {roles}");
    app_with(&sql, mapping(&format!("[user]\nrole = \"roles\"\n{more}"))).await
}

async fn user(app: &App, id: &str) -> AppUser {
    app.at()
        .await
        .find_user(&UserRef::Id(id.into()))
        .await
        .unwrap()
}

/// Makes it an admin or takes that away, as the operations do.
async fn make_admin(app: &App, id: &str, number: u128, admin: bool) -> Result<(), AppDbError> {
    let user = user(app, id).await;
    let to = app.at().await.role_after(&user, admin).await?;
    let from = user.role.unwrap_or_else(|| "none".to_owned());
    let change = RoleChange {
        user_id: id,
        from: &from,
        to: &to,
    };
    app.at().await.change_role(&mark(number), change).await
}

/// Ada is the only admin: nothing takes her away, and a second one can be made and unmade.
async fn is_guarded(app: &App) {
    let admins = app.at().await.admins().await.unwrap();
    assert_eq!((admins.total, admins.acting), (1, 1));
    assert_eq!(admins.read[0].user.id, "ada");
    assert_eq!(user(app, "ada").await.is_admin, Some(true));
    assert_eq!(user(app, "bob").await.is_admin, Some(false));

    assert!(app.at().await.is_last_admin("ada").await.unwrap());
    let plan = app.plan("ada").await;
    let last = |text: &String| text.contains("last admin");
    assert!(plan.blockers.iter().any(last), "{:?}", plan.blockers);
    let erased = app.db.erase(&mark(1), "ada", ANYBODY).await.unwrap_err();
    assert!(erased.to_string().contains("last admin"), "{erased}");
    let blocked = app.at().await.block(&mark(2), "ada").await.unwrap_err();
    assert!(matches!(blocked, AppDbError::LastAdmin), "{blocked}");
    let banned = app
        .at()
        .await
        .ban(&mark(3), "ada", async { Ok(None) })
        .await;
    let banned = banned.unwrap_err().to_string();
    assert!(banned.contains("demote first"), "{banned}");
    let demoted = make_admin(app, "ada", 4, false).await.unwrap_err();
    assert!(matches!(demoted, AppDbError::LastAdmin), "{demoted}");

    make_admin(app, "bob", 5, true).await.unwrap();
    assert_eq!(app.at().await.admins_count().await.unwrap(), 2);
    assert!(!app.at().await.is_last_admin("ada").await.unwrap());
    make_admin(app, "ada", 6, false).await.unwrap();
    assert_eq!(
        app.at().await.admins().await.unwrap().read[0].user.id,
        "bob"
    );
    assert!(app.at().await.is_last_admin("bob").await.unwrap());
    app.db.erase(&mark(7), "ada", ANYBODY).await.unwrap();
}

#[tokio::test]
async fn admins_are_found_and_guarded_where_roles_are_an_array_of_an_enum() {
    let app = with_roles(
        r#"CREATE TYPE "R" AS ENUM ('USER', 'EDITOR', 'ADMIN'); ALTER TABLE "User" ADD roles "R"[]"#,
        r#"UPDATE "User" SET roles = '{EDITOR}'; UPDATE "User" SET roles = '{EDITOR,ADMIN}' WHERE id = 'ada'"#,
        "",
    )
    .await;
    is_guarded(&app).await;
    let kept = r#"SELECT count(*) FROM "User" WHERE id = 'bob' AND roles = '{EDITOR,ADMIN}'"#;
    assert_eq!(app.number(kept).await, 1);
}

#[tokio::test]
async fn admins_are_found_and_guarded_where_roles_are_an_array_of_text() {
    for kind in ["text[]", "varchar(20)[] DEFAULT '{USER}'"] {
        let app = with_roles(
            &format!(r#"ALTER TABLE "User" ADD roles {kind}"#),
            r#"UPDATE "User" SET roles = '{ADMIN}' WHERE id = 'ada'"#,
            "",
        )
        .await;
        is_guarded(&app).await;
    }
}

#[tokio::test]
async fn letter_case_makes_no_other_admin_where_the_column_knows_none() {
    for kind in ["ext.citext", "ext.citext[]"] {
        let value = if kind.ends_with(']') {
            "{admin}"
        } else {
            "admin"
        };
        let app = with_roles(
            &format!(
                r#"CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; ALTER TABLE "User" ADD roles {kind}"#
            ),
            &format!(r#"UPDATE "User" SET roles = '{value}' WHERE id = 'ada'"#),
            "",
        )
        .await;
        is_guarded(&app).await;
    }
}

#[tokio::test]
async fn admins_are_found_and_guarded_where_roles_are_a_json_array() {
    let app = with_roles(
        r#"ALTER TABLE "User" ADD roles jsonb"#,
        r#"UPDATE "User" SET roles = '["EDITOR", "ADMIN"]' WHERE id = 'ada';
           UPDATE "User" SET roles = '["EDITOR"]' WHERE id = 'bob'"#,
        "",
    )
    .await;
    is_guarded(&app).await;
    let kept = r#"SELECT count(*) FROM "User" WHERE id = 'bob' AND roles = '["EDITOR", "ADMIN"]'"#;
    assert_eq!(app.number(kept).await, 1);
}

#[tokio::test]
async fn admins_are_found_and_guarded_where_a_flag_makes_them() {
    let app = with_roles(
        r#"ALTER TABLE "User" ADD roles boolean"#,
        r#"UPDATE "User" SET roles = (id = 'ada') WHERE id <> 'cy'"#,
        "",
    )
    .await;
    is_guarded(&app).await;
}

#[tokio::test]
async fn admins_are_found_and_guarded_where_a_number_stands_for_the_role() {
    let app = with_roles(
        r#"ALTER TABLE "User" ADD roles smallint NOT NULL DEFAULT 0"#,
        r#"UPDATE "User" SET roles = 9 WHERE id = 'ada'"#,
        "admin_role = \"9\"\nuser_role = \"0\"",
    )
    .await;
    is_guarded(&app).await;
}

/// Everything that must not take the last admin away is refused, and says why.
async fn is_refused(app: &App, id: &str, why: &str) {
    let plan = app.plan(id).await;
    let says = plan.blockers.join("; ");
    assert!(says.contains(why), "{says}");
    let refused = [
        app.db.erase(&mark(1), id, ANYBODY).await.err(),
        app.at().await.block(&mark(2), id).await.err(),
        app.at()
            .await
            .ban(&mark(3), id, async { Ok(None) })
            .await
            .err(),
    ];
    for error in refused {
        let says = error.expect("it is refused").to_string();
        assert!(says.contains(why), "{says}");
    }
    let accounts = r#"SELECT count(*) FROM "User" WHERE NOT "isBlocked""#;
    assert_eq!(app.number(accounts).await, 3);
}

#[tokio::test]
async fn a_column_that_says_nothing_of_admins_refuses_everything_that_could_take_the_last_one() {
    for (column, roles, why) in [
        (
            r#"ALTER TABLE "User" ADD roles int DEFAULT 3"#,
            "",
            "it is of type pg_catalog.int4",
        ),
        (
            r#"ALTER TABLE "User" ADD roles json"#,
            "",
            "it is of type pg_catalog.json",
        ),
        (
            r#"ALTER TABLE "User" ADD roles jsonb"#,
            r#"UPDATE "User" SET roles = '{"admin": true}' WHERE id = 'ada'"#,
            "in 1 rows it is not a JSON array of texts",
        ),
        (
            r#"ALTER TABLE "User" ADD roles int[]"#,
            "",
            "it is a list of pg_catalog.int4",
        ),
        (
            r#"CREATE TYPE "R" AS ENUM ('admin', 'user'); ALTER TABLE "User" ADD roles "R""#,
            "",
            "User.roles has no value ADMIN (it has admin, user)",
        ),
        (
            r#"CREATE TYPE "R" AS ENUM ('admin', 'user'); ALTER TABLE "User" ADD roles "R"[]"#,
            "",
            "User.roles has no value ADMIN (it has admin, user)",
        ),
    ] {
        let app = with_roles(column, roles, "").await;
        is_refused(&app, "ada", why).await;
        let review = app.at().await.admins().await.unwrap_err().to_string();
        assert!(review.contains(why), "{review}");
    }
}

#[tokio::test]
async fn nobody_with_a_role_of_an_unknown_name_goes_while_no_admin_is_known() {
    let app = with_roles(
        r#"ALTER TABLE "User" ADD roles text DEFAULT 'USER'"#,
        r#"UPDATE "User" SET roles = 'administrator' WHERE id = 'ada'"#,
        "",
    )
    .await;
    let why = "no account has the role ADMIN, and this one has the role administrator";
    is_refused(&app, "ada", why).await;
    // Whoever has the ordinary role is no admin for certain.
    app.db.erase(&mark(9), "bob", ANYBODY).await.unwrap();
}

#[tokio::test]
async fn a_blocked_admin_does_not_free_the_only_one_who_may_be_an_admin_and_can_act() {
    let app = with_roles(
        r#"ALTER TABLE "User" ADD roles text DEFAULT 'USER'"#,
        r#"UPDATE "User" SET roles = 'ADMIN', "isBlocked" = true WHERE id = 'ada';
           UPDATE "User" SET roles = 'ADMIN,EDITOR' WHERE id = 'bob'"#,
        "",
    )
    .await;
    let refused = app.db.erase(&mark(1), "bob", ANYBODY).await.unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.contains("every account with the role ADMIN is blocked"),
        "{refused}"
    );
    let blocked = app
        .at()
        .await
        .block(&mark(2), "bob")
        .await
        .unwrap_err()
        .to_string();
    assert!(blocked.contains("cannot be told"), "{blocked}");
    app.db.erase(&mark(3), "cy", ANYBODY).await.unwrap();
}
