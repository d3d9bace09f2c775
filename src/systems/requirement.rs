//! What an operation needs: systems, and tables and columns of the app.

use super::{
    System,
    app_db::{CreditWay, MissingColumn, Snapshot},
};

/// Something that an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// A system that an installation may lack.
    System(System),
    /// The table of accounts, with an id and an address.
    Account,
    /// The column of this key of `[app.schema]`: `user.role`.
    Column(&'static str),
    /// The same of a column without which a part does not work, and what is said of that part.
    Part(&'static str, &'static str),
    /// The analytics event that notes a change of credits.
    Event(CreditWay),
    /// The columns that name files. Without one the files that it names are not found.
    Files,
}

/// Something that the app's schema lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub missing: MissingColumn,
    /// What does not happen without it; `None` when nothing works without it.
    pub without: Option<String>,
}

impl Requirement {
    /// Whether it is a part of the app's schema without which nothing works.
    #[must_use]
    pub fn is_essential_to_app(self) -> bool {
        matches!(
            self,
            Self::Account | Self::Column(_) | Self::Event(CreditWay::Add)
        )
    }

    /// Whether it is a part of the app's schema at all.
    #[must_use]
    pub fn is_of_app(self) -> bool {
        !matches!(self, Self::System(_))
    }

    /// What the app's schema lacks of it.
    #[must_use]
    pub fn gaps(self, at: &Snapshot) -> Vec<Gap> {
        let named = |key: &str, without: Option<&str>| {
            let without = without.map(str::to_owned);
            at.gap(key).map(|missing| Gap { missing, without })
        };
        let names = &at.mapping.analytics_event;
        match self {
            Self::System(_) => vec![],
            Self::Account => ["user.id", "user.email"]
                .into_iter()
                .filter_map(|key| named(key, None))
                .collect(),
            Self::Column(key) => named(key, None).into_iter().collect(),
            Self::Part(key, without) => named(key, Some(without)).into_iter().collect(),
            Self::Event(way) => {
                let (label, without) = match way {
                    CreditWay::Add => (&names.manual_credit, None),
                    CreditWay::Remove => {
                        let label = &names.manual_removal;
                        (label, Some(format!("the {label} event is not written")))
                    }
                };
                let gaps = at.event_gaps(label).into_iter();
                let gap = |missing| Gap {
                    missing,
                    without: without.clone(),
                };
                gaps.map(gap).collect()
            }
            Self::Files => {
                let gaps = at.file_gaps().into_iter();
                let gap = |(column, missing)| Gap {
                    missing,
                    without: Some(format!("files that only {column} names are not found")),
                };
                gaps.map(gap).collect()
            }
        }
    }
}
