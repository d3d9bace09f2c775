//! Denied, cancelled, stopped, expired, and approved with too little or too late.

use std::time::Duration;

use countersign_sandbox::slack::{Pick, Submission};

use crate::support::{World, environment::COOLING_OFF_SECONDS, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_tells_its_reason_to_the_requester_and_to_the_audit_thread() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "deny").await;
    let submitted = world
        .submit(GRACE, &view, "she has an open refund & a <complaint>")
        .await;
    assert_eq!(submitted, Submission::Closed);

    world.until_state(id, "denied").await;
    let reason = "she has an open refund &amp; a &lt;complaint&gt;";
    world.until_told(ADA, reason).await;
    world.until_audit(id, reason).await;
    let card = world.until_card_says(id, "*Denied* by <@U0GRACE>").await;
    assert!(card.elements().is_empty(), "{card:#?}");
    assert_eq!(world.event_names(id).await, ["asked", "planned", "denied"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_without_a_reason_is_refused_under_its_field() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "deny").await;
    let Submission::Errors(errors) = world.submit(GRACE, &view, "   ").await else {
        panic!("the modal took a denial without a reason");
    };
    assert_eq!(errors["note"], "Say why: it stays on record.");
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");

    assert_eq!(
        world.submit(GRACE, &view, "not now").await,
        Submission::Closed
    );
    world.until_state(id, "denied").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_cancels() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.until_audit(id, "*Cancelled* by <@U0ADA>").await;
    let card = world.until_card_says(id, "*Cancelled*").await;
    assert!(card.elements().is_empty(), "{card:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_cancels_what_somebody_else_asked_for_and_the_attempt_is_on_record() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    assert!(world.click(GRACE, id, "cancel").await.ok());
    world
        .until_told(GRACE, "only the person who asked may cancel")
        .await;
    world
        .until_audit(id, "<@U0GRACE> tried `cancel` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_admin_stops_it_in_the_cooling_off_time_and_the_block_is_lifted() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    assert!(world.is_blocked("usr_1").await);

    assert!(world.click(LINUS, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    assert!(!world.is_blocked("usr_1").await);
    world.until_audit(id, "*Stopped* by <@U0LINUS>").await;
    world.until_told(ADA, "*Stopped* by <@U0LINUS>").await;
    let card = world.until_card_says(id, "*Stopped*").await;
    assert!(card.elements().is_empty(), "{card:#?}");

    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_does_not_run_when_its_time_would_have_come() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    assert!(world.click(ADA, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    world
        .clock
        .advance(Duration::from_secs(2 * COOLING_OFF_SECONDS));
    // A later request is processed: the runner has looked, and left the stopped one alone.
    let later = world
        .ask(ADA, "/ops user delete usr_10 asked for it too")
        .await;
    assert_ne!(later, id);
    assert_eq!(world.request(id).await.state.word(), "stopped");
    let maria = r#"select count(*) from "User" where id = 'usr_1'"#;
    assert_eq!(world.count(maria).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_blocked_before_stays_blocked_when_it_is_stopped() {
    let world = World::start().await;
    assert!(world.is_blocked("usr_22").await);
    let id = world
        .ask(ADA, "/ops user delete usr_22 asked for erasure by mail")
        .await;
    world.approve_typing(GRACE, id, "usr_22").await;
    world
        .until_audit(id, "the account was blocked already")
        .await;
    assert!(world.click(ADA, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    world
        .until_audit(id, "had been blocked before, and stays so")
        .await;
    assert!(world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decided_in_time() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.clock.advance(Duration::from_secs(4 * 3600 + 1));
    world.until_state(id, "expired").await;
    world.until_told(ADA, "It will not run").await;
    world.until_audit(id, "*Expired*").await;
    let card = world.until_card_says(id, "*Expired*").await;
    assert!(card.elements().is_empty(), "{card:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_was_clicked_in_time_counts_although_it_is_worked_on_later() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    world.let_facts_age();
    let mut gate = world.slack.faults().hold("users.info");
    assert_eq!(
        world.submit(GRACE, &view, "usr_1").await,
        Submission::Closed
    );
    let held = gate.arrived().await.unwrap();
    world.clock.advance(Duration::from_secs(4 * 3600));
    // The runner has looked at the request after its expiry, and rests because a click is being worked on.
    world
        .until("the runner rests", async |world| {
            let rests = r"select count(*) from countersign.request
                where look_at > due_at and look_at < due_at + interval '20 seconds'";
            (world.count(rests).await == 1).then_some(())
        })
        .await;
    drop(gate);
    held.release();

    let request = world.until_state(id, "cooling off").await;
    assert_eq!(request.state.approvals().len(), 1);
    let countersign::domain::State::CoolingOff { until, .. } = &request.state else {
        panic!("{request:?}");
    };
    let left = *until - countersign::runtime::Clock::now(&*world.clock);
    assert!(
        left.num_seconds() > 500,
        "the cooling-off time must be there for people to use it: {left}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_after_the_expiry_is_refused() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    world.clock.advance(Duration::from_secs(4 * 3600 + 1));
    world.until_state(id, "expired").await;
    assert_eq!(
        world.submit(GRACE, &view, "usr_1").await,
        Submission::Closed
    );
    world.until_told(GRACE, "this request is expired").await;
    assert_eq!(world.request(id).await.state.word(), "expired");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_confirmation_is_refused_under_its_field() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    for wrong in ["usr_10", "USR_1", "usr", "maria@example.com"] {
        let Submission::Errors(errors) = world.submit(GRACE, &view, wrong).await else {
            panic!("{wrong} was taken for usr_1");
        };
        assert_eq!(errors["note"], "Type usr_1 exactly.");
    }
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    assert_eq!(
        world.submit(GRACE, &view, " usr_1 ").await,
        Submission::Closed
    );
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_on_a_card_from_before_the_plan_changed_is_refused() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let card = world.until_card_shows(id, "approve").await;
    let old = world
        .slack
        .click_request(&Pick::on_message(LINUS, APPROVALS, &card.ts, "approve"))
        .unwrap();
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;

    world.slack.send(&old).await;
    world
        .until_told(LINUS, "the plan has changed since this card was drawn")
        .await;
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert!(request.state.approvals().is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modal_that_was_opened_before_the_plan_changed_approves_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(LINUS, id, "approve").await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;

    assert_eq!(
        world.submit(LINUS, &view, "usr_1").await,
        Submission::Closed
    );
    world
        .until_told(LINUS, "the plan has changed since this card was drawn")
        .await;
    assert!(world.request(id).await.state.approvals().is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_was_clicked_in_time_counts_although_it_is_worked_on_later() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.until_card_shows(id, "stop").await;
    world.let_facts_age();
    let mut gate = world.slack.faults().hold("users.info");
    assert!(world.click(LINUS, id, "stop").await.ok());
    let held = gate.arrived().await.unwrap();
    world.cool_off().await;
    world
        .until("the runner rests", async |world| {
            let rests = r"select count(*) from countersign.request
                where look_at > due_at and look_at < due_at + interval '20 seconds'";
            (world.count(rests).await == 1).then_some(())
        })
        .await;
    drop(gate);
    held.release();
    world.until_state(id, "stopped").await;
    assert!(!world.is_blocked("usr_1").await);
    world.finish().await;
}
