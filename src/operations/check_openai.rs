//! `check openai`: whether the app's key works, until when its models do, whether there is money, and what the month cost.

use async_trait::async_trait;
use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    section::{self, Section, table},
};
use crate::{
    amounts::count,
    domain::{Instant, Plan, Risk, answer::Done, event::StepResult, plan::PlannedStep},
    systems::{
        Requirement, System,
        http::{Kind, VendorError},
        openai::{Costs, MONEY_CODES, OpenAi, Probe, RateLimit, is_chat_model},
    },
};

const STEP: &str = "look";
/// A model that shuts down within so many days has to be replaced now.
const SHUTDOWN_DAYS: u64 = 90;
/// Below this share of a rate limit, in percent, the app is about to be refused.
const FEW_PERCENT: u64 = 10;
/// From this share of the budget on, in percent, somebody should know.
const MUCH_PERCENT: f64 = 80.0;
/// Days of a month before which its pace says nothing.
const PACE_DAYS: u32 = 5;

static DECLARATION: Declaration = Declaration {
    name: "check openai",
    title: "Check OpenAI",
    summary: "Whether the key works, when the app's models shut down, whether there is quota, and this month's cost \
              against the budget.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[Requirement::System(System::OpenAi)],
    runs_when_frozen: true,
    runbook: "Troubleshooting: OpenAI API Errors; Monitoring & Alerts: What to Monitor",
    example: "/ops check openai",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct CheckOpenAi;

#[async_trait]
impl Operation for CheckOpenAi {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let asks = match probed(context.systems.need_openai()?) {
            Some(model) => format!(", and have {model} answer with one token"),
            None => String::new(),
        };
        let title = format!("Read models and costs at OpenAI{asks}");
        Ok(Plan::of_steps(vec![PlannedStep::new(STEP, title)]).into())
    }

    /// Every finding has a verdict of its own, so a call that fails makes its finding unknown and fails nothing else.
    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let openai = context.systems.need_openai()?;
        let (key, models, probe, cost) = futures::join!(
            key(openai),
            models(openai, context.now.date_naive()),
            probe(openai),
            cost(openai, context.now),
        );
        let sections: Vec<Section> = [key, models]
            .into_iter()
            .chain(probe)
            .chain([cost])
            .collect();
        let result: StepResult = sections
            .iter()
            .map(|section| (section.key.to_owned(), section.journalled()))
            .collect();
        let answer = section::answer("OpenAI", &sections);
        Ok(Done::answered(result, answer))
    }
}

/// The model that is asked for a token.
fn probed(openai: &OpenAi) -> Option<&str> {
    let models = openai.models_in_use().iter();
    models.map(String::as_str).find(|id| is_chat_model(id))
}

async fn key(openai: &OpenAi) -> Section {
    const KEY: &str = "key";
    const TITLE: &str = "Key";
    match openai.count_models().await {
        Ok(models) => {
            let models = count(models as u64);
            Section::new(
                KEY,
                TITLE,
                0,
                format!("OPENAI_API_KEY is accepted. Models that it may use: {models}."),
            )
        }
        Err(error) if error.status == Some(401) => Section::new(KEY, TITLE, 1, error.to_string()),
        Err(error) => unseen(KEY, TITLE, &error),
    }
}

async fn models(openai: &OpenAi, today: NaiveDate) -> Section {
    const KEY: &str = "models";
    const TITLE: &str = "Models in use";
    if openai.models_in_use().is_empty() {
        return Section::not_known(
            KEY,
            TITLE,
            "Which models the app uses is not known: set OPENAI_MODELS.",
        );
    }
    let asked = openai.models_in_use().iter();
    let asked = asked.map(async |id| (id.as_str(), openai.model(id).await));
    let found = futures::future::join_all(asked).await;
    let soon = today
        .checked_add_days(Days::new(SHUTDOWN_DAYS))
        .unwrap_or(today);
    let (mut rows, mut bad, mut unseen) = (vec![], 0, 0);
    for (id, model) in found {
        let says = match model {
            Ok(model) => match model.shutdown_date {
                None => "no shutdown is announced".to_owned(),
                Some(day) => {
                    bad += usize::from(day <= soon);
                    match day < today {
                        true => format!("was shut down on {day}"),
                        false => format!("shuts down on {day}"),
                    }
                }
            },
            Err(error) if error.is_missing() => {
                bad += 1;
                "is not there for this key".to_owned()
            }
            Err(error) => {
                unseen += 1;
                format!("not known: {error}")
            }
        };
        rows.push(vec![id.to_owned(), says]);
    }
    let says = match bad {
        0 => format!("None of those that could be seen shuts down within {SHUTDOWN_DAYS} days."),
        1 => format!("1 model is not there, or shuts down within {SHUTDOWN_DAYS} days."),
        bad => format!("{bad} models are not there, or shut down within {SHUTDOWN_DAYS} days."),
    };
    Section::new(KEY, TITLE, bad, says)
        .looked_at_all(unseen == 0)
        .with(table(&["Model", "Shutdown"], rows, 0))
}

/// Money and pace have one status, 429, and very different ends: the one is waited for, the other is paid for.
async fn probe(openai: &OpenAi) -> [Section; 2] {
    const QUOTA: (&str, &str) = ("quota", "Quota");
    const RATE: (&str, &str) = ("rate_limits", "Rate limits");
    let unknown = |(key, title), says: &str| Section::not_known(key, title, says);
    let Some(model) = probed(openai) else {
        let says =
            "No chat model is known that could be asked for one token: name one in OPENAI_MODELS.";
        return [unknown(QUOTA, says), unknown(RATE, says)];
    };
    match openai.probe(model).await {
        Ok(probe) => {
            let says = format!("{model} answers, so there is quota.");
            [Section::new(QUOTA.0, QUOTA.1, 0, says), rates(RATE, &probe)]
        }
        Err(error) if is_about_money(&error) => {
            let says = format!(
                "There is no quota left: pay, or raise the limit, in OpenAI's billing settings. Trying again does not help. {error}."
            );
            let not_reached = "Not known: without quota nothing is said of rates.";
            [
                Section::new(QUOTA.0, QUOTA.1, 1, says),
                unknown(RATE, not_reached),
            ]
        }
        Err(error) if error.status == Some(429) => {
            let wait = error.after.map_or_else(String::new, |after| {
                format!(" It asks to wait for {} s.", after.as_secs())
            });
            let says = format!(
                "The rate limit of {model} is reached: there are more calls or tokens than the account's tier allows.{wait} {error}."
            );
            let hidden = "Not known: the rate limit came first.";
            [
                unknown(QUOTA, hidden),
                Section::new(RATE.0, RATE.1, 1, says),
            ]
        }
        Err(error) => [
            unseen(QUOTA.0, QUOTA.1, &error),
            unseen(RATE.0, RATE.1, &error),
        ],
    }
}

fn is_about_money(error: &VendorError) -> bool {
    error.kind == Kind::Permanent
        && (error.status == Some(402)
            || error.status == Some(429)
            || error
                .code
                .as_deref()
                .is_some_and(|code| MONEY_CODES.contains(&code)))
}

fn rates((key, title): (&'static str, &'static str), probe: &Probe) -> Section {
    if probe.limits.is_empty() {
        return Section::not_known(key, title, "The answer did not say what the limits are.");
    }
    let is_low = |limit: &&RateLimit| {
        limit.remaining.saturating_mul(100) < limit.limit.saturating_mul(FEW_PERCENT)
    };
    let low = probe.limits.iter().filter(is_low).count();
    let says = match low {
        0 => format!("More than {FEW_PERCENT} % of each limit is left."),
        _ => {
            format!("Less than {FEW_PERCENT} % of a limit is left: the app is about to be refused.")
        }
    };
    let rows = probe.limits.iter().map(|limit| {
        let reset = limit.reset.clone().unwrap_or_default();
        vec![
            limit.of.to_owned(),
            count(limit.remaining),
            count(limit.limit),
            reset,
        ]
    });
    let rows = rows.collect();
    Section::new(key, title, low, says).with(table(
        &["Limit", "Left", "Of", "All there again in"],
        rows,
        0,
    ))
}

async fn cost(openai: &OpenAi, now: Instant) -> Section {
    const KEY: &str = "cost";
    const TITLE: &str = "Cost of this month";
    let first = now.date_naive().with_day(1).unwrap_or(now.date_naive());
    let start = first.and_time(NaiveTime::MIN).and_utc();
    match openai.costs_since(start).await {
        None => Section::not_known(
            KEY,
            TITLE,
            "Only an admin key can read costs: set OPENAI_ADMIN_KEY.",
        ),
        Some(Err(error)) => unseen(KEY, TITLE, &error),
        Some(Ok(Costs::Unclear)) => {
            let says = "The costs are not all in US dollars, or their list does not end: look at OpenAI's usage page.";
            Section::not_known(KEY, TITLE, says)
        }
        Some(Ok(Costs::Dollars(spent))) => {
            against_budget(KEY, TITLE, spent, openai.budget(), now.date_naive())
        }
    }
}

fn against_budget(
    key: &'static str,
    title: &'static str,
    spent: f64,
    budget: Option<u32>,
    today: NaiveDate,
) -> Section {
    const LAGS: &str = "OpenAI's costs lag by some hours.";
    let so_far = format!("{spent:.2} USD so far");
    let Some(budget) = budget else {
        let says = format!(
            "{so_far}. There is no budget to hold it against: set COUNTERSIGN_OPENAI_BUDGET. {LAGS}"
        );
        return Section::not_known(key, title, says);
    };
    let limit = f64::from(budget);
    let share = spent / limit * 100.0;
    let (day, days) = (today.day(), u32::from(today.num_days_in_month()));
    let pace = spent / f64::from(day) * f64::from(days);
    let head = format!("{so_far}, {share:.0} % of the budget of {budget} USD.");
    let (bad, more) = match () {
        () if spent > limit => (1, "The budget is spent.".to_owned()),
        () if share >= MUCH_PERCENT => (1, format!("More than {MUCH_PERCENT:.0} % is spent.")),
        () if day >= PACE_DAYS && pace > limit => {
            (1, format!("At this pace the month comes to {pace:.2} USD."))
        }
        () => (0, String::new()),
    };
    let says = [head.as_str(), more.as_str(), LAGS]
        .into_iter()
        .filter(|text| !text.is_empty());
    Section::new(key, title, bad, says.collect::<Vec<_>>().join(" "))
}

/// What could not be seen is never in order.
fn unseen(key: &'static str, title: &'static str, error: &VendorError) -> Section {
    Section::not_known(key, title, format!("{error}."))
}

#[cfg(test)]
mod tests {
    use super::{super::section::Verdict, *};

    fn on(day: u32, spent: f64, budget: Option<u32>) -> Verdict {
        let today = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        against_budget("cost", "Cost", spent, budget, today).verdict
    }

    #[test]
    fn the_budget_the_warning_share_and_the_pace_each_count() {
        assert_eq!(on(15, 40.0, Some(100)), Verdict::InOrder);
        assert_eq!(on(15, 51.0, Some(100)), Verdict::LookAtIt, "the pace");
        assert_eq!(on(30, 79.9, Some(100)), Verdict::InOrder);
        assert_eq!(on(30, 80.0, Some(100)), Verdict::LookAtIt, "the share");
        assert_eq!(on(30, 100.5, Some(100)), Verdict::LookAtIt, "the budget");
        assert_eq!(
            on(2, 20.0, Some(100)),
            Verdict::InOrder,
            "two days are no pace"
        );
        assert_eq!(on(15, 0.0, None), Verdict::NotKnown);
    }
}
