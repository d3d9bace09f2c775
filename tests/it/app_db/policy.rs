//! What the configuration says about a table's rows.

use countersign::systems::app_db::{Action, AppDbError, Mapping};
use countersign_sandbox::postgres::Template;

use super::support::{ANYBODY, app, impact, mapping, mark, says};

fn keep_subscriptions() -> Mapping {
    mapping(
        "[tables.Subscription]\npolicy = \"keep\"\nreason = \"tax law\"\nset = { plan = \"ERASED\" }",
    )
}

#[tokio::test]
async fn rows_that_must_be_kept_but_cannot_be_cut_off_are_a_blocker() {
    let app = app(Template::Real, keep_subscriptions()).await;
    let plan = app.plan("usr_1").await;
    assert!(
        says(
            &plan.blockers,
            &["Subscription.userId", "cannot be NULL", "schema.prisma"]
        ),
        "{:?}",
        plan.blockers
    );
    let before = app.counts().await;
    let refused = app.db.erase(&mark(1), "usr_1", ANYBODY).await;
    assert!(matches!(refused, Err(AppDbError::Blocked(_))));
    assert_eq!(before, app.counts().await);
    assert_eq!(app.plan("usr_9").await.blockers, Vec::<String>::new());
}

#[tokio::test]
async fn rows_that_are_kept_stay_with_their_values_replaced_and_their_link_cut() {
    let app = app(Template::Real, keep_subscriptions()).await;
    app.run(r#"ALTER TABLE "Subscription" ALTER "userId" DROP NOT NULL"#)
        .await;
    let plan = app.plan("usr_1").await;
    let subscription = impact(&plan, "Subscription");
    assert_eq!(
        (subscription.action.clone(), subscription.rows),
        (Action::Keep, 1)
    );
    assert!(subscription.explanation.contains("tax law"));
    let erased = app.db.erase(&mark(1), "usr_1", ANYBODY).await.unwrap();
    assert_eq!(erased.kept["Subscription"], 1);
    assert!(!erased.deleted.contains_key("Subscription"));
    let kept = r#"SELECT count(*) FROM "Subscription" WHERE "userId" IS NULL AND plan = 'ERASED'"#;
    assert_eq!(app.number(kept).await, 1);
    assert_eq!(
        app.number(
            r#"SELECT count(*) FROM "Subscription" WHERE "userId" IS NOT NULL AND plan <> 'ERASED'"#
        )
        .await,
        3
    );
}

#[tokio::test]
async fn rows_can_be_given_to_another_account_instead() {
    let mapping =
        mapping("[tables.BlogPost]\npolicy = \"anonymise\"\nset = { authorId = \"usr_2\" }");
    let app = app(Template::Real, mapping).await;
    let plan = app.plan("usr_6").await;
    assert_eq!(impact(&plan, "BlogPost").action, Action::Anonymise);
    assert!(plan.blockers.is_empty(), "{:?}", plan.blockers);
    app.db.erase(&mark(1), "usr_6", ANYBODY).await.unwrap();
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "BlogPost" WHERE "authorId" = 'usr_2'"#)
            .await,
        2
    );
}

#[tokio::test]
async fn rows_that_a_key_would_leave_are_deleted_when_the_configuration_says_so() {
    let app = app(
        Template::Runbook,
        mapping("[tables.SupportTicket]\npolicy = \"delete\""),
    )
    .await;
    let tickets = app.plan("usr_1").await;
    assert_eq!(
        (
            impact(&tickets, "SupportTicket").action.clone(),
            impact(&tickets, "SupportTicket").rows
        ),
        (Action::Delete, 2)
    );
    let erased = app.db.erase(&mark(1), "usr_1", ANYBODY).await.unwrap();
    assert_eq!(erased.deleted["SupportTicket"], 2);
}

#[tokio::test]
async fn a_table_or_column_that_is_not_there_blocks_instead_of_deleting_what_was_to_be_kept() {
    let misspelt = app(
        Template::Real,
        mapping("[tables.Subscriptions]\npolicy = \"keep\"\nreason = \"tax law\""),
    )
    .await;
    assert!(says(
        &misspelt.plan("usr_9").await.blockers,
        &["Subscriptions", "no such table"]
    ));
    let column =
        mapping("[tables.LoginAttempt]\npolicy = \"anonymise\"\nclear = [\"email\", \"address\"]");
    let app = app(Template::Real, column).await;
    let blockers = app.plan("usr_1").await.blockers;
    assert!(
        says(&blockers, &["LoginAttempt.email", "cannot be NULL"]),
        "{blockers:?}"
    );
    assert!(
        says(&blockers, &["address", "does not have"]),
        "{blockers:?}"
    );
}

#[test]
fn an_unknown_key_in_the_configuration_is_refused() {
    assert!(toml::from_str::<Mapping>("tabels = {}").is_err());
    assert!(toml::from_str::<Mapping>("[tables.X]\npolicy = \"keep\"").is_err());
    assert!(toml::from_str::<Mapping>("[tables.X]\npolicy = \"forget\"").is_err());
    assert!(toml::from_str::<Mapping>("user_columns = [\"audioUrl\"]").is_err());
    assert_eq!(toml::from_str::<Mapping>("").unwrap(), Mapping::default());
}
