//! `audit verify`: is the journal what was recorded?

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
    },
    journal::verify::{Report, verify},
};

const STEP: &str = "verify";
/// Findings that one answer lists; the command line lists more.
const MOST: usize = 20;

static DECLARATION: Declaration = Declaration {
    name: "audit verify",
    title: "Verify the journal",
    summary: "Checks every entry, every link of the chain and every text beside it, and says what was changed, removed or reordered. Give an earlier head to `countersign audit verify --witness` on the command line to find a journal that was set back as a whole.",
    risk: Risk::Read,
    arguments: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops audit verify",
};

/// The operation.
pub(super) struct AuditVerify;

#[async_trait]
impl Operation for AuditVerify {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "Check the whole journal");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let journal = context.journal;
        let report = verify(&journal.pool, &journal.key, None).await?;
        let result = StepResult::from([
            ("events".to_owned(), report.checked.events.into()),
            ("findings".to_owned(), report.total().into()),
        ]);
        Ok(Done::answered(result, about(&report)))
    }
}

fn about(report: &Report) -> Answer {
    let checked = &report.checked;
    let verdict = match report.total() {
        0 => Answer::default()
            .text("The journal is what was recorded: nothing was changed or reordered, and nothing is missing in between.")
            .text(
                "A journal that was set back as a whole cannot be seen from here. To find that, run on the command line \
                 countersign audit verify --witness POSITION:HASH with a head from the audit channel.",
            ),
        n => Answer::default().warning(format!(
            "The journal is NOT what was recorded: {n} {}.",
            if n == 1 { "finding" } else { "findings" }
        )),
    };
    let head = report.head.as_ref();
    let mut answer = verdict.facts([
        ("Requests", checked.requests.to_string()),
        ("Entries", checked.events.to_string()),
        ("Links of the chain", checked.links.to_string()),
        ("Not yet linked", checked.pending.to_string()),
        ("Texts beside it", checked.texts.to_string()),
        ("Texts erased", checked.erased.to_string()),
    ]);
    if let Some(head) = head {
        answer = answer.text(format!("The head of the chain: {head}"));
    }
    if report.findings.is_empty() {
        return answer;
    }
    let lines = report.findings.iter().take(MOST);
    let lines = lines.map(|finding| finding.says.clone()).collect();
    answer.heading("What is wrong").lines(lines)
}
