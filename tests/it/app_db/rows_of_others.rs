//! Rows that belong to another account by keys, and hold the person's address or belong to the person's rows.

use countersign::systems::app_db::{Action, Mapping};

use super::support::{ANYBODY, app_with, impact, mapping, mark, says};

/// Alice (1) sends an envelope to Bob (2), and Bob one to himself.
const ENVELOPES: &str = r#"
    CREATE TABLE "User" (id int PRIMARY KEY, email text);
    CREATE TABLE "Envelope" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
    CREATE TABLE "Recipient" (id int PRIMARY KEY, "envelopeId" int REFERENCES "Envelope" (id) ON DELETE CASCADE, email text);
    INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
    INSERT INTO "Envelope" VALUES (1, 1), (2, 2);
    INSERT INTO "Recipient" VALUES (1, 1, 'bob@x.org'), (2, 1, 'alice@x.org'), (3, 2, 'bob@x.org'), (4, NULL, 'Bob@x.org');"#;

const NOTHING: Vec<String> = Vec::new();

#[tokio::test]
async fn a_row_under_another_accounts_row_stays_and_is_named_with_its_keys() {
    let app = app_with(ENVELOPES, Mapping::default()).await;
    let plan = app.plan("2").await;
    let recipients = impact(&plan, "Recipient");
    assert_eq!(recipients.rows, 2);
    assert_eq!(
        recipients.via,
        "User ← Envelope.userId ← Recipient.envelopeId"
    );
    assert!(
        recipients
            .explanation
            .contains("1 of them found by e-mail address alone"),
        "{}",
        recipients.explanation
    );
    let words = [
        "Recipient.email",
        "another account (Recipient.envelopeId → Envelope.userId): 1",
        "[app.schema.tables.Recipient]",
    ];
    assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "Recipient" WHERE id <= 2"#)
            .await,
        2
    );
    assert_eq!(app.counts().await["Recipient"], 2);
    let left = app
        .at()
        .await
        .remaining("2", Some("bob@x.org"))
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    let kept = left[0].kept.as_deref();
    assert_eq!(kept, Some("the row belongs to another account by key"));
}

#[tokio::test]
async fn a_row_that_only_the_address_led_to_is_explained_by_the_address() {
    let app = app_with(ENVELOPES, Mapping::default()).await;
    app.run(r#"DELETE FROM "Envelope" WHERE id = 2"#).await;
    let plan = app.plan("2").await;
    let recipients = impact(&plan, "Recipient");
    assert_eq!(
        (recipients.rows, recipients.via.as_str()),
        (1, "e-mail in Recipient.email")
    );
    assert_eq!(
        (recipients.action.clone(), recipients.on_delete),
        (Action::Delete, None)
    );
    let says = &recipients.explanation;
    assert!(
        says.contains("found by e-mail address") && !says.contains("CASCADE"),
        "{says}"
    );
}

#[tokio::test]
async fn a_policy_decides_about_rows_under_another_account_and_the_plan_says_so() {
    let deleting = mapping("[tables.Recipient]\npolicy = \"delete\"");
    let app = app_with(ENVELOPES, deleting).await;
    let plan = app.plan("2").await;
    let words = [
        "belong to another account",
        "are deleted, as [app.schema.tables.Recipient] says: 1",
    ];
    assert!(says(&plan.warnings, &words), "{:?}", plan.warnings);
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["Recipient"], 1);

    let anonymising =
        mapping("[tables.Recipient]\npolicy = \"anonymise\"\nset = { email = \"erased@x.org\" }");
    let app = app_with(ENVELOPES, anonymising).await;
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    let alices = r#"SELECT count(*) FROM "Recipient" WHERE "envelopeId" = 1 AND email IN ('erased@x.org', 'alice@x.org')"#;
    assert_eq!(app.number(alices).await, 2);
    let left = app
        .at()
        .await
        .remaining("2", Some("bob@x.org"))
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn an_export_says_which_rows_with_the_address_are_another_accounts() {
    let app = app_with(ENVELOPES, Mapping::default()).await;
    let export = app.at().await.export("2").await.unwrap();
    let recipients = export
        .tables()
        .iter()
        .find(|one| one.table == "Recipient")
        .unwrap();
    assert_eq!(recipients.rows, 2);
    let words = [
        "Recipient.email",
        "Envelope.userId): 1",
        "are not exported",
        "include_tables",
    ];
    assert!(says(export.warnings(), &words), "{:?}", export.warnings());
    let withheld = export
        .withheld()
        .iter()
        .find(|one| one.what.contains("Recipient.email"));
    assert_eq!(withheld.unwrap().rows, Some(1));
}

#[tokio::test]
async fn a_row_belongs_to_another_account_over_composite_keys_circles_and_any_number_of_keys() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Org" (id int PRIMARY KEY, "ownerId" int REFERENCES "User" (id) ON DELETE SET NULL, "mainTeam" int);
           CREATE TABLE "Team" (org int REFERENCES "Org" (id), number int, PRIMARY KEY (org, number));
           ALTER TABLE "Org" ADD FOREIGN KEY (id, "mainTeam") REFERENCES "Team" (org, number);
           CREATE TABLE "Folder" (id int PRIMARY KEY, above int REFERENCES "Folder" (id), number int, org int,
               FOREIGN KEY (org, number) REFERENCES "Team" (org, number) ON DELETE RESTRICT);
           CREATE TABLE "Invite" (id int PRIMARY KEY, folder int NOT NULL REFERENCES "Folder" (id) ON DELETE CASCADE, email text);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Org" VALUES (1, 1, NULL), (2, NULL, NULL);
           INSERT INTO "Team" VALUES (1, 7), (2, 7);
           UPDATE "Org" SET "mainTeam" = 7;
           INSERT INTO "Folder" SELECT n, nullif(n - 1, 0), CASE n WHEN 1 THEN 7 END, CASE n WHEN 1 THEN 1 END FROM generate_series(1, 50) n;
           INSERT INTO "Folder" VALUES (100, NULL, 7, 2), (101, NULL, NULL, NULL);
           INSERT INTO "Invite" VALUES (1, 50, 'bob@x.org'), (2, 100, 'bob@x.org'), (3, 101, 'bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("2").await;
    // Nobody owns the other organisation, nor the folder without a team.
    assert_eq!(
        (impact(&plan, "Invite").rows, &plan.blockers),
        (2, &NOTHING)
    );
    assert!(
        says(
            &plan.warnings,
            &[
                "Invite.email",
                "Invite.folder → Folder.above",
                "Org.ownerId): 1"
            ]
        ),
        "{:?}",
        plan.warnings
    );
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(app.number(r#"SELECT id::int8 FROM "Invite""#).await, 1);
}

#[tokio::test]
async fn what_lies_in_a_workspace_belongs_to_its_members() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Workspace" (id int PRIMARY KEY);
           CREATE TABLE "Member" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE,
               "workspaceId" int NOT NULL REFERENCES "Workspace" (id) ON DELETE CASCADE, UNIQUE ("workspaceId", "userId"));
           CREATE TABLE "Customer" (id int PRIMARY KEY, "workspaceId" int NOT NULL REFERENCES "Workspace" (id) ON DELETE CASCADE, email text);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Workspace" VALUES (1), (2), (3);
           INSERT INTO "Member" VALUES (1, 1, 1), (2, 1, 2), (3, 2, 2);
           INSERT INTO "Customer" VALUES (1, 1, 'bob@x.org'), (2, 2, 'bob@x.org'), (3, 3, 'bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("2").await;
    // Bob is no member of the first one; of the third one nobody is.
    assert_eq!(impact(&plan, "Customer").rows, 2);
    assert!(
        says(
            &plan.warnings,
            &["Customer.workspaceId → Workspace ← Member.userId): 1"]
        ),
        "{:?}",
        plan.warnings
    );
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(app.number(r#"SELECT id::int8 FROM "Customer""#).await, 1);
}

#[tokio::test]
async fn the_tenant_that_an_account_lives_in_is_not_somebody_elses() {
    let app = app_with(
        r#"CREATE TABLE "Tenant" (id int PRIMARY KEY, "ownerId" int);
           CREATE TABLE "User" (id int PRIMARY KEY, "tenantId" int NOT NULL REFERENCES "Tenant" (id), email text);
           ALTER TABLE "Tenant" ADD FOREIGN KEY ("ownerId") REFERENCES "User" (id) ON DELETE SET NULL;
           CREATE TABLE "LoginAttempt" (id int PRIMARY KEY, "tenantId" int NOT NULL REFERENCES "Tenant" (id), email text);
           INSERT INTO "Tenant" VALUES (1), (2);
           INSERT INTO "User" VALUES (1, 1, 'alice@x.org'), (2, 1, 'bob@x.org'), (3, 2, 'carol@x.org');
           UPDATE "Tenant" SET "ownerId" = 2 * id - 1;
           INSERT INTO "LoginAttempt" VALUES (1, 1, 'bob@x.org'), (2, 2, 'bob@x.org');"#,
        Mapping::default(),
    )
    .await;
    app.db.erase(&mark(1), "2", ANYBODY).await.unwrap();
    assert_eq!(
        app.number(r#"SELECT id::int8 FROM "LoginAttempt""#).await,
        2
    );
}

/// Bob (2) asks in a poll, and others take part. The key to them has each rule in turn.
fn poll(rule: &str) -> String {
    format!(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Poll" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
           CREATE TABLE "Option" (id int PRIMARY KEY, "pollId" int NOT NULL REFERENCES "Poll" (id) ON DELETE CASCADE);
           CREATE TABLE "Participant" (id int PRIMARY KEY, "optionId" int NOT NULL REFERENCES "Option" (id) ON DELETE CASCADE,
               "userId" int {rule});
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org'), (3, 'carol@x.org');
           INSERT INTO "Poll" VALUES (1, 2), (2, 1);
           INSERT INTO "Option" VALUES (1, 1), (2, 1), (3, 2);
           INSERT INTO "Participant" VALUES (1, 1, 1), (2, 2, 3), (3, 1, 2), (4, 1, NULL), (5, 3, 3);"#
    )
}

#[tokio::test]
async fn rows_that_go_and_name_other_accounts_are_told_whatever_their_key_does() {
    let told = "Participant that will be deleted belong to other accounts (Participant.userId): 2";
    for rule in [
        "SET NULL",
        "SET DEFAULT",
        "NO ACTION",
        "RESTRICT",
        "CASCADE",
    ] {
        let key = format!(r#"REFERENCES "User" (id) ON DELETE {rule}"#);
        let app = app_with(&poll(&key), Mapping::default()).await;
        let plan = app.plan("2").await;
        assert!(says(&plan.warnings, &[told]), "{rule}: {:?}", plan.warnings);
    }
    let linked = mapping("link_columns = [\"Participant.userId\"]");
    let app = app_with(&poll(""), linked).await;
    let plan = app.plan("2").await;
    assert!(
        says(&plan.warnings, &[told]),
        "configured: {:?}",
        plan.warnings
    );
    let nobody_else = app.plan("3").await;
    assert!(
        !says(&nobody_else.warnings, &["other accounts"]),
        "{:?}",
        nobody_else.warnings
    );
}

#[tokio::test]
async fn rows_that_go_and_name_others_through_a_member_are_told() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Member" (id int PRIMARY KEY, "userId" int NOT NULL UNIQUE REFERENCES "User" (id));
           CREATE TABLE "Seat" (id int PRIMARY KEY, "memberId" int NOT NULL REFERENCES "Member" (id) ON DELETE CASCADE);
           CREATE TABLE "Poll" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
           CREATE TABLE "Participant" (id int PRIMARY KEY, "pollId" int NOT NULL REFERENCES "Poll" (id) ON DELETE CASCADE,
               "memberId" int REFERENCES "Member" (id) ON DELETE SET NULL, "seatId" int REFERENCES "Seat" (id));
           CREATE TABLE "Vote" (id int PRIMARY KEY, "participantId" int NOT NULL REFERENCES "Participant" (id) ON DELETE CASCADE);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Member" VALUES (1, 1), (2, 2);
           INSERT INTO "Seat" VALUES (1, 1), (2, 2);
           INSERT INTO "Poll" VALUES (1, 2);
           INSERT INTO "Participant" VALUES (1, 1, 1, NULL), (2, 1, NULL, 1), (3, 1, 2, 2), (4, 1, NULL, NULL);
           INSERT INTO "Vote" VALUES (1, 1), (2, 2), (3, 3);"#,
        Mapping::default(),
    )
    .await;
    let warnings = app.plan("2").await.warnings;
    for keys in [
        "(Participant.memberId → Member.userId): 1",
        "(Participant.seatId → Seat.memberId → Member.userId): 1",
    ] {
        assert!(
            says(
                &warnings,
                &["rows of Participant that will be deleted", keys]
            ),
            "{keys}: {warnings:?}"
        );
    }
}

#[tokio::test]
async fn a_persons_own_rows_under_another_accounts_row_are_no_warning() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Post" (id int PRIMARY KEY, "authorId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
           CREATE TABLE "Comment" (id int PRIMARY KEY, "postId" int NOT NULL REFERENCES "Post" (id) ON DELETE CASCADE,
               "userId" int NOT NULL REFERENCES "User" (id) ON DELETE CASCADE);
           INSERT INTO "User" VALUES (1, 'alice@x.org'), (2, 'bob@x.org');
           INSERT INTO "Post" VALUES (1, 1); INSERT INTO "Comment" VALUES (1, 1, 2), (2, 1, 2);"#,
        Mapping::default(),
    )
    .await;
    let warnings = app.plan("2").await.warnings;
    assert!(!says(&warnings, &["other accounts"]), "{warnings:?}");
}
