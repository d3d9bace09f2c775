//! The two-person rule, and who may do what.

use crate::support::{World, environment::Options, people::*, story::*};

const DELETE_MARIA: &str = "user delete maria@example.com asked for erasure by mail";

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_have_to_approve_where_two_are_demanded() {
    let world =
        World::with(Options::default().with("COUNTERSIGN_APPROVALS_DESTRUCTIVE", "2")).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_says(id, "1 of 2 approvals").await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    assert!(!world.is_blocked("usr_1").await);

    world.approve(LINUS, id).await;
    let request = world.until_state(id, "cooling off").await;
    assert_eq!(request.state.approvals().len(), 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_approving_twice_counts_once() {
    let world =
        World::with(Options::default().with("COUNTERSIGN_APPROVALS_DESTRUCTIVE", "2")).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_says(id, "1 of 2 approvals").await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world
        .until_told(GRACE, "you have approved this plan already")
        .await;
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert_eq!(request.state.approvals().len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_request() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    assert!(world.click(ADA, id, "approve").await.ok());
    world
        .until_told(ADA, "a second admin has to approve it")
        .await;
    world
        .until_audit(id, "<@U0ADA> tried `approve` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_with_the_same_address_is_no_second_person() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    assert!(world.click(ADA_AGAIN, id, "approve").await.ok());
    world
        .until_told(ADA_AGAIN, "a second admin has to approve it")
        .await;
    world
        .until_audit(id, "<@U0ADA2> tried `approve` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_the_configuration_links_are_one_person() {
    let world = World::with(Options {
        file: Some("[people]\nlinked = [[\"U0ADA\", \"linus@ieltseq.example\"]]\n".to_owned()),
        ..Options::default()
    })
    .await;
    let id = world.ask_for_maria().await;
    assert!(world.click(LINUS, id, "approve").await.ok());
    world
        .until_told(LINUS, "a second admin has to approve it")
        .await;
    world
        .until_audit(id, "<@U0LINUS> tried `approve` and was refused")
        .await;
    world.approve(GRACE, id).await;
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_what_is_about_themself() {
    let world = World::start().await;
    world
        .slack
        .edit_user(GRACE, |grace| {
            grace.email = Some("Maria+work@Example.com".to_owned());
        })
        .unwrap();
    let id = world.ask_for_maria().await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_told(GRACE, "this request is about you").await;
    world
        .until_audit(id, "<@U0GRACE> tried `approve` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_ask_is_refused_and_the_attempt_is_on_record() {
    let world = World::start().await;
    let people = [
        (OLGA, "that needs the role admin"),
        (VICTOR, "that needs the role admin"),
        (GIL, "you are a guest here"),
        (DANA, "this account is deactivated"),
        (STELLA, "you belong to another workspace"),
        (BOTTY, "bots may not"),
    ];
    for (who, why) in people {
        let before = world.newest().await;
        world.command_from(who, DELETE_MARIA).await;
        let id = world.until_newer_than(before).await;
        assert_eq!(
            world.event_names(id).await,
            ["asked", "attempt_refused", "refused"]
        );
        let says = format!("<@{who}> tried `ask` and was refused");
        let entry = world.until_audit(id, &says).await;
        assert!(entry.all_text().contains(why), "{who}: {entry:#?}");
        world.until_told(who, why).await;
    }
    assert!(world.slack.messages(APPROVALS).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_approve_is_refused_and_the_attempt_is_on_record() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let people = [
        (OLGA, "that needs the role admin"),
        (VICTOR, "that needs the role admin"),
        (GIL, "you are a guest here"),
        (DANA, "this account is deactivated"),
        (STELLA, "you belong to another workspace"),
        (BOTTY, "bots may not"),
    ];
    for (who, why) in people {
        world.click_from(who, id, "approve").await;
        let says = format!("<@{who}> tried `approve` and was refused");
        let entry = world.until_audit(id, &says).await;
        assert!(entry.all_text().contains(why), "{who}: {entry:#?}");
        world.until_told(who, why).await;
    }
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert!(request.state.approvals().is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_neither_denies_nor_stops() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    assert!(world.click(OLGA, id, "deny").await.ok());
    world
        .until_audit(id, "<@U0OLGA> tried `deny` and was refused")
        .await;
    world.approve(GRACE, id).await;
    assert!(world.click(OLGA, id, "stop").await.ok());
    world
        .until_audit(id, "<@U0OLGA> tried `stop` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "cooling off");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_loses_the_role_over_the_form_denies_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "deny").await;
    world.remove_from_admins(GRACE);
    world.submit(GRACE, &view, "I would rather not").await;
    world
        .until_audit(id, "<@U0GRACE> tried `deny` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_who_is_no_admin_any_more_voids_the_approval() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.remove_from_admins(GRACE);
    world.cool_off().await;
    world.until_event(id, "superseded", 1).await;
    let request = world.until_state(id, "awaiting approval").await;
    assert!(request.state.approvals().is_empty());
    assert!(!world.is_blocked("usr_1").await);
    world
        .until_audit(
            id,
            "the approval of <@U0GRACE> no longer counts: that needs the role admin",
        )
        .await;

    world.approve(LINUS, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_who_was_deactivated_voids_the_approval() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world
        .slack
        .edit_user(GRACE, |grace| grace.deleted = true)
        .unwrap();
    world.cool_off().await;
    world
        .until_audit(id, "the approval of <@U0GRACE> no longer counts")
        .await;
    world.until_state(id, "awaiting approval").await;
    assert!(!world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_who_may_no_longer_ask_has_the_request_refused() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.remove_from_admins(ADA);
    world.cool_off().await;
    world.until_state(id, "refused").await;
    assert!(!world.is_blocked("usr_1").await);
    world
        .until_audit(id, "the requester may no longer ask for this")
        .await;
    let maria = r#"select count(*) from "User" where id = 'usr_1'"#;
    assert_eq!(world.count(maria).await, 1);
    world.finish().await;
}
