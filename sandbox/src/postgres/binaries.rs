//! Where the programs of Postgres are on this machine.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::bail;

/// The environment variable that names the folder of the programs and wins over every search.
pub const BINARIES_FOLDER: &str = "COUNTERSIGN_PG_BIN";

/// Where Debian and Ubuntu keep one folder per major version.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// Where Homebrew keeps its formulas, on Apple silicon and on Intel.
const HOMEBREW: [&str; 2] = ["/opt/homebrew/opt", "/usr/local/opt"];

/// The folder under `target` into which `make setup` unpacks the npm package.
const UNPACKED: &str = "postgres-binaries";

/// A folder that holds at least `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Finds the programs: `COUNTERSIGN_PG_BIN`, then Debian's folders (highest version first), `PATH`,
    /// Homebrew, and the npm package under `target/postgres-binaries`.
    ///
    /// # Errors
    /// When none of them has `initdb` and `postgres`, or when `COUNTERSIGN_PG_BIN` names a folder without them.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(named) = env::var_os(BINARIES_FOLDER) {
            let folder = PathBuf::from(named);
            let Some(found) = Self::in_folder(&folder) else {
                bail!(
                    "{BINARIES_FOLDER} is {}, which has no initdb and postgres",
                    folder.display()
                );
            };
            return Ok(found);
        }
        match candidates().iter().find_map(|it| Self::in_folder(it)) {
            Some(found) => Ok(found),
            None => bail!(
                "no Postgres server was found on this machine: run `make setup`, or install one \
                 (Debian and Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql@17`), \
                 or set {BINARIES_FOLDER} to the folder that has initdb and postgres"
            ),
        }
    }

    /// The programs in `folder`, when `initdb` and `postgres` are both there.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Option<Self> {
        let complete = ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file());
        complete.then(|| Self {
            folder: folder.to_owned(),
        })
    }

    /// The path of `initdb`.
    #[must_use]
    pub fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    /// The path of the server.
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The path of a client program such as `pg_dump`, which some packages leave out.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.join(name)).filter(|it| it.is_file())
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = newest_first(subfolders(Path::new(DEBIAN_VERSIONS)))
        .into_iter()
        .map(|it| it.join("bin"))
        .collect();
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    for root in HOMEBREW {
        let formulas = subfolders(Path::new(root))
            .into_iter()
            .filter(|it| base_name(it).starts_with("postgresql"))
            .collect();
        folders.extend(newest_first(formulas).into_iter().map(|it| it.join("bin")));
    }
    folders.extend(unpacked());
    folders
}

/// The npm package's folders, for this machine's system and processor.
fn unpacked() -> Vec<PathBuf> {
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("@embedded-postgres/{system}-{processor}/native/bin");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let targets = env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .into_iter()
        .chain([workspace, PathBuf::from("target")]);
    targets
        .map(|it| it.join(UNPACKED))
        .flat_map(|it| [it.join("node_modules").join(&package), it.join(&package)])
        // A relative path would change its meaning with the server's working directory.
        .filter_map(|it| fs::canonicalize(it).ok())
        .collect()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|it| it.path()).collect()
}

/// Sorts folders by the number that their names hold: `18` before `9.6`, `postgresql@17` before `postgresql@15`.
fn newest_first(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    folders.sort_by_key(|it| {
        let name = base_name(it);
        let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major: u32 = digits
            .split('.')
            .next()
            .and_then(|it| it.parse().ok())
            .unwrap_or(0);
        std::cmp::Reverse(major)
    });
    folders
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default()
        .into_owned()
}
