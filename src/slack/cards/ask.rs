//! The form that opens when a command lacks arguments.

use slack_morphism::blocks::{SlackBlock, SlackView};

use super::{AskContext, blocks, callback, field, limits, modals, text};

#[derive(Debug, Clone)]
pub struct AskForm<'a> {
    /// As people type it: `user delete`.
    pub operation: &'a str,
    pub title: &'a str,
    /// What it does, in a sentence.
    pub summary: &'a str,
    /// Its arguments in order.
    pub fields: Vec<AskField>,
    /// `Some` when a reason is asked for, with what was typed already.
    pub reason: Option<Option<String>>,
    /// Where the command was typed.
    pub channel: Option<&'a str>,
}

/// One argument of the form.
#[derive(Debug, Clone)]
pub struct AskField {
    /// The argument's name: block and action.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What helps them fill it in.
    pub help: String,
    /// What was typed already.
    pub value: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// What there is to choose from; empty when it is typed.
    pub choices: &'static [&'static str],
}

#[must_use]
pub fn ask_modal(form: &AskForm<'_>) -> SlackView {
    let mut all = vec![blocks::plain_section(&text::without_code(form.summary))];
    let fields = form.fields.iter().take(limits::MODAL_BLOCKS - 2);
    all.extend(fields.map(argument));
    if let Some(typed) = &form.reason {
        all.push(reason(typed.as_deref()));
    }
    let context = AskContext {
        operation: form.operation.to_owned(),
        channel: form.channel.map(str::to_owned),
    };
    modals::form(
        form.title,
        "Ask",
        callback::ASK,
        &context.to_metadata(),
        all,
    )
}

fn argument(field: &AskField) -> SlackBlock {
    let help = text::without_code(&field.help);
    if !field.choices.is_empty() {
        let element = blocks::select(&field.name, field.choices, field.value.as_deref());
        return blocks::choice(&field.name, &field.label, &help, element, field.optional);
    }
    let element = blocks::text_input(&field.name).opt_initial_value(typed(field.value.as_deref()));
    if field.optional {
        return blocks::optional_input(&field.name, &field.label, Some(&help), element);
    }
    blocks::input(&field.name, &field.label, Some(&help), element)
}

/// Its length is checked when it is submitted: a longer text that was typed already must not be cut unseen.
fn reason(value: Option<&str>) -> SlackBlock {
    let element = blocks::text_input(field::REASON)
        .with_multiline(true)
        .opt_initial_value(typed(value));
    let hint = "It is shown on the card and stays on record.";
    blocks::input(field::REASON, "Reason", Some(hint), element)
}

fn typed(value: Option<&str>) -> Option<String> {
    let value = value.filter(|value| !value.trim().is_empty())?;
    Some(text::bounded(value, limits::INPUT))
}
