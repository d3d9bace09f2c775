//! Modals and Home tabs.

use serde_json::Value;

use super::{
    blocks::{HOME_BLOCK, MODAL_BLOCK},
    objects::ID,
    rules,
    shape::{Fault, Field, Rule, check, opt, req, shape},
};

/// Blocks in a view.
const VIEW_BLOCKS: usize = 100;
/// Characters of a modal's title and of its buttons.
const TITLE: Rule = Rule::Plain(24);

/// Where a view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// A dialog.
    Modal,
    /// A person's Home tab.
    Home,
}

impl Surface {
    /// The view's `type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Modal => "modal",
            Self::Home => "home",
        }
    }
}

const MODAL: &[Field] = &[
    req("title", TITLE),
    req("blocks", Rule::List(1, VIEW_BLOCKS, &MODAL_BLOCK)),
    opt("submit", TITLE),
    opt("close", TITLE),
    opt("private_metadata", Rule::Text(0, 3000)),
    opt("callback_id", ID),
    opt("external_id", ID),
    opt("clear_on_close", Rule::Flag),
    opt("notify_on_close", Rule::Flag),
    opt("submit_disabled", Rule::Flag),
];

const HOME: &[Field] = &[
    req("blocks", Rule::List(1, VIEW_BLOCKS, &HOME_BLOCK)),
    opt("private_metadata", Rule::Text(0, 3000)),
    opt("callback_id", ID),
    opt("external_id", ID),
];

/// What is wrong with a view; empty when Slack takes it.
pub(crate) fn view(body: &Value, surface: Surface) -> Vec<Fault> {
    const MODAL_VIEW: Rule = Rule::Typed(&[shape("modal", MODAL)]);
    const HOME_VIEW: Rule = Rule::Typed(&[shape("home", HOME)]);
    let mut faults = Vec::new();
    let rule = if surface == Surface::Modal {
        &MODAL_VIEW
    } else {
        &HOME_VIEW
    };
    check(body, rule, "/view", &mut faults);
    let blocks = body["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    rules::across(blocks, "/view/blocks", &mut faults);
    let has_input = blocks.iter().any(|block| block["type"] == "input");
    if surface == Surface::Modal && has_input && body.get("submit").is_none() {
        faults.push(Fault::new(
            "/view",
            "missing required field: submit (the view has input blocks)",
        ));
    }
    faults
}
