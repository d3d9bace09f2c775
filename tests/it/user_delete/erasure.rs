//! What an erasure must not take with it, what must not escape it, and what is left when it is given up.

use countersign::domain::{RequestId, request::Progress};
use countersign_sandbox::{data, s3::StoredObject};
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::support::{Options, World, environment::DOCUMENTS, story::*};

/// Where Maria's files lie.
const HERS: &str = "user-usr_1/";
/// A file of hers outside of that, which a row of hers names once [`own_upload`] has run.
const UPLOAD: &str = "uploads/late.webm";

async fn run(world: &World, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&world.db)
        .await
        .unwrap();
}

fn put(world: &World, key: &str) {
    world
        .s3
        .put(data::BUCKET, key, key.to_owned(), "audio/webm")
        .unwrap();
}

/// A row of Maria's that names [`UPLOAD`].
fn own_upload() -> String {
    format!(
        r#"insert into "Response" (id, "sessionId", question, "audioUrl")
           select 'late', id, 'q', '{}{UPLOAD}' from "TestSession" where "userId" = 'usr_1' limit 1
           on conflict do nothing"#,
        data::BUCKET_URL
    )
}

/// Has the database do something, as the app would, at a moment of the run: `when` is a trigger's event.
async fn meanwhile(world: &World, when: &str, does: &str) {
    run(
        world,
        &format!(
            "create function meanwhile() returns trigger language plpgsql as $$
             begin {does}; return null; end $$;
             create trigger meanwhile after {when} for each statement execute function meanwhile()"
        ),
    )
    .await;
}

/// The app writes of Maria right after her rows are gone.
async fn signs_in_later(world: &World) {
    let when = "update of erased_at on countersign.erasure_ledger";
    let does = r#"insert into "LoginAttempt" (id, email, success) values ('late', 'Maria@example.com', false)"#;
    meanwhile(world, when, does).await;
}

/// Maria's deletion, approved and past its cooling-off time.
async fn begun(world: &World) -> RequestId {
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    id
}

fn files(world: &World, prefix: &str) -> Vec<StoredObject> {
    let mut files = world.s3.objects(data::BUCKET);
    files.retain(|file| file.key.starts_with(prefix));
    files
}

/// What a step that is done said about one thing.
async fn said(world: &World, id: RequestId, step: &str, name: &str) -> Value {
    let request = world.request(id).await;
    let steps = request.state.steps().iter();
    let result = steps
        .filter(|one| one.planned.id == step)
        .find_map(|one| match &one.progress {
            Progress::Done { result } => Some(result.clone()),
            _ => None,
        });
    result.unwrap()[name].clone()
}

async fn settle(world: &World, id: RequestId) {
    world.until_state(id, "failed").await;
    let view = world.open_modal(GRACE, id, "settle").await;
    world.submit(GRACE, &view, "looked at by hand").await;
    world.until_state(id, "settled").await;
    world.tidy_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_kept_rows_or_other_people_name_stay_although_they_lie_under_the_prefix() {
    let mut world = World::without_service(Options {
        file: Some(
            "[app.schema]
             user_columns = [\"Response.audioUrl\", \"AnalyticsEvent.receipt\"]
             [app.schema.tables.AnalyticsEvent]
             policy = \"keep\"
             reason = \"tax law\""
                .to_owned(),
        ),
        ..Options::default()
    })
    .await;
    put(&world, "user-usr_1/receipts/9.pdf");
    put(&world, "user-usr_1/shared.mp3");
    run(
        &world,
        r#"alter table "AnalyticsEvent" add receipt text;
           insert into "AnalyticsEvent" (id, "userId", type, receipt)
           values ('bought', 'usr_1', 'PAID', 'user-usr_1/receipts/9.pdf');
           insert into "TestSession" (id, "userId") values ('other', 'usr_2');
           insert into "Response" (id, "sessionId", question, "audioUrl")
           values ('other', 'other', 'q', 'user-usr_1/shared.mp3')"#,
    )
    .await;
    world.start_replica().await;
    let id = begun(&world).await;
    let request = world.until_state(id, "done").await;

    let left: Vec<String> = files(&world, HERS).into_iter().map(|f| f.key).collect();
    assert_eq!(left, ["user-usr_1/receipts/9.pdf", "user-usr_1/shared.mp3"]);
    let plan = request.plan.unwrap().plan;
    assert!(
        plan.kept
            .iter()
            .any(|kept| kept.what.starts_with("file(s)") && kept.count == Some(2)),
        "{:?}",
        plan.kept
    );
    assert_eq!(said(&world, id, "objects", "files_kept").await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_is_given_while_the_rows_go_stays() {
    let mut world = World::without_service(Options::default()).await;
    put(&world, UPLOAD);
    run(&world, &own_upload()).await;
    world.start_replica().await;
    let gives = format!(
        r#"update "Response" set "audioUrl" = case when id < 'm' then '{UPLOAD}' else 'user-usr_1/avatar.png' end
           where id in (select min(r.id) from "Response" r join "TestSession" s on s.id = r."sessionId" where s."userId" = 'usr_3'
                        union select 'other')"#
    );
    run(
        &world,
        r#"insert into "TestSession" (id, "userId") values ('other', 'usr_3');
           insert into "Response" (id, "sessionId", question) values ('a-other', 'other', 'q'), ('other', 'other', 'q')"#,
    )
    .await;
    meanwhile(
        &world,
        "update of erased_at on countersign.erasure_ledger",
        &gives,
    )
    .await;
    let id = begun(&world).await;
    world.until_state(id, "done").await;
    assert_eq!(files(&world, UPLOAD).len(), 1);
    let left: Vec<StoredObject> = files(&world, HERS);
    assert!(
        !left.is_empty() && left.iter().all(|file| file.key.ends_with("avatar.png")),
        "{left:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_named_after_the_list_was_written_is_erased_too() {
    let world = World::start().await;
    put(&world, UPLOAD);
    meanwhile(&world, "insert on countersign.erasure_key", &own_upload()).await;
    let id = begun(&world).await;
    world.until_state(id, "done").await;
    assert_eq!(files(&world, UPLOAD), []);
    // The list is written once more in the same try.
    let events = world.event_names(id).await;
    assert!(!events.contains(&"step_deferred".to_owned()), "{events:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_named_each_time_the_list_is_written_is_erased_by_a_later_try() {
    let world = World::start().await;
    // The list is written with two statements, so two files are new each time.
    let names = format!(
        r#"insert into "Response" (id, "sessionId", question, "audioUrl")
           select 'late-' || n, s.id, 'q', '{}late-' || n
           from (select count(*) as n from "Response" where id like 'late-%') as before,
                (select id from "TestSession" where "userId" = 'usr_1' limit 1) as s
           where n < 4"#,
        data::BUCKET_URL
    );
    for number in 0..4 {
        put(&world, &format!("late-{number}"));
    }
    meanwhile(&world, "insert on countersign.erasure_key", &names).await;
    let id = begun(&world).await;
    world.until_state(id, "done").await;
    assert_eq!(files(&world, "late-"), []);
    let events = world.event_names(id).await;
    assert!(events.contains(&"step_deferred".to_owned()), "{events:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_begun_anew_forgets_what_is_not_hers_any_more() {
    let mut world = World::without_service(Options::default()).await;
    put(&world, UPLOAD);
    run(&world, &own_upload()).await;
    world.start_replica().await;
    meanwhile(
        &world,
        "insert on countersign.erasure_object",
        "raise exception 'the store is full'",
    )
    .await;
    let id = begun(&world).await;
    world
        .until("a try that was broken off", async |world: &World| {
            let events = world.event_names(id).await;
            events.contains(&"step_deferred".to_owned()).then_some(())
        })
        .await;
    run(
        &world,
        r#"delete from "Response" where id = 'late'; drop trigger meanwhile on countersign.erasure_object"#,
    )
    .await;
    world.until_state(id, "done").await;
    assert_eq!(files(&world, UPLOAD).len(), 1);
    assert_eq!(files(&world, HERS), []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_writes_after_the_rows_are_gone_is_swept_up() {
    let world = World::start().await;
    signs_in_later(&world).await;
    let id = begun(&world).await;
    world.until_state(id, "done").await;
    let attempts =
        r#"select count(*) from "LoginAttempt" where lower(email) = 'maria@example.com'"#;
    assert_eq!(world.count(attempts).await, 0);
    assert_eq!(said(&world, id, "verify", "rows_swept").await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_comes_while_the_rest_is_looked_for_is_swept_too() {
    let world = World::start().await;
    signs_in_later(&world).await;
    run(
        &world,
        r#"create function moves() returns trigger language plpgsql as $$
           begin
               create table "Later" (id text primary key, email text);
               insert into "Later" values (old.id, old.email);
               return null;
           end $$;
           create trigger moves after delete on "LoginAttempt" for each row when (old.id = 'late') execute function moves()"#,
    )
    .await;
    let id = begun(&world).await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(world.count(r#"select count(*) from "Later""#).await, 0);
    assert_eq!(said(&world, id, "verify", "rows_swept").await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_after_the_files_are_gone_is_swept_up() {
    let world = World::start().await;
    let gate = world.s3.faults().hold_answers("DeleteObjects");
    let id = begun(&world).await;
    gate.arrived().await;
    put(&world, "user-usr_1/tests/1/late.webm");
    gate.release();
    world.until_state(id, "done").await;
    assert_eq!(files(&world, HERS), []);
    assert_eq!(said(&world, id, "verify", "versions_swept").await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_swept_fails_after_some_tries_and_resuming_sweeps_again() {
    let world = World::start().await;
    // A trigger keeps the row: the sweep notices and changes nothing.
    run(
        &world,
        r#"create function stay() returns trigger language plpgsql as $$
           begin if old.id = 'late' then return null; end if; return old; end $$;
           create trigger stay before delete on "LoginAttempt" for each row execute function stay()"#,
    )
    .await;
    signs_in_later(&world).await;
    let id = begun(&world).await;
    world
        .until("the last try", async |world: &World| {
            world.clock.advance(std::time::Duration::from_millis(200));
            (world.request(id).await.state.word() == "failed").then_some(())
        })
        .await;
    run(&world, r#"drop trigger stay on "LoginAttempt""#).await;
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    assert_eq!(said(&world, id, "verify", "rows_swept").await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_given_up_before_the_rows_went_is_not_in_the_ledger() {
    let world = World::start().await;
    meanwhile(
        &world,
        r#"delete on "TestSession""#,
        "raise exception 'tests are kept'",
    )
    .await;
    let id = begun(&world).await;
    settle(&world, id).await;
    assert_eq!(
        world
            .count("select count(*) from countersign.erasure_ledger")
            .await,
        0
    );
    assert_eq!(lists(&world).await, 0);
    let texts = "select count(*) from countersign.private_text where text is not null";
    assert!(world.count(texts).await > 0, "she is still there");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_given_up_after_the_rows_went_is_in_the_ledger_and_nobody_reads_about_her()
 {
    let world = World::start().await;
    world
        .s3
        .set_legal_hold(data::BUCKET, "user-usr_1/avatar.png", None, true)
        .unwrap();
    let id = begun(&world).await;
    settle(&world, id).await;
    let entry = "select count(*) from countersign.erasure_ledger
                 where user_id = 'usr_1' and erased_at is not null and forgotten_at is not null";
    assert_eq!(world.count(entry).await, 1);
    assert_eq!(lists(&world).await, 0);
    let texts = "select count(*) from countersign.private_text where text is not null";
    assert_eq!(world.count(texts).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_requests_certificate_at_the_place_is_neither_taken_nor_overwritten() {
    let world = World::start().await;
    let first = begun(&world).await;
    world.until_state(first, "done").await;
    let place = world.s3.objects(DOCUMENTS).remove(0).key;
    let foreign = world.s3.get(DOCUMENTS, &place).unwrap();

    let line = "/ops user delete hana@example.com asked for erasure by mail";
    let second = world.ask(ADA, line).await;
    let number = world.request(second).await.label();
    let place = format!("certificates/{number}-{second}.json");
    world
        .s3
        .put(DOCUMENTS, &place, foreign.clone(), "application/json")
        .unwrap();
    world.approve_typing(GRACE, second, "usr_9").await;
    world.until_card_shows(second, "stop").await;
    world.cool_off().await;
    let failed = world.until_state(second, "failed").await;
    let why = serde_json::to_string(&failed.state).unwrap();
    assert!(why.contains("not this request's certificate"), "{why}");
    assert_eq!(world.s3.get(DOCUMENTS, &place).unwrap(), foreign);
    world.finish().await;
}

async fn lists(world: &World) -> i64 {
    world
        .count(
            "select (select count(*) from countersign.erasure_key) + (select count(*) from countersign.erasure_object)
                  + (select count(*) from countersign.erasure_subject)",
        )
        .await
}
