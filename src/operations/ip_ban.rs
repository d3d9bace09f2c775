//! `ip ban`: a deny rule in Vercel's firewall for one address or network, lifted by the service itself when its time is over.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes,
    ip_rule::{self, DENY, Mark, NETWORK, UNBAN},
    wording::moment,
};
use crate::{
    domain::{
        Event, Instant, Plan, Risk,
        answer::{Answer, Done},
        event::{Asking, StepResult},
        plan::{Impact, PlannedStep, Terms, Warning},
    },
    journal::later::{self, Later},
    network,
    systems::{
        Requirement, System,
        http::Kind,
        vercel::{IpRule, RuleAction},
    },
};

const FOR: &str = "for";
const SCHEDULE: &str = "schedule";
/// The shortest ban.
const SHORTEST: Duration = Duration::from_secs(60);
/// The longest ban that ends by itself: an address has changed hands by then.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

static DECLARATION: Declaration = Declaration {
    name: "ip ban",
    title: "Ban an IP address",
    summary: "Refuses all requests from an address or a network in Vercel's firewall, for a time or until it is lifted.",
    risk: Risk::Change,
    arguments: &[
        ip_rule::ARGUMENT,
        Argument::optional(
            FOR,
            "For how long",
            "Such as 24h or 7 days; then Countersign lifts it. Without it the ban holds until somebody lifts it.",
            Takes::Duration {
                least: SHORTEST,
                most: LONGEST,
            },
        )
        .shown_as("duration"),
    ],
    requires: &[Requirement::System(System::Vercel)],
    runs_when_frozen: false,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops ip ban 8.8.4.4 for 24h it scrapes the tests",
    changes: "Adds a deny rule to Vercel's firewall.",
    undo: "`/ops ip unban`, or wait: a ban with a time is lifted by Countersign.",
};

/// The terms: how long the rule stands. The network is a private term.
#[derive(Serialize, Deserialize)]
struct Lasts {
    /// `None`: until somebody lifts it.
    seconds: Option<u64>,
}

pub(super) struct IpBan;

#[async_trait]
impl Operation for IpBan {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let systems = context.systems;
        let network = ip_rule::asked(context)?;
        if let Some(why) = network::forbidden(&network, &systems.protected_networks) {
            return Err(PlanError::Refused(vec![why]));
        }
        let rules = systems.need_vercel()?.ip_rules().await?.unwrap_or_default();
        let own = context.request.id.0;
        let denying = rules.iter().filter(|rule| rule.denies_all_of(&network));
        let others = denying.filter(|rule| Mark::of(rule).is_none_or(|mark| mark.request != own));
        if let Some(rule) = others.into_iter().next() {
            return Err(PlanError::Refused(vec![denied_already(rule)]));
        }
        let lasts = lasts(context.argument(FOR));
        let size = network::size(&network);
        let deny = PlannedStep::new(
            DENY,
            format!("Add a rule to Vercel's firewall that denies {size}"),
        );
        let mut steps = vec![deny];
        if let Some(lasts) = lasts {
            let title = format!(
                "Schedule `ip unban` in {}",
                humantime::format_duration(lasts)
            );
            steps.insert(0, PlannedStep::new(SCHEDULE, title));
        }
        let mut plan = Plan::of_steps(steps);
        plan.terms = Terms::of(&Lasts {
            seconds: lasts.map(|lasts| lasts.as_secs()),
        });
        ip_rule::describe(&mut plan, &network, "allowed", "denied");
        let until = lasts.map_or_else(
            || "until somebody lifts it".to_owned(),
            |lasts| humantime::format_duration(lasts).to_string(),
        );
        plan.impact.push(Impact::fact("lasts", &until));
        let meets = |rule: &IpRule| {
            let other = rule.network();
            other.is_some_and(|other| other.contains(&network) || network.contains(&other))
        };
        if rules
            .iter()
            .any(|rule| rule.action == RuleAction::Bypass && meets(rule))
        {
            let says = "A bypass rule of the firewall covers this network or a part of it: those requests may still pass.";
            plan.warnings.push(Warning::new("firewall_bypass", says));
        }
        if systems.protected_networks.is_empty() {
            let says = "COUNTERSIGN_PROTECTED_NETWORKS is empty: nothing keeps our own office, monitoring and servers from being shut out.";
            plan.warnings
                .push(Warning::new("no_protected_networks", says));
        }
        Ok(ip_rule::proposal(plan, &network))
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        let network = ip_rule::approved(context)?;
        let until = until(context)?;
        match (step, until) {
            (SCHEDULE, Some(until)) => {
                let later = unban(context, &network, until);
                let journal = context.journal;
                Ok(StepResult::from([
                    ("lifted_at".to_owned(), moment(until).into()),
                    later::schedule(&journal.pool, &journal.key, &later).await?,
                ])
                .into())
            }
            _ => deny(context, &network, until).await,
        }
    }
}

/// The request by which the service lifts the ban.
fn unban(context: &StepContext<'_>, network: &ipnet::IpNet, until: Instant) -> Later {
    Later {
        because: context.request.id,
        operation: UNBAN.to_owned(),
        asking: Asking {
            arguments: BTreeMap::from([(NETWORK.to_owned(), network::written(network))]),
            reason: format!("the time of {} is over", context.request.label()),
        },
        due: until,
    }
}

/// Adds the rule once. Vercel has no idempotency keys: the request's id is in the rule's note, where it is looked for first.
async fn deny(
    context: &StepContext<'_>,
    network: &ipnet::IpNet,
    until: Option<Instant>,
) -> Result<Done, StepError> {
    let vercel = context.systems.need_vercel()?;
    let mark = Mark {
        request: context.request_id(),
        number: context.request.number,
        until,
    };
    let rules = vercel.ip_rules().await?.unwrap_or_default();
    let ours = |rule: &IpRule| Mark::of(rule).is_some_and(|of| of.request == mark.request);
    let stands = rules
        .iter()
        .any(|rule| ours(rule) && rule.denies_all_of(network));
    if !stands && until.is_some_and(|until| until <= context.now) {
        let says = "the time of this ban is over before it began; nothing was changed";
        return Err(StepError::Refused(says.to_owned()));
    }
    // A person may have lifted the ban before the rule was there: then nobody would lift the rule.
    let proof = match until {
        Some(until) => {
            let journal = context.journal;
            let later = unban(context, network, until);
            Some(later::schedule(&journal.pool, &journal.key, &later).await?)
        }
        None => None,
    };
    if !stands {
        match vercel.deny(network, &mark.note()).await {
            Ok(()) => {}
            // The next try looks first whether the rule is there.
            Err(error) if error.kind == Kind::InDoubt => {
                let words = error.words().map(str::to_owned);
                return Err(StepError::Retry(error.to_string()).quoting(words.as_deref()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let holds = until.map_or_else(
        || "until it is lifted".to_owned(),
        |until| format!("until {}, when Countersign lifts it", moment(until)),
    );
    let mut result = StepResult::from([("denied".to_owned(), holds.clone().into())]);
    result.extend(proof);
    let written = network::written(network);
    let answer = Answer::default()
        .facts([("Denied", written.clone()), ("Holds", holds)])
        .text(format!(
            "To lift it before: /ops ip unban {written} <reason>"
        ));
    Ok(Done::answered(result, answer))
}

/// When the ban ends: counted from the first start of the run, so that every try comes to the same, also after the run was
/// resumed.
fn until(context: &StepContext<'_>) -> Result<Option<Instant>, StepError> {
    let Lasts {
        seconds: Some(seconds),
    } = context.terms()?
    else {
        return Ok(None);
    };
    let mut events = context.events.iter();
    let started = events.find(|recorded| matches!(recorded.event, Event::RunStarted { .. }));
    let started =
        started.ok_or_else(|| StepError::Failed("the run has no beginning".to_owned()))?;
    let lasts = chrono::Duration::from_std(Duration::from_secs(seconds)).unwrap_or_default();
    Ok(Some(started.at + lasts))
}

fn lasts(typed: &str) -> Option<Duration> {
    humantime::parse_duration(typed).ok()
}

fn denied_already(rule: &IpRule) -> String {
    match Mark::of(rule) {
        Some(mark) => {
            let until = mark.until.map_or_else(String::new, |until| format!(" until {}", moment(until)));
            format!("{} denies this network already{until}: `/ops ip list` shows the rule", mark.label())
        }
        None => "a rule that Countersign did not make denies this network already: `/ops ip list` shows it".to_owned(),
    }
}
