//! The workspace's state behind one lock, and what every part does with it.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    call::Call,
    deliver::DueEvent,
    faults::Faults,
    hooks::Hook,
    limits::Limits,
    model::{Channel, ChannelKind, Message},
    registry::Registry,
    settings::Settings,
    world::World,
};
use crate::runtime::random_bytes;

/// A trigger id opens one view within this time.
const TRIGGER_LIFE: TimeDelta = TimeDelta::seconds(3);

/// What every clone of the handle and every request works on.
pub(super) struct Shared {
    core: Mutex<Core>,
    changed: watch::Sender<u64>,
    pub(super) settings: Settings,
    pub(super) faults: Faults,
    pub(super) registry: Registry,
    pub(super) http: reqwest::Client,
    pub(super) base_url: String,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

pub(super) struct Core {
    pub(super) world: World,
    pub(super) limits: Limits,
    pub(super) hooks: HashMap<String, Hook>,
    pub(super) due: Vec<DueEvent>,
    pub(super) app_url: Option<String>,
    pub(super) base_url: String,
    triggers: HashMap<String, Trigger>,
    now: crate::runtime::Now,
    last_ts: i64,
    record: Option<File>,
}

struct Trigger {
    user: String,
    until: DateTime<Utc>,
    used: bool,
}

impl Shared {
    pub(super) fn new(mut settings: Settings, base_url: String) -> anyhow::Result<Arc<Self>> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let record = settings
            .record
            .as_ref()
            .map(open)
            .transpose()
            .context("cannot open the record file")?;
        let core = Core {
            world: std::mem::take(&mut settings.world),
            limits: Limits::default(),
            hooks: HashMap::new(),
            due: Vec::new(),
            app_url: None,
            base_url: base_url.clone(),
            triggers: HashMap::new(),
            now: Arc::clone(&settings.now),
            last_ts: 0,
            record,
        };
        // A process that has no TLS provider yet gets ring; one that has keeps its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // Every request has a connection of its own: the app may have been killed and started again.
            .pool_max_idle_per_host(0)
            .user_agent("Slackbot 1.0 (+https://api.slack.com/robots)")
            .build()
            .context("cannot set up the HTTP client")?;
        Ok(Arc::new(Self {
            core: Mutex::new(core),
            changed: watch::Sender::new(1),
            settings,
            faults: Faults::default(),
            registry: Registry::default(),
            http,
            base_url,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Reads the state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Core) -> T) -> T {
        read(&self.core())
    }

    /// Changes the state and wakes everybody who waits for a change.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let out = change(&mut self.core());
        self.wake();
        out
    }

    /// Wakes everybody who waits for a change.
    pub(super) fn wake(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// The number of changes so far, to wait on.
    pub(super) fn version(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// A message time stamp: the time, moved on where needed so that no two are alike.
    pub(super) fn next_ts(&mut self) -> String {
        self.last_ts = self.now().timestamp_micros().max(self.last_ts + 1);
        format!(
            "{}.{:06}",
            self.last_ts / 1_000_000,
            self.last_ts % 1_000_000
        )
    }

    /// Appends to the record for the checker outside; `kind` is `message`, `modal` or `home`.
    pub(super) fn record(&mut self, kind: &str, body: &Value) {
        let Some(file) = &mut self.record else { return };
        // One write for the whole line: several workspaces may append to one file.
        let line = format!("{}\n", json!({"kind": kind, "body": body}));
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, "cannot write the record of messages");
        }
    }

    /// Notes that the app sent something that Slack would refuse or answer people for.
    pub(super) fn unexpected(&mut self, what: String) {
        tracing::warn!(what, "the app sent something that Slack refuses");
        self.world.unexpected.push(what);
    }

    pub(super) fn log(&mut self, method: &str, args: Value) -> usize {
        let at = self.now();
        self.world.calls.push(Call {
            method: method.to_owned(),
            args,
            status: 0,
            error: None,
            at,
        });
        self.world.calls.len() - 1
    }

    pub(super) fn new_trigger(&mut self, user: &str) -> String {
        let id = format!(
            "{}.{}.{}",
            random_number(),
            random_number(),
            hex::encode(random_bytes::<16>())
        );
        let until = self.now() + TRIGGER_LIFE;
        self.triggers.insert(
            id.clone(),
            Trigger {
                user: user.to_owned(),
                until,
                used: false,
            },
        );
        id
    }

    /// Uses a trigger up and says whose it was; otherwise Slack's error.
    pub(super) fn use_trigger(&mut self, id: &str) -> Result<String, &'static str> {
        let now = self.now();
        let trigger = self.triggers.get_mut(id).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if now > trigger.until {
            return Err("expired_trigger_id");
        }
        trigger.used = true;
        Ok(trigger.user.clone())
    }

    /// Puts a message into a channel and returns its `ts`.
    pub(super) fn post(&mut self, channel: &str, message: Message) -> String {
        let ts = self.next_ts();
        if let Some(channel) = self.world.channels.get_mut(channel) {
            channel.messages.push(Message {
                ts: ts.clone(),
                ..message
            });
        }
        ts
    }

    /// A message by the app, still without a `ts`.
    pub(super) fn by_app(&self, text: String, blocks: Vec<Value>) -> Message {
        Message {
            user: self.world.app.bot_user.clone(),
            bot: true,
            text,
            blocks,
            ..Message::default()
        }
    }

    /// The direct conversation of the app and a person, opened when there is none.
    pub(super) fn open_dm(&mut self, user: &str) -> String {
        if let Some(dm) = self.world.dm(user) {
            return dm.id.clone();
        }
        let id = new_id("D");
        let channel = Channel {
            id: id.clone(),
            name: String::new(),
            kind: ChannelKind::Direct(user.to_owned()),
            members: [user.to_owned(), self.world.app.bot_user.clone()].into(),
            archived: false,
            general: false,
            shared: false,
            messages: Vec::new(),
        };
        self.world.channels.insert(id.clone(), channel);
        id
    }
}

/// An id as Slack makes them: the kind's letter, `0`, and ten capitals or digits.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}0{}", hex::encode_upper(random_bytes::<5>()))
}

/// A number as they occur inside trigger ids and response URLs.
pub(super) fn random_number() -> u32 {
    u32::from_be_bytes(random_bytes::<4>())
}
