//! A server that databases are made on: a private cluster, or one that runs already.

use std::env;

use anyhow::Context;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgPoolOptions};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    Cluster, Database, Options, Template,
    cluster::{MAINTENANCE, connect_options},
};
use crate::rim;

/// The environment variable with the address of a running server for the tests. Its user must be allowed to
/// create databases.
pub const TEST_DATABASE_URL: &str = "COUNTERSIGN_TEST_DATABASE_URL";

/// Held while a template is built, so that processes on one server build it once. Any number that others do not use.
const BUILDING: i64 = 0x636f_756e_7465_7273;

static SHARED: OnceCell<Server> = OnceCell::const_new();

/// Where databases are made. It holds no connection, so that tests with runtimes of their own can share it.
pub struct Server {
    home: Home,
}

enum Home {
    Private(Cluster),
    Running(Url),
}

impl Server {
    /// The one server of this process: the one that `COUNTERSIGN_TEST_DATABASE_URL` names, or a private cluster
    /// that listens on TCP.
    ///
    /// # Errors
    /// When the cluster does not start or the address is not a URL.
    pub async fn shared() -> anyhow::Result<&'static Self> {
        SHARED
            .get_or_try_init(|| async {
                match env::var(TEST_DATABASE_URL) {
                    Ok(url) => Self::running(&url).context(TEST_DATABASE_URL),
                    Err(_) => {
                        Self::private(Options {
                            data: None,
                            tcp: true,
                        })
                        .await
                    }
                }
            })
            .await
    }

    /// A server on a cluster that is started for it and ends with it.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub async fn private(options: Options) -> anyhow::Result<Self> {
        let cluster = Cluster::start(options).await?;
        Ok(Self {
            home: Home::Private(cluster),
        })
    }

    /// A server that runs already; `url` names a database on it for connecting.
    ///
    /// # Errors
    /// When `url` is not one.
    pub fn running(url: &str) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("the address of Postgres is not a URL")?;
        Ok(Self {
            home: Home::Running(url),
        })
    }

    /// The address of `database` on this server, for sqlx and for other programs alike. It holds the password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.home {
            Home::Private(cluster) => cluster.url(database),
            Home::Running(url) => {
                let mut url = url.clone();
                url.set_path(&format!("/{database}"));
                url.into()
            }
        }
    }

    /// A new database with what `template` holds, dropped with the value.
    ///
    /// # Errors
    /// When the server refuses, or the data set does not load.
    pub async fn create_database(&self, template: Template) -> anyhow::Result<Database> {
        let name = format!("countersign_{}", rim::new_id().simple());
        let mut connection = self.connect().await?;
        self.copy(&mut connection, &name, template).await?;
        connection.close().await?;
        let url = self.url(&name);
        Ok(Database::new(name, url, self.maintenance_url()))
    }

    /// The address of the database called `name`, which is made from `template` when there is none, and stays.
    /// Two callers at once may both try to make it; the second fails.
    ///
    /// # Errors
    /// When the server refuses, or the data set does not load.
    pub async fn ensure_database(&self, name: &str, template: Template) -> anyhow::Result<String> {
        let mut connection = self.connect().await?;
        if !exists(&mut connection, name).await? {
            self.copy(&mut connection, name, template).await?;
        }
        connection.close().await?;
        Ok(self.url(name))
    }

    /// Ends the private cluster, if this server is one.
    ///
    /// # Errors
    /// As [`Cluster::stop`].
    pub async fn stop(self) -> anyhow::Result<()> {
        match self.home {
            Home::Private(cluster) => cluster.stop().await,
            Home::Running(_) => Ok(()),
        }
    }

    async fn copy(
        &self,
        connection: &mut PgConnection,
        name: &str,
        template: Template,
    ) -> anyhow::Result<()> {
        let source = match template.database_name() {
            None => "template0".to_owned(),
            Some(source) => {
                self.build(connection, &source, template).await?;
                source
            }
        };
        let statement = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{source}\"");
        run(connection, statement)
            .await
            .with_context(|| format!("creating a database from {source}"))
    }

    /// Builds the template under another name and renames it when it is complete: who sees it can use it.
    async fn build(
        &self,
        connection: &mut PgConnection,
        name: &str,
        template: Template,
    ) -> anyhow::Result<()> {
        if exists(connection, name).await? {
            return Ok(());
        }
        // The lock is the session's: it ends with this connection when an error leaves here.
        run(connection, format!("SELECT pg_advisory_lock({BUILDING})")).await?;
        if !exists(connection, name).await? {
            let draft = format!("{name}_draft");
            let drop_draft = format!("DROP DATABASE IF EXISTS \"{draft}\" WITH (FORCE)");
            run(connection, drop_draft).await?;
            let create = format!("CREATE DATABASE \"{draft}\" TEMPLATE template0 ENCODING 'UTF8'");
            run(connection, create).await?;
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .connect_with(connect_options(&self.url(&draft))?)
                .await?;
            let loaded = template.load(&pool).await;
            pool.close().await;
            loaded.with_context(|| format!("loading the data set {template:?}"))?;
            run(
                connection,
                format!("ALTER DATABASE \"{draft}\" RENAME TO \"{name}\""),
            )
            .await?;
        }
        run(connection, format!("SELECT pg_advisory_unlock({BUILDING})")).await
    }

    fn maintenance_url(&self) -> String {
        match &self.home {
            Home::Private(cluster) => cluster.url(MAINTENANCE),
            Home::Running(url) => url.to_string(),
        }
    }

    async fn connect(&self) -> anyhow::Result<PgConnection> {
        connect_options(&self.maintenance_url())?
            .connect()
            .await
            .context("connecting to Postgres")
    }
}

async fn exists(connection: &mut PgConnection, database: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
}

async fn run(connection: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}
