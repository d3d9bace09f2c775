//! What is in an archive, and what never is.

use std::collections::BTreeMap;

use countersign_sandbox::data;
use sqlx::AssertSqlSafe;

use super::opened::{LINE, Opened, WITH_FILES};
use crate::support::{Options, World, story::*};

/// Secrets of the sample data, of everybody.
const SECRETS: &str = r#"
    select password from "User" where password is not null
    union all select refresh_token from "Account" union all select access_token from "Account"
    union all select "sessionToken" from "Session" union all select token from "PasswordResetToken"
    union all select token from "VerificationToken""#;

async fn holds_no_secret(world: &World, opened: &Opened) {
    let secrets: Vec<String> = sqlx::query_scalar(SECRETS)
        .fetch_all(&world.db)
        .await
        .unwrap();
    assert!(secrets.len() > 40, "{}", secrets.len());
    let text = opened.text();
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
}

/// No id, address or name of anybody else stands in the rows.
async fn holds_nobody_but(world: &World, opened: &Opened, id: &str) {
    let others: Vec<(String, String, String)> =
        sqlx::query_as(r#"select id, email, name from "User" where id <> $1"#)
            .bind(id)
            .fetch_all(&world.db)
            .await
            .unwrap();
    let text = opened.text();
    for (other, email, name) in others {
        assert!(!text.contains(&format!("\"{other}\"")), "{other}");
        assert!(!text.contains(&email), "{email}");
        assert!(!text.contains(&name), "{name}");
    }
}

async fn count(world: &World, sql: String) -> usize {
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&world.db)
        .await
        .unwrap();
    usize::try_from(count).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_all_rows_of_the_person_and_no_secret_and_nobody_else() {
    let world = World::start().await;
    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    for (table, condition) in [
        ("User", "id = 'usr_1'"),
        ("Account", r#""userId" = 'usr_1'"#),
        ("Session", r#""userId" = 'usr_1'"#),
        ("TestSession", r#""userId" = 'usr_1'"#),
        ("Response", r#""sessionId" like 'test\_1\_%'"#),
        ("UserFlashcardProgress", r#""userId" = 'usr_1'"#),
        ("UserPronunciationProgress", r#""userId" = 'usr_1'"#),
        // A deletion would leave these behind: their key is SET NULL.
        ("SupportTicket", r#""userId" = 'usr_1'"#),
        ("Subscription", r#""userId" = 'usr_1'"#),
        ("AnalyticsEvent", r#""userId" = 'usr_1'"#),
        // These have no key.
        ("PasswordResetToken", "email = 'maria@example.com'"),
        ("VerificationToken", "identifier = 'maria@example.com'"),
        ("LoginAttempt", "lower(email) = 'maria@example.com'"),
    ] {
        let there = count(
            &world,
            format!(r#"select count(*) from "{table}" where {condition}"#),
        );
        let there = there.await;
        assert!(there > 0, "{table}");
        assert_eq!(opened.rows(table).len(), there, "{table}");
    }
    assert!(opened.rows("Flashcard").is_empty(), "shared content");
    let user = &opened.rows("User")[0];
    assert_eq!(user["email"], "maria@example.com");
    assert_eq!(user["credits"], 12);
    assert!(user.get("password").is_none());
    holds_no_secret(&world, &opened).await;
    holds_nobody_but(&world, &opened, "usr_1").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_names_everything_that_is_held_back_and_why() {
    let world = World::start().await;
    let id = world
        .export("/ops user export usr_5 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    let withheld = opened.manifest["withheld"].as_array().unwrap().iter();
    let withheld: BTreeMap<&str, &str> = withheld
        .map(|one| (one["what"].as_str().unwrap(), one["why"].as_str().unwrap()))
        .collect();
    for column in [
        "User.password",
        "Account.refresh_token",
        "Account.access_token",
        "Account.scope",
        "Account.expires_at",
        "Session.sessionToken",
    ] {
        let why = withheld.get(column).unwrap_or_else(|| panic!("{column}"));
        assert!(why.contains("secret") || why.contains("OAuth"), "{why}");
        let page = String::from_utf8(opened.bytes("index.html").to_vec()).unwrap();
        assert!(page.contains(column), "{column}");
    }
    let elsewhere = opened.manifest["not_in_here"].to_string();
    assert!(
        elsewhere.contains("Stripe is not configured"),
        "{elsewhere}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_files_the_archive_holds_the_current_version_of_every_file() {
    let world = World::start().await;
    let id = world.export(WITH_FILES).await;
    let opened = world.opened(id).await;
    let objects = world.s3.objects(data::BUCKET);
    let current: Vec<_> = objects
        .iter()
        .filter(|one| one.key.starts_with("user-usr_1/") && one.latest && !one.delete_marker)
        .collect();
    let listed = opened.lines("files.jsonl");
    assert_eq!(listed.len(), current.len());
    assert!(listed.len() > 30);
    for (line, object) in listed.iter().zip(current) {
        assert_eq!(line["key"], object.key.as_str());
        let path = line["in_archive"].as_str().unwrap();
        let stored = world.s3.get(data::BUCKET, &object.key).unwrap();
        assert!(opened.bytes(path) == stored, "{path}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_the_archive_lists_them() {
    let world = World::start().await;
    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    let listed = opened.lines("files.jsonl");
    assert!(listed.len() > 30);
    assert!(listed.iter().all(|line| line["in_archive"].is_null()));
    assert!(
        opened
            .entries
            .iter()
            .all(|(path, _)| !path.starts_with("files/"))
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_real_application_a_file_that_two_people_share_is_held_back() {
    let world = World::with(Options::real()).await;
    let id = world
        .export("/ops user export usr_1 with files asked for a copy")
        .await;
    let opened = world.opened(id).await;
    for table in ["TestSession", "Response", "QuestionUsage", "LoginAttempt"] {
        assert!(!opened.rows(table).is_empty(), "{table}");
    }
    assert!(opened.rows("Question").is_empty(), "shared content");
    let shared = data::real::shared_key();
    let listed = opened.lines("files.jsonl");
    assert!(listed.iter().all(|line| line["key"] != shared.as_str()));
    assert_eq!(listed.len(), 35);
    let withheld = opened.manifest["withheld"].to_string();
    assert!(
        withheld.contains("rows of another person name them too"),
        "{withheld}"
    );
    holds_no_secret(&world, &opened).await;
    // The twin differs in letter case alone: case decides.
    holds_nobody_but(&world, &opened, "usr_1").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_real_application_somebody_whom_restrict_rows_hold_is_exported_in_full() {
    let world = World::with(Options::real()).await;
    let id = world
        .export("/ops user export usr_6 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    assert_eq!(opened.rows("BlogPost").len(), 1);
    holds_no_secret(&world, &opened).await;
    holds_nobody_but(&world, &opened, "usr_6").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_holds_back_more_and_lets_named_columns_through() {
    let file = "[app.schema.export]\nwithhold = [\"User.image\"]\nwithhold_tables = [\"SupportTicket\"]\n\
                include = [\"Account.scope\"]\n";
    let world = World::with(Options {
        file: Some(file.to_owned()),
        ..Options::default()
    })
    .await;
    let id = world
        .export("/ops user export usr_1 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    assert!(opened.rows("User")[0].get("image").is_none());
    assert!(opened.rows("SupportTicket").is_empty());
    assert_eq!(opened.rows("Account")[0]["scope"], "openid email profile");
    let withheld = opened.manifest["withheld"].to_string();
    assert!(withheld.contains("row(s) of SupportTicket"), "{withheld}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_inside_of_json_is_held_back_and_counted() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"update "AnalyticsEvent" set metadata = '{"page": "/a", "accessToken": "ya29.hidden"}' where id = 'evt_1_1'"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = world
        .export("/ops user export usr_1 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    assert!(!opened.text().contains("ya29.hidden"));
    let event = opened.rows("AnalyticsEvent");
    let event = event.iter().find(|row| row["id"] == "evt_1_1").unwrap();
    assert_eq!(event["metadata"]["page"], "/a");
    let results = crate::support::once::results(&world, id).await;
    assert_eq!(results[0].1["values_withheld"], 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stripe_customer_and_the_payments_are_in_the_archive_and_the_twins_are_not() {
    let world = World::with(Options::real().and_stripe()).await;
    let id = world
        .export("/ops user export usr_1 asked for a copy")
        .await;
    let opened = world.opened(id).await;
    let stripe: serde_json::Value = serde_json::from_slice(opened.bytes("stripe.json")).unwrap();
    let customers = stripe["customers"].as_array().unwrap();
    assert_eq!(customers.len(), 1, "{stripe}");
    assert_eq!(customers[0]["email"], "maria@example.com");
    let payments = stripe["payments"].as_array().unwrap();
    let amounts: Vec<_> = payments
        .iter()
        .map(|one| one["amount_in_smallest_unit"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts, [1999, 999]);
    assert_eq!(opened.manifest["stripe"]["included"], true);
    assert!(
        !opened.manifest["not_in_here"]
            .to_string()
            .contains("Stripe")
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stripe_that_refuses_is_named_and_one_that_does_not_answer_is_waited_for() {
    use countersign_sandbox::stripe::Outage;
    let world = World::with(Options::default().and_stripe()).await;
    let id = world
        .ask(ADA, "/ops user export usr_1 asked for a copy")
        .await;
    world.stripe.faults().set_outage(Outage::Unavailable);
    world.countersign(GRACE, id).await;
    world
        .hurry_until("a pause", async |world| {
            let names = world.event_names(id).await;
            names.contains(&"step_deferred".to_owned()).then_some(())
        })
        .await;
    world.stripe.faults().set_outage(Outage::Off);
    world.stripe.set_keys(vec![]);
    world.hurry_until_state(id, "done").await;
    let opened = world.opened(id).await;
    assert_eq!(opened.manifest["stripe"]["included"], false);
    let elsewhere = opened.manifest["not_in_here"].to_string();
    assert!(elsewhere.contains("the Stripe customer"), "{elsewhere}");
    world.hurry_until_delivered().await;
    world.finish().await;
}
