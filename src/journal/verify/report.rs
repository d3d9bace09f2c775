//! What verifying found, as people read it.

use std::{collections::BTreeMap, fmt};

use uuid::Uuid;

use crate::{domain::request, journal::chain::Head};

/// Findings listed one by one. What is beyond is counted only, so that a report stays small.
pub const MAX_LISTED: usize = 50;

/// The outcome of verifying the journal.
#[derive(Debug, Default)]
pub struct Report {
    /// How much was checked.
    pub checked: Checked,
    /// The end of the chain, when its seal is right: the next witness.
    pub head: Option<Head>,
    /// The bad entry that comes first in the chain; what is not in the chain comes last.
    pub first: Option<Finding>,
    /// The findings in the order in which they were met, at most [`MAX_LISTED`].
    pub findings: Vec<Finding>,
    /// How many findings there are of each kind.
    pub by_kind: BTreeMap<Kind, u64>,
}

/// How much was checked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Requests with at least one event.
    pub requests: u64,
    pub events: u64,
    /// Links of the global chain.
    pub links: u64,
    /// Events that wait to be linked.
    pub pending: u64,
    /// Texts beside the chain that were held against their commitments.
    pub texts: u64,
    /// Texts that were erased.
    pub erased: u64,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An event is gone.
    EventMissing,
    /// An event is not what was recorded.
    EventChanged,
    /// An event cannot be read, or has another name than its content.
    EventUnreadable,
    /// An event cannot follow the ones before it.
    EventMisplaced,
    /// A run began without the approvals that its plan needs.
    RunUnapproved,
    /// An event is neither in the chain nor waiting for it, or both.
    EventUnlinked,
    /// A link of the chain is gone.
    LinkMissing,
    /// A link of the chain is not what was linked.
    LinkChanged,
    /// The head of the chain is gone, forged, or elsewhere than the chain's end.
    Head,
    /// What was witnessed outside the database is not on the chain.
    Witness,
    /// A projection knows of events that are gone.
    ProjectionAhead,
    /// A projection does not show what its events say; rebuilding mends this.
    ProjectionStale,
    /// A text beside the chain is not the one that was committed to.
    TextChanged,
    /// A text beside the chain is gone without having been erased.
    TextMissing,
    /// A text beside the chain that no event commits to.
    TextUncommitted,
    /// A row that steers work was written or changed by somebody without the key.
    RowChanged,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    pub place: Place,
    /// What exactly, for people.
    pub says: String,
}

/// Where something is wrong; as much of it as is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The position in the global chain.
    pub position: Option<i64>,
    /// What it belongs to, when that is no request.
    pub of: Option<&'static str>,
    /// The request's id.
    pub request: Option<Uuid>,
    /// The request's number for people.
    pub number: Option<i64>,
    /// The version within the request.
    pub version: Option<i64>,
}

impl Report {
    /// True when nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// True when the events and the chain are what was recorded, whatever the tables beside them say.
    #[must_use]
    pub fn events_are_sound(&self) -> bool {
        self.by_kind.keys().all(|kind| kind.is_beside_the_events())
    }

    /// True when all that is wrong are tables that are made from the events: rebuilding mends it.
    #[must_use]
    pub fn only_projections_differ(&self) -> bool {
        let mends = |kind: &Kind| *kind == Kind::ProjectionStale;
        !self.is_sound() && self.by_kind.keys().all(mends)
    }

    /// How many findings there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_kind.values().sum()
    }

    /// The exit status of `countersign audit verify`: 0 when nothing is wrong, 1 otherwise.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        u8::from(!self.is_sound())
    }

    pub(super) fn add(&mut self, kind: Kind, place: Place, says: impl Into<String>) {
        let says = says.into();
        let finding = Finding { kind, place, says };
        *self.by_kind.entry(kind).or_default() += 1;
        let is_first = self
            .first
            .as_ref()
            .is_none_or(|first| finding.place.rank() < first.place.rank());
        if is_first {
            self.first = Some(finding.clone());
        }
        if self.findings.len() < MAX_LISTED {
            self.findings.push(finding);
        }
    }
}

impl Kind {
    fn is_beside_the_events(self) -> bool {
        matches!(
            self,
            Self::ProjectionStale
                | Self::TextChanged
                | Self::TextMissing
                | Self::TextUncommitted
                | Self::RowChanged
        )
    }

    fn words(self) -> &'static str {
        match self {
            Self::EventMissing => "events missing",
            Self::EventChanged => "events changed",
            Self::EventUnreadable => "events unreadable",
            Self::EventMisplaced => "events out of place",
            Self::RunUnapproved => "runs without approval",
            Self::EventUnlinked => "events outside the chain",
            Self::LinkMissing => "links missing",
            Self::LinkChanged => "links changed",
            Self::Head => "head of the chain",
            Self::Witness => "witness contradicted",
            Self::ProjectionAhead => "projections ahead of their events",
            Self::ProjectionStale => "projections out of date",
            Self::TextChanged => "texts changed",
            Self::TextMissing => "texts missing",
            Self::TextUncommitted => "texts without commitment",
            Self::RowChanged => "rows changed",
        }
    }
}

impl Place {
    fn rank(self) -> (i64, Option<Uuid>, i64) {
        let last = i64::MAX;
        let version = self.version.unwrap_or(last);
        (self.position.unwrap_or(last), self.request, version)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = match (self.number, self.request) {
            (Some(number), _) => Some(request::label(number)),
            (None, Some(id)) => Some(format!("request {id}")),
            (None, None) => self.of.map(str::to_owned),
        };
        let parts = [
            self.position.map(|it| format!("position {it}")),
            request,
            self.version.map(|it| format!("version {it}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            f.write_str("the chain")
        } else {
            f.write_str(&parts.join(", "))
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.says)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests, {} events, {} links, {} waiting to be linked, {} texts against their commitments, {} erased",
            self.requests, self.events, self.links, self.pending, self.texts, self.erased
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.first {
            None => writeln!(f, "The journal is sound.")?,
            Some(first) => {
                writeln!(f, "The journal is NOT sound: {} findings.", self.total())?;
                writeln!(f, "First bad entry: {first}")?;
                writeln!(f, "Findings:")?;
                for finding in &self.findings {
                    writeln!(f, "  {finding}")?;
                }
                let listed = self.findings.len() as u64;
                if self.total() > listed {
                    writeln!(f, "  and {} more", self.total() - listed)?;
                }
                let kinds = self.by_kind.iter();
                let kinds: Vec<_> = kinds.map(|(k, n)| format!("{}: {n}", k.words())).collect();
                writeln!(f, "By kind: {}", kinds.join(", "))?;
            }
        }
        writeln!(f, "Checked: {}", self.checked)?;
        match self.head {
            Some(head) => write!(f, "Head: {head}"),
            None => write!(f, "Head: none that can be trusted"),
        }
    }
}
