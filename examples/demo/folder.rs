//! The demo's folder: the service's log and configuration file, and what `--data` keeps.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::Context;
use countersign::runtime;

/// Length of the audit key in bytes.
const KEY_BYTES: usize = 32;

/// Where things are.
pub struct Folder {
    root: PathBuf,
    keeps: bool,
}

impl Folder {
    /// The folder that is named, or one of this process's own in the system's temporary folder.
    pub fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        let root = named.map_or_else(
            || env::temp_dir().join(format!("countersign-demo-{}", process::id())),
            Path::to_owned,
        );
        fs::create_dir_all(&root).with_context(|| format!("making {}", root.display()))?;
        let root = fs::canonicalize(root)?;
        let keeps = named.is_some();
        Ok(Self { root, keeps })
    }

    /// The files of Postgres, when they are kept.
    pub fn postgres(&self) -> Option<PathBuf> {
        self.keeps.then(|| self.root.join("postgres"))
    }

    /// The service's log.
    pub fn log(&self) -> PathBuf {
        self.root.join("service.log")
    }

    /// The service's configuration file.
    pub fn config(&self) -> PathBuf {
        self.root.join("countersign.toml")
    }

    /// Where copies of the certificates are put.
    pub fn certificates(&self) -> PathBuf {
        self.root.join("certificates")
    }

    /// The key of the audit chain: the one that is there, since it must be the same as long as the journal lives.
    pub fn audit_key(&self) -> anyhow::Result<String> {
        let path = self.root.join("audit.key");
        if path.exists() {
            return fs::read_to_string(&path).with_context(|| path.display().to_string());
        }
        let key = hex::encode(runtime::random_bytes::<KEY_BYTES>());
        if self.keeps {
            fs::write(&path, &key).with_context(|| path.display().to_string())?;
        }
        Ok(key)
    }
}
