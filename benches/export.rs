//! What an export takes: rows per second, the peak memory of the whole service, and how that compares to `COPY … TO STDOUT`
//! of the same rows, in one run.
//!
//! `cargo bench --bench export`. A real service process exports a made-up person: asked for, approved and run as in
//! production, against the sandbox's Slack, S3 and Postgres, which live in this process and not in the measured one.
//! `EXPORT_ROWS` and `EXPORT_FILES_MB` say how much there is. Memory is the process' VmHWM: everything that it ever had
//! resident at once, its own code included, before and after.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot measure ends at once, and waits by the machine's clock"
)]

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use countersign_sandbox::{
    data,
    postgres::{self, Database, Server, Template},
    rim::Now,
    s3::{self, BucketSettings, S3Server, Versioning},
    slack::{self, Workspace},
};
use futures::TryStreamExt;
use sqlx::{PgPool, postgres::PgPoolCopyExt};

const DOCUMENTS: &str = "countersign-documents";
const ACCESS_KEY: &str = "AKIABENCHBENCHBENCHB";
const SECRET_KEY: &str = "secret-of-the-benchmark-s3";
const APPROVALS: &str = "C0APPROVALS";
/// Size of each of the person's files.
const FILE_BYTES: usize = 4 * 1024 * 1024;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(1_200);

fn main() {
    // `cargo test --all-targets` runs this program as well, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("only `cargo bench` measures");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure()).expect("a measured export");
}

async fn measure() -> anyhow::Result<()> {
    let rows = setting("EXPORT_ROWS", 1_000_000)?;
    let megabytes = setting("EXPORT_FILES_MB", 16)?;
    let server = Server::private(postgres::Options {
        data: None,
        tcp: true,
    })
    .await?;
    let database = server.create_database(Template::Runbook).await?;
    let db = PgPool::connect(database.url()).await?;
    let rows = fill(&db, rows).await?;
    let copied = copy(&db).await?;
    let now: Now = Arc::new(chrono::Utc::now);
    let s3 = start_s3(now.clone(), megabytes).await?;
    let slack = Workspace::start(slack::Settings {
        now,
        ..slack::Settings::default()
    })
    .await?;
    let mut service = Service::start(&database, &slack, &s3)?;
    let idle = service.peak()?;
    let (took, whole) = export(&slack, &db, &mut service).await?;
    report(rows, copied, took, whole);
    let (result, bytes) = archive(&db).await?;
    println!("{:<34} {result}", "in the archive");
    println!(
        "{:<34} {:.1} MB, of them {megabytes} MB of files",
        "the archive",
        bytes as f64 / 1e6
    );
    println!(
        "{:<34} {:.1} MiB idle, {:.1} MiB after the export",
        "peak memory of the whole service",
        idle as f64 / 1024.0,
        service.peak()? as f64 / 1024.0
    );
    drop(service);
    db.close().await;
    server.stop().await
}

fn report(rows: u64, copied: Duration, took: Duration, whole: Duration) {
    let rate = |took: Duration| rows as f64 / took.as_secs_f64();
    println!("{:<34} {rows}", "rows");
    println!(
        "{:<34} {:.2} s, {:.0} rows per second",
        "COPY … TO STDOUT, thrown away",
        copied.as_secs_f64(),
        rate(copied)
    );
    println!(
        "{:<34} {:.2} s, {:.0} rows per second, {:.1} times COPY",
        "the step that makes the archive",
        took.as_secs_f64(),
        rate(took),
        took.as_secs_f64() / copied.as_secs_f64()
    );
    println!(
        "{:<34} {:.2} s",
        "asked to link, planned twice",
        whole.as_secs_f64()
    );
}

fn setting(name: &str, usual: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name} is no number")),
        Err(_) => Ok(usual),
    }
}

/// Gives Maria this many rows more, half of them with JSON in it. Gives the number of all her rows in the two tables.
async fn fill(db: &PgPool, rows: u64) -> anyhow::Result<u64> {
    let half = i64::try_from(rows / 2)?;
    sqlx::query(
        r#"insert into "Response" (id, "sessionId", question, transcript, "createdAt")
           select 'made_up_' || n, 'test_1_' || 1 + n % 12, 'Describe a place that you know well.',
                  'Well, I would say that it depends on the season, number ' || n || ', and on the people.', now()
           from generate_series(1, $1) n"#,
    )
    .bind(half)
    .execute(db)
    .await?;
    sqlx::query(
        r#"insert into "AnalyticsEvent" (id, "userId", type, metadata, "createdAt")
           select 'made_up_' || n, 'usr_1', 'TEST_START', jsonb_build_object('page', '/practice/' || n, 'seconds', n), now()
           from generate_series(1, $1) n"#,
    )
    .bind(half)
    .execute(db)
    .await?;
    sqlx::raw_sql("vacuum analyze").execute(db).await?;
    let count: i64 = sqlx::query_scalar(
        r#"select (select count(*) from "Response" r join "TestSession" t on t.id = r."sessionId" where t."userId" = 'usr_1')
                + (select count(*) from "AnalyticsEvent" where "userId" = 'usr_1')"#,
    )
    .fetch_one(db)
    .await?;
    Ok(count.unsigned_abs())
}

/// Reads the same rows in the quickest way there is, and throws them away.
async fn copy(db: &PgPool) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    for query in [
        r#"select r.* from "Response" r join "TestSession" t on t.id = r."sessionId" where t."userId" = 'usr_1'"#,
        r#"select * from "AnalyticsEvent" where "userId" = 'usr_1'"#,
    ] {
        let text = format!("copy ({query}) to stdout");
        let mut stream = db.copy_out_raw(&text).await?;
        while stream.try_next().await?.is_some() {}
    }
    Ok(begin.elapsed())
}

async fn start_s3(now: Now, megabytes: u64) -> anyhow::Result<S3Server> {
    let bucket = |name: &str| BucketSettings {
        name: name.to_owned(),
        versioning: Versioning::Unset,
    };
    let s3 = S3Server::start(s3::Settings {
        bind: ([127, 0, 0, 1], 0).into(),
        now,
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        region: data::REGION.to_owned(),
        buckets: vec![bucket(data::BUCKET), bucket(DOCUMENTS)],
    })
    .await?;
    let files = megabytes * 1024 * 1024 / FILE_BYTES as u64;
    for file in 0..files {
        let key = format!("user-usr_1/made-up/{file}.webm");
        s3.put(data::BUCKET, &key, vec![7_u8; FILE_BYTES], "audio/webm")?;
    }
    Ok(s3)
}

/// The real program. It is killed when the value is dropped.
struct Service(Child);

impl Service {
    fn start(database: &Database, slack: &Workspace, s3: &S3Server) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .arg("serve")
            .env_clear()
            .envs([
                ("COUNTERSIGN_LISTEN", "127.0.0.1:0"),
                ("SLACK_SIGNING_SECRET", slack.signing_secret()),
                ("SLACK_BOT_TOKEN", slack.bot_token()),
                ("SLACK_API_URL", &slack.api_url()),
                ("SLACK_TEAM_ID", "T0COUNTER"),
                ("COUNTERSIGN_APPROVALS_CHANNEL", APPROVALS),
                ("COUNTERSIGN_AUDIT_CHANNEL", "C0AUDIT"),
                ("COUNTERSIGN_INCIDENT_CHANNEL", "C0INCIDENTS"),
                ("COUNTERSIGN_ADMINS", "S0ADMINS"),
                ("DATABASE_URL", database.url()),
                (
                    "COUNTERSIGN_AUDIT_KEY",
                    "the key of this benchmark, nothing else",
                ),
                ("S3_BUCKET", data::BUCKET),
                ("COUNTERSIGN_BUCKET", DOCUMENTS),
                ("AWS_REGION", data::REGION),
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
                ("AWS_ENDPOINT_URL_S3", &s3.endpoint()),
                ("RUST_LOG", "warn"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("its output")?;
        let service = Self(child);
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)?;
        let address = line.trim().strip_prefix("Countersign listens on ");
        slack.set_app_url(address.context("the service did not start")?);
        Ok(service)
    }

    /// The most memory that it had resident at once so far, in KiB.
    fn peak(&mut self) -> anyhow::Result<u64> {
        ensure!(self.0.try_wait()?.is_none(), "the service ended");
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("VmHWM")?.parse()?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks, approves and waits. Gives the time of the step that makes the archive, and of everything.
async fn export(
    slack: &Workspace,
    db: &PgPool,
    service: &mut Service,
) -> anyhow::Result<(Duration, Duration)> {
    let begin = Instant::now();
    let line = "/ops user export usr_1 with files to see how long it takes";
    let asked = slack.slash("U0ADA", "C0OPS", line).await?;
    ensure!(asked.ok(), "{:?}", asked.error);
    let card = loop {
        let cards = slack.messages(APPROVALS);
        if let Some(card) = cards.iter().find(|card| card.has_action("approve")) {
            break card.ts.clone();
        }
        wait(begin, service).await?;
    };
    let approved = slack.click("U0GRACE", APPROVALS, &card, "approve").await?;
    ensure!(approved.ok(), "{:?}", approved.error);
    loop {
        let state: String = sqlx::query_scalar("select state from countersign.request")
            .fetch_one(db)
            .await?;
        if state == "done" {
            break;
        }
        ensure!(
            ["awaiting approval", "approved", "running"].contains(&state.as_str()),
            "{state}"
        );
        wait(begin, service).await?;
    }
    let seconds: f64 = sqlx::query_scalar(
        "select extract(epoch from max(at) filter (where name = 'step_succeeded')
                                 - max(at) filter (where name = 'step_started'))::float8
         from countersign.event where body like '%\"step\":\"archive\"%'",
    )
    .fetch_one(db)
    .await?;
    Ok((Duration::from_secs_f64(seconds), begin.elapsed()))
}

async fn wait(since: Instant, service: &mut Service) -> anyhow::Result<()> {
    ensure!(since.elapsed() < PATIENCE, "it takes too long");
    service.peak()?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// What the journal says of the archive.
async fn archive(db: &PgPool) -> anyhow::Result<(String, u64)> {
    let (rows, files, bytes): (i64, i64, i64) = sqlx::query_as(
        "select (body::jsonb #>> '{result,rows}')::int8, (body::jsonb #>> '{result,objects}')::int8,
                (body::jsonb #>> '{result,archive_bytes}')::int8
         from countersign.event where name = 'step_succeeded' and body like '%archive_bytes%'",
    )
    .fetch_one(db)
    .await?;
    Ok((format!("{rows} rows, {files} files"), bytes.unsigned_abs()))
}
