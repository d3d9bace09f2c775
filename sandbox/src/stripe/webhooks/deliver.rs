//! Sending what is due, and trying again.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::{Attempt, Delivery, PAUSES, Reach, sign};
use crate::stripe::core::{Core, Shared};

/// How often deliveries that are due again are looked for, in real time.
const TICK: Duration = Duration::from_millis(100);
/// How long an endpoint may take, in real time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A delivery as it is sent.
struct Parcel {
    delivery: Delivery,
    kind: String,
    reach: Reach,
    body: String,
    signature: String,
    at: DateTime<Utc>,
}

/// Delivers until the account stops.
pub(in crate::stripe) async fn run(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.delivering.notified() => {}
            _ = every.tick() => {}
        }
        if shared.read(|core| core.due().next().is_none()) {
            continue;
        }
        for parcel in shared.change(Core::take_due) {
            let task = deliver(Arc::clone(&shared), parcel);
            let stop = shared.stop.clone();
            shared.tasks.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = task => {}
                }
            });
        }
    }
}

async fn deliver(shared: Arc<Shared>, parcel: Parcel) {
    let outcome = match &parcel.reach {
        Reach::Answers(status) => Ok(*status),
        Reach::Address(address) => {
            let request = shared
                .http
                .post(address)
                .header("content-type", "application/json; charset=utf-8")
                .header("stripe-signature", &parcel.signature)
                .body(parcel.body)
                .send();
            match tokio::time::timeout(PATIENCE, request).await {
                Err(_) => Err("timed out".to_owned()),
                Ok(Err(error)) => Err(error.to_string()),
                Ok(Ok(response)) => Ok(response.status().as_u16()),
            }
        }
    };
    let (delivery, kind, at) = (parcel.delivery, parcel.kind, parcel.at);
    let retries = shared.retries;
    shared.change(|core| {
        core.deliveries.attempts.push(Attempt {
            event: delivery.event.clone(),
            kind,
            endpoint: delivery.endpoint.clone(),
            at,
            outcome: outcome.clone(),
        });
        let taken = matches!(outcome, Ok(200..300));
        core.after_try(&delivery, taken, retries);
    });
}

impl Core {
    /// What has to be sent now.
    fn due(&self) -> impl Iterator<Item = &Delivery> {
        let (now, held) = (self.time(), self.deliveries.held);
        let due =
            move |it: &&Delivery| !held && !it.under_way && it.next.is_some_and(|next| next <= now);
        self.deliveries.open.iter().filter(due)
    }

    fn take_due(&mut self) -> Vec<Parcel> {
        let now = self.time();
        let due: Vec<Delivery> = self.due().cloned().collect();
        let parcels = due.into_iter().filter_map(|delivery| {
            let event = self.account.events.get(&delivery.event)?;
            let receiver = self.deliveries.receivers.get(&delivery.endpoint)?;
            let body = serde_json::to_string_pretty(event).ok()?;
            let signature = sign::header(receiver.signing(now), now.timestamp(), &body);
            Some(Parcel {
                kind: event.kind.clone(),
                reach: receiver.reach.clone(),
                delivery,
                body,
                signature,
                at: now,
            })
        });
        let parcels: Vec<Parcel> = parcels.collect();
        for delivery in &mut self.deliveries.open {
            let sent = |parcel: &Parcel| parcel.delivery.is(delivery);
            if parcels.iter().any(sent) {
                delivery.under_way = true;
            }
        }
        parcels
    }

    fn after_try(&mut self, tried: &Delivery, taken: bool, retries: bool) {
        let now = self.time();
        let mut open = std::mem::take(&mut self.deliveries.open);
        if taken {
            open.retain(|delivery| !delivery.is(tried));
        } else if let Some(delivery) = open.iter_mut().find(|delivery| delivery.is(tried)) {
            let pause = PAUSES.get(delivery.tries).filter(|_| retries);
            delivery.tries += 1;
            delivery.next = pause.map(|pause| now + *pause);
            delivery.under_way = false;
        }
        self.deliveries.open = open;
        self.count_pending(&tried.event);
    }
}

impl Delivery {
    fn is(&self, other: &Self) -> bool {
        self.event == other.event && self.endpoint == other.endpoint
    }
}
