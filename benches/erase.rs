//! What a deletion takes: rows, and recordings outside the person's prefix that only rows name; by step, with the calls to
//! the object store, and how that compares to the barest way to do the same, in one run.
//!
//! `cargo bench --bench erase -- --rows 400000 --recordings 4000`. A real service process deletes a made-up person: asked for,
//! approved, cooled off and run as in production, against the sandbox's Slack, S3 and Postgres, which live in this process.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot measure ends at once, and waits by the machine's clock"
)]

use std::{
    collections::BTreeMap,
    io::{self, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use countersign::slack::cards::field;
use countersign_sandbox::{
    data,
    postgres::{self, Database, Server, Template},
    runtime::Now,
    s3::{self, BucketSettings, S3Server, Versioning},
    slack::{self, Submission, Workspace},
};
use serde_json::json;
use sqlx::PgPool;

const DOCUMENTS: &str = "countersign-documents";
const ACCESS_KEY: &str = "AKIABENCHBENCHBENCHB";
const SECRET_KEY: &str = "secret-of-the-benchmark-s3";
const APPROVALS: &str = "C0APPROVALS";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(1_200);

fn main() {
    // `cargo test --all-targets` runs this program as well, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("only `cargo bench` measures");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure()).expect("a measured deletion");
}

async fn measure() -> anyhow::Result<()> {
    let (rows, recordings) = wanted()?;
    let server = Server::private(postgres::Options {
        data: None,
        tcp: true,
    })
    .await?;
    let database = server.create_database(Template::Runbook).await?;
    let db = PgPool::connect(database.url()).await?;
    let now: Now = Arc::new(chrono::Utc::now);
    let s3 = start_s3(now.clone(), recordings).await?;
    fill(&db, rows, recordings).await?;
    let bare = bare_delete(&db).await?;
    let slack = Workspace::start(slack::Settings {
        now,
        ..slack::Settings::default()
    })
    .await?;
    let mut service = Service::start(&database, &slack, &s3)?;
    s3.clear_calls();
    let (planned, card) = plan(&slack, &mut service).await?;
    let in_plan = calls(&s3);
    s3.clear_calls();
    let whole = run(&slack, &db, &card, &mut service).await?;
    let optimised = if cfg!(debug_assertions) { "no" } else { "yes" };
    line("optimised build", optimised);
    line("rows, recordings", &format!("{rows}, {recordings}"));
    line("until the plan", &format!("{:.1} s", planned.as_secs_f64()));
    line("calls to S3 until the plan", &in_plan);
    line(
        "from approval to the end",
        &format!("{:.1} s", whole.as_secs_f64()),
    );
    line("calls to S3 from approval on", &calls(&s3));
    for (step, took) in steps(&db).await? {
        line(&format!("step {step}"), &format!("{took:.2} s"));
    }
    line(
        "two plain DELETEs of the same rows",
        &format!("{:.2} s", bare.as_secs_f64()),
    );
    let left = s3.count(data::BUCKET, "recordings/");
    ensure!(left == 0, "{left} recordings are left");
    drop(service);
    db.close().await;
    server.stop().await
}

fn line(what: &str, says: &str) {
    println!("{what:<36} {says}");
}

fn wanted() -> anyhow::Result<(u64, u64)> {
    let (mut rows, mut recordings) = (400_000, 4_000);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--rows" => rows = arguments.next().context("--rows <number>")?.parse()?,
            "--recordings" => {
                recordings = arguments.next().context("--recordings <number>")?.parse()?;
            }
            other => anyhow::bail!("{other} is not known"),
        }
    }
    Ok((rows, recordings))
}

async fn start_s3(now: Now, recordings: u64) -> anyhow::Result<S3Server> {
    let bucket = |name: &str| BucketSettings {
        name: name.to_owned(),
        versioning: Versioning::Enabled,
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
    for number in 1..=recordings {
        s3.put_size(
            data::BUCKET,
            &format!("recordings/{number}.webm"),
            1_000_000,
        )?;
    }
    Ok(s3)
}

/// Gives Maria the rows: half answers, of which some name a recording, and half events.
async fn fill(db: &PgPool, rows: u64, recordings: u64) -> anyhow::Result<()> {
    sqlx::query(
        r#"insert into "Response" (id, "sessionId", question, transcript, "createdAt", "audioUrl")
           select 'made_up_' || n, 'test_1_' || 1 + n % 12, 'Describe a place.', 'Well, number ' || n, now(),
                  case when n <= $2 then $3 || 'recordings/' || n || '.webm' end
           from generate_series(1, $1) n"#,
    )
    .bind(i64::try_from(rows / 2)?)
    .bind(i64::try_from(recordings)?)
    .bind(data::BUCKET_URL)
    .execute(db)
    .await?;
    sqlx::query(
        r#"insert into "AnalyticsEvent" (id, "userId", type, metadata, "createdAt")
           select 'made_up_' || n, 'usr_1', 'TEST_START', jsonb_build_object('page', n), now()
           from generate_series(1, $1) n"#,
    )
    .bind(i64::try_from(rows / 2)?)
    .execute(db)
    .await?;
    sqlx::raw_sql("vacuum analyze").execute(db).await?;
    Ok(())
}

/// Deletes the made-up rows in the barest way, and takes it back.
async fn bare_delete(db: &PgPool) -> anyhow::Result<Duration> {
    let mut tx = db.begin().await?;
    let begin = Instant::now();
    for table in ["Response", "AnalyticsEvent"] {
        let text = format!(r#"delete from "{table}" where id like 'made\_up\_%'"#);
        sqlx::query(sqlx::AssertSqlSafe(text))
            .execute(&mut *tx)
            .await?;
    }
    let took = begin.elapsed();
    tx.rollback().await?;
    sqlx::raw_sql("vacuum analyze").execute(db).await?;
    Ok(took)
}

fn calls(s3: &S3Server) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in s3.calls() {
        *counts.entry(call.operation).or_default() += 1;
    }
    let counts = counts.iter().map(|(name, count)| format!("{count} {name}"));
    counts.collect::<Vec<_>>().join(", ")
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
                ("COUNTERSIGN_COOLING_OFF", "1s"),
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
        io::BufRead::read_line(&mut BufReader::new(stdout), &mut line)?;
        let address = line.trim().strip_prefix("Countersign listens on ");
        slack.set_app_url(address.context("the service did not start")?);
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks for the deletion. Gives the time until its card can be approved, and the card.
async fn plan(slack: &Workspace, service: &mut Service) -> anyhow::Result<(Duration, String)> {
    let begin = Instant::now();
    let line = "/ops user delete usr_1 to see how long it takes";
    let asked = slack.slash("U0ADA", "C0OPS", line).await?;
    ensure!(asked.ok(), "{:?}", asked.error);
    loop {
        let cards = slack.messages(APPROVALS);
        if let Some(card) = cards.iter().find(|card| card.has_action("approve")) {
            return Ok((begin.elapsed(), card.ts.clone()));
        }
        wait(begin, service).await?;
    }
}

/// Approves the deletion and waits for its end.
async fn run(
    slack: &Workspace,
    db: &PgPool,
    card: &str,
    service: &mut Service,
) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    let clicked = slack.click("U0GRACE", APPROVALS, card, "approve").await?;
    ensure!(clicked.ok(), "{:?}", clicked.error);
    let view = loop {
        if let Some(view) = slack.open_views("U0GRACE").last() {
            break view.id.clone();
        }
        wait(begin, service).await?;
    };
    let values = json!({ field::BLOCK: { field::TEXT: "usr_1" } });
    let submitted = slack.submit("U0GRACE", &view, &values).await?;
    ensure!(submitted == Submission::Closed, "{submitted:?}");
    loop {
        let state: String = sqlx::query_scalar("select state from countersign.request")
            .fetch_one(db)
            .await?;
        if state == "done" {
            return Ok(begin.elapsed());
        }
        ensure!(
            !["failed", "refused", "superseded", "indeterminate"].contains(&state.as_str()),
            "{state}"
        );
        wait(begin, service).await?;
    }
}

async fn wait(since: Instant, service: &mut Service) -> anyhow::Result<()> {
    ensure!(since.elapsed() < PATIENCE, "it takes too long");
    ensure!(service.0.try_wait()?.is_none(), "the service ended");
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// Every step with its seconds, in order.
async fn steps(db: &PgPool) -> anyhow::Result<Vec<(String, f64)>> {
    let steps = sqlx::query_as(
        "select step, extract(epoch from max(at) - min(at))::float8
         from (select at, body::jsonb ->> 'step' as step from countersign.event
               where name in ('step_started', 'step_succeeded')) e
         group by step order by min(at)",
    )
    .fetch_all(db)
    .await?;
    Ok(steps)
}
