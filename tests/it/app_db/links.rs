//! References without a foreign key: configured, inherited, misspelt, and those that only look like one.

use std::collections::BTreeMap;

use countersign::systems::app_db::{Action, FileCheck, Mapping, Planned, StayingFiles};

use super::support::{ANYBODY, app_with, impact, mapping, mark, planned, says};

/// A schema as `relationMode = "prisma"` makes it: no key at all.
const NO_KEYS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text);
    CREATE TABLE "Website" (id text PRIMARY KEY, "userId" text NOT NULL, name text);
    CREATE TABLE "Visit" (id int PRIMARY KEY, "websiteId" text NOT NULL);
    CREATE TABLE "PageView" (id int PRIMARY KEY, "visitId" int NOT NULL, "orderId" int);
    INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
    INSERT INTO "Website" VALUES ('w1', 'u1', 'a'), ('w2', 'u1', 'b'), ('w3', 'u2', 'c');
    INSERT INTO "Visit" VALUES (1, 'w1'), (2, 'w1'), (3, 'w2'), (4, 'w3');
    INSERT INTO "PageView" VALUES (1, 1, 1), (2, 1, 2), (3, 3, 3), (4, 4, 1);"#;

#[tokio::test]
async fn without_any_key_each_missing_link_is_told_with_its_line_until_everything_goes() {
    let none = app_with(NO_KEYS, Mapping::default()).await;
    let plan = none.plan("u1").await;
    assert!(
        says(&plan.warnings, &["Website.userId: 2", "link_columns"]),
        "{:?}",
        plan.warnings
    );

    let one = app_with(NO_KEYS, mapping(r#"link_columns = ["Website.userId"]"#)).await;
    let plan = one.plan("u1").await;
    assert_eq!(impact(&plan, "Website").rows, 2);
    let line = r#"add "Visit.websiteId -> Website.id" to link_columns"#;
    assert!(
        says(&plan.warnings, &["Visit.websiteId", ": 3", line]),
        "{:?}",
        plan.warnings
    );
    assert!(
        plan.left
            .iter()
            .any(|left| left.rows == Some(3) && left.why.contains(line)),
        "{:?}",
        plan.left
    );

    let two = r#"link_columns = ["Website.userId", "Visit.websiteId -> Website.id"]"#;
    let two = app_with(NO_KEYS, mapping(two)).await;
    let plan = two.plan("u1").await;
    let line = r#"add "PageView.visitId -> Visit.id" to link_columns"#;
    assert!(
        says(&plan.warnings, &["PageView.visitId", ": 3", line]),
        "{:?}",
        plan.warnings
    );

    let all = r#"link_columns = ["Website.userId", "Visit.websiteId -> Website.id", "PageView.visitId->Visit.id"]"#;
    let all = app_with(NO_KEYS, mapping(all)).await;
    let plan = all.plan("u1").await;
    assert!(
        !says(&plan.warnings, &["foreign key"]),
        "{:?}",
        plan.warnings
    );
    assert_eq!(plan.left, []);
    assert_eq!(
        impact(&plan, "PageView").via,
        "User ← Website.userId ← Visit.websiteId ← PageView.visitId"
    );
    let erased = all.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    let expected: BTreeMap<String, i64> =
        [("PageView", 3), ("User", 1), ("Visit", 3), ("Website", 2)]
            .map(|(table, rows)| (table.to_owned(), rows))
            .into();
    assert_eq!(erased.deleted, expected);
    assert_eq!(planned(&plan), expected);
    let left = all.counts().await;
    assert_eq!(
        (left["Website"], left["Visit"], left["PageView"]),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_link_between_columns_of_different_types_or_in_another_schema_is_followed() {
    let app = app_with(
        r#"CREATE SCHEMA log;
        CREATE TABLE "User" (id uuid PRIMARY KEY, email text);
        CREATE TABLE "Order" (id int PRIMARY KEY, "userId" uuid REFERENCES "User" (id) ON DELETE CASCADE, number int UNIQUE);
        CREATE TABLE log."Entry" (id int PRIMARY KEY, reference text);
        INSERT INTO "User" VALUES ('00000000-0000-0000-0000-000000000001', 'a@x.org');
        INSERT INTO "Order" VALUES (1, '00000000-0000-0000-0000-000000000001', 501), (2, NULL, 502);
        INSERT INTO log."Entry" VALUES (1, '501'), (2, '502'), (3, '5010');"#,
        mapping(r#"link_columns = ["log.Entry.reference -> Order.number"]"#),
    )
    .await;
    let user = "00000000-0000-0000-0000-000000000001";
    assert_eq!(impact(&app.plan(user).await, "log.Entry").rows, 1);
    app.db.erase(&mark(1), user, ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["log.Entry"], 2);
}

#[tokio::test]
async fn a_number_that_is_anothers_is_no_reference() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
        CREATE TABLE "Order" (id int PRIMARY KEY, "userId" int REFERENCES "User" (id) ON DELETE CASCADE);
        CREATE TABLE "Purchase" (id int PRIMARY KEY, "workOrderNumber" int, "productId" int);
        INSERT INTO "User" VALUES (1, 'a@x.org');
        INSERT INTO "Order" VALUES (1, 1);
        INSERT INTO "Purchase" VALUES (1, 1, 1);"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("1").await;
    assert_eq!(plan.left, []);
    assert!(
        !says(&plan.warnings, &["foreign key"]),
        "{:?}",
        plan.warnings
    );
}

/// A table for each year, which inherits its columns and not its keys.
const YEARS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text);
    CREATE TABLE "Event" (id int PRIMARY KEY, "userId" text REFERENCES "User" (id) ON DELETE CASCADE, recording text);
    CREATE TABLE "Event_2025" (PRIMARY KEY (id)) INHERITS ("Event");
    CREATE TABLE "Event_2026" (extra text) INHERITS ("Event_2025");
    INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
    INSERT INTO "Event" VALUES (1, 'u1', 'a.webm'), (2, 'u2', 'b.webm');
    INSERT INTO "Event_2025" VALUES (1, 'u1', 'c.webm'), (2, 'u1', 'd.webm'), (3, 'u2', 'e.webm');
    INSERT INTO "Event_2026" VALUES (1, 'u1', 'f.webm', NULL), (2, 'u2', 'g.webm', NULL);"#;

#[tokio::test]
async fn rows_of_tables_that_inherit_are_found_counted_and_deleted() {
    let app = app_with(YEARS, mapping(r#"user_columns = ["Event.recording"]"#)).await;
    let plan = app.plan("u1").await;
    assert_eq!(plan.left, []);
    let rows = ["Event", "Event_2025", "Event_2026"].map(|table| impact(&plan, table).rows);
    assert_eq!(rows, [1, 2, 1]);
    let nowhere = StayingFiles {
        prefix: "nowhere/",
        keys: &[],
        is_wanted: &|_| false,
    };
    let files = app.at().await.file_values("u1", nowhere).await.unwrap();
    assert_eq!(files.going.len(), 4, "{files:?}");
    let unknown = Planned {
        files: FileCheck::AllKnown(&|value| value != "f.webm"),
        ..ANYBODY
    };
    assert!(app.db.erase(&mark(1), "u1", unknown).await.is_err());
    let erased = app.db.erase(&mark(2), "u1", ANYBODY).await.unwrap();
    assert_eq!(
        (
            erased.deleted["Event"],
            erased.deleted["Event_2025"],
            erased.deleted["Event_2026"]
        ),
        (1, 2, 1)
    );
    assert_eq!(app.number(r#"SELECT count(*) FROM "Event""#).await, 3);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "Event" WHERE "userId" = 'u1'"#)
            .await,
        0
    );
    assert_eq!(app.at().await.remaining("u1", None).await.unwrap(), []);
}

#[tokio::test]
async fn a_policy_holds_for_the_tables_that_inherit_from_its_own() {
    let keep = "[tables.Event]\npolicy = \"keep\"\nreason = \"tax law\"";
    let app = app_with(YEARS, mapping(keep)).await;
    let plan = app.plan("u1").await;
    for table in ["Event", "Event_2025", "Event_2026"] {
        assert_eq!(impact(&plan, table).action, Action::Keep, "{table}");
    }
    app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    assert_eq!(app.number(r#"SELECT count(*) FROM "Event""#).await, 7);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "Event" WHERE "userId" = 'u1'"#)
            .await,
        0
    );
}

#[tokio::test]
async fn what_a_key_would_leave_is_cut_off_in_the_tables_that_inherit_too() {
    let sql = YEARS.replace("CASCADE", "SET NULL");
    let app = app_with(&sql, Mapping::default()).await;
    let plan = app.plan("u1").await;
    assert_eq!(impact(&plan, "Event_2026").action, Action::SetNull);
    let erased = app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    assert_eq!(erased.unlinked["Event_2025.userId"], 2);
    assert_eq!(app.number(r#"SELECT count(*) FROM "Event""#).await, 7);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "Event" WHERE "userId" = 'u1'"#)
            .await,
        0
    );
}

#[tokio::test]
async fn what_the_configuration_names_and_is_not_there_is_refused() {
    for (toml, words) in [
        (
            r#"link_columns = ["Websites.userId"]"#,
            ["link_columns", "Websites.userId", "no such table"],
        ),
        (
            r#"link_columns = ["Website.userid"]"#,
            ["link_columns", "Website.userid", "no such column"],
        ),
        (
            r#"link_columns = ["Visit.websiteId -> Web.id"]"#,
            ["link_columns", "Web.id", "no such table"],
        ),
        (
            r#"link_columns = ["Visit.websiteId -> Website.key"]"#,
            ["link_columns", "Website.key", "no such column"],
        ),
        (
            r#"email_columns = ["Websit.mail"]"#,
            ["email_columns", "Websit.mail", "no such table"],
        ),
        (
            r#"email_columns = ["Website.mail"]"#,
            ["email_columns", "Website.mail", "no such column"],
        ),
        (
            r#"user_columns = ["Website.logo"]"#,
            ["user_columns", "Website.logo", "no such column"],
        ),
        (
            "[tables.Website]\npolicy = \"anonymise\"\nclear = [\"nam\"]",
            ["[app.schema.tables.Website]", "nam", "does not have"],
        ),
    ] {
        let app = app_with(NO_KEYS, mapping(toml)).await;
        let blockers = app.plan("u1").await.blockers;
        assert!(says(&blockers, &words), "{toml}: {blockers:?}");
        assert!(
            app.db.erase(&mark(1), "u1", ANYBODY).await.is_err(),
            "{toml}"
        );
    }
    let export = mapping("[export]\nwithhold = [\"Website.secret\"]");
    let app = app_with(NO_KEYS, export).await;
    let refused = app.at().await.export("u1").await.err().unwrap().to_string();
    assert!(refused.contains("Website.secret"), "{refused}");
}

#[tokio::test]
async fn a_column_of_several_values_cannot_be_followed() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Team" (id int PRIMARY KEY, "memberIds" text[], mails jsonb);
        INSERT INTO "User" VALUES ('u1', 'ana@x.org');"#,
        mapping("link_columns = [\"Team.memberIds\"]\nemail_columns = [\"Team.mails\"]"),
    )
    .await;
    let blockers = app.plan("u1").await.blockers;
    assert!(
        says(
            &blockers,
            &["email_columns", "Team.mails", "more than one value"]
        ),
        "{blockers:?}"
    );
    assert!(
        says(&blockers, &["Team.memberIds", "more than one value"]),
        "{blockers:?}"
    );
}

#[test]
fn half_a_link_is_refused_with_how_to_write_it() {
    let refused = toml::from_str::<Mapping>(r#"link_columns = ["Visit -> Website.id"]"#);
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("Table.column -> Parent.column"),
        "{refused}"
    );
}
