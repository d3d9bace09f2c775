//! Declined payments and refunds of the last 30 days against the 30 before.

mod window;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, SubsecRound, Utc};

use super::{
    hidden,
    section::{Section, table},
};
use crate::{
    operations::StepError,
    systems::stripe::{Charge, Listed, Money, Refund, Stripe},
};
use window::{Share, Window};

const WINDOW_DAYS: u64 = 30;
/// Charges that are read, over both windows.
const MOST_CHARGES: usize = 5000;
/// Refunds that are read, over both windows.
const MOST_REFUNDS: usize = 2000;
/// By how many percentage points a share has to be above the month before to be looked at …
const WORSE_BY: f64 = 5.0;
/// … and of how many cases at least: two declined payments of three are no pattern.
const LEAST_CASES: u64 = 3;
/// Reasons of declined payments that are shown.
const MOST_REASONS: usize = 8;

const KEY: &str = "worse_rates";
const TITLE: &str = "Declined payments and refunds";

pub(super) async fn rates(stripe: &Stripe, now: DateTime<Utc>) -> Result<Section, StepError> {
    // Stripe tells whole seconds, so that both windows begin and end with one.
    let now = now.trunc_subsecs(0);
    let (middle, start) = (
        now - Days::new(WINDOW_DAYS),
        now - Days::new(2 * WINDOW_DAYS),
    );
    let charges = match stripe.charges_since(start, MOST_CHARGES).await {
        Ok(charges) => charges,
        Err(error) => return hidden(KEY, TITLE, error),
    };
    let refunds = match stripe.refunds_since(start, MOST_REFUNDS).await {
        Ok(refunds) => refunds,
        Err(error) => return hidden(KEY, TITLE, error),
    };
    Ok(section(&charges, &refunds, middle))
}

fn section(charges: &Listed<Charge>, refunds: &Listed<Refund>, middle: DateTime<Utc>) -> Section {
    let cut = charges.more || refunds.more;
    let released: BTreeMap<&str, i64> = charges
        .items
        .iter()
        .map(|charge| (charge.id.as_str(), charge.released()))
        .collect();
    let is_release = |refund: &&Refund| {
        let charge = refund.charge.as_deref().unwrap_or_default();
        refund.is_release(released.get(charge).copied().unwrap_or(0))
    };
    let given_back: Vec<&Refund> = refunds
        .items
        .iter()
        .filter(|refund| !is_release(refund))
        .collect();
    let of = |last: bool| {
        Window::of(
            charges
                .items
                .iter()
                .filter(|it| (it.created >= middle) == last),
            given_back
                .iter()
                .copied()
                .filter(|it| (it.created >= middle) == last),
        )
    };
    let (last, before) = (of(true), of(false));
    let (worse, unjudged) = match cut {
        true => (vec![], vec![]),
        false => (
            which(&last, &before, is_worse),
            which(&last, &before, has_no_measure),
        ),
    };
    let says = match (worse.as_slice(), unjudged.as_slice()) {
        ([], _) if cut => format!(
            "There are more than {MOST_CHARGES} charges or {MOST_REFUNDS} refunds in {} days: the numbers are of the \
             newest alone, and are not judged.",
            2 * WINDOW_DAYS
        ),
        ([], []) if before.tried() == 0 => {
            "There was nothing in the month before to compare with.".to_owned()
        }
        ([], []) => "Neither is clearly above the month before.".to_owned(),
        ([], unjudged) => format!(
            "{} more than a few, and nothing in the month before says whether that is usual.",
            unjudged.join(" and ")
        ),
        (worse, _) => format!("{} above the month before.", worse.join(" and ")),
    };
    let columns = ["", "Last 30 days", "30 days before"];
    let section =
        Section::new(KEY, TITLE, worse.len(), says).looked_at_all(!cut && unjudged.is_empty());
    let mut section = section
        .with(table(&columns, rows(&last, &before), 0))
        .with(table(
            &["Declined because of", "Last 30 days", "30 days before"],
            reasons(&last, &before),
            0,
        ));
    if charges.items.iter().any(|charge| !charge.livemode) {
        section = section.and("The key is one of test mode: no real money is in these numbers.");
    }
    section
}

/// Which of the two shares are so, last and before.
fn which(last: &Window, before: &Window, is_so: impl Fn(Share, Share) -> bool) -> Vec<String> {
    let pairs = [
        ("Declined payments are", last.declined(), before.declined()),
        ("Refunds are", last.refunds(), before.refunds()),
    ];
    let found = pairs.into_iter().filter(|(_, l, b)| is_so(*l, *b));
    found.map(|(what, ..)| what.to_owned()).collect()
}

/// Clearly above the month before.
fn is_worse(last: Share, before: Share) -> bool {
    let shares = last.percent().zip(before.percent());
    last.part >= LEAST_CASES && shares.is_some_and(|(now, then)| now - then >= WORSE_BY)
}

/// More than a few, and nothing to compare them with.
fn has_no_measure(last: Share, before: Share) -> bool {
    last.part >= LEAST_CASES && last.percent().zip(before.percent()).is_none()
}

fn rows(last: &Window, before: &Window) -> Vec<Vec<String>> {
    let row =
        |name: &str, of: &dyn Fn(&Window) -> String| vec![name.to_owned(), of(last), of(before)];
    let mut rows = vec![
        row("Payments tried", &|it| it.tried().to_string()),
        row("Declined", &|it| it.declined().to_string()),
        row("Refunds, of what was paid", &|it| it.refunds().to_string()),
    ];
    let mut currencies: Vec<_> = last.money.keys().chain(before.money.keys()).collect();
    currencies.sort();
    currencies.dedup();
    for currency in currencies {
        let paid = |it: &Window| it.money.get(currency).map_or(0, |money| money.paid);
        let back = |it: &Window| it.money.get(currency).map_or(0, |money| money.refunded);
        rows.push(row(&format!("Paid in {currency}"), &|it| {
            Money::new(paid(it), currency).number()
        }));
        rows.push(row(&format!("Refunded in {currency}"), &|it| {
            Money::new(back(it), currency).number()
        }));
    }
    rows
}

fn reasons(last: &Window, before: &Window) -> Vec<Vec<String>> {
    let count = |window: &Window, code: &str| window.reasons.get(code).copied().unwrap_or(0);
    let mut codes: Vec<&String> = last.reasons.keys().chain(before.reasons.keys()).collect();
    codes.sort_by_key(|code| (std::cmp::Reverse(count(last, code)), code.as_str()));
    codes.dedup();
    let shown = codes.into_iter().take(MOST_REASONS).map(|code| {
        vec![
            code.clone(),
            count(last, code).to_string(),
            count(before, code).to_string(),
        ]
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::{super::section::Verdict, *};

    fn charge(number: usize, status: &str, created: i64) -> Charge {
        let charge = serde_json::json!({
            "id": format!("ch_{number}"), "amount": 999, "amount_captured": 999, "amount_refunded": 0,
            "currency": "usd", "status": status, "livemode": true, "created": created
        });
        serde_json::from_value(charge).unwrap()
    }

    /// So many declined charges of ten, last and before; the middle is at 100 seconds.
    fn judged(last: Option<usize>, before: Option<usize>, more: bool) -> Verdict {
        let mut items = vec![];
        for (declined, created) in [(last, 150), (before, 50)] {
            for number in 0..declined.map_or(0, |_| 10) {
                let failed = declined.is_some_and(|declined| number < declined);
                let status = if failed { "failed" } else { "succeeded" };
                items.push(charge(number, status, created));
            }
        }
        let refunds = Listed {
            items: vec![],
            more: false,
        };
        let middle = DateTime::from_timestamp(100, 0).unwrap();
        section(&Listed { items, more }, &refunds, middle).verdict
    }

    #[test]
    fn what_could_not_be_compared_is_not_known() {
        assert_eq!(judged(Some(4), Some(4), false), Verdict::InOrder);
        assert_eq!(judged(Some(4), Some(1), false), Verdict::LookAtIt);
        assert_eq!(judged(Some(4), Some(4), true), Verdict::NotKnown);
        assert_eq!(judged(Some(4), None, false), Verdict::NotKnown);
        assert_eq!(judged(Some(2), None, false), Verdict::InOrder);
        assert_eq!(judged(None, None, false), Verdict::InOrder);
    }
}
