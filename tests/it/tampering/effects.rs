//! Everything that a story has an effect on, as lines that can be counted.

use std::collections::{BTreeMap, BTreeSet};

use countersign_sandbox::{data, slack::ChannelKind};
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::support::{World, environment::DOCUMENTS, once::keyed};

/// How often each line stands: rows of the app, files, refunds and customers at Stripe.
pub type Lines = BTreeMap<String, i64>;

/// The least and the most of each line that an undisturbed story shows at any time.
#[derive(Default)]
pub struct Approved {
    times: BTreeMap<String, (i64, i64)>,
    looks: usize,
    /// What there was before it.
    pub first: Lines,
    /// What the story leaves.
    pub last: Lines,
    /// Where messages stand.
    pub channels: BTreeSet<String>,
}

impl Approved {
    pub fn note(&mut self, lines: Lines) {
        for (line, (least, most)) in &mut self.times {
            let now = lines.get(line).copied().unwrap_or_default();
            (*least, *most) = ((*least).min(now), (*most).max(now));
        }
        let least_of_new = |now| if self.looks == 0 { now } else { 0 };
        for (line, now) in &lines {
            let new = (least_of_new(*now), *now);
            self.times.entry(line.clone()).or_insert(new);
        }
        if self.looks == 0 {
            self.first.clone_from(&lines);
        }
        self.looks += 1;
        self.last = lines;
    }

    /// What nobody approved.
    pub fn exceeded_by(&self, lines: &Lines) -> Vec<String> {
        let all: BTreeSet<&String> = self.times.keys().chain(lines.keys()).collect();
        let outside = all.into_iter().filter_map(|line| {
            let now = lines.get(line).copied().unwrap_or_default();
            let (least, most) = self.times.get(line).copied().unwrap_or_default();
            let fits = (least..=most).contains(&now);
            (!fits).then(|| format!("{now} times, not {least} to {most}: {line}"))
        });
        outside.collect()
    }
}

/// What there is now.
pub async fn lines(world: &World) -> Lines {
    let mut lines = Lines::new();
    let mut add = |line: String| *lines.entry(line).or_default() += 1;
    for table in tables(world).await {
        let all = format!(r#"select to_jsonb(t) from public."{table}" t"#);
        let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(all))
            .fetch_all(&world.db)
            .await
            .unwrap();
        for row in rows {
            add(format!("{table} {}", without_times(row)));
        }
    }
    for bucket in [data::BUCKET, DOCUMENTS] {
        for object in world.s3.objects(bucket) {
            let what = if object.delete_marker {
                "marker"
            } else {
                "file"
            };
            add(format!("{bucket} {what} {}", without_ids(&object.key)));
        }
    }
    let account = world.stripe.account();
    for refund in account.refunds.iter() {
        let (amount, of, status) = (refund.amount, &refund.payment_intent, &refund.status);
        add(format!("refund of {amount} of {of:?}: {status:?}"));
    }
    for customer in account.customers.iter() {
        add(format!(
            "customer {}: deleted {}",
            customer.id, customer.deleted
        ));
    }
    lines
}

/// The channels that messages about the journal went to.
pub fn channels(world: &World) -> BTreeSet<String> {
    world.slack.read(|slack| {
        let all = slack.channels.iter();
        all.filter(|(_, channel)| !keyed(&channel.messages).is_empty())
            .map(|(id, channel)| match &channel.kind {
                ChannelKind::Direct(person) => person.clone(),
                _ => id.clone(),
            })
            .collect()
    })
}

async fn tables(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
    )
    .fetch_all(&world.db)
    .await
    .unwrap()
}

/// A row without what differs from run to run: times, and ids that were made for new rows.
fn without_times(mut row: Value) -> String {
    if let Some(columns) = row.as_object_mut() {
        columns.retain(|_, value| {
            let text = value.as_str().unwrap_or_default();
            let is_time = text.len() >= 19 && text.as_bytes()[10] == b'T' && text.starts_with("20");
            !is_time
        });
    }
    without_ids(&row.to_string())
}

/// Long runs of letters and digits in which digits stand, as ids that were made at random are.
fn without_ids(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let words = text.split_inclusive(|c| !is_word(c));
    let shown = words.map(|word| {
        let bare = word.trim_end_matches(|c| !is_word(c));
        let is_id = bare.len() >= 16 && bare.contains(|c: char| c.is_ascii_digit());
        match is_id {
            true => word.replace(bare, "*"),
            false => word.to_owned(),
        }
    });
    without_uuids(&shown.collect::<String>())
}

/// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, wherever it stands.
fn without_uuids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_id = rest
            .get(..36)
            .is_some_and(|it| uuid::Uuid::parse_str(it).is_ok());
        let length = if is_id { 36 } else { first.len_utf8() };
        out.push_str(if is_id { "*" } else { &rest[..length] });
        rest = &rest[length..];
    }
    out
}
