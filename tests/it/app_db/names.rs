//! What a person types for an account: an id of any shape, an address, or a name.

use countersign::systems::app_db::{FindError, UserRef};

use super::support::{App, app_with, mapping};

async fn found(app: &App, typed: &str) -> String {
    match app.at().await.find_user(&UserRef::parse(typed)).await {
        Ok(user) => user.id,
        Err(FindError::Several(all)) => format!("one of {}", all.len()),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn an_id_wins_over_reading_it_as_an_address() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           INSERT INTO "User" VALUES ('samlp|acme|ada@example.com', 'ada@example.com'), ('auth0|5f7', 'bob@example.com'),
             ('bob@example.com', 'carol@example.com'), ('a b/c#d:e', 'dora@example.com'), ('UPPER', 'eve@example.com')"#,
        mapping(""),
    )
    .await;
    for (typed, id) in [
        ("samlp|acme|ada@example.com", "samlp|acme|ada@example.com"),
        ("ada@example.com", "samlp|acme|ada@example.com"),
        ("auth0|5f7", "auth0|5f7"),
        ("bob@example.com", "bob@example.com"),
        ("carol@example.com", "bob@example.com"),
        ("a b/c#d:e", "a b/c#d:e"),
        ("UPPER", "UPPER"),
        ("upper", "no account has this id or e-mail address"),
    ] {
        assert_eq!(found(&app, typed).await, id, "{typed}");
    }
}

#[tokio::test]
async fn a_name_finds_its_account_where_the_app_keeps_names_for_addresses() {
    for kind in ["int", "bigint", "uuid", "text"] {
        let id = match kind {
            "uuid" => "00000000-0000-0000-0000-00000000000a",
            _ => "7",
        };
        let app = app_with(
            &format!(
                r#"CREATE TABLE "User" (id {kind} PRIMARY KEY, username text);
                   INSERT INTO "User" VALUES ('{id}', 'bob')"#
            ),
            mapping("[user]\nemail = \"username\""),
        )
        .await;
        assert_eq!(found(&app, "bob").await, id, "{kind}");
        assert_eq!(found(&app, id).await, id, "{kind}");
        assert_eq!(found(&app, "Bob").await, "one of 1", "{kind}");
        let gone = app.at().await.find_user(&UserRef::Id("bob".into())).await;
        assert!(matches!(gone, Err(FindError::NotFound)), "{kind}: {gone:?}");
    }
}
