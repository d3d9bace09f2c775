//! What an orchestrator asks the service.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::wire::get;
use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_is_up_and_ready_and_counts() {
    let world = World::start().await;
    let (status, body) = get(&world, "/healthz").await;
    assert_eq!((status, body.as_str()), (200, r#"{"status":"up"}"#));
    let (status, body) = get(&world, "/readyz").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body,
        r#"{"status":"ok","checks":[{"name":"store","status":"ok"}]}"#
    );

    world.ask_for_maria().await;
    let (status, body) = get(&world, "/metrics").await;
    assert_eq!(status, 200);
    assert!(
        body.contains(r#"countersign_slack_ack_seconds_count{route="commands"}"#),
        "{body}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_its_store_is_up_but_not_ready_and_says_so_to_people() {
    let world = World::start().await;
    close_store(&world).await;
    let (status, _) = get(&world, "/healthz").await;
    assert_eq!(status, 200);
    let (status, body) = get(&world, "/readyz").await;
    assert_eq!(status, 503, "{body}");
    assert!(!body.contains("postgres"), "{body}");

    let line = "/ops user delete maria@example.com asked for erasure";
    let delivery = world.slack.slash(ADA, OPS, line).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world
        .until_told(ADA, "could not write this down, so nothing was done")
        .await;

    allow_connections(&world, true).await;
    world
        .until("ready again", async |world| {
            (get(world, "/readyz").await.0 == 200).then_some(())
        })
        .await;
    assert_eq!(world.newest().await, None);
    world.ask_for_maria().await;
    world.finish().await;
}

/// Cuts everybody off from the world's database and keeps them out.
async fn close_store(world: &World) {
    let mut admin = allow_connections(world, false).await;
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
        .bind(name(world))
        .execute(&mut admin)
        .await
        .unwrap();
}

async fn allow_connections(world: &World, allowed: bool) -> PgConnection {
    let mut url = url::Url::parse(world.database_url()).unwrap();
    url.set_path("/postgres");
    let mut admin = PgConnection::connect(url.as_str()).await.unwrap();
    let statement = format!(
        r#"alter database "{}" with allow_connections {allowed}"#,
        name(world)
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut admin)
        .await
        .unwrap();
    admin
}

fn name(world: &World) -> String {
    let url = url::Url::parse(world.database_url()).unwrap();
    url.path().trim_start_matches('/').to_owned()
}
