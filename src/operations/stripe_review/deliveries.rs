//! Webhooks: the addresses, and the events that did not arrive.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{
    hidden,
    section::{Section, table},
};
use crate::{
    domain::{answer::Part, precision::certainly_before},
    operations::{StepError, wording::counted},
    systems::stripe::{Event, Listed, Stripe, WebhookEndpoint},
};

/// Addresses that are looked at.
const MOST_ENDPOINTS: usize = 50;
/// Events that are looked at.
const MOST_EVENTS: usize = 1000;
/// Stripe keeps events for this many days.
const KEPT_DAYS: u64 = 30;
/// An event that is younger than this may simply be on its way.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(10);
/// The events without which somebody who paid gets nothing.
const OF_PAYMENTS: [&str; 3] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
];

pub(super) async fn endpoints(stripe: &Stripe) -> Result<Section, StepError> {
    let (key, title) = ("webhook_endpoints", "Webhook endpoints");
    match stripe.webhook_endpoints(MOST_ENDPOINTS).await {
        Ok(found) => Ok(of_endpoints(key, title, &found)),
        Err(error) => hidden(key, title, error),
    }
}

fn of_endpoints(
    key: &'static str,
    title: &'static str,
    found: &Listed<WebhookEndpoint>,
) -> Section {
    let disabled = found.items.iter().filter(|it| it.status != "enabled");
    let disabled = disabled.count();
    let total = counted(found.items.len() as u64, "endpoint", "endpoints");
    let says = match (found.items.len(), disabled) {
        (0, _) => {
            "There is no endpoint: Stripe tells nobody that somebody paid. An app that asks Stripe by itself needs none."
                .to_owned()
        }
        (_, 0) => format!("{total}, all enabled."),
        (_, disabled) => format!(
            "{disabled} of {total} disabled: nothing is sent there, and what was missed meanwhile is not sent later."
        ),
    };
    let rows = found.items.iter().map(|endpoint| {
        let events = match endpoint.enabled_events.as_slice() {
            [all] if all == "*" => "all".to_owned(),
            some => some.len().to_string(),
        };
        vec![address(&endpoint.url), endpoint.status.clone(), events]
    });
    let columns = ["Address", "Status", "Types of events"];
    let section = Section::new(key, title, disabled, says).looked_at_all(!found.more);
    let mut section = section.with(table(&columns, rows.collect(), 0));
    if found.more {
        section = section.and(format!(
            "There are more: only {MOST_ENDPOINTS} endpoints were looked at."
        ));
    }
    section
}

/// An address without what follows the path, which may hold a secret.
fn address(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url[..end].trim_start_matches("https://").to_owned()
}

pub(super) async fn events(stripe: &Stripe, now: DateTime<Utc>) -> Result<Section, StepError> {
    let (key, title) = ("undelivered_events", "Webhook deliveries");
    let since = now - Days::new(KEPT_DAYS);
    match stripe.undelivered_events(&[], since, MOST_EVENTS).await {
        Ok(found) => Ok(of_events(key, title, &found, now)),
        Err(error) => hidden(key, title, error),
    }
}

fn of_events(
    key: &'static str,
    title: &'static str,
    found: &Listed<Event>,
    now: DateTime<Utc>,
) -> Section {
    let late = |event: &&Event| certainly_before(event.created, now - ON_ITS_WAY);
    let missed: Vec<&Event> = found.items.iter().filter(late).collect();
    let on_the_way = found.items.len() - missed.len();
    if missed.is_empty() && found.more {
        let says = format!(
            "The newest {MOST_EVENTS} events that did not arrive everywhere are all of the last minutes: what is older is not known."
        );
        return Section::new(key, title, 0, says).looked_at_all(false);
    }
    if missed.is_empty() {
        let mut says = format!("Of the last {KEPT_DAYS} days every event arrived.");
        if on_the_way > 0 {
            says = format!("{says} {on_the_way} of the last minutes are on their way.");
        }
        return Section::new(key, title, 0, says);
    }
    let at_least = if found.more { "at least " } else { "" };
    let says = format!(
        "{at_least}{} of the last {KEPT_DAYS} days did not arrive everywhere. Stripe tries for three days and then \
         gives up.",
        counted(missed.len() as u64, "event", "events")
    );
    let mut kinds: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in &missed {
        kinds.entry(&event.kind).or_default().push(event);
    }
    let rows = kinds.iter().filter_map(|(kind, events)| {
        // Stripe lists the newest first.
        let (newest, oldest) = (events.first()?, events.last()?);
        Some(vec![
            (*kind).to_owned(),
            events.len().to_string(),
            day(oldest.created),
            day(newest.created),
        ])
    });
    let columns = ["Event", "Missed", "Oldest", "Newest"];
    let rows = rows.collect();
    let newest = kinds.iter().filter_map(|(kind, events)| {
        let newest = events.first()?;
        Some(format!("Newest {kind}: `{}`", newest.id))
    });
    let lines = newest.collect();
    let mut section = Section::new(key, title, missed.len(), says)
        .with(table(&columns, rows, 0))
        .with(Part::Lines { lines });
    if kinds.keys().any(|kind| OF_PAYMENTS.contains(kind)) {
        section = section.and(
            "Among them are payments: somebody may have paid and got nothing. When the endpoint is mended, send them \
             again or add the credits by hand, not both.",
        );
    }
    section.and(
        "One event is sent again with the Stripe CLI: `stripe events resend <event> --webhook-endpoint=<endpoint>`",
    )
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::{super::section::Verdict, *};

    #[test]
    fn a_list_that_was_cut_without_a_finding_is_not_known() {
        for (more, verdict) in [(false, Verdict::InOrder), (true, Verdict::NotKnown)] {
            let found = Listed {
                items: vec![],
                more,
            };
            let section = of_events("key", "Deliveries", &found, DateTime::UNIX_EPOCH);
            assert_eq!(section.verdict, verdict);
            let found = Listed {
                items: vec![],
                more,
            };
            assert_eq!(of_endpoints("key", "Endpoints", &found).verdict, verdict);
        }
    }
}
