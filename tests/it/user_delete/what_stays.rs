//! What stays is one list: the card, the certificate and the verification at the end say the same.

use countersign_sandbox::data;
use serde_json::Value;

use crate::support::{World, environment::DOCUMENTS, story::*};

/// Maria is named where no key leads: alone, in a list, in JSON, in a text.
const NAMED: &str = r#"
    create table "Prompt" (id int primary key, "createdBy" text, "memberIds" text[], data jsonb, body text);
    insert into "Prompt" values
        (1, 'usr_1', '{usr_10}', null, null), (2, 'usr_1', '{usr_1,usr_2}', '{"userId": "usr_1"}', 'from maria@example.com'),
        (3, 'usr_10', '{}', '{"userId": "usr_10"}', 'from annamaria@example.com')"#;

/// The certificate of a deletion.
fn certificate(world: &World) -> Value {
    let objects = world.s3.objects(DOCUMENTS).into_iter();
    let key = objects
        .map(|one| one.key)
        .find(|key| key.starts_with("certificates/"))
        .unwrap();
    let bytes = world.s3.get(DOCUMENTS, &key).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn kept(list: &Value) -> Vec<(String, Option<u64>)> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| {
        (
            one["what"].as_str().unwrap().to_owned(),
            one["count"].as_u64(),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_key_are_on_card_and_certificate_with_their_number() {
    let world = World::start().await;
    world.run(NAMED).await;
    let id = world.ask_for_maria().await;
    for words in [
        "Prompt.createdBy: 2",
        "Prompt.memberIds: 1",
        "Prompt.data: 1",
        "Prompt.body: 1",
    ] {
        world.until_card_says(id, words).await;
    }
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    let request = world.until_state(id, "done").await;
    let certificate = certificate(&world);
    let on_it = kept(&certificate["kept"]);
    for (what, rows) in [
        ("row(s) naming this account in Prompt.createdBy", 2),
        ("row(s) naming this account in Prompt.memberIds", 1),
        ("row(s) naming this account in Prompt.data", 1),
        ("row(s) naming its e-mail address in Prompt.body", 1),
    ] {
        assert!(on_it.contains(&(what.to_owned(), Some(rows))), "{on_it:?}");
    }
    let plan = request.plan.unwrap().plan;
    let planned: Vec<_> = plan
        .kept
        .iter()
        .map(|one| (one.what.clone(), one.count))
        .collect();
    assert_eq!(on_it, planned);
    let warnings: Vec<_> = plan.warnings.iter().map(|one| &one.text).collect();
    assert_eq!(certificate["warnings"], serde_json::json!(warnings));
    let mut steps = certificate["steps"].as_array().unwrap().iter();
    let verified = steps.rfind(|step| step["step"] == "verify").unwrap();
    assert_eq!(verified["result"]["rows_that_stay"]["Prompt.createdBy"], 2);
    world
        .until_card_says(id, "2 rows naming this account in Prompt.createdBy")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_elsewhere_are_on_card_and_certificate_with_their_number() {
    let world = World::start().await;
    world
        .run(
            r#"insert into "Response" (id, "sessionId", question, "audioUrl")
               select 'far' || n, (select min(id) from "TestSession" where "userId" = 'usr_1'), 'q', 'https://cdn.example.net/' || n
               from generate_series(1, 3) n"#,
        )
        .await;
    let id = world.ask_for_maria().await;
    world
        .until_card_says(id, "3 files that rows name elsewhere")
        .await;
    world.until_card_says(id, "cdn.example.net").await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let certificate = certificate(&world);
    let elsewhere = ("file(s) that rows name elsewhere".to_owned(), Some(3));
    let on_it = kept(&certificate["kept"]);
    assert!(on_it.contains(&elsewhere), "{on_it:?}");
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hold_itself_writes_into_a_log_of_changes_voids_no_approval() {
    let world = World::start().await;
    world
        .run(
            r#"create table "Change" (id serial primary key, before jsonb);
               create function log_change() returns trigger language plpgsql as $$
               begin insert into "Change" (before) values (to_jsonb(old)); return null; end $$;
               create trigger log_change after update on "User" for each row execute function log_change()"#,
        )
        .await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let names = world.event_names(id).await;
    assert!(!names.contains(&"superseded".to_owned()), "{names:?}");
    let certificate = certificate(&world);
    let mut steps = certificate["steps"].as_array().unwrap().iter();
    let verified = steps.rfind(|step| step["step"] == "verify").unwrap();
    assert_eq!(verified["result"]["rows_that_stay"]["Change.before"], 1);
    world.finish().await;
}
