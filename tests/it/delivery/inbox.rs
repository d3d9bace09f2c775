//! What came in is processed in order, and nothing stands in the way of the rest.

use chrono::Duration;
use countersign::journal::Store as Connections;
use countersign::{
    audit_key::AuditKey,
    domain::{Instant, RequestId, event::Asking},
    journal::{
        migrate::{migrate, pool},
        sealed::{InboxRow, SealedRow},
    },
    runtime,
    slack::inbound::inbox::{
        self, Answer, Claimed, Deadline, Decision, InboxEntry, Rank, Received, What,
    },
};
use countersign_sandbox::postgres::{Database, Server, Template};
use uuid::Uuid;

struct Inbox {
    pool: Connections,
    _database: Database,
}

fn audit_key() -> AuditKey {
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
        migrate(&pool, &audit_key()).await.unwrap();
        Self {
            pool,
            _database: database,
        }
    }

    async fn receive(&self, user: &str, request: RequestId, at: Instant) {
        let decides = What::Decide {
            request,
            decision: Decision::Resume,
            nonce: None,
        };
        self.receive_what(user, user, decides, at).await;
    }

    /// Somebody asks for something for the `nth` time.
    async fn asks(&self, user: &str, nth: i64) {
        let asks = What::Ask {
            operation: "whoami".to_owned(),
            asking: Asking::default(),
        };
        let key = format!("{user} {nth}");
        self.receive_what(user, &key, asks, second(nth)).await;
    }

    async fn receive_what(&self, user: &str, key: &str, what: What, at: Instant) {
        let entry = InboxEntry {
            user: user.to_owned(),
            answer: Answer::Direct,
            what,
        };
        let by = Deadline::now() + std::time::Duration::from_secs(20);
        let received = inbox::receive(&self.pool, &audit_key(), key, key, &entry, at, by).await;
        assert_eq!(received.unwrap(), Received::New);
    }

    async fn claim(&self, at: Instant) -> Option<Claimed> {
        let ranks = [Rank::Decision, Rank::Command];
        inbox::claim(&self.pool, &audit_key(), &ranks, at)
            .await
            .unwrap()
    }

    async fn claim_urgent(&self, at: Instant) -> Option<Claimed> {
        let claimed = inbox::claim(&self.pool, &audit_key(), &[Rank::Urgent], at).await;
        claimed.unwrap()
    }

    async fn claim_user(&self, at: Instant) -> Option<String> {
        self.claim(at).await.map(|claimed| claimed.entry.user)
    }

    /// A worker has had an entry for so long by now.
    async fn held_for(&self, id: Uuid, seconds: f64) {
        sqlx::query("update countersign.inbox set held_until = held_until - make_interval(secs => $2) where id = $1")
            .bind(id)
            .bind(seconds)
            .execute(&self.pool)
            .await
            .unwrap();
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
    inbox.finish(&first, second(4)).await;
    assert_eq!(inbox.claim_user(second(4)).await.unwrap(), "second");
}

#[tokio::test]
async fn a_decision_whose_person_cannot_be_looked_up_delays_nobody_elses() {
    let inbox = Inbox::new().await;
    let request = RequestId(runtime::new_id());
    inbox.receive("unknown", request, second(1)).await;
    inbox.receive("known", request, second(2)).await;
    let first = inbox.claim(second(3)).await.unwrap();
    assert_eq!(inbox.claim_user(second(3)).await, None);
    // Slack still does not answer after more than a second.
    inbox.held_for(first.id, 2.0).await;
    let known = inbox.claim(second(5)).await.unwrap();
    assert_eq!(known.entry.user, "known");

    // The same while it rests.
    inbox::put_back(&inbox.pool, known.id, second(5))
        .await
        .unwrap();
    inbox::put_back(&inbox.pool, first.id, second(60))
        .await
        .unwrap();
    assert_eq!(inbox.claim_user(second(6)).await.unwrap(), "known");
    inbox.held_for(known.id, 31.0).await;
    assert_eq!(inbox.claim_user(second(59)).await.unwrap(), "known");
    inbox.held_for(known.id, 2.0).await;
    assert_eq!(inbox.claim_user(second(60)).await.unwrap(), "unknown");
}

#[tokio::test]
async fn somebody_who_sends_many_commands_delays_only_themselves() {
    let inbox = Inbox::new().await;
    for nth in 0..50 {
        inbox.asks("many", nth).await;
    }
    inbox.asks("one", 60).await;
    let mut held = inbox.claim(second(61)).await.unwrap();
    assert_eq!(held.entry.user, "many");
    assert_eq!(inbox.claim_user(second(61)).await.unwrap(), "one");
    assert_eq!(inbox.claim_user(second(61)).await, None);
    // Their own go on in the order in which they were sent, also after one had to rest.
    for nth in 0..50 {
        assert_eq!(held.received_at, second(nth));
        inbox::put_back(&inbox.pool, held.id, second(61))
            .await
            .unwrap();
        let again = inbox.claim(second(61)).await.unwrap();
        assert_eq!(again.id, held.id);
        inbox.finish(&again, second(61)).await;
        if nth < 49 {
            held = inbox.claim(second(61)).await.unwrap();
        }
    }
    assert_eq!(inbox.claim_user(second(61)).await, None);
}

#[tokio::test]
async fn a_new_entry_waits_for_nobody_that_is_about_to_end() {
    let inbox = Inbox::new().await;
    inbox.asks("ada", 1).await;
    let first = inbox.claim(second(2)).await.unwrap();
    let mut ends = inbox.pool.begin().await.unwrap();
    assert!(inbox::finish(&mut ends, first.id, second(2)).await.unwrap());
    // Its end is not committed, and the next one comes in: nobody will release it.
    inbox.asks("ada", 3).await;
    inbox.asks("ada", 4).await;
    assert_eq!(inbox.claim_user(second(4)).await, None, "the first is open");
    ends.commit().await.unwrap();
    for nth in [3, 4] {
        let next = inbox.claim(second(5)).await.unwrap();
        assert_eq!(next.received_at, second(nth));
        assert_eq!(inbox.claim_user(second(5)).await, None);
        inbox.finish(&next, second(5)).await;
    }
}

#[tokio::test]
async fn what_stops_something_waits_behind_nothing_else_that_the_same_person_did() {
    let inbox = Inbox::new().await;
    for nth in 0..20 {
        inbox.asks("ada", nth).await;
    }
    let stops = What::Decide {
        request: RequestId(runtime::new_id()),
        decision: Decision::Stop,
        nonce: None,
    };
    inbox.receive_what("ada", "stop", stops, second(30)).await;
    let stop = inbox.claim_urgent(second(30)).await.unwrap();
    assert!(matches!(
        stop.entry.what,
        What::Decide {
            decision: Decision::Stop,
            ..
        }
    ));
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
        let mac = row.mac(&if sealed { audit_key() } else { other });
        sqlx::query(
            "insert into countersign.inbox
                 (id, dedupe_key, kind, request_id, rank, lane, payload, received_at, not_before, mac)
             values ($1, $2, 'approve', $3, 1, '1:U1', $4, $5, $5, $6)",
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
