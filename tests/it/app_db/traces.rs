//! What names an account without a key: every table is searched for its id and its address.

use std::{collections::BTreeMap, time::Duration};

use countersign::systems::app_db::{AppDb, Limits, Mapping};

use super::support::{ANYBODY, App, app_with, impact, mapping, mark, says};

const UUID: &str = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

/// What the plan says stays, by column.
async fn stays(app: &App, user: &str) -> BTreeMap<String, u64> {
    let plan = app.plan(user).await;
    let left = plan.left.into_iter();
    left.map(|one| (one.place, one.rows.unwrap_or_default()))
        .collect()
}

fn counts(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let expected = expected.iter();
    expected
        .map(|(place, rows)| ((*place).to_owned(), *rows))
        .collect()
}

#[tokio::test]
async fn an_id_that_is_nobody_elses_is_found_in_columns_of_every_kind_and_name() {
    let app = app_with(
        &format!(
            r#"CREATE DOMAIN reference AS text;
            CREATE SCHEMA audit;
            CREATE TABLE "User" (id text PRIMARY KEY, email text);
            CREATE TABLE "Prompt" (id int PRIMARY KEY, "createdBy" text, remark varchar(200), fixed char(36), key uuid,
                made reference, "memberIds" text[], keys uuid[], settings jsonb, raw json);
            CREATE TABLE audit.log (entry text) PARTITION BY LIST (entry);
            CREATE TABLE audit.log_rest PARTITION OF audit.log DEFAULT;
            INSERT INTO "User" VALUES ('{UUID}', 'ana@x.org'), ('0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c', 'ben@x.org');
            INSERT INTO "Prompt" (id, "createdBy") VALUES (1, '{UUID}'), (2, upper('{UUID}')), (3, 'somebody');
            INSERT INTO "Prompt" (id, remark, fixed, key, made, "memberIds", keys, settings, raw) VALUES
                (4, 'user-{UUID}/a.webm', '{UUID}', '{UUID}', '{UUID}', ARRAY['x', '{UUID}'], ARRAY['{UUID}'::uuid],
                 '{{"a": [{{"b": "{UUID}"}}]}}', '{{"{UUID}": 1}}'),
                (5, 'x{UUID}', NULL, '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c', '{UUID}1', '{{}}', '{{}}', '{{}}', '{{}}');
            INSERT INTO audit.log VALUES ('changed by {UUID}.');"#
        ),
        Mapping::default(),
    )
    .await;
    let expected = [
        ("Prompt.createdBy", 2),
        ("Prompt.remark", 1),
        ("Prompt.fixed", 1),
        ("Prompt.key", 1),
        ("Prompt.made", 1),
        ("Prompt.memberIds", 1),
        ("Prompt.keys", 1),
        ("Prompt.settings", 1),
        ("Prompt.raw", 1),
        ("audit.log.entry", 1),
    ];
    assert_eq!(stays(&app, UUID).await, counts(&expected));
    let warnings = app.plan(UUID).await.warnings;
    assert!(
        says(
            &warnings,
            &["Prompt.createdBy: 2", "Prompt.settings: 1", "link_columns"]
        ),
        "{warnings:?}"
    );
    app.db.erase(&mark(1), UUID, ANYBODY).await.unwrap();
    let after = app
        .at()
        .await
        .traces(UUID, Some("ana@x.org"))
        .await
        .unwrap();
    let after: BTreeMap<String, u64> = after
        .into_iter()
        .map(|one| (one.place, one.rows.unwrap_or_default()))
        .collect();
    assert_eq!(after, counts(&expected));
}

#[tokio::test]
async fn a_short_id_counts_only_where_a_name_says_that_it_is_an_accounts() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Prompt" (id int PRIMARY KEY, "createdBy" text, "ownerId" text, author_id text, "userUid" text,
            "memberIds" text[], "projectId" text, title text, meta jsonb, people jsonb);
        INSERT INTO "User" VALUES ('usr_1', 'ana@x.org'), ('usr_10', 'ben@x.org');
        INSERT INTO "Prompt" (id, "createdBy", "ownerId", author_id, "userUid", "memberIds") VALUES
            (1, 'usr_1', 'usr_1', 'usr_1', 'usr_1', '{usr_2,usr_1}'),
            (2, 'usr_10', 'usr_10', 'my-usr_1', 'usr_1-b', '{usr_10,usr_11}');
        INSERT INTO "Prompt" (id, "projectId", title) VALUES (3, 'usr_1', 'usr_1');
        INSERT INTO "Prompt" (id, meta, people) VALUES
            (4, '{"userId": "usr_1"}', '["usr_1"]'), (5, '{"data": {"member_ids": ["usr_7", "usr_1"]}}', '["usr_10"]'),
            (6, '{"userId": "usr_10", "orderId": "usr_1", "note": "userId usr_1"}', NULL),
            (7, '{"createdBy": "usr_1"}', NULL);"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(
        stays(&app, "usr_1").await,
        counts(&[
            ("Prompt.createdBy", 1),
            ("Prompt.ownerId", 1),
            ("Prompt.author_id", 1),
            ("Prompt.userUid", 1),
            ("Prompt.memberIds", 1),
            ("Prompt.meta", 3),
            ("Prompt.people", 1),
        ])
    );
}

#[tokio::test]
async fn a_number_is_not_looked_for_in_other_peoples_columns() {
    let app = app_with(
        r#"CREATE TABLE users (id serial PRIMARY KEY, email text, referrer_id int);
        CREATE TABLE member (id int PRIMARY KEY, title text);
        CREATE TABLE notes (id int PRIMARY KEY, user_id bigint, created_by int, owner numeric, order_id int, amount int,
            member_id int, watcher_ids int[], payload jsonb, "reviewerId" text);
        INSERT INTO users VALUES (7, 'ana@x.org', NULL), (8, 'ben@x.org', 7), (77, 'eve@x.org', 77);
        INSERT INTO member VALUES (7, 'seven');
        INSERT INTO notes (id, user_id, created_by, owner, "reviewerId") VALUES (7, 7, 7, 7.0, '7'), (8, 77, 77, 70, '17');
        INSERT INTO notes (id, order_id, amount, member_id) VALUES (9, 7, 7, 7);
        INSERT INTO notes (id, watcher_ids) VALUES (10, '{1,7}');
        INSERT INTO notes (id, payload) VALUES (11, '{"user_id": 7}'), (12, '{"user_id": 7.5, "count": 7, "userId": 77}');"#,
        mapping("[user]\ntable = \"users\""),
    )
    .await;
    assert_eq!(
        stays(&app, "7").await,
        counts(&[
            ("users.referrer_id", 1),
            ("notes.user_id", 1),
            ("notes.created_by", 1),
            ("notes.owner", 1),
            ("notes.reviewerId", 1),
            ("notes.payload", 1),
        ])
    );
}

#[tokio::test]
async fn an_address_is_found_wherever_it_is_written_and_not_inside_another_one() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, note text);
        CREATE TABLE "Card" (id int PRIMARY KEY, contact text, username varchar(80), body text, cc text[], data jsonb);
        INSERT INTO "User" VALUES (1, 'bob@x.org', NULL), (2, 'ben@x.org', 'invited by Bob@X.org'), (3, 'jimbob@x.org', NULL);
        INSERT INTO "Card" (id, contact, username) VALUES
            (1, 'bob@x.org', 'BOB@x.org'), (2, 'jimbob@x.org', 'bob@x.org.uk'), (3, 'jim.bob@x.org', 'b-bob@x.org'),
            (4, 'Bob <bob@x.org>', 'mailto:bob@x.org?subject=a');
        INSERT INTO "Card" (id, body, cc, data) VALUES
            (5, 'write to bob@x.org.', '{a@x.org,bob@x.org}', '{"to": ["bob@x.org"]}'),
            (6, 'bob+news@x.org or bob@x.orgs', '{xbob@x.org}', '{"to": "a.bob@x.org"}');"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(
        stays(&app, "1").await,
        counts(&[
            ("User.note", 1),
            ("Card.contact", 2),
            ("Card.username", 2),
            ("Card.body", 1),
            ("Card.cc", 1),
            ("Card.data", 1),
        ])
    );
    let left = app.plan("1").await.left;
    let contact = left.iter().find(|one| one.place == "Card.contact").unwrap();
    assert!(contact.why.contains("email_columns"), "{contact:?}");
    assert!(contact.what.contains("its e-mail address"), "{contact:?}");
}

#[tokio::test]
async fn where_another_account_differs_in_letter_case_only_case_decides() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
        CREATE TABLE "Card" (id int PRIMARY KEY, body text);
        INSERT INTO "User" VALUES (1, 'bob@x.org'), (2, 'Bob@x.org');
        INSERT INTO "Card" VALUES (1, 'to bob@x.org'), (2, 'to Bob@x.org'), (3, 'to Bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(stays(&app, "1").await, counts(&[("Card.body", 1)]));
    assert_eq!(stays(&app, "2").await, counts(&[("Card.body", 2)]));
}

#[tokio::test]
async fn rows_that_go_by_another_path_are_not_said_to_stay() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Project" (id int PRIMARY KEY, "ownerId" text REFERENCES "User" (id) ON DELETE CASCADE);
        CREATE TABLE "Activity" (id int PRIMARY KEY, "projectId" int REFERENCES "Project" (id) ON DELETE CASCADE, "userId" text);
        INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
        INSERT INTO "Project" VALUES (1, 'u1'), (2, 'u2');
        INSERT INTO "Activity" VALUES (1, 1, 'u1'), (2, 1, 'u1'), (3, 2, 'u1');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("u1").await;
    assert_eq!(impact(&plan, "Activity").rows, 2);
    assert_eq!(stays(&app, "u1").await, counts(&[("Activity.userId", 1)]));
    assert_eq!(stays(&app, "u2").await, counts(&[]));
}

#[tokio::test]
async fn of_rows_that_a_policy_keeps_only_what_it_leaves_in_them_counts() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Invoice" (id int PRIMARY KEY, "userId" text REFERENCES "User" (id), receipt text, remark text);
        INSERT INTO "User" VALUES ('account-1', 'ana@x.org');
        INSERT INTO "Invoice" VALUES (1, 'account-1', 'sent to ana@x.org', 'for ana@x.org, account-1');"#,
        mapping("[tables.Invoice]\npolicy = \"keep\"\nreason = \"tax law\"\nclear = [\"receipt\"]"),
    )
    .await;
    assert_eq!(
        stays(&app, "account-1").await,
        counts(&[("Invoice.remark", 1)])
    );
    app.db.erase(&mark(1), "account-1", ANYBODY).await.unwrap();
    let after = app
        .at()
        .await
        .traces("account-1", Some("ana@x.org"))
        .await
        .unwrap();
    let after: Vec<&str> = after.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(after, ["Invoice.remark"]);
}

#[tokio::test]
async fn an_export_counts_what_it_cannot_take_along() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Prompt" (id int PRIMARY KEY, "createdBy" text);
        INSERT INTO "User" VALUES ('u1', 'ana@x.org');
        INSERT INTO "Prompt" VALUES (1, 'u1'), (2, 'u1');"#,
        Mapping::default(),
    )
    .await;
    let export = app.at().await.export("u1").await.unwrap();
    let held = export.withheld().iter();
    let held: Vec<_> = held
        .map(|one| {
            (
                one.what.as_str(),
                one.rows,
                one.why.contains("are not exported"),
            )
        })
        .collect();
    let expected = (
        "row(s) naming this account in Prompt.createdBy",
        Some(2),
        true,
    );
    assert_eq!(held, [expected]);
    export.close().await.unwrap();
}

#[tokio::test]
async fn what_could_not_be_searched_is_named_and_the_rest_is_planned_all_the_same() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Note" (id int PRIMARY KEY, body text);
        INSERT INTO "User" VALUES ('u1', 'ana@x.org');
        INSERT INTO "Note" VALUES (1, 'ana@x.org');"#,
        Mapping::default(),
    )
    .await;
    let limits = Limits {
        search_time: Duration::ZERO,
        ..Limits::default()
    };
    let hurried = AppDb::connect(app.url(), Mapping::default(), limits).unwrap();
    let plan = hurried
        .open()
        .await
        .unwrap()
        .plan_erasure("u1")
        .await
        .unwrap();
    assert_eq!(impact(&plan, "User").rows, 1);
    let unsearched: Vec<_> = plan
        .left
        .iter()
        .map(|one| (one.place.as_str(), one.rows))
        .collect();
    assert_eq!(unsearched, [("Note, User", None)]);
    assert!(
        says(&plan.warnings, &["could not be searched", "Note"]),
        "{:?}",
        plan.warnings
    );
}

#[tokio::test]
async fn a_table_whose_rows_are_hidden_from_the_role_is_named_and_the_others_are_searched() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
        CREATE TABLE "Hidden" (id int PRIMARY KEY, body text);
        CREATE TABLE "Note" (id int PRIMARY KEY, body text, more text);
        INSERT INTO "User" VALUES ('u1', 'ana@x.org');
        INSERT INTO "Note" VALUES (1, 'ana@x.org', 'much longer than anything in the other table');
        ALTER TABLE "Hidden" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "Hidden" FORCE ROW LEVEL SECURITY;
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'traces_reader') THEN CREATE ROLE traces_reader LOGIN; END IF;
        END $$;
        ALTER ROLE traces_reader PASSWORD 'reads';
        GRANT USAGE ON SCHEMA public TO traces_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO traces_reader;"#,
        Mapping::default(),
    )
    .await;
    let reader = app.connected_with(|options| options.username("traces_reader").password("reads"));
    let plan = reader
        .open()
        .await
        .unwrap()
        .plan_erasure("u1")
        .await
        .unwrap();
    let left: Vec<_> = plan
        .left
        .iter()
        .map(|one| (one.place.as_str(), one.rows))
        .collect();
    assert_eq!(left, [("Note.body", Some(1)), ("Hidden", None)]);
}
