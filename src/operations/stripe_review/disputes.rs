//! Disputes that are open, and warnings that a dispute may come.

use chrono::{DateTime, Days, Utc};

use super::{
    hidden,
    section::{Section, table},
};
use crate::{
    domain::answer::Part,
    operations::{StepError, wording::counted},
    systems::stripe::{Dispute, EarlyFraudWarning, Listed, Money, Stripe},
};

/// Disputes that are looked at.
const MOST_DISPUTES: usize = 500;
/// Banks take up to about four months to decide; an older dispute is not open any more.
const DISPUTE_DAYS: u64 = 180;
/// Warnings that are looked at, the newest ones: Stripe cannot be asked for a time.
const MOST_WARNINGS: usize = 300;
/// Rows of one table.
const MOST_ROWS: usize = 20;

/// The state in which evidence is asked of us, and the money is lost without it.
const DISPUTED: &str = "needs_response";
/// The bank asks before it disputes: no money has moved, and an explanation may keep it so.
const INQUIRY: &str = "warning_needs_response";
/// The states in which an answer is asked of us.
const WAITING_FOR_US: [&str; 2] = [DISPUTED, INQUIRY];
/// The states in which the bank has to decide.
const WAITING_FOR_THE_BANK: [&str; 2] = ["under_review", "warning_under_review"];

pub(super) async fn open(stripe: &Stripe, now: DateTime<Utc>) -> Result<Section, StepError> {
    let (key, title) = ("open_disputes", "Disputes");
    let since = now - Days::new(DISPUTE_DAYS);
    match stripe.disputes_since(since, MOST_DISPUTES).await {
        Ok(found) => Ok(of_disputes(key, title, &found, now)),
        Err(error) => hidden(key, title, error),
    }
}

fn of_disputes(
    key: &'static str,
    title: &'static str,
    found: &Listed<Dispute>,
    now: DateTime<Utc>,
) -> Section {
    let is = |states: [&str; 2], dispute: &Dispute| states.contains(&dispute.status.as_str());
    let of = |states| found.items.iter().filter(move |it| is(states, it));
    let with = |state| found.items.iter().filter(|it| it.status == state).count() as u64;
    let ours = of(WAITING_FOR_US).count();
    let says = says(
        with(DISPUTED),
        with(INQUIRY),
        of(WAITING_FOR_THE_BANK).count() as u64,
    );
    let says = among_the_newest(says, found.more);
    let mut open: Vec<&Dispute> = of(WAITING_FOR_US).collect();
    open.sort_by_key(|dispute| due(dispute).unwrap_or(DateTime::<Utc>::MAX_UTC));
    open.extend(of(WAITING_FOR_THE_BANK));
    let more = open.len().saturating_sub(MOST_ROWS) as u64;
    open.truncate(MOST_ROWS);
    let rows: Vec<_> = open.iter().map(|dispute| row(dispute, now)).collect();
    let lines: Vec<_> = open.iter().map(|dispute| line(dispute)).collect();
    let columns = ["Evidence due", "Amount", "Reason", "Payment"];
    let mut section = Section::new(key, title, ours, says)
        .looked_at_all(!found.more)
        .with(table(&columns, rows, more));
    if !lines.is_empty() {
        section = section.with(Part::Lines { lines });
    }
    if found.more {
        section = section.and(format!(
            "Only the newest {MOST_DISPUTES} of the last {DISPUTE_DAYS} days were looked at."
        ));
    }
    section
}

fn says(disputed: u64, inquiries: u64, with_the_bank: u64) -> String {
    let told = [
        (
            disputed,
            "dispute waits for our answer: without one the money is lost",
            "disputes wait for our answer: without one the money is lost",
        ),
        (
            inquiries,
            "inquiry of a bank waits for our answer: no money has moved yet",
            "inquiries of banks wait for our answer: no money has moved yet",
        ),
        (
            with_the_bank,
            "dispute is with the bank",
            "disputes are with the bank",
        ),
    ];
    let told = told.into_iter().filter(|(count, _, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, one, many)| counted(count, one, many))
        .collect();
    match told.as_slice() {
        [] => "No dispute is open.".to_owned(),
        told if disputed + inquiries == 0 => {
            format!("{}; nothing is asked of us.", told.join("; "))
        }
        told => format!("{}.", told.join("; ")),
    }
}

/// What is said holds for what was looked at.
fn among_the_newest(says: String, more: bool) -> String {
    if more {
        format!("Among those that were looked at: {says}")
    } else {
        says
    }
}

fn due(dispute: &Dispute) -> Option<DateTime<Utc>> {
    dispute.evidence_details.as_ref()?.due_by
}

fn payment(dispute: &Dispute) -> &str {
    dispute.payment_intent.as_ref().unwrap_or(&dispute.charge)
}

/// What makes a row of the table too wide.
fn line(dispute: &Dispute) -> String {
    let status = dispute.status.replace('_', " ");
    format!("{}: dispute `{}`, {status}", payment(dispute), dispute.id)
}

fn row(dispute: &Dispute, now: DateTime<Utc>) -> Vec<String> {
    let waits = WAITING_FOR_US.contains(&dispute.status.as_str());
    let due = match due(dispute).filter(|_| waits) {
        None => "–".to_owned(),
        Some(due) => {
            let day = due.format("%Y-%m-%d");
            match (due - now).num_days() {
                _ if due < now => format!("{day}: over"),
                0 => format!("{day}: within a day"),
                1 => format!("{day}: in 1 day"),
                days => format!("{day}: in {days} days"),
            }
        }
    };
    vec![
        due,
        Money::new(dispute.amount, &dispute.currency).to_string(),
        dispute.reason.clone(),
        payment(dispute).to_owned(),
    ]
}

pub(super) async fn warnings(stripe: &Stripe) -> Result<Section, StepError> {
    let (key, title) = ("actionable_warnings", "Early fraud warnings");
    match stripe.early_fraud_warnings(MOST_WARNINGS).await {
        Ok(found) => Ok(of_warnings(key, title, &found)),
        Err(error) => hidden(key, title, error),
    }
}

fn of_warnings(
    key: &'static str,
    title: &'static str,
    found: &Listed<EarlyFraudWarning>,
) -> Section {
    let actionable: Vec<_> = found.items.iter().filter(|it| it.actionable).collect();
    let says = match actionable.len() {
        0 => "No warning can still be acted on.".to_owned(),
        count => format!(
            "{} still be acted on: a full refund now keeps the dispute and its fee away.",
            counted(count as u64, "warning can", "warnings can")
        ),
    };
    let says = among_the_newest(says, found.more);
    let rows = actionable.iter().take(MOST_ROWS).map(|warning| {
        vec![
            warning
                .payment_intent
                .as_ref()
                .unwrap_or(&warning.charge)
                .clone(),
            warning.fraud_type.clone(),
            warning.created.format("%Y-%m-%d").to_string(),
        ]
    });
    let more = actionable.len().saturating_sub(MOST_ROWS) as u64;
    let columns = ["Payment", "Kind", "Since"];
    let rows = rows.collect();
    let section = Section::new(key, title, actionable.len(), says).looked_at_all(!found.more);
    let mut section = section.with(table(&columns, rows, more));
    if found.more {
        section = section.and(format!(
            "Only the newest {MOST_WARNINGS} warnings were looked at: Stripe cannot be asked for a time."
        ));
    }
    section
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
            let section = of_disputes("key", "Disputes", &found, DateTime::UNIX_EPOCH);
            assert_eq!(section.verdict, verdict);
            let found = Listed {
                items: vec![],
                more,
            };
            assert_eq!(of_warnings("key", "Warnings", &found).verdict, verdict);
        }
    }

    #[test]
    fn a_finding_in_a_list_that_was_cut_is_one_to_look_at() {
        let warning: EarlyFraudWarning = serde_json::from_value(serde_json::json!({
            "id": "issfr_1", "charge": "ch_1", "actionable": true, "fraud_type": "unauthorized_use_of_card",
            "created": 1, "livemode": true
        }))
        .unwrap();
        let found = Listed {
            items: vec![warning],
            more: true,
        };
        assert_eq!(
            of_warnings("key", "Warnings", &found).verdict,
            Verdict::LookAtIt
        );
    }
}
