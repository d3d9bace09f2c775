//! `/ops ip ban`, `/ops ip unban` and `/ops ip list`: the firewall, and what the service lifts by itself.

mod forgotten;
mod later;
mod list;
mod refused;

use std::time::Duration;

use countersign_sandbox::{
    vendor::Failure,
    vercel::{CHANGE_FIREWALL, READ_FIREWALL},
};
use serde_json::json;

use crate::support::{Options, World, boundary::Boundary, once::results, story::*};

pub const BAN: &str = "/ops ip ban 8.8.4.4 for 24h it scrapes the tests";
pub const FOREVER: &str = "/ops ip ban 8.8.4.4 it scrapes the tests";
pub const UNBAN: &str = "/ops ip unban 8.8.4.4 it was the school's proxy";
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn with_vercel() -> World {
    World::with(Options::default().and_vendors()).await
}

/// The rules in the firewall, as network and action.
pub fn rules(world: &World) -> Vec<(String, String)> {
    let rules = world.vercel.rules().into_iter();
    rules.map(|rule| (rule.ip, rule.action)).collect()
}

pub fn denied(ip: &str) -> Vec<(String, String)> {
    vec![(ip.to_owned(), "deny".to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_bans_an_address_and_the_address_stays_between_them() {
    let world = with_vercel().await;
    let (id, told) = world.ask_and_read(OLGA, BAN).await;
    assert_eq!(rules(&world), denied("8.8.4.4"));
    assert!(told.contains("8.8.4.4"), "{told}");
    assert!(told.contains("when Countersign lifts it"), "{told}");
    let note = &world.vercel.rules()[0].notes;
    assert!(note.contains(&id.0.to_string()), "{note}");
    let events: Vec<String> = sqlx::query_scalar("select body from countersign.event")
        .fetch_all(&world.db)
        .await
        .unwrap();
    assert!(
        !events.iter().any(|body| body.contains("8.8.4.4")),
        "{events:?}"
    );
    world.until_audit(id, "run_succeeded").await;
    for message in world.slack.messages(AUDIT) {
        let text = message.all_text();
        assert!(!text.contains("8.8.4.4"), "{text}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_of_both_families_are_banned_and_lifted() {
    let world = with_vercel().await;
    for network in ["8.8.4.0/24", "2a00:1450:4001::/48", "2a00:1450:4001::8a"] {
        let before = world.vercel.rules().len();
        world
            .ask_and_read(OLGA, &format!("/ops ip ban {network} it scrapes the tests"))
            .await;
        let last = world.vercel.rules().pop().unwrap();
        assert_eq!((last.ip.as_str(), last.hostname.as_str()), (network, "*"));
        world
            .ask_and_read(OLGA, &format!("/ops ip unban {network} a mistake"))
            .await;
        assert_eq!(world.vercel.rules().len(), before, "{network}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_makes_no_second_rule() {
    for failure in [Failure::CutAfter, Failure::Garbage] {
        let world = with_vercel().await;
        world.vercel.fail(CHANGE_FIREWALL, failure);
        let id = world.ask_freely(OLGA, FOREVER).await;
        world.hurry_until_state(id, "done").await;
        assert_eq!(rules(&world), denied("8.8.4.4"));
        assert_eq!(world.vercel.calls_of(CHANGE_FIREWALL).len(), 1);
        world.hurry_until_delivered().await;
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_whose_answer_is_lost_is_looked_up_again() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, FOREVER).await;
    world.vercel.fail(CHANGE_FIREWALL, Failure::CutAfter);
    let id = world.ask_freely(OLGA, UNBAN).await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(rules(&world), []);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_rule_and_journal_there_is_one_rule() {
    let mut world = with_vercel().await;
    let deny = "new.name = 'step_succeeded' and new.body like '%\"deny\"%'";
    let boundary = Boundary::at(&world, deny).await;
    let id = world.ask_freely(OLGA, BAN).await;
    boundary.reached(&world).await;
    assert_eq!(rules(&world), denied("8.8.4.4"));
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(rules(&world), denied("8.8.4.4"));
    assert_eq!(results(&world, id).await.len(), 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_removal_and_journal_the_same_is_told() {
    let mut world = with_vercel().await;
    world.ask_and_read(OLGA, FOREVER).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(OLGA, UNBAN).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(rules(&world), []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vercel_refuses_for_good_fails_and_its_words_go_to_the_requester_alone() {
    let world = with_vercel().await;
    let body =
        json!({ "error": { "code": "too_many_ip_rules", "message": "no room for 8.8.4.4" } });
    world
        .vercel
        .fail(CHANGE_FIREWALL, Failure::Answers(402, body));
    let id = world.ask_freely(OLGA, FOREVER).await;
    world.until_state(id, "failed").await;
    let told = world.told_directly(OLGA, id).await;
    assert!(told.contains("refuses it for its billing"), "{told}");
    assert!(told.contains("no room for 8.8.4.4"), "{told}");
    world.until_audit(id, "too_many_ip_rules").await;
    let thread = world.audit_thread(id).await;
    assert!(
        thread
            .iter()
            .all(|message| !message.all_text().contains("8.8.4.4"))
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vercels_pause_is_kept_before_the_next_try() {
    let world = with_vercel().await;
    let body = json!({ "error": { "code": "rate_limited", "message": "slow down" } });
    world
        .vercel
        .fail(CHANGE_FIREWALL, Failure::Limits(429, body, 90));
    let before = countersign::runtime::Clock::now(&*world.clock);
    let id = world.ask_freely(OLGA, FOREVER).await;
    world.skip_pauses_until_state(id, "done").await;
    let waited = countersign::runtime::Clock::now(&*world.clock) - before;
    assert!(waited >= chrono::Duration::seconds(90), "{waited}");
    assert_eq!(rules(&world), denied("8.8.4.4"));
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_that_cannot_be_read_is_not_changed() {
    let world = with_vercel().await;
    world.vercel.fail(READ_FIREWALL, Failure::Garbage);
    let told = world.refusal_of(OLGA, FOREVER).await;
    assert!(told.contains("cannot be understood"), "{told}");
    assert_eq!(world.vercel.calls_of(CHANGE_FIREWALL), []);
    world.finish().await;
}
