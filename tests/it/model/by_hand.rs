//! Commands put to one request by hand, by the rules alone.

use chrono::{DateTime, Duration};
use countersign::domain::{
    Command, Instant, Plan, Request, approval::demanded, decide::decide, event::Planned, fold,
    policy::PolicySettings,
};

/// When everything happens.
pub const AT: Instant = DateTime::UNIX_EPOCH;

/// A plan with what it demands.
pub fn with_policy(request: &Request, plan: Plan) -> Planned {
    let settings = PolicySettings {
        sensitive_approvals: 1,
        destructive_approvals: 1,
        approval_expiry: Duration::hours(4),
        confirmation_expiry: Duration::minutes(10),
        cooling_off: Duration::minutes(10),
    };
    Planned {
        digest: plan.digest(),
        policy: demanded(request, &plan, &settings, AT),
        plan,
        label: None,
    }
}

/// The request after an accepted command.
pub fn after(request: Request, command: &Command) -> Request {
    let events = decide(&request, command, AT).unwrap();
    let folded = |request, event| fold::fold(request, event, AT);
    events.iter().try_fold(request, folded).unwrap()
}
