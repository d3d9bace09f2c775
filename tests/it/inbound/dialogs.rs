//! Every dialog is for those who may have it, as Slack knows them now.

use std::time::Duration;

use countersign::domain::RequestId;
use countersign_sandbox::slack::Submission;

use crate::support::{World, people::*, story::*};

/// Nobody: a full member without a role.
const NOBODY: &str = VICTOR;

async fn with_somebody_without_a_role() -> World {
    let world = World::start().await;
    world
        .slack
        .edit_group("S0VIEWERS", |group| group.users.clear())
        .unwrap();
    world
}

/// Somebody clicks, and gets a refusal on record instead of a dialog.
async fn is_refused(world: &World, who: &str, id: RequestId, action: &str, tried: &str, why: &str) {
    world.click_from(who, id, action).await;
    let says = format!("<@{who}> tried `{tried}` and was refused");
    let entry = world.until_audit(id, &says).await;
    assert!(entry.all_text().contains(why), "{who}: {entry:#?}");
    world.until_told(who, why).await;
    assert!(world.slack.open_views(who).is_empty(), "{who} {action}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_plan_opens_for_nobody_who_may_not_see_it() {
    let world = with_somebody_without_a_role().await;
    let id = world.ask_for_maria().await;
    let people = [
        (NOBODY, "that needs the role viewer"),
        (GIL, "you are a guest here"),
        (DANA, "this account is deactivated"),
        (STELLA, "you belong to another workspace"),
        (BOTTY, "bots may not"),
    ];
    for (who, why) in people {
        is_refused(&world, who, id, "full_plan", "full plan", why).await;
    }
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_plan_opens_for_viewers_and_for_whoever_asked() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.remove_from_admins(ADA);
    for who in [VICTOR, OLGA, GRACE, ADA] {
        world.open_modal(who, id, "full_plan").await;
        let view = world.slack.open_views(who).pop().unwrap();
        assert!(view.all_text().contains("SHA-256"), "{}", view.all_text());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_plan_closes_to_a_viewer_who_has_just_lost_the_role() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.open_modal(VICTOR, id, "full_plan").await;
    let view = world.slack.open_views(VICTOR).pop().unwrap().id;
    world.slack.close_view(VICTOR, &view, false).await.unwrap();
    world
        .slack
        .edit_group("S0VIEWERS", |group| group.users.clear())
        .unwrap();
    world.let_facts_age();
    is_refused(
        &world,
        VICTOR,
        id,
        "full_plan",
        "full plan",
        "that needs the role viewer",
    )
    .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_decisions_open_for_admins_alone() {
    let world = with_somebody_without_a_role().await;
    let id = world.ask_for_maria().await;
    let people = [
        (OLGA, "that needs the role admin"),
        (NOBODY, "that needs the role admin"),
        (GIL, "you are a guest here"),
        (STELLA, "you belong to another workspace"),
    ];
    for (who, why) in people {
        is_refused(&world, who, id, "deny", "deny", why).await;
    }
    world.open_modal(LINUS, id, "deny").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_an_operation_opens_for_those_who_may_ask_for_it() {
    let world = World::start().await;
    let people = [
        (OLGA, "user delete", "that needs the role admin"),
        (VICTOR, "credits add", "that needs the role operator"),
        (GIL, "user show", "you are a guest here"),
        (STELLA, "user delete", "you belong to another workspace"),
        (BOTTY, "refund", "bots may not"),
    ];
    for (who, operation, why) in people {
        let outcome = world.command_from(who, operation).await;
        assert!(format!("{outcome:?}").contains(why), "{who}: {outcome:?}");
        assert!(world.slack.open_views(who).is_empty(), "{who}");
    }
    let asked = world
        .slack
        .slash(ADA, OPS, "/ops user delete")
        .await
        .unwrap();
    assert!(asked.ok(), "{:?}", asked.error);
    world
        .until("the form", async |world| world.slack.open_views(ADA).pop())
        .await;
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_has_just_joined_the_group_gets_the_dialog_on_the_first_click() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    // Who Olga is is known from a moment ago.
    world.answered(OLGA, "/ops whoami").await;
    world
        .slack
        .edit_group("S0ADMINS", |group| group.users.push(OLGA.to_owned()))
        .unwrap();
    world.approve(OLGA, id).await;
    let request = world.until_state(id, "cooling off").await;
    assert_eq!(request.state.approvals()[0].by.slack_id, OLGA);
    assert!(
        !world
            .event_names(id)
            .await
            .contains(&"attempt_refused".to_owned())
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_has_just_joined_the_group_may_ask_at_once() {
    let world = World::start().await;
    world.answered(VICTOR, "/ops whoami").await;
    world
        .slack
        .edit_group("S0OPERATORS", |group| group.users.push(VICTOR.to_owned()))
        .unwrap();
    let id = world.asks(VICTOR, "/ops credits add usr_1 1 a gift").await;
    world.until_state(id, "done").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_was_removed_after_the_dialog_opened_approves_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    world.remove_from_admins(GRACE);
    assert_eq!(
        world.submit(GRACE, &view, "usr_1").await,
        Submission::Closed
    );
    world
        .until_audit(id, "<@U0GRACE> tried `approve` and was refused")
        .await;
    assert!(world.request(id).await.state.approvals().is_empty());
    world.finish().await;
}

/// What was learnt about people is too old to go by.
fn facts_are_old(world: &World) {
    world.clock.advance(Duration::from_secs(3600));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_slack_is_slow_a_dialog_opens_at_once_and_is_filled_when_it_is_known_who_clicked() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    facts_are_old(&world);
    let gate = world.slack.faults().hold("users.info");
    for (who, action) in [(GRACE, "approve"), (LINUS, "full_plan"), (OLGA, "deny")] {
        assert!(world.click(who, id, action).await.ok());
        let view = world
            .until("a dialog", async |world| world.slack.open_views(who).pop())
            .await;
        assert!(view.all_text().contains(LOOKING), "{}", view.all_text());
    }
    drop(gate);
    let says = async |who: &str, words: &str| {
        world
            .until(&format!("{who} reads {words}"), async |world| {
                let view = world.slack.open_views(who).pop()?;
                view.all_text().contains(words).then_some(view.id)
            })
            .await
    };
    says(LINUS, "SHA-256").await;
    says(OLGA, "that needs the role admin").await;
    world
        .until_audit(id, "<@U0OLGA> tried `deny` and was refused")
        .await;
    let view = says(GRACE, "Approve").await;
    assert_eq!(
        world.submit(GRACE, &view, "usr_1").await,
        Submission::Closed
    );
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_whose_dialog_never_came_approves_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    facts_are_old(&world);
    let gate = world.slack.faults().hold("views.open");
    assert!(world.click(GRACE, id, "approve").await.ok());
    assert!(world.click(GRACE, id, "deny").await.ok());
    drop(gate);
    world
        .until("both are processed", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert!(request.state.approvals().is_empty());
    world.finish().await;
}
