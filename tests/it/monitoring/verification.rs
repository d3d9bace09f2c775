//! The journal is verified by itself, and what is wrong becomes a metric.

use std::time::Duration;

use super::scrape::{scrape, value};
use crate::support::{World, story::*};

const SOUND: &str = "countersign_journal_sound";
const AT: &str = "countersign_journal_verified_timestamp_seconds";

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_verified_after_the_start_and_every_day_and_a_change_is_an_alarm() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    let first = scrape(&world).await;
    assert_eq!(value(&first, SOUND), None, "{first}");

    world.clock.advance(minutes(6));
    let first = verified_after(&world, 0.0).await;
    assert_eq!(value(&first, SOUND), Some(1.0), "{first}");
    assert_eq!(value(&first, "countersign_journal_findings"), Some(0.0));

    let changed = "alter table countersign.event disable trigger user;
                   update countersign.event set body = replace(body, 'user delete', 'user export') where name = 'asked';
                   alter table countersign.event enable trigger user";
    sqlx::raw_sql(changed).execute(&world.db).await.unwrap();
    world.clock.advance(minutes(24 * 60 + 1));
    let second = verified_after(&world, value(&first, AT).unwrap()).await;
    assert_eq!(value(&second, SOUND), Some(0.0), "{second}");
    assert!(value(&second, "countersign_journal_findings").unwrap() >= 1.0);

    let back = changed.replace(
        "'user delete', 'user export'",
        "'user export', 'user delete'",
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(back))
        .execute(&world.db)
        .await
        .unwrap();
    world.finish().await;
}

/// What is told once a verification later than `before` has ended.
async fn verified_after(world: &World, before: f64) -> String {
    world
        .until("a verification", async |world| {
            let text = scrape(world).await;
            (value(&text, AT)? > before).then_some(text)
        })
        .await
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}
