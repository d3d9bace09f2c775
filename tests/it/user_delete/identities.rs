//! One human is one human under every identity that is on record, and nobody decides about themself.

use std::collections::BTreeSet;

use countersign::domain::{RequestId, person::slack_identity};
use countersign_sandbox::slack::User;

use crate::support::{World, people::*, story::*};

/// Somebody changes the address that Slack shows of them, and what was read of them before has aged.
fn moves_to(world: &World, who: &str, email: &str) {
    world
        .slack
        .edit_user(who, |user: &mut User| user.email = Some(email.to_owned()))
        .unwrap();
    world.clock.advance(std::time::Duration::from_secs(301));
}

async fn may_not_approve(world: &World, who: &str, id: RequestId, why: &str) {
    assert!(world.click(who, id, "approve").await.ok());
    let view = world
        .until("a dialog or an answer", async |world| {
            let told = world.slack.ephemerals(who);
            let told = told.iter().any(|message| message.all_text().contains(why));
            let view = world.slack.open_views(who).pop();
            let view = view.filter(|view| view.body.get("submit").is_some());
            let view = view.map(|view| view.id);
            (told || view.is_some()).then_some(view)
        })
        .await;
    if let Some(view) = view {
        world.submit(who, &view, "usr_1").await;
    }
    world.until_told(who, why).await;
    let says = format!("<@{who}> tried `approve` and was refused");
    world.until_audit(id, &says).await;
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert!(request.state.approvals().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_that_was_refused_stays_one_with_the_requester_under_a_new_address() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    may_not_approve(&world, ADA_AGAIN, id, "a second admin has to approve it").await;
    moves_to(&world, ADA_AGAIN, "somebody.else@ieltseq.example");
    // The same refusal is on record once a minute.
    world.clock.advance(std::time::Duration::from_secs(61));
    assert!(world.click(ADA_AGAIN, id, "approve").await.ok());
    world.until_event(id, "attempt_refused", 2).await;
    let other = world
        .ask(ADA, "/ops user delete usr_10 asked for it too")
        .await;
    assert!(world.click(ADA_AGAIN, other, "approve").await.ok());
    world
        .until_audit(other, "<@U0ADA2> tried `approve` and was refused")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_that_ever_asked_for_anything_is_known() {
    let world = World::start().await;
    world.answered(ADA_AGAIN, "/ops whoami").await;
    moves_to(&world, ADA_AGAIN, "somebody.else@ieltseq.example");
    let id = world.ask_for_maria().await;
    may_not_approve(&world, ADA_AGAIN, id, "a second admin has to approve it").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_requester_had_before_makes_its_owner_the_same_human() {
    let world = World::start().await;
    world.answered(ADA, "/ops whoami").await;
    moves_to(&world, ADA, "ada.new@ieltseq.example");
    moves_to(&world, GRACE, "ada@ieltseq.example");
    let id = world.ask_for_maria().await;
    may_not_approve(&world, GRACE, id, "a second admin has to approve it").await;
    world.approve(LINUS, id).await;
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_addresses_over_a_third_account_makes_both_ends_one_human() {
    let world = World::start().await;
    // Linus is known as himself, and then under the address that Ada has.
    world.answered(LINUS, "/ops whoami").await;
    moves_to(&world, LINUS, "ada@ieltseq.example");
    world.answered(LINUS, "/ops whoami").await;
    moves_to(&world, LINUS, "unrelated@ieltseq.example");
    moves_to(&world, GRACE, "linus@ieltseq.example");
    let id = world.ask_for_maria().await;
    may_not_approve(&world, GRACE, id, "a second admin has to approve it").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_who_takes_the_approvers_address_after_asking_is_the_same_human() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    moves_to(&world, ADA, "grace@ieltseq.example");
    may_not_approve(&world, GRACE, id, "a second admin has to approve it").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_who_had_the_subjects_address_before_is_the_subject() {
    let world = World::start().await;
    moves_to(&world, GRACE, "maria@example.com");
    world.answered(GRACE, "/ops whoami").await;
    moves_to(&world, GRACE, "grace@ieltseq.example");
    let id = world.ask_for_maria().await;
    may_not_approve(&world, GRACE, id, "this request is about you").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_whose_address_the_account_had_in_an_earlier_request_is_the_subject() {
    let world = World::start().await;
    let earlier = world.ask_for_maria().await;
    world.click(ADA, earlier, "cancel").await;
    world.until_state(earlier, "cancelled").await;
    sqlx::query(r#"update "User" set email = 'maria.new@example.com' where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    moves_to(&world, GRACE, "maria@example.com");
    let id = world
        .ask(ADA, "/ops user delete usr_1 asked for erasure by mail")
        .await;
    may_not_approve(&world, GRACE, id, "this request is about you").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outsider_who_shows_two_members_addresses_does_not_make_them_one_human() {
    let world = World::start().await;
    for email in ["ada@ieltseq.example", "grace@ieltseq.example"] {
        for who in [STELLA, GIL] {
            world
                .slack
                .edit_user(who, |user| {
                    user.is_stranger = false;
                    user.email = Some(email.to_owned());
                })
                .unwrap();
            world.let_facts_age();
            let before = world.newest().await;
            world
                .command_from(who, "user delete usr_1 because I say so")
                .await;
            let id = world.until_newer_than(before).await;
            world.until_state(id, "refused").await;
        }
    }
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_people_follows_from_the_events_alone() {
    let world = World::start().await;
    world.answered(ADA_AGAIN, "/ops whoami").await;
    world.ask_for_maria().await;
    let journal = world.journal();
    let known = journal.known().await.unwrap();
    assert!(known.is_whole());
    let account = BTreeSet::from([slack_identity(ADA_AGAIN)]);
    assert!(known.united(&account).len() > 1, "{:?}", *known);
    assert_eq!(known.of_user("usr_1").len(), 1, "{:?}", *known);
    drop(known);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_neither_denies_nor_stops_what_is_about_themself() {
    let world = World::start().await;
    moves_to(&world, LINUS, "maria@example.com");
    let id = world.ask_for_maria().await;
    assert!(world.click(LINUS, id, "deny").await.ok());
    world.until_told(LINUS, "this request is about you").await;
    world
        .until_audit(id, "<@U0LINUS> tried `deny` and was refused")
        .await;
    assert!(world.slack.open_views(LINUS).is_empty());

    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    assert!(world.click(LINUS, id, "stop").await.ok());
    world
        .until_audit(id, "<@U0LINUS> tried `stop` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "cooling off");

    // Another admin stops it all the same.
    assert!(world.click(GRACE, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_about_themself_cancels_and_stops_it() {
    let world = World::start().await;
    moves_to(&world, ADA, "maria@example.com");
    let id = world.ask_for_maria().await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;

    let again = world.ask_for_maria().await;
    world.approve(GRACE, again).await;
    world.until_card_shows(again, "stop").await;
    assert!(world.click(ADA, again, "stop").await.ok());
    world.until_state(again, "stopped").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outsider_who_shows_the_requesters_address_neither_cancels_nor_stops() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world
        .slack
        .edit_user(LINUS, |user| user.is_stranger = true)
        .unwrap();
    moves_to(&world, LINUS, "ada@ieltseq.example");
    assert!(world.click(LINUS, id, "cancel").await.ok());
    world
        .until_audit(id, "<@U0LINUS> tried `cancel` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");

    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    assert!(world.click(LINUS, id, "stop").await.ok());
    world
        .until_audit(id, "<@U0LINUS> tried `stop` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "cooling off");
    assert!(world.click(ADA, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    world.finish().await;
}
