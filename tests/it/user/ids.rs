//! Accounts whose ids look like something else.

use crate::support::{Options, World, story::*};

/// As identity providers make them.
const ID: &str = "samlp|acme|zed@example.com";

async fn with_account(id: &str, email: &str) -> World {
    let world = World::start().await;
    let user = r#"insert into "User" (id, email, name, credits, "updatedAt") values ($1, $2, 'Ada', 10, now())"#;
    sqlx::query(user)
        .bind(id)
        .bind(email)
        .execute(&world.db)
        .await
        .unwrap();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_an_address_in_it_is_found_however_slack_writes_it() {
    let world = with_account(ID, "zed@example.com").await;
    for typed in [
        ID,
        "samlp|acme|<mailto:zed@example.com|zed@example.com>",
        "<mailto:samlp|acme|zed@example.com|samlp|acme|zed@example.com>",
        "<mailto:zed@example.com|zed@example.com>",
    ] {
        let before = world.newest().await;
        let text = format!("user show {typed}");
        let delivery = world.slack.slash_raw(ADA, OPS, "/ops", &text).await;
        assert!(delivery.unwrap().ok(), "{typed}");
        let id = world.until_newer_than(before).await;
        world.until_state(id, "done").await;
        let told = world.told_directly(ADA, id).await;
        assert!(told.contains(&format!("Account {ID}")), "{typed}: {told}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_an_address_for_an_id_is_deleted_and_the_audit_channel_masks_the_id() {
    let world = with_account(ID, "zed@example.com").await;
    let id = world
        .ask(ADA, &format!("/ops user delete {ID} asked for it"))
        .await;
    world.until_card_says(id, "holds an e-mail address").await;
    world.approve_typing(GRACE, id, ID).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let left = r#"select count(*) from "User" where id like 'samlp%'"#;
    assert_eq!(world.count(left).await, 0);
    world.until_audit(id, "every step succeeded").await;
    let audit = world.audit_thread(id).await;
    let all: String = audit.iter().map(|message| message.all_text()).collect();
    assert!(!all.contains("zed@example.com"), "{all}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_is_not_taken_for_the_one_whose_name_is_its_id() {
    let options = Options {
        file: Some("[app.schema.user]\nemail = \"name\"\n".to_owned()),
        ..Options::default()
    };
    let world = World::with(options).await;
    world
        .run(r#"insert into "User" (id, email, name, "updatedAt") values ('bob', 'b1@example.com', 'robert', now())"#)
        .await;
    let id = world.ask(ADA, "/ops user promote bob joins the team").await;
    world
        .run(
            r#"delete from "User" where id = 'bob';
               insert into "User" (id, email, name, "updatedAt") values ('usr_bob', 'b2@example.com', 'bob', now())"#,
        )
        .await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "refused").await;
    world
        .until_card_says(id, "there is no account bob any more")
        .await;
    let (_, told) = world.ask_and_read(ADA, "/ops user show bob").await;
    assert!(told.contains("Account usr_bob"), "{told}");
    world.finish().await;
}
