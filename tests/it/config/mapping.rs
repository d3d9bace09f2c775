//! From a database that was never seen before to a mapping that works: `countersign doctor --suggest-mapping`.

use std::process::Command;

use countersign::{
    config::doctor::{Report, Verdict},
    systems::app_db::{AppDb, Limits, Mapping, Suggestion},
};
use countersign_sandbox::postgres::{Database, Server, Template};

use crate::support::{Options, World, story::*};

/// The schemas that docs/mapping.md explains.
const SCHEMAS: &[(&str, &str)] = &[
    ("snake_case", include_str!("schemas/snake_case.sql")),
    ("tenants", include_str!("schemas/tenants.sql")),
    ("no_keys", include_str!("schemas/no_keys.sql")),
];

/// A world whose application is this, with nothing started.
async fn world_of(sql: &str) -> World {
    let options = Options {
        shape: Some(Template::Empty),
        ..Options::default()
    };
    let world = World::without_service(options).await;
    world.run(sql).await;
    world
}

async fn suggest(url: &str) -> Suggestion {
    let db = AppDb::connect(url, Mapping::default(), Limits::default()).unwrap();
    db.suggest_mapping().await.unwrap()
}

/// The proposal for a schema of the test's own.
async fn suggested(sql: &str) -> String {
    let database = database(sql).await;
    suggest(database.url()).await.toml
}

async fn database(sql: &str) -> Database {
    let server = Server::shared().await.unwrap();
    let database = server.create_database(Template::Empty).await.unwrap();
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
    database
}

/// What the doctor says of the app's database and its commands.
fn of_the_app(report: &Report) -> String {
    let about = |name: &str| {
        name.starts_with("/ops ")
            || name.starts_with("[app")
            || ["accounts", "the app's database", "row-level security"].contains(&name)
    };
    let findings = report.0.iter().filter(|one| about(&one.name)).cloned();
    Report(findings.collect()).to_string()
}

fn in_force(toml: &str, line: &str) -> bool {
    toml.lines()
        .any(|one| one.trim_start().starts_with(line) && !one.trim_start().starts_with('#'))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_schemas_get_the_mapping_that_the_guide_shows() {
    for (name, sql) in SCHEMAS {
        let toml = suggested(sql).await;
        insta::assert_snapshot!(format!("suggested_{name}"), toml);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mapping_the_doctor_says_what_a_newcomer_needs_and_nothing_starts() {
    for (name, sql) in SCHEMAS.iter().filter(|(name, _)| *name != "tenants") {
        let world = world_of(sql).await;
        let report = world.doctor().await;
        insta::assert_snapshot!(format!("unmapped_{name}"), of_the_app(&report));
        let why = world.refuses_to_start().await.expect("it does not start");
        assert!(why.contains("--suggest-mapping"), "{why}");
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_mapping_loads_without_faults_and_shows_which_commands_work() {
    for (name, sql) in SCHEMAS {
        let mut world = world_of(sql).await;
        world.configure(&suggest(world.database_url()).await.toml);
        let report = world.doctor().await;
        assert_eq!(report.count(Verdict::Fault), 0, "{report}");
        insta::assert_snapshot!(format!("mapped_{name}"), of_the_app(&report));
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_with_the_proposed_mapping() {
    let accounts = ["2", "m_2", "00000000-0000-4000-8000-000000000002"];
    for ((_, sql), account) in SCHEMAS.iter().zip(accounts) {
        let mut world = world_of(sql).await;
        world.configure(&suggest(world.database_url()).await.toml);
        world.start_replica().await;
        let (id, answer) = world
            .answered(ADA, &format!("/ops user show {account}"))
            .await;
        world.until_state(id, "done").await;
        assert!(
            answer.all_text().contains("example.com"),
            "{}",
            answer.all_text()
        );
        // Its subscription is active by its state and over by its end.
        let line = format!("/ops user delete {account} asked for erasure by mail");
        let id = world.ask(ADA, &line).await;
        world.approve_typing(GRACE, id, account).await;
        world.cool_off().await;
        world.until_state(id, "done").await;
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snippet_alone_is_printed_and_needs_nothing_but_the_database() {
    let (_, sql) = SCHEMAS[0];
    let database = database(sql).await;
    let folder = std::env::temp_dir();
    let ran = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["doctor", "--suggest-mapping"])
        .current_dir(&folder)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8(ran.stdout).unwrap(),
        String::from_utf8(ran.stderr).unwrap(),
    );
    assert!(ran.status.success(), "{err}");
    assert_eq!(out, suggest(database.url()).await.toml);
    assert!(err.contains("accounts: users"), "{err}");
    assert!(err.contains("works         /ops user promote"), "{err}");
    assert!(err.contains("in part       /ops user show"), "{err}");
    for personal in ["maria@example.com", "Maria Rossi", "root@example.com"] {
        assert!(
            !out.contains(personal) && !err.contains(personal),
            "{out}{err}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_accounts_is_said_and_fails() {
    let database = database("CREATE TABLE weather (day date PRIMARY KEY, degrees int)").await;
    let ran = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["doctor", "--suggest-mapping"])
        .current_dir(std::env::temp_dir())
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(!ran.status.success());
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(out.contains("No table looks like the accounts"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn django_accounts_are_found_and_an_opposite_flag_is_not_taken() {
    let toml = suggested(
        "CREATE TABLE auth_user (id serial PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz,
           is_superuser boolean NOT NULL, username varchar(150) UNIQUE NOT NULL, email varchar(254) NOT NULL,
           is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamptz NOT NULL);
         CREATE TABLE auth_group (id serial PRIMARY KEY, name varchar(150) UNIQUE NOT NULL);
         CREATE TABLE auth_user_groups (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES auth_user,
           group_id int NOT NULL REFERENCES auth_group);
         CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz);",
    )
    .await;
    for line in [
        "table = \"auth_user\"",
        "email = \"email\"",
        "role = \"is_superuser\"",
        "admin_role = \"true\"",
        "created_at = \"date_joined\"",
    ] {
        assert!(in_force(&toml, line), "{line}\n{toml}");
    }
    assert!(!in_force(&toml, "is_blocked"), "{toml}");
    assert!(toml.contains("is_active is the opposite"), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn supabase_accounts_are_those_of_auth_and_their_postgres_role_is_no_role_of_the_app() {
    let toml = suggested(
        "CREATE SCHEMA auth;
         CREATE TABLE auth.users (instance_id uuid, id uuid PRIMARY KEY, aud varchar(255), role varchar(255),
           email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz,
           is_super_admin boolean, banned_until timestamptz, created_at timestamptz, updated_at timestamptz);
         CREATE UNIQUE INDEX users_email_partial_key ON auth.users (email) WHERE is_super_admin IS NOT TRUE;
         CREATE TABLE auth.sessions (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
           created_at timestamptz, not_after timestamptz);
         CREATE TABLE auth.identities (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
           email text);
         CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, email text,
           full_name text, role text);
         CREATE TABLE public.posts (id bigserial PRIMARY KEY, user_id uuid REFERENCES public.profiles ON DELETE CASCADE);
         CREATE TABLE public.likes (id bigserial PRIMARY KEY, user_id uuid REFERENCES public.profiles ON DELETE CASCADE);
         CREATE TABLE public.notes (id bigserial PRIMARY KEY, user_id uuid REFERENCES public.profiles ON DELETE CASCADE);",
    )
    .await;
    for line in [
        "schema = \"public\"",
        "table = \"auth.users\"",
        "email_verified = \"email_confirmed_at\"",
        "role = \"\"",
        "table = \"auth.sessions\"",
        "expires = \"not_after\"",
    ] {
        assert!(in_force(&toml, line), "{line}\n{toml}");
    }
    assert!(toml.contains("profiles holds role (role)"), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn better_auth_tables_are_found() {
    let toml = suggested(
        r#"CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE,
             "emailVerified" boolean NOT NULL, image text, role text, banned boolean, "banReason" text,
             "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL);
           CREATE TABLE session (id text PRIMARY KEY, "expiresAt" timestamptz NOT NULL, token text NOT NULL UNIQUE,
             "userId" text NOT NULL REFERENCES "user" ON DELETE CASCADE, "impersonatedBy" text);
           CREATE TABLE account (id text PRIMARY KEY, "accountId" text NOT NULL, "providerId" text NOT NULL,
             "userId" text NOT NULL REFERENCES "user" ON DELETE CASCADE, "accessToken" text);
           CREATE TABLE verification (id text PRIMARY KEY, identifier text NOT NULL, value text NOT NULL,
             "expiresAt" timestamptz NOT NULL);
           INSERT INTO "user" VALUES ('a', 'Ada', 'ada@example.com', true, null, 'admin', false, null, now(), now()),
             ('b', 'Bob', 'bob@example.com', true, null, 'user', false, null, now(), now());"#,
    )
    .await;
    for line in [
        "table = \"user\"",
        "email_verified = \"emailVerified\"",
        "role = \"role\"",
        "admin_role = \"admin\"",
        "user_role = \"user\"",
        "is_blocked = \"banned\"",
        "expires = \"expiresAt\"",
        "\"verification.identifier\"",
    ] {
        assert!(in_force(&toml, line), "{line}\n{toml}");
    }
    assert!(toml.contains("account.accessToken"), "{toml}");
    assert!(toml.contains("# \"verification.value\""), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_stays_open_with_its_candidates() {
    let toml = suggested(
        "CREATE TABLE user_entity (id varchar(36) PRIMARY KEY, email varchar(255), email_constraint varchar(255),
           email_verified boolean NOT NULL, enabled boolean NOT NULL, first_name varchar(255), last_name varchar(255),
           realm_id varchar(255), username varchar(255), created_timestamp bigint, UNIQUE (realm_id, email_constraint));
         CREATE TABLE user_role_mapping (role_id varchar(255) NOT NULL, user_id varchar(36) NOT NULL REFERENCES user_entity,
           PRIMARY KEY (role_id, user_id));
         CREATE TABLE credential (id varchar(36) PRIMARY KEY, secret_data text, user_id varchar(36) REFERENCES user_entity);",
    )
    .await;
    assert!(in_force(&toml, "table = \"user_entity\""), "{toml}");
    assert!(in_force(&toml, "name = \"username\""), "{toml}");
    for key in ["role", "is_blocked", "created_at"] {
        assert!(!in_force(&toml, key), "{key}\n{toml}");
        assert!(toml.contains(&format!("# {key} = ")), "{key}\n{toml}");
    }
    assert!(toml.contains("enabled is the opposite"), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_dots_quotes_and_line_breaks_cannot_break_the_snippet() {
    let sql = r#"CREATE TABLE "app.users" (id int PRIMARY KEY, "email" text UNIQUE, "is_admin" boolean,
        "audio
Url" text, "fileKey""quoted" text)"#;
    let database = database(sql).await;
    let suggestion = suggest(database.url()).await;
    let toml = &suggestion.toml;
    let found = suggestion
        .at
        .schema
        .table(&suggestion.at.mapping.user_table());
    assert_eq!(
        found.map(|table| table.name.as_str()),
        Some("app.users"),
        "{toml}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_many_values_is_not_taken_for_roles_and_nothing_of_it_is_shown() {
    let toml = suggested(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, role text);
         INSERT INTO users (email, role) SELECT 'p' || n || '@example.com', 'Person ' || n FROM generate_series(1, 50) n",
    )
    .await;
    assert!(!toml.contains("Person"), "{toml}");
    assert!(!in_force(&toml, "admin_role"), "{toml}");
}
