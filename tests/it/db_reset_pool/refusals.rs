use countersign::{operations::parse, text::Words};

use crate::support::{World, people::VICTOR, story::*};

const LINE: &str = "/ops db reset-pool idle the app is refused connections";

async fn refused(world: &World, line: &str) -> String {
    let id = world.ask_and_be_refused(line).await;
    world.told_of(ADA, id).await.all_text()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_now_and_then_is_not_ended() {
    let world = World::start().await;
    let mut young = world.app_connects("web").await;
    let says = refused(&world, LINE).await;
    assert!(says.contains("there is nothing to end"), "{says}");
    assert!(sqlx::Connection::ping(&mut young).await.is_ok());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redeploy_and_restart_are_no_reason_for_an_idle_reset_and_say_where_to_do_it() {
    let world = World::start().await;
    let mut idle = world.app_was_idle("web", 1).await;
    for line in [
        "/ops db reset-pool redeploy connections pile up",
        "/ops db reset-pool restart connections pile up",
    ] {
        let says = refused(&world, line).await;
        assert!(says.contains("do it in their dashboard"), "{says}");
        assert!(
            says.contains("`/ops db reset-pool idle &lt;reason&gt;` works"),
            "{says}"
        );
    }
    assert!(sqlx::Connection::ping(&mut idle[0]).await.is_ok());
    let usage = parse::help(&Words::parse("help db reset-pool").unwrap());
    assert!(!usage.contains("redeploy"), "{usage}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_connects_as_a_superuser_is_left_alone() {
    let world = World::start().await;
    world.clock.advance(std::time::Duration::from_secs(6 * 60));
    let says = refused(&world, LINE).await;
    assert!(says.contains("belongs to postgres, a superuser"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_neither_see_nor_end_connections_says_what_to_grant() {
    let (world, role) = World::with_documented_role(false).await;
    let mut idle = world.app_was_idle("web", 1).await;
    let says = refused(&world, LINE).await;
    for right in ["pg_monitor", "pg_signal_backend"] {
        assert!(says.contains(&format!("GRANT {right} TO {role}")), "{says}");
    }
    assert!(sqlx::Connection::ping(&mut idle[0]).await.is_ok());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_not_end_connections() {
    let world = World::start().await;
    world.slack.slash(VICTOR, OPS, LINE).await.unwrap();
    world.until_told(VICTOR, "operator").await;
    world.finish().await;
}
