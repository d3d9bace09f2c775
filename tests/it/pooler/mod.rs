//! Behind a PgBouncer in transaction mode with its defaults everything works, for the store and for the app's database.

use countersign::{
    config::{Settings, doctor::Verdict},
    runtime::SystemClock,
    service::{Parts, checks},
};
use countersign_sandbox::postgres::Pooler;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};

use crate::support::{Options, World, once::maria_is_erased_once, story::*};

/// A world whose service reaches both databases through a pooler with `pool_size` server connections.
async fn behind_a_pooler(pool_size: Option<u32>, more: &str) -> (World, Pooler) {
    let mut world = World::without_service(Options::default()).await;
    let pooler = Pooler::start(world.database_url(), pool_size)
        .await
        .unwrap();
    let (_, name) = world.database_url().rsplit_once('/').unwrap();
    let url = format!("{}{more}", pooler.url(name));
    world.environment.insert("DATABASE_URL".to_owned(), url);
    world.start_replica().await;
    (world, pooler)
}

/// A deletion from the command to the certificate, with a restart while it cools off and a replica beside it.
async fn a_deletion_goes_through(pool_size: Option<u32>, more: &str) {
    let (mut world, pooler) = behind_a_pooler(pool_size, more).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.restart().await;
    world.start_replica().await;
    world.cool_off().await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    maria_is_erased_once(&world, id).await;
    let (_, told) = world.answered(ADA, "/ops audit verify").await;
    let text = told.all_text();
    assert!(text.contains("The journal is what was recorded"), "{text}");
    world.finish().await;
    drop(pooler);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_goes_through_a_pooler_with_its_defaults() {
    a_deletion_goes_through(None, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_goes_through_a_pooler_with_three_connections() {
    a_deletion_goes_through(Some(3), "?pgbouncer=true&connection_limit=1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_through_a_pooler() {
    let (world, pooler) = behind_a_pooler(Some(4), "").await;
    for line in [
        "/ops user show maria@example.com",
        "/ops user activity maria@example.com",
        "/ops stats users",
        "/ops db connections",
        "/ops requests",
        "/ops whoami",
    ] {
        let (id, _) = world.answered(ADA, line).await;
        world.until_state(id, "done").await;
    }
    world.finish().await;
    drop(pooler);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_clients_left_in_the_poolers_connections_does_not_matter() {
    let mut world = World::without_service(Options::default()).await;
    let pooler = Pooler::start(world.database_url(), Some(2)).await.unwrap();
    let (_, name) = world.database_url().rsplit_once('/').unwrap();
    let url = pooler.url(name);
    // Another program on sqlx names its statements as sqlx does, and leaves them in the server's connections.
    for _ in 0..4 {
        let options: PgConnectOptions = url.parse().unwrap();
        let mut other = options.extra_float_digits(None).connect().await.unwrap();
        for statement in ["select 1", "select 2", "select 3"] {
            let _ = sqlx::query(statement).execute(&mut other).await;
        }
        other.close().await.unwrap();
    }
    world.environment.insert("DATABASE_URL".to_owned(), url);
    // The doctor and the start agree.
    let settings = Settings::from_parts(None, &world.environment).unwrap();
    let parts = Parts::assemble(&settings, std::sync::Arc::new(SystemClock)).await;
    let report = checks::doctor(&settings, &parts.unwrap()).await;
    assert_eq!(report.count(Verdict::Fault), 0, "{report}");
    world.start_replica().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
    drop(pooler);
}
