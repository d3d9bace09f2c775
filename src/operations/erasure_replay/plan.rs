//! What a replay would do: for each account that came back what its deletion would, and who is left alone and why.

use super::{
    DECLARATION,
    record::{self, Record},
    search::{Match, Verdict, search},
};
use crate::{
    domain::{
        Plan,
        event::StepResult,
        plan::{Impact, Kept, Phase, PlannedStep},
    },
    operations::{
        PlanContext, PlanError, Proposal,
        subject::possible,
        user_delete::{self, case::suffix, step},
    },
};

/// Accounts of one replay at most: the approver has to be able to read the plan.
const MOST_ACCOUNTS: usize = 20;

/// The one step when nobody came back.
pub(super) const LOOK: &str = "look";

pub(super) async fn plan(context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    possible(systems, DECLARATION.name).await?;
    let record = record::read(systems, &context.journal.pool).await?;
    let found = search(systems, &record.erased).await?;
    let (back, others): (Vec<Match>, Vec<Match>) = found.into_iter().partition(|one| {
        matches!(
            one.verdict,
            Verdict::CameBack | Verdict::CameBackOtherAddress
        )
    });
    let now = &back[..back.len().min(MOST_ACCOUNTS)];
    let mut plan = Plan::of_steps(steps(now));
    plan.irreversible = !now.is_empty();
    plan.confirm = (!now.is_empty()).then(|| format!("erase {}", now.len()));
    plan.warnings = warnings(&record, &back, &others);
    for one in now {
        let of_one = user_delete::plan::plan(systems, &one.user_id).await?;
        add(&mut plan, &one.user_id, of_one.plan);
    }
    if !now.is_empty() {
        let beyond = systems.beyond_reach.iter();
        plan.kept.extend(beyond.map(|one| Kept {
            what: one.what.clone(),
            count: None,
            why: one.why.clone(),
        }));
    }
    Ok(plan.into())
}

/// What the one step says when nobody came back.
pub(super) fn nobody() -> StepResult {
    let note = "nobody who was erased is there again: nothing was erased";
    StepResult::from([("note".to_owned(), note.into())])
}

/// All steps of an account come before the next account's.
fn steps(back: &[Match]) -> Vec<PlannedStep> {
    let mut steps = vec![];
    for one in back {
        let user = &one.user_id;
        let id = format!("{}{}", step::BLOCK, suffix(user));
        steps.push(PlannedStep {
            phase: Phase::Hold,
            ..PlannedStep::new(&id, format!("{user}: block it and end its sessions"))
        });
    }
    for one in back {
        let user = &one.user_id;
        for (name, title, irreversible) in [
            (step::COLLECT, "write down the list of files", false),
            (step::ROWS, "delete the rows", true),
            (step::OBJECTS, "delete the files with all versions", true),
            (step::VERIFY, "look again", false),
            (step::REDRAW, "redraw old cards without the name", false),
        ] {
            steps.push(PlannedStep {
                irreversible,
                ..PlannedStep::new(
                    &format!("{name}{}", suffix(user)),
                    format!("{user}: {title}"),
                )
            });
        }
    }
    if back.is_empty() {
        steps.push(PlannedStep::new(LOOK, "Say that nobody came back"));
    }
    steps.push(PlannedStep::new(
        step::CERTIFICATE,
        "Write and sign the certificate",
    ));
    steps
}

fn warnings(record: &Record, back: &[Match], others: &[Match]) -> Vec<String> {
    let mut all = vec![];
    if back.is_empty() {
        all.push(format!(
            "nobody of {} erased accounts is there again",
            record.erased.len()
        ));
    }
    for one in back.iter().take(MOST_ACCOUNTS) {
        let (deletion, day) = (&one.erased.deletion, one.erased.at.format("%Y-%m-%d"));
        let address = match one.verdict {
            Verdict::CameBackOtherAddress => ", with another e-mail address than then",
            _ => "",
        };
        all.push(format!(
            "{} is there again: {deletion} erased it on {day}{address}",
            one.user_id
        ));
    }
    if back.len() > MOST_ACCOUNTS {
        all.push(format!(
            "{} more are there again: ask for another replay afterwards",
            back.len() - MOST_ACCOUNTS
        ));
    }
    all.extend(others.iter().map(left_alone));
    if record.by_certificate > 0 {
        all.push(format!(
            "{} erasures are not in the ledger and were found by their certificates: the ledger was restored too",
            record.by_certificate
        ));
    }
    if record.not_genuine > 0 {
        all.push(format!(
            "{} documents among the certificates bear no valid signature and were not counted",
            record.not_genuine
        ));
    }
    all
}

fn left_alone(one: &Match) -> String {
    let (user, deletion) = (&one.user_id, &one.erased.deletion);
    let why = match one.verdict {
        Verdict::AddressAlone => format!(
            "uses the e-mail address of the account that {deletion} erased, but has another id"
        ),
        Verdict::IdUsedAgain => {
            format!("has the id of the account that {deletion} erased, but was made after that")
        }
        Verdict::Unclear | Verdict::CameBack | Verdict::CameBackOtherAddress => format!(
            "has the id of the account that {deletion} erased and another e-mail address, and the app does not say when it was made"
        ),
    };
    format!("{user} is left alone: it {why}; if it has to go, ask for `user delete {user}`")
}

/// Adds one account's plan.
fn add(plan: &mut Plan, user: &str, of_one: Plan) {
    for impact in of_one.impact {
        plan.impact.push(match impact {
            Impact::Rows {
                table,
                action,
                rows,
                because,
            } => Impact::Rows {
                table: format!("{user}: {table}"),
                action,
                rows,
                because,
            },
            Impact::Objects {
                place,
                objects,
                versions,
                delete_markers,
                bytes,
            } => Impact::Objects {
                place: format!("{user}: {place}"),
                objects,
                versions,
                delete_markers,
                bytes,
            },
            other @ Impact::Value { .. } => other,
        });
    }
    // What is out of reach is the same for all.
    let counted = of_one.kept.into_iter().filter(|kept| kept.count.is_some());
    plan.kept.extend(counted.map(|kept| Kept {
        what: format!("{} of {user}", kept.what),
        ..kept
    }));
    let of_user = |text: String| format!("{user}: {text}");
    plan.warnings
        .extend(of_one.warnings.into_iter().map(of_user));
    plan.blockers
        .extend(of_one.blockers.into_iter().map(of_user));
}
