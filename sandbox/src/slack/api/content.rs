//! What a message consists of, taken from a call's arguments and checked.

use serde_json::Value;

use super::{args::Args, error::Refusal};
use crate::slack::{check, core::Core, model::Message};

/// Slack refuses longer texts.
const TEXT_MAX: usize = 40_000;
/// Slack refuses larger metadata, in bytes of JSON.
const METADATA_MAX: usize = 16_000;

/// The parts of a message that a call gave; `None` for those that it left out.
pub(super) struct Given {
    pub(super) text: Option<String>,
    pub(super) blocks: Option<Vec<Value>>,
    pub(super) metadata: Option<Value>,
}

impl Given {
    pub(super) fn parse(core: &mut Core, args: &Args) -> Result<Self, Refusal> {
        let text = args.text("text")?;
        let blocks = args.structured("blocks", "invalid_blocks_format")?;
        if text.is_some() || blocks.is_some() {
            core.record("message", &args.to_value());
        }
        if args
            .structured("attachments", "invalid_attachments")?
            .is_some_and(|list| list != Value::Array(vec![]))
        {
            return Err("invalid_attachments".into());
        }
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > TEXT_MAX)
        {
            return Err("msg_too_long".into());
        }
        let blocks = match blocks {
            None => None,
            Some(Value::Array(blocks)) => Some(blocks),
            Some(_) => return Err("invalid_blocks_format".into()),
        };
        if let Some(blocks) = &blocks {
            let faults = check::message(blocks);
            if !faults.is_empty() {
                return Err(Refusal::faults("invalid_blocks", &faults));
            }
            check_files(core, blocks)?;
            if check::text_total(blocks) > check::MESSAGE_TEXT_TOTAL {
                return Err("msg_blocks_too_long".into());
            }
        }
        let metadata = args.structured("metadata", "invalid_metadata_format")?;
        Ok(Self {
            text,
            blocks: blocks.map(check::normalised),
            metadata: metadata.map(metadata_of).transpose()?,
        })
    }

    /// The content of a new message. Slack wants a text or blocks.
    pub(super) fn into_message(self, core: &Core) -> Result<Message, Refusal> {
        let (text, blocks) = (
            self.text.unwrap_or_default(),
            self.blocks.unwrap_or_default(),
        );
        if text.is_empty() && blocks.is_empty() {
            return Err("no_text".into());
        }
        Ok(Message {
            metadata: self.metadata.filter(|data| !is_empty(data)),
            ..core.by_app(text, blocks)
        })
    }
}

/// Files that blocks show have to be pictures that Slack has looked at. One that was never there is the app's mistake.
fn check_files(core: &Core, blocks: &[Value]) -> Result<(), Refusal> {
    for (at, id) in check::slack_files(blocks) {
        let file = core.world.files.get(&id);
        let kind = file.and_then(|file| file.mimetype(core.now()));
        match (file, kind) {
            (Some(file), Some(kind)) if !file.deleted && kind.starts_with("image/") => {}
            (Some(file), kind) if file.deleted || kind.is_none() => {
                return Err(Refusal::file_not_usable(&at));
            }
            _ => return Err(Refusal::faults("invalid_blocks", &[check::no_picture(&at)])),
        }
    }
    Ok(())
}

/// An empty object takes the metadata away.
pub(super) fn is_empty(metadata: &Value) -> bool {
    metadata.as_object().is_some_and(serde_json::Map::is_empty)
}

fn metadata_of(given: Value) -> Result<Value, Refusal> {
    if is_empty(&given) {
        return Ok(given);
    }
    let typed = given["event_type"]
        .as_str()
        .is_some_and(|kind| !kind.is_empty());
    if !typed || !given["event_payload"].is_object() {
        return Err("invalid_metadata_format".into());
    }
    if given.to_string().len() > METADATA_MAX {
        return Err("metadata_too_large".into());
    }
    Ok(given)
}
