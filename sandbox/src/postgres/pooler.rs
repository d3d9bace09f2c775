//! A PgBouncer in transaction mode before a server, as hosts put one there: everything but its address and pool is as it
//! comes.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::net::TcpStream;
use url::Url;

use super::{
    janitor::{Ending, Janitor},
    launch::Place,
};

/// Where Debian and Ubuntu put it; elsewhere it is looked for in `PATH`.
const DEBIAN: &str = "/usr/sbin/pgbouncer";
/// How long it may take until it answers, and how often that is tried.
const READY_WITHIN: Duration = Duration::from_secs(20);
const READY_TRY: Duration = Duration::from_millis(20);

/// A running PgBouncer. Dropping it ends it; so does the end of this program.
pub struct Pooler {
    server: Child,
    janitor: Janitor,
    port: u16,
}

impl Pooler {
    /// Starts one before the server of `database_url`, which must listen on TCP. `pool_size` is the number of server
    /// connections per database; `None` leaves PgBouncer's own default.
    ///
    /// # Errors
    /// When PgBouncer is not installed (`make setup` gets it), or does not come up: then with its log.
    pub async fn start(database_url: &str, pool_size: Option<u32>) -> anyhow::Result<Self> {
        let program = find()?;
        let run = tempfile::Builder::new()
            .prefix("countersign-pgbouncer-")
            .tempdir_in(env::temp_dir())?;
        let place = Place::prepare(run.path(), &run.path().join("data"))?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings = place.run.join("pgbouncer.ini");
        fs::write(&settings, ini(database_url, port, pool_size)?)?;
        let mut janitor = Janitor::start(run.path(), &place.data, Ending::Terminate)?;
        let _ = run.keep(); // from here on it is the janitor's
        let log = fs::File::create(place.run.join("pgbouncer.log"))?;
        let mut command = place.command(&program);
        command.arg(&settings).stdout(log.try_clone()?).stderr(log);
        let mut server = command
            .stdin(Stdio::null())
            .spawn()
            .context("starting PgBouncer")?;
        janitor.watch(&server)?;
        if let Err(error) = ready(&mut server, port).await {
            let log = fs::read_to_string(place.run.join("pgbouncer.log")).unwrap_or_default();
            janitor.dismiss(Some(&mut server))?;
            return Err(error.context(format!("PgBouncer did not start; its log:\n{log}")));
        }
        Ok(Self {
            server,
            janitor,
            port,
        })
    }

    /// The address of `database` through it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://anybody@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        if let Err(error) = self.janitor.dismiss(Some(&mut self.server)) {
            tracing::warn!(%error, "PgBouncer could not be waited for");
        }
    }
}

fn find() -> anyhow::Result<PathBuf> {
    let in_path = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join("pgbouncer"))
        .collect::<Vec<_>>();
    let mut candidates = std::iter::once(Path::new(DEBIAN).to_owned()).chain(in_path);
    candidates.find(|program| program.is_file()).context(
        "no PgBouncer was found on this machine: run `make setup`, or install it (Debian and Ubuntu: \
         `apt-get install pgbouncer`; macOS: `brew install pgbouncer`)",
    )
}

/// `auth_type = any` takes every client and logs in to the server as the user that is named here.
fn ini(database_url: &str, port: u16, pool_size: Option<u32>) -> anyhow::Result<String> {
    let url = Url::parse(database_url).context("the address of Postgres is not a URL")?;
    let (Some(host), Some(server_port)) = (url.host_str(), url.port()) else {
        bail!("PgBouncer needs a server that listens on TCP");
    };
    let pool_size = pool_size.map(|size| format!("default_pool_size = {size}\n"));
    Ok(format!(
        "[databases]\n* = host={host} port={server_port} user={} password={}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\n{}",
        url.username(),
        url.password().unwrap_or_default(),
        pool_size.unwrap_or_default()
    ))
}

async fn ready(server: &mut Child, port: u16) -> anyhow::Result<()> {
    let mut tries = tokio::time::interval(READY_TRY);
    let connecting = async {
        loop {
            tries.tick().await;
            if let Some(status) = server.try_wait()? {
                bail!("it ended with {status}");
            }
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
        }
    };
    match tokio::time::timeout(READY_WITHIN, connecting).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("it did not answer within {READY_WITHIN:?}"),
    }
}
