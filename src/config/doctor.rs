//! The doctor: says in one report what is right, what is doubtful and what is wrong, and what to do about it.
//!
//! A check is anything that gives [`Finding`]s. The ones here look at the settings alone; those that ask the database,
//! the bucket or Slack are handed to [`examine`] by whoever holds the connections.

mod checks;
mod secrets;

use std::fmt;

use futures::future::{BoxFuture, join_all};

use super::{Faults, Settings};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in a word or two, or the name of a setting.
    pub name: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found, in one sentence.
    pub says: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The service works, but somebody should look.
    Warning,
    /// It does not work.
    Fault,
}

impl Finding {
    /// All is well.
    pub fn ok(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, says)
    }

    /// Somebody should look.
    pub fn warning(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, says)
    }

    /// It does not work.
    pub fn fault(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(name, Verdict::Fault, says)
    }

    /// The same finding with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(name: impl Into<String>, verdict: Verdict, says: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            verdict,
            says: says.into(),
            hint: None,
        }
    }
}

/// A check that asks something outside. It brings its own time limit and never fails: what goes wrong is a finding.
pub type LiveCheck<'a> = BoxFuture<'a, Vec<Finding>>;

/// The checks of the settings alone, and then the live ones, which run side by side.
pub async fn examine(settings: &Settings, live: Vec<LiveCheck<'_>>) -> Report {
    let mut findings = check(settings);
    findings.extend(join_all(live).await.into_iter().flatten());
    Report(findings)
}

/// What the settings alone show.
#[must_use]
pub fn check(settings: &Settings) -> Vec<Finding> {
    checks::all(settings)
}

/// What the doctor found, in the order in which it looked. Its display is the text for the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report(pub Vec<Finding>);

impl Report {
    /// The report on a configuration that cannot be used: each fault is a finding.
    #[must_use]
    pub fn of_faults(faults: &Faults) -> Self {
        let finding = |fault: &super::Fault| Finding {
            name: fault.name.clone(),
            verdict: Verdict::Fault,
            says: fault.says.clone(),
            hint: fault.hint.clone(),
        };
        Self(faults.0.iter().map(finding).collect())
    }

    /// How many findings have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.0
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    }

    /// The exit code of the process: 1 when there is a fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.count(Verdict::Fault) > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .0
            .iter()
            .map(|finding| finding.name.chars().count())
            .max()
            .unwrap_or(0);
        for Finding {
            name,
            verdict,
            says,
            hint,
        } in &self.0
        {
            writeln!(out, "{:7}  {name:width$}  {says}", verdict.word())?;
            if let Some(hint) = hint {
                writeln!(out, "{:7}  {:width$}  -> {hint}", "", "")?;
            }
        }
        let count = |verdict| self.count(verdict);
        write!(
            out,
            "faults: {}, warnings: {}, ok: {}",
            count(Verdict::Fault),
            count(Verdict::Warning),
            count(Verdict::Ok)
        )
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}
