//! Stop gets through, whatever else is open.

use crate::support::{World, story::*};

/// Places of one replica for entries that stop nothing.
const PLACES: usize = 8;

/// Ten thousand open commands of twenty people, whose oldest ones another replica is working on.
const OPEN: &str = "insert into countersign.inbox
         (id, dedupe_key, kind, rank, lane, waits, held_until, payload, received_at, not_before, mac)
     select gen_random_uuid(), 'open ' || n, 'whoami', 2, '2:U0FLOOD' || n % 20, n >= 20,
            case when n < 20 then now() + interval '1 day' end, '{}', now(), now(), ''
     from generate_series(0, 9999) n";

#[tokio::test(flavor = "multi_thread")]
async fn stop_gets_through_while_ten_thousand_entries_are_open_and_every_place_is_taken() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.until_card_shows(id, "stop").await;
    sqlx::query(OPEN).execute(&world.db).await.unwrap();
    let people = world.add_admins(PLACES + 4);
    world.let_facts_age();
    let mut gate = world.slack.faults().hold("users.info");
    for person in &people {
        let line = "/ops whoami";
        assert!(world.slack.slash(person, OPS, line).await.unwrap().ok());
    }
    let mut held = vec![];
    for _ in 0..PLACES {
        held.push(gate.arrived().await.unwrap());
    }
    assert!(world.click(LINUS, id, "stop").await.ok());
    let look_up = gate.arrived().await.unwrap();
    drop(gate);
    look_up.release();
    world.until_state(id, "stopped").await;
    assert!(!world.is_blocked("usr_1").await);
    let answered =
        "select count(*) from countersign.inbox where done_at is not null and kind = 'whoami'";
    assert_eq!(
        world.count(answered).await,
        0,
        "all places were taken until the end"
    );
    drop(held);
    sqlx::query("delete from countersign.inbox where lane like '2:U0FLOOD%'")
        .execute(&world.db)
        .await
        .unwrap();
    world.finish().await;
}
