//! Whoever asks confirms: in every scenario but those that are about it, requesters confirm what they are shown.

use std::{collections::BTreeSet, sync::Mutex};

use countersign::{
    domain::{RequestId, State},
    slack::cards::{ButtonValue, action},
};
use countersign_sandbox::slack::Message;

use super::World;

/// What requesters have confirmed so far, by what the buttons say; `None` when they wait for the scenario.
pub struct Confirming(Mutex<Option<BTreeSet<String>>>);

impl Default for Confirming {
    fn default() -> Self {
        Self(Mutex::new(Some(BTreeSet::new())))
    }
}

impl Confirming {
    /// Whether this is to be confirmed now; it is, once.
    fn takes(&self, value: &str) -> bool {
        let mut confirmed = self.0.lock().unwrap();
        confirmed
            .as_mut()
            .is_some_and(|confirmed| confirmed.insert(value.to_owned()))
    }

    fn forgets(&self, value: &str) {
        if let Some(confirmed) = self.0.lock().unwrap().as_mut() {
            confirmed.remove(value);
        }
    }
}

impl World {
    /// From now on the scenario itself confirms.
    pub fn nobody_confirms(&self) {
        *self.confirming.0.lock().unwrap() = None;
    }

    /// Every requester who is shown a current plan to confirm confirms it, once.
    pub(super) async fn requesters_confirm(&self) {
        if self.confirming.0.lock().unwrap().is_none() {
            return;
        }
        // A service that has never started has no requests.
        let waiting: Vec<RequestId> = sqlx::query_scalar(
            "select id from countersign.request where state = 'awaiting_confirmation'",
        )
        .fetch_all(&self.db)
        .await
        .unwrap_or_default()
        .into_iter()
        .map(RequestId)
        .collect();
        for id in waiting {
            let request = self.request(id).await;
            let value = ButtonValue::of(&request).to_string();
            let card = self.confirm_card(id).await.filter(|(_, card)| {
                matches!(request.state, State::AwaitingConfirmation)
                    && card.button_value(action::CONFIRM).as_deref() == Some(&value)
            });
            let Some((channel, card)) = card else {
                continue;
            };
            if !self.confirming.takes(&value) {
                continue;
            }
            let who = request.requester.name();
            let clicked = self.slack.click(who, &channel, &card.ts, action::CONFIRM);
            if !clicked.await.is_ok_and(|delivery| delivery.ok()) {
                self.confirming.forgets(&value);
            }
        }
    }

    /// The direct message in which a request is confirmed, with its channel.
    pub async fn confirm_card(&self, id: RequestId) -> Option<(String, Message)> {
        self.message_of(&format!("confirm:{id}")).await
    }

    /// Somebody presses a button of the direct message in which a request is confirmed, once it is there.
    pub async fn press(&self, who: &str, id: RequestId, action: &str) {
        let (channel, card) = self
            .until(&format!("a direct message with {action}"), async |world| {
                let card = world.confirm_card(id).await;
                card.filter(|(_, card)| card.has_action(action))
            })
            .await;
        let delivery = self.slack.click(who, &channel, &card.ts, action).await;
        assert!(delivery.unwrap().ok());
    }

    /// The direct messages to somebody about a request, without the one in which it is confirmed.
    pub async fn told_about(&self, who: &str, id: RequestId) -> Vec<Message> {
        let label = self.request(id).await.label();
        let card: Option<String> =
            sqlx::query_scalar("select id::text from countersign.message where slot = $1")
                .bind(format!("confirm:{id}"))
                .fetch_optional(&self.db)
                .await
                .unwrap();
        let mut told = self.slack.dm(who);
        told.retain(|message| {
            let metadata = message.metadata.as_ref();
            let key = metadata.and_then(|it| it["event_payload"]["key"].as_str());
            message.all_text().contains(&label) && (key.is_none() || key != card.as_deref())
        });
        told
    }
}
