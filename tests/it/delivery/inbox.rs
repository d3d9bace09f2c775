//! What came in is processed in order, and nothing stands in the way of the rest.

use chrono::Duration;
use countersign::journal::Store as Connections;
use countersign::{
    domain::{Instant, RequestId},
    journal::{
        AuditKey,
        migrate::{migrate, pool},
        sealed::{InboxRow, SealedRow},
    },
    runtime,
    slack::inbound::inbox::{
        self, Answer, Claimed, Deadline, Decision, InboxEntry, Received, What,
    },
};
use countersign_sandbox::postgres::{Database, Server, Template};

struct Inbox {
    pool: Connections,
    _database: Database,
}

fn key() -> AuditKey {
    AuditKey::new(*b"the key of the tests")
}

fn second(second: i64) -> Instant {
    Instant::UNIX_EPOCH + Duration::seconds(second)
}

impl Inbox {
    async fn new() -> Self {
        let server = Server::shared().await.unwrap();
        let database = server.create_database(Template::Empty).await.unwrap();
        let pool = pool(
            database.url().parse().unwrap(),
            2,
            std::time::Duration::from_secs(20),
        );
        migrate(&pool, &key()).await.unwrap();
        Self {
            pool,
            _database: database,
        }
    }

    async fn receive(&self, user: &str, request: RequestId, at: Instant) {
        let entry = InboxEntry {
            user: user.to_owned(),
            answer: Answer::Direct,
            what: What::Decide {
                request,
                decision: Decision::Cancel,
                nonce: None,
            },
        };
        let by = Deadline::now() + std::time::Duration::from_secs(20);
        let received = inbox::receive(&self.pool, &key(), user, user, &entry, at, by).await;
        assert_eq!(received.unwrap(), Received::New);
    }

    async fn claim(&self, at: Instant) -> Option<Claimed> {
        inbox::claim(&self.pool, &key(), at).await.unwrap()
    }

    async fn claim_user(&self, at: Instant) -> Option<String> {
        self.claim(at).await.map(|claimed| claimed.entry.user)
    }

    async fn finish(&self, claimed: &Claimed, at: Instant) {
        let mut tx = self.pool.begin().await.unwrap();
        assert!(inbox::finish(&mut tx, claimed.id, at).await.unwrap());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn decisions_of_one_request_are_taken_one_after_the_other() {
    let inbox = Inbox::new().await;
    let (one, other) = (RequestId(runtime::new_id()), RequestId(runtime::new_id()));
    inbox.receive("first", one, second(1)).await;
    inbox.receive("second", one, second(2)).await;
    inbox.receive("elsewhere", other, second(3)).await;

    let first = inbox.claim(second(4)).await.unwrap();
    assert_eq!(first.entry.user, "first");
    assert_eq!(inbox.claim_user(second(4)).await.unwrap(), "elsewhere");
    assert_eq!(inbox.claim_user(second(4)).await, None);

    // Also while the first one rests because something did not answer.
    inbox::put_back(&inbox.pool, first.id, second(10))
        .await
        .unwrap();
    assert_eq!(inbox.claim_user(second(5)).await, None);
    let first = inbox.claim(second(10)).await.unwrap();
    assert_eq!(first.entry.user, "first");
    inbox.finish(&first, second(11)).await;
    assert_eq!(inbox.claim_user(second(11)).await.unwrap(), "second");
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_or_was_forged_is_set_aside_and_the_next_one_taken() {
    let inbox = Inbox::new().await;
    let request = RequestId(runtime::new_id());
    let approve = InboxEntry {
        user: "U1".to_owned(),
        answer: Answer::Direct,
        what: What::Decide {
            request,
            decision: Decision::Cancel,
            nonce: None,
        },
    };
    let entries = [
        ("strange", Some(serde_json::json!({ "user": "U1" })), true),
        ("empty", None, true),
        ("forged", serde_json::to_value(&approve).ok(), false),
    ];
    for (dedupe_key, payload, sealed) in entries {
        let row = InboxRow {
            dedupe_key: dedupe_key.to_owned(),
            payload,
            received_at: second(1),
        };
        let other = AuditKey::new(*b"another key");
        let mac = row.mac(&if sealed { key() } else { other });
        sqlx::query(
            "insert into countersign.inbox (id, dedupe_key, kind, request_id, payload, received_at, not_before, mac)
             values ($1, $2, 'cancel', $3, $4, $5, $5, $6)",
        )
        .bind(runtime::new_id())
        .bind(&row.dedupe_key)
        .bind(request.0)
        .bind(&row.payload)
        .bind(row.received_at)
        .bind(mac)
        .execute(&inbox.pool)
        .await
        .unwrap();
    }
    inbox.receive("readable", request, second(2)).await;
    assert_eq!(inbox.claim_user(second(3)).await.unwrap(), "readable");
    let set_aside: Vec<String> = sqlx::query_scalar(
        "select dedupe_key from countersign.inbox
         where failed_at is not null and done_at is not null order by dedupe_key",
    )
    .fetch_all(&inbox.pool)
    .await
    .unwrap();
    assert_eq!(set_aside, ["empty", "forged", "strange"]);
}
