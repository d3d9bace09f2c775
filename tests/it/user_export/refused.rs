//! Who may not export, and what cannot be exported.

use countersign::systems::object_store::MAX_UPLOAD_BYTES;
use countersign_sandbox::data;

use super::opened::LINE;
use crate::support::{Options, World, environment::DOCUMENTS, people::VICTOR, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_admin_may_not_ask() {
    let world = World::start().await;
    for who in [OLGA, VICTOR] {
        world.slack.slash(who, OPS, LINE).await.unwrap();
        world.until_told(who, "admin").await;
    }
    assert!(world.s3.objects(DOCUMENTS).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_may_not_approve_and_a_denied_export_makes_no_archive() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.click(ADA, id, "approve").await;
    world.until_told(ADA, "second admin").await;
    let view = world.open_modal(GRACE, id, "deny").await;
    world.submit(GRACE, &view, "she did not ask for it").await;
    world.until_state(id, "denied").await;
    assert!(world.s3.objects(DOCUMENTS).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_is_refused() {
    let world = World::start().await;
    let id = world
        .ask_and_be_refused("/ops user export nobody@example.com asked for a copy")
        .await;
    world
        .until_audit(id, "no account has this id or e-mail")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_differ_in_letter_case_none_is_guessed() {
    let world = World::with(Options::real()).await;
    let id = world
        .ask_and_be_refused("/ops user export maria@example.com asked for a copy")
        .await;
    world.until_audit(id, "usr_1, usr_41").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_by_the_time_of_the_run_is_not_exported() {
    let world = World::start().await;
    let id = world
        .ask(ADA, "/ops user export usr_11 asked for a copy")
        .await;
    sqlx::raw_sql(r#"delete from "User" where id = 'usr_11'"#)
        .execute(&world.db)
        .await
        .unwrap();
    world.countersign(GRACE, id).await;
    world.until_state(id, "refused").await;
    assert!(world.s3.objects(DOCUMENTS).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_no_archive_can_hold_are_refused_before_anybody_approves_and_their_list_is_not()
{
    let world = World::start().await;
    world
        .s3
        .put_size(data::BUCKET, "user-usr_1/huge.webm", MAX_UPLOAD_BYTES)
        .unwrap();
    let id = world
        .ask_and_be_refused("/ops user export usr_1 with files asked for a copy")
        .await;
    world.until_audit(id, "export without files").await;
    assert!(world.s3.objects(DOCUMENTS).is_empty());

    let id = world.export(LINE).await;
    let listed = world.opened(id).await.lines("files.jsonl");
    let is_huge = |line: &serde_json::Value| line["bytes"] == MAX_UPLOAD_BYTES;
    assert!(listed.iter().any(is_huge));
    world.finish().await;
}

/// Twenty thousand files are the most of one archive.
const TOO_MANY: &str = r#"
    insert into "Response" (id, "sessionId", question, "audioUrl")
    select 'many_' || n, (select min(id) from "TestSession" where "userId" = 'usr_1'), 'Why?', 'user-usr_1/many/' || n || '.webm'
    from generate_series(1, 20001) n"#;

#[tokio::test(flavor = "multi_thread")]
async fn more_files_than_an_archive_takes_are_refused_and_the_rows_alone_say_that_they_are_not_there()
 {
    let world = World::with(Options::default().with("S3_USER_COLUMNS", "Response.audioUrl")).await;
    world.run(TOO_MANY).await;
    let id = world
        .ask_and_be_refused("/ops user export usr_1 with files asked for a copy")
        .await;
    world
        .until_audit(id, "there are more than 20000 files")
        .await;
    world.until_told(ADA, "export without files").await;

    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    assert!(opened.rows("Response").len() > 20_000);
    let page = String::from_utf8(opened.bytes("index.html").to_vec()).unwrap();
    assert!(page.contains("More than 20000 files are stored"), "{page}");
    assert!(!page.contains("files.jsonl"), "{page}");
    assert!(opened.manifest["files"]["listed"].is_null());
    world.finish().await;
}
