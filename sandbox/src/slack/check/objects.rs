//! Composition objects: confirmation dialogs, options, filters.

use super::shape::{Field, Rule, opt, req};

/// Characters of an `action_id`, a `block_id` and a `callback_id`.
pub(super) const ID: Rule = Rule::Text(1, 255);
/// Characters of any URL.
pub(super) const URL: Rule = Rule::Url(3000);
/// Characters of a placeholder.
pub(super) const PLACEHOLDER: Rule = Rule::Plain(150);
/// `primary` or `danger`; the default look is to leave it out.
pub(super) const STYLE: Rule = Rule::OneOf(&["primary", "danger"]);
/// Options of one select, and groups of options.
const OPTIONS_MOST: usize = 100;
/// Characters of an option's text and description.
const OPTION_TEXT: usize = 75;
/// Characters of an option's value.
const OPTION_VALUE: Rule = Rule::Text(1, 150);

/// A confirmation dialog.
pub(super) const CONFIRM: Rule = Rule::Object(&[
    req("title", Rule::Plain(100)),
    req("text", Rule::Words(300)),
    req("confirm", Rule::Plain(30)),
    req("deny", Rule::Plain(30)),
    opt("style", STYLE),
]);

/// An option of a select.
pub(super) const OPTION: Rule = Rule::Object(&[
    req("text", Rule::Plain(OPTION_TEXT)),
    req("value", OPTION_VALUE),
    opt("description", Rule::Plain(OPTION_TEXT)),
]);

/// An option of an overflow menu, which may be a link.
pub(super) const OVERFLOW_OPTION: Rule = Rule::Object(&[
    req("text", Rule::Plain(OPTION_TEXT)),
    req("value", OPTION_VALUE),
    opt("description", Rule::Plain(OPTION_TEXT)),
    opt("url", URL),
]);

/// An option of radio buttons and checkboxes, whose text may be mrkdwn.
pub(super) const CHOICE: Rule = Rule::Object(&[
    req("text", Rule::Words(OPTION_TEXT)),
    req("value", OPTION_VALUE),
    opt("description", Rule::Words(OPTION_TEXT)),
]);

const GROUP: Rule = Rule::Object(GROUP_FIELDS);
const GROUP_FIELDS: &[Field] = &[
    req("label", Rule::Plain(OPTION_TEXT)),
    req("options", Rule::List(1, OPTIONS_MOST, &OPTION)),
];

/// The options of a select.
pub(super) const OPTIONS: Rule = Rule::List(1, OPTIONS_MOST, &OPTION);
/// The option groups of a select.
pub(super) const GROUPS: Rule = Rule::List(1, OPTIONS_MOST, &GROUP);

/// The answer to a request for options, which may be empty.
pub(super) const OPTIONS_ANSWER: Rule = Rule::Object(&[
    opt("options", Rule::List(0, OPTIONS_MOST, &OPTION)),
    opt("option_groups", Rule::List(0, OPTIONS_MOST, &GROUP)),
]);

/// Which conversations a select offers.
pub(super) const FILTER: Rule = Rule::Object(&[
    opt(
        "include",
        Rule::List(1, 4, &Rule::OneOf(&["im", "mpim", "private", "public"])),
    ),
    opt("exclude_external_shared_channels", Rule::Flag),
    opt("exclude_bot_users", Rule::Flag),
]);

/// When an input sends an action.
pub(super) const DISPATCH: Rule = Rule::Object(&[req(
    "trigger_actions_on",
    Rule::List(
        1,
        2,
        &Rule::OneOf(&["on_enter_pressed", "on_character_entered"]),
    ),
)]);

/// A file in Slack, by id or by URL.
pub(super) const SLACK_FILE: Rule = Rule::Object(&[opt("id", Rule::Text(1, 255)), opt("url", URL)]);

/// `2026-11-22`
pub(super) const DATE: Rule = Rule::Form(is_date, "a date such as 2026-11-22");
/// `18:30`
pub(super) const TIME: Rule = Rule::Form(is_time, "a time such as 18:30");
/// `12`, `-3.5`
pub(super) const DECIMAL: Rule = Rule::Form(
    |text| text.parse::<f64>().is_ok_and(f64::is_finite),
    "a number",
);

fn is_date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_time(text: &str) -> bool {
    text.len() == 5 && chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok()
}
