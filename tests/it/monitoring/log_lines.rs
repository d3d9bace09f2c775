//! The log lines of one request.

use crate::support::{World, log, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_be_followed_in_the_log_from_its_command_to_its_end() {
    log::capture().await;
    let world = World::start().await;
    let delivery = world
        .slack
        .slash(ADA, OPS, "/ops credits add usr_10 5 marked-reason-91ce")
        .await
        .unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    let id = world
        .until("a request", async |world| world.newest().await)
        .await;
    let request = world.until_state(id, "done").await;
    let number = request.label();
    let replica = replica_of(&world, &id.to_string()).await;
    world
        .until("messages of the request in the log", async |_| {
            let log = of(&id.to_string());
            has(
                &log,
                &["message{", "vendor=\"slack\"", "call=\"chat.postMessage\""],
            )
            .then_some(())
        })
        .await;

    let accepted = of(&replica);
    let wanted = [
        "an inbox entry was accepted",
        "kind=\"credits add\"",
        "duration_s=",
    ];
    assert!(has(&accepted, &wanted), "{accepted:#?}");
    let log = of(&id.to_string());
    let number = format!("request.number=\"{number}\"");
    for event in [
        "asked",
        "planned",
        "run_started",
        "step_started",
        "step_succeeded",
        "run_succeeded",
    ] {
        let (event, replica) = (format!("event=\"{event}\""), format!("replica={replica}"));
        let wanted = [
            "an event was recorded",
            &number,
            "operation=\"credits add\"",
            &event,
            &replica,
        ];
        assert_eq!(times(&log, &wanted), 1, "{event}: {log:#?}");
    }
    assert!(
        has(
            &log,
            &["an event was recorded", "inbox_entry{", "event=\"asked\""]
        ),
        "{log:#?}"
    );
    the_step_is_told_with_its_calls(&log, &number);
    nothing_private_is_told(&log);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_a_click_leads_to_is_logged_once_with_the_state_that_follows() {
    log::capture().await;
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let recorded = [
        "an event was recorded",
        "inbox_entry{",
        "event=\"cancelled\"",
    ];
    world
        .until("the line of the event", async |_| {
            has(&of(&id.to_string()), &recorded).then_some(())
        })
        .await;
    let log = of(&id.to_string());
    assert_eq!(times(&log, &recorded), 1, "{log:#?}");
    assert!(
        has(&log, &["event=\"cancelled\"", "state=\"cancelled\""]),
        "{log:#?}"
    );
    let accepted = ["an inbox entry was accepted", "kind=\"cancel\""];
    assert_eq!(times(&log, &accepted), 1, "{log:#?}");
    world.finish().await;
}

/// One line for the step, and one for the call to the app's database within the request's span.
fn the_step_is_told_with_its_calls(log: &[String], number: &str) {
    let step = [
        "a step was tried",
        "request{",
        number,
        "outcome=\"done\"",
        "duration_s=",
    ];
    assert_eq!(times(log, &step), 1, "{log:#?}");
    let change = [
        "request{",
        "vendor=\"app_db\"",
        "call=\"change\"",
        "outcome=\"ok\"",
    ];
    assert!(has(log, &change), "{log:#?}");
}

/// No line of ours holds what was typed, or whom it was about.
fn nothing_private_is_told(log: &[String]) {
    for line in log {
        for private in ["marked-reason-91ce", "usr_10", "@example.com"] {
            let ours = line.contains("countersign::");
            assert!(
                !(ours && line.contains(private)),
                "{private} is in the log: {line}"
            );
        }
    }
}

/// The replica that recorded a request.
async fn replica_of(world: &World, id: &str) -> String {
    world
        .until("the line of an event", async |_| {
            let lines = of(id);
            let line = lines
                .iter()
                .find(|line| line.contains("an event was recorded"))?;
            let (_, rest) = line.rsplit_once("replica=")?;
            Some(rest.split(' ').next().unwrap_or(rest).to_owned())
        })
        .await
}

/// The lines with these words so far.
fn of(words: &str) -> Vec<String> {
    let log = log::so_far();
    let lines = log.lines().filter(|line| line.contains(words));
    lines.map(str::to_owned).collect()
}

fn has(lines: &[String], words: &[&str]) -> bool {
    times(lines, words) > 0
}

fn times(lines: &[String], words: &[&str]) -> usize {
    let has_all = |line: &&String| words.iter().all(|word| line.contains(word));
    lines.iter().filter(has_all).count()
}
