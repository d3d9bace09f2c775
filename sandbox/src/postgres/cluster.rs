//! One cluster: started, ready, and stopped.

use std::{env, net::TcpListener, path::PathBuf, process::Child};

use anyhow::{Context, bail};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    Binaries,
    janitor::{Ending, Janitor},
    launch::{self, Place, SUPERUSER},
    ready::ready,
};
use crate::runtime;

/// The port that names the socket when there is no TCP.
const SOCKET_PORT: u16 = 5432;

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// The least room in [`MEMORY`], in bytes (4 GiB), for data to be put there. Containers often have 64 MiB.
const MEMORY_ROOM: u64 = 4 << 30;

/// Another program may take a free port before the server binds it; then the next one is tried.
const PORT_TRIES: usize = 5;

/// What the server logs when its port is taken.
const PORT_TAKEN: &str = "could not create any TCP/IP sockets";

/// How a cluster is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the data is kept and found again; a temporary folder, removed at the end, when not given.
    pub data: Option<PathBuf>,
    /// Whether the server also listens on a free port of 127.0.0.1, with a password made for this start.
    pub tcp: bool,
}

/// A running server with its data. Dropping it ends the server; so does the end of this program.
pub struct Cluster {
    place: Place,
    server: Child,
    janitor: Janitor,
    port: u16,
    password: Option<String>,
    running: bool,
}

impl Cluster {
    /// Makes the data folder if it is empty, starts the server, and returns when it answers.
    ///
    /// # Errors
    /// When no server is installed, or when it does not come up: then with the last lines of its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let binaries = Binaries::find()?;
        let home = match options.data {
            Some(_) => env::temp_dir(),
            None => throwaway_home(),
        };
        let run = tempfile::Builder::new()
            .prefix("countersign-pg-")
            .tempdir_in(home)?;
        let (data, ending) = match options.data {
            Some(kept) => (kept, Ending::Fast),
            None => (run.path().join("data"), Ending::Immediate),
        };
        let place = Place::prepare(run.path(), &data)?;
        let mut janitor = Janitor::start(run.path(), &place.data, ending)?;
        let _ = run.keep(); // from here on it is the janitor's
        if !place.is_initialised()
            && let Err(error) = launch::initdb(&binaries, &place).await
        {
            janitor.dismiss(None)?;
            return Err(error);
        }
        Self::launch(&binaries, place, janitor, options.tcp).await
    }

    /// The address of `database`, over TCP when the cluster listens there and over the socket when not.
    /// Both forms are understood by sqlx and by programs that use libpq (`psql`, `pg_dump`).
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.password {
            Some(password) => {
                let port = self.port;
                format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}")
            }
            None => self.socket_url(database),
        }
    }

    /// The address of `database` over the private socket, which needs no password.
    #[must_use]
    pub fn socket_url(&self, database: &str) -> String {
        let host = self.place.run.to_string_lossy();
        let host: String = form_urlencoded::byte_serialize(host.as_bytes()).collect();
        format!("postgres://{SUPERUSER}@{host}:{}/{database}", self.port)
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// The folder of the socket and the log, which is removed when the server ends.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        self.place.run.clone()
    }

    /// Ends the server and returns when it and its temporary files are gone.
    ///
    /// # Errors
    /// When its processes cannot be waited for.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        tokio::task::spawn_blocking(move || self.end())
            .await?
            .context("stopping Postgres")
    }

    async fn launch(
        binaries: &Binaries,
        place: Place,
        mut janitor: Janitor,
        tcp: bool,
    ) -> anyhow::Result<Self> {
        for tries_left in (0..PORT_TRIES).rev() {
            let port = if tcp { free_port()? } else { SOCKET_PORT };
            let mut server = launch::server(binaries, &place, port, tcp)?;
            janitor.watch(&server)?;
            match ready(&mut server, &place, port).await {
                Ok(connection) => {
                    let mut cluster = Self {
                        place,
                        server,
                        janitor,
                        port,
                        password: None,
                        running: true,
                    };
                    cluster.finish(connection, tcp).await?;
                    return Ok(cluster);
                }
                Err(_) if tries_left > 0 && place.log_tail().contains(PORT_TAKEN) => {}
                Err(error) => {
                    let log = place.log_tail();
                    janitor.dismiss(Some(&mut server))?;
                    return Err(error.context(format!("Postgres did not start; its log:\n{log}")));
                }
            }
        }
        bail!("no free port was found for Postgres in {PORT_TRIES} tries")
    }

    /// Sets the password of this start, through the socket that trusts its owner.
    async fn finish(&mut self, mut connection: PgConnection, tcp: bool) -> anyhow::Result<()> {
        if tcp {
            let password = hex::encode(runtime::random_bytes::<16>());
            let statement = format!("ALTER ROLE {SUPERUSER} PASSWORD '{password}'");
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .context("setting the password of the cluster")?;
            self.password = Some(password);
        }
        connection.close().await.context("closing a connection")
    }

    fn end(&mut self) -> std::io::Result<()> {
        if !std::mem::take(&mut self.running) {
            return Ok(());
        }
        self.janitor.dismiss(Some(&mut self.server))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, "Postgres could not be waited for");
        }
    }
}

/// Where data is put that is thrown away: in memory if there is room, since the files of a database that is made and
/// dropped cost a disk's file system more than all that a test does with it.
fn throwaway_home() -> PathBuf {
    let room = rustix::fs::statvfs(MEMORY).map_or(0, |it| it.f_bavail.saturating_mul(it.f_frsize));
    if cfg!(target_os = "linux") && room >= MEMORY_ROOM {
        PathBuf::from(MEMORY)
    } else {
        env::temp_dir()
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
