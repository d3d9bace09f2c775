//! What the audit channel says of the people whom operations are about: ids and nothing else.

use crate::support::{World, story::*};

/// Everybody's addresses and names, before anything is done to them.
pub async fn people(world: &World) -> Vec<String> {
    sqlx::query_scalar(r#"select email from "User" union select name from "User" where name <> ''"#)
        .fetch_all(&world.db)
        .await
        .unwrap()
}

/// No message in the audit channel names anybody by an address, masked or not, or by a name.
pub async fn audit_names_nobody(world: &World, people: &[String]) {
    world.hurry_until_delivered().await;
    let lines = world.slack.messages(AUDIT);
    assert!(!lines.is_empty(), "the audit channel tells nothing");
    for line in lines {
        let thread = world.slack.thread(AUDIT, &line.ts);
        for message in thread.iter().chain([&line]) {
            let text = format!("{} {message:?}", message.all_text());
            assert!(!text.contains("•••@"), "{text}");
            for name in people {
                assert!(!text.contains(name), "{name}: {text}");
            }
        }
    }
}
