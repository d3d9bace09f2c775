//! An address that two accounts have does not say whose a row is.

use countersign::systems::app_db::Mapping;
use countersign_sandbox::postgres::Template;

use super::support::{ANYBODY, App, app, app_with, impact, mapping, mark, says};

/// Addresses are unique per tenant.
const TENANTS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, "tenantId" text NOT NULL, email text NOT NULL, UNIQUE ("tenantId", email));
    CREATE TABLE "VerificationToken" (identifier text NOT NULL, token text NOT NULL, UNIQUE (identifier, token));
    CREATE TABLE "LoginAttempt" (id int PRIMARY KEY, email text NOT NULL, "userId" text REFERENCES "User" (id) ON DELETE SET NULL);
    INSERT INTO "User" VALUES ('u_a', 't1', 'ana@x.org'), ('u_b', 't2', 'ana@x.org'), ('u_c', 't1', 'carl@x.org');
    INSERT INTO "VerificationToken" VALUES ('ana@x.org', '1'), ('Ana@x.org', '2'), ('carl@x.org', '3');
    INSERT INTO "LoginAttempt" VALUES (1, 'ana@x.org', NULL), (2, 'ana@x.org', 'u_a'), (3, 'ana@x.org', 'u_b'), (4, 'carl@x.org', NULL);"#;

async fn ids(app: &App, table: &str) -> Vec<i32> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        r#"SELECT id FROM "{table}" ORDER BY id"#
    )))
    .fetch_all(&app.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn rows_that_only_hold_an_address_of_two_accounts_stay_and_are_counted() {
    let app = app_with(TENANTS, Mapping::default()).await;
    let plan = app.plan("u_a").await;
    assert_eq!(impact(&plan, "VerificationToken").rows, 0);
    // The one that names the account.
    assert_eq!(impact(&plan, "LoginAttempt").rows, 1);
    for words in [
        [
            "VerificationToken.identifier: 2",
            "another account has the same address",
        ],
        ["LoginAttempt.email: 1", "may belong to either"],
    ] {
        assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
    }
    assert_eq!(plan.blockers, Vec::<String>::new());
    app.db.erase(&mark(1), "u_a", ANYBODY).await.unwrap();
    assert_eq!(ids(&app, "LoginAttempt").await, [1, 3, 4]);
    assert_eq!(app.counts().await["VerificationToken"], 3);
    let left = app
        .at()
        .await
        .remaining("u_a", Some("ana@x.org"))
        .await
        .unwrap();
    let kept: Vec<_> = left
        .iter()
        .map(|one| (one.table.as_str(), one.rows, one.kept.as_deref()))
        .collect();
    assert_eq!(
        kept,
        [
            ("LoginAttempt", 1, Some("another account uses the address")),
            (
                "LoginAttempt",
                1,
                Some("the row belongs to another account by key")
            ),
            (
                "VerificationToken",
                2,
                Some("another account uses the address")
            ),
        ]
    );
}

#[tokio::test]
async fn a_policy_does_not_decide_about_an_address_of_two_accounts() {
    let policy = mapping("[tables.VerificationToken]\npolicy = \"delete\"");
    let app = app_with(TENANTS, policy).await;
    app.db.erase(&mark(1), "u_a", ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["VerificationToken"], 3);
}

#[tokio::test]
async fn once_the_other_account_is_gone_the_address_is_the_persons_again() {
    let app = app_with(TENANTS, Mapping::default()).await;
    app.db.erase(&mark(1), "u_b", ANYBODY).await.unwrap();
    app.db.erase(&mark(2), "u_a", ANYBODY).await.unwrap();
    assert_eq!(ids(&app, "LoginAttempt").await, [4]);
    assert_eq!(app.counts().await["VerificationToken"], 1);
}

#[tokio::test]
async fn an_address_of_two_accounts_in_a_table_that_others_depend_on_is_no_blocker() {
    let app = app_with(TENANTS, Mapping::default()).await;
    app.run(
        r#"CREATE TABLE "Subscriber" (id int PRIMARY KEY, email text);
           CREATE TABLE "Delivery" (id int PRIMARY KEY, subscriber int REFERENCES "Subscriber" (id));
           INSERT INTO "Subscriber" VALUES (1, 'ana@x.org'); INSERT INTO "Delivery" VALUES (1, 1);"#,
    )
    .await;
    let plan = app.plan("u_a").await;
    assert_eq!(plan.blockers, Vec::<String>::new());
    assert!(
        says(&plan.warnings, &["Subscriber.email: 1"]),
        "{:?}",
        plan.warnings
    );
    app.db.erase(&mark(1), "u_a", ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["Delivery"], 1);
}

#[tokio::test]
async fn an_export_leaves_out_what_only_holds_an_address_of_two_accounts() {
    let app = app_with(TENANTS, Mapping::default()).await;
    let export = app.at().await.export("u_a").await.unwrap();
    let tables: Vec<_> = export
        .tables()
        .iter()
        .map(|one| (one.table.as_str(), one.rows))
        .collect();
    assert_eq!(tables, [("User", 1), ("LoginAttempt", 1)]);
    let words = ["VerificationToken.identifier: 2", "are not exported"];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
    let withheld = export.withheld().iter();
    let withheld: Vec<_> = withheld
        .filter_map(|one| Some((one.what.as_str(), one.rows?)))
        .collect();
    assert!(
        withheld.contains(&("row(s) with the address in VerificationToken.identifier", 2)),
        "{withheld:?}"
    );
}

#[tokio::test]
async fn what_comes_late_with_an_address_of_two_accounts_is_not_swept() {
    let app = app_with(TENANTS, Mapping::default()).await;
    app.db.erase(&mark(1), "u_a", ANYBODY).await.unwrap();
    let late = app.db.erase_late(&mark(2), "u_a", Some("ana@x.org")).await;
    assert_eq!(late.unwrap().total(), 0);
    assert_eq!(app.counts().await["VerificationToken"], 3);
}

#[tokio::test]
async fn what_is_counted_for_one_account_leaves_out_an_address_of_two() {
    let app = app_with(TENANTS, Mapping::default()).await;
    let profile = app.at().await.profile("u_a").await.unwrap();
    let related: Vec<_> = profile
        .related
        .iter()
        .map(|one| (one.table.as_str(), one.rows))
        .collect();
    assert_eq!(related, [("LoginAttempt", 1)]);
}

/// Letter case makes no difference to an app of this kind.
const CASELESS: [&str; 3] = [
    r#"CREATE EXTENSION citext; CREATE TABLE "User" (id int PRIMARY KEY, "tenantId" int, email citext, UNIQUE ("tenantId", email));"#,
    r#"CREATE EXTENSION citext; CREATE DOMAIN address AS citext CHECK (VALUE LIKE '%@%');
       CREATE TABLE "User" (id int PRIMARY KEY, "tenantId" int, email address);"#,
    r#"CREATE TABLE "User" (id int PRIMARY KEY, "tenantId" int, email varchar(99));
       CREATE UNIQUE INDEX ON "User" ("tenantId", lower(email));"#,
];

#[tokio::test]
async fn where_the_app_ignores_letter_case_two_spellings_are_one_address() {
    for users in CASELESS {
        let app = app_with(users, Mapping::default()).await;
        app.run(
            r#"CREATE TABLE "PasswordResetToken" (id int PRIMARY KEY, email text);
               INSERT INTO "User" VALUES (1, 1, 'Ana@x.org'), (2, 2, 'ana@x.org');
               INSERT INTO "PasswordResetToken" VALUES (1, 'Ana@x.org'), (2, 'ana@x.org'), (3, 'ANA@x.org');"#,
        )
        .await;
        let plan = app.plan("1").await;
        assert!(
            says(&plan.warnings, &["PasswordResetToken.email: 3"]),
            "{:?}",
            plan.warnings
        );
        app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
        assert_eq!(app.counts().await["PasswordResetToken"], 3, "{users}");
    }
}

#[tokio::test]
async fn in_a_column_that_ignores_letter_case_a_spelling_says_nothing() {
    let app = app_with(
        r#"CREATE EXTENSION citext;
           CREATE TABLE "User" (id int PRIMARY KEY, email text UNIQUE);
           CREATE TABLE "PasswordResetToken" (email citext PRIMARY KEY);
           INSERT INTO "User" VALUES (1, 'Ana@x.org'), (2, 'ana@x.org');
           INSERT INTO "PasswordResetToken" VALUES ('Ana@x.org');"#,
        Mapping::default(),
    )
    .await;
    app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["PasswordResetToken"], 1);
}

#[tokio::test]
async fn an_address_of_two_accounts_names_neither_to_whoever_types_it() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.run(
        r#"DROP INDEX "User_email_key";
           INSERT INTO "User" (id, email, "updatedAt") VALUES ('usr_99', 'maria@example.com', now());"#,
    )
    .await;
    let found = app
        .at()
        .await
        .find_user(&countersign::systems::app_db::UserRef::parse(
            "maria@example.com",
        ))
        .await;
    let says = found.unwrap_err().to_string();
    assert!(says.ends_with("ask by id: usr_1, usr_99"), "{says}");
    assert_eq!(
        app.at().await.shares_address("usr_1").await.unwrap(),
        Some(true)
    );
}
