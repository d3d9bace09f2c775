//! `/ops user show`: one account, for the person who asked alone.

use insta::assert_snapshot;

use crate::support::{Options, World, boundary::Boundary, once::results, people::VICTOR, story::*};

const LINE: &str = "/ops user show maria@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_to_the_person_who_asked_alone() {
    let world = World::start().await;
    let (id, told) = world.ask_and_read(VICTOR, LINE).await;
    assert_snapshot!("show", told);
    let thread = world.audit_thread(id).await;
    let heard = format!("{thread:#?}{:#?}", world.slack.messages(AUDIT));
    assert!(heard.contains("usr_1"), "{heard}");
    for secret in ["maria@example.com", "m•••@example.com", "Maria Santos"] {
        assert!(!heard.contains(secret), "{secret} is in the audit channel");
    }
    let journal =
        "select count(*) from countersign.event where body like '%maria@%' or body like '%Santos%'";
    assert_eq!(world.count(journal).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_what_the_app_does_not_have_is_said_with_the_prisma_field() {
    let world = World::with(Options::real()).await;
    let (_, told) = world.ask_and_read(ADA, "/ops user show usr_1").await;
    assert_snapshot!("show_real", told);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_markup_in_it_is_shown_as_text() {
    let world = World::start().await;
    let (_, told) = world.ask_and_read(ADA, "/ops user show usr_27").await;
    assert!(
        told.contains("Zoe &lt;b&gt;Papadaki&lt;/b&gt; &amp; Co"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_by_letter_case_are_named_by_their_ids_and_neither_is_shown() {
    let world = World::with(Options::real()).await;
    let told = world
        .refusal_of(ADA, "/ops user show Maria@example.com")
        .await;
    assert!(told.contains("ask by id: usr_1, usr_41"), "{told}");
    assert!(!told.contains("aria@example.com"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_letter_case_than_the_accounts_is_refused_with_its_id() {
    let world = World::start().await;
    let told = world
        .refusal_of(ADA, "/ops user show MARIA@example.com")
        .await;
    assert!(told.contains("ask by id: usr_1"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_more_than_it_takes() {
    let world = World::start().await;
    let line = format!("{LINE} because");
    world.slack.slash(ADA, OPS, &line).await.unwrap();
    world.until_told(ADA, "is more than it takes").await;
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_sees_nobodys_account() {
    let world = World::start().await;
    world.command_from(GIL, "user show usr_1").await;
    let id = world.until_newer_than(None).await;
    world.until_state(id, "refused").await;
    let looked = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(looked).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_goes_between_plan_and_look_is_said_to_be_gone() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world.ask_freely(ADA, "/ops user show usr_5").await;
    boundary.reached(&world).await;
    world.run(r#"delete from "User" where id = 'usr_5'"#).await;
    boundary.open().await;
    world.until_state(id, "refused").await;
    let told = world.told_directly(ADA, id).await;
    assert!(
        told.contains("there is no account usr_5 any more"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_answer_is_on_record_it_is_looked_up_again_and_told_once() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, LINE).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await.len(), 1);
    let answers = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(answers).await, 1);
    assert!(
        world
            .told_directly(ADA, id)
            .await
            .contains("maria@example.com")
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_erased_with_the_person() {
    let world = World::start().await;
    let (shown, _) = world.ask_and_read(ADA, LINE).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world
        .until("the answer is erased", async |world| {
            let told = world.told_directly(ADA, shown).await;
            told.contains("What was found is erased").then_some(())
        })
        .await;
    world.finish().await;
}
