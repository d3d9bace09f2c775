//! Every fixed limit: what it bounds, its unit, and whose rule it is.

use std::{ops::RangeInclusive, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The configuration file that is read when none is named, in the current folder.
pub const DEFAULT_CONFIG_FILE: &str = "countersign.toml";

/// The fewest characters of a signing secret. Slack's have 32; anything much shorter is a placeholder.
pub const SECRET_CHARS: usize = 16;
/// The length of a Slack id in characters. Slack promises none; real ones have 9 to 11.
pub const SLACK_ID_CHARS: RangeInclusive<usize> = 3..=24;
/// The length of a bucket name in characters (S3's rule).
pub const BUCKET_NAME_CHARS: RangeInclusive<usize> = 3..=63;

/// The most countersignatures that may be asked for.
pub const APPROVALS_MOST: u32 = 9;
/// The shortest cooling-off time. What cannot be undone is never done without one.
pub const COOLING_OFF_LEAST: Duration = Duration::from_secs(1);
/// Within less than this nobody presses Stop in time: the doctor warns.
pub const COOLING_OFF_SENSIBLE: Duration = MINUTE;
/// The longest cooling-off time.
pub const COOLING_OFF_MOST: Duration = DAY.saturating_mul(7);
/// The shortest time that a request waits for its approval. Expiring early is safe; the doctor warns below
/// [`EXPIRY_SENSIBLE`].
pub const EXPIRY_LEAST: Duration = Duration::from_secs(5);
/// Within less than this hardly anybody reads a request and decides.
pub const EXPIRY_SENSIBLE: Duration = MINUTE.saturating_mul(5);
/// After more than this nobody remembers why a request was made: the doctor warns.
pub const EXPIRY_SENSIBLE_MOST: Duration = DAY.saturating_mul(7);
/// The longest time that a request waits for its approval.
pub const EXPIRY_MOST: Duration = DAY.saturating_mul(30);
/// How long a request waits for the requester's own confirmation.
pub const CONFIRMATION_EXPIRY: Duration = MINUTE.saturating_mul(10);
/// The shortest life of a download link.
pub const LINK_EXPIRY_LEAST: Duration = MINUTE;
/// The longest life of a download link: S3 signs for no longer.
pub const LINK_EXPIRY_MOST: Duration = DAY.saturating_mul(7);
/// From more than this on the doctor warns: a link needs no sign-in.
pub const LINK_EXPIRY_SENSIBLE: Duration = DAY;
/// The shortest time that an export's archive is kept.
pub const EXPORT_RETENTION_LEAST: Duration = MINUTE.saturating_mul(60);
/// The longest time that an export's archive is kept: it is a copy of personal data.
pub const EXPORT_RETENTION_MOST: Duration = DAY.saturating_mul(7);
/// The most credits that may be given without a countersignature.
pub const CREDITS_MOST: u32 = 100_000;
/// The longest retention of backups.
pub const RETENTION_MOST: Duration = DAY.saturating_mul(3660);

/// The largest request body that is read, in bytes (1 MiB). Slack's largest, a modal's state, stays well below.
pub const BODY_BYTES: usize = 1024 * 1024;
/// The most bytes of request bodies that are in memory at a time (32 MiB).
pub const BODIES_BYTES: usize = 32 * 1024 * 1024;
/// What a body may always have of [`BODIES_BYTES`], in bytes (64 KiB): large bodies leave a quarter for such as commands
/// and clicks are.
pub const BODY_SMALL_BYTES: usize = 64 * 1024;
/// The largest body that is looked at without a signature, in bytes: Slack's check of the certificate.
pub const UNSIGNED_BYTES: u64 = 1024;
/// How long a request's body may take to arrive. Slack itself gives up after three seconds.
pub const BODY_TIME: Duration = Duration::from_secs(3);
/// How long a request's headers may take to arrive, from their first byte on.
pub const HEADER_TIME: Duration = Duration::from_secs(5);
/// How long a connection may be open without a request. Longer than the 60 s of usual load balancers, which would
/// otherwise send a request into a connection that is just being closed.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long one request may take once its headers are there.
pub const REQUEST_TIME: Duration = Duration::from_secs(30);
/// The most HTTP connections at a time; fewer where the process may open few files. Over it, the connection that has
/// waited longest without a verified request is closed.
pub const HTTP_CONNECTIONS: usize = 512;
/// The fewest HTTP connections that are allowed.
pub const HTTP_CONNECTIONS_LEAST: usize = 16;
/// The largest headers of a request, in bytes.
pub const HEADER_BYTES: usize = 32 * 1024;

/// Commands that one person may send within [`COMMANDS_PER`]. Clicks, and commands that cancel or freeze, always get
/// through.
pub const COMMANDS_MOST: usize = 30;
/// The time within which commands are counted.
pub const COMMANDS_PER: Duration = MINUTE;
/// How old or new a signed request may be (Slack's rule).
pub const SIGNATURE_AGE: Duration = MINUTE.saturating_mul(5);
/// How long a request from Slack may take until recording it is given up, whatever the store does.
pub const ACKNOWLEDGE: Duration = Duration::from_millis(1_800);
/// How much longer a commit that has begun by then is waited for. Together this is well below the
/// three seconds for which Slack waits (Slack's rule).
pub const COMMIT: Duration = Duration::from_millis(400);
/// How long is waited for what the whole journal says of people and payments. What was read until then is kept.
pub const KNOWN: Duration = Duration::from_secs(5);
/// How long whoever stops, denies or cancels waits for it: then what Slack says is enough.
pub const KNOWN_TO_STOP: Duration = Duration::from_secs(1);
/// The same command of the same person within this time is taken for a repetition.
pub const REPEATED: Duration = MINUTE;
/// How long the directory may take before a click is acknowledged without it.
pub const LOOK_BEFORE_ANSWER: Duration = Duration::from_millis(400);
/// The least time between two posts to one channel (Slack's rule: about one a second).
pub const POST_INTERVAL: Duration = Duration::from_secs(1);

/// The most connections to Countersign's store for work in the background. Poolers and small databases have few.
pub const STORE_CONNECTIONS: u32 = 5;
/// The most connections to the store for what Slack and vendors deliver, so that accepting never waits behind work.
pub const ACCEPT_CONNECTIONS: u32 = 3;
/// The most connections to the store for verifying the journal: one verifies, one finds that out.
pub const VERIFY_CONNECTIONS: u32 = 2;
/// How long one statement of the background may run in the store.
pub const STORE_STATEMENT: Duration = Duration::from_secs(30);
/// How long a statement of the background waits for a lock in the store.
pub const STORE_LOCK: Duration = Duration::from_secs(3);
/// How long a transaction in the store may be idle between two statements before the store ends it. A paused replica
/// holds its locks for no longer.
pub const STORE_IDLE: Duration = Duration::from_secs(10);
/// How long one statement may run while somebody in Slack waits. Slack waits for three seconds altogether.
pub const ACCEPT_STATEMENT: Duration = Duration::from_secs(2);
/// How long a statement waits for a lock while somebody in Slack waits.
pub const ACCEPT_LOCK: Duration = Duration::from_secs(1);
/// How long accepting waits for a free connection.
pub const ACCEPT_WAIT: Duration = Duration::from_secs(2);
/// How long one statement may run when the whole journal is verified, exported or rebuilt, or the schema is migrated.
pub const STORE_WHOLE_STATEMENT: Duration = MINUTE.saturating_mul(10);
/// How long such a statement waits for a lock.
pub const STORE_WHOLE_LOCK: Duration = MINUTE;
/// How long such a transaction may be idle, as when an export is read slowly.
pub const STORE_WHOLE_IDLE: Duration = MINUTE.saturating_mul(5);
/// The most connections to the app's database: what is taken here is missing there.
pub const APP_CONNECTIONS: u32 = 3;
/// How long to wait for a free connection of a pool.
pub const POOL_WAIT: Duration = Duration::from_secs(5);
/// How long to wait for a connection to a vendor.
pub const CONNECT: Duration = Duration::from_secs(5);
/// How long one call to Slack or to a vendor may take.
pub const CALL: Duration = Duration::from_secs(30);
/// How long one live check of the doctor or of `/readyz` may take.
pub const CHECK: Duration = Duration::from_secs(5);
/// How long a stopping process waits for what is under way.
pub const SHUTDOWN: Duration = Duration::from_secs(20);
