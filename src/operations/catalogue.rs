//! The list of all operations. Adding one is a file beside this one and a line in [`all`].

use std::sync::Arc;

use super::Operation;
use crate::{
    domain::{Request, Risk},
    work::Job,
};

/// An operation that is shared between tasks.
pub type SharedOperation = Arc<dyn Operation>;

/// What operations need done on a schedule.
#[must_use]
pub fn jobs() -> Vec<Job> {
    let all = all();
    let jobs = all.iter().flat_map(|operation| operation.jobs());
    jobs.copied().collect()
}

/// All operations, in the order of the help.
#[must_use]
pub fn all() -> Vec<SharedOperation> {
    vec![
        Arc::new(super::user_show::UserShow),
        Arc::new(super::user_activity::UserActivity),
        Arc::new(super::credits_add::CreditsAdd),
        Arc::new(super::credits_remove::CreditsRemove),
        Arc::new(super::user_promote::UserPromote),
        Arc::new(super::user_demote::UserDemote),
        Arc::new(super::user_ban::UserBan),
        Arc::new(super::user_unban::UserUnban),
        Arc::new(super::payment_find::PaymentFind),
        Arc::new(super::refund::Refund),
        Arc::new(super::user_export::UserExport),
        Arc::new(super::user_delete::UserDelete),
        Arc::new(super::erasure_replay::ErasureReplay),
        Arc::new(super::sessions_revoke::SessionsRevoke),
        Arc::new(super::admins_review::AdminsReview),
        Arc::new(super::admins_keep::AdminsKeep),
        Arc::new(super::ip_ban::IpBan),
        Arc::new(super::ip_unban::IpUnban),
        Arc::new(super::ip_list::IpList),
        Arc::new(super::check_openai::CheckOpenAi),
        Arc::new(super::db_connections::DbConnections),
        Arc::new(super::db_reset_pool::DbResetPool),
        Arc::new(super::stats_users::StatsUsers),
        Arc::new(super::stats_revenue::StatsRevenue),
        Arc::new(super::stripe_review::StripeReview),
        Arc::new(super::requests::Requests { title }),
        Arc::new(super::show::Show { title }),
        Arc::new(super::cancel::Cancel),
        Arc::new(super::freeze::Freeze),
        Arc::new(super::audit_verify::AuditVerify),
        Arc::new(super::whoami::WhoAmI),
    ]
}

/// The operation with a name, as people type it.
#[must_use]
pub fn find(name: &str) -> Option<SharedOperation> {
    all()
        .into_iter()
        .find(|operation| operation.declaration().name == name)
}

/// True for a request that a freeze holds. What this version does not know waits, unless it only reads.
#[must_use]
pub fn waits_when_frozen(request: &Request) -> bool {
    request.risk != Risk::Read
        && find(&request.operation)
            .is_none_or(|operation| operation.declaration().waits_when_frozen())
}

/// The heading of an operation's cards; the bare name for one that this version does not know.
#[must_use]
pub fn title(name: &str) -> String {
    find(name).map_or_else(
        || name.to_owned(),
        |operation| operation.declaration().title.to_owned(),
    )
}
