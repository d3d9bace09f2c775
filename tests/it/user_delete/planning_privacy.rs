//! What is left of a person's name and address when their account was deleted.

use countersign_sandbox::{data::people::MARIA, slack::Message};

use crate::support::{World, story::*};

/// Everything that Slack shows anybody.
fn all_messages(world: &World) -> Vec<Message> {
    let channels = world
        .slack
        .read(|slack| slack.channels.values().cloned().collect::<Vec<_>>());
    channels.into_iter().flat_map(|one| one.messages).collect()
}

/// All text in the journal and its tables.
async fn all_rows(world: &World) -> Vec<String> {
    let mut rows = Vec::new();
    for sql in [
        "select body from countersign.event",
        "select request::text from countersign.request",
        "select private_text::text from countersign.private_text",
        "select inbox::text from countersign.inbox",
        "select reply::text from countersign.reply",
        "select message::text from countersign.message",
        "select party::text from countersign.party",
        "select erasure_ledger::text from countersign.erasure_ledger",
        "select erasure_object::text from countersign.erasure_object",
        "select erasure_subject::text from countersign.erasure_subject",
        "select applied_step::text from countersign.applied_step",
    ] {
        let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&world.db).await.unwrap();
        rows.extend(found);
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_names_the_person_when_the_deletion_is_done() {
    let world = World::start().await;
    let refused = world
        .ask_and_be_refused("/ops user delete MARIA@example.com asked for erasure")
        .await;
    let id = world
        .ask(
            ADA,
            "/ops user delete maria@example.com maria@example.com asked for it by mail",
        )
        .await;
    let card = world.card(id).await.all_text();
    assert!(card.contains("m•••@example.com"), "{card}");
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    for message in all_messages(&world) {
        assert_is_silent(&message.all_text(), &[MARIA.email, MARIA.name]);
    }

    world.cool_off().await;
    world.until_state(id, "done").await;
    world
        .until("every message is redrawn", async |world| {
            let behind =
                "select count(*) from countersign.message where shown is distinct from wanted or shown_generation < generation";
            (world.count(behind).await == 0).then_some(())
        })
        .await;

    for message in all_messages(&world) {
        let names = [
            MARIA.email,
            MARIA.name,
            "m•••@example.com",
            "M•••@example.com",
        ];
        assert_is_silent(&message.all_text(), &names);
    }
    for row in all_rows(&world).await {
        let names = [MARIA.email, "m•••@", "Maria", "asked for it by mail"];
        assert_is_silent(&row, &names);
    }
    for request in [id, refused] {
        let kept = "select count(*) from countersign.private_text where request_id = $1 and (text is not null or salt <> '')";
        let kept: i64 = sqlx::query_scalar(kept)
            .bind(request.0)
            .fetch_one(&world.db)
            .await
            .unwrap();
        assert_eq!(kept, 0);
    }
    let card = world.card(id).await.all_text();
    assert!(
        card.contains("usr_1") && card.contains("_erased_"),
        "{card}"
    );
    // `finish` verifies the journal, whose commitments have lost their texts.
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_record_about_somebody_else_stays_readable() {
    let world = World::start().await;
    let other = world
        .ask(ADA, "/ops user delete usr_10 asked for it as well")
        .await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let card = world.card(other).await.all_text();
    assert!(card.contains("asked for it as well"), "{card}");
    assert!(card.contains("i•••@example.org"), "{card}");
    world.finish().await;
}

fn assert_is_silent(text: &str, names: &[&str]) {
    let lower = text.to_lowercase();
    for name in names {
        assert!(
            !lower.contains(&name.to_lowercase()),
            "{name} is named in: {text}"
        );
    }
}
