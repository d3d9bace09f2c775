//! `conversations.history` and `conversations.replies`.

use serde_json::json;

use super::{
    Outcome,
    args::Args,
    conversations::{reachable, readable},
    error::Refusal,
    page,
};
use crate::slack::{core::Core, model::Message, wire};

/// Page sizes.
const PAGE: usize = 100;
const MOST: usize = 999;

pub(super) fn history(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    readable(core, &channel)?;
    let range = Range::parse(args)?;
    let mut found: Vec<&Message> = core.world.messages(&channel);
    found.retain(|m| m.thread_ts.is_none() && range.holds(&m.ts));
    found.reverse();
    answer(core, args, &channel, found)
}

pub(super) fn replies(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    let ts = args.required("ts")?;
    readable(core, &channel)?;
    let range = Range::parse(args)?;
    let named = core
        .world
        .message(&channel, &ts)
        .ok_or("thread_not_found")?;
    let parent = named.thread_ts.clone().unwrap_or(ts);
    let mut found = core.world.thread(&channel, &parent);
    // The parent is always there, whatever the range.
    found.retain(|m| m.ts == parent || range.holds(&m.ts));
    answer(core, args, &channel, found)
}

fn answer(core: &Core, args: &Args, channel: &str, found: Vec<&Message>) -> Outcome {
    let metadata = args.flag("include_all_metadata");
    let shown: Vec<_> = found
        .into_iter()
        .map(|m| wire::message(&core.world, channel, m, metadata))
        .collect();
    let (messages, next) = page(shown, args, PAGE, MOST)?;
    let more = next["next_cursor"] != "";
    let mut body = json!({"messages": messages, "has_more": more});
    if more {
        body["response_metadata"] = next;
    }
    Ok(body)
}

/// `oldest` to `latest`; the ends belong to it with `inclusive` only.
struct Range {
    oldest: Option<i128>,
    latest: Option<i128>,
    inclusive: bool,
}

impl Range {
    fn parse(args: &Args) -> Result<Self, Refusal> {
        let end = |name, error: &'static str| match args.text(name)?.filter(|text| !text.is_empty())
        {
            None => Ok(None),
            Some(text) => micros(&text).map(Some).ok_or_else(|| Refusal::from(error)),
        };
        Ok(Self {
            oldest: end("oldest", "invalid_ts_oldest")?,
            latest: end("latest", "invalid_ts_latest")?,
            inclusive: args.flag("inclusive"),
        })
    }

    fn holds(&self, ts: &str) -> bool {
        let Some(at) = micros(ts) else { return false };
        let after = self
            .oldest
            .is_none_or(|end| at > end || (self.inclusive && at == end));
        let before = self
            .latest
            .is_none_or(|end| at < end || (self.inclusive && at == end));
        after && before
    }
}

/// A message time stamp, with any number of decimals, in microseconds.
fn micros(ts: &str) -> Option<i128> {
    let (seconds, rest) = ts.split_once('.').unwrap_or((ts, ""));
    let rest: String = rest.chars().chain("000000".chars()).take(6).collect();
    let seconds: i64 = seconds.parse().ok()?;
    let rest: u32 = rest.parse().ok()?;
    Some(i128::from(seconds) * 1_000_000 + i128::from(rest))
}
