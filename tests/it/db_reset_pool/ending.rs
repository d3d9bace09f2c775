use countersign::systems::app_db::{AppDb, Limits, Mapping, Mark};
use insta::assert_snapshot;
use sqlx::{Connection, PgConnection};

use crate::support::{Options, World, app_role::pid, seen::seen, story::*};

const LINE: &str = "/ops db reset-pool idle the app is refused connections";

/// The app's idle connections, and everything that must stay.
struct Clients {
    idle: Vec<PgConnection>,
    stay: Vec<(&'static str, PgConnection)>,
}

async fn clients(world: &World) -> Clients {
    let mut in_transaction = world.app_connects("web").await;
    sqlx::raw_sql("begin; select 1")
        .execute(&mut in_transaction)
        .await
        .unwrap();
    let ours = world.app_connects("countersign").await;
    let admins = PgConnection::connect(world.database_url()).await.unwrap();
    world.run("do $$ begin create role reading login password 'sample'; exception when duplicate_object or unique_violation then null; end $$").await;
    let others = world.connects("reading", "metabase").await;
    let mut idle = world.app_was_idle("web", 2).await;
    idle.extend(world.app_was_idle("", 1).await);
    Clients {
        idle,
        stay: vec![
            ("in a transaction", in_transaction),
            ("of this service", ours),
            ("of a superuser", admins),
            ("of another role", others),
        ],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_apps_own_unused_connections_end_and_they_are_counted() {
    let world = World::start().await;
    let mut clients = clients(&world).await;
    let mut pids = vec![];
    for connection in &mut clients.idle {
        pids.push(pid(connection).await);
    }
    // Asking for the id was work: they have been idle since then.
    world.clock.advance(std::time::Duration::from_secs(6 * 60));
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    // A backend that was told to end takes a moment to go.
    for pid in pids {
        world
            .until("the connection is gone", async |world| {
                (!world.is_connected(pid).await).then_some(())
            })
            .await;
    }
    for (what, connection) in &mut clients.stay {
        assert!(
            connection.ping().await.is_ok(),
            "a connection {what} was ended"
        );
    }
    let told = world.told_of(OLGA, id).await;
    assert_snapshot!("told", seen(&[told]));
    let planned = world.until_audit(id, "Planned").await;
    let planned = seen(&[planned]);
    assert_snapshot!("planned", planned);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_is_the_default_and_the_real_applications_connections_end_too() {
    let world = World::with(Options::real()).await;
    let mut idle = world.app_was_idle("web", 2).await;
    let id = world
        .asks(OLGA, "/ops db reset-pool too many connections")
        .await;
    world.until_state(id, "done").await;
    for connection in &mut idle {
        assert!(connection.ping().await.is_err());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_role_is_enough() {
    let (world, _) = World::with_documented_role(true).await;
    let mut idle = world.app_was_idle("web", 1).await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    assert!(idle[0].ping().await.is_err());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_id_that_is_used_again_and_a_connection_in_use_are_spared() {
    let world = World::start().await;
    let mut connections = world.app_was_idle("web", 2).await;
    let app_db = AppDb::connect(world.database_url(), Mapping::default(), Limits::default());
    let app_db = app_db.unwrap();
    let before = countersign::runtime::Clock::now(&*world.clock) - chrono::Duration::minutes(5);
    let mut found = app_db.idle_connections(before).await.unwrap();
    assert_eq!(found.idle.len(), 2);
    // The first one's id is another connection's by now, the second has found work.
    found.idle[0].backend_start -= chrono::Duration::seconds(1);
    let busy = found.idle[1].pid;
    for connection in &mut connections {
        if pid(connection).await == busy {
            sqlx::raw_sql("begin; select 1")
                .execute(connection)
                .await
                .unwrap();
        }
    }
    let mark = Mark {
        request_id: uuid::Uuid::nil(),
        step: "end".into(),
    };
    let ended = app_db.end_idle(&mark, &found, before).await.unwrap();
    assert_eq!(
        (ended.by_application.len(), ended.spared, ended.late),
        (0, 2, 0)
    );
    for connection in &mut connections {
        assert!(connection.ping().await.is_ok());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_replicate_as_hosting_has_it_is_the_apps_all_the_same() {
    let world = World::start().await;
    let role = world.app_role().await;
    world
        .run(format!(r#"alter role "{role}" replication"#))
        .await;
    let mut idle = world.app_was_idle("web", 1).await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    assert!(idle[0].ping().await.is_err());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_inserts_through_a_group_is_the_apps_and_one_that_only_reads_is_not() {
    let world = World::start().await;
    let role = world.app_role().await;
    world
        .run(format!(
            r#"create role "{role}_writers"; grant insert on "User" to "{role}_writers";
               create role "{role}_readers"; grant select on "User" to "{role}_readers";
               create role "{role}_web" login password 'sample' in role "{role}_writers";
               create role "{role}_look" login password 'sample' in role "{role}_readers""#
        ))
        .await;
    let mut web = world.connects(&format!("{role}_web"), "web").await;
    let mut look = world.connects(&format!("{role}_look"), "look").await;
    world.clock.advance(std::time::Duration::from_secs(6 * 60));
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    assert!(web.ping().await.is_err());
    assert!(look.ping().await.is_ok());
    world.finish().await;
}
