//! What a newer version of the program has written, as in a rolling update.

use countersign::{
    domain::RequestId,
    journal::hash::{Entry, stored},
    runtime::Clock,
};

use crate::support::{World, story::*};

const BODY: &str = r#"{"event":"of_a_newer_version"}"#;
const NAME: &str = "of_a_newer_version";

/// Appends an event that this version cannot read.
async fn append(world: &World, id: RequestId) {
    let previous = "select version, hash from countersign.event where stream = $1 order by version desc limit 1";
    let (version, hash): (i64, Vec<u8>) = sqlx::query_as(previous)
        .bind(id.0)
        .fetch_one(&world.db)
        .await
        .unwrap();
    let at = chrono::Duration::microseconds(Clock::now(&*world.clock).timestamp_micros());
    let at = chrono::DateTime::UNIX_EPOCH + at;
    let entry = Entry::new(("request", id.0), version + 1, NAME, at, BODY);
    let hash = world.journal().key.event(&stored(&hash).unwrap(), &entry);
    sqlx::query(
        "with moved as (
             update countersign.request set version = $2, updated_at = $3, undelivered = true where id = $1)
         insert into countersign.event (kind, stream, version, name, at, body, hash)
         values ('request', $1, $2, $4, $3, $5, $6)",
    )
    .bind(id.0)
    .bind(version + 1)
    .bind(at)
    .bind(NAME)
    .bind(BODY)
    .bind(hash.as_slice())
    .execute(&world.db)
    .await
    .unwrap();
}

/// Takes it away again, as if it had never been.
async fn take_back(world: &World, id: RequestId) {
    let statements = format!(
        "begin; set local session_replication_role = replica;
         delete from countersign.event where name = '{NAME}';
         update countersign.request set version = version - 1 where id = '{}'; commit",
        id.0
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&world.db)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_replica_leaves_the_messages_of_what_it_cannot_read_to_a_newer_one() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    append(&world, id).await;
    // Whoever tells of these has looked at the request as well.
    for _ in 0..2 {
        let (other, _) = world.answered(GRACE, "/ops whoami").await;
        world.until_state(other, "done").await;
    }
    let left =
        "select count(*) from countersign.request where undelivered and operation = 'user delete'";
    assert_eq!(world.count(left).await, 1);
    take_back(&world, id).await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}
