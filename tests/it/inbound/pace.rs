//! One person's flood of commands is theirs alone.

use std::time::Duration;

use crate::support::{Options, World, story::*};

async fn world() -> World {
    let mut world = World::without_service(Options::default()).await;
    world.tuning.commands_most = 3;
    world.start_replica().await;
    world
}

async fn requests(world: &World) -> i64 {
    world
        .count("select count(*) from countersign.request")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_commands_of_one_person_are_refused_and_not_recorded_until_a_minute_is_over() {
    let world = world().await;
    for line in ["/ops whoami", "/ops requests", "/ops stats users"] {
        assert!(world.slack.slash(ADA, OPS, line).await.unwrap().ok());
    }
    world
        .until("the answers", async |world| {
            (requests(world).await >= 3).then_some(())
        })
        .await;
    assert!(world.slack.slash(ADA, OPS, LINE).await.unwrap().ok());
    let told = world.until_told(ADA, "too many commands").await;
    assert!(
        told.all_text().contains("was not recorded"),
        "{}",
        told.all_text()
    );
    let deletions = "select count(*) from countersign.inbox where kind = 'user delete'";
    assert_eq!(world.count(deletions).await, 0);
    // Somebody else is not affected.
    world.ask(GRACE, LINE).await;
    world.clock.advance(Duration::from_secs(61));
    let (id, _) = world.answered(ADA, "/ops requests").await;
    world.until_state(id, "done").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_and_commands_that_stop_something_always_get_through() {
    let world = world().await;
    let id = world.ask_for_maria().await;
    for _ in 0..5 {
        assert!(
            world
                .slack
                .slash(ADA, OPS, "/ops whoami")
                .await
                .unwrap()
                .ok()
        );
        assert!(
            world
                .slack
                .slash(GRACE, OPS, "/ops whoami")
                .await
                .unwrap()
                .ok()
        );
    }
    world.until_told(ADA, "too many commands").await;
    world.until_told(GRACE, "too many commands").await;
    // Grace approves and Ada stops by clicks.
    world.approve(GRACE, id).await;
    world.click(ADA, id, "stop").await;
    world.until_state(id, "stopped").await;
    // Linus cancels and Ada freezes by commands.
    let own = world.ask(LINUS, LINE).await;
    for _ in 0..5 {
        let delivery = world.slack.slash(LINUS, OPS, "/ops whoami").await;
        assert!(delivery.unwrap().ok());
    }
    world.until_told(LINUS, "too many commands").await;
    let cancel = format!("/ops cancel {}", world.request(own).await.label());
    assert!(world.slack.slash(LINUS, OPS, &cancel).await.unwrap().ok());
    world.until_state(own, "cancelled").await;
    let freeze = "/ops freeze on too much at once";
    assert!(world.slack.slash(ADA, OPS, freeze).await.unwrap().ok());
    world
        .until("the freeze", async |world| {
            let sql = "select count(*) from countersign.service_settings where frozen";
            (world.count(sql).await == 1).then_some(())
        })
        .await;
    world.finish().await;
}
