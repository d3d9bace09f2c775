//! What an erasure would do: rows, files, what stays, what warns and what forbids.

use super::{files::Files, step};
use crate::{
    addresses,
    domain::{
        Instant, Plan,
        event::StepResult,
        plan::{Impact, Kept, Phase, PlannedStep},
    },
    operations::{PlanContext, PlanError, Proposal, StepContext, subject, what_stays},
    systems::{
        Systems,
        app_db::{Action, ErasurePlan, SessionStrategy, State, TableImpact, capabilities},
    },
};

/// How the warning begins that sessions outlive the block.
pub(in crate::operations) const SESSIONS_STAY: &str = "live sessions cannot be ended";

/// Why files stay of which it is not certain whose they are.
pub(in crate::operations) const IN_DOUBT: &str = "an address in a row can be read in more than one way (a \"+\" can be a space), \
     so they may belong to another person";

/// What is said of a store without versions.
const NO_VERSIONS: &str = "the object store does not support versioning: it keeps no versions, so there are no older ones to delete";

/// What erasing an account would do. It is named by e-mail address or id. `erased` is when it was erased before, if it has
/// come back with a backup.
pub(in crate::operations) async fn plan(
    context: &PlanContext<'_>,
    named: &str,
    erased: Option<Instant>,
) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let user = subject::find(systems, super::DECLARATION.name, named).await?;
    let rows = systems.app_db.plan_erasure(&user.id).await?;
    let files = super::files::find(systems, &user.id).await?;
    let mut plan = Plan::of_steps(steps());
    plan.confirm = Some(user.id.clone());
    plan.irreversible = true;
    add_rows(&mut plan, &rows);
    add_files(&mut plan, &files);
    add_sessions(&mut plan, systems).await?;
    super::blockers::add(&mut plan, context, &user, erased).await?;
    super::customers::add(&mut plan, systems, &user, erased).await?;
    if addresses::is_in(&user.id) {
        plan.kept.push(Kept {
            what: "the account's id, which holds an e-mail address".to_owned(),
            count: None,
            why: "journal and certificate name accounts by their ids".to_owned(),
        });
    }
    plan.kept
        .extend(systems.beyond_reach.iter().map(|one| Kept {
            what: one.what.clone(),
            count: None,
            why: one.why.clone(),
        }));
    Ok(subject::proposal(systems, &user, plan))
}

/// What stays, once more, so that the certificate lists it.
pub(super) fn elsewhere(context: &StepContext<'_>) -> StepResult {
    let kept = context.request.plan.as_ref().map(|plan| &plan.plan.kept);
    let kept: Vec<String> = kept
        .into_iter()
        .flatten()
        .map(|kept| format!("{kept}: {}", kept.why))
        .collect();
    StepResult::from([("kept".to_owned(), kept.into())])
}

fn steps() -> Vec<PlannedStep> {
    let planned = |id: &str, title: &str, phase| PlannedStep {
        id: id.to_owned(),
        title: title.to_owned(),
        phase,
        irreversible: [step::ROWS, step::OBJECTS].contains(&id),
    };
    vec![
        planned(
            step::BLOCK,
            "Block the account and end its sessions",
            Phase::Hold,
        ),
        planned(step::LEDGER, "Enter the erasure ledger", Phase::Main),
        planned(step::COLLECT, "Write down the list of files", Phase::Main),
        planned(
            step::ROWS,
            "Delete the rows, child first, in one transaction",
            Phase::Main,
        ),
        planned(
            step::OBJECTS,
            "Delete the files with all versions",
            Phase::Main,
        ),
        planned(
            step::ELSEWHERE,
            "List what stays or lives elsewhere",
            Phase::Main,
        ),
        planned(
            step::VERIFY,
            "Look again: no row and no file may be left",
            Phase::Main,
        ),
        planned(
            step::CERTIFICATE,
            "Write and sign the certificate",
            Phase::Main,
        ),
        planned(
            step::REDRAW,
            "Redraw old cards without the name",
            Phase::Main,
        ),
    ]
}

fn add_rows(plan: &mut Plan, rows: &ErasurePlan) {
    for table in rows.tables.iter().filter(|table| table.rows > 0) {
        let action = match &table.action {
            Action::Delete | Action::CascadedBy(_) => "deleted",
            Action::Anonymise => "anonymised",
            Action::SetNull => "unlinked",
            Action::Keep => {
                plan.kept.push(kept(table));
                continue;
            }
        };
        plan.impact.push(Impact::Rows {
            table: table.table.clone(),
            action: action.to_owned(),
            rows: table.rows.unsigned_abs(),
            because: format!("{}; {}", table.via, table.explanation),
        });
    }
    plan.kept.extend(what_stays::rows(&rows.left));
    plan.warnings.extend(rows.warnings.iter().cloned());
    plan.blockers.extend(rows.blockers.iter().cloned());
}

fn kept(table: &TableImpact) -> Kept {
    Kept {
        what: format!("row(s) of {}", table.table),
        count: Some(table.rows.unsigned_abs()),
        why: table.explanation.clone(),
    }
}

fn add_files(plan: &mut Plan, files: &Files) {
    plan.impact.push(Impact::Objects {
        place: files.place.clone(),
        objects: files.found.keys,
        versions: files.found.versions,
        delete_markers: files.found.delete_markers,
        bytes: files.found.bytes,
    });
    if files.found.versions > 0 && files.found.keys < files.named {
        plan.warnings.push(format!(
            "{} of {} files that rows name are not in the bucket",
            files.named - files.found.keys.min(files.named),
            files.named
        ));
    }
    if files.shared > 0 {
        plan.kept.push(Kept {
            what: "file(s)".to_owned(),
            count: Some(files.shared),
            why: "rows of another person name them too, or rows that are kept".to_owned(),
        });
    }
    if files.doubtful > 0 {
        plan.kept.push(Kept {
            what: "file(s) in doubt".to_owned(),
            count: Some(files.doubtful),
            why: IN_DOUBT.to_owned(),
        });
    }
    if files.no_versions {
        plan.warnings.push(NO_VERSIONS.to_owned());
    }
    for elsewhere in what_stays::files_elsewhere(&files.not_ours, "erased") {
        plan.warnings
            .push(format!("files stay: {elsewhere}, {}", elsewhere.why));
        plan.kept.push(elsewhere);
    }
}

async fn add_sessions(plan: &mut Plan, systems: &Systems) -> Result<(), PlanError> {
    if let SessionStrategy::Jwt { why } = systems.app_db.session_strategy().await? {
        plan.warnings.push(format!("{SESSIONS_STAY}: {why}"));
    }
    let schema = systems.app_db.schema().await?;
    let degraded = capabilities(&schema, systems.app_db.mapping())
        .into_iter()
        .find(|one| one.operation == super::DECLARATION.name && one.state == State::Degraded);
    plan.warnings.extend(degraded.map(|one| one.says));
    Ok(())
}
