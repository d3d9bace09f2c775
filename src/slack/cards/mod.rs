//! What people see: pure functions from what is on record to Slack's messages and modals. Nothing here decides,
//! reads or writes; time comes in with the [`View`].
//!
//! Texts from outside are escaped and bounded in `text`, blocks are bounded in `blocks`; no other place does either.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slack_morphism::blocks::SlackBlock;
use uuid::Uuid;

use crate::domain::{Instant, Request, private_data::PrivateData};

mod answer;
mod approval_card;
mod ask;
mod audience;
mod audit;
mod audit_entry;
mod blocks;
mod buttons;
mod context;
mod emoji;
mod facts;
mod full_plan;
mod impact;
pub mod limits;
mod lists;
mod modals;
mod names;
mod outcome;
mod replies;
mod result;
mod review;
mod status;
mod steps;
pub mod text;

use audience::Audience;

pub use approval_card::{approval_card, confirm_card};
pub use ask::{AskField, AskForm, ask_modal};
pub use audit::{audit_parent, chain_head};
pub use audit_entry::audit_entry;
pub use context::{
    AskContext, ButtonValue, ModalContext, OfferValue, is_of_current_card, is_of_request,
};
pub use full_plan::full_plan_modal;
pub use modals::{confirm_modal, deny_modal, info_modal, settle_modal};
pub use names::{action, callback, field};
pub use outcome::outcome_note;
pub use replies::{
    reply_asked, reply_error, reply_existing, reply_press_again, reply_refused, reply_repeated,
    reply_tampered, reply_usage,
};
pub use review::review_of_quarter;

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What notifications and screen readers say: markup of at most [`limits::FALLBACK`] units.
    pub text: String,
    /// What is shown.
    pub blocks: Vec<SlackBlock>,
}

impl Card {
    /// A message with blocks; `text` is markup.
    fn new(text: &str, mut blocks: Vec<SlackBlock>) -> Self {
        blocks.truncate(limits::MESSAGE_BLOCKS);
        let text = blocks::or_nothing(text::whole_lines(text, limits::FALLBACK));
        Self { text, blocks }
    }

    /// The message with every address masked that it still holds: the last line of defence of the audit channel.
    #[must_use]
    pub fn without_addresses(self) -> Self {
        let to = Audience::Audit;
        let text = to.says(&self.text).into_owned();
        let blocks = serde_json::to_value(&self.blocks).map(|blocks| to.value(&blocks));
        match blocks.and_then(serde_json::from_value) {
            Ok(blocks) => Self { text, blocks },
            Err(_) => Self::of_text(&text),
        }
    }

    /// A message of one section whose text is its fallback too.
    fn of_text(markup: &str) -> Self {
        Self::new(markup, vec![blocks::section(markup)])
    }
}

/// Everything that drawing one request needs.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The request as its events fold.
    pub request: &'a Request,
    /// The texts beside the chain.
    pub private_data: &'a PrivateData,
    /// The operation's title: `Delete a user`.
    pub title: &'a str,
    /// The time of drawing.
    pub now: Instant,
    /// Whether everything is frozen and this request is of those that wait for the thaw.
    pub frozen: bool,
    /// What changed when the plan was last superseded.
    pub last_superseded: Option<&'a [String]>,
    /// The answers that its current round has given, in order.
    pub answers: &'a [Uuid],
    /// The pictures of these answers that Slack has.
    pub pictures: &'a Pictures,
}

/// Slack's files, by the answer and the part of it that they show.
pub type Pictures = BTreeMap<(Uuid, usize), String>;
