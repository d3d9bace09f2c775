//! The commands that make a data folder and start the server in it.

use std::{
    env,
    fs::{self, File},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};

use super::Binaries;

/// The superuser of the cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// The user and group `nobody`: Postgres refuses to run as root, and a user without a passwd entry too.
const NOBODY: u32 = 65534;

/// Locales to try: the first compares letters beyond ASCII as the hosted databases do, the second is always there.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// How many lines of a program's output an error shows.
const SHOWN_LINES: usize = 12;

/// Speed over durability: what this cluster loses in a power cut can be made again.
const SETTINGS: [&str; 11] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=128MB",
    "max_connections=300",
    "shared_buffers=32MB",
    "jit=off",
    "timezone=UTC",
    "unix_socket_permissions=0700",
];

/// The folders of one cluster, and who its processes run as.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The socket and the log; removed at the end.
    pub(super) run: PathBuf,
    /// The database files; inside `run` unless they are kept.
    pub(super) data: PathBuf,
    /// The user to change to, when this program runs as root.
    user: Option<u32>,
}

impl Place {
    /// Takes `run`, a folder just made by this program, and the folder of the data, which is made if need be.
    pub(super) fn prepare(run: &Path, data: &Path) -> anyhow::Result<Self> {
        // The owner of a file that was just made is who this program runs as.
        let user = (fs::metadata(run)?.uid() == 0).then_some(NOBODY);
        fs::create_dir_all(data).with_context(|| format!("making {}", data.display()))?;
        let place = Self {
            run: run.to_owned(),
            data: fs::canonicalize(data)?,
            user,
        };
        chown(run, user, user)?;
        if !place.is_initialised() {
            chown(&place.data, user, user)?;
        }
        Ok(place)
    }

    /// Whether a cluster was made here before.
    pub(super) fn is_initialised(&self) -> bool {
        self.data.join("PG_VERSION").is_file()
    }

    /// The last lines that the server logged.
    pub(super) fn log_tail(&self) -> String {
        last_lines(&fs::read_to_string(self.log()).unwrap_or_default())
    }

    fn log(&self) -> PathBuf {
        self.run.join("server.log")
    }

    /// A command that runs as the cluster's user, without this program's own Postgres settings.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let inherited = env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|it| it.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir(&self.run);
        command.stdin(Stdio::null()).process_group(0);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }
}

/// Makes the files of an empty cluster: trust on the socket, which only its owner reaches, a password over TCP.
pub(super) async fn initdb(binaries: &Binaries, place: &Place) -> anyhow::Result<()> {
    let mut complaint = String::new();
    for locale in LOCALES {
        let mut command = place.command(&binaries.initdb());
        command
            .args(["--no-sync", "--no-instructions", "--encoding=UTF8"])
            .args(["--auth-local=trust", "--auth-host=password"])
            .arg(format!("--locale={locale}"))
            .arg(format!("--username={SUPERUSER}"))
            .arg("--pgdata")
            .arg(&place.data);
        let output = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("running initdb{}", who(place)))?;
        if output.status.success() {
            return Ok(());
        }
        complaint = last_lines(&String::from_utf8_lossy(&output.stderr));
    }
    bail!(
        "initdb failed in {}{}:\n{complaint}",
        place.data.display(),
        who(place)
    )
}

/// Starts the server; it is not ready yet when this returns.
pub(super) fn server(
    binaries: &Binaries,
    place: &Place,
    port: u16,
    tcp: bool,
) -> anyhow::Result<Child> {
    let log = File::create(place.log())?;
    let addresses = if tcp { "127.0.0.1" } else { "" };
    let mut command = place.command(&binaries.postgres());
    command.arg("-D").arg(&place.data).arg("-k").arg(&place.run);
    command.args(["-p", &port.to_string(), "-h", addresses]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("starting {}{}", binaries.postgres().display(), who(place)))
}

fn who(place: &Place) -> &'static str {
    match place.user {
        Some(_) => {
            " (as root the cluster runs as the user nobody, who must be able to reach its programs and its folder)"
        }
        None => "",
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
