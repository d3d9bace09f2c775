//! What is not banned, and by whom.

use countersign_sandbox::vercel::CHANGE_FIREWALL;

use super::{BAN, FOREVER, UNBAN, denied, rules, with_vercel};
use crate::support::{Options, World, people::VICTOR, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn networks_without_visitors_protected_and_wide_ones_are_refused() {
    let options = Options::default().and_vendors();
    let office = options.with(
        "COUNTERSIGN_PROTECTED_NETWORKS",
        "8.8.8.0/24, 2a00:1450:4001:800::/64",
    );
    let world = World::with(office).await;
    for (network, why) in [
        ("10.0.0.7", "private"),
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("203.0.113.9", "documentation"),
        ("fd00::1", "private"),
        ("8.8.4.0/23", "too wide"),
        ("2a00:1450::/32", "too wide"),
        ("8.8.8.8", "COUNTERSIGN_PROTECTED_NETWORKS"),
        ("2a00:1450:4001::/48", "COUNTERSIGN_PROTECTED_NETWORKS"),
    ] {
        let told = world
            .refusal_of(OLGA, &format!("/ops ip ban {network} it scrapes"))
            .await;
        assert!(told.contains(why), "{network}: {told}");
    }
    assert_eq!(world.vercel.calls_of(CHANGE_FIREWALL), []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_network_or_no_time_is_said_at_once() {
    let world = with_vercel().await;
    for (line, why) in [
        ("/ops ip ban example.com it scrapes", "is not an IP address"),
        (
            "/ops ip ban 8.8.4.4/24 it scrapes",
            "write the network, 8.8.4.0/24",
        ),
        ("/ops ip ban 8.8.4.4 for 24 it scrapes", "is not a time"),
        (
            "/ops ip ban 8.8.4.4 24h it scrapes",
            "write `for` before it",
        ),
        ("/ops ip ban 8.8.4.4 for 10s it scrapes", "is not between"),
    ] {
        world.slack.slash(OLGA, OPS, line).await.unwrap();
        world.until_told(OLGA, why).await;
    }
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_look_and_neither_ban_nor_unban() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, FOREVER).await;
    for line in [BAN, UNBAN] {
        let id = world.asks(VICTOR, line).await;
        world.until_state(id, "refused").await;
    }
    assert_eq!(rules(&world), denied("8.8.4.4"));
    world.ask_and_read(VICTOR, "/ops ip list").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_already_is_not_denied_again() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, BAN).await;
    let told = world
        .refusal_of(ADA, "/ops ip ban 8.8.4.4 for 7 days it goes on")
        .await;
    assert!(
        told.contains("OPS-1001 denies this network already until"),
        "{told}"
    );
    world.vercel.add_rule("9.9.9.0/24", "deny", "by hand");
    let told = world
        .refusal_of(OLGA, "/ops ip ban 9.9.9.9 it scrapes")
        .await;
    assert!(told.contains("Countersign did not make"), "{told}");
    assert_eq!(world.vercel.rules().len(), 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_others_are_left_alone() {
    let world = with_vercel().await;
    let nothing = world.refusal_of(OLGA, UNBAN).await;
    assert!(nothing.contains("no rule of the firewall"), "{nothing}");
    world.vercel.add_rule("8.8.4.4", "deny", "by hand");
    let told = world.refusal_of(OLGA, UNBAN).await;
    assert!(told.contains("change them in Vercel's dashboard"), "{told}");
    world.vercel.add_rule("9.9.9.0/24", "deny", "by hand");
    let told = world
        .refusal_of(OLGA, "/ops ip unban 9.9.9.9 a mistake")
        .await;
    assert!(told.contains("a wider network"), "{told}");
    assert_eq!(world.vercel.rules().len(), 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_each_names_the_settings() {
    let world = World::start().await;
    for line in [BAN, UNBAN, "/ops ip list"] {
        let told = world.refusal_of(OLGA, line).await;
        let says = "Vercel is not configured: set VERCEL_TOKEN and VERCEL_PROJECT_ID";
        assert!(told.contains(says), "{told}");
    }
    world.finish().await;
}
