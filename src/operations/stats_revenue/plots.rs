//! The days of a month as pictures, one per currency: two currencies have no common axis.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::month::Month;
use crate::{
    domain::answer::Answer,
    plot::{MOST_SERIES, Plot, Series, Shape},
};

/// Currencies of which a plot is drawn.
const MOST_PLOTS: usize = 3;
/// Days between two words below a plot.
const TICK: usize = 7;

/// What one currency's plot shows: names, and what each came to by day, in the currency's own unit. A picture is not exact.
pub(super) type Drawn = Vec<(String, BTreeMap<NaiveDate, f64>)>;

/// Adds a picture of each currency. `what` says in the picture's text what its bars are.
pub(super) fn add(
    mut answer: Answer,
    month: Month,
    currencies: impl IntoIterator<Item = (String, Drawn)>,
    what: &str,
) -> Answer {
    for (currency, drawn) in currencies.into_iter().take(MOST_PLOTS) {
        let left_out = drawn.len().saturating_sub(MOST_SERIES);
        let alt = format!(
            "{what} of each day of {month} in {currency}, as in the table. A day with a loss is drawn as 0."
        );
        answer = match plot(month, &currency, drawn).png() {
            Ok(png) => answer.picture(alt, &png),
            Err(error) => answer.text(format!("There is no picture of {currency}: {error}.")),
        };
        if left_out > 0 {
            answer = answer.text(format!(
                "{left_out} more of {currency} are not in the picture."
            ));
        }
    }
    answer
}

fn plot(month: Month, currency: &str, drawn: Drawn) -> Plot {
    let series = drawn.into_iter().take(MOST_SERIES);
    Plot {
        title: format!("Revenue of {month} by day, {currency}"),
        shape: Shape::Bars,
        series: series
            .map(|(name, days)| Series {
                name,
                values: month
                    .days()
                    .map(|day| Some(days.get(&day).copied().unwrap_or_default()))
                    .collect(),
            })
            .collect(),
        ticks: month
            .days()
            .enumerate()
            .step_by(TICK)
            .map(|(i, day)| (i, day.format("%d %b").to_string()))
            .collect(),
        limit: None,
    }
}
