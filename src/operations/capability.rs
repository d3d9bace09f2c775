//! How much of an operation works here, by what its declaration requires.

use super::{Declaration, PlanError};
use crate::systems::{
    Off, Requirement, Systems,
    app_db::{LazySnapshot, MissingColumn, Snapshot},
};

/// How much of an operation the app's schema allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// All of it.
    Available,
    /// A part of it; the rest is said.
    Degraded,
    /// Nothing of it.
    Unavailable,
}

/// What the app's schema allows of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// How much of it works.
    pub state: State,
    pub missing: Vec<MissingColumn>,
    /// One sentence for people.
    pub says: String,
}

impl Declaration {
    /// Whether all is there that the operation cannot do without.
    ///
    /// # Errors
    /// [`PlanError::Refused`] with the setting or the Prisma field that is missing, or that the app's database cannot be
    /// reached.
    pub async fn check(&self, systems: &Systems, app: &LazySnapshot<'_>) -> Result<(), PlanError> {
        self.check_systems(systems)?;
        if !self.requires.iter().any(|it| it.is_essential_to_app()) {
            return Ok(());
        }
        let capability = self.capability(app.get().await?);
        match capability.state {
            State::Available | State::Degraded => Ok(()),
            State::Unavailable => Err(PlanError::Refused(vec![capability.says])),
        }
    }

    /// Whether every system is configured that it needs.
    ///
    /// # Errors
    /// [`Off`] with the settings to set for the first one that is not.
    pub fn check_systems(&self, systems: &Systems) -> Result<(), Off> {
        let mut needed = self.requires.iter();
        needed.try_for_each(|it| match it {
            Requirement::System(system) => systems.check(*system),
            _ => Ok(()),
        })
    }

    /// What the app's schema allows of it.
    #[must_use]
    pub fn capability(&self, at: &Snapshot) -> Capability {
        Capability::of(self.name, self.requires, at)
    }
}

impl Capability {
    pub(super) fn of(name: &str, requires: &[Requirement], at: &Snapshot) -> Self {
        let gaps: Vec<_> = requires.iter().flat_map(|it| it.gaps(at)).collect();
        let (mut missing, mut lost) = (vec![], vec![]);
        let is_essential = gaps.iter().any(|gap| gap.without.is_none());
        for gap in gaps {
            lost.extend(gap.without);
            missing.push(gap.missing);
        }
        missing.dedup();
        lost.dedup();
        let listed: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let listed = listed.join("; ");
        let lost = lost.join("; ");
        let (state, says) = match (missing.is_empty(), is_essential) {
            (true, _) => (State::Available, format!("{name} works")),
            (false, true) => (
                State::Unavailable,
                format!("{name} cannot work: the app lacks {listed}"),
            ),
            (false, false) => (
                State::Degraded,
                format!("{name} works, but {lost}: the app lacks {listed}"),
            ),
        };
        Self {
            state,
            missing,
            says,
        }
    }
}
