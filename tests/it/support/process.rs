//! The service as a process of its own, which can be killed.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};

use super::World;

/// How long a start may take in real time.
const START: Duration = Duration::from_secs(60);

/// The real program, serving one world by the machine's clock. It is killed when the value is dropped.
pub struct Process {
    child: Child,
    /// Kept open, so that the program never writes into a closed pipe.
    _stdout: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Process {
    /// Starts the program and has Slack talk to it. It inherits nothing but the path.
    pub async fn start(world: &World) -> Self {
        let name = format!("process-{}.log", countersign::runtime::new_id().simple());
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .arg("serve")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(&world.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = tokio::time::timeout(START, stdout.read_line(&mut line)).await;
        read.expect("the program started in time").unwrap();
        let address = line.trim().strip_prefix("Countersign listens on ");
        let Some(address) = address else {
            panic!("{}", std::fs::read_to_string(&log).unwrap());
        };
        world.slack.set_app_url(address);
        Self {
            child,
            _stdout: stdout,
            log,
        }
    }

    /// SIGKILL: nothing is finished, nothing is given back.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

impl Drop for Process {
    /// A log is worth keeping only when a test failed.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_file(&self.log);
        }
    }
}
