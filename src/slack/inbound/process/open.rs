//! Somebody asked for a dialog and could not have it, as far as was known at once.

use super::{Claimed, ProcessError, Processor};
use crate::{
    domain::{Person, PlanDigest, Request},
    slack::{
        cards,
        inbound::inbox::{Decision, Dialog},
    },
};

/// The button that was pressed.
pub(super) struct Button<'a> {
    /// What it opens.
    pub(super) dialog: Dialog,
    /// The plan on its card.
    pub(super) plan: Option<PlanDigest>,
    /// See [`cards::ButtonValue::nonce`].
    pub(super) nonce: Option<&'a str>,
}

impl Processor {
    /// Whoever may not have the dialog is refused on record. Whoever may by now is told to press again, unless a dialog
    /// tells them.
    pub(super) async fn dialog_asked(
        &self,
        claimed: &Claimed,
        request: Request,
        person: &Person,
        button: &Button<'_>,
        shown: bool,
    ) -> Result<(), ProcessError> {
        let judged = self.people().before(person, &request).await?;
        let refusal = button
            .dialog
            .refusal(&request, &judged, button.plan, button.nonce);
        match refusal {
            Some(refusal) => {
                let asked = Decision::Open {
                    dialog: button.dialog,
                    plan: button.plan,
                    shown,
                };
                self.refuse_decision(claimed, request, person, &asked, &refusal)
                    .await
            }
            None if shown => self.end(claimed, None).await,
            None => {
                let card = cards::reply_press_again(&request.label());
                self.just_answer(claimed, card).await
            }
        }
    }
}
