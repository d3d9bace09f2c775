//! An Enterprise Grid organisation, and an app that is installed in all of it.

use serde_json::{Value, json};

use super::{Clock, call, read, start};
use crate::slack::{Pick, Workspace};

async fn grid(org_install: bool) -> Workspace {
    let slack = start(Clock::new().settings()).await;
    slack.edit(|world| world.join_grid(org_install));
    slack
}

#[tokio::test]
async fn to_an_organisations_token_people_have_no_team_id_but_their_workspaces() {
    let slack = grid(true).await;
    let user = &read(&slack, "users.info", &[("user", "U0ADA")]).await["user"];
    assert_eq!(user.get("team_id"), None);
    assert_eq!(user["enterprise_user"]["teams"], json!(["T0COUNTER"]));
    let stranger = &read(&slack, "users.info", &[("user", "U0STELLA")]).await["user"];
    assert_eq!(stranger["team_id"], "T0PARTNER");
    assert_eq!(stranger.get("enterprise_user"), None);
}

#[tokio::test]
async fn an_organisations_token_has_to_name_the_workspace_of_a_group() {
    let slack = grid(true).await;
    let group = ("usergroup", "S0ADMINS");
    let without = read(&slack, "usergroups.users.list", &[group]).await;
    assert_eq!(without["error"], "missing_argument");
    let other = [group, ("team_id", "T0OTHER")];
    let other = read(&slack, "usergroups.users.list", &other).await;
    assert_eq!(other["error"], "team_access_not_granted");
    let ours = [group, ("team_id", "T0COUNTER")];
    let ours = read(&slack, "usergroups.users.list", &ours).await;
    assert_eq!(ours["ok"], true, "{ours}");
    for method in ["usergroups.list", "users.list"] {
        assert_eq!(
            read(&slack, method, &[]).await["error"],
            "missing_argument",
            "{method}"
        );
    }
    assert!(!slack.unexpected().is_empty());
}

#[tokio::test]
async fn a_workspaces_token_may_name_any_workspace() {
    let slack = grid(false).await;
    let query = [("usergroup", "S0ADMINS"), ("team_id", "T0OTHER")];
    assert_eq!(
        read(&slack, "usergroups.users.list", &query).await["ok"],
        true
    );
    let us = call(&slack, "auth.test", json!({})).await;
    assert_eq!(us["team_id"], "T0COUNTER");
    assert_eq!(us["enterprise_id"], "E0IELTS");
}

#[tokio::test]
async fn payloads_of_an_organisation_wide_installation_have_no_team() {
    let slack = grid(true).await;
    let us = call(&slack, "auth.test", json!({})).await;
    assert_eq!(us["is_enterprise_install"], true);
    let command = slack
        .command_request("U0ADA", "C0OPS", "/ops", "help")
        .unwrap();
    assert!(
        command.body.contains("is_enterprise_install=true"),
        "{}",
        command.body
    );
    assert!(command.body.contains("enterprise_id=E0IELTS"));

    let button = json!([{"type": "actions", "elements": [
        {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}]}]);
    let posted = call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "go", "blocks": button}),
    )
    .await;
    let pick = Pick::on_message("U0ADA", "C0OPS", posted["ts"].as_str().unwrap(), "go");
    let click = slack.click_request(&pick).unwrap();
    let payload = form_urlencoded::parse(click.body.as_bytes())
        .next()
        .map(|(_, payload)| payload.into_owned());
    let payload: Value = serde_json::from_str(&payload.unwrap()).unwrap();
    assert_eq!(payload["team"], Value::Null);
    assert_eq!(payload["is_enterprise_install"], true);
    assert_eq!(payload["enterprise"]["id"], "E0IELTS");
}
