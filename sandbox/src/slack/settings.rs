//! How a workspace is set up.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::world::World;
use crate::runtime::{Now, random_bytes, system_now};

/// Slack waits this long for an answer to a command, a click or an event.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// A wait for something that never comes gives up after this much real time.
const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// How a workspace is set up; the default is what most tests want.
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The workspace's clock: time stamps, expiry of triggers and response URLs, rate limits.
    pub now: Now,
    /// Shared with the app; requests to the app are signed with it.
    pub signing_secret: String,
    /// What the app must present.
    pub bot_token: String,
    /// Limit of `chat.postMessage` per channel; `None` turns it off.
    pub rate_limit: Option<RateLimit>,
    /// Whether the other methods' documented tiers are enforced.
    pub tiers: bool,
    /// Where every message and view that the app sends is appended as a JSON line, for a checker outside.
    pub record: Option<PathBuf>,
    /// How long the app may take to answer, in real time.
    pub answer_limit: Duration,
    /// How long [`super::Workspace::wait_until`] waits, in real time.
    pub wait_limit: Duration,
    /// How typed mentions reach a slash command.
    pub mentions: Mentions,
    /// Where the app takes its requests.
    pub paths: Paths,
    /// The slash commands that the app registered.
    pub commands: Vec<CommandHint>,
    /// The steps of the page's tour for a first visit: texts with commands in backticks, `#channels` and `*bold*`.
    pub story: Vec<String>,
    /// What exists at the start.
    pub world: World,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            now: system_now(),
            signing_secret: hex::encode(random_bytes::<16>()),
            bot_token: format!("xoxb-{}", hex::encode(random_bytes::<12>())),
            rate_limit: None,
            tiers: false,
            record: None,
            answer_limit: ANSWER_LIMIT,
            wait_limit: WAIT_LIMIT,
            mentions: Mentions::Named,
            paths: Paths::default(),
            commands: vec![CommandHint {
                name: "/ops".into(),
                hint: "help, user show ada@ieltseq.example, requests pending".into(),
            }],
            story: Vec::new(),
            world: World::default(),
        }
    }
}

/// A token bucket: `burst` at once, refilled at `per_second`.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// How many calls are taken at once.
    pub burst: u32,
    /// How many more per second.
    pub per_second: f64,
}

impl RateLimit {
    /// What Slack documents for `chat.postMessage`: one per second and channel, with short bursts let through.
    pub const POSTING: Self = Self {
        burst: 3,
        per_second: 1.0,
    };
}

/// The forms in which Slack writes a mention into a command's text; both are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentions {
    /// `<@U0ADA>`, `<#C0OPS>`
    Bare,
    /// `<@U0ADA|ada>`, `<#C0OPS|ops>`, and `<#C0SECRET|>` for a private channel
    Named,
}

/// The app's request URLs, as paths below its base URL.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Slash commands.
    pub commands: String,
    /// Clicks, submissions, closed views.
    pub interactions: String,
    /// Options of external selects.
    pub options: String,
    /// Events.
    pub events: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            commands: "/slack/commands".into(),
            interactions: "/slack/interactions".into(),
            options: "/slack/options".into(),
            events: "/slack/events".into(),
        }
    }
}

/// A registered slash command.
#[derive(Debug, Clone)]
pub struct CommandHint {
    /// With the slash.
    pub name: String,
    /// What people see while they type it.
    pub hint: String,
}
