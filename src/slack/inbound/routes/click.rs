//! Clicks on cards. What decides is written down; what opens a dialog does so while its trigger lives.

use super::{
    Delivery, Front, NotWritten, Reply, UNREADABLE,
    dialog::{Verdict, Wanted},
    just_once,
};
use crate::{
    domain::Request,
    journal::ReadError,
    slack::{
        cards::{ButtonValue, ModalContext, OfferValue, action},
        client::{self, ReplyMessage},
        inbound::{
            inbox::{Answer, Decision, Dialog, InboxEntry, What},
            payload::Interaction,
        },
    },
};

pub(super) async fn click(front: &Front, delivery: Delivery, click: &Interaction) -> Reply {
    let clicked = match offered(click) {
        Some(offer) => Some(Clicked::Offer(offer)),
        None => button(click),
    };
    let (Some(clicked), Some(user)) = (clicked, click.user_id()) else {
        // A link or a control of no consequence.
        return just_once(front, &delivery).await;
    };
    let outcome = match clicked {
        Clicked::Offer(offer) => {
            let what = What::Ask {
                operation: offer.operation,
                asking: offer.asking,
            };
            write(front, &delivery, click, user, what).await
        }
        Clicked::Decision(value, decision) => {
            let what = decided(&value, decision);
            write(front, &delivery, click, user, what).await
        }
        Clicked::Dialog(value, dialog) => {
            ask_for_dialog(front, &delivery, click, user, &value, dialog).await
        }
    };
    match outcome {
        Ok(response) => response,
        Err(not_written) => {
            tell(front, click, &not_written);
            not_written.refused()
        }
    }
}

enum Clicked {
    /// A button of an answer that asks for an operation.
    Offer(OfferValue),
    /// A button of a card that decides by itself.
    Decision(ButtonValue, Decision),
    /// A button of a card that opens a dialog.
    Dialog(ButtonValue, Dialog),
}

fn offered(click: &Interaction) -> Option<OfferValue> {
    let action = click.action()?;
    let is_offer = action.action_id.as_deref()?.starts_with(action::ASK);
    is_offer
        .then(|| OfferValue::parse(action.value()?))
        .flatten()
}

fn button(click: &Interaction) -> Option<Clicked> {
    let button = click.action()?;
    let value = ButtonValue::parse(button.value()?)?;
    Some(match button.action_id.as_deref()? {
        action::CONFIRM => {
            let plan = value.plan?;
            Clicked::Decision(value, Decision::Confirm { plan })
        }
        action::CANCEL => Clicked::Decision(value, Decision::Cancel),
        action::STOP => Clicked::Decision(value, Decision::Stop),
        action::RESUME => Clicked::Decision(value, Decision::Resume),
        action::APPROVE => Clicked::Dialog(value, Dialog::Approve),
        action::DENY => Clicked::Dialog(value, Dialog::Deny),
        action::SETTLE => Clicked::Dialog(value, Dialog::Settle),
        action::FULL_PLAN => Clicked::Dialog(value, Dialog::FullPlan),
        _ => return None,
    })
}

fn decided(value: &ButtonValue, decision: Decision) -> What {
    What::Decide {
        request: value.request,
        decision,
        nonce: Some(value.nonce.clone()),
    }
}

/// Opens the dialog for whoever may have it. Whoever may not is refused on record, and so is who cannot be told apart in
/// time and turns out not to.
async fn ask_for_dialog(
    front: &Front,
    delivery: &Delivery,
    click: &Interaction,
    user: &str,
    value: &ButtonValue,
    dialog: Dialog,
) -> Result<Reply, NotWritten> {
    let read = front.journal.request(value.request);
    let request = match front.in_time(delivery, read).await? {
        Ok(request) => request,
        // Not a card of this store: there is nothing to show and nothing to decide.
        Err(ReadError::NotFound) => return Ok(just_once(front, delivery).await),
        // Whoever clicked is told when the click is processed.
        Err(ReadError::Tampered { .. }) => {
            let open = Decision::Open {
                dialog,
                plan: value.plan,
                shown: false,
            };
            return write(front, delivery, click, user, decided(value, open)).await;
        }
        Err(error) => {
            tracing::error!(%error, "the request of a button cannot be read");
            return Err(NotWritten::Store);
        }
    };
    if dialog == Dialog::Approve
        && let Some(approve) = approve_at_once(&request, value)
    {
        return write(front, delivery, click, user, decided(value, approve)).await;
    }
    let wanted = Wanted::OfRequest {
        dialog,
        request: Box::new(request),
        context: ModalContext {
            request: value.request,
            plan: value.plan,
            nonce: value.nonce.clone(),
            channel: click.channel_id().map(str::to_owned),
            message_ts: click.message_ts().map(str::to_owned),
        },
    };
    let verdict = front.verdict(delivery, user, &wanted).await;
    let is_known = matches!(verdict, Verdict::Allowed);
    let is_opened = !matches!(verdict, Verdict::Refused(_)) && click.trigger_id.is_some();
    let response = if is_known && is_opened {
        front.note(delivery).await?;
        Reply::Acknowledged
    } else {
        let open = Decision::Open {
            dialog,
            plan: value.plan,
            shown: is_opened,
        };
        write(front, delivery, click, user, decided(value, open)).await?
    };
    if let (Some(trigger), true) = (&click.trigger_id, is_opened) {
        front.open(trigger, user, wanted, is_known);
    }
    Ok(response)
}

/// Where nothing has to be typed the click itself approves; Slack has asked whether it was meant.
fn approve_at_once(request: &Request, value: &ButtonValue) -> Option<Decision> {
    let current = request.plan.as_ref()?;
    let approve = Decision::Approve {
        plan: value.plan?,
        typed: None,
    };
    current.plan.confirm.is_none().then_some(approve)
}

/// Writes down what the person did. Whoever clicks acts with their own rights and under their own name.
async fn write(
    front: &Front,
    delivery: &Delivery,
    click: &Interaction,
    user: &str,
    what: What,
) -> Result<Reply, NotWritten> {
    let Some(key) = click.idempotency_key() else {
        return Ok(UNREADABLE);
    };
    let entry = InboxEntry {
        user: user.to_owned(),
        answer: match &click.response_url {
            Some(url) => Answer::ResponseUrl { url: url.clone() },
            None => Answer::Direct,
        },
        what,
    };
    front.write_down(delivery, key.as_str(), &entry).await?;
    Ok(Reply::Acknowledged)
}

/// Slack shows only that something went wrong. What it means is told beside the card, without the store.
fn tell(front: &Front, click: &Interaction, not_written: &NotWritten) {
    let (NotWritten::Store | NotWritten::Unknown, Some(url)) = (not_written, &click.response_url)
    else {
        return;
    };
    let (api, url) = (front.api.clone(), url.clone());
    let reply = client::Reply::Message(ReplyMessage {
        text: not_written.says().to_owned(),
        ..ReplyMessage::default()
    });
    front.tasks.spawn(async move {
        if let Err(error) = api.respond(&url, &reply).await {
            tracing::warn!(%error, "nobody was told that a click was not recorded");
        }
    });
}
