//! What opens over Slack.

use countersign::{
    domain::plan::{Impact, RowAction},
    slack::cards::{
        AskContext, AskField, AskForm, ModalContext, ask_modal, confirm_modal, deny_modal,
        full_plan_modal, info_modal, settle_modal,
    },
};
use insta::assert_snapshot;

use super::{readable, story::Story};

pub(super) fn context(story: &Story) -> ModalContext {
    ModalContext {
        request: story.request.id,
        plan: story.request.plan.as_ref().map(|plan| plan.digest),
        nonce: "0123456789abcdef".into(),
        channel: Some("C0APPROVALS".into()),
        message_ts: Some("1772625600.000100".into()),
    }
}

pub(super) fn form() -> AskForm<'static> {
    AskForm {
        operation: "user delete",
        title: "Delete a user",
        summary: "Erases one `person` with all rows of the account",
        fields: vec![AskField {
            name: "user".into(),
            label: "User".into(),
            help: "The e-mail address, as `user show` has it, or the user id".into(),
            value: Some("alice@example.com".into()),
            optional: false,
            choices: &[],
        }],
        reason: Some(None),
        channel: Some("C0OPS"),
    }
}

#[test]
fn confirming_shows_what_happens_and_what_to_type() {
    let story = Story::planned(1);
    let modal = confirm_modal(&story.view(), &context(&story));
    assert_snapshot!("modal_confirm", readable::view(&modal));
}

#[test]
fn denying_asks_for_the_reason() {
    let story = Story::planned(1);
    let modal = deny_modal(&story.view(), &context(&story));
    assert_snapshot!("modal_deny", readable::view(&modal));
}

#[test]
fn settling_shows_where_it_stuck() {
    let story = Story::failed();
    let modal = settle_modal(&story.view(), &context(&story));
    assert_snapshot!("modal_settle", readable::view(&modal));
}

#[test]
fn the_full_plan_leaves_nothing_out() {
    let modal = full_plan_modal(&Story::planned(1).view());
    assert_snapshot!("modal_full_plan", readable::view(&modal));
}

#[test]
fn a_plan_that_is_too_large_says_how_much_is_not_shown() {
    let mut story = Story::planned(1);
    let rows = |n: u64| Impact::Rows {
        table: format!("table_{n:04}"),
        action: RowAction::Deleted,
        rows: 5000 - n,
        because: "x".repeat(390),
    };
    story.request.plan.as_mut().unwrap().plan.impact = (0..2000).map(rows).collect();
    let shown = readable::view(&full_plan_modal(&story.view()));
    let listed = shown.matches("• `table_").count();
    let rest = format!("_{} more not shown_", 2000 - listed);
    assert!(listed > 300 && shown.contains(&rest), "{listed} are listed");
}

#[test]
fn the_form_asks_for_what_the_command_lacks() {
    let form = ask_modal(&form());
    assert_snapshot!("modal_ask", readable::view(&form));
    let body = serde_json::to_value(form).unwrap();
    assert!(!body.to_string().contains('`'), "these are plain texts");
    let context = AskContext::parse(body["private_metadata"].as_str().unwrap());
    let expected = AskContext {
        operation: "user delete".into(),
        channel: Some("C0OPS".into()),
    };
    assert_eq!(context, Some(expected));
}

#[test]
fn information_is_plain_text() {
    let body = serde_json::to_value(info_modal("No", "type <@U1> exactly")).unwrap();
    let text = &body["blocks"][0]["text"];
    assert_eq!(text["type"], "plain_text");
    assert_eq!(text["text"], "type <@U1> exactly");
}

#[test]
fn a_modal_remembers_what_it_is_about() {
    let context = context(&Story::planned(1));
    assert_eq!(ModalContext::parse(&context.to_metadata()), Some(context));
    assert_eq!(ModalContext::parse("{}"), None);
}
