//! Where the settings come from: the file and the environment.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{
    build,
    database_url::DatabaseUrl,
    fault::{Fault, Faults},
    limits::DEFAULT_CONFIG_FILE,
    settings::Settings,
};

impl Settings {
    /// Checks and assembles the settings from the file's text and the environment, asking nothing of the process.
    ///
    /// # Errors
    /// Every fault there is, not only the first.
    pub fn from_parts(file: Option<&str>, env: &BTreeMap<String, String>) -> Result<Self, Faults> {
        build::settings(file, env)
    }

    /// Reads `config`, or `countersign.toml` in the current folder when there is one, and checks it with `env` over it.
    ///
    /// # Errors
    /// As [`Settings::from_parts`], and a file that was named but cannot be read.
    pub fn load(
        config: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Faults> {
        let text = read_file(config)?;
        Self::from_parts(text.as_deref(), &env.into_iter().collect())
    }

    /// The app's database alone, from the same places as [`Settings::load`] and with whatever else is missing: all that is
    /// needed to look at its tables. Says too whether the file has `[app.schema]` already.
    ///
    /// # Errors
    /// A file that cannot be read, and what is wrong with `DATABASE_URL`.
    pub fn app_database(config: Option<&Path>) -> Result<(DatabaseUrl, bool), Faults> {
        let text = read_file(config)?;
        build::app_database(text.as_deref(), &process_environment().collect())
    }

    /// [`Settings::load`] with the environment of this process. Variables that are not UTF-8 are none of ours.
    pub fn from_process(config: Option<&Path>) -> Result<Self, Faults> {
        Self::load(config, process_environment())
    }
}

/// The text of `config`, or of the usual file when there is one.
fn read_file(config: Option<&Path>) -> Result<Option<String>, Faults> {
    let path = config.unwrap_or(Path::new(DEFAULT_CONFIG_FILE));
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if config.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let fault = Fault::new(
                path.display().to_string(),
                format!("cannot be read: {error}"),
            );
            Err(Faults(vec![fault]))
        }
    }
}

fn process_environment() -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text)
}
