//! What an export takes: rows per second, the peak memory of the whole service, and how that compares to `COPY … TO STDOUT`
//! of the same rows, in one run.
//!
//! `cargo bench --bench export -- --rows 1000000 --files-gb 10`. A real service process exports a made-up person: asked for,
//! approved and run as in production, against the sandbox's Slack, S3 and Postgres, which live in this process and not in
//! the measured one. Memory is the VmHWM of the service's process alone: everything that it ever had resident at once, its
//! own code included, once it is idle and at the end. From 5 GB of files on, one file has more than 4 GiB. The archive goes
//! into a file, which is opened and read through at the end, so every entry's checksum is compared; `--keep` leaves it there.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot measure ends at once, and waits by the machine's clock"
)]

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use countersign_sandbox::{
    data,
    postgres::{self, Database, Server, Template},
    runtime::Now,
    s3::{self, BucketSettings, S3Server, Versioning},
    slack::{self, Workspace},
};
use futures::TryStreamExt;
use sqlx::{PgPool, postgres::PgPoolCopyExt};

const DOCUMENTS: &str = "countersign-documents";
const ACCESS_KEY: &str = "AKIABENCHBENCHBENCHB";
const SECRET_KEY: &str = "secret-of-the-benchmark-s3";
const APPROVALS: &str = "C0APPROVALS";
/// Size of each of the person's files but the long one.
const FILE_BYTES: usize = 4 * 1024 * 1024;
/// Size of the long file: more than the sizes of a ZIP without its long form can say.
const LONG_FILE_BYTES: usize = 4_500_000_000;
/// From this many bytes of files on, one of them is the long one.
const LONG_FILE_FROM: u64 = 5_000_000_000;
/// What the files are cut from, each at its own place, so that no two are the same and memory holds them once.
const NOISE_BYTES: usize = 64 * 1024 * 1024;
/// How long the service may take to come to rest after its start.
const SETTLING: Duration = Duration::from_secs(3);
/// Linux counts processor time in hundredths of a second.
const MILLISECONDS_PER_TICK: u64 = 10;
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
    let wanted = Wanted::from_arguments()?;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let server = Server::private(postgres::Options {
        data: None,
        tcp: true,
    })
    .await?;
    let database = server.create_database(Template::Runbook).await?;
    let db = PgPool::connect(database.url()).await?;
    let rows = fill(&db, wanted.rows).await?;
    let copied = copy(&db).await?;
    let now: Now = Arc::new(chrono::Utc::now);
    let s3 = start_s3(now.clone(), &wanted).await?;
    s3.spool_uploads(DOCUMENTS, folder.clone())?;
    let slack = Workspace::start(slack::Settings {
        now,
        ..slack::Settings::default()
    })
    .await?;
    let mut service = Service::start(&database, &slack, &s3)?;
    // It has to be idle for a while, or its start would count as growth.
    tokio::time::sleep(SETTLING).await;
    let (idle, worked) = (service.peak()?, service.processor_time()?);
    let (took, whole) = export(&slack, &db, &mut service).await?;
    report(rows, copied, took, whole);
    let worked = service.processor_time()? - worked;
    line(
        "the service's own processor time",
        &format!("{:.2} s", worked.as_secs_f64()),
    );
    let peak = service.peak()?;
    drop(service);
    let made = Made::of(&db).await?;
    made.check(&folder, wanted.keep)?;
    let mebibytes = |kibibytes: u64| kibibytes as f64 / 1024.0;
    line(
        "memory of the service's process",
        &format!(
            "{:.1} MiB peak before, {:.1} MiB peak at the end, {:.1} MiB growth",
            mebibytes(idle),
            mebibytes(peak),
            mebibytes(peak - idle)
        ),
    );
    db.close().await;
    server.stop().await
}

fn report(rows: u64, copied: Duration, took: Duration, whole: Duration) {
    let rate = |took: Duration| {
        let seconds = took.as_secs_f64();
        format!(
            "{seconds:.2} s, {:.0} rows per second",
            rows as f64 / seconds
        )
    };
    let optimised = if cfg!(debug_assertions) { "no" } else { "yes" };
    line("optimised build", optimised);
    line("rows", &rows.to_string());
    line("COPY … TO STDOUT, thrown away", &rate(copied));
    let times = took.as_secs_f64() / copied.as_secs_f64();
    line(
        "the step that makes the archive",
        &format!("{}, {times:.1} times COPY", rate(took)),
    );
    line(
        "asked to link, planned twice",
        &format!("{:.2} s", whole.as_secs_f64()),
    );
}

fn line(what: &str, says: &str) {
    println!("{what:<34} {says}");
}

/// What the command line asks for.
struct Wanted {
    rows: u64,
    file_bytes: u64,
    keep: bool,
}

impl Wanted {
    fn from_arguments() -> anyhow::Result<Self> {
        let mut wanted = Self {
            rows: 1_000_000,
            file_bytes: 16_000_000,
            keep: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => {}
                "--keep" => wanted.keep = true,
                "--rows" => wanted.rows = arguments.next().context("--rows <number>")?.parse()?,
                "--files-gb" => {
                    let number = arguments.next().context("--files-gb <number>")?;
                    wanted.file_bytes = (number.parse::<f64>()? * 1e9) as u64;
                }
                other => anyhow::bail!("{other} is not known"),
            }
        }
        Ok(wanted)
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

async fn start_s3(now: Now, wanted: &Wanted) -> anyhow::Result<S3Server> {
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
    let mut left = wanted.file_bytes;
    if left >= LONG_FILE_FROM {
        // Zeros that are only read take no memory.
        let zeros = vec![0_u8; LONG_FILE_BYTES];
        s3.put(
            data::BUCKET,
            "user-usr_1/made-up/long.webm",
            zeros,
            "audio/webm",
        )?;
        left -= LONG_FILE_BYTES as u64;
    }
    let noise = Bytes::from(noise());
    for file in 0..left / FILE_BYTES as u64 {
        let key = format!("user-usr_1/made-up/{file}.webm");
        let begin = file as usize * 4_099 % (NOISE_BYTES - FILE_BYTES);
        let content = noise.slice(begin..begin + FILE_BYTES);
        s3.put(data::BUCKET, &key, content, "audio/webm")?;
    }
    Ok(s3)
}

/// Bytes that no compressor makes smaller, the same in every run.
fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(NOISE_BYTES / 8).flatten().collect()
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
        io::BufRead::read_line(&mut BufReader::new(stdout), &mut line)?;
        let address = line.trim().strip_prefix("Countersign listens on ");
        slack.set_app_url(address.context("the service did not start")?);
        Ok(service)
    }

    /// The time that processors worked for it so far, in its own code and in the system's.
    fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let after_name = stat.rsplit(')').next().context("its name")?;
        let ticks = after_name.split_whitespace().skip(11).take(2);
        let ticks = ticks.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * MILLISECONDS_PER_TICK))
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
struct Made {
    rows: i64,
    files: i64,
    file_bytes: i64,
    bytes: i64,
    key: String,
}

impl Made {
    async fn of(db: &PgPool) -> anyhow::Result<Self> {
        let (rows, files, file_bytes, bytes, key) = sqlx::query_as(
            "select (r ->> 'rows')::int8, (r ->> 'objects')::int8, (r ->> 'bytes')::int8, (r ->> 'archive_bytes')::int8,
                    r ->> 'archive'
             from (select body::jsonb -> 'result' as r from countersign.event
                   where name = 'step_succeeded' and body like '%archive_bytes%') x",
        )
        .fetch_one(db)
        .await?;
        Ok(Self {
            rows,
            files,
            file_bytes,
            bytes,
            key,
        })
    }

    /// Opens the archive by its directory and reads every entry to its end, which compares its checksum.
    fn check(&self, folder: &Path, keep: bool) -> anyhow::Result<()> {
        let path = folder.join(self.key.replace('/', "_"));
        let file = File::open(&path)?;
        ensure!(
            file.metadata()?.len() == self.bytes.unsigned_abs(),
            "the archive's size"
        );
        let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
        let (mut files, mut bytes) = (0, 0);
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index)?;
            let is_file = entry.name()?.starts_with("files/");
            let read = io::copy(&mut entry, &mut io::sink())?;
            if is_file {
                (files, bytes) = (files + 1, bytes + read);
            }
        }
        ensure!(
            (files, bytes) == (self.files, self.file_bytes.unsigned_abs()),
            "the archive holds {files} files of {bytes} bytes"
        );
        line(
            "in the archive",
            &format!(
                "{} rows, {files} files of {:.1} MB",
                self.rows,
                bytes as f64 / 1e6
            ),
        );
        line(
            "the archive",
            &format!(
                "{:.1} MB, {} entries, every checksum is right",
                self.bytes as f64 / 1e6,
                archive.len()
            ),
        );
        if keep {
            println!("{}", path.display());
        } else {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }
}
