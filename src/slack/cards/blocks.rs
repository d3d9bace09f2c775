//! Slack's blocks, bounded. Markup that comes in here was escaped where it was put together.

use slack_morphism::{
    SlackActionId, SlackFileId,
    blocks::{
        SlackAccessibilityLabel, SlackActionBlockElement, SlackActionsBlock, SlackBlock,
        SlackBlockButtonElement, SlackBlockButtonStyle, SlackBlockChoiceItem,
        SlackBlockConfirmItem, SlackBlockId, SlackBlockMarkDownText, SlackBlockPlainText,
        SlackBlockPlainTextInputElement, SlackBlockPlainTextOnly, SlackBlockStaticSelectElement,
        SlackBlockText, SlackContextBlock, SlackDividerBlock, SlackFileIdOrUrl, SlackHeaderBlock,
        SlackImageBlock, SlackImageUrlOrFile, SlackInputBlock, SlackSectionBlock,
    },
};

use super::{limits, text};

/// What stands where there is nothing: Slack refuses empty texts.
const NOTHING: &str = "–";

pub(super) fn header(title: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(title, limits::HEADER)).into()
}

pub(super) fn divider() -> SlackBlock {
    SlackDividerBlock::new().into()
}

pub(super) fn section(markup: &str) -> SlackBlock {
    SlackSectionBlock::new()
        .with_text(mrkdwn(markup, limits::TEXT).into())
        .into()
}

/// A section of untouched plain text: nothing in it can be markup.
pub(super) fn plain_section(words: &str) -> SlackBlock {
    let words = or_nothing(text::bounded(words, limits::TEXT));
    let words = SlackBlockText::Plain(SlackBlockPlainText::new(words));
    SlackSectionBlock::new().with_text(words).into()
}

/// Up to ten facts in two columns.
pub(super) fn fields(facts: &[String]) -> SlackBlock {
    let facts = facts
        .iter()
        .take(10)
        .map(|fact| mrkdwn(fact, limits::FIELD).into());
    SlackSectionBlock::new().with_fields(facts.collect()).into()
}

pub(super) fn context(markup: &str) -> SlackBlock {
    SlackContextBlock::new(vec![mrkdwn(markup, limits::TEXT).into()]).into()
}

/// A picture that Slack has as a file. `alt` is plain text.
pub(super) fn image(file: &str, alt: &str) -> SlackBlock {
    let file = SlackFileIdOrUrl::Id {
        id: SlackFileId(file.to_owned()),
    };
    let alt = or_nothing(text::bounded(alt, limits::ALT));
    SlackImageBlock::new(SlackImageUrlOrFile::SlackFile { slack_file: file }, alt).into()
}

pub(super) fn actions(buttons: Vec<SlackBlockButtonElement>) -> SlackBlock {
    let buttons = buttons.into_iter().map(SlackActionBlockElement::from);
    SlackActionsBlock::new(buttons.collect()).into()
}

pub(super) fn button(action: &str, words: &str, value: &str) -> SlackBlockButtonElement {
    SlackBlockButtonElement::new(plain(words, limits::BUTTON_TEXT))
        .with_action_id(SlackActionId(action.to_owned()))
        .with_value(value.to_owned())
}

/// Says to those who hear a button which of several alike it is. `words` are plain.
pub(super) fn labelled(button: SlackBlockButtonElement, words: &str) -> SlackBlockButtonElement {
    let words = or_nothing(text::bounded(words, limits::BUTTON_LABEL));
    button.with_accessibility_label(SlackAccessibilityLabel(words))
}

pub(super) fn primary(button: SlackBlockButtonElement) -> SlackBlockButtonElement {
    button.with_style(SlackBlockButtonStyle::Primary)
}

pub(super) fn danger(button: SlackBlockButtonElement) -> SlackBlockButtonElement {
    button.with_style(SlackBlockButtonStyle::Danger)
}

/// A dialog that asks once more. All its texts are plain.
pub(super) fn confirm(title: &str, says: &str, yes: &str, no: &str) -> SlackBlockConfirmItem {
    let says = or_nothing(text::bounded(says, limits::CONFIRM_TEXT));
    SlackBlockConfirmItem::new(
        plain(title, limits::CONFIRM_TITLE),
        SlackBlockText::Plain(SlackBlockPlainText::new(says)),
        plain(yes, limits::CONFIRM_BUTTON),
        plain(no, limits::CONFIRM_BUTTON),
    )
}

/// A labelled text input.
pub(super) fn input(
    block: &str,
    label: &str,
    hint: Option<&str>,
    element: SlackBlockPlainTextInputElement,
) -> SlackBlock {
    let hint = hint.filter(|hint| !hint.trim().is_empty());
    SlackInputBlock::new(plain(label, limits::LABEL), element.into())
        .with_block_id(SlackBlockId(text::bounded(block, limits::ID)))
        .opt_hint(hint.map(|hint| plain(hint, limits::LABEL)))
        .into()
}

/// A labelled text input that may stay empty.
pub(super) fn optional_input(
    block: &str,
    label: &str,
    hint: Option<&str>,
    element: SlackBlockPlainTextInputElement,
) -> SlackBlock {
    match input(block, label, hint, element) {
        SlackBlock::Input(input) => input.with_optional(true).into(),
        other => other,
    }
}

/// A labelled choice.
pub(super) fn choice(
    block: &str,
    label: &str,
    hint: &str,
    element: SlackBlockStaticSelectElement,
    optional: bool,
) -> SlackBlock {
    SlackInputBlock::new(plain(label, limits::LABEL), element.into())
        .with_block_id(SlackBlockId(text::bounded(block, limits::ID)))
        .with_hint(plain(hint, limits::LABEL))
        .with_optional(optional)
        .into()
}

/// One of several words; each is its own value.
pub(super) fn select(
    action: &str,
    choices: &[&str],
    chosen: Option<&str>,
) -> SlackBlockStaticSelectElement {
    let option = |choice: &str| {
        SlackBlockChoiceItem::new(plain(choice, limits::BUTTON_TEXT), choice.to_owned())
    };
    let chosen = choices.iter().find(|choice| Some(**choice) == chosen);
    SlackBlockStaticSelectElement::new()
        .with_action_id(SlackActionId(text::bounded(action, limits::ID)))
        .with_options(choices.iter().map(|choice| option(choice)).collect())
        .opt_initial_option(chosen.map(|choice| option(choice)))
}

pub(super) fn text_input(action: &str) -> SlackBlockPlainTextInputElement {
    SlackBlockPlainTextInputElement::new()
        .with_action_id(SlackActionId(text::bounded(action, limits::ID)))
}

pub(super) fn plain(words: &str, most: usize) -> SlackBlockPlainTextOnly {
    or_nothing(text::bounded(words, most)).into()
}

/// Verbatim, so that Slack makes no links and mentions of what merely looks like one.
fn mrkdwn(markup: &str, most: usize) -> SlackBlockMarkDownText {
    SlackBlockMarkDownText::new(or_nothing(text::whole_lines(markup, most))).with_verbatim(true)
}

pub(super) fn or_nothing(words: String) -> String {
    if words.trim().is_empty() {
        NOTHING.to_owned()
    } else {
        words
    }
}
