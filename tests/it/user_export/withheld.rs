//! What looks like a secret, or names somebody else, stays where it is, and is said.

use countersign_sandbox::data;

use super::opened::{LINE, WITH_FILES};
use crate::support::{World, story::*};

/// Tables whose names say what their columns hold.
const SECRET_TABLES: &str = r#"
    create table "ApiKey" (id text primary key, "userId" text not null references "User" (id), name text, key text);
    create table "TwoFactor" (id text primary key, "userId" text not null references "User" (id), code integer);
    create table "RecoveryCode" (id text primary key, "userId" text not null references "User" (id), code text, used boolean);
    create table "MagicLink" (id text primary key, "userId" text not null references "User" (id), url text);
    create table "PhoneNumber" (id text primary key, "userId" text not null references "User" (id), number text,
        "verificationCode" integer, details jsonb);
    insert into "ApiKey" values ('1', 'usr_1', 'laptop', 'live-1f2e3d');
    insert into "TwoFactor" values ('1', 'usr_1', 731904);
    insert into "RecoveryCode" values ('1', 'usr_1', 'otter-lake-77', false);
    insert into "MagicLink" values ('1', 'usr_1', 'https://app.example/in/9d8c7b');
    insert into "PhoneNumber" values ('1', 'usr_1', '+31201234567', 640281, '{"resetCode": 550917, "tries": 3}');"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_table_of_secrets_holds_stays_and_the_plan_says_so_whatever_the_columns_are_called()
{
    let world = World::start().await;
    world.run(SECRET_TABLES).await;
    let id = world.ask(ADA, LINE).await;
    let plan = world.request(id).await.plan.unwrap().plan;
    let kept: Vec<&str> = plan.kept.iter().map(|kept| kept.what.as_str()).collect();
    for column in [
        "ApiKey.key",
        "TwoFactor.code",
        "RecoveryCode.code",
        "MagicLink.url",
        "PhoneNumber.verificationCode",
    ] {
        assert!(kept.contains(&column), "{column}: {kept:?}");
    }
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    for secret in [
        "live-1f2e3d",
        "731904",
        "otter-lake-77",
        "9d8c7b",
        "640281",
        "550917",
    ] {
        assert!(!opened.text().contains(secret), "{secret}");
    }
    assert_eq!(opened.rows("ApiKey")[0]["name"], "laptop");
    assert_eq!(opened.rows("PhoneNumber")[0]["number"], "+31201234567");
    assert_eq!(opened.rows("PhoneNumber")[0]["details"]["tries"], 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_of_the_team_gave_credits_by_hand_does_not_leave_inside_the_event() {
    let world = World::start().await;
    let id = world
        .export("/ops user export usr_8 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    let events = opened.rows("AnalyticsEvent");
    let by_hand = events
        .iter()
        .find(|row| row["type"] == "MANUAL_CREDIT_ADDED")
        .unwrap();
    assert_eq!(by_hand["metadata"]["admin"], serde_json::Value::Null);
    assert_eq!(by_hand["metadata"]["credits"], 15);
    assert!(!opened.text().contains("chloe@example.com"));
    let withheld = opened.manifest["withheld"].to_string();
    assert!(
        withheld.contains("some values inside JSON (AnalyticsEvent)"),
        "{withheld}"
    );
    let results = crate::support::once::results(&world, id).await;
    assert_eq!(results[0].1["values_withheld"], 1);
    world.finish().await;
}

/// Somebody of the team looks after a ticket, who is named by a second key.
const ASSIGNED: &str = r#"
    alter table "SupportTicket" add "assigneeId" text references "User" (id);
    insert into "SupportTicket" (id, "userId", subject, message, "assigneeId") values
        ('asked', 'usr_1', 'mine', 'I asked', 'usr_2'), ('answers', 'usr_5', 'not mine', 'Daniel asked', 'usr_1');"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_names_somebody_else_too_stays_and_the_plan_and_the_manifest_count_it() {
    let world = World::start().await;
    world.run(ASSIGNED).await;
    let id = world.ask(ADA, LINE).await;
    let plan = world.request(id).await.plan.unwrap().plan;
    for key in ["SupportTicket.userId", "SupportTicket.assigneeId"] {
        let what = format!("row(s) that {key} leads to");
        let kept = plan.kept.iter().find(|kept| kept.what == what).unwrap();
        assert_eq!(kept.count, Some(1), "{kept:?}");
    }
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    assert!(!opened.rows("SupportTicket").is_empty());
    assert!(!opened.text().contains("Daniel asked"));
    assert!(!opened.text().contains("I asked"));
    let withheld = opened.manifest["withheld"].to_string();
    assert!(
        withheld.contains("they name another account too"),
        "{withheld}"
    );
    world.finish().await;
}

/// Files by the spellings of two rows: the person's and somebody else's.
const SPELLED: &str = r#"
    insert into "TestSession" (id, "userId") values ('spelled', 'usr_1'), ('spelled-other', 'usr_3');
    insert into "Response" (id, "sessionId", question, "audioUrl") values
        ('s1', 'spelled', 'q', 'https://ielts-audio.s3.eu-central-1.amazonaws.com/up%2Fmine+1.webm'),
        ('s2', 'spelled', 'q', 'https://ielts-audio.s3.eu-central-1.amazonaws.com/up/both%202.webm'),
        ('s3', 'spelled-other', 'q', 'https://ielts-audio.s3.eu-central-1.amazonaws.com/up%2Fboth+2.webm');"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_row_names_in_another_spelling_is_held_back_and_counted() {
    let world = World::start().await;
    for key in ["up/mine 1.webm", "up/both 2.webm"] {
        let bytes = key.to_owned();
        world
            .s3
            .put(data::BUCKET, key, bytes, "audio/webm")
            .unwrap();
    }
    world.run(SPELLED).await;
    let id = world.export(WITH_FILES).await;
    let opened = world.opened(id).await;
    let listed = opened.lines("files.jsonl");
    let has = |key: &str| listed.iter().any(|line| line["key"] == key);
    assert!(
        has("up/mine 1.webm") && !has("up/both 2.webm"),
        "{listed:?}"
    );
    let withheld = opened.manifest["withheld"].to_string();
    assert!(withheld.contains("1 file in doubt"), "{withheld}");
    world.finish().await;
}

/// Maria made the dashboard that a project of the team shows first.
const DASHBOARDS: &str = r#"
    create table "Dashboard" (id text primary key, "createdById" text references "User" (id) on delete set null);
    create table "Project" (id text primary key, "homeDashboardId" text references "Dashboard" (id) on delete set null);
    create table "Customer" (id text primary key, "projectId" text not null references "Project" (id) on delete cascade, name text);
    insert into "Dashboard" values ('1', 'usr_1');
    insert into "Project" values ('1', '1');
    insert into "Customer" select n::text, '1', 'stranger ' || n from generate_series(1, 40) n;"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_refers_to_a_persons_dashboard_stays_with_its_customers_and_is_counted() {
    let world = World::start().await;
    world.run(DASHBOARDS).await;
    let id = world.ask(ADA, LINE).await;
    let plan = world.request(id).await.plan.unwrap().plan;
    let what = "row(s) that Project.homeDashboardId leads to";
    let kept = plan.kept.iter().find(|kept| kept.what == what).unwrap();
    assert_eq!(kept.count, Some(1));
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    assert_eq!(opened.rows("Dashboard").len(), 1);
    assert!(!opened.text().contains("stranger"));
    let withheld = opened.manifest["withheld"].to_string();
    assert!(
        withheld.contains("they only refer to rows of the account"),
        "{withheld}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_an_address_that_another_account_has_too_are_counted_and_do_not_leave() {
    let world = World::start().await;
    world
        .run(crate::user_delete::other_people::SAME_ADDRESS)
        .await;
    let id = world
        .export("/ops user export usr_1 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    for table in ["LoginAttempt", "PasswordResetToken", "VerificationToken"] {
        assert!(opened.rows(table).is_empty(), "{table}");
    }
    let withheld = opened.manifest["withheld"].as_array().unwrap().iter();
    let of_both: Vec<_> = withheld
        .filter(|one| one["why"] == "another account has the same address")
        .map(|one| one["rows"].as_u64().unwrap())
        .collect();
    assert_eq!(of_both, [4, 1, 1]);
    world.finish().await;
}

/// The person is named where no key leads, and has files at another host.
const ELSEWHERE: &str = r#"
    create table "Prompt" (id int primary key, "createdBy" text, body text);
    insert into "Prompt" values (1, 'usr_1', null), (2, 'usr_1', 'by maria@example.com'), (3, 'usr_10', 'by annamaria@example.com');
    insert into "Response" (id, "sessionId", question, "audioUrl")
    select 'far' || n, (select min(id) from "TestSession" where "userId" = 'usr_1'), 'q', 'https://cdn.example.net/' || n
    from generate_series(1, 3) n"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_without_a_key_and_files_elsewhere_are_in_plan_manifest_and_page_with_their_number()
 {
    let world = World::start().await;
    world.run(ELSEWHERE).await;
    let id = world.ask(ADA, LINE).await;
    world
        .until_card_says(id, "Prompt.body: 1, Prompt.createdBy: 2")
        .await;
    let plan = world.request(id).await.plan.unwrap().plan;
    let kept: Vec<String> = plan.kept.iter().map(ToString::to_string).collect();
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    let withheld = opened.manifest["withheld"].as_array().unwrap();
    let page = String::from_utf8(opened.bytes("index.html").to_vec()).unwrap();
    for (what, rows, said) in [
        (
            "row(s) naming this account in Prompt.createdBy",
            Some(2),
            "2 rows naming this account in Prompt.createdBy",
        ),
        (
            "row(s) naming its e-mail address in Prompt.body",
            Some(1),
            "1 row naming its e-mail address in Prompt.body",
        ),
        (
            "3 files that rows name elsewhere",
            None,
            "3 files that rows name elsewhere",
        ),
    ] {
        assert!(kept.iter().any(|one| one == said), "{said}: {kept:?}");
        let one = withheld.iter().find(|one| one["what"] == what);
        let one = one.unwrap_or_else(|| panic!("{what}: {withheld:?}"));
        assert_eq!(one["rows"].as_u64(), rows, "{one}");
        assert!(page.contains(what), "{what}");
    }
    world.finish().await;
}
