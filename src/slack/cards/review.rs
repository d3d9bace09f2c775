//! The quarterly review of the app's admins: that it is time, and who has looked.

use std::collections::BTreeMap;

use super::{Card, OfferValue, action, blocks, emoji, text};
use crate::{
    domain::{Quarter, event::Asking},
    operations::admins_review::{self, Reviewed},
};

/// The message of a quarter in the approvals channel.
#[must_use]
pub fn review_of_quarter(quarter: Quarter, reviewed: Option<&Reviewed>) -> Card {
    let name = format!("*Review of the app's admins, {quarter}*");
    match reviewed {
        Some(reviewed) => {
            let line = format!(
                "{} {name}: {} has looked in {}",
                emoji::DONE,
                text::mention(&reviewed.by),
                reviewed.request
            );
            Card::new(&line, vec![blocks::section(&line)])
        }
        None => {
            let line = format!("{name}: nobody has looked yet");
            let what = "A new quarter has begun. Look at who is an admin and when each was last seen, and keep or demote them. \
                        The list comes to whoever asks for it, as a direct message.";
            let mut all = vec![blocks::section(&line), blocks::context(what)];
            all.extend(button().map(|button| blocks::actions(vec![button])));
            Card::new(&line, all)
        }
    }
}

/// It only asks, with the rights of whoever clicks.
fn button() -> Option<slack_morphism::blocks::SlackBlockButtonElement> {
    let value = OfferValue {
        operation: admins_review::NAME.to_owned(),
        asking: Asking {
            arguments: BTreeMap::new(),
            reason: String::new(),
        },
    };
    let name = format!("{}0", action::ASK);
    Some(blocks::button(
        &name,
        "Review the admins",
        &value.to_value()?,
    ))
}
