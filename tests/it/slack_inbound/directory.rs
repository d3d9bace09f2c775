use std::{collections::BTreeSet, sync::Arc, time::Duration};

use countersign::{
    audit_key::AuditKey,
    domain::{Person, Role, Standing},
    slack::directory::{Directory, DirectoryError, DirectorySettings, Freshness, Member},
};
use serde_json::{Value, json};

use super::{
    at,
    fake::{Answer, FakeSlack},
};

pub(super) const NOW: i64 = 1_700_000_000;

pub(super) fn user(id: &str) -> Value {
    json!({"id": id, "team_id": "T1", "deleted": false, "is_bot": false, "is_app_user": false, "is_restricted": false,
        "is_ultra_restricted": false, "profile": {"email": "Ann+ops@X.com "}})
}

fn members(ids: &[&str]) -> Vec<Member> {
    ids.iter().map(|id| Member::parse(id).unwrap()).collect()
}

pub(super) fn settings() -> DirectorySettings {
    DirectorySettings {
        team_id: "T1".to_owned(),
        admins: members(&["UADMIN", "SADMINS"]),
        operators: members(&["UOPERATOR"]),
        viewers: members(&["SVIEWERS"]),
        linked: vec![vec!["UANN".to_owned(), "UANN2".to_owned()]],
        ttl: Duration::from_secs(300),
        email_key: AuditKey::new(*b"key"),
    }
}

pub(super) async fn slack() -> FakeSlack {
    let slack = FakeSlack::start().await;
    slack.says(
        "usergroups.users.list",
        json!({"ok": true, "users": ["UINGROUP"]}),
    );
    slack
}

pub(super) fn directory(slack: &FakeSlack) -> Directory {
    Directory::new(slack.api(), settings())
}

pub(super) async fn person(user: &Value) -> Person {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user}));
    let id = user["id"].as_str().unwrap();
    let person = directory(&slack)
        .person(id, Freshness::Fresh, at(NOW))
        .await;
    person.unwrap()
}

#[tokio::test]
async fn the_standing_of_an_account_is_what_excludes_it_first() {
    let cases = [
        (json!({}), Standing::FullMember),
        (
            json!({"is_ultra_restricted": true, "is_restricted": true}),
            Standing::Guest,
        ),
        (json!({"is_restricted": true}), Standing::Guest),
        (json!({"is_bot": true}), Standing::Bot),
        (json!({"deleted": true}), Standing::Deactivated),
        (json!({"is_stranger": true}), Standing::Stranger),
        (json!({"is_stranger": false}), Standing::FullMember),
        (json!({"team_id": "T2"}), Standing::Stranger),
        (
            json!({"team_id": "T2", "is_stranger": false}),
            Standing::Stranger,
        ),
        (json!({"team_id": null}), Standing::Stranger),
        (json!({"is_app_user": true}), Standing::Bot),
        (json!({"is_invited_user": true}), Standing::Unknown),
        (json!({"is_restricted": null}), Standing::Unknown),
        (json!({"deleted": null}), Standing::Unknown),
    ];
    for (change, standing) in cases {
        let mut account = user("UADMIN");
        let fields = change.as_object().unwrap().clone();
        account.as_object_mut().unwrap().extend(fields);
        let facts = person(&account).await;
        assert_eq!(facts.standing, standing, "{change}");
        assert_eq!(
            facts.role.is_none(),
            standing != Standing::FullMember,
            "{change}"
        );
    }
}

#[tokio::test]
async fn slackbot_is_a_bot_though_slack_says_it_is_none() {
    assert_eq!(person(&user("USLACKBOT")).await.standing, Standing::Bot);
}

#[tokio::test]
async fn an_answer_about_somebody_else_makes_nobody_a_member() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UOTHER")}));
    let facts = directory(&slack)
        .person("UADMIN", Freshness::Fresh, at(NOW))
        .await
        .unwrap();
    assert_eq!(facts.standing, Standing::Unknown);
    assert_eq!(
        facts.identities,
        BTreeSet::from(["slack:UADMIN".to_owned()])
    );
}

#[tokio::test]
async fn an_account_that_slack_does_not_know_is_unknown_and_a_wrong_id_is_not_even_asked_for() {
    let slack = slack().await;
    slack.says(
        "users.info",
        json!({"ok": false, "error": "user_not_found"}),
    );
    let directory = directory(&slack);
    for id in ["UADMIN", "", "ann", "UADMIN&x=1", "BBOT"] {
        let facts = directory
            .person(id, Freshness::Fresh, at(NOW))
            .await
            .unwrap();
        assert_eq!(facts.standing, Standing::Unknown, "{id}");
        assert!(facts.role.is_none());
    }
    assert_eq!(slack.calls("users.info").len(), 1);
}

#[tokio::test]
async fn a_role_comes_by_id_or_by_group() {
    let role = async |id: &str| person(&user(id)).await.role;
    assert_eq!(role("UADMIN").await, Some(Role::Admin));
    assert_eq!(role("UINGROUP").await, Some(Role::Admin));
    assert_eq!(role("UOPERATOR").await, Some(Role::Operator));
    assert_eq!(role("UNOBODY").await, None);
}

#[tokio::test]
async fn who_is_an_admin_by_id_costs_no_reading_of_groups() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UADMIN")}));
    let facts = directory(&slack)
        .person("UADMIN", Freshness::Fresh, at(NOW))
        .await
        .unwrap();
    assert!(facts.role == Some(Role::Admin) && facts.standing == Standing::FullMember);
    assert_eq!(slack.calls("usergroups.users.list").len(), 0);
}

#[tokio::test]
async fn cached_facts_live_as_long_as_set_and_fresh_ones_a_second() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UINGROUP")}));
    let directory = directory(&slack);
    let reads = async |freshness, seconds| {
        directory
            .person("UINGROUP", freshness, at(NOW + seconds))
            .await
            .unwrap();
        (
            slack.calls("users.info").len(),
            slack.calls("usergroups.users.list").len(),
        )
    };
    assert_eq!(reads(Freshness::Cached, 0).await, (1, 1));
    assert_eq!(reads(Freshness::Cached, 300).await, (1, 1));
    assert_eq!(reads(Freshness::Cached, 301).await, (2, 2));
    assert_eq!(reads(Freshness::Fresh, 302).await, (2, 2));
    assert_eq!(reads(Freshness::Fresh, 303).await, (3, 3));
    assert_eq!(
        reads(Freshness::Fresh, 0).await,
        (4, 4),
        "a clock that was set back"
    );
}

#[tokio::test]
async fn a_fresh_reading_sees_that_somebody_left_the_group() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UINGROUP")}));
    let directory = directory(&slack);
    let before = directory
        .person("UINGROUP", Freshness::Cached, at(NOW))
        .await
        .unwrap();
    slack.forget("usergroups.users.list");
    slack.says("usergroups.users.list", json!({"ok": true, "users": []}));
    let after = directory
        .person("UINGROUP", Freshness::Fresh, at(NOW + 5))
        .await
        .unwrap();
    assert!(before.role == Some(Role::Admin) && after.role.is_none());
}

#[tokio::test]
async fn many_who_ask_at_once_share_one_reading() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UINGROUP")}));
    let directory = Arc::new(directory(&slack));
    let asked = (0..20).map(|_| {
        let directory = directory.clone();
        tokio::spawn(async move {
            directory
                .person("UINGROUP", Freshness::Fresh, at(NOW))
                .await
        })
    });
    for facts in futures::future::join_all(asked).await {
        assert!(facts.unwrap().unwrap().role == Some(Role::Admin));
    }
    assert_eq!(slack.calls("users.info").len(), 1);
    assert_eq!(slack.calls("usergroups.users.list").len(), 1);
}

#[tokio::test]
async fn old_facts_are_not_given_when_slack_is_down_and_the_next_reading_heals() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UADMIN")}));
    let directory = directory(&slack);
    directory
        .person("UADMIN", Freshness::Fresh, at(NOW))
        .await
        .unwrap();
    slack
        .forget("users.info")
        .will("users.info", Answer::Text(503, ""));
    let down = directory
        .person("UADMIN", Freshness::Fresh, at(NOW + 10))
        .await;
    assert!(
        matches!(down, Err(DirectoryError::Unavailable(_))),
        "{down:?}"
    );
    let down = directory
        .person("UADMIN", Freshness::Cached, at(NOW + 10))
        .await;
    assert!(
        matches!(down, Err(DirectoryError::Unavailable(_))),
        "{down:?}"
    );
    slack
        .forget("users.info")
        .says("users.info", json!({"ok": true, "user": user("UADMIN")}));
    assert!(
        directory
            .person("UADMIN", Freshness::Fresh, at(NOW + 12))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_group_that_is_not_there_is_an_error_and_not_an_empty_group() {
    let slack = FakeSlack::start().await;
    slack.says("users.info", json!({"ok": true, "user": user("UINGROUP")}));
    slack.says(
        "usergroups.users.list",
        json!({"ok": false, "error": "no_such_subteam"}),
    );
    let refused = directory(&slack)
        .person("UINGROUP", Freshness::Fresh, at(NOW))
        .await;
    assert!(
        matches!(refused, Err(DirectoryError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn two_accounts_with_one_mailbox_or_one_link_are_one_human() {
    let account = |id: &str, email: &str| {
        let mut account = user(id);
        account["profile"]["email"] = json!(email);
        account
    };
    let ann = person(&account("UANN", "ann@x.com")).await;
    let linked = person(&account("UANN2", "other@y.com")).await;
    let tagged = person(&account("UTAGGED", " Ann+second@X.COM")).await;
    let bob = person(&account("UBOB", "bob@x.com")).await;
    assert!(ann.is_same_human(&linked.party()) && linked.is_same_human(&ann.party()));
    assert!(ann.is_same_human(&tagged.party()));
    assert!(!ann.is_same_human(&bob.party()));
    assert!(ann.identities.contains("slack:UANN2"));
    assert!(!format!("{ann:?}").contains("@x.com"));
}

#[tokio::test]
async fn links_that_overlap_are_one_human_in_any_order() {
    let slack = slack().await;
    slack.says("users.info", json!({"ok": true, "user": user("UTHREE")}));
    let linked = vec![
        vec!["UONE".to_owned(), "two@x.com".to_owned()],
        vec!["two@x.com".to_owned(), "UTHREE".to_owned()],
    ];
    let directory = Directory::new(
        slack.api(),
        DirectorySettings {
            linked,
            ..settings()
        },
    );
    let facts = directory
        .person("UTHREE", Freshness::Fresh, at(NOW))
        .await
        .unwrap();
    assert!(facts.identities.contains("slack:UONE"));
}

#[tokio::test]
async fn an_account_without_an_address_shares_no_identity_with_another() {
    let without = |id: &str, email: Value| {
        let mut account = user(id);
        account["profile"]["email"] = email;
        account
    };
    for email in [
        json!(null),
        json!(""),
        json!(" "),
        json!("@"),
        json!("+tag@x.com"),
        json!("ann@"),
    ] {
        let facts = person(&without("UONE", email.clone())).await;
        let only = BTreeSet::from(["slack:UONE".to_owned()]);
        assert_eq!(facts.identities, only, "{email}");
    }
}

#[tokio::test]
async fn the_e_mail_identity_is_the_one_that_the_domain_knows_a_subject_by() {
    let facts = person(&user("UONE")).await;
    let subject = countersign::domain::person::email_identity(b"key", "ann@x.com");
    assert!(facts.identities.contains(&subject));
}

#[test]
fn a_member_is_an_account_or_a_group_and_nothing_else() {
    assert_eq!(Member::parse(" W012 "), Ok(Member::User("W012".to_owned())));
    assert_eq!(Member::parse("S012"), Ok(Member::Group("S012".to_owned())));
    for wrong in ["", "U", "ann@x.com", "@ann", "C012", "u012", "U01 2"] {
        assert!(Member::parse(wrong).is_err(), "{wrong}");
    }
}
