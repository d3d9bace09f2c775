//! `/ops requests`.

use insta::assert_snapshot;

use crate::support::{World, people::VICTOR, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_is_listed_with_who_asked() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let (_, told) = world.answered(VICTOR, "/ops requests").await;
    assert_snapshot!("open", seen(&[told]));
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let (_, told) = world.answered(VICTOR, "/ops requests pending").await;
    assert!(told.all_text().contains("There is none."), "{told:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mine_are_mine_alone_and_all_are_all() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let label = world.request(id).await.label();
    let (_, mine) = world.answered(ADA, "/ops requests mine").await;
    assert!(mine.all_text().contains(&label), "{mine:?}");
    let (_, victors) = world.answered(VICTOR, "/ops requests mine").await;
    assert!(!victors.all_text().contains(&label), "{victors:?}");
    let (_, all) = world.answered(VICTOR, "/ops requests all").await;
    assert!(all.all_text().contains(&label), "{all:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_finds_those_of_a_command_a_state_a_colleague_or_a_user() {
    let world = World::start().await;
    let maria = world.ask_for_maria().await;
    world.click(ADA, maria, "cancel").await;
    world.until_state(maria, "cancelled").await;
    let (shown, _) = world.answered(VICTOR, "/ops user show usr_2").await;
    let deleted = world.request(maria).await.label();
    let shown = world.request(shown).await.label();
    let mention = format!("<@{VICTOR}>");
    for (word, finds, not) in [
        ("user", vec![&deleted, &shown], vec![]),
        ("cancelled", vec![&deleted], vec![&shown]),
        ("done", vec![&shown], vec![&deleted]),
        ("usr_1", vec![&deleted], vec![&shown]),
        ("usr_2", vec![&shown], vec![&deleted]),
        (&mention, vec![&shown], vec![&deleted]),
        ("refund", vec![], vec![&deleted, &shown]),
    ] {
        let (_, told) = world.answered(OLGA, &format!("/ops requests {word}")).await;
        let text = told.all_text();
        let has = |label: &&String| text.contains(label.as_str());
        assert!(finds.iter().all(has), "{word}: {text}");
        assert!(!not.iter().any(has), "{word}: {text}");
    }
    let says = world
        .refusal_of(ADA, "/ops requests maria@example.com")
        .await;
    assert!(says.contains("by the app's user id"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_matches_nothing_says_what_it_may_be_or_what_was_meant() {
    let world = World::start().await;
    for (filter, says) in [
        (
            "pendng",
            "No request matches `pendng`. Did you mean `/ops requests pending`?",
        ),
        (
            "usr_99",
            "No request matches `usr_99`: give a command, a state, a colleague or the app's user id.",
        ),
    ] {
        let (_, told) = world
            .answered(OLGA, &format!("/ops requests {filter}"))
            .await;
        assert!(told.all_text().contains(says), "{told:?}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_two_words_is_quoted() {
    let world = World::start().await;
    let (shown, _) = world.answered(VICTOR, "/ops user show usr_2").await;
    let (activity, _) = world.answered(VICTOR, "/ops user activity usr_2").await;
    let (_, told) = world.answered(OLGA, r#"/ops requests "user show""#).await;
    let text = told.all_text();
    assert!(text.contains(&world.request(shown).await.label()), "{text}");
    assert!(
        !text.contains(&world.request(activity).await.label()),
        "{text}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_ask_the_same_are_both_answered() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let label = world.request(id).await.label();
    let line = "/ops requests";
    let (one, other) = tokio::join!(
        world.slack.slash(OLGA, OPS, line),
        world.slack.slash(VICTOR, OPS, line)
    );
    assert!(one.unwrap().ok() && other.unwrap().ok());
    for who in [OLGA, VICTOR] {
        world
            .until(&format!("{who} is answered"), async |world| {
                let told = world.slack.dm(who).into_iter();
                told.map(|message| message.all_text())
                    .find(|text| text.contains(&label))
            })
            .await;
    }
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_word_is_refused_and_a_guest_gets_no_list() {
    let world = World::start().await;
    world
        .slack
        .slash(VICTOR, OPS, "/ops requests mine and yours")
        .await
        .unwrap();
    world.until_told(VICTOR, "is more than it takes").await;
    assert_eq!(world.newest().await, None);
    world.command_from(GIL, "requests all").await;
    let id = world.until_newer_than(None).await;
    world.until_state(id, "refused").await;
    let looked = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(looked).await, 0);
    world.finish().await;
}
