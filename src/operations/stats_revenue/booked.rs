//! The month as Stripe booked it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    month::Month,
    plots::{self, Drawn},
    sums::{Part, Sums},
};
use crate::{
    domain::{
        answer::{Answer, Done},
        event::StepResult,
    },
    operations::wording::counted,
    systems::stripe::{BalanceTransaction, Currency, Money},
};

/// Entries of a month that are read.
pub(super) const MOST_ENTRIES: usize = 20_000;

/// What is told, and what the journal keeps.
pub(super) fn done(month: Month, entries: &[BalanceTransaction], test_mode: bool) -> Done {
    let (moved, counting): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|entry| Part::of(entry) == Part::Moved);
    let mut totals: BTreeMap<(Currency, &str), Sums> = BTreeMap::new();
    let mut days: BTreeMap<(Currency, NaiveDate), Sums> = BTreeMap::new();
    for entry in &counting {
        let currency = || entry.currency.clone();
        *totals.entry((currency(), &entry.status)).or_default() += entry;
        let day = entry.created.date_naive();
        *days.entry((currency(), day)).or_default() += entry;
    }
    let result = StepResult::from([
        ("month".to_owned(), month.to_string().into()),
        ("source".to_owned(), "Stripe".into()),
        ("entries".to_owned(), counting.len().into()),
    ]);
    let mut answer = Answer::default().heading(format!("Revenue of {month}, as Stripe booked it"));
    if test_mode {
        answer = answer.warning("The key is one of test mode: no real money is in these numbers.");
    }
    if totals.is_empty() {
        answer = answer.text("Nothing was booked.");
    } else {
        answer = with_totals(answer, &totals);
        answer = with_days(answer, &days);
        answer = plots::add(answer, month, drawn(&days), "Gross and net");
    }
    if !moved.is_empty() {
        let left_out = counted(moved.len() as u64, "movement", "movements");
        answer = answer.text(format!(
            "Left out: {left_out} of money to the bank or between accounts, which is no revenue."
        ));
    }
    let answer = answer.text(
        "Days and months are UTC. Currencies are those in which Stripe books, which need not be those that people paid \
         in. What is pending cannot be paid out yet.",
    );
    Done::answered(result, answer)
}

fn with_totals(answer: Answer, totals: &BTreeMap<(Currency, &str), Sums>) -> Answer {
    let rows = totals.iter().map(|((currency, status), sums)| {
        let mut row = vec![currency.to_string(), (*status).to_owned()];
        row.extend(numbers(sums, currency));
        row.push(Money::new(sums.other, currency).number());
        row.push(sums.entries.to_string());
        row
    });
    let columns = [
        "Currency", "Status", "Gross", "Refunds", "Disputes", "Fees", "Net", "Other", "Entries",
    ];
    answer.table(&columns, rows.collect(), 0)
}

fn with_days(answer: Answer, days: &BTreeMap<(Currency, NaiveDate), Sums>) -> Answer {
    let rows = days.iter().map(|((currency, day), sums)| {
        let mut row = vec![currency.to_string(), day.format("%Y-%m-%d").to_string()];
        row.extend(numbers(sums, currency));
        row
    });
    let columns = [
        "Currency", "Day", "Gross", "Refunds", "Disputes", "Fees", "Net",
    ];
    answer.heading("By day").table(&columns, rows.collect(), 0)
}

fn numbers(sums: &Sums, currency: &Currency) -> impl Iterator<Item = String> {
    [sums.gross, sums.refunds, sums.disputes, sums.fees, sums.net]
        .map(|minor| Money::new(minor, currency).number())
        .into_iter()
}

fn drawn(days: &BTreeMap<(Currency, NaiveDate), Sums>) -> BTreeMap<String, Drawn> {
    let mut all: BTreeMap<String, Drawn> = BTreeMap::new();
    for ((currency, day), sums) in days {
        let of = all.entry(currency.to_string()).or_insert_with(|| {
            vec![
                ("gross".into(), BTreeMap::new()),
                ("net".into(), BTreeMap::new()),
            ]
        });
        for ((_, days), minor) in of.iter_mut().zip([sums.gross, sums.net]) {
            days.insert(*day, units(minor, currency));
        }
    }
    all
}

/// An amount in the currency's own unit, for drawing alone.
#[expect(clippy::cast_precision_loss, reason = "a picture is not exact")]
fn units(minor: i64, currency: &Currency) -> f64 {
    let decimals = i32::try_from(currency.decimals()).unwrap_or(0);
    minor as f64 / 10_f64.powi(decimals)
}
