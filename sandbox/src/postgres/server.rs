//! A server that databases are made on: a private cluster, or one that runs already.

use std::env;

use anyhow::Context;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    Cluster, Database, Options, Template,
    copy::{copy, exists},
    ready::{MAINTENANCE, connect_options},
};
use crate::runtime;

/// The environment variable with the address of a running server for the tests. Its user must be allowed to
/// create databases.
pub const TEST_DATABASE_URL: &str = "COUNTERSIGN_TEST_DATABASE_URL";

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
        let name = format!("countersign_{}", runtime::new_id().simple());
        let mut connection = self.connect().await?;
        copy(&mut connection, &name, template, |it| self.url(it)).await?;
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
            copy(&mut connection, name, template, |it| self.url(it)).await?;
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
