//! Members of an Enterprise Grid organisation, as `users.info` shows them.

use countersign::{
    domain::{Role, Standing},
    slack::directory::Freshness,
};
use serde_json::{Value, json};

use super::{
    at,
    directory::{NOW, directory, person, slack, user},
};

/// An account with some fields replaced, and those that are null left out.
fn account(change: &Value) -> Value {
    let mut account = user("UADMIN");
    let fields = account.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    account
}

fn in_org(teams: &[&str]) -> Value {
    json!({"id": "UADMIN", "enterprise_id": "E1", "teams": teams})
}

#[tokio::test]
async fn whoever_is_in_our_workspace_of_the_organisation_is_a_member() {
    let cases = [
        (
            json!({"team_id": null, "enterprise_user": in_org(&["T1"])}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": null, "enterprise_user": in_org(&["T2", "T1"])}),
            Standing::FullMember,
        ),
        // Slack names one of the person's workspaces, or the organisation.
        (
            json!({"team_id": "T2", "enterprise_user": in_org(&["T2", "T1"])}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": "E1", "enterprise_user": in_org(&["T1"])}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": null, "teams": ["T1"]}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": "T1", "enterprise_user": in_org(&[])}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": "T1", "enterprise_user": in_org(&["T1"])}),
            Standing::FullMember,
        ),
        (
            json!({"team_id": null, "enterprise_user": in_org(&["T2"])}),
            Standing::Stranger,
        ),
        (
            json!({"team_id": "T2", "enterprise_user": in_org(&["T2"])}),
            Standing::Stranger,
        ),
        (
            json!({"team_id": "T1", "enterprise_user": in_org(&["T2"])}),
            Standing::Stranger,
        ),
        (
            json!({"team_id": null, "enterprise_user": in_org(&[])}),
            Standing::Stranger,
        ),
        (json!({"team_id": null}), Standing::Stranger),
    ];
    for (change, standing) in cases {
        let facts = person(&account(&change)).await;
        assert_eq!(facts.standing, standing, "{change}");
        assert_eq!(
            facts.role == Some(Role::Admin),
            standing == Standing::FullMember,
            "{change}"
        );
    }
}

#[tokio::test]
async fn what_excludes_somebody_excludes_them_in_an_organisation_too() {
    let cases = [
        (json!({"is_stranger": true}), Standing::Stranger),
        (json!({"deleted": true}), Standing::Deactivated),
        (json!({"is_bot": true}), Standing::Bot),
        (json!({"is_restricted": true}), Standing::Guest),
        (json!({"is_ultra_restricted": true}), Standing::Guest),
        (json!({"is_restricted": null}), Standing::Unknown),
    ];
    for (change, standing) in cases {
        let mut member = json!({"team_id": null, "enterprise_user": in_org(&["T1"])});
        member
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        assert_eq!(
            person(&account(&member)).await.standing,
            standing,
            "{change}"
        );
    }
}

#[tokio::test]
async fn the_ids_in_workspace_and_organisation_are_one_human_with_the_roles_of_both() {
    let slack = slack().await;
    let mut ada = account(&json!({"team_id": null}));
    ada["id"] = "U7".into();
    ada["enterprise_user"] = json!({"id": "WINGROUP", "teams": ["T1"]});
    slack.says("users.info", json!({"ok": true, "user": ada}));
    slack.forget("usergroups.users.list");
    slack.says(
        "usergroups.users.list",
        json!({"ok": true, "users": ["WINGROUP"]}),
    );
    let directory = directory(&slack);
    // Asked for by either id, whichever Slack answers with.
    for id in ["U7", "WINGROUP"] {
        let facts = directory
            .person(id, Freshness::Fresh, at(NOW))
            .await
            .unwrap();
        assert_eq!(facts.slack_id, id);
        assert!(facts.role == Some(Role::Admin), "{id}");
        for identity in ["slack:U7", "slack:WINGROUP"] {
            assert!(facts.identities.contains(identity), "{id}: {identity}");
        }
    }
}

#[tokio::test]
async fn the_workspace_is_named_when_a_group_is_read() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UINGROUP")}));
    let directory = directory(&slack);
    directory
        .person("UINGROUP", Freshness::Fresh, at(NOW))
        .await
        .unwrap();
    let calls = slack.calls("usergroups.users.list");
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|call| call.query["team_id"] == "T1"));
}
