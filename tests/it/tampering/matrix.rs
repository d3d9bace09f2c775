//! Four stories, during which somebody without the key clones, changes and removes rows of every table. With each event of a
//! story comes one move (`attacker.sql`); moves stay until the service stops at one, then all are put back and the story goes
//! on. A run begins at another move than the next one, so that as many runs as there are moves have made every move with
//! every event.

use std::{collections::BTreeSet, time::Duration};

use futures::StreamExt;
use serde_json::json;

use countersign::{
    domain::{RequestId, State},
    journal::verify::verify,
    slack::cards::field,
};

use super::effects::{self, Approved};
use crate::support::{Options, World, leftovers, story::*};

/// Worlds that run side by side.
const AT_ONCE: usize = 3;
/// Runs per story that are done every time.
const SAMPLE: i64 = 4;
/// Looks without a new event after which the service counts as stopped. The clock goes on by [`TICK`] with each.
const IDLE: usize = 40;
const TICK: Duration = Duration::from_millis(250);
/// Looks after which Grace clicks again.
const LOOKS_BEFORE_A_SECOND_CLICK: usize = 100;
/// Looks without a new event after which an undisturbed story fails.
const PATIENCE: usize = 4_000;
/// How long what was tampered with rests, and some more.
const REST: Duration = Duration::from_secs(660);
/// Stops in a row after which a story is over: on a busy machine the service may only have been slow.
const MOST_STOPS: usize = 15;

/// A story: Ada asks, Grace approves.
#[derive(Clone, Copy)]
struct Story {
    line: &'static str,
    /// What Grace types to confirm; `None` when the click approves.
    typed: Option<&'static str>,
}

const DELETION: Story = Story {
    line: LINE,
    typed: Some("usr_1"),
};
const REFUND: Story = Story {
    line: "/ops refund pi_maria_pro the test was interrupted",
    typed: Some("9.99 USD"),
};
const EXPORT: Story = Story {
    line: "/ops user export maria@example.com asked for a copy by mail",
    typed: None,
};
const GRANT: Story = Story {
    line: "/ops credits add usr_9 60 cs_hana_late the webhook failed",
    typed: None,
};

#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_is_tampered_with_during_a_deletion_has_an_effect() {
    sampled(DELETION).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_is_tampered_with_during_a_refund_has_an_effect() {
    sampled(REFUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_is_tampered_with_during_an_export_has_an_effect() {
    sampled(EXPORT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_is_tampered_with_during_a_grant_has_an_effect() {
    sampled(GRANT).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every move with every event takes a quarter of an hour"]
async fn no_row_that_is_tampered_with_at_any_event_of_a_deletion_has_an_effect() {
    exhausted(DELETION).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every move with every event takes a quarter of an hour"]
async fn no_row_that_is_tampered_with_at_any_event_of_a_refund_has_an_effect() {
    exhausted(REFUND).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every move with every event takes a quarter of an hour"]
async fn no_row_that_is_tampered_with_at_any_event_of_an_export_has_an_effect() {
    exhausted(EXPORT).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every move with every event takes a quarter of an hour"]
async fn no_row_that_is_tampered_with_at_any_event_of_a_grant_has_an_effect() {
    exhausted(GRANT).await;
}

async fn exhausted(story: Story) {
    let (approved, moves) = undisturbed(story).await;
    all(story, &approved, (0..moves).collect()).await;
}

async fn sampled(story: Story) {
    let (approved, moves) = undisturbed(story).await;
    let firsts = (0..SAMPLE).map(|run| run * moves / SAMPLE).collect();
    all(story, &approved, firsts).await;
}

async fn all(story: Story, approved: &Approved, firsts: Vec<i64>) {
    let runs = futures::stream::iter(firsts)
        .map(|first| disturbed(story, approved, first))
        .buffer_unordered(AT_ONCE);
    let wrong: Vec<String> = runs.filter_map(async |wrong| wrong).collect().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    leftovers::no_panics();
}

/// What the story does when nobody interferes, and how many moves there are.
async fn undisturbed(story: Story) -> (Approved, i64) {
    let mut run = Run::begin(story, None).await;
    let mut approved = Approved::default();
    approved.note(effects::lines(&run.world).await);
    run.ask().await;
    while run.goes_on().await {
        approved.note(effects::lines(&run.world).await);
    }
    let events = run.events().await;
    assert_eq!(events.last().map(String::as_str), Some("run_succeeded"));
    run.world.hurry_until_delivered().await;
    approved.note(effects::lines(&run.world).await);
    approved.channels = effects::channels(&run.world);
    let moves = run
        .world
        .count("select max(moves) from attacker.seen")
        .await;
    run.world.stop().await;
    (approved, moves)
}

/// Runs the story with moves from `first` on. Gives what went wrong.
async fn disturbed(story: Story, approved: &Approved, first: i64) -> Option<String> {
    let mut run = Run::begin(story, Some(first)).await;
    run.ask().await;
    while run.goes_on().await {
        // A process that was started anew has no memory of what it has read.
        if run.seen == 4 + (first as usize % 16) && !run.restarted {
            run.restarted = true;
            run.restart().await;
        }
    }
    run.look_for_traces().await;
    let lines = effects::lines(&run.world).await;
    let mut wrong = approved.exceeded_by(&lines);
    let elsewhere = effects::channels(&run.world);
    let elsewhere = elsewhere.difference(&approved.channels);
    wrong.extend(elsewhere.map(|channel| format!("messages in {channel}")));
    // A story that was kept from having any effect did no harm.
    let is_harmless = lines == approved.last || lines == approved.first;
    if !is_harmless && !run.found {
        wrong.push("the story ended otherwise and verifying found nothing".to_owned());
    }
    run.world.stop().await;
    match wrong.is_empty() {
        true => None,
        false => Some(format!(
            "{}, from move {first}:\n{}\n{}",
            story.line,
            wrong.join("\n"),
            run.tale().await
        )),
    }
}

/// One story in one world.
struct Run {
    world: World,
    story: Story,
    /// Events that were appended so far.
    seen: usize,
    /// Looks since the last one.
    idle: usize,
    stops: usize,
    stops_in_a_row: usize,
    /// Whether Grace has approved since the last stop, and whether Ada has tried again.
    clicked: bool,
    resumed: bool,
    /// Grace's dialogs that she has answered.
    answered: BTreeSet<String>,
    restarted: bool,
    /// Whether verifying has found anything.
    found: bool,
    disturbed: bool,
}

impl Run {
    async fn begin(story: Story, first: Option<i64>) -> Self {
        let options = Options::default()
            .and_stripe()
            .with("COUNTERSIGN_COOLING_OFF", "5s");
        let world = World::with(options).await;
        sqlx::raw_sql(include_str!("attacker.sql"))
            .execute(&world.db)
            .await
            .unwrap();
        if let Some(first) = first {
            sqlx::query("insert into attacker.orders values ($1)")
                .bind(first)
                .execute(&world.db)
                .await
                .unwrap();
        }
        Self {
            world,
            story,
            seen: 0,
            idle: 0,
            stops: 0,
            stops_in_a_row: 0,
            clicked: false,
            resumed: false,
            answered: BTreeSet::new(),
            restarted: false,
            found: false,
            disturbed: first.is_some(),
        }
    }

    async fn ask(&self) {
        let delivery = self.world.slack.slash(ADA, OPS, self.story.line).await;
        assert!(delivery.unwrap().ok());
    }

    async fn events(&self) -> Vec<String> {
        sqlx::query_scalar("select name from attacker.seen order by n")
            .fetch_all(&self.world.db)
            .await
            .unwrap()
    }

    /// Waits for the next event, and does what people do meanwhile. False when the story is over.
    async fn goes_on(&mut self) -> bool {
        let mut looks = tokio::time::interval(Duration::from_millis(15));
        loop {
            looks.tick().await;
            let events = self.events().await;
            if events.len() > self.seen {
                (self.seen, self.idle, self.stops_in_a_row) = (events.len(), 0, 0);
                return true;
            }
            let last = events.last().map_or("", String::as_str);
            if ["run_succeeded", "refused", "denied", "expired"].contains(&last) {
                return false;
            }
            self.idle += 1;
            assert!(self.idle < PATIENCE, "{}", self.tale().await);
            if self.disturbed && self.idle >= IDLE && !self.stopped().await {
                return false;
            }
            // A dialog that was answered while it was drawn anew took no answer.
            self.clicked &= !self.idle.is_multiple_of(LOOKS_BEFORE_A_SECOND_CLICK);
            self.people_act(last).await;
            self.world.clock.advance(TICK);
        }
    }

    /// The service has stopped: everything is put back. False when it has stopped too often.
    async fn stopped(&mut self) -> bool {
        self.stops += 1;
        self.stops_in_a_row += 1;
        self.look_for_traces().await;
        (self.idle, self.clicked, self.resumed) = (0, false, false);
        self.world.clock.advance(REST);
        self.stops_in_a_row < MOST_STOPS
    }

    /// A service that refuses to start has stopped, and says what it found: it starts once everything is put back.
    async fn restart(&mut self) {
        self.world.crash().await;
        if let Err(refusal) = self.world.try_to_start_replica().await {
            assert!(refusal.contains("tampered with"), "{refusal}");
            self.look_for_traces().await;
            assert!(self.found, "{refusal}, and verifying found nothing");
            self.world.start_replica().await;
        }
    }

    /// Verifies the journal and puts everything back.
    async fn look_for_traces(&mut self) {
        if !self.disturbed {
            return;
        }
        let journal = self.world.journal();
        let report = verify(&journal.pool, &journal.key, None).await.unwrap();
        self.found |= !report.is_sound();
        sqlx::raw_sql("call attacker.restore()")
            .execute(&self.world.db)
            .await
            .unwrap();
    }

    async fn people_act(&mut self, last: &str) {
        let slack = &self.world.slack;
        for view in slack.open_views(GRACE) {
            let is_known = !view.all_text().contains(LOOKING);
            if is_known && self.answered.insert(view.id.clone()) {
                let typed = self.story.typed.unwrap_or_default();
                let values = json!({ field::BLOCK: { field::TEXT: typed } });
                // A dialog that says why it cannot be done takes no answer.
                let _ = slack.submit(GRACE, &view.id, &values).await;
                return;
            }
        }
        let (who, action) = match last {
            "run_failed" | "run_indeterminate" if !self.resumed => (ADA, "resume"),
            _ if !self.clicked => (GRACE, "approve"),
            _ => return,
        };
        let cards = slack.messages(APPROVALS).into_iter();
        let Some(card) = cards.rev().find(|card| card.has_action(action)) else {
            return;
        };
        let clicked = slack.click(who, APPROVALS, &card.ts, action).await;
        if !clicked.unwrap().ok() {
            return;
        }
        match action {
            "resume" => self.resumed = true,
            _ => self.clicked = true,
        }
    }

    /// What was done, for a failing run.
    async fn tale(&self) -> String {
        let done: Vec<(String, String, Option<String>)> =
            sqlx::query_as("select tbl, kind, col from attacker.done order by at")
                .fetch_all(&self.world.db)
                .await
                .unwrap();
        let done: Vec<String> = done
            .into_iter()
            .map(|(table, kind, column)| format!("{kind} {table} {}", column.unwrap_or_default()))
            .collect();
        let id: Option<uuid::Uuid> =
            sqlx::query_scalar("select request_id from attacker.seen limit 1")
                .fetch_optional(&self.world.db)
                .await
                .unwrap();
        let state = match id {
            Some(id) => self
                .world
                .journal()
                .request(RequestId(id))
                .await
                .map(|it| it.state),
            None => return "nothing was asked".to_owned(),
        };
        let state = state.as_ref().map_or("not readable", State::word);
        format!(
            "moves: {done:?}\nevents: {:?}\nstops: {}, found: {}, restarted: {}, state: {state}",
            self.events().await,
            self.stops,
            self.found,
            self.restarted,
        )
    }
}
