//! `ip unban`: removes the deny rules that `ip ban` made for an address or a network. The service asks for it by itself when
//! the time of a ban is over, and then lifts that ban alone.

use async_trait::async_trait;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    ip_rule::{self, DENY, Mark, UNBAN},
};
use crate::{
    domain::{
        Actor, Event, Plan, RequestId, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::{PlannedStep, Terms, Warning},
    },
    journal::later,
    network,
    systems::{
        Requirement, System,
        http::Kind,
        vercel::{IpRule, Vercel},
    },
};

const STEP: &str = "remove";
const NO_RULE: &str = "no rule of the firewall is about this network";

static DECLARATION: Declaration = Declaration {
    name: UNBAN,
    title: "Lift the ban of an IP address",
    summary: "Removes the rules of Vercel's firewall by which Countersign denies an address or a network.",
    risk: Risk::Change,
    arguments: &[ip_rule::ARGUMENT],
    requires: &[Requirement::System(System::Vercel)],
    runs_when_frozen: false,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops ip unban 8.8.4.4 it was the school's proxy",
    changes: "Removes Countersign's rules for the address from Vercel's firewall.",
    undo: "`/ops ip ban`.",
};

pub(super) struct IpUnban;

#[async_trait]
impl Operation for IpUnban {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let network = ip_rule::asked(context)?;
        let title = "Remove Countersign's rule for it from Vercel's firewall";
        let mut plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        ip_rule::describe(&mut plan, &network, "denied", "allowed");
        let bans = match &context.request.requester {
            // The service looks when it removes: a plan that cannot be made would end the request, and the ban would stay.
            Actor::Service(service) => vec![service.because.0],
            Actor::Person(_) => {
                let rules = context.systems.need_vercel()?.ip_rules().await?;
                let Some(rules) = rules else {
                    return Err(PlanError::Refused(vec![format!("{NO_RULE}: {NOT_SHOWN}")]));
                };
                let theirs = rules
                    .iter()
                    .filter(|rule| rule.network().as_ref() == Some(&network));
                let bans: Vec<Uuid> = theirs
                    .filter_map(Mark::of)
                    .map(|mark| mark.request)
                    .collect();
                if bans.is_empty() {
                    return Err(PlanError::Refused(vec![nothing(&rules, &network)]));
                }
                let stays = |rule: &IpRule| {
                    rule.denies_all_of(&network) && !is_lifted(rule, &network, &bans)
                };
                if rules.iter().any(stays) {
                    let says = "Another rule of the firewall denies this network too and stays: requests from it are still refused.";
                    plan.warnings
                        .push(Warning::new("denied_by_another_rule", says));
                }
                bans
            }
        };
        plan.terms = Terms::of(&Bans { requests: bans });
        Ok(ip_rule::proposal(plan, &network))
    }

    /// Removing is harmless when it is done twice: a rule that is gone is not there to be removed.
    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let network = ip_rule::approved(context)?;
        let Bans { requests } = context.terms()?;
        let vercel = context.systems.need_vercel()?;
        let lifted = |rules: &[IpRule]| -> Vec<String> {
            let ours = rules.iter();
            ours.filter(|rule| is_lifted(rule, &network, &requests))
                .map(|rule| rule.id.clone())
                .collect()
        };
        let removed = lifted(&rules(context, vercel, &requests).await?);
        for id in &removed {
            vercel
                .remove_rule(id)
                .await
                .map_err(|error| match error.kind {
                    Kind::InDoubt => StepError::Retry(error.to_string()),
                    Kind::Retry | Kind::Permanent => error.into(),
                })?;
        }
        if !removed.is_empty() && !lifted(&rules(context, vercel, &requests).await?).is_empty() {
            let says = "Vercel still shows a rule that was removed";
            return Err(StepError::Retry(says.to_owned()));
        }
        later::withdraw(&context.journal.pool, UNBAN, &requests, context.now).await?;
        let says = match removed.is_empty() {
            true => "Countersign's rules for it were gone already",
            false => "Countersign's rules for it are removed",
        };
        let result = StepResult::from([("lifted".to_owned(), says.into())]);
        let answer = Answer::default().facts([("Allowed again", network::written(&network))]);
        Ok(Done::answered(result, answer))
    }
}

/// Which bans are lifted: a newer one of the same network is another request's.
#[derive(Serialize, Deserialize)]
struct Bans {
    /// The requests that made the rules.
    requests: Vec<Uuid>,
}

/// What else it can mean when Vercel shows no firewall: it answers the same for a project that the token cannot see.
const NOT_SHOWN: &str = "Vercel shows no firewall of this project, or the project's id, the team's id or the token is wrong";

/// The rules. Where one of these bans is on record as done there was a rule, so that none can be shown proves nothing.
async fn rules(
    context: &StepContext<'_>,
    vercel: &Vercel,
    bans: &[Uuid],
) -> Result<Vec<IpRule>, StepError> {
    if let Some(rules) = vercel.ip_rules().await? {
        return Ok(rules);
    }
    for ban in bans {
        let events = context.journal.events(RequestId(*ban)).await?;
        let is_done =
            |event: &Event| matches!(event, Event::StepSucceeded { step, .. } if step == DENY);
        if events.iter().any(|one| is_done(&one.event)) {
            return Err(StepError::Retry(NOT_SHOWN.to_owned()));
        }
    }
    Ok(vec![])
}

fn is_lifted(rule: &IpRule, network: &IpNet, bans: &[Uuid]) -> bool {
    rule.network().as_ref() == Some(network)
        && Mark::of(rule).is_some_and(|mark| bans.contains(&mark.request))
}

/// Why there is nothing to lift.
fn nothing(rules: &[IpRule], network: &IpNet) -> String {
    let is_exact = |rule: &&IpRule| rule.network().as_ref() == Some(network);
    let is_wider = |rule: &IpRule| rule.denies_all_of(network);
    if rules.iter().any(|rule| is_exact(&rule)) {
        "only rules that Countersign did not make are about this network: change them in Vercel's dashboard".to_owned()
    } else if rules.iter().any(is_wider) {
        "a rule for a wider network denies it: `/ops ip list` shows it, name that network"
            .to_owned()
    } else {
        NO_RULE.to_owned()
    }
}
