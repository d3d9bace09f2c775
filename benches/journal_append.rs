//! How fast the journal appends, against plain inserts and against a chain that every append extends itself.
//!
//! `cargo bench --bench journal_append`. Takes about 20 seconds. The embedded Postgres runs without `fsync`, so
//! only the ratios say something: with real disks every commit takes longer, and a lock that is held until the
//! commit costs the more.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot measure ends at once"
)]

use std::time::{Duration, Instant};

use countersign::{
    audit_key::AuditKey,
    domain::{
        Event, Request, RequestId, Risk,
        event::Asked,
        person::Party,
        private_data::{Kind, PrivateText},
    },
    journal::{Journal, append::Batch, chain, migrate, read, verify::verify},
    runtime,
};
use countersign_sandbox::postgres::{Options, Server, Template};
use sqlx::{PgPool, postgres::PgPoolOptions};

/// How long each way is measured with each number of tasks.
const MEASURED: Duration = Duration::from_millis(1_500);
/// Tasks at once, each with a request of its own.
const TASKS: [usize; 3] = [1, 4, 16];
/// Connections of the pool: one for each task.
const CONNECTIONS: u32 = 16;

/// A way to append one event.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// One row, nothing else.
    Plain,
    /// As the service does.
    Journal,
    /// As the service does, and the append links its event into the global chain under the head's lock.
    GlobalLock,
}

fn main() {
    // `cargo test --all-targets` runs this program as well, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("only `cargo bench` measures");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure()).expect("Postgres");
}

async fn measure() -> anyhow::Result<()> {
    let options = Options {
        data: None,
        tcp: true,
    };
    let server = Server::private(options).await?;
    println!(
        "appends per second     {:>18} {:>18} {:>18}",
        "1 task", "4 tasks", "16 tasks"
    );
    let mut plain = vec![];
    let mut journal = vec![];
    for way in [Way::Plain, Way::Journal, Way::GlobalLock] {
        let database = server.create_database(Template::Empty).await?;
        let store = open(database.url()).await?;
        let plain_pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect(database.url())
            .await?;
        let mut line = format!("{:<22}", way.name());
        for (at, tasks) in TASKS.into_iter().enumerate() {
            let rate = appends_per_second(&store, &plain_pool, way, tasks).await;
            let base = plain.get(at).copied().unwrap_or(rate);
            line += &format!(" {:>9.0} ({:>5.1} %)", rate, 100.0 * rate / base);
            match way {
                Way::Plain => plain.push(rate),
                Way::Journal => journal.push(rate),
                Way::GlobalLock => {}
            }
        }
        println!("{line}");
        if let Way::Journal = way {
            seal_and_verify(&store, journal.last().copied().unwrap_or_default()).await?;
        }
        plain_pool.close().await;
        store.pool.close().await;
    }
    server.stop().await
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain insert",
            Self::Journal => "journal",
            Self::GlobalLock => "one lock per append",
        }
    }
}

async fn open(url: &str) -> anyhow::Result<Journal> {
    let pool = migrate::pool(url.parse()?, CONNECTIONS, Duration::from_secs(10));
    let key = AuditKey::new(*b"the key of the benchmark");
    migrate::migrate(&pool, &key).await?;
    Ok(Journal::new(pool, key))
}

async fn appends_per_second(store: &Journal, plain: &PgPool, way: Way, tasks: usize) -> f64 {
    let mut requests = vec![];
    for _ in 0..tasks {
        requests.push(ask(store).await);
    }
    let begin = Instant::now();
    let running: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let (store, plain) = (store.clone(), plain.clone());
            tokio::spawn(async move {
                append_until(&store, &plain, way, request, begin + MEASURED).await
            })
        })
        .collect();
    let mut appended = 0;
    for task in running {
        appended += task.await.expect("a task");
    }
    f64::from(appended) / begin.elapsed().as_secs_f64()
}

async fn append_until(
    store: &Journal,
    plain: &PgPool,
    way: Way,
    mut request: Request,
    end: Instant,
) -> u32 {
    let event = Event::AttemptRefused {
        by: party(),
        tried: "approve".into(),
        code: "self_approval".into(),
        why: "you asked for this yourself: a second admin has to approve it".into(),
    };
    let events = [event];
    let body = serde_json::to_string(&events[0]).expect("JSON");
    let mut appended = 0;
    while Instant::now() < end {
        let batch = Batch {
            before: Some(request.clone()),
            id: request.id,
            events: &events,
            private_data: &[],
            at: request.asked_at,
            fence: None,
        };
        match way {
            Way::Plain => {
                request.version += 1;
                insert(plain, &request, events[0].name(), &body).await;
            }
            Way::Journal => request = store.record(batch).await.expect("an append"),
            Way::GlobalLock => request = record_under_lock(store, batch).await.expect("an append"),
        }
        appended += 1;
    }
    appended
}

async fn insert(pool: &PgPool, request: &Request, name: &str, body: &str) {
    sqlx::query(
        "insert into countersign.event (kind, stream, version, name, body, at, hash)
         values ('request', $1, $2, $3, $4, $5, $6)",
    )
    .bind(request.id.0)
    .bind(request.version)
    .bind(name)
    .bind(body)
    .bind(request.asked_at)
    .bind([0_u8; 32].as_slice())
    .execute(pool)
    .await
    .expect("an insert");
}

/// The design that this journal does not have.
async fn record_under_lock(store: &Journal, batch: Batch<'_>) -> anyhow::Result<Request> {
    let id = batch.id;
    let mut tx = store.pool.begin().await?;
    let (position, head): (i64, Vec<u8>) =
        sqlx::query_as("select position, hash from countersign.chain_head for update")
            .fetch_one(&mut *tx)
            .await?;
    let request = store.record_in(&mut tx, batch).await?;
    let (seq, hash): (i64, Vec<u8>) = sqlx::query_as(
        "select seq, hash from countersign.event where stream = $1 and version = $2",
    )
    .bind(id.0)
    .bind(request.version)
    .fetch_one(&mut *tx)
    .await?;
    let (head, hash) = (head.as_slice().try_into()?, hash.as_slice().try_into()?);
    let link = store.key.link(head, position + 1, hash);
    sqlx::query("insert into countersign.chain (position, event_seq, event_hash, hash) values ($1, $2, $3, $4)")
        .bind(position + 1)
        .bind(seq)
        .bind(hash.as_slice())
        .bind(link.as_slice())
        .execute(&mut *tx)
        .await?;
    sqlx::query("update countersign.chain_head set position = $1, hash = $2, mac = $3")
        .bind(position + 1)
        .bind(link.as_slice())
        .bind(store.key.head(position + 1, &link).as_slice())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(request)
}

async fn seal_and_verify(store: &Journal, appended: f64) -> anyhow::Result<()> {
    let begin = Instant::now();
    let linked = chain::seal(&store.pool, &store.key).await?;
    let sealed = rate(linked, begin);
    println!(
        "{:<22} {:>9.0} events per second, {:.1} times what 16 tasks append ({linked} linked)",
        "  one sealer",
        sealed,
        sealed / appended
    );
    let begin = Instant::now();
    let report = verify(&store.pool, &store.key, None).await?;
    anyhow::ensure!(report.is_sound(), "{report}");
    let verified = rate(report.checked.events, begin);
    println!("{:<22} {verified:>9.0} events per second", "  verify");
    Ok(())
}

fn rate(count: u64, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

async fn ask(store: &Journal) -> Request {
    let id = RequestId(runtime::new_id());
    let text = PrivateText {
        id: runtime::new_id(),
        kind: Kind::Asking,
        salt: runtime::random_bytes(),
        text: Some("{}".into()),
    };
    let number = read::next_number(&store.pool).await.expect("a number");
    let events = [Event::Asked(Asked {
        number,
        operation: "user delete".into(),
        risk: Risk::Destructive,
        by: party().into(),
        arguments: text.commitment(),
        fingerprint: id.to_string(),
    })];
    let batch = Batch {
        before: None,
        id,
        events: &events,
        private_data: &[text],
        at: chrono::DateTime::UNIX_EPOCH,
        fence: None,
    };
    store.record(batch).await.expect("asking")
}

fn party() -> Party {
    Party {
        slack_id: "U1".into(),
        identities: ["slack:U1".to_owned(), "email:1".to_owned()].into(),
    }
}
