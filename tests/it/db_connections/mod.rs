//! `/ops db connections`.

use countersign_sandbox::slack::Message;
use insta::assert_snapshot;
use sqlx::Connection;

use crate::support::{Options, World, people::VICTOR, seen::seen, story::*};

const LINE: &str = "/ops db connections";

/// What is read, with numbers, ages and the role's name redacted, and without the rows of other clients: how many those
/// are differs from run to run.
fn redacted(told: &Message, role: &str) -> String {
    // The end of the role's name looks like an id.
    let text = seen(std::slice::from_ref(told)).replace("app_…", role);
    let text = text.replace(role, "the_apps_role");
    let is_row = |line: &str| line.starts_with(|c: char| c.is_ascii_digit());
    let kept = text
        .lines()
        .filter(|line| !is_row(line) || line.contains("the_apps_role"));
    let lines = kept.map(|line| {
        let words = line.split_whitespace().map(without_number);
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `5m` and `23` become `#`; the name of a request stays.
fn without_number(word: &str) -> String {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && word.contains(|c: char| c.is_ascii_digit());
    match is_number {
        true => "#".to_owned(),
        false => word.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_counted_by_state_user_and_application_without_their_queries() {
    let world = World::start().await;
    let role = world.app_role().await;
    let mut held = vec![];
    for _ in 0..3 {
        held.push(world.app_connects("web").await);
    }
    let mut waits = world.app_connects("worker of ada@example.com").await;
    sqlx::raw_sql("begin; select 'a secret' as maria")
        .execute(&mut waits)
        .await
        .unwrap();
    let (id, told) = world.answered(VICTOR, LINE).await;
    assert_snapshot!("now", redacted(&told, &role));
    let text = told.all_text();
    let row = |line: &&str| line.contains("idle ") && line.contains(" web");
    let row = text.lines().find(row).unwrap();
    assert!(row.starts_with('3'), "{row}");
    assert!(
        !text.contains("secret") && !text.contains("ada@example.com"),
        "{text}"
    );
    let results = crate::support::once::results(&world, id).await;
    assert!(results[0].1["connections"].as_i64().unwrap() >= 4);
    assert_eq!(results[0].1["limit"], 297);
    waits.close().await.unwrap();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_applications_connections_are_counted_too_and_a_pooler_is_named() {
    let mut world = World::without_service(Options::real()).await;
    let url = world.database_url().to_owned();
    let sign = if url.contains('?') { '&' } else { '?' };
    let pooled = format!("{url}{sign}pgbouncer=true");
    world.environment.insert("DATABASE_URL".into(), pooled);
    world.start_replica().await;
    let (_, told) = world.answered(VICTOR, LINE).await;
    let text = told.all_text();
    assert!(text.contains("reached through a pooler"), "{text}");
    assert!(text.contains("most of them the pooler's"), "{text}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_look_it_says_what_it_cannot_see_and_what_to_grant() {
    let (world, role) = World::with_documented_role(false).await;
    let _idle = world.app_connects("web").await;
    let (_, told) = world.answered(VICTOR, LINE).await;
    let text = told.all_text();
    assert!(text.contains("not visible"), "{text}");
    assert!(
        text.contains(&format!("GRANT pg_monitor TO {role}")),
        "{text}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_role_sees_everything() {
    let (world, _) = World::with_documented_role(true).await;
    let _idle = world.app_connects("web").await;
    let (_, told) = world.answered(VICTOR, LINE).await;
    assert!(!told.all_text().contains("not visible"), "{told:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plot_is_of_the_samples_of_the_last_day() {
    let world = World::start().await;
    sqlx::query(
        "insert into countersign.pool_sample (minute, active, idle, idle_in_transaction, other, server, most)
         select date_trunc('minute', now()) - n * interval '1 minute', n % 7, n % 50, 0, 0, 200 + n % 50, 297
         from generate_series(2, 1000) n",
    )
    .execute(&world.db)
    .await
    .unwrap();
    let (_, told) = world.answered(VICTOR, LINE).await;
    let image = told.blocks.iter().find(|block| block["type"] == "image");
    let alt = image.unwrap()["alt_text"].as_str().unwrap();
    assert!(alt.contains("of 1440 minutes"), "{alt}");
    assert!(alt.ends_with("the most on the server: 249."), "{alt}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lets_nobody_in_ends_in_a_refusal_that_says_so() {
    let (world, role) = World::with_documented_role(true).await;
    let name = sqlx::query_scalar::<_, String>("select current_database()::text")
        .fetch_one(&world.db)
        .await
        .unwrap();
    // One after the other: within one transaction a connection could come back before the right is gone.
    let shut = format!(r#"revoke connect on database "{name}" from public, {role}"#);
    world.run(shut).await;
    let ended = format!(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{role}'"
    );
    world.run(ended).await;
    let id = world.ask_and_be_refused(LINE).await;
    let told = world.told_of(ADA, id).await;
    assert!(
        told.all_text().contains("permission denied for database"),
        "{told:?}"
    );
    world.finish().await;
}
