//! Requests in every state that there is.

use countersign::domain::{Command, Risk};

use super::{driven::Driven, people::person, store::Store};

/// The number and the state of a request.
pub type Shown = (i64, &'static str);

/// One request in every state, some sealed and some not.
pub async fn one_in_every_state(store: &Store) -> Vec<Shown> {
    let mut all = undecided(store).await;
    store.seal().await;
    all.extend(held(store).await);
    all.extend(run(store).await);
    all
}

fn shown(it: &Driven<'_>) -> Shown {
    (it.request.number, it.request.state.word())
}

/// What ends, or stands, before anything has an effect.
async fn undecided(store: &Store) -> Vec<Shown> {
    let asked = store.ask("asked").await;
    let mut refused = store.ask("refused").await;
    let blockers = vec!["nobody".to_owned()];
    refused
        .tell(Command::Refuse {
            blockers,
            test_mode: false,
        })
        .await;
    let mut waiting = store.ask("waiting").await;
    waiting.plan(2, 60).await.approve("BEN").await;
    let mut expired = store.ask("expired").await;
    expired.plan(1, 60).await.at += chrono::Duration::hours(5);
    expired.tell(Command::Expire).await;
    let mut denied = store.ask("denied").await;
    denied.plan(1, 60).await.deny().await;
    let mut cancelled = store.ask("cancelled").await;
    let by = person("REQ");
    cancelled.tell(Command::Cancel { by }).await;
    let mut cleared = store.ask("cleared").await;
    cleared.plan(1, 0).await.approve("BEN").await;
    let mut unconfirmed = store.ask_as(Risk::Change, "unconfirmed").await;
    unconfirmed.plan_to_confirm().await;
    let mut confirmed = store.ask_as(Risk::Change, "confirmed").await;
    confirmed.plan_to_confirm().await.confirm().await;
    let all = [
        asked,
        refused,
        waiting,
        expired,
        denied,
        cancelled,
        cleared,
        unconfirmed,
        confirmed,
    ];
    all.iter().map(shown).collect()
}

/// What has a hold, or had one.
async fn held(store: &Store) -> Vec<Shown> {
    let mut cooling = store.ask("cooling").await;
    cooling.plan(1, 60).await.approve("BEN").await;
    let rolling_back = stopped(store, "rolling_back").await;
    let mut lifted = stopped(store, "stopped").await;
    lifted.undo("hold").await;
    let mut drifted = store.ask("superseded").await;
    drifted.plan(1, 60).await.approve("BEN").await;
    drifted.step("hold").await.begin(&["3 more rows"]).await;
    drifted.undo("hold").await.approve("BEN").await;
    let all = [cooling, rolling_back, lifted, drifted];
    all.iter().map(shown).collect()
}

async fn stopped<'a>(store: &'a Store, fingerprint: &str) -> Driven<'a> {
    let mut it = store.ask(fingerprint).await;
    it.plan(1, 60).await.approve("BEN").await.step("hold").await;
    let by = person("CHLOE");
    it.tell(Command::Stop { by }).await;
    it
}

/// What runs, or ran.
async fn run(store: &Store) -> Vec<Shown> {
    let running = started(store, "running").await;
    let mut done = started(store, "done").await;
    done.step("rows").await;
    let mut failed = started(store, "failed").await;
    failed.give_up("rows", false).await;
    let mut unknown = started(store, "unknown").await;
    unknown.give_up("rows", true).await;
    let mut settled = started(store, "settled").await;
    settled.give_up("rows", true).await.settle().await;
    let all = [running, done, failed, unknown, settled];
    all.iter().map(shown).collect()
}

async fn started<'a>(store: &'a Store, fingerprint: &str) -> Driven<'a> {
    let mut it = store.ask(fingerprint).await;
    it.plan(2, 60).await.approve("BEN").await;
    it.approve("CHLOE").await.step("hold").await;
    it.begin(&[]).await;
    it
}
