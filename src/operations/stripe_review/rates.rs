//! Declined payments and refunds of the last 30 days against the 30 before.

mod window;

use chrono::{DateTime, Days, Utc};

use super::section::{Section, table};
use crate::{
    operations::StepError,
    systems::stripe::{Charge, Listed, Money, Refund, Stripe},
};
use window::{Share, Window};

/// The days of one window.
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
    let (middle, start) = (
        now - Days::new(WINDOW_DAYS),
        now - Days::new(2 * WINDOW_DAYS),
    );
    let charges = match stripe.charges_since(start, MOST_CHARGES).await {
        Ok(charges) => charges,
        Err(error) => return Section::hidden(KEY, TITLE, error),
    };
    let refunds = match stripe.refunds_since(start, MOST_REFUNDS).await {
        Ok(refunds) => refunds,
        Err(error) => return Section::hidden(KEY, TITLE, error),
    };
    Ok(section(&charges, &refunds, middle))
}

fn section(charges: &Listed<Charge>, refunds: &Listed<Refund>, middle: DateTime<Utc>) -> Section {
    let cut = charges.more || refunds.more;
    let of = |last: bool| {
        Window::of(
            charges
                .items
                .iter()
                .filter(|it| (it.created >= middle) == last),
            refunds
                .items
                .iter()
                .filter(|it| (it.created >= middle) == last),
        )
    };
    let (last, before) = (of(true), of(false));
    let worse = if cut { vec![] } else { worse(&last, &before) };
    let says = match worse.as_slice() {
        [] if cut => format!(
            "There are more than {MOST_CHARGES} charges or {MOST_REFUNDS} refunds in {} days: the numbers are of the \
             newest alone, and are not judged.",
            2 * WINDOW_DAYS
        ),
        [] if before.tried() == 0 => {
            "There was nothing in the month before to compare with.".to_owned()
        }
        [] => "Neither is clearly above the month before.".to_owned(),
        worse => format!("{} above the month before.", worse.join(" and ")),
    };
    let columns = ["", "Last 30 days", "30 days before"];
    let section = Section::new(KEY, TITLE, worse.len(), says);
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

/// What is clearly above the month before.
fn worse(last: &Window, before: &Window) -> Vec<String> {
    let pairs = [
        ("Declined payments are", last.declined(), before.declined()),
        ("Refunds are", last.refunds(), before.refunds()),
    ];
    let is_worse = |last: Share, before: Share| {
        let (now, then) = (last.percent(), before.percent());
        last.part >= LEAST_CASES
            && now
                .zip(then)
                .is_some_and(|(now, then)| now - then >= WORSE_BY)
    };
    let worse = pairs.into_iter().filter(|(_, l, b)| is_worse(*l, *b));
    worse.map(|(what, ..)| what.to_owned()).collect()
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
