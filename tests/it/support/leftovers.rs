//! What must not be left when a test ends.

use std::sync::{Mutex, Once};

use countersign::journal::{chain, verify::verify};

use super::{World, once};

static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Remembers panics in the product's own code, which task handles would swallow.
pub fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info
                .location()
                .is_some_and(|place| place.file().starts_with("src/"))
            {
                PANICS.lock().unwrap().push(info.to_string());
            }
            usual(info);
        }));
    });
}

pub fn no_panics() {
    let panics = PANICS.lock().unwrap();
    assert!(panics.is_empty(), "panics in the service: {panics:?}");
}

/// Waits until everything is delivered, then looks at everything else.
pub async fn check(world: &World) {
    // A service that never started made no store, so nothing can be left in it.
    let store = "select count(*) from pg_namespace where nspname = 'countersign'";
    if world.count(store).await == 0 {
        return;
    }
    world
        .until("everything is delivered", async |world: &World| {
            open_work(world).await.is_empty().then_some(())
        })
        .await;
    let undeliverable: Vec<(String, String)> = sqlx::query_as(
        "select slot, undeliverable from countersign.message where undeliverable is not null",
    )
    .fetch_all(&world.db)
    .await
    .unwrap();
    assert!(undeliverable.is_empty(), "undeliverable: {undeliverable:?}");
    let set_aside =
        world.count("select count(*) from countersign.inbox where failed_at is not null");
    assert_eq!(set_aside.await, 0, "entries of the inbox were set aside");
    let unexpected = world.slack.unexpected();
    assert!(unexpected.is_empty(), "Slack refused: {unexpected:#?}");
    let unexpected = world.stripe.unexpected();
    assert!(unexpected.is_empty(), "Stripe refused: {unexpected:#?}");
    let mut unexpected = world.openai.unexpected();
    unexpected.extend(world.vercel.unexpected());
    assert!(unexpected.is_empty(), "a vendor refused: {unexpected:#?}");
    once::every_message_stands_once(world).await;
    let journal = world.journal();
    chain::seal(&journal.pool, &journal.key).await.unwrap();
    let report = verify(&journal.pool, &journal.key, None).await.unwrap();
    assert!(report.is_sound(), "{report}");
}

/// Everything that somebody still has to do: messages, answers, inbox entries, runs.
async fn open_work(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select 'message ' || slot from countersign.message
         where undeliverable is null and (shown is null or shown < wanted or shown_generation < generation)
         union all select 'reply ' || id from countersign.reply where done_at is null
         union all select 'inbox entry ' || kind from countersign.inbox where done_at is null
         union all select 'undelivered ' || number from countersign.request where undelivered
         union all select 'run ' || number || ' ' || state from countersign.request
                   where state in ('asked', 'approved', 'running', 'rolling_back')",
    )
    .fetch_all(&world.db)
    .await
    .unwrap()
}
