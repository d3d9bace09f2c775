//! What Slack accepts as a message or a view: Block Kit's shapes, its documented limits, and its rules across blocks.
//!
//! `shape` reads the tables in `objects`, `elements` and `blocks`; `rules` holds what a table cannot say.
//! Blocks that need more than the app's scopes (`video`, `file`), and those for assistants and dashboards
//! (`card`, `carousel`, `container`, `plan`, `task_card`, `data_table`), are refused as unknown.

mod blocks;
mod element_rules;
mod elements;
mod normal;
mod objects;
mod rules;
mod shape;
mod views;

use serde_json::Value;

use self::{blocks::MESSAGE_BLOCK, shape::check};
pub(super) use self::{
    normal::{normalised, offered, text_total},
    shape::Fault,
    views::{Surface, view},
};

/// Blocks in a message.
const MESSAGE_BLOCKS: usize = 50;
/// Characters of text in all blocks of a message. Slack counts 12,000 including an undocumented share for every
/// container, and has been seen to refuse 11,341: this stays below what is known to fail.
pub(super) const MESSAGE_TEXT_TOTAL: usize = 11_000;

/// What is wrong with the blocks of a message; empty when Slack takes them.
pub(super) fn message(blocks: &[Value]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if blocks.len() > MESSAGE_BLOCKS {
        faults.push(Fault::new(
            "/blocks",
            format!("no more than {MESSAGE_BLOCKS} items allowed"),
        ));
    }
    for (at, block) in blocks.iter().enumerate() {
        check(block, &MESSAGE_BLOCK, &format!("/blocks/{at}"), &mut faults);
    }
    rules::across(blocks, "/blocks", &mut faults);
    faults
}

/// The files that blocks show, by id, and where they do.
pub(super) fn slack_files(blocks: &[Value]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let here = format!("/blocks/{at}");
        let nested = block["elements"].as_array().into_iter().flatten();
        for holder in nested.chain(block.get("accessory")).chain([block]) {
            if let Some(id) = holder["slack_file"]["id"].as_str() {
                found.push((format!("{here}/slack_file"), id.to_owned()));
            }
        }
    }
    found
}

/// What is named there is no picture of the app's.
pub(super) fn no_picture(at: &str) -> Fault {
    Fault::new(at, "invalid slack file")
}

/// What is wrong with the answer to a request for options; empty when Slack takes it.
pub(super) fn options(answer: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    check(answer, &objects::OPTIONS_ANSWER, "", &mut faults);
    if answer.get("options").is_some() == answer.get("option_groups").is_some() {
        faults.push(Fault::new("", "needs either options or option_groups"));
    }
    faults
}
