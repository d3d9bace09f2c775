//! Rules that span several properties or blocks, and what Slack fills in by itself.

use serde_json::Value;

use super::{element_rules::one_element, shape::Fault};
use crate::slack::model::elements;

/// Characters of all markdown blocks of a message together.
const MARKDOWN_TOTAL: usize = 12_000;
/// Tables in a message.
const TABLES: usize = 1;

/// Checks what one block's own table cannot say.
pub(super) fn across(blocks: &[Value], at: &str, faults: &mut Vec<Fault>) {
    for (index, block) in blocks.iter().enumerate() {
        let here = format!("{at}/{index}");
        let earlier = &blocks[..index];
        if block["block_id"].is_string()
            && earlier
                .iter()
                .any(|other| other["block_id"] == block["block_id"])
        {
            faults.push(Fault::new(
                format!("{here}/block_id"),
                "must be unique: block_id used twice",
            ));
        }
        match block["type"].as_str() {
            Some("section") if block.get("text").is_none() && block.get("fields").is_none() => {
                faults.push(Fault::new(&here, "missing required field: text or fields"));
            }
            Some("image") => image(block, &here, faults),
            _ => {}
        }
        one_block(block, &here, faults);
    }
    let focused = elements(blocks)
        .iter()
        .filter(|(_, element)| element["focus_on_load"] == true)
        .count();
    if focused > 1 {
        faults.push(Fault::new(at, "only one element may have focus_on_load"));
    }
    let of = |kind: &str| {
        blocks
            .iter()
            .filter(|block| block["type"] == kind)
            .collect::<Vec<_>>()
    };
    let markdown = of("markdown")
        .iter()
        .filter_map(|block| block["text"].as_str())
        .map(|t| t.chars().count())
        .sum();
    if MARKDOWN_TOTAL < markdown {
        faults.push(Fault::new(
            at,
            format!(
                "markdown blocks must be less than {} characters",
                MARKDOWN_TOTAL + 1
            ),
        ));
    }
    if of("table").len() > TABLES {
        faults.push(Fault::new(at, "only one table allowed"));
    }
}

fn one_block(block: &Value, here: &str, faults: &mut Vec<Fault>) {
    let mut seen: Vec<String> = Vec::new();
    for (_, element) in elements(std::slice::from_ref(block)) {
        if let Some(id) = element["action_id"].as_str() {
            if seen.iter().any(|other| other == id) {
                faults.push(Fault::new(
                    here,
                    format!("must be unique: action_id {id} used twice"),
                ));
            }
            seen.push(id.to_owned());
        }
        one_element(&element, here, faults);
    }
    let nested = block["elements"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(block.get("accessory"));
    nested
        .filter(|element| element["type"] == "image")
        .for_each(|element| image(element, here, faults));
}

fn image(image: &Value, here: &str, faults: &mut Vec<Fault>) {
    if image.get("image_url").is_some() == image.get("slack_file").is_some() {
        faults.push(Fault::new(
            here,
            "must provide either image_url or slack_file",
        ));
    }
    let file = &image["slack_file"];
    if file.is_object() && file.get("id").is_some() == file.get("url").is_some() {
        faults.push(Fault::new(
            format!("{here}/slack_file"),
            "must provide either id or url",
        ));
    }
}
