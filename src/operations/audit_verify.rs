//! `audit verify`: is the journal what was recorded?

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::{
    amounts::count,
    domain::{
        Plan, RequestId, Risk,
        answer::{Answer, Done},
        event::{ALARM, StepResult},
        plan::PlannedStep,
        request,
    },
    journal::{
        Journal,
        verify::{Report, verify_alone},
    },
};

const STEP: &str = "verify";
/// How long a verification waits when another one began at the same moment.
const NEXT_TURN: chrono::Duration = chrono::Duration::seconds(15);
/// Findings that one answer lists; the command line lists more.
const MOST: usize = 20;

static DECLARATION: Declaration = Declaration {
    name: "audit verify",
    title: "Verify the journal",
    summary: "Checks every entry, every link of the chain and every text beside it, and says what was changed, removed or reordered. Give an earlier head to `countersign audit verify --witness` on the command line to find a journal that was set back as a whole.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops audit verify",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct AuditVerify;

#[async_trait]
impl Operation for AuditVerify {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        if let Some(says) = under_way(context.journal, context.request.id).await? {
            return Err(PlanError::Refused(vec![says]));
        }
        let step = PlannedStep::new(STEP, "Check the whole journal");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let journal = context.journal;
        let verified = verify_alone(&journal.verifying, &journal.key).await?;
        let Some(report) = verified else {
            return Err(StepError::Wait {
                why: "the journal is being verified already; this verification follows".to_owned(),
                again: NEXT_TURN,
            });
        };
        let mut result = StepResult::from([
            ("events".to_owned(), report.checked.events.into()),
            ("findings".to_owned(), report.total().into()),
        ]);
        if !report.is_sound() {
            let says = "the journal is not what was recorded";
            result.insert(ALARM.to_owned(), says.into());
        }
        Ok(Done::answered(result, about(&report)))
    }
}

/// What is said while another request verifies the journal: one verification reads all of it, so a second one at the
/// same time would find the same and slow both down.
async fn under_way(journal: &Journal, id: RequestId) -> Result<Option<String>, sqlx::Error> {
    let other = sqlx::query!(
        r#"select number, updated_at from countersign.request
           where operation = $1 and state = 'running' and open and id <> $2
           order by number limit 1"#,
        DECLARATION.name,
        id.0
    )
    .fetch_optional(&journal.pool)
    .await?;
    Ok(other.map(|other| {
        format!(
            "{} has been verifying the journal since {}. Ask again when it has answered",
            request::label(other.number),
            other.updated_at.format("%H:%M:%S UTC")
        )
    }))
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
        ("Requests", count(checked.requests)),
        ("Entries", count(checked.events)),
        ("Links of the chain", count(checked.links)),
        ("Not yet linked", count(checked.pending)),
        ("Texts beside it", count(checked.texts)),
        ("Texts erased", count(checked.erased)),
    ]);
    if let Some(head) = head {
        answer = answer.text(format!("The head of the chain: {head}"));
    }
    if report.findings.is_empty() {
        return answer;
    }
    let lines: Vec<String> = report
        .findings
        .iter()
        .take(MOST)
        .map(ToString::to_string)
        .collect();
    let more = report.total() - lines.len() as u64;
    answer = answer.heading("What is wrong").lines(lines);
    if more > 0 {
        answer = answer.text(format!(
            "{} more: run `countersign audit verify`.",
            count(more)
        ));
    }
    answer.heading("What to do").text(next(report))
}

fn next(report: &Report) -> &'static str {
    if report.only_projections_differ() {
        "Only tables that are made from the entries differ, the entries do not: `countersign audit rebuild` makes them anew."
    } else {
        "Change nothing; compare with the witnesses in the audit channel."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::answer::Part,
        journal::verify::{Finding, Kind, Place},
    };

    fn report(kinds: &[(Kind, u64)]) -> Report {
        let findings = kinds.iter().flat_map(|&(kind, times)| {
            let place = Place {
                number: Some(1001),
                version: Some(3),
                ..Place::default()
            };
            let says = "it was changed".to_owned();
            (0..times).map(move |_| Finding {
                kind,
                place,
                says: says.clone(),
            })
        });
        Report {
            findings: findings.collect(),
            by_kind: kinds.iter().copied().collect(),
            ..Report::default()
        }
    }

    fn told(report: &Report) -> String {
        let parts = about(report).parts.into_iter().map(|part| match part {
            Part::Text { text } | Part::Heading { text } | Part::Warning { text } => text,
            Part::Lines { lines } => lines.join("\n"),
            _ => String::new(),
        });
        parts.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_finding_says_where_and_what_is_not_listed_is_counted() {
        let says = told(&report(&[(Kind::EventChanged, 23)]));
        assert!(
            says.contains("OPS-1001, version 3: it was changed"),
            "{says}"
        );
        assert!(
            says.contains("3 more: run `countersign audit verify`."),
            "{says}"
        );
        assert!(says.ends_with("compare with the witnesses in the audit channel."));
    }

    #[test]
    fn a_rebuild_is_offered_only_when_nothing_else_is_wrong() {
        let derived = (Kind::ProjectionStale, 2);
        let says = told(&report(&[derived]));
        assert!(says.contains("`countersign audit rebuild`"), "{says}");
        for other in [Kind::EventChanged, Kind::TextMissing, Kind::ProjectionAhead] {
            let says = told(&report(&[derived, (other, 1)]));
            assert!(!says.contains("rebuild"), "{says}");
        }
    }
}
