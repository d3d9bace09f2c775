//! The names by which what people click and submit is recognised.

/// What the buttons of a card are called.
pub mod action {
    /// Approve the plan.
    pub const APPROVE: &str = "approve";
    /// Confirm one's own request.
    pub const CONFIRM: &str = "confirm";
    /// Deny the request.
    pub const DENY: &str = "deny";
    /// Show the whole plan.
    pub const FULL_PLAN: &str = "full_plan";
    /// Withdraw the request.
    pub const CANCEL: &str = "cancel";
    /// Stop it in its cooling-off time.
    pub const STOP: &str = "stop";
    /// Have a stuck run go on.
    pub const RESUME: &str = "resume";
    /// Close a stuck request.
    pub const SETTLE: &str = "settle";
    /// Ask for the operation that an answer offers; a number follows.
    pub const ASK: &str = "ask-";
}

/// What the modals are called.
pub mod callback {
    /// The typed confirmation of an approval.
    pub const APPROVE_CONFIRM: &str = "approve_confirm";
    /// The reason of a denial.
    pub const DENY_REASON: &str = "deny_reason";
    /// The note that closes a stuck request.
    pub const SETTLE_NOTE: &str = "settle_note";
    /// The arguments of an operation.
    pub const ASK: &str = "ask";
}

/// The one text input of the modals for approving, denying and settling.
pub mod field {
    pub const BLOCK: &str = "note";
    /// Its action.
    pub const TEXT: &str = "text";
    /// The reason in the form that asks for an operation: block and action.
    pub const REASON: &str = "reason";
}
