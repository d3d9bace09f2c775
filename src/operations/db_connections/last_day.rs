//! The plot of the last day, from the samples that are taken once a minute.

use chrono::Timelike;

use super::samples::Sample;
use crate::{
    domain::answer::Answer,
    plot::{Limit, Plot, Series, Shape},
    systems::app_db::StateCounts,
};

/// Hours between two words below the plot.
const TICK_HOURS: u32 = 4;
/// The limit is drawn when the day's peak reached this share of it, in percent; else it would press everything flat.
const LIMIT_FROM_PERCENT: i32 = 50;

pub(super) fn add(answer: Answer, samples: &[Sample]) -> Answer {
    let known = || samples.iter().filter_map(|sample| sample.counts);
    let taken = known().count();
    let Some(peak) = known().map(|counts| counts.server).max() else {
        return answer.text(
            "There are no samples of the last day yet: one is taken each minute from now on, for the plot.",
        );
    };
    let alt = format!(
        "Connections to the app's database over the last day, from {taken} of {} minutes; the most on the server: {peak}.",
        samples.len()
    );
    match plot(samples, peak).png() {
        Ok(png) => answer.picture(alt, &png),
        Err(error) => answer.text(format!("{alt} There is no picture of it: {error}.")),
    }
}

fn plot(samples: &[Sample], peak: i32) -> Plot {
    let series = |name: &str, value: fn(&StateCounts) -> i32| Series {
        name: name.to_owned(),
        values: samples
            .iter()
            .map(|sample| sample.counts.map(|counts| f64::from(value(&counts))))
            .collect(),
    };
    let mut all = vec![
        series("active", |counts| counts.active),
        series("idle", |counts| counts.idle),
        series("idle in transaction", |counts| counts.idle_in_transaction),
    ];
    let has_other = samples
        .iter()
        .any(|one| one.counts.is_some_and(|counts| counts.other > 0));
    if has_other {
        all.push(series("other or not visible", |counts| counts.other));
    }
    let most = samples
        .iter()
        .rev()
        .find_map(|sample| sample.counts)
        .map(|counts| counts.most);
    let near =
        most.filter(|most| peak.saturating_mul(100) >= most.saturating_mul(LIMIT_FROM_PERCENT));
    if near.is_some() {
        all.push(series("on the server", |counts| counts.server));
    }
    let marked = samples.iter().enumerate().filter(|(_, sample)| {
        sample.minute.minute() == 0 && sample.minute.hour().is_multiple_of(TICK_HOURS)
    });
    Plot {
        title: "Connections of the last day (UTC)".to_owned(),
        shape: Shape::Lines,
        series: all,
        ticks: marked
            .map(|(i, sample)| (i, sample.minute.format("%H:%M").to_string()))
            .collect(),
        limit: near.map(|most| Limit {
            name: "limit".to_owned(),
            value: f64::from(most),
        }),
    }
}
