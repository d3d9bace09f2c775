//! What people see of a request, from the first card to the last line of the audit thread.

use countersign_sandbox::slack::Message;
use serde_json::Value;

use crate::support::{World, environment::Options, story::*};

/// The texts and buttons of messages, block by block, without what differs from run to run.
fn seen(messages: &[Message]) -> String {
    let each = messages.iter().map(|message| {
        let blocks = message.blocks.iter().map(block);
        blocks.collect::<Vec<_>>().join("\n")
    });
    redacted(&each.collect::<Vec<_>>().join("\n────\n"))
}

fn block(block: &Value) -> String {
    let kind = block["type"].as_str().unwrap_or_default();
    let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    let says = match kind {
        "actions" => {
            let buttons = list("elements");
            let buttons = buttons
                .iter()
                .map(|one| format!("[{}]", text(&one["text"])));
            buttons.collect::<Vec<_>>().join(" ")
        }
        "context" => list("elements")
            .iter()
            .map(text)
            .collect::<Vec<_>>()
            .join(" "),
        _ if block.get("fields").is_some() => {
            let fields = list("fields");
            let fields = fields.iter().map(|one| text(one).replace('\n', ": "));
            fields.collect::<Vec<_>>().join("\n")
        }
        _ => text(&block["text"]),
    };
    format!("({kind}) {says}")
}

/// Times become `<time>`; digests, hashes and ids become `…`.
fn redacted(text: &str) -> String {
    let mut parts = text.split("<!date^");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("<time>");
        out.push_str(part.split_once('>').map_or("", |(_, rest)| rest));
    }
    let is_of_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut clean = String::new();
    let mut run = String::new();
    for c in out.chars().chain(['\0']) {
        if is_of_id(c) {
            run.push(c);
            continue;
        }
        let is_id = run.len() >= 8 && run.contains(|c: char| c.is_ascii_digit());
        clean.push_str(if is_id { "…" } else { &run });
        run.clear();
        clean.push(c);
    }
    clean.trim_end_matches('\0').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_a_deletion_as_people_see_it() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let asked = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_awaiting_approval", seen(&[asked]));

    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    let cooling = world.until_card_says(id, "sessions ended").await;
    insta::assert_snapshot!("card_cooling_off", seen(&[cooling]));

    world.cool_off().await;
    world.until_state(id, "done").await;
    let done = world.until_card_says(id, "*Done*").await;
    insta::assert_snapshot!("card_done", seen(&[done]));
    world.until_audit(id, "every step succeeded").await;
    insta::assert_snapshot!("audit_thread_done", seen(&world.audit_thread(id).await));
    world.until_told(ADA, "*Done*").await;
    insta::assert_snapshot!("told_to_the_requester", seen(&world.slack.dm(ADA)));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_the_real_application_says_what_it_cannot_do() {
    let world = World::with(Options::real()).await;
    let line = "/ops user delete usr_1 asked for erasure by mail";
    let id = world.ask(ADA, line).await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_of_the_real_application", seen(&[card]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_plan_has_changed_says_what_is_different() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;
    world.until_card_says(id, "The plan has changed").await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_superseded", seen(&[card]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_card_says_who_stopped_it_and_has_nothing_to_click() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    assert!(world.click(LINUS, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    let card = world
        .until("the card at its end", async |world| {
            let card = world.card(id).await;
            let text = card.all_text();
            (text.contains("*Stopped*") && !text.contains("undoing")).then_some(card)
        })
        .await;
    insta::assert_snapshot!("card_stopped", seen(&[card]));
    world.finish().await;
}
