//! What people read beside the chain: arguments, reasons, notes, the subject's masked e-mail.
//! The chain holds only salted commitments to these, so they can be erased and it still verifies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    answer::Answer,
    digest::{Commitment, commit},
    event::Asking,
};

/// Bytes of salt per text: enough that short texts cannot be guessed from their commitment.
pub const SALT_BYTES: usize = 32;

/// What a private text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The arguments and the reason of the request, as JSON of [`Asking`].
    Asking,
    /// What people read instead of the user id: a masked e-mail.
    Label,
    /// Why somebody denied, or what somebody noted.
    Note,
    /// What the requester alone is told, as JSON of [`super::answer::Answer`].
    Answer,
    /// A private term of a plan.
    Term,
}

/// One text beside the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateText {
    /// Named by the commitment in the chain.
    pub id: Uuid,
    pub kind: Kind,
    /// Random bytes.
    pub salt: [u8; SALT_BYTES],
    /// The text; `None` once it was erased.
    pub text: Option<String>,
}

impl PrivateText {
    /// The commitment that goes into the chain.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment {
            id: self.id,
            sha256: commit(&self.salt, self.text.as_deref().unwrap_or_default()),
        }
    }
}

impl PrivateData {
    /// The text of a private term, when it is there and is the one that the plan commits to.
    #[must_use]
    pub fn term(&self, commitment: &Commitment) -> Option<&str> {
        let term = self.terms.get(&commitment.id)?;
        let text = term.text.as_deref()?;
        (term.commitment() == *commitment).then_some(text)
    }
}

/// Everything beside the chain that one request's cards need. What was erased is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateData {
    /// Arguments and reason.
    pub asking: Option<Asking>,
    /// The subject's masked e-mail.
    pub label: Option<String>,
    /// Notes and reasons by the id of their commitment.
    pub notes: BTreeMap<Uuid, String>,
    /// Answers by the id of their commitment.
    pub answers: BTreeMap<Uuid, Answer>,
    /// Private terms of plans by the id of their commitment.
    pub terms: BTreeMap<Uuid, PrivateText>,
    /// True when something was erased: cards say so instead of showing a gap.
    pub erased: bool,
    /// True when a text that the journal commits to was changed or removed outside Countersign: nothing is done with it.
    pub changed: bool,
}
