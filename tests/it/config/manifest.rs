//! The Slack app manifests.

use countersign::config::manifest::{EXAMPLE_URL, HTTP, ManifestError, SOCKET_MODE, http};
use serde_json::Value;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_urls_of_a_service_are_filled_in() {
    let manifest = parsed(&http("https://ops.example.com/").expect("a good URL"));
    let urls = [
        "/features/slash_commands/0/url",
        "/settings/event_subscriptions/request_url",
        "/settings/interactivity/request_url",
        "/settings/interactivity/message_menu_options_url",
    ]
    .map(|place| {
        manifest
            .pointer(place)
            .and_then(Value::as_str)
            .expect("a URL")
    });
    let at = |path: &str| format!("https://ops.example.com{path}");
    assert_eq!(
        urls,
        [
            "/slack/commands",
            "/slack/events",
            "/slack/interactions",
            "/slack/options"
        ]
        .map(at)
    );
}

#[test]
fn no_example_url_is_left_over() {
    let manifest = http("https://ops.acme.test/countersign").expect("a good URL");
    assert!(!manifest.contains(EXAMPLE_URL));
    assert!(manifest.contains("https://ops.acme.test/countersign/slack/commands"));
}

#[test]
fn only_plain_https_urls_are_taken() {
    let refused = |url: &str| http(url).expect_err(url);
    assert_eq!(refused("ops"), ManifestError::NotAUrl("ops".to_owned()));
    let plain = "http://ops.example.com";
    assert_eq!(refused(plain), ManifestError::NotHttps(plain.to_owned()));
    for url in [
        "https://a:b@ops.example.com",
        "https://ops.example.com/?a=b",
        "https://ops.example.com/#a",
    ] {
        assert_eq!(refused(url), ManifestError::TooMuch(url.to_owned()));
    }
}

/// The two differ in nothing but the URLs and the switch, so that a scope added to one is not forgotten in the other.
#[test]
fn both_manifests_ask_for_the_same() {
    let mut over_http = parsed(HTTP);
    let remove = |manifest: &mut Value, parent: &str, key: &str| {
        let parent = manifest
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect(parent);
        parent
            .remove(key)
            .expect("a key that only this manifest has");
    };
    remove(&mut over_http, "/features/slash_commands/0", "url");
    remove(
        &mut over_http,
        "/settings/event_subscriptions",
        "request_url",
    );
    remove(&mut over_http, "/settings/interactivity", "request_url");
    remove(
        &mut over_http,
        "/settings/interactivity",
        "message_menu_options_url",
    );
    over_http["settings"]["socket_mode_enabled"] = Value::Bool(true);
    assert_eq!(over_http, parsed(SOCKET_MODE));
}

/// What Slack refuses, or quietly gives up, when it is written otherwise.
#[test]
fn the_manifest_asks_for_what_the_service_relies_on() {
    let manifest = parsed(HTTP);
    let command = &manifest["features"]["slash_commands"][0];
    assert_eq!(
        (
            command["command"].as_str(),
            command["should_escape"].as_bool()
        ),
        (Some("/ops"), Some(true))
    );
    assert_eq!(manifest["settings"]["token_rotation_enabled"], false);
    assert_eq!(manifest["settings"]["org_deploy_enabled"], false);
    let name = manifest["display_information"]["name"]
        .as_str()
        .expect("a name");
    let long = manifest["display_information"]["long_description"]
        .as_str()
        .expect("a description");
    assert!(name.len() <= 35 && long.chars().count() >= 175);
    let scopes = manifest["oauth_config"]["scopes"]["bot"]
        .as_array()
        .expect("scopes");
    for scope in [
        "commands",
        "chat:write",
        "files:write",
        "users:read",
        "users:read.email",
        "usergroups:read",
        "im:write",
        // A post in doubt is looked for where it went.
        "channels:history",
        "groups:history",
        "im:history",
        "metadata.message:read",
    ] {
        assert!(scopes.iter().any(|it| it == scope), "{scope}");
    }
}
