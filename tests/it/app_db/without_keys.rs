//! Columns that are named like a reference and have no key, keys that are not complete, and addresses that are none.

use countersign::systems::app_db::Mapping;

use super::support::{ANYBODY, App, app_with, impact, mapping, mark, says};

async fn erased_and_checked(app: &App, user: &str, email: &str) {
    app.db.erase(&mark(1), user, ANYBODY).await.unwrap();
    let left = app.at().await.remaining(user, Some(email)).await.unwrap();
    assert!(left.iter().all(|one| one.kept.is_some()), "{left:?}");
}

async fn exported(app: &App, user: &str, table: &str) -> u64 {
    let export = app.at().await.export(user).await.unwrap();
    let mut tables = export.tables().iter();
    let rows = tables
        .find(|one| one.table == table)
        .map_or(0, |one| one.rows);
    export.close().await.unwrap();
    rows
}

const CONTACTS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text);
    CREATE TABLE "Contact" (id int PRIMARY KEY, "userId" text, email text);
    INSERT INTO "User" VALUES ('alice', 'alice@x.org'), ('bob', 'bob@x.org');
    INSERT INTO "Contact" VALUES (1, 'alice', 'bob@x.org'), (2, 'bob', 'bob@x.org'), (3, NULL, 'bob@x.org'),
        (4, '', 'bob@x.org'), (5, 'somebody', 'bob@x.org'), (6, 'Bob@x.org', 'bob@x.org');"#;

#[tokio::test]
async fn a_row_with_another_accounts_id_stays_although_no_key_says_whose_it_is() {
    let app = app_with(CONTACTS, Mapping::default()).await;
    let plan = app.plan("bob").await;
    assert_eq!(impact(&plan, "Contact").rows, 4);
    let words = [
        "Contact.email",
        "another account (Contact.userId, which has no key): 2",
    ];
    assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
    assert_eq!(exported(&app, "bob", "Contact").await, 4);
    erased_and_checked(&app, "bob", "bob@x.org").await;
    let left = app
        .number(r#"SELECT sum(id * id)::int8 FROM "Contact""#)
        .await;
    assert_eq!(left, 1 + 25);
}

#[tokio::test]
async fn a_configured_column_or_a_policy_takes_the_rows_whatever_a_column_without_key_holds() {
    for toml in [
        "email_columns = [\"Contact.email\"]",
        "[tables.Contact]\npolicy = \"delete\"",
    ] {
        let app = app_with(CONTACTS, mapping(toml)).await;
        assert_eq!(impact(&app.plan("bob").await, "Contact").rows, 6, "{toml}");
        erased_and_checked(&app, "bob", "bob@x.org").await;
        assert_eq!(app.counts().await["Contact"], 0, "{toml}");
    }
}

#[tokio::test]
async fn numbers_and_uuids_are_compared_as_ids_and_other_columns_are_not() {
    let one = "00000000-0000-0000-0000-00000000000a";
    for (kind, mine, other) in [("int", "1", "2"), ("uuid", one, &one.replace("0a", "0b"))] {
        let app = app_with(
            &format!(
                r#"CREATE TABLE "User" (id {kind} PRIMARY KEY, email text);
                   CREATE TABLE "Contact" (id int PRIMARY KEY, owner_id {kind}, "createdBy" text, customer bool, email text);
                   INSERT INTO "User" VALUES ('{mine}', 'bob@x.org'), ('{other}', 'alice@x.org');
                   INSERT INTO "Contact" VALUES (1, '{other}', NULL, NULL, 'bob@x.org'), (2, NULL, '{other}', NULL, 'bob@x.org'),
                       (3, '{mine}', upper('{mine}'), true, 'bob@x.org');"#
            ),
            Mapping::default(),
        )
        .await;
        erased_and_checked(&app, mine, "bob@x.org").await;
        let left = app.number(r#"SELECT sum(id)::int8 FROM "Contact""#).await;
        assert_eq!(left, 3, "{kind}");
    }
}

#[tokio::test]
async fn a_row_under_another_accounts_row_stays_where_the_schema_has_no_keys_at_all() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Envelope" (id text PRIMARY KEY, "userId" text);
           CREATE TABLE "Recipient" (id int PRIMARY KEY, "envelopeId" text, email text);
           INSERT INTO "User" VALUES ('alice', 'alice@x.org'), ('bob', 'bob@x.org');
           INSERT INTO "Envelope" VALUES ('e1', 'alice'), ('e2', 'bob');
           INSERT INTO "Recipient" VALUES (1, 'e1', 'bob@x.org'), (2, 'e2', 'bob@x.org'), (3, 'gone', 'bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("bob").await;
    let words = ["another account (Recipient.envelopeId → Envelope.userId, which has no key): 1"];
    assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
    assert_eq!(exported(&app, "bob", "Recipient").await, 2);
    erased_and_checked(&app, "bob", "bob@x.org").await;
    assert_eq!(app.number(r#"SELECT id::int8 FROM "Recipient""#).await, 1);
}

#[tokio::test]
async fn keys_compare_as_their_types_do_also_where_these_lie_off_the_search_path() {
    let app = app_with(
        r#"CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
           CREATE TABLE "User" (id int PRIMARY KEY, username extensions.citext UNIQUE, email text);
           CREATE TABLE "Envelope" (id int PRIMARY KEY, "ownerName" extensions.citext REFERENCES "User" (username) ON DELETE CASCADE);
           CREATE TABLE "Recipient" (id int PRIMARY KEY, "envelopeId" int REFERENCES "Envelope" (id), email text);
           INSERT INTO "User" VALUES (1, 'alice', 'alice@x.org'), (2, 'bob', 'bob@x.org');
           INSERT INTO "Envelope" VALUES (1, 'Alice'), (2, 'BOB');
           INSERT INTO "Recipient" VALUES (1, 1, 'bob@x.org'), (2, 2, 'alice@x.org');"#,
        Mapping::default(),
    )
    .await;
    erased_and_checked(&app, "2", "bob@x.org").await;
    assert_eq!(app.number(r#"SELECT id::int8 FROM "Envelope""#).await, 1);
    assert_eq!(app.number(r#"SELECT id::int8 FROM "Recipient""#).await, 1);
}

#[tokio::test]
async fn a_search_for_traces_compares_rows_by_the_operators_of_their_keys() {
    let app = app_with(
        r#"CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
           CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Note" (slug extensions.citext PRIMARY KEY, "userId" text REFERENCES "User" (id) ON DELETE CASCADE, body text);
           INSERT INTO "User" VALUES ('account-1', 'bob@x.org');
           INSERT INTO "Note" VALUES ('One', 'account-1', 'of bob@x.org'), ('Two', NULL, 'of bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    let left = app.plan("account-1").await.left;
    let left: Vec<_> = left
        .iter()
        .map(|one| (one.place.as_str(), one.rows))
        .collect();
    assert_eq!(left, [("Note.body", Some(1))]);
}

#[tokio::test]
async fn an_account_without_a_real_address_takes_no_rows_by_it() {
    for address in ["", "none", "@", "deleted@"] {
        let app = app_with(
            &format!(
                r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
                   CREATE TABLE "Letter" (id int PRIMARY KEY, email text);
                   INSERT INTO "User" VALUES (1, '{address}'), (2, 'bob@x.org');
                   INSERT INTO "Letter" VALUES (1, '{address}'), (2, '{address}');"#
            ),
            mapping("email_columns = [\"Letter.email\"]"),
        )
        .await;
        let plan = app.plan("1").await;
        assert!(
            plan.loose.iter().all(|one| one.rows == 0),
            "{:?}",
            plan.loose
        );
        assert_eq!(exported(&app, "1", "Letter").await, 0);
        app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
        let late = app.db.erase_late(&mark(2), "1", Some(address)).await;
        assert_eq!(late.unwrap().total(), 0);
        assert_eq!(
            app.at().await.remaining("1", Some(address)).await.unwrap(),
            []
        );
        assert_eq!(app.counts().await["Letter"], 2, "{address:?}");
    }
}

#[tokio::test]
async fn a_table_that_a_configured_link_points_to_is_not_emptied_without_being_told_to() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Customer" (id int PRIMARY KEY, email text);
           CREATE TABLE "Order" (id int PRIMARY KEY, "customerId" int);
           INSERT INTO "User" VALUES (1, 'bob@x.org');
           INSERT INTO "Customer" VALUES (1, 'bob@x.org');
           INSERT INTO "Order" VALUES (1, 1);"#,
        mapping("link_columns = [\"Order.customerId -> Customer.id\"]"),
    )
    .await;
    let plan = app.plan("1").await;
    let words = ["Customer.email", ": 1", "[app.schema.tables.Customer]"];
    assert!(says(&plan.blockers, &words), "{:?}", plan.blockers);
}

#[tokio::test]
async fn a_key_that_a_table_would_have_inherited_is_emptied_where_the_row_is_a_strangers() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Event" (id int PRIMARY KEY, "createdById" text REFERENCES "User" (id) ON DELETE SET NULL, email text);
           CREATE TABLE "Event_2026" () INHERITS ("Event");
           INSERT INTO "User" VALUES ('u1', 'bob@x.org');
           INSERT INTO "Event" VALUES (1, 'u1', 'stranger@y.org');
           INSERT INTO "Event_2026" VALUES (2, 'u1', 'stranger@y.org'), (3, 'u1', 'bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("u1").await;
    assert_eq!(plan.blockers, Vec::<String>::new());
    let erased = app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    assert_eq!(erased.unlinked["Event_2026.createdById"], 1);
    let cut = r#"SELECT sum(id)::int8 FROM "Event" WHERE "createdById" IS NULL"#;
    assert_eq!(app.number(cut).await, 1 + 2);
    assert_eq!(
        app.at()
            .await
            .remaining("u1", Some("bob@x.org"))
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn such_a_key_that_cannot_be_null_is_told_before_anything_goes() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Event" (id int PRIMARY KEY, "createdById" text REFERENCES "User" (id) ON DELETE SET NULL, email text);
           CREATE TABLE "Event_2026" () INHERITS ("Event");
           ALTER TABLE "Event_2026" ALTER "createdById" SET NOT NULL;
           INSERT INTO "User" VALUES ('u1', 'bob@x.org');
           INSERT INTO "Event_2026" VALUES (2, 'u1', 'stranger@y.org');"#,
        Mapping::default(),
    )
    .await;
    let blockers = app.plan("u1").await.blockers;
    let words = ["1 rows", "Event_2026.createdById, which cannot be NULL"];
    assert!(says(&blockers, &words), "{blockers:?}");
}

#[tokio::test]
async fn a_key_of_two_columns_of_which_one_is_empty_names_nobody_and_is_told() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, tenant text, email text, UNIQUE (tenant, id));
           CREATE TABLE "Note" (id int PRIMARY KEY, tenant text, "by" text,
               FOREIGN KEY (tenant, "by") REFERENCES "User" (tenant, id) ON DELETE CASCADE);
           INSERT INTO "User" VALUES ('u1', 't1', 'bob@x.org'), ('u2', 't1', 'alice@x.org');
           INSERT INTO "Note" VALUES (1, 't1', 'u1'), (2, NULL, 'u1'), (3, 't1', 'u2'), (4, NULL, 'u2'), (5, 't1', NULL);"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("u1").await;
    let left: Vec<_> = plan
        .left
        .iter()
        .map(|one| (one.place.as_str(), one.rows))
        .collect();
    assert_eq!(left, [("Note.by", Some(1))]);
    app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    assert_eq!(
        app.at()
            .await
            .remaining("u1", Some("bob@x.org"))
            .await
            .unwrap(),
        []
    );
    let after = app
        .at()
        .await
        .traces("u1", Some("bob@x.org"))
        .await
        .unwrap();
    let after: Vec<_> = after
        .iter()
        .map(|one| (one.place.as_str(), one.rows))
        .collect();
    assert_eq!(after, [("Note.by", Some(1))]);
    assert_eq!(app.counts().await["Note"], 4);
}

#[tokio::test]
async fn an_export_counts_rows_of_a_reference_that_hold_somebody_elses_address() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Contact" (id int PRIMARY KEY, "createdById" int REFERENCES "User" (id) ON DELETE SET NULL, email text);
           INSERT INTO "User" VALUES (1, 'bob@x.org');
           INSERT INTO "Contact" VALUES (1, 1, 'stranger@y.org'), (2, 1, 'bob@x.org'), (3, 1, NULL), (4, NULL, 'stranger@y.org');"#,
        Mapping::default(),
    )
    .await;
    let export = app.at().await.export("1").await.unwrap();
    let words = ["rows of Contact", "somebody else's e-mail address", ": 1;"];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
    export.close().await.unwrap();
}
