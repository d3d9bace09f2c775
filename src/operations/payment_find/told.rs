//! Payments as the requester reads them.

use super::gather::{Found, Place};
use crate::{
    domain::answer::Answer,
    operations::{payment_dispute::Standing, wording},
    systems::{
        app_db::mask_email,
        stripe::{Listed, Payment, Refund},
    },
};

/// Refunds of one payment that are shown.
pub(super) const MOST_REFUNDS: usize = 20;
/// Payments of one person that are shown.
const MOST_ROWS: usize = 25;

/// What is said wherever the search had a part.
const SEARCH_LAGS: &str = "Customers in other letter case come from Stripe's search, which lags: by a minute as a rule, by up to an hour \
                           when Stripe has trouble. A customer who is that new may be missing.";
/// What is never found by an address.
const NOT_FOUND_HERE: &str = "Not found by an address: guests who typed it in other letter case, and payments that an old \
                              integration took without a payment intent. Ask for those by their id.";

/// The payments behind an address.
pub(super) fn all(email: &str, found: &Found) -> Answer {
    let email = mask_email(email);
    let mut answer = Answer::default().heading(format!("Payments of {email}"));
    if found.payments.is_empty() {
        let customers = match found.customers {
            0 => "no customer".to_owned(),
            1 => "one customer".to_owned(),
            many => format!("{many} customers"),
        };
        answer = answer.text(format!(
            "Stripe has {customers} with this address, and no payment."
        ));
    } else {
        let shown = found.payments.iter().take(MOST_ROWS);
        let rows = shown.clone().map(|(payment, _)| row(payment)).collect();
        let more = found.payments.len().saturating_sub(MOST_ROWS) as u64;
        let columns = ["Payment", "Amount", "Date", "Status", "Refunded"];
        answer = answer.table(&columns, rows, more);
        let notes: Vec<String> = shown
            .filter_map(|(payment, place)| note(payment, *place))
            .collect();
        if !notes.is_empty() {
            answer = answer.lines(notes);
        }
        answer = answer.text("The first column is what `/ops refund` takes.");
    }
    for gap in &found.gaps {
        answer = answer.warning(gap);
    }
    answer.text(SEARCH_LAGS).text(NOT_FOUND_HERE)
}

pub(super) fn one(payment: &Payment, standing: &Standing, refunds: &Listed<Refund>) -> Answer {
    let told = |value: Option<&String>| value.cloned().unwrap_or_else(|| "none".to_owned());
    let mut answer = Answer::default()
        .heading(format!("Payment {}", payment.id))
        .facts([
            ("Amount", payment.amount.to_string()),
            ("Date", wording::moment(payment.created)),
            ("Status", payment.status.clone()),
            (
                "Refunded so far",
                payment.money(payment.refunded).to_string(),
            ),
            (
                "Left to refund",
                payment.money(left(payment, standing)).to_string(),
            ),
            ("Dispute", standing.says().to_owned()),
            (
                "Mode",
                if payment.livemode { "live" } else { "test" }.to_owned(),
            ),
            ("Charge", told(payment.charge.as_ref())),
            ("Customer", told(payment.customer.as_ref())),
            ("For `/ops refund`", payment.id.clone()),
        ]);
    if !refunds.items.is_empty() {
        let rows = refunds.items.iter().map(|refund| {
            let status = match refund.status.as_ref() {
                _ if refund.is_release(payment.released) => "released, was never taken",
                status => status.map_or("unknown", |it| it.word()),
            };
            let reason = refund
                .failure_reason
                .as_ref()
                .or(refund.pending_reason.as_ref());
            vec![
                refund.id.clone(),
                refund.money().to_string(),
                refund.created.format("%Y-%m-%d").to_string(),
                status.to_owned(),
                reason.cloned().unwrap_or_default(),
            ]
        });
        let columns = ["Refund", "Amount", "Date", "Status", "Reason"];
        answer = answer.heading("Refunds").table(&columns, rows.collect(), 0);
        if refunds.more {
            answer = answer.text(format!("Only the newest {MOST_REFUNDS} refunds are shown."));
        }
    }
    answer
}

/// What nobody received cannot go back, nor what the bank has taken or may take.
fn left(payment: &Payment, standing: &Standing) -> i64 {
    match standing {
        Standing::Undisputed | Standing::Refundable(_) if payment.has_succeeded() => payment.rest(),
        _ => 0,
    }
}

/// What makes a row of the table too wide.
fn note(payment: &Payment, place: Place) -> Option<String> {
    let mut notes = Vec::new();
    if payment.disputed {
        notes.push("is or was disputed");
    }
    if !payment.livemode {
        notes.push("test mode");
    }
    match place {
        Place::Customer => {}
        Place::OtherCase => notes.push("other letter case"),
        Place::Guest => notes.push("guest"),
    }
    (!notes.is_empty()).then(|| format!("{}: {}", payment.id, notes.join(", ")))
}

fn row(payment: &Payment) -> Vec<String> {
    let refunded = match payment.refunded {
        0 => String::new(),
        minor => payment.money(minor).number(),
    };
    vec![
        payment.id.clone(),
        payment.amount.to_string(),
        payment.created.format("%Y-%m-%d").to_string(),
        payment.status.clone(),
        refunded,
    ]
}
