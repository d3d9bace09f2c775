//! `ip unban`: removes the deny rules that `ip ban` made for an address or a network. The service asks for it by itself when
//! the time of a ban is over, and then lifts that ban alone.

use async_trait::async_trait;
use ipnet::IpNet;
use uuid::Uuid;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    ip_rule::{self, Mark, NETWORK},
};
use crate::{
    domain::{
        Actor, Plan, Request, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::{PlannedStep, Warning},
    },
    journal::later,
    network,
    systems::{System, http::Kind, vercel::IpRule},
};

/// As people type it.
pub(super) const NAME: &str = "ip unban";
const STEP: &str = "remove";

static DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Lift the ban of an IP address",
    summary: "Removes the rules of Vercel's firewall by which Countersign denies an address or a network.",
    risk: Risk::Change,
    arguments: &[ip_rule::ARGUMENT],
    requires: &[System::Vercel],
    runs_when_frozen: false,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops ip unban 8.8.4.4 it was the school's proxy",
    changes: "Removes Countersign's rules for the address from Vercel's firewall.",
    undo: "`/ops ip ban`.",
};

/// The operation.
pub(super) struct IpUnban;

#[async_trait]
impl Operation for IpUnban {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let systems = context.systems;
        let network = ip_rule::asked(context)?;
        let rules = systems.need_vercel()?.ip_rules().await?.unwrap_or_default();
        let ban = ban(context.request);
        if !rules.iter().any(|rule| is_lifted(rule, &network, ban)) {
            return Err(PlanError::Refused(vec![nothing(
                context.request,
                &rules,
                &network,
            )]));
        }
        let title = "Remove Countersign's rule for it from Vercel's firewall";
        let mut plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        ip_rule::describe(&mut plan, &network, "denied", "allowed");
        let stays = |rule: &IpRule| rule.denies_all_of(&network) && !is_lifted(rule, &network, ban);
        if rules.iter().any(stays) {
            let says = "Another rule of the firewall denies this network too and stays: requests from it are still refused.";
            plan.warnings
                .push(Warning::new("denied_by_another_rule", says));
        }
        Ok(ip_rule::proposal(plan, &network))
    }

    /// Removing is harmless when it is done twice: a rule that is gone is not there to be removed.
    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let network = ip_rule::approved(context)?;
        let vercel = context.systems.need_vercel()?;
        let ban = ban(context.request);
        let rules = vercel.ip_rules().await?.unwrap_or_default();
        for rule in rules.iter().filter(|rule| is_lifted(rule, &network, ban)) {
            vercel
                .remove_rule(&rule.id)
                .await
                .map_err(|error| match error.kind {
                    Kind::InDoubt => StepError::Retry(error.to_string()),
                    Kind::Retry | Kind::Permanent => error.into(),
                })?;
        }
        let written = network::written(&network);
        if ban.is_none() {
            let pool = &context.journal.pool;
            later::withdraw(pool, NAME, NETWORK, &written, context.now).await?;
        }
        let says = "Countersign's rules for it are removed";
        let result = StepResult::from([("lifted".to_owned(), says.into())]);
        let answer = Answer::default().facts([("Allowed again", written)]);
        Ok(Done::answered(result, answer))
    }
}

/// The ban that the service lifts; `None` when a person asks, who means all of the network.
fn ban(request: &Request) -> Option<Uuid> {
    match &request.requester {
        Actor::Service(service) => Some(service.because.0),
        Actor::Person(_) => None,
    }
}

fn is_lifted(rule: &IpRule, network: &IpNet, ban: Option<Uuid>) -> bool {
    let is_meant = |mark: Mark| ban.is_none_or(|ban| ban == mark.request);
    rule.network().as_ref() == Some(network) && Mark::of(rule).is_some_and(is_meant)
}

/// Why there is nothing to lift.
fn nothing(request: &Request, rules: &[IpRule], network: &IpNet) -> String {
    let is_exact = |rule: &&IpRule| rule.network().as_ref() == Some(network);
    let is_wider = |rule: &IpRule| rule.denies_all_of(network);
    match &request.requester {
        Actor::Service(service) => {
            format!("the rule of {} is gone already", service.label())
        }
        Actor::Person(_) if rules.iter().any(|rule| is_exact(&rule)) => {
            "only rules that Countersign did not make are about this network: change them in Vercel's dashboard".to_owned()
        }
        Actor::Person(_) if rules.iter().any(is_wider) => {
            "a rule for a wider network denies it: `/ops ip list` shows it, name that network".to_owned()
        }
        Actor::Person(_) => "no rule of the firewall is about this network".to_owned(),
    }
}
