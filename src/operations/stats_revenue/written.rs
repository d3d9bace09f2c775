//! The month as the app wrote it down.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    month::Month,
    plots::{self, Drawn},
};
use crate::{
    domain::{
        answer::{Answer, Done},
        event::StepResult,
    },
    systems::app_db::{AppRevenue, RevenueSum},
};

/// What the app's rows cannot tell.
const LESS_TRUE: &str = "Less true than Stripe: renewals, refunds, disputes, fees and payments that failed may be missing \
                         here, and a canceled row may have been paid. With STRIPE_SECRET_KEY set, Stripe's own books are \
                         used.";

/// What is told, and what the journal keeps.
pub(super) fn done(month: Month, revenue: &AppRevenue) -> Done {
    let rows: i64 = revenue.totals.iter().map(|sum| sum.rows).sum();
    let result = StepResult::from([
        ("month".to_owned(), month.to_string().into()),
        ("source".to_owned(), revenue.table.clone().into()),
        ("rows".to_owned(), rows.into()),
    ]);
    let heading = format!(
        "Revenue of {month}, as the app wrote it into {}",
        revenue.table
    );
    let mut answer = Answer::default().heading(heading).warning(LESS_TRUE);
    if revenue.totals.is_empty() {
        answer = answer.text("There is no row of this month.");
    } else {
        let totals = revenue.totals.iter().map(|sum| {
            let [currency, status] = names(sum);
            vec![currency, status, sum.rows.to_string(), sum.amount.clone()]
        });
        answer = answer.table(&["Currency", "Status", "Rows", "Sum"], totals.collect(), 0);
        let days = revenue.days.iter().map(|(day, sum)| {
            let [currency, status] = names(sum);
            let day = day.format("%Y-%m-%d").to_string();
            vec![
                day,
                currency,
                status,
                sum.rows.to_string(),
                sum.amount.clone(),
            ]
        });
        answer = answer.heading("By day").table(
            &["Day", "Currency", "Status", "Rows", "Sum"],
            days.collect(),
            0,
        );
        answer = plots::add(answer, month, drawn(&revenue.days), "The sums by status");
    }
    if let Some(gap) = &revenue.no_status {
        answer = answer.warning(format!("Not told apart by status: the app lacks {gap}"));
    }
    let answer = answer.text(
        "Days and months are UTC. Amounts are as the app wrote them; currencies and states are never added up.",
    );
    Done::answered(result, answer)
}

fn drawn(days: &[(NaiveDate, RevenueSum)]) -> BTreeMap<String, Drawn> {
    let mut all: BTreeMap<String, BTreeMap<String, BTreeMap<NaiveDate, f64>>> = BTreeMap::new();
    for (day, sum) in days {
        // What the database wrote as a number may be too large for a picture, or none (NaN).
        let Some(amount) = sum.amount.parse().ok().filter(|sum: &f64| sum.is_finite()) else {
            continue;
        };
        let [currency, status] = names(sum);
        let of = all.entry(currency).or_default().entry(status).or_default();
        of.insert(*day, amount);
    }
    let drawn = all.into_iter();
    drawn
        .map(|(currency, of)| (currency, of.into_iter().collect()))
        .collect()
}

fn names(sum: &RevenueSum) -> [String; 2] {
    let told = |name: &str| match name {
        "" => "(none)".to_owned(),
        name => name.to_owned(),
    };
    [told(&sum.currency), told(&sum.status)]
}
