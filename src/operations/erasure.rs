//! What `user delete` and `erasure replay` share: the erasure of one account, from its plan to its certificate.
//!
//! An erasure is what is done to one account; a deletion is a request for `user delete`, which does it to one.

mod blockers;
pub(super) mod carry_out;
pub(super) mod case;
pub(super) mod certificate;
mod customers;
mod files;
pub(super) mod ledger;
pub(super) mod plan;
mod rows;
pub(super) mod terms;
pub(super) mod under_way;
mod work;

use crate::systems::Requirement;

/// The operation that erases one account, as people type it.
pub(super) const DELETION: &str = "user delete";

/// What an erasure needs.
pub(super) const REQUIRES: &[Requirement] = &[
    Requirement::Account,
    Requirement::Part("user.is_blocked", "the account cannot be blocked meanwhile"),
    Requirement::Part("user.role", "whether it is the last admin is not checked"),
    Requirement::Files,
];

/// How often it is looked whether another erasure of the account has ended.
pub(super) const LOOK_AGAIN: chrono::Duration = chrono::Duration::seconds(30);

/// The steps' names, in their order.
pub(super) mod step {
    pub const BLOCK: &str = "block";
    pub const LEDGER: &str = "ledger";
    pub const COLLECT: &str = "collect";
    pub const ROWS: &str = "rows";
    pub const OBJECTS: &str = "objects";
    pub const STRIPE: &str = "stripe";
    pub const ELSEWHERE: &str = "elsewhere";
    pub const VERIFY: &str = "verify";
    pub const CERTIFICATE: &str = "certificate";
    pub const REDRAW: &str = "redraw";
}
