//! A journal on a database of a test's own, and histories to fill it with.

use std::time::Duration;

use countersign::journal::Store as Connections;
use countersign::{
    audit_key::AuditKey,
    domain::{
        Event, Instant, RequestId, Risk,
        event::Asked,
        private_data::{Kind, PrivateText},
    },
    journal::{
        Journal,
        append::Batch,
        chain,
        migrate::{migrate, pool},
        read,
        verify::{Report, verify},
    },
    runtime,
};
use countersign_sandbox::postgres::{Database, Server, Template};

use super::{
    driven::Driven,
    people::{person, text},
};

/// Connections of one test.
const CONNECTIONS: u32 = 6;
/// How long a test waits for one of them.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Store {
    pub journal: Journal,
    /// Dropped with the value.
    _database: Database,
}

pub fn key() -> AuditKey {
    AuditKey::new(*b"the key of the tests")
}

pub fn start() -> Instant {
    Instant::UNIX_EPOCH + chrono::Duration::days(20_000)
}

pub async fn empty_pool(connections: u32) -> (Database, Connections) {
    let server = Server::shared().await.expect("a server");
    let database = server.create_database(Template::Empty).await;
    let database = database.expect("a database");
    let options = database.url().parse().expect("an address");
    let pool = pool(options, connections, PATIENCE);
    (database, pool)
}

impl Store {
    pub async fn new() -> Self {
        let (database, pool) = empty_pool(CONNECTIONS).await;
        migrate(&pool, &key()).await.expect("the schema");
        let journal = Journal::new(pool, key());
        Self {
            journal,
            _database: database,
        }
    }

    pub fn pool(&self) -> &Connections {
        &self.journal.pool
    }

    pub async fn seal(&self) -> u64 {
        chain::seal(self.pool(), &self.journal.key)
            .await
            .expect("sealing")
    }

    pub async fn verify(&self) -> Report {
        verify(self.pool(), &self.journal.key, None)
            .await
            .expect("verifying")
    }

    /// SQL by somebody who owns the database and turned the triggers off.
    pub async fn tamper(&self, statements: &'static str) {
        let mut tx = self.pool().begin().await.expect("a transaction");
        sqlx::raw_sql("set local session_replication_role = replica")
            .execute(&mut *tx)
            .await
            .expect("a superuser");
        sqlx::raw_sql(statements)
            .execute(&mut *tx)
            .await
            .expect(statements);
        tx.commit().await.expect("a commit");
    }

    /// Asks for a destructive operation.
    pub async fn ask(&self, fingerprint: &str) -> Driven<'_> {
        self.ask_as(Risk::Destructive, fingerprint).await
    }

    pub async fn ask_as(&self, risk: Risk, fingerprint: &str) -> Driven<'_> {
        let (id, batch) = asking(self.pool(), risk, fingerprint).await;
        let request = self.journal.record(batch.batch(id)).await.expect("asking");
        Driven {
            journal: &self.journal,
            request,
            at: start(),
        }
    }
}

/// The first event of a request, not yet recorded.
pub struct Asking {
    pub events: Vec<Event>,
    pub private_data: Vec<PrivateText>,
}

impl Asking {
    pub fn batch(&self, id: RequestId) -> Batch<'_> {
        Batch {
            before: None,
            id,
            events: &self.events,
            private_data: &self.private_data,
            at: start(),
            fence: None,
        }
    }
}

pub async fn asking(pool: &Connections, risk: Risk, fingerprint: &str) -> (RequestId, Asking) {
    let number = read::next_number(pool).await;
    let text = text(Kind::Asking, r#"{"arguments":{},"reason":"because"}"#);
    let asked = Event::Asked(Asked {
        number: number.expect("a number"),
        // One of a kind, because what can hurt one account is open once at a time.
        operation: format!("user delete {fingerprint}"),
        risk,
        by: person("REQ").party().into(),
        arguments: text.commitment(),
        fingerprint: fingerprint.to_owned(),
    });
    let asking = Asking {
        events: vec![asked],
        private_data: vec![text],
    };
    (RequestId(runtime::new_id()), asking)
}
