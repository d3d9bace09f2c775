//! What an erasure would do: rows, files, what stays, what warns and what forbids.

use super::{
    DELETION, REQUIRES,
    files::Files,
    step,
    terms::{Account, Terms},
};
use crate::{
    addresses,
    domain::{
        Instant, Plan,
        plan::{Impact, Kept, Phase, PlannedStep, RowAction, Warning},
    },
    operations::{
        PlanContext, PlanError, Proposal,
        capability::{Capability, State},
        named_files::IN_DOUBT,
        subject, what_stays,
    },
    systems::app_db::{Action, ErasurePlan, SessionStrategy, Snapshot, TableImpact},
};

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
    let user = subject::find(context, named).await?;
    let app = context.app.get().await?;
    let rows = app.plan_erasure(&user.id).await?;
    let files = super::files::find(context, &user.id).await?;
    let mut plan = Plan::of_steps(steps());
    plan.confirm = Some(user.id.clone());
    plan.irreversible = true;
    add_rows(&mut plan, &rows);
    add_files(&mut plan, &files);
    add_sessions(&mut plan, app).await?;
    super::blockers::add(&mut plan, context, &user, erased).await?;
    let stripe_customers = super::customers::add(&mut plan, context, &user, erased).await?;
    plan.terms = Terms::only(&user.id, Account { stripe_customers }).written();
    if addresses::is_in(&user.id) {
        plan.kept.push(Kept::new(
            "id_with_address",
            "the account's id, which holds an e-mail address",
            "journal and certificate name accounts by their ids",
        ));
    }
    plan.kept
        .extend(what_stays::beyond_reach(&systems.beyond_reach));
    Ok(subject::proposal(systems, &user, plan))
}

fn steps() -> Vec<PlannedStep> {
    let planned = |kind: &str, title: &str, phase| PlannedStep {
        phase,
        irreversible: [step::ROWS, step::OBJECTS].contains(&kind),
        ..PlannedStep::new(kind, title)
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
            Action::Delete | Action::CascadedBy(_) => RowAction::Deleted,
            Action::Anonymise => RowAction::Anonymised,
            Action::SetNull => RowAction::Unlinked,
            Action::Keep => {
                plan.kept.push(kept(table));
                continue;
            }
        };
        plan.impact.push(Impact::Rows {
            table: table.table.clone(),
            action,
            rows: table.rows.unsigned_abs(),
            because: format!("{}; {}", table.via, table.explanation),
        });
    }
    plan.kept.extend(what_stays::rows(&rows.left));
    plan.warnings.extend(rows.warnings.iter().cloned());
    plan.blockers.extend(rows.blockers.iter().cloned());
}

fn kept(table: &TableImpact) -> Kept {
    let what = format!("row(s) of {}", table.table);
    Kept::new("rows_by_policy", what, &table.explanation)
        .about(&table.table)
        .counted(table.rows.unsigned_abs())
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
        let says = format!(
            "{} of {} files that rows name are not in the bucket",
            files.named - files.found.keys.min(files.named),
            files.named
        );
        plan.warnings.push(Warning::new("files_missing", says));
    }
    if files.shared > 0 {
        let why = "rows of another person name them too, or rows that are kept";
        plan.kept
            .push(Kept::new("files_shared", "file(s)", why).counted(files.shared));
    }
    if files.doubtful > 0 {
        let doubtful = Kept::new("files_in_doubt", "file(s) in doubt", IN_DOUBT);
        plan.kept.push(doubtful.counted(files.doubtful));
    }
    if files.no_versions {
        plan.warnings
            .push(Warning::new("store_without_versions", NO_VERSIONS));
    }
    for elsewhere in what_stays::files_elsewhere(&files.not_ours, "erased") {
        let says = format!("files stay: {elsewhere}, {}", elsewhere.why);
        plan.warnings.push(Warning::new("files_elsewhere", says));
        plan.kept.push(elsewhere);
    }
}

async fn add_sessions(plan: &mut Plan, app: &Snapshot) -> Result<(), PlanError> {
    if let SessionStrategy::Jwt { why } = app.session_strategy().await? {
        let says = format!("live sessions cannot be ended: {why}");
        // The hold itself may bring it about: once the person's sessions are ended, the app may look as if it kept none.
        plan.warnings
            .push(Warning::new("sessions_stay", says).told_only());
    }
    let capability = Capability::of(DELETION, REQUIRES, app);
    if capability.state == State::Degraded {
        let missing = capability.missing.iter();
        let missing: Vec<String> = missing
            .map(|part| format!("{}.{}", part.table, part.column))
            .collect();
        let lacks = Warning::new("schema_lacks_parts", capability.says);
        plan.warnings.push(lacks.about(missing.join(", ")));
    }
    Ok(())
}
