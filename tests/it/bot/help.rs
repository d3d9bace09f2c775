//! `/ops help`, typos, and forms for what is missing.

use countersign::operations::{catalogue, help, parse};
use countersign::text::Words;
use countersign_sandbox::slack::Submission;
use insta::assert_snapshot;

use crate::support::{World, people::VICTOR, story::*};

fn answer(line: &str) -> String {
    parse::help(&Words::parse(line).unwrap())
}

#[test]
fn help_for_one_command_says_everything_about_it() {
    assert_snapshot!("user_delete", answer("help user delete"));
    assert_snapshot!("freeze", answer("help freeze"));
    assert_snapshot!("cancel", answer("help cancel"));
    assert_snapshot!("credits_add", answer("help credits add"));
}

#[test]
fn every_argument_is_called_in_the_help_what_the_usage_line_calls_it() {
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let in_full = answer(&format!("help {}", declaration.name));
        let bullets = in_full.lines().filter_map(|line| line.strip_prefix("• `"));
        for bullet in bullets {
            let (argument, _) = bullet.split_once('`').unwrap();
            assert!(declaration.usage().contains(argument), "{in_full}");
        }
    }
}

#[test]
fn help_for_a_noun_lists_its_commands() {
    let says = answer("help user");
    assert!(
        says.contains("`/ops user delete <user> <reason>`"),
        "{says}"
    );
    assert!(!says.contains("freeze"), "{says}");
}

#[test]
fn help_for_what_is_not_there_offers_what_is_alike() {
    assert_eq!(
        answer("help user delet"),
        "There is no `user delet`. Did you mean `/ops user delete <user> <reason>`?"
    );
    for (typed, head) in [
        ("usr", "There is no `usr`. These begin with `user`:"),
        (
            "credit",
            "There is no `credit`. These begin with `credits`:",
        ),
        (
            "user remove",
            "There is no `user remove`. These begin with `user`:",
        ),
        ("db pool", "There is no `db pool`. These begin with `db`:"),
    ] {
        let says = answer(&format!("help {typed}"));
        assert_eq!(says.lines().next(), Some(head));
        assert!(says.lines().count() > 2, "{says}");
    }
    assert!(answer("help xyzzy").contains("`/ops help` lists everything"));
}

#[test]
fn every_operation_is_helped_with_and_its_example_works() {
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let in_full = answer(&format!("help {}", declaration.name));
        assert!(in_full.contains(&declaration.usage()), "{in_full}");
        assert!(in_full.contains(declaration.example), "{in_full}");
        assert!(help::overview().contains(&declaration.usage()));
        let line = declaration.example.strip_prefix("/ops ").unwrap();
        let asked = parse::parse(&Words::parse(line).unwrap());
        let asked = asked.map_err(|error| error.to_string());
        let name = asked.map(|asked| asked.operation.declaration().name);
        assert_eq!(
            name.as_deref(),
            Ok(&declaration.name.to_owned()[..]),
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_answered_at_once_to_the_person_alone() {
    let world = World::start().await;
    world.slack.slash(VICTOR, OPS, "/ops help").await.unwrap();
    let told = world.until_told(VICTOR, "/ops user delete").await;
    assert!(told.all_text().contains("/ops whoami"), "{told:?}");
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_gets_a_suggestion() {
    let world = World::start().await;
    world
        .slack
        .slash(ADA, OPS, "/ops usr delete maria@example.com x")
        .await
        .unwrap();
    world
        .until_told(ADA, "Did you mean `/ops user delete &lt;user&gt;")
        .await;
    world
        .slack
        .slash(ADA, OPS, "/ops freze on x")
        .await
        .unwrap();
    world
        .until_told(ADA, "Did you mean `/ops freeze &lt;on|off&gt;")
        .await;
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_argument_opens_the_form_with_its_choices() {
    let world = World::start().await;
    world.slack.slash(OLGA, OPS, "/ops freeze").await.unwrap();
    let view = world
        .until("the form", async |world| {
            world
                .slack
                .open_views(OLGA)
                .last()
                .map(|view| view.id.clone())
        })
        .await;
    let values =
        serde_json::json!({ "state": { "state": "on" }, "reason": { "reason": "restoring" } });
    world.slack.submit(OLGA, &view, &values).await.unwrap();
    world.until_told(OLGA, "frozen").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_says_what_is_wrong_without_marks_that_it_would_show() {
    let world = World::start().await;
    let line = "/ops credits add usr_1";
    world.slack.slash(OLGA, OPS, line).await.unwrap();
    let view = world
        .until("the form", async |world| {
            let views = world.slack.open_views(OLGA);
            views.last().map(|view| view.id.clone())
        })
        .await;
    let values = serde_json::json!({
        "user": { "user": "usr_1" }, "credits": { "credits": "ten" }, "reason": { "reason": "a gift" },
    });
    let submitted = world.slack.submit(OLGA, &view, &values).await.unwrap();
    let Submission::Errors(errors) = submitted else {
        panic!("{submitted:?}");
    };
    let says = "ten is not a whole number from 1 to 1000000";
    assert_eq!(errors["credits"], says);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_given_while_the_database_is_away() {
    let world = World::start().await;
    let away = world.database_goes_away().await;
    let line = "/ops help user delete";
    let delivery = world.slack.slash(VICTOR, OPS, line).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world
        .until_told(VICTOR, "Replaces: Common Operations 8")
        .await;
    away.comes_back().await;
    world.finish().await;
}
