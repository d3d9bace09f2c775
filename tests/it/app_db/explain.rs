//! What a plan tells the approver about keys.

use countersign::systems::app_db::{Action, Mapping, OnDelete};
use countersign_sandbox::postgres::Template;

use super::support::{app, impact, odd_mapping, says};

#[tokio::test]
async fn a_key_that_refuses_is_told_with_what_a_plain_delete_would_do() {
    let app = app(Template::Real, Mapping::default()).await;
    let plan = app.plan("usr_1").await;
    let subscription = impact(&plan, "Subscription");
    assert_eq!(
        (subscription.action.clone(), subscription.rows),
        (Action::Delete, 1)
    );
    assert_eq!(subscription.on_delete, Some(OnDelete::Restrict));
    assert_eq!(subscription.via, "User ← Subscription.userId");
    assert!(subscription.explanation.contains("would be refused"));
}

#[tokio::test]
async fn a_key_that_cascades_is_told_with_its_whole_path() {
    let app = app(Template::Real, Mapping::default()).await;
    let plan = app.plan("usr_1").await;
    let response = impact(&plan, "Response");
    assert_eq!(
        response.via,
        "User ← TestSession.userId ← Response.sessionId"
    );
    assert_eq!(response.action, Action::CascadedBy("TestSession".into()));
    assert_eq!(response.rows, 60);
}

#[tokio::test]
async fn a_key_that_would_only_cut_the_link_of_rows_with_the_address_deletes_them() {
    let app = app(Template::Real, Mapping::default()).await;
    let plan = app.plan("usr_1").await;
    let attempts = impact(&plan, "LoginAttempt");
    assert_eq!(
        (attempts.action.clone(), attempts.on_delete),
        (Action::Delete, Some(OnDelete::SetNull))
    );
    // Three by key and one by address; one in a third spelling may be the twin's.
    assert_eq!(attempts.rows, 4);
    assert!(
        attempts
            .explanation
            .contains("leave the person's data behind")
    );
    assert!(
        attempts
            .explanation
            .contains("1 of them found by e-mail address alone")
    );
    assert!(
        says(
            &plan.warnings,
            &[": 1", "LoginAttempt.email", "may be either's"]
        ),
        "{:?}",
        plan.warnings
    );
}

#[tokio::test]
async fn a_key_that_cuts_the_link_leaves_rows_that_the_plan_counts() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let plan = app.plan("usr_1").await;
    let tickets = impact(&plan, "SupportTicket");
    assert_eq!((tickets.action.clone(), tickets.rows), (Action::SetNull, 2));
    assert!(
        tickets
            .explanation
            .contains("SupportTicket.userId is emptied")
    );
}

#[tokio::test]
async fn defaults_and_other_accounts_are_told() {
    let app = app(Template::Odd, odd_mapping()).await;
    let plan = app.plan("1").await;
    let owner = impact(&plan, "billing.account");
    assert_eq!(
        (owner.action.clone(), owner.rows, owner.on_delete),
        (Action::SetNull, 1, Some(OnDelete::SetDefault))
    );
    let referred = plan
        .tables
        .iter()
        .find(|impact| impact.via == "account ← account.referred_by")
        .unwrap();
    assert_eq!(
        (referred.action.clone(), referred.rows),
        (Action::SetNull, 1)
    );
    assert!(
        says(
            &plan.warnings,
            &[
                "rows of player that will be deleted",
                "other accounts",
                ": 1"
            ]
        ),
        "{:?}",
        plan.warnings
    );
    assert!(says(&plan.warnings, &["busy_account", "materialised view"]));
}

#[tokio::test]
async fn a_plan_names_nobodys_address() {
    let app = app(Template::Real, Mapping::default()).await;
    let plan = serde_json::to_string(&app.plan("usr_1").await).unwrap();
    assert!(!plan.to_lowercase().contains("maria"));
}
