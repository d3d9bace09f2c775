//! What is written down about a person, over several operations.

use countersign_sandbox::slack::Message;

use crate::support::{World, log, people::VICTOR, story::*};

// Nobody else's: the log is that of all tests, and their own statements are in it.
const ID: &str = "usr_qx77";
const EMAIL: &str = "quintessa.qx77@example.net";
const NAME: &str = "Quintessa Unmistakable";
const TOKENS: [&str; 2] = ["qx77-first-session-token", "qx77-second-session-token"];

/// By parameters alone, so that the log of statements does not hold them.
async fn join(world: &World) {
    let user = r#"insert into "User" (id, email, name, credits, "updatedAt") values ($1, $2, $3, 100, now())"#;
    sqlx::query(user)
        .bind(ID)
        .bind(EMAIL)
        .bind(NAME)
        .execute(&world.db)
        .await
        .unwrap();
    for token in TOKENS {
        sign_in(world, token).await;
    }
}

async fn sign_in(world: &World, token: &str) {
    let session = r#"insert into "Session" (id, "sessionToken", "userId", expires)
                     values ('of ' || $1, $1, $2, now() + interval '1 day')"#;
    sqlx::query(session)
        .bind(token)
        .bind(ID)
        .execute(&world.db)
        .await
        .unwrap();
}

/// Everything that a message carries, whether people see it or not.
fn whole(message: &Message) -> String {
    format!("{} {message:?}", message.all_text())
}

fn assert_is_silent(place: &str, text: &str) {
    let lower = text.to_lowercase();
    for secret in [EMAIL, NAME].iter().chain(&TOKENS) {
        let found = lower.find(&secret.to_lowercase());
        let around = found.map(|at| &lower[at.saturating_sub(300)..(at + 100).min(lower.len())]);
        assert_eq!(around, None, "{place} holds {secret}");
    }
}

async fn the_tables_are_silent(world: &World) {
    let bodies = "select body from countersign.event";
    let bodies: Vec<String> = sqlx::query_scalar(bodies)
        .fetch_all(&world.db)
        .await
        .unwrap();
    assert!(bodies.iter().any(|body| body.contains(ID)));
    for body in &bodies {
        assert_is_silent("the journal", body);
    }
    let markers = "select applied_step::text from countersign.applied_step";
    let grants = "select credit_grant::text from countersign.credit_grant";
    for table in [markers, grants] {
        let rows: Vec<String> = sqlx::query_scalar(table)
            .fetch_all(&world.db)
            .await
            .unwrap();
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            assert_is_silent(table, &row);
        }
    }
}

fn the_channels_are_silent(world: &World) {
    for channel in [AUDIT, APPROVALS] {
        let messages = world.slack.messages(channel);
        let threads = messages
            .iter()
            .flat_map(|m| world.slack.thread(channel, &m.ts));
        let all: Vec<String> = messages
            .iter()
            .map(whole)
            .chain(threads.map(|m| whole(&m)))
            .collect();
        assert!(
            all.iter().any(|text| text.contains(ID)),
            "{channel} tells nothing"
        );
        for text in all {
            assert_is_silent(channel, &text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_journal_nor_audit_channel_nor_log_names_the_person_or_a_session() {
    log::capture().await;
    let world = World::start().await;
    join(&world).await;
    let ended = async |who: &str, line: &str, word: &str| {
        let before = world.newest().await;
        let delivery = world.slack.slash(who, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        let id = world.until_newer_than(before).await;
        world.until_state(id, word).await;
    };

    let reason = format!("{EMAIL} paid twice");
    let line = format!("/ops credits add {EMAIL} 10 pi_qx77 {reason}");
    ended(OLGA, &line, "done").await;
    ended(OLGA, &line, "refused").await;
    ended(VICTOR, &line, "refused").await;
    let shouted = format!("/ops credits add {} 10 {reason}", EMAIL.to_uppercase());
    ended(OLGA, &shouted, "refused").await;
    let line = format!("/ops credits remove {EMAIL} 300 {reason}");
    let over = world.ask(ADA, &line).await;
    assert!(world.click(ADA, over, "approve").await.ok());
    world
        .until_told(ADA, "a second admin has to approve it")
        .await;
    assert!(world.click(GRACE, over, "approve").await.ok());
    world.until_state(over, "done").await;

    let line = format!("/ops sessions revoke {EMAIL} {reason}");
    let revoke = world.ask(ADA, &line).await;
    world.approve_typing(GRACE, revoke, ID).await;
    world.cool_off().await;
    world.until_state(revoke, "done").await;
    sign_in(&world, TOKENS[0]).await;

    let line = format!("/ops user delete {EMAIL} {reason}");
    let delete = world.ask(ADA, &line).await;
    world.approve_typing(GRACE, delete, ID).await;
    world.cool_off().await;
    world.until_state(delete, "done").await;
    world
        .until("everything is told", async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;

    the_tables_are_silent(&world).await;
    the_channels_are_silent(&world);
    let logged = log::so_far();
    assert!(
        logged.contains(&over.to_string()),
        "the log tells nothing of the refused click"
    );
    assert_is_silent("the log", &logged);
    world.finish().await;
}
