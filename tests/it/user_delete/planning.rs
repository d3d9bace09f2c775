//! Asking: what is understood, what is refused before anybody has to decide, and plans that change.

use countersign_sandbox::{data, slack::Submission};
use serde_json::json;

use crate::support::{World, environment::Options, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_with_that_address_is_refused() {
    let world = World::start().await;
    let id = world
        .ask_and_be_refused("/ops user delete nobody@example.com asked for erasure")
        .await;
    let told = world
        .until_told(ADA, "no account has this id or e-mail address")
        .await;
    assert!(!told.all_text().contains("nobody@example.com"), "{told:#?}");
    let card = world.until_card_says(id, "*Refused*").await;
    assert!(card.elements().is_empty(), "{card:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_by_letter_case_are_never_guessed_between() {
    let world = World::with(Options::real()).await;
    let id = world
        .ask_and_be_refused("/ops user delete maria@example.com asked for erasure")
        .await;
    world.until_told(ADA, "ask by id: usr_1, usr_41").await;
    let names = world.event_names(id).await;
    assert_eq!(names, ["asked", "refused"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_is_not_deleted() {
    let world = World::start().await;
    sqlx::query(r#"update "User" set role = 'USER' where id in ('usr_3', 'usr_4')"#)
        .execute(&world.db)
        .await
        .unwrap();
    world
        .ask_and_be_refused("/ops user delete ada@example.com left the company")
        .await;
    world.until_told(ADA, "this is the last admin").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_subscription_forbids_it() {
    let world = World::start().await;
    world
        .ask_and_be_refused("/ops user delete daniel@example.com asked for erasure")
        .await;
    world.until_told(ADA, "1 subscription is running").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reason_a_form_opens_with_what_was_typed_and_asks() {
    let world = World::start().await;
    let delivery = world
        .slack
        .slash(ADA, OPS, "/ops user delete maria@example.com")
        .await
        .unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    let view = world
        .until("a form", async |world| {
            let view = world.slack.open_views(ADA).pop();
            view.filter(|view| !view.all_text().contains(LOOKING))
        })
        .await;
    assert_eq!(view.state["user"]["user"]["value"], "maria@example.com");
    assert_eq!(world.newest().await, None);

    let without = json!({ "reason": { "reason": "  " } });
    let submitted = world.slack.submit(ADA, &view.id, &without).await.unwrap();
    let Submission::Errors(errors) = submitted else {
        panic!("the form took a request without a reason: {submitted:?}");
    };
    assert_eq!(errors["reason"], "Say why: it stays on record.");

    let with = json!({ "reason": { "reason": "asked for erasure" } });
    let submitted = world.slack.submit(ADA, &view.id, &with).await.unwrap();
    assert_eq!(submitted, Submission::Closed);
    let id = world.until_newer_than(None).await;
    world.until_state(id, "awaiting approval").await;
    world.until_card_says(id, "asked for erasure").await;
    world.until_told(ADA, "OPS-1001").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_keyboard_is_answered_with_what_was_probably_meant() {
    let world = World::start().await;
    let line = "/ops user delte maria@example.com asked for erasure";
    world.slack.slash(ADA, OPS, line).await.unwrap();
    world
        .until_told(ADA, "Did you mean `/ops user delete")
        .await;
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_lists_the_operations_to_the_person_alone() {
    let world = World::start().await;
    for line in ["/ops help", "/ops", "/ops HELP"] {
        let before = world.slack.ephemerals(VIEWER).len();
        world.slack.slash(VIEWER, OPS, line).await.unwrap();
        let told = world.slack.ephemerals(VIEWER);
        assert_eq!(told.len(), before + 1, "{line}");
        let help = told.last().unwrap().all_text();
        assert!(
            help.contains("/ops user delete &lt;user&gt; &lt;reason&gt;"),
            "{help}"
        );
    }
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

const VIEWER: &str = crate::support::people::VICTOR;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_is_asked_once_while_it_is_open() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let again = "/ops user delete maria@example.com for another reason";
    assert!(world.slack.slash(GRACE, OPS, again).await.unwrap().ok());
    world
        .until_told(GRACE, "The same is open already: *OPS-1001*")
        .await;
    assert_eq!(world.newest().await, Some(id));

    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    let next = world.ask(GRACE, again).await;
    assert_ne!(next, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_beyond_the_tolerance_void_the_approval_and_the_new_plan_can_be_approved() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let first = world.request(id).await.plan.unwrap().digest;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.add_flashcards_of_maria(6).await;
    world.cool_off().await;

    world.until_event(id, "superseded", 1).await;
    let request = world.until_state(id, "awaiting approval").await;
    assert!(!world.is_blocked("usr_1").await);
    assert!(request.state.approvals().is_empty());
    let second = request.plan.unwrap();
    assert_eq!(second.round, 2);
    assert_ne!(second.digest, first);
    world
        .until_card_says(id, "UserFlashcardProgress (deleted): 12 approved, 18 now")
        .await;
    world.until_told(ADA, "The plan has changed").await;

    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 2).await;
    assert!(world.is_blocked("usr_1").await);
    world.cool_off().await;
    world.until_state(id, "done").await;
    let left = r#"select count(*) from "UserFlashcardProgress" where "userId" = 'usr_1'"#;
    assert_eq!(world.count(left).await, 0);
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_more_rows_are_covered_by_the_approval() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(5).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let left = r#"select count(*) from "UserFlashcardProgress" where "userId" = 'usr_1'"#;
    assert_eq!(world.count(left).await, 0);
    assert!(
        !world
            .event_names(id)
            .await
            .contains(&"superseded".to_owned())
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_vanished_before_the_run_is_refused() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    sqlx::query(r#"delete from "User" where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    world.cool_off().await;
    world.until_state(id, "refused").await;
    world
        .until_told(ADA, "no account has this id or e-mail address")
        .await;
    // Her files were not touched: nobody approved a plan for an account that is gone.
    assert!(world.s3.count(data::BUCKET, "user-usr_1/") > 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_on_the_account_voids_the_approval() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    sqlx::query(r#"update "User" set email = 'somebody@example.com' where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    world.cool_off().await;
    world.until_audit(id, "its e-mail has changed").await;
    world.until_state(id, "awaiting approval").await;
    assert!(!world.is_blocked("usr_1").await);
    world.until_card_shows(id, "approve").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_session_that_has_expired_hides_no_cookies_and_is_no_session_that_was_ended() {
    let world = World::start().await;
    world
        .run_sql(r#"update "Session" set expires = now() - interval '1 day'"#)
        .await;
    let id = world.ask_for_maria().await;
    world
        .until_card_says(id, "live sessions cannot be ended")
        .await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    let results = crate::support::once::results(&world, id).await;
    assert_eq!(results[0].1["sessions_ended"], 0);
    let note = results[0].1["note"].to_string();
    assert!(note.contains("every row of Session has expired"), "{note}");
    world.finish().await;
}
