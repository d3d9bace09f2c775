//! What it costs to take work, by how much is open. `cargo bench --bench claims`. Takes about a minute.
//!
//! Each line is the median of many claims, with 100, 10,000 and 100,000 open entries in a database of its own, and the ratio
//! of the last to the first. The embedded Postgres runs without `fsync`, so only the ratios say something.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot measure ends at once"
)]

use std::time::{Duration, Instant};

use countersign::{
    audit_key::AuditKey,
    domain::Instant as Time,
    journal::{
        Store, lease, migrate,
        sealed::{InboxRow, SealedRow},
    },
    runtime,
    slack::inbound::inbox::{self, InboxEntry, Rank},
};
use countersign_sandbox::postgres::{Options, Server, Template};
use sqlx::PgPool;
use uuid::Uuid;

/// How much is open.
const OPEN: [i64; 3] = [100, 10_000, 100_000];
/// Claims per line.
const CLAIMS: usize = 60;

/// What is claimed, and how the open entries are spread.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// Entries of one person.
    OnePerson,
    /// Entries of one person whose oldest entry rests, and one other person.
    BehindOnePerson,
    /// Entries of twenty people.
    TwentyPeople,
    /// Each entry is another person's.
    ManyPeople,
    /// Requests that are due.
    Requests,
    /// Requests that rest, and a few that are due.
    RestingRequests,
}

const LINES: [(Line, &str); 6] = [
    (Line::OnePerson, "inbox, one person"),
    (Line::BehindOnePerson, "inbox, beside one person"),
    (Line::TwentyPeople, "inbox, twenty people"),
    (Line::ManyPeople, "inbox, a person each"),
    (Line::Requests, "requests, all due"),
    (Line::RestingRequests, "requests, all but a few rest"),
];

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
    let server = Server::private(Options {
        data: None,
        tcp: true,
    })
    .await?;
    println!("a claim, in ms                     100    10,000   100,000   ratio");
    for (line, name) in LINES {
        let mut medians = vec![];
        for open in OPEN {
            medians.push(median(&server, line, open).await?);
        }
        let shown: String = medians.iter().map(|ms| format!("{ms:>10.2}")).collect();
        let ratio = medians.last().zip(medians.first()).map(|(l, f)| l / f);
        println!("{name:<28}{shown}{:>8.1}", ratio.unwrap_or_default());
    }
    server.stop().await
}

async fn median(server: &Server, line: Line, open: i64) -> anyhow::Result<f64> {
    let database = server.create_database(Template::Empty).await?;
    let store = migrate::pool(database.url().parse()?, 4, Duration::from_secs(10));
    let key = AuditKey::new(*b"the key of the benchmark");
    migrate::migrate(&store, &key).await?;
    let direct = PgPool::connect(database.url()).await?;
    fill(&direct, line, open).await?;
    seal(&direct, &key).await?;
    let now = Time::UNIX_EPOCH + chrono::Duration::days(10);
    let mut took = vec![];
    for _ in 0..CLAIMS {
        let begin = Instant::now();
        claim(&store, &key, line, now).await?;
        took.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    direct.close().await;
    store.close().await;
    took.sort_by(f64::total_cmp);
    Ok(took.get(CLAIMS / 2).copied().unwrap_or_default())
}

/// One claim, and for the inbox the end of what was claimed.
async fn claim(store: &Store, key: &AuditKey, line: Line, now: Time) -> anyhow::Result<()> {
    if let Line::Requests | Line::RestingRequests = line {
        let length = Duration::from_secs(600);
        let lease = lease::claim(store, runtime::new_id(), now, length).await?;
        anyhow::ensure!(lease.is_some(), "nothing was claimed");
        return Ok(());
    }
    let ranks = [Rank::Decision, Rank::Command];
    let claimed = inbox::claim::<InboxEntry>(store, key, &ranks, now).await?;
    let claimed = claimed.expect("an open entry");
    let mut tx = store.begin().await?;
    anyhow::ensure!(inbox::finish(&mut tx, claimed.id, now).await?);
    tx.commit().await?;
    Ok(())
}

/// Gives every entry of the inbox its MAC.
async fn seal(db: &PgPool, key: &AuditKey) -> sqlx::Result<()> {
    let rows: Vec<(Uuid, InboxRow)> = sqlx::query_as::<_, Stored>(
        "select id, dedupe_key, payload, received_at from countersign.inbox",
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|stored| (stored.id, stored.row))
    .collect();
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
    let macs: Vec<Vec<u8>> = rows.iter().map(|(_, row)| row.mac(key)).collect();
    sqlx::query(
        "update countersign.inbox i set mac = m.mac from unnest($1::uuid[], $2::bytea[]) as m(id, mac) where m.id = i.id",
    )
    .bind(ids)
    .bind(macs)
    .execute(db)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: Uuid,
    #[sqlx(flatten)]
    row: InboxRow,
}

async fn fill(db: &PgPool, line: Line, open: i64) -> sqlx::Result<()> {
    if let Line::Requests | Line::RestingRequests = line {
        let due = match line {
            Line::Requests => open,
            _ => 80,
        };
        sqlx::query(
            "insert into countersign.request (id, number, operation, risk, requester, state, open, version, round,
                 fingerprint, asked_at, updated_at, due_at, look_at, undelivered)
             select gen_random_uuid(), n, 'user show', 'read', 'U1', 'asked', true, 1, 0, n::text, t, t, t,
                    case when n <= $2 then t else t + interval '1 year' end, false
             from generate_series(1, $1) n cross join lateral (select to_timestamp(n)) at(t)",
        )
        .bind(open)
        .bind(due)
        .execute(db)
        .await?;
        return Ok(());
    }
    let people: i64 = match line {
        Line::OnePerson | Line::BehindOnePerson => 1,
        Line::TwentyPeople => 20,
        _ => open,
    };
    let entries = "insert into countersign.inbox
             (id, dedupe_key, kind, rank, lane, waits, payload, received_at, not_before, mac)
         select gen_random_uuid(), $3 || n, 'whoami', 2, '2:' || $3 || n % $2, n >= $2, $4::jsonb, to_timestamp(n),
                to_timestamp(n), ''
         from generate_series(0, $1 - 1) n";
    let payload = r#"{"user": "U1", "answer": {"to": "direct"}, "what": "ask", "operation": "whoami",
                      "asking": {"arguments": {}, "reason": ""}}"#;
    sqlx::query(entries)
        .bind(open)
        .bind(people)
        .bind("U")
        .bind(payload)
        .execute(db)
        .await?;
    if let Line::BehindOnePerson = line {
        sqlx::query(
            "update countersign.inbox set not_before = now() + interval '1 year' where not waits",
        )
        .execute(db)
        .await?;
        sqlx::query(entries)
            .bind(100_i64)
            .bind(100_i64)
            .bind("V")
            .bind(payload)
            .execute(db)
            .await?;
    }
    Ok(())
}
