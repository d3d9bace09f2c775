//! The list of all operations. Adding one is a file beside this one and a line in [`all`].

use std::sync::Arc;

use super::{
    Operation, audit_verify, cancel, db_connections, db_reset_pool, freeze, requests, show,
    stats_users, user_delete, whoami,
};

/// An operation that is shared between tasks.
pub type SharedOperation = Arc<dyn Operation>;

/// All operations, in the order of the help.
#[must_use]
pub fn all() -> Vec<SharedOperation> {
    vec![
        Arc::new(user_delete::UserDelete),
        Arc::new(db_connections::DbConnections),
        Arc::new(db_reset_pool::DbResetPool),
        Arc::new(stats_users::StatsUsers),
        Arc::new(requests::Requests),
        Arc::new(show::Show),
        Arc::new(cancel::Cancel),
        Arc::new(freeze::Freeze),
        Arc::new(audit_verify::AuditVerify),
        Arc::new(whoami::WhoAmI),
    ]
}

/// The operation with a name, as people type it.
#[must_use]
pub fn find(name: &str) -> Option<SharedOperation> {
    all()
        .into_iter()
        .find(|operation| operation.declaration().name == name)
}

/// The heading of an operation's cards; the bare name for one that this version does not know.
#[must_use]
pub fn title(name: &str) -> String {
    find(name).map_or_else(
        || name.to_owned(),
        |operation| operation.declaration().title.to_owned(),
    )
}
