//! A database that goes away, as a whole or in the middle of something.

use countersign::domain::RequestId;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};

use super::{World, boundary::Boundary};

/// Ends the sessions that wait for somebody else's lock, as a database does that goes down in the middle of their work.
const CUT: &str = "select count(*) from (
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0) cut";

/// A database that lets nobody in.
pub struct Away {
    /// To the server, past the database.
    server: PgConnection,
    name: String,
}

impl World {
    /// Locks something, lets a step begin that needs it, and cuts the step off as often as it waits, until it is put off.
    /// The lock is given back with the transaction.
    pub async fn cut_off_at(
        &self,
        boundary: Boundary,
        id: RequestId,
        lock: &'static str,
    ) -> Transaction<'static, Postgres> {
        boundary.reached(self).await;
        let mut app = self.db.begin().await.unwrap();
        sqlx::raw_sql(lock).execute(&mut *app).await.unwrap();
        boundary.open().await;
        self.until("the step waits and is cut off", async |world| {
            world.count(CUT).await;
            let names = world.event_names(id).await;
            names.contains(&"step_deferred".to_owned()).then_some(())
        })
        .await;
        app
    }

    /// Ends every connection of the service and lets no new one in, the store's included.
    pub async fn database_goes_away(&self) -> Away {
        let name: String = sqlx::query_scalar("select current_database()::text")
            .fetch_one(&self.db)
            .await
            .unwrap();
        let mut url = url::Url::parse(self.database_url()).unwrap();
        url.set_path("/postgres");
        let mut server = PgConnection::connect(url.as_str()).await.unwrap();
        let shut = format!(r#"alter database "{name}" with allow_connections false"#);
        let ended = format!(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity
             where datname = '{name}' and application_name = 'countersign'"
        );
        // One after the other: within one transaction a connection could come back before the door is shut.
        for sql in [shut, ended] {
            let sql = sqlx::raw_sql(AssertSqlSafe(sql));
            sql.execute(&mut server).await.unwrap();
        }
        Away { server, name }
    }
}

impl Away {
    /// It is there again.
    pub async fn comes_back(mut self) {
        let back = format!(
            r#"alter database "{}" with allow_connections true"#,
            self.name
        );
        sqlx::raw_sql(AssertSqlSafe(back))
            .execute(&mut self.server)
            .await
            .unwrap();
        self.server.close().await.unwrap();
    }
}
