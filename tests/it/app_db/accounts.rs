//! Finding accounts, admins and sessions.

use countersign::systems::app_db::{FindError, Mapping, SessionStrategy, UserRef};
use countersign_sandbox::postgres::Template;

use super::support::{App, app, app_with, odd_mapping};

async fn by_email(app: &App, email: &str) -> Result<String, Vec<String>> {
    match app.at().await.find_user(&UserRef::parse(email)).await {
        Ok(user) => Ok(user.id),
        Err(FindError::Several(candidates)) => {
            Err(candidates.into_iter().map(|one| one.id).collect())
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_account_is_found_by_id_with_what_is_known_of_it() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let user = app
        .at()
        .await
        .find_user(&UserRef::parse(" usr_1 "))
        .await
        .unwrap();
    assert_eq!(user.email.as_deref(), Some("maria@example.com"));
    assert_eq!(user.masked_email().as_deref(), Some("m•••@example.com"));
    assert_eq!(
        (user.role.as_deref(), user.credits, user.blocked),
        (Some("USER"), Some(12), Some(false))
    );
    assert!(!format!("{user:?}").contains("maria@"));
}

#[tokio::test]
async fn what_the_app_does_not_have_is_not_made_up() {
    let app = app(Template::Real, Mapping::default()).await;
    let user = app
        .at()
        .await
        .find_user(&UserRef::Id("usr_2".into()))
        .await
        .unwrap();
    assert_eq!(
        (user.role.as_deref(), user.credits, user.blocked),
        (Some("ADMIN"), None, None)
    );
    assert!(user.created_at.is_some());
}

#[tokio::test]
async fn a_time_without_a_zone_is_utc_whatever_zone_the_session_has() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let far = app.connected_with(|options| options.options([("TimeZone", "Asia/Tokyo")]));
    let made = far
        .open()
        .await
        .unwrap()
        .find_user(&UserRef::Id("usr_1".into()))
        .await
        .unwrap()
        .created_at
        .unwrap();
    let stored = r#"SELECT extract(epoch FROM "createdAt")::int8 FROM "User" WHERE id = 'usr_1'"#;
    assert_eq!(made.timestamp(), app.number(stored).await);
}

#[tokio::test]
async fn an_id_is_never_a_prefix_and_never_another_letter_case() {
    let app = app(Template::Runbook, Mapping::default()).await;
    for id in ["usr_", "USR_1", "usr_1'", "", "usr%"] {
        let found = app.at().await.find_user(&UserRef::Id(id.into())).await;
        assert!(matches!(found, Err(FindError::NotFound)), "{id}");
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_an_id_of_the_apps_type_names_nobody() {
    let app = app(Template::Odd, odd_mapping()).await;
    assert_eq!(
        app.at()
            .await
            .find_user(&UserRef::Id("2".into()))
            .await
            .unwrap()
            .id,
        "2"
    );
    for id in ["two", "99999999999999999999", "2.5"] {
        let found = app.at().await.find_user(&UserRef::Id(id.into())).await;
        assert!(matches!(found, Err(FindError::NotFound)), "{id}");
    }
}

#[tokio::test]
async fn twins_by_letter_case_are_asked_for_by_id_in_every_spelling() {
    let app = app(Template::Real, Mapping::default()).await;
    for email in [
        "maria@example.com",
        "Maria@example.com",
        "MARIA@EXAMPLE.COM",
    ] {
        assert_eq!(
            by_email(&app, email).await,
            Err(vec!["usr_1".into(), "usr_41".into()]),
            "{email}"
        );
    }
    assert_eq!(by_email(&app, "hana@example.com").await, Ok("usr_9".into()));
}

#[tokio::test]
async fn another_letter_case_is_not_taken_for_the_address_even_without_a_twin() {
    let app = app(Template::Runbook, Mapping::default()).await;
    assert_eq!(
        by_email(&app, "maria@example.com").await,
        Ok("usr_1".into())
    );
    assert_eq!(
        by_email(&app, "Maria@example.com").await,
        Err(vec!["usr_1".into()])
    );
    let nobody = app
        .at()
        .await
        .find_user(&UserRef::parse("nobody@example.com"))
        .await;
    assert!(matches!(nobody, Err(FindError::NotFound)));
}

#[tokio::test]
async fn an_admin_is_the_last_one_when_the_others_are_blocked() {
    let app = app(Template::Runbook, Mapping::default()).await;
    assert_eq!(app.at().await.admins_count().await.unwrap(), 3);
    assert!(!app.at().await.is_last_admin("usr_2").await.unwrap());
    app.run(r#"UPDATE "User" SET "isBlocked" = true WHERE id IN ('usr_3', 'usr_4')"#)
        .await;
    assert_eq!(app.at().await.admins_count().await.unwrap(), 1);
    assert!(app.at().await.is_last_admin("usr_2").await.unwrap());
    assert!(!app.at().await.is_last_admin("usr_1").await.unwrap());
}

#[tokio::test]
async fn a_role_may_be_text_and_may_be_missing() {
    let real = app(Template::Real, Mapping::default()).await;
    assert_eq!(real.at().await.admins_count().await.unwrap(), 3);
    let odd = app(Template::Odd, odd_mapping()).await;
    assert!(!odd.at().await.is_last_admin("1").await.unwrap());
    let missing = odd.at().await.admins_count().await.unwrap_err().to_string();
    assert!(missing.contains("account.role"), "{missing}");
}

#[tokio::test]
async fn sessions_are_in_the_database_when_rows_say_so() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.run(r#"UPDATE "Session" SET expires = CASE WHEN "userId" = 'usr_1' THEN now() + interval '1 day' ELSE now() - interval '1 day' END"#).await;
    assert_eq!(
        app.at().await.session_strategy().await.unwrap(),
        SessionStrategy::Database { rows: 3 }
    );
}

#[tokio::test]
async fn an_empty_or_missing_session_table_means_signed_cookies() {
    let real = app(Template::Real, Mapping::default()).await;
    let SessionStrategy::Jwt { why } = real.at().await.session_strategy().await.unwrap() else {
        panic!("the real shape has no session rows");
    };
    assert!(
        why.contains("Session is empty") && why.contains("NEXTAUTH_SECRET"),
        "{why}"
    );
    let odd = app(Template::Odd, odd_mapping()).await;
    let strategy = odd.at().await.session_strategy().await.unwrap();
    assert!(matches!(strategy, SessionStrategy::Jwt { why } if why.contains("no table Session")));
}

#[tokio::test]
async fn without_accounts_nobody_can_be_signed_in() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text)"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(
        app.at().await.session_strategy().await.unwrap(),
        SessionStrategy::None
    );
}

#[tokio::test]
async fn a_refusal_names_ids_and_no_address_not_even_a_masked_one() {
    let app = app(Template::Real, Mapping::default()).await;
    let several = app
        .at()
        .await
        .find_user(&UserRef::parse("MARIA@example.com"))
        .await
        .unwrap_err();
    let says = several.to_string();
    assert!(says.ends_with("ask by id: usr_1, usr_41"), "{says}");
    assert!(!says.contains('@'), "{says}");
}

#[tokio::test]
async fn columns_of_other_types_than_expected_are_left_out_and_hide_nobody() {
    let app = app_with(
        r#"CREATE TABLE "User" (id uuid PRIMARY KEY, email text, "createdAt" text, credits text);
           INSERT INTO "User" VALUES ('00000000-0000-0000-0000-00000000000a', 'a@x.org', 'last week', 'many');"#,
        Mapping::default(),
    )
    .await;
    for user in ["a@x.org", "00000000-0000-0000-0000-00000000000A"] {
        let found = app
            .at()
            .await
            .find_user(&UserRef::parse(user))
            .await
            .unwrap();
        assert_eq!((found.created_at, found.credits), (None, None));
    }
    let nobody = app
        .at()
        .await
        .find_user(&UserRef::Id("no uuid".into()))
        .await;
    assert!(matches!(nobody, Err(FindError::NotFound)), "{nobody:?}");
}

#[tokio::test]
async fn days_and_fractions_are_read_as_a_time_and_as_whole_credits() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, "createdAt" date, credits numeric);
           INSERT INTO "User" VALUES (1, 'a@x.org', '2026-02-03', 11.6), (2, 'b@x.org', NULL, 'NaN');"#,
        Mapping::default(),
    )
    .await;
    let first = app
        .at()
        .await
        .find_user(&UserRef::Id("1".into()))
        .await
        .unwrap();
    assert_eq!(first.credits, Some(12));
    let day = first.created_at.unwrap().to_rfc3339();
    assert_eq!(day, "2026-02-03T00:00:00+00:00");
    let second = app
        .at()
        .await
        .find_user(&UserRef::Id("2".into()))
        .await
        .unwrap();
    assert_eq!((second.created_at, second.credits), (None, None));
}
