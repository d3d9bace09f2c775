//! What looks like a secret, or names somebody else, stays where it is, and is said.

use super::opened::LINE;
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
