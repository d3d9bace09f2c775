//! Every way in which a command is refused, by name. The text is what the person who sent it reads.

use thiserror::Error;

use super::person::{Role, Standing};

/// The code of the refusal of somebody who is no full member.
pub const NOT_A_MEMBER: &str = "not_a_member";

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The account is a guest, a bot, deactivated, foreign or unknown.
    #[error("only full members of this workspace may do that: {}", standing_words(*.0))]
    NotAMember(Standing),
    /// The person lacks the role.
    #[error("that needs the role {}: ask somebody who has it (`/ops whoami` shows yours)", role_word(*.0))]
    RoleMissing(Role),
    /// The two-person rule: the requester is no second person.
    #[error("you asked for this yourself: a second admin has to approve it")]
    SelfApproval,
    /// The two-person rule cannot be checked.
    #[error(
        "Slack does not show your e-mail address or the requester's, so nobody can tell that you are two persons: \
         complete the profiles, and check the app's scope users:read.email"
    )]
    NoEmail,
    /// The two-person rule: nobody approves what concerns themself.
    #[error("this request is about you: somebody else has to approve it")]
    SubjectApproval,
    /// Nobody ends, or settles, what concerns themself and somebody else asked for.
    #[error("this request is about you: another admin has to deny, stop or settle it")]
    SubjectDecision,
    /// The same human has approved this plan before.
    #[error("you have approved this plan already")]
    AlreadyApproved,
    /// The click belongs to a plan that is no longer the current one.
    #[error("the plan has changed since this card was drawn: read the new plan and decide again")]
    OtherPlan,
    /// The typed confirmation differs.
    #[error("the confirmation does not match: type {0} exactly")]
    Confirmation(String),
    /// The dialog in which the confirmation is typed was not shown.
    #[error("this needs a typed confirmation: press Approve again and type it in the dialog")]
    ConfirmationMissing,
    /// The click is on a drawing of the card that no longer stands.
    #[error("this card is out of date: press the button on the current card")]
    OutOfDate,
    /// The request is not waiting for this decision.
    #[error("this request is {0}: there is nothing to decide")]
    NothingToDecide(&'static str),
    /// The time to approve or confirm is over.
    #[error("this request has expired")]
    TooLate,
    /// Only the requester may cancel.
    #[error("only the person who asked may cancel; an admin can deny what waits for an approval")]
    NotYours,
    /// Only the requester may confirm.
    #[error("only the person who asked may confirm this")]
    NotRequester,
    /// There is nothing to stop.
    #[error("this request is {0}: there is nothing to stop")]
    NotCoolingOff(&'static str),
    /// There is nothing to resume or settle.
    #[error("this request is {0}: there is nothing to resume or settle")]
    NotStuck(&'static str),
    /// It is not yet time.
    #[error("it is not yet time for that")]
    TooEarly,
    /// The command does not fit the state: a duplicate or a late one from the runner.
    #[error("{command} does not fit a request that is {state}")]
    OutOfOrder {
        /// The command's name.
        command: &'static str,
        /// The state's word.
        state: &'static str,
    },
}

impl Refusal {
    /// Its name in the journal. It never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAMember(_) => NOT_A_MEMBER,
            Self::RoleMissing(_) => "role_missing",
            Self::SelfApproval => "self_approval",
            Self::NoEmail => "no_email",
            Self::SubjectApproval => "subject_approval",
            Self::SubjectDecision => "subject_decision",
            Self::AlreadyApproved => "already_approved",
            Self::OtherPlan => "other_plan",
            Self::Confirmation(_) => "confirmation",
            Self::ConfirmationMissing => "confirmation_missing",
            Self::OutOfDate => "out_of_date",
            Self::NothingToDecide(_) => "nothing_to_decide",
            Self::TooLate => "too_late",
            Self::NotYours => "not_yours",
            Self::NotRequester => "not_requester",
            Self::NotCoolingOff(_) => "not_cooling_off",
            Self::NotStuck(_) => "not_stuck",
            Self::TooEarly => "too_early",
            Self::OutOfOrder { .. } => "out_of_order",
        }
    }

    /// True when somebody tried what the rules forbid: the audit trail shows the attempt.
    #[must_use]
    pub fn is_rule_violation(&self) -> bool {
        matches!(
            self,
            Self::NotAMember(_)
                | Self::RoleMissing(_)
                | Self::NoEmail
                | Self::SelfApproval
                | Self::SubjectApproval
                | Self::SubjectDecision
                | Self::NotYours
                | Self::NotRequester
        )
    }
}

fn standing_words(standing: Standing) -> &'static str {
    match standing {
        Standing::FullMember => "you are one",
        Standing::Guest => "you are a guest here",
        Standing::Bot => "bots may not",
        Standing::Deactivated => "this account is deactivated",
        Standing::Stranger => "you belong to another workspace",
        Standing::Unknown => "Slack did not say enough about this account",
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}
