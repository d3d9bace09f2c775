//! Database roles as an installation has them: one of the app's own, and one for the service.

use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::str::FromStr;

use super::World;

/// The documented script, which makes a role named `countersign`.
const SCRIPT: &str = include_str!("../../../docs/database-role.sql");
/// Where the script begins with what not every owner of tables may grant.
const OPTIONAL: &str = "-- For /ops db connections";
const PASSWORD: &str = "sample";

impl World {
    /// The role of the app, which may insert accounts. Its name is nobody else's.
    pub async fn app_role(&self) -> String {
        let role = format!("app_{}", self.own_name());
        let sql = format!(
            r#"do $$ begin
                 if not exists (select from pg_roles where rolname = '{role}') then
                   create role "{role}" login password '{PASSWORD}';
                 end if;
               end $$;
               grant insert on "User" to "{role}""#
        );
        self.run(sql).await;
        role
    }

    /// A connection of the app, idle as soon as it is there.
    pub async fn app_connects(&self, application: &str) -> PgConnection {
        let role = self.app_role().await;
        self.connects(&role, application).await
    }

    /// A connection of any role.
    pub async fn connects(&self, role: &str, application: &str) -> PgConnection {
        let options = PgConnectOptions::from_str(self.database_url()).unwrap();
        let options = options.username(role).password(PASSWORD);
        PgConnection::connect_with(&options.application_name(application))
            .await
            .unwrap()
    }

    /// Connections of the app that have been idle for longer than the limit.
    pub async fn app_was_idle(&self, application: &str, many: usize) -> Vec<PgConnection> {
        let mut all = vec![];
        for _ in 0..many {
            all.push(self.app_connects(application).await);
        }
        self.clock.advance(std::time::Duration::from_secs(6 * 60));
        all
    }

    /// A world whose service reaches the app's database as the documented role, with or without the optional grants. The
    /// store is reached as before.
    pub async fn with_documented_role(optional: bool) -> (Self, String) {
        let mut world = Self::without_service(super::Options::default()).await;
        let role = format!("watch_{}", world.own_name());
        let script = SCRIPT.replace(":'password'", &format!("'{PASSWORD}'"));
        let script = script.replace("ROLE countersign", &format!("ROLE {role}"));
        let script = script.replace("TO countersign", &format!("TO {role}"));
        let needed = script.split(OPTIONAL).next().unwrap();
        let script = if optional { &script } else { needed };
        let schema = format!("create schema if not exists countersign authorization {role};");
        world.run(format!("{script}\n{schema}")).await;
        let mut url = url::Url::parse(world.database_url()).unwrap();
        let store = url.to_string();
        url.set_username(&role).unwrap();
        url.set_password(Some(PASSWORD)).unwrap();
        let set = |name: &str, value: String| (name.to_owned(), value);
        world.environment.extend([
            set("COUNTERSIGN_DATABASE_URL", store),
            set("DATABASE_URL", url.into()),
        ]);
        world.start_replica().await;
        (world, role)
    }

    /// Whether a connection is still there.
    pub async fn is_connected(&self, pid: i32) -> bool {
        sqlx::query_scalar("select exists(select from pg_stat_activity where pid = $1)")
            .bind(pid)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// Runs SQL in the application's database, past the service.
    pub async fn run(&self, sql: impl Into<String>) {
        let sql = sql.into();
        let pool = PgPoolOptions::new().max_connections(1);
        let pool = pool.connect(self.database_url()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
    }

    /// The end of the database's name, by which it differs from others: roles belong to the whole server.
    fn own_name(&self) -> String {
        let url = self.database_url().split('?').next().unwrap();
        url[url.len() - 12..].to_owned()
    }
}

/// The server's process of a connection.
pub async fn pid(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(connection)
        .await
        .unwrap()
}
