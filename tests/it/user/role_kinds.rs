//! Roles that are a list or a flag, as people see them in Slack.

use crate::support::{Options, World, story::*};

/// A world whose accounts have a role of another shape; `usr_3` is the only admin.
async fn with_roles(column: &str, admin: &str) -> World {
    let options = Options {
        file: Some("[app.schema.user]\nrole = \"roles\"\n".to_owned()),
        ..Options::default()
    };
    let mut world = World::without_service(options).await;
    world
        .run(format!(
            r#"alter table "User" drop column role; {column}; update "User" set roles = {admin} where id = 'usr_3'"#
        ))
        .await;
    world.start_replica().await;
    world
}

async fn only_admin_stays(world: &World) {
    for (line, says) in [
        ("/ops user delete usr_3 asked for it", "last admin"),
        ("/ops user demote usr_3 has left", "last admin"),
        ("/ops user ban usr_3 sends spam", "demote first"),
    ] {
        let told = world.refusal_of(ADA, line).await;
        assert!(told.contains(says), "{line}: {told}");
    }
    let (_, told) = world.ask_and_read(ADA, "/ops admins review").await;
    assert!(told.contains("1 admin, 1 who can act"), "{told}");
    assert!(told.contains("usr_3"), "{told}");
}

async fn changed(world: &World, line: &str) {
    let id = world.ask(ADA, line).await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_among_several_roles_is_promoted_demoted_and_guarded() {
    let column = r#"create type "R" as enum ('USER', 'EDITOR', 'ADMIN');
        alter table "User" add roles "R"[] not null default '{USER,EDITOR}'"#;
    let world = with_roles(column, "'{EDITOR,ADMIN}'").await;
    only_admin_stays(&world).await;
    changed(&world, "/ops user promote usr_9 joins the team").await;
    changed(&world, "/ops user demote usr_3 has left").await;
    let roles = r#"select count(*) from "User" where (id = 'usr_9' and roles = '{USER,EDITOR,ADMIN}')
        or (id = 'usr_3' and roles = '{EDITOR}')"#;
    assert_eq!(world.count(roles).await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_by_a_flag_is_promoted_demoted_and_guarded() {
    let column = r#"alter table "User" add roles boolean not null default false"#;
    let world = with_roles(column, "true").await;
    only_admin_stays(&world).await;
    changed(&world, "/ops user promote usr_9 joins the team").await;
    changed(&world, "/ops user demote usr_3 has left").await;
    let admins = r#"select count(*) from "User" where roles and id = 'usr_9'"#;
    assert_eq!(world.count(admins).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_read_refuses_with_the_reason() {
    let column = r#"alter table "User" add roles integer not null default 1"#;
    let world = with_roles(column, "6").await;
    for line in [
        "/ops user delete usr_3 asked for it",
        "/ops user demote usr_3 has left",
        "/ops user promote usr_9 joins",
        "/ops user ban usr_3 sends spam",
        "/ops admins review",
    ] {
        let told = world.refusal_of(ADA, line).await;
        assert!(
            told.contains("who is an admin cannot be told from User.roles"),
            "{line}: {told}"
        );
    }
    // What needs no role goes on.
    let (_, told) = world.ask_and_read(ADA, "/ops user show usr_3").await;
    assert!(told.contains("usr_3"), "{told}");
    world.finish().await;
}
