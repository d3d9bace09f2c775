//! The words in which scenarios are told.

use std::{future::Future, time::Duration};

use countersign::domain::{Request, RequestId, State, request::Progress};
use countersign::runtime::Clock;
use countersign_sandbox::slack::{Delivery, Message, Submission};
use serde_json::json;

use super::{World, environment::COOLING_OFF_SECONDS};

pub const ADA: &str = "U0ADA";
pub const ADA_AGAIN: &str = "U0ADA2";
pub const GRACE: &str = "U0GRACE";
pub const LINUS: &str = "U0LINUS";
pub const OLGA: &str = "U0OLGA";
pub const GIL: &str = "U0GIL";
pub const OPS: &str = "C0OPS";
pub const APPROVALS: &str = "C0APPROVALS";
pub const AUDIT: &str = "C0AUDIT";

/// Ada's usual command.
pub const LINE: &str = "/ops user delete maria@example.com asked for erasure by mail";

/// What a modal says until it is known who clicked.
pub const LOOKING: &str = "Asking Slack whether you may do this";

/// How long a wait may take in real time before it counts as a failure.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often state that nobody announces is looked at.
const LOOK: Duration = Duration::from_millis(15);

impl World {
    /// Waits until `look` finds something.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn(&World) -> Option<T>) -> T {
        let waiting = async {
            let mut interval = tokio::time::interval(LOOK);
            loop {
                interval.tick().await;
                if let Some(found) = look(self).await {
                    return found;
                }
                self.requesters_confirm().await;
            }
        };
        match within(waiting).await {
            Some(found) => found,
            None => panic!("never came: {what}\n{}", self.picture().await),
        }
    }

    /// Ada asks for Maria's deletion; gives the request once its card can be approved.
    pub async fn ask_for_maria(&self) -> RequestId {
        self.ask(ADA, LINE).await
    }

    /// Somebody asks; gives the request once it waits for approval.
    pub async fn ask(&self, who: &str, line: &str) -> RequestId {
        let before = self.newest().await;
        let delivery = self.slack.slash(who, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        let id = self
            .until("a new request", async |world| {
                world.newest().await.filter(|id| Some(*id) != before)
            })
            .await;
        self.until_state(id, "awaiting approval").await;
        self.until_card_shows(id, "approve").await;
        id
    }

    /// The newest request.
    pub async fn newest(&self) -> Option<RequestId> {
        sqlx::query_scalar("select id from countersign.request order by number desc limit 1")
            .fetch_optional(&self.db)
            .await
            .unwrap()
            .map(RequestId)
    }

    /// Waits until the request is in a state, by its word.
    pub async fn until_state(&self, id: RequestId, word: &str) -> Request {
        self.until(&format!("state {word}"), async |world| {
            let request = world.request(id).await;
            (request.state.word() == word).then_some(request)
        })
        .await
    }

    /// The request as the journal has it.
    pub async fn request(&self, id: RequestId) -> Request {
        self.journal().request(id).await.unwrap()
    }

    /// The names of a request's events, in order.
    pub async fn event_names(&self, id: RequestId) -> Vec<String> {
        sqlx::query_scalar("select name from countersign.event where stream = $1 order by version")
            .bind(id.0)
            .fetch_all(&self.db)
            .await
            .unwrap()
    }

    /// The card in the approvals channel.
    pub async fn card(&self, id: RequestId) -> Message {
        self.until("the card", async |world| {
            world.posted(&format!("approval:{id}")).await
        })
        .await
    }

    /// Waits until the card has a button.
    pub async fn until_card_shows(&self, id: RequestId, action: &str) -> Message {
        self.until(&format!("a card with {action}"), async |world| {
            world
                .posted(&format!("approval:{id}"))
                .await
                .filter(|card| card.has_action(action))
        })
        .await
    }

    async fn posted(&self, slot: &str) -> Option<Message> {
        Some(self.message_of(slot).await?.1)
    }

    /// The message of a slot, with its channel.
    pub(super) async fn message_of(&self, slot: &str) -> Option<(String, Message)> {
        let place: Option<(Option<String>, Option<String>)> =
            sqlx::query_as("select channel, ts from countersign.message where slot = $1")
                .bind(slot)
                .fetch_optional(&self.db)
                .await
                .unwrap();
        let (Some(channel), Some(ts)) = place? else {
            return None;
        };
        let mut messages = self.slack.messages(&channel).into_iter();
        let message = messages.find(|message| message.ts == ts)?;
        Some((channel, message))
    }

    /// The audit thread of a request.
    pub async fn audit_thread(&self, id: RequestId) -> Vec<Message> {
        let parent = self
            .until("the audit line", async |world| {
                world.posted(&format!("audit:{id}")).await
            })
            .await;
        self.slack.thread(AUDIT, &parent.ts)
    }

    /// Somebody clicks a button of the card.
    pub async fn click(&self, who: &str, id: RequestId, action: &str) -> Delivery {
        let card = self.until_card_shows(id, action).await;
        self.slack
            .click(who, APPROVALS, &card.ts, action)
            .await
            .unwrap()
    }

    /// Somebody approves Maria's deletion and types her id.
    pub async fn approve(&self, who: &str, id: RequestId) {
        self.approve_typing(who, id, "usr_1").await;
    }

    /// Somebody approves and types something to confirm.
    pub async fn approve_typing(&self, who: &str, id: RequestId, typed: &str) {
        let view = self.open_modal(who, id, "approve").await;
        assert_eq!(self.submit(who, &view, typed).await, Submission::Closed);
    }

    /// Clicks what opens a modal and gives the modal's id once it is known who clicked.
    pub async fn open_modal(&self, who: &str, id: RequestId, action: &str) -> String {
        let open = self.slack.open_views(who).len();
        let delivery = self.click(who, id, action).await;
        assert!(delivery.ok(), "{:?}", delivery.error);
        self.until("a modal", async |world| {
            let views = world.slack.open_views(who);
            let top = views.last().filter(|_| views.len() > open)?;
            (!top.all_text().contains(LOOKING)).then(|| top.id.clone())
        })
        .await
    }

    /// Fills the one field of a modal in and submits it.
    pub async fn submit(&self, who: &str, view: &str, text: &str) -> Submission {
        use countersign::slack::cards::field;
        let values = json!({ field::BLOCK: { field::TEXT: text } });
        self.slack.submit(who, view, &values).await.unwrap()
    }

    /// Waits for an ephemeral message to somebody that holds some words.
    pub async fn until_told(&self, who: &str, words: &str) -> Message {
        self.until(&format!("{who} is told {words:?}"), async |world| {
            let told = world.slack.ephemerals(who).into_iter();
            told.chain(world.slack.dm(who))
                .find(|message| message.all_text().contains(words))
        })
        .await
    }

    /// Waits while time passes faster than it does.
    pub async fn hurry_until<T>(&self, what: &str, look: impl AsyncFn(&Self) -> Option<T>) -> T {
        self.until(what, async |world| {
            world.clock.advance(Duration::from_millis(200));
            look(world).await
        })
        .await
    }

    /// Waits for a state while time passes faster than it does.
    pub async fn hurry_until_state(&self, id: RequestId, word: &str) {
        self.hurry_until(&format!("state {word}"), async |world| {
            (world.request(id).await.state.word() == word).then_some(())
        })
        .await;
    }

    /// Waits for a state while every pause of the run is over as soon as it begins. Patience is for one event at a time.
    pub async fn skip_pauses_until_state(&self, id: RequestId, word: &str) {
        let mut seen = self.request(id).await;
        while seen.state.word() != word {
            let before = seen.version;
            seen = self
                .until(&format!("state {word}"), async |world| {
                    let request = world.request(id).await;
                    let now = world.clock.now();
                    let waits = matches!(request.state, State::AwaitingConfirmation);
                    let due = request.due_at(now).filter(|_| !waits).unwrap_or(now);
                    let pause = (due - now).to_std().unwrap_or_default();
                    world.clock.advance(pause + Duration::from_millis(200));
                    (request.version > before).then_some(request)
                })
                .await;
        }
    }

    /// Waits, with time passing, until Slack shows everything.
    pub async fn hurry_until_delivered(&self) {
        let what = "everything is delivered";
        self.hurry_until(what, async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    }

    /// Whether Slack shows everything.
    pub async fn nothing_to_deliver(&self) -> bool {
        let sql = "select (select count(*) from countersign.request where undelivered)
                        + (select count(*) from countersign.message
                           where undeliverable is null
                             and (shown is null or shown < wanted or shown_generation < generation))";
        self.count(sql).await == 0
    }

    /// Lets the service tidy up after requests that are closed, which it does every ten minutes.
    pub async fn tidy_up(&self) {
        self.clock.advance(Duration::from_secs(601));
        self.until("closed requests are tidied up", async |world| {
            let sql = "select (select count(*) from countersign.erasure_subject s
                               join countersign.request r on r.id = s.request_id where not r.open)
                            + (select count(*) from countersign.erasure_ledger l
                               join countersign.request r on r.id = l.request_id
                               where not r.open and l.erased_at is not null and l.forgotten_at is null)";
            (world.count(sql).await == 0).then_some(())
        })
        .await;
    }

    /// Lets the cooling-off time pass, which runs from the moment when the hold is in place.
    pub async fn cool_off(&self) {
        self.until("the hold is in place", async |world| {
            let request = world.request(world.newest_gated().await?).await;
            let State::CoolingOff { hold, .. } = request.state else {
                return None;
            };
            hold.iter()
                .all(|step| matches!(step.progress, Progress::Done { .. }))
                .then_some(())
        })
        .await;
        self.clock
            .advance(Duration::from_secs(COOLING_OFF_SECONDS + 2));
    }

    /// The newest request that needs approval.
    async fn newest_gated(&self) -> Option<RequestId> {
        sqlx::query_scalar(
            "select id from countersign.request where risk in ('sensitive', 'destructive') order by number desc limit 1",
        )
        .fetch_optional(&self.db)
        .await
        .unwrap()
        .map(RequestId)
    }

    /// Rows of a query that counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db).await.unwrap()
    }

    /// What a failing wait shows.
    async fn picture(&self) -> String {
        let requests: Vec<(i64, String, i64)> = sqlx::query_as(
            "select number, state, version from countersign.request order by number",
        )
        .fetch_all(&self.db)
        .await
        .unwrap_or_default();
        let events: Vec<(String, String)> = sqlx::query_as(
            "select name, left(body, 300) from countersign.event order by seq desc limit 5",
        )
        .fetch_all(&self.db)
        .await
        .unwrap_or_default();
        type Shown = (String, i64, Option<i64>, i32, Option<String>);
        let messages: Vec<Shown> = sqlx::query_as(
            "select slot, wanted, shown, attempts, undeliverable from countersign.message order by place",
        )
        .fetch_all(&self.db)
        .await
        .unwrap_or_default();
        format!(
            "requests: {requests:?}\nlast events: {events:#?}\nmessages: {messages:#?}\nSlack refused: {:#?}",
            self.slack.unexpected()
        )
    }
}

async fn within<T>(waiting: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, waiting).await.ok()
}
