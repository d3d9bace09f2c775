//! A reference without a foreign key, as people write it in the configuration.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

use super::ColumnRef;

/// What stands between the two columns of a link.
const ARROW: &str = "->";

/// An entry of `link_columns`: `Table.column` holds a user's id, `Table.column -> Parent.column` a value of that column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkColumn {
    /// The column that holds the reference.
    pub column: ColumnRef,
    /// The column that it refers to; `None` for the accounts' id.
    pub target: Option<ColumnRef>,
}

impl std::str::FromStr for LinkColumn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (column, target) = match text.split_once(ARROW) {
            Some((column, target)) => (column, Some(target)),
            None => (text, None),
        };
        let form = |why: String| {
            format!("{why}: write \"Table.column\", or \"Table.column -> Parent.column\"")
        };
        Ok(Self {
            column: column.trim().parse().map_err(form)?,
            target: target
                .map(|target| target.trim().parse())
                .transpose()
                .map_err(form)?,
        })
    }
}

impl fmt::Display for LinkColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.column)?;
        match &self.target {
            Some(target) => write!(f, " {ARROW} {target}"),
            None => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for LinkColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_accounts_or_to_a_named_column() {
        let to_account: LinkColumn = "Website.userId".parse().unwrap();
        assert_eq!(to_account.target, None);
        let between: LinkColumn = "log.Visit.websiteId -> Website.id".parse().unwrap();
        assert_eq!(between.target, Some(ColumnRef::new("Website", "id")));
        assert_eq!(between.to_string(), "log.Visit.websiteId -> Website.id");
    }

    #[test]
    fn half_a_link_is_refused() {
        for text in [
            "Visit.websiteId ->",
            "-> Website.id",
            "Visit -> Website.id",
            "a.b -> c.d -> e.f.g.h",
        ] {
            assert!(text.parse::<LinkColumn>().is_err(), "{text}");
        }
    }
}
