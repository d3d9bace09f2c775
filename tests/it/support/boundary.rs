//! Holds the service between an effect and its entry in the journal, without a hook in the service: a trigger
//! makes the insert of one event wait for a lock that the test has.

use countersign::journal::sealed::{Sealed, SealedRow};
use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection, postgres::PgRow};

use super::World;

/// The advisory lock that the insert waits for. Such locks belong to one database.
const LOCK: i64 = 7_301_955;

/// An insert into the journal that does not go through while this lives.
pub struct Boundary {
    /// Holds the lock.
    connection: PgConnection,
}

impl Boundary {
    /// Holds the insert of every event for which `condition` is true; it speaks of `new`, the event's row.
    pub async fn at(world: &World, condition: &str) -> Self {
        let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
        let trigger = format!(
            "select pg_advisory_lock({LOCK});
             create or replace function countersign.hold_event() returns trigger language plpgsql as $$
             begin
                 if {condition} then perform pg_advisory_xact_lock({LOCK}); end if;
                 return new;
             end $$;
             create or replace trigger hold_event before insert on countersign.event
                 for each row execute function countersign.hold_event()"
        );
        sqlx::raw_sql(AssertSqlSafe(trigger))
            .execute(&mut connection)
            .await
            .unwrap();
        Self { connection }
    }

    /// Waits until the service stands at the boundary.
    pub async fn reached(&self, world: &World) {
        let what = "the service at the boundary";
        world.until(what, async |world| waiting(world).await).await;
    }

    /// Lets the insert and all later ones go through.
    pub async fn open(mut self) {
        sqlx::raw_sql("select pg_advisory_unlock_all()")
            .execute(&mut self.connection)
            .await
            .unwrap();
        self.end().await;
    }

    /// After the service was killed: its transactions end without a commit, as those of a killed program do,
    /// before anything else can happen. A Postgres that waits for a lock does not notice the kill by itself.
    pub async fn roll_back(self, world: &World) {
        self.break_off(world).await;
        self.end().await;
    }

    /// The store breaks off: what waits here ends without a commit. Later inserts are held as before.
    pub async fn break_off(&self, world: &World) {
        sqlx::raw_sql(
            "select pg_terminate_backend(pid, 10000) from pg_locks
             where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())",
        )
        .execute(&world.db)
        .await
        .unwrap();
    }

    async fn end(mut self) {
        sqlx::raw_sql("drop trigger hold_event on countersign.event")
            .execute(&mut self.connection)
            .await
            .unwrap();
        self.connection.close().await.unwrap();
    }
}

/// The sessions that wait for the lock.
pub async fn waiting(world: &World) -> Option<()> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid::bigint = $1
           and database = (select oid from pg_database where datname = current_database())",
    )
    .bind(LOCK)
    .fetch_one(&world.db)
    .await
    .unwrap();
    (count > 0).then_some(())
}

impl World {
    /// What a dead service held is free at once. By itself it would run out after 30 seconds.
    pub async fn holds_run_out(&self) {
        self.leases_run_out().await;
        sqlx::raw_sql(
            "update countersign.inbox set not_before = received_at where done_at is null;
             update countersign.reply set not_before = created_at where done_at is null;",
        )
        .execute(&self.db)
        .await
        .unwrap();
    }

    /// Seals the rows of a table anew, for scenarios in which they are not what was written and nobody forged them.
    pub async fn seal_again<R>(&self)
    where
        R: SealedRow + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let key = self.journal().key;
        let all = format!("select * from countersign.{}", R::TABLE);
        let rows: Vec<Sealed<R>> = sqlx::query_as(AssertSqlSafe(all))
            .fetch_all(&self.db)
            .await
            .unwrap();
        let update = format!(
            "update countersign.{} set mac = $1 where mac = $2",
            R::TABLE
        );
        for stored in rows {
            sqlx::query(AssertSqlSafe(update.clone()))
                .bind(stored.row.mac(&key))
                .bind(stored.mac)
                .execute(&self.db)
                .await
                .unwrap();
        }
    }

    /// Runs, channels, entries of the inbox and answers, which are held by the clock of the store, are free at once.
    pub async fn leases_run_out(&self) {
        sqlx::raw_sql(
            "update countersign.lease set until = now();
             update countersign.channel_pace set until = now();
             update countersign.inbox set held_until = null where held_until is not null;
             update countersign.reply set held_until = null where held_until is not null;",
        )
        .execute(&self.db)
        .await
        .unwrap();
    }
}
