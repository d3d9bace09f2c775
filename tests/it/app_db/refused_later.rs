//! What the database would refuse in the run is found while planning, and what it would not is not refused.

use countersign::systems::app_db::{CreditWay, Mapping, Whose};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::support::{ANYBODY, App, app_with, lost, mapping, mark, planned};

/// The blockers of an erasure in one text.
async fn blockers(app: &App) -> String {
    app.plan("ada").await.blockers.join("; ")
}

#[tokio::test]
async fn rows_are_counted_and_deleted_over_keys_whose_type_is_outside_the_search_path() {
    let app = app_with(
        r#"CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
           CREATE DOMAIN slug AS ext.citext;
           CREATE TABLE "User" (id ext.citext PRIMARY KEY, email ext.citext UNIQUE);
           CREATE TABLE "Post" (id ext.citext PRIMARY KEY, author ext.citext REFERENCES "User" ON DELETE RESTRICT);
           CREATE TABLE "Like" (post slug REFERENCES "Post", "userId" ext.citext, PRIMARY KEY (post, "userId"));
           CREATE TABLE "Subscription" ("userId" ext.citext REFERENCES "User", status text);
           INSERT INTO "User" VALUES ('Ada', 'ada@x.org'), ('Bob', 'bob@x.org');
           INSERT INTO "Post" VALUES ('One', 'ADA'), ('two', 'ada'), ('three', 'bob');
           INSERT INTO "Like" VALUES ('ONE', 'BOB'), ('three', 'bob');
           INSERT INTO "Subscription" VALUES ('aDa', 'active')"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("ada").await;
    assert_eq!(plan.blockers, Vec::<String>::new());
    let rows = planned(&plan);
    let subscriptions = app
        .at()
        .await
        .running_subscriptions("ada", None)
        .await
        .unwrap();
    assert_eq!(subscriptions, Some(1));
    let before = app.counts().await;
    app.db.erase(&mark(1), "ada", ANYBODY).await.unwrap();
    let gone = lost(&before, &app.counts().await);
    assert_eq!(gone, rows);
    assert_eq!(
        (gone["Post"], gone["Like"], gone["Subscription"]),
        (2, 1, 1)
    );
}

/// Ada with two invoices that a policy keeps; Bob has one too.
async fn with_policy(invoice: &str, policy: &str) -> App {
    let sql = format!(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Invoice" (id int PRIMARY KEY, "userId" text REFERENCES "User", note text {invoice});
           INSERT INTO "User" VALUES ('ada', 'ada@x.org'), ('bob', 'bob@x.org');
           INSERT INTO "Invoice" (id, "userId", note) VALUES (1, 'ada', 'one'), (2, 'ada', 'two'), (3, 'bob', 'gone')"#
    );
    let policy = format!("[tables.Invoice]\npolicy = \"anonymise\"\n{policy}");
    app_with(&sql, mapping(&policy)).await
}

#[tokio::test]
async fn what_a_policy_writes_is_held_against_the_columns_rules_while_planning() {
    for (invoice, policy, says) in [
        (
            "CHECK (note <> 'x')",
            "set = { note = \"x\" }",
            "cannot become what [app.schema.tables.Invoice] says: a constraint forbids it",
        ),
        (
            ", amount int NOT NULL DEFAULT 1",
            "set = { amount = \"none\" }",
            "SQLSTATE 22P02",
        ),
        (
            ", code varchar(3)",
            "set = { code = \"erased\" }",
            "SQLSTATE 22001",
        ),
        ("UNIQUE", "set = { note = \"same\" }", "SQLSTATE 23505"),
        (
            ", other text REFERENCES \"User\"",
            "set = { other = \"nobody\" }",
            "would point to a row of User that is not there",
        ),
        (
            ", twice text GENERATED ALWAYS AS (note || note) STORED",
            "clear = [\"twice\"]",
            "computed by the database",
        ),
    ] {
        let app = with_policy(invoice, policy).await;
        let found = blockers(&app).await;
        assert!(found.contains(says), "{invoice}: {found}");
        let before = app.counts().await;
        assert!(
            app.db.erase(&mark(1), "ada", ANYBODY).await.is_err(),
            "{invoice}"
        );
        assert_eq!(
            lost(&before, &app.counts().await),
            super::support::Counts::new()
        );
    }
}

#[tokio::test]
async fn a_unique_value_that_another_row_has_is_found_while_planning() {
    let app = with_policy("UNIQUE", "set = { note = \"gone\" }").await;
    app.run(r#"DELETE FROM "Invoice" WHERE id = 2"#).await;
    let found = blockers(&app).await;
    assert!(
        found.contains("1 rows of Invoice would have the same note"),
        "{found}"
    );
}

#[tokio::test]
async fn a_policy_that_fits_is_not_in_the_way_and_runs_no_trigger_while_planning() {
    let app = with_policy("CHECK (note <> 'x')", "set = { note = \"erased\" }").await;
    app.run(
        r#"CREATE TABLE "Trace" (what text);
           CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "Trace" VALUES (tg_op); RETURN coalesce(NEW, OLD); END $$;
           CREATE TRIGGER trace BEFORE INSERT OR UPDATE OR DELETE ON "Invoice" FOR EACH ROW EXECUTE FUNCTION trace()"#,
    )
    .await;
    assert_eq!(blockers(&app).await, "");
    assert_eq!(app.number(r#"SELECT count(*) FROM "Trace""#).await, 0);
    app.db.erase(&mark(1), "ada", ANYBODY).await.unwrap();
    let kept = r#"SELECT count(*) FROM "Invoice" WHERE note = 'erased' AND "userId" IS NULL"#;
    assert_eq!(app.number(kept).await, 2);
}

const PLAIN: &str = r#"CREATE TABLE "User" (id text PRIMARY KEY, email text, role text DEFAULT 'USER', credits int DEFAULT 0, "isBlocked" boolean DEFAULT false);
    CREATE TABLE "Session" (id text PRIMARY KEY, "userId" text REFERENCES "User", expires timestamptz);
    CREATE TABLE "Note" (id int, "userId" text REFERENCES "User");
    INSERT INTO "User" (id, email) VALUES ('ada', 'ada@x.org'), ('bob', 'bob@x.org');
    INSERT INTO "Session" VALUES ('s', 'ada', now() + interval '1 day');
    INSERT INTO "Note" VALUES (1, 'ada')"#;

#[tokio::test]
async fn a_rule_that_does_something_else_and_a_published_table_without_a_key_are_found_while_planning()
 {
    let app = app_with(PLAIN, Mapping::default()).await;
    app.run(r#"CREATE RULE keep AS ON DELETE TO "Note" DO INSTEAD NOTHING"#)
        .await;
    let found = blockers(&app).await;
    assert!(found.contains("Note has a rule"), "{found}");
    app.run(r#"DROP RULE keep ON "Note"; CREATE PUBLICATION p FOR TABLE "Note""#)
        .await;
    let found = blockers(&app).await;
    assert!(
        found.contains("Note is published for replication"),
        "{found}"
    );
    app.run(r#"ALTER TABLE "Note" REPLICA IDENTITY FULL"#).await;
    assert_eq!(blockers(&app).await, "");
}

/// The system over the same database under a role with these grants, and no others.
async fn under_role(app: &App, role: &str, grants: &str) -> countersign::systems::app_db::AppDb {
    let role = format!("{role}_{}", app.database_name().replace('-', "_"));
    let role = role[..role.len().min(60)].to_owned();
    let grants = grants.replace("{role}", &role);
    app.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'sample'; GRANT TEMPORARY ON DATABASE \"{}\" TO {role}; GRANT USAGE ON SCHEMA public, countersign TO {role};
         GRANT SELECT, INSERT, UPDATE ON countersign.applied_step TO {role}; {grants}",
        app.database_name()
    ))
    .await;
    app.connected_with(|options| options.username(&role).password("sample"))
}

#[tokio::test]
async fn rights_that_the_run_needs_are_missed_while_planning_for_every_change() {
    let app = app_with(PLAIN, Mapping::default()).await;
    let connected = under_role(
        &app,
        "reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    )
    .await;
    let db = connected.open().await.unwrap();
    let plan = db.plan_erasure("ada").await.unwrap().blockers.join("; ");
    for says in [
        "no DELETE right on User",
        "no UPDATE right on User",
        "no DELETE right on Session",
        "no DELETE right on Note",
    ] {
        assert!(plan.contains(says), "{says}: {plan}");
    }
    let user = db
        .find_user(&countersign::systems::app_db::UserRef::Id("ada".into()))
        .await
        .unwrap();
    let refused = [
        db.role_after(&user, true).await.unwrap_err().to_string(),
        db.standing("ada").await.unwrap_err().to_string(),
        db.credit_rules(CreditWay::Remove)
            .await
            .unwrap_err()
            .to_string(),
    ];
    for says in refused {
        assert!(says.contains("no UPDATE right on User"), "{says}");
    }
    assert!(
        db.may_ban("ada")
            .await
            .unwrap_err()
            .to_string()
            .contains("no DELETE right on Session")
    );
    assert!(
        !db.live_sessions(Whose::All)
            .await
            .unwrap()
            .unwrap()
            .may_delete
    );
}

#[tokio::test]
async fn rights_on_the_columns_that_are_written_are_enough() {
    let app = app_with(PLAIN, Mapping::default()).await;
    let grants = r#"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
        GRANT UPDATE (role, credits, "isBlocked"), DELETE ON "User" TO {role}; GRANT DELETE ON "Session", "Note" TO {role}"#;
    let connected = under_role(&app, "narrow", grants).await;
    let db = connected.open().await.unwrap();
    assert_eq!(
        db.plan_erasure("ada").await.unwrap().blockers,
        Vec::<String>::new()
    );
    db.credit_rules(CreditWay::Remove).await.unwrap();
    db.may_ban("ada").await.unwrap();
    db.standing("ada").await.unwrap();
    connected.erase(&mark(1), "ada", ANYBODY).await.unwrap();
}

#[tokio::test]
async fn a_database_that_only_reads_is_said_while_planning() {
    let app = app_with(PLAIN, Mapping::default()).await;
    let mut server = PgConnection::connect_with(&app.pool.connect_options())
        .await
        .unwrap();
    let sql = format!(
        "ALTER DATABASE \"{}\" SET default_transaction_read_only = on",
        app.database_name()
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut server)
        .await
        .unwrap();
    let connected = app.connected_with(|options| options);
    let db = connected.open().await.unwrap();
    let user = db
        .find_user(&countersign::systems::app_db::UserRef::Id("ada".into()))
        .await
        .unwrap();
    let refused = [
        db.plan_erasure("ada").await.unwrap_err().to_string(),
        db.role_after(&user, true).await.unwrap_err().to_string(),
        db.standing("ada").await.unwrap_err().to_string(),
        db.credit_rules(CreditWay::Remove)
            .await
            .unwrap_err()
            .to_string(),
        db.live_sessions(Whose::All).await.unwrap_err().to_string(),
    ];
    for says in refused {
        assert!(says.contains("read-only"), "{says}");
    }
}
