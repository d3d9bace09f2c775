//! What is written down about a person, over several operations.

mod everything;
mod outside;

use countersign_sandbox::slack::Message;
use sqlx::AssertSqlSafe;

use crate::support::{World, log, people::VICTOR, story::*};

/// Somebody whom nobody else's scenario knows: the log is that of all tests, and their own statements are in it.
struct Somebody {
    id: &'static str,
    email: &'static str,
    name: &'static str,
    tokens: [&'static str; 2],
}

const QUINTESSA: Somebody = Somebody {
    id: "usr_qx77",
    email: "quintessa.qx77@example.net",
    name: "Quintessa Unmistakable",
    tokens: ["qx77-first-session-token", "qx77-second-session-token"],
};
const ID: &str = QUINTESSA.id;
const EMAIL: &str = QUINTESSA.email;

/// The tables beside the chain that hold what names people until it is erased, and lists of work that end empty.
const BESIDE_THE_CHAIN: [&str; 6] = [
    "private_text",
    "inbox",
    "reply",
    "erasure_key",
    "erasure_object",
    "erasure_subject",
];

impl Somebody {
    /// By parameters alone, so that the log of statements does not hold them.
    async fn join(&self, world: &World) {
        let user = r#"insert into "User" (id, email, name, credits, "updatedAt") values ($1, $2, $3, 100, now())"#;
        sqlx::query(user)
            .bind(self.id)
            .bind(self.email)
            .bind(self.name)
            .execute(&world.db)
            .await
            .unwrap();
    }

    async fn sign_in(&self, world: &World, token: &str) {
        let session = r#"insert into "Session" (id, "sessionToken", "userId", expires)
                         values ('of ' || $1, $1, $2, now() + interval '1 day')"#;
        sqlx::query(session)
            .bind(token)
            .bind(self.id)
            .execute(&world.db)
            .await
            .unwrap();
    }

    /// Nothing that stays says who it is, but by the app's user id; nor `more`.
    async fn is_named_nowhere(&self, world: &World, more: &[String]) {
        let mut secrets = vec![self.email.to_owned(), self.name.to_owned()];
        secrets.extend(self.tokens.map(str::to_owned));
        secrets.extend_from_slice(more);
        self.tables_are_silent(world, &secrets).await;
        self.channels_are_silent(world, &secrets);
        is_silent("the log", &log::so_far(), &secrets);
    }

    async fn tables_are_silent(&self, world: &World, secrets: &[String]) {
        let names = "select table_name::text from information_schema.tables
                     where table_schema = 'countersign' and table_type = 'BASE TABLE'";
        let names: Vec<String> = sqlx::query_scalar(names)
            .fetch_all(&world.db)
            .await
            .unwrap();
        assert!(names.contains(&"event".to_owned()), "{names:?}");
        for name in names
            .iter()
            .filter(|name| !BESIDE_THE_CHAIN.contains(&name.as_str()))
        {
            let rows = format!("select t::text from countersign.{name} t");
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
                .fetch_all(&world.db)
                .await
                .unwrap();
            let is_about = rows.iter().any(|row| row.contains(self.id));
            assert!(
                is_about || name != "event",
                "the journal does not tell of it"
            );
            for row in rows {
                is_silent(name, &row, secrets);
            }
        }
    }

    fn channels_are_silent(&self, world: &World, secrets: &[String]) {
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
                all.iter().any(|text| text.contains(self.id)),
                "{channel} tells nothing"
            );
            for text in all {
                is_silent(channel, &text, secrets);
            }
        }
    }
}

/// Everything that a message carries, whether people see it or not.
fn whole(message: &Message) -> String {
    format!("{} {message:?}", message.all_text())
}

fn is_silent(place: &str, text: &str, secrets: &[String]) {
    let lower = text.to_lowercase();
    for secret in secrets {
        let found = lower.find(&secret.to_lowercase());
        let around = found.map(|at| {
            let (from, to) = (at.saturating_sub(300), (at + 100).min(lower.len()));
            String::from_utf8_lossy(&lower.as_bytes()[from..to]).into_owned()
        });
        assert_eq!(around, None, "{place} holds {secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_journal_nor_audit_channel_nor_log_names_the_person_or_a_session() {
    log::capture().await;
    let world = World::start().await;
    QUINTESSA.join(&world).await;
    for token in QUINTESSA.tokens {
        QUINTESSA.sign_in(&world, token).await;
    }
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
    // Within a minute the same command would be taken for a repeat of the first.
    world.clock.advance(std::time::Duration::from_secs(61));
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
    QUINTESSA.sign_in(&world, QUINTESSA.tokens[0]).await;

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

    QUINTESSA.is_named_nowhere(&world, &[]).await;
    assert!(
        log::so_far().contains(&over.to_string()),
        "the log tells nothing of the refused click"
    );
    world.finish().await;
}
