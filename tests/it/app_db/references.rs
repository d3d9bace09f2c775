//! A key that is set to NULL is a reference: the row that holds it belongs to nobody by it.

use countersign::systems::app_db::{Action, AppDb, Mapping};

use super::support::{ANYBODY, app_with, impact, mapping, mark, says};

/// Bob (2) made the dashboard that a project of the tenant shows first.
const DASHBOARDS: &str = r#"
    CREATE TABLE "User" (id int PRIMARY KEY, email text);
    CREATE TABLE "Dashboard" (id int PRIMARY KEY, "createdById" int REFERENCES "User" (id) ON DELETE SET NULL);
    CREATE TABLE "Widget" (id int PRIMARY KEY, "dashboardId" int NOT NULL REFERENCES "Dashboard" (id) ON DELETE CASCADE);
    CREATE TABLE "Project" (id int PRIMARY KEY, "homeDashboardId" int REFERENCES "Dashboard" (id) ON DELETE SET NULL);
    CREATE TABLE "Customer" (id int PRIMARY KEY, "projectId" int NOT NULL REFERENCES "Project" (id) ON DELETE CASCADE);
    INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
    INSERT INTO "Dashboard" VALUES (1, 2), (2, 1);
    INSERT INTO "Widget" VALUES (1, 1), (2, 1), (3, 2);
    INSERT INTO "Project" VALUES (1, 1), (2, 2);
    INSERT INTO "Customer" SELECT n, 1 FROM generate_series(1, 40) n;"#;

async fn exported(db: &AppDb, user: &str) -> Vec<(String, u64)> {
    let export = db.open().await.unwrap().export(user).await.unwrap();
    let tables = export.tables().iter();
    let tables = tables.map(|one| (one.table.clone(), one.rows)).collect();
    export.close().await.unwrap();
    tables
}

fn rows(tables: &[(&str, u64)]) -> Vec<(String, u64)> {
    let tables = tables.iter();
    tables
        .map(|(table, rows)| ((*table).to_owned(), *rows))
        .collect()
}

#[tokio::test]
async fn an_export_stops_at_a_reference_and_counts_what_it_leaves_out() {
    for rule in ["SET NULL", "SET DEFAULT"] {
        let schema = DASHBOARDS.replace(
            r#"REFERENCES "Dashboard" (id) ON DELETE SET NULL"#,
            &format!(r#"REFERENCES "Dashboard" (id) ON DELETE {rule}"#),
        );
        let app = app_with(&schema, Mapping::default()).await;
        let found = exported(&app.db, "2").await;
        assert_eq!(
            found,
            rows(&[("User", 1), ("Dashboard", 1), ("Widget", 2)]),
            "{rule}"
        );
        let export = app.at().await.export("2").await.unwrap();
        let mut withheld = export.withheld().iter();
        let project = withheld
            .find(|one| one.what.contains("Project.homeDashboardId"))
            .unwrap();
        assert_eq!(project.rows, Some(1));
        assert!(
            project.why.contains("only refer to rows of the account"),
            "{project:?}"
        );
    }
}

#[tokio::test]
async fn an_export_says_what_hangs_on_rows_that_only_refer_to_the_account() {
    let app = app_with(DASHBOARDS, Mapping::default()).await;
    let export = app.at().await.export("2").await.unwrap();
    let words = [
        "rows of Widget",
        "rows of Dashboard, which only refer to this account",
        ": 2",
    ];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
}

#[tokio::test]
async fn the_configuration_lets_an_export_follow_a_reference_and_the_export_says_so() {
    let included = mapping("[export]\ninclude_tables = [\"Project\"]");
    let app = app_with(DASHBOARDS, included).await;
    let export = app.at().await.export("2").await.unwrap();
    let words = [
        "rows of Project that only refer to rows of this account (Project.homeDashboardId, SET NULL): 1",
    ];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
    let words = ["include_tables"];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
    export.close().await.unwrap();
    assert!(
        exported(&app.db, "2")
            .await
            .contains(&("Customer".to_owned(), 40))
    );
}

#[tokio::test]
async fn an_erasure_stops_at_a_reference_also_where_the_row_below_has_an_address() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Campaign" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
           CREATE TABLE "Lead" (id int PRIMARY KEY, email text, "campaignId" int REFERENCES "Campaign" (id) ON DELETE SET NULL);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Campaign" VALUES (1, 2);
           INSERT INTO "Lead" VALUES (1, 'stranger@y.org', 1), (2, 'bob@x.org', 1), (3, NULL, 1);"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("2").await;
    let of_leads: Vec<_> = plan
        .tables
        .iter()
        .filter(|one| one.table == "Lead" && one.rows > 0)
        .map(|one| (one.action.clone(), one.rows))
        .collect();
    assert_eq!(of_leads, [(Action::Delete, 1), (Action::SetNull, 2)]);
    let erased = app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(erased.unlinked["Lead.campaignId"], 2);
    assert_eq!(app.counts().await["Lead"], 2);
}

#[tokio::test]
async fn contacts_that_a_person_entered_stay_when_the_key_is_only_set_to_null() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Contact" (id int PRIMARY KEY, email text, "createdById" int REFERENCES "User" (id) ON DELETE SET NULL);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Contact" VALUES (1, 'stranger@y.org', 2), (2, 'BOB@x.org', 2), (3, NULL, 2), (4, 'alice@x.org', 2);"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("2").await;
    let of_contacts: Vec<_> = plan
        .tables
        .iter()
        .filter(|one| one.table == "Contact")
        .map(|one| (one.action.clone(), one.rows))
        .collect();
    assert_eq!(of_contacts, [(Action::Delete, 1), (Action::SetNull, 3)]);
    assert!(plan.tables.iter().any(|one| {
        one.explanation
            .contains("do not hold this account's e-mail address")
    }));
    let erased = app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(erased.unlinked["Contact.createdById"], 3);
    assert_eq!(
        app.number(r#"SELECT sum(id)::int8 FROM "Contact" WHERE "createdById" IS NULL"#)
            .await,
        8
    );
}

#[tokio::test]
async fn a_persons_login_attempts_leave_and_go_although_their_key_is_only_set_to_null() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "LoginAttempt" (id int PRIMARY KEY, email text, "userId" int REFERENCES "User" (id) ON DELETE SET NULL);
           INSERT INTO "User" VALUES (1, 'bob@x.org');
           INSERT INTO "LoginAttempt" VALUES (1, 'bob@x.org', 1), (2, 'bob@before.org', 1), (3, 'bob@x.org', NULL);"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(
        exported(&app.db, "1").await,
        rows(&[("User", 1), ("LoginAttempt", 3)])
    );
    assert_eq!(impact(&app.plan("1").await, "LoginAttempt").rows, 3);
}

#[tokio::test]
async fn a_policy_that_takes_rows_over_a_reference_is_told() {
    let deleting =
        mapping("[tables.Project]\npolicy = \"delete\"\n[tables.Dashboard]\npolicy = \"delete\"");
    let app = app_with(DASHBOARDS, deleting).await;
    let plan = app.plan("2").await;
    assert_eq!(impact(&plan, "Customer").rows, 40);
    let words = [
        "rows of Project that only refer to rows of this account (Project.homeDashboardId, SET NULL): 1",
        "[app.schema.tables.Project]",
    ];
    assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
}
