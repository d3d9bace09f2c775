//! Countersign in an Enterprise Grid organisation.

use countersign_sandbox::slack::User;

use crate::support::{World, environment::Options, people::*, story::*};

/// A world whose workspace is one of an organisation.
async fn grid(org_install: bool) -> World {
    let mut world = World::without_service(Options::default()).await;
    world.slack.edit(|it| it.join_grid(org_install));
    world.start_replica().await;
    world
}

fn edit(world: &World, who: &str, edit: impl FnOnce(&mut User)) {
    world.slack.edit_user(who, edit).unwrap();
}

async fn deletion_goes_through(world: World) {
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world.until_told(ADA, "*Done*").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_asked_for_and_approved_where_the_app_is_installed_in_the_whole_organisation()
{
    deletion_goes_through(grid(true).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_asked_for_and_approved_where_the_app_is_installed_in_one_workspace_of_it() {
    deletion_goes_through(grid(false).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_several_workspaces_is_a_member_whichever_of_them_slack_names() {
    let world = grid(false).await;
    edit(&world, GRACE, |grace| {
        grace.team_id = "T0OTHER".to_owned();
        grace.org_teams = vec!["T0OTHER".to_owned(), "T0COUNTER".to_owned()];
    });
    deletion_goes_through(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_may_list_people_by_their_ids_in_the_organisation() {
    let world = grid(true).await;
    edit(&world, GRACE, |grace| {
        grace.org_id = Some("W0GRACE".to_owned());
    });
    world.slack.edit(|it| {
        let admins = it.groups.get_mut("S0ADMINS").unwrap();
        admins.users.retain(|one| one != GRACE);
        admins.users.push("W0GRACE".to_owned());
    });
    deletion_goes_through(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_request_under_the_id_in_the_organisation() {
    let world = grid(true).await;
    edit(&world, ADA, |ada| ada.org_id = Some("W0ADA".to_owned()));
    world.slack.edit(|it| {
        let in_org = User {
            id: "W0ADA".to_owned(),
            email: Some("ada@elsewhere.example".to_owned()),
            ..it.users[ADA].clone()
        };
        it.users.insert("W0ADA".to_owned(), in_org);
        for channel in it.channels.values_mut() {
            channel.members.insert("W0ADA".to_owned());
        }
        it.groups
            .get_mut("S0ADMINS")
            .unwrap()
            .users
            .push("W0ADA".to_owned());
    });
    let id = world.ask_for_maria().await;
    world.click_from("W0ADA", id, "approve").await;
    world
        .until_audit(id, "<@W0ADA> tried `approve` and was refused")
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_other_workspaces_and_other_organisations_stay_strangers() {
    let world = grid(true).await;
    let id = world.ask_for_maria().await;
    edit(&world, LINUS, |linus| {
        linus.team_id = "T0OTHER".to_owned();
        linus.org_teams = vec!["T0OTHER".to_owned()];
    });
    edit(&world, STELLA, |stella| stella.is_stranger = false);
    world.let_facts_age();
    for who in [LINUS, STELLA] {
        world.click_from(who, id, "approve").await;
        let says = format!("<@{who}> tried `approve` and was refused");
        let entry = world.until_audit(id, &says).await;
        assert!(
            entry.all_text().contains("you belong to another workspace"),
            "{entry:#?}"
        );
        assert!(world.slack.open_views(who).is_empty());
    }
    world.finish().await;
}
