//! The janitor: a small shell beside the server that ends it and clears its folder when this program is gone.
//!
//! It reads from a pipe that closes with this program, however that ends: on return, on a panic, on SIGKILL.
//! Unlike a death signal it needs no unsafe code, works on macOS, does not depend on the thread that started
//! the server, and removes the files as well.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::Context;

/// `$1` is the signal for the server, `$2` the folder to remove, `$3` the file that the server removes last.
/// Every line read is the server's process id; the last one counts. The server gets ten seconds before it is
/// killed. After half a second the missing file counts as the end too: an ended process keeps its id until somebody
/// waits for it, and in many containers nobody waits for orphans.
const SCRIPT: &str = r#"
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
  kill -s "$1" "$server" 2>/dev/null
  tries=0
  while kill -s 0 "$server" 2>/dev/null && { [ "$tries" -lt 25 ] || [ -e "$3" ]; } && [ "$tries" -lt 500 ]; do
    tries=$((tries + 1))
    sleep 0.02
  done
  [ -e "$3" ] && kill -s KILL "$server" 2>/dev/null
fi
rm -rf -- "$2"
"#;

/// How a server is asked to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// Disconnects everyone and writes a checkpoint: for data that is kept.
    Fast,
    /// Drops everything at once: for data that is thrown away.
    Immediate,
    /// Ends a program that is not Postgres.
    Terminate,
}

/// The running janitor.
pub(super) struct Janitor {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Janitor {
    /// Starts the janitor of `folder`, which it will remove, and of the server whose files are in `data`.
    pub(super) fn start(folder: &Path, data: &Path, ending: Ending) -> anyhow::Result<Self> {
        let signal = match ending {
            Ending::Fast => "INT",
            Ending::Immediate => "QUIT",
            Ending::Terminate => "TERM",
        };
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "janitor", signal])
            .arg(folder)
            .arg(data.join("postmaster.pid"))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group: Ctrl-C in a terminal must not end the janitor before its work is done.
            .process_group(0)
            .spawn()
            .context("starting the shell that cleans up after Postgres")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Names the server to end, instead of the one named before.
    pub(super) fn watch(&mut self, server: &Child) -> anyhow::Result<()> {
        let pipe = self.pipe.as_mut().context("the janitor was dismissed")?;
        writeln!(pipe, "{}", server.id()).context("telling the janitor about the server")
    }

    /// Lets the janitor do its work now; returns when `server`, if there is one, and the janitor are gone.
    pub(super) fn dismiss(&mut self, server: Option<&mut Child>) -> std::io::Result<()> {
        self.pipe = None;
        if let Some(server) = server {
            server.wait()?;
        }
        self.shell.wait().map(drop)
    }
}
