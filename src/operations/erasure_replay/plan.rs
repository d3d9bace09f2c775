//! What a replay would do: for each account that came back what its deletion would, and who is left alone and why.

use super::{
    record::{self, Record},
    search::{Match, Verdict, search},
};
use crate::{
    domain::{
        Plan,
        event::StepResult,
        plan::{Impact, Phase, PlannedStep, Warning},
    },
    operations::{
        PlanContext, PlanError, Proposal,
        erasure::{plan::plan as plan_erasure, step, terms::Terms, under_way::open_deletion},
        what_stays,
    },
    systems::app_db::LazySnapshot,
};

/// Accounts of one replay at most: the approver has to be able to read the plan.
const MOST_ACCOUNTS: usize = 20;

/// The one step when nobody came back.
pub(super) const LOOK: &str = "look";

pub(super) async fn plan(context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let record = record::read(systems, context.journal).await?;
    let found = search(context.app.get().await?, systems, &record).await?;
    let (back, others): (Vec<Match>, Vec<Match>) = found.into_iter().partition(|one| {
        matches!(
            one.verdict,
            Verdict::CameBack | Verdict::CameBackOtherAddress
        )
    });
    let chosen = choose(context, back).await?;
    if chosen.erased.is_empty() && !chosen.left_out.is_empty() {
        let why = chosen.left_out.into_iter();
        return Err(PlanError::Refused(
            why.map(|(user, why)| format!("{user}: {why}")).collect(),
        ));
    }
    let mut plan = Plan::of_steps(steps(&chosen.erased));
    let accounts = chosen.erased.len();
    plan.irreversible = accounts > 0;
    plan.confirm = (accounts > 0).then(|| format!("erase {accounts}"));
    plan.warnings = warnings(&record, &chosen, &others);
    let mut terms = Terms::default();
    for (one, of_one) in chosen.erased {
        terms.add(&of_one);
        add(&mut plan, &one.user_id, of_one);
    }
    plan.terms = terms.written();
    if accounts > 0 {
        plan.kept
            .extend(what_stays::beyond_reach(&systems.beyond_reach));
    }
    Ok(plan.into())
}

/// Who is erased now, and who is not.
struct Chosen {
    /// With what their deletion would do.
    erased: Vec<(Match, Plan)>,
    /// By user id: what forbids it.
    left_out: Vec<(String, String)>,
    /// How many are beyond the most of one replay.
    more: usize,
}

/// Takes who can be erased. What forbids it for one account must not keep the others waiting.
async fn choose(context: &PlanContext<'_>, back: Vec<Match>) -> Result<Chosen, PlanError> {
    let mut chosen = Chosen {
        erased: vec![],
        left_out: vec![],
        more: 0,
    };
    for one in back {
        if chosen.erased.len() == MOST_ACCOUNTS {
            chosen.more += 1;
            continue;
        }
        match of_one(context, &one).await? {
            Ok(plan) => chosen.erased.push((one, plan)),
            Err(why) => chosen.left_out.push((one.user_id, why.join("; "))),
        }
    }
    Ok(chosen)
}

/// What one account's deletion would do, or what forbids it. The accounts before it took their time, so the schema is read
/// anew.
async fn of_one(
    context: &PlanContext<'_>,
    one: &Match,
) -> Result<Result<Plan, Vec<String>>, PlanError> {
    if let Some(deletion) = open_deletion(&context.journal.pool, &one.user_id).await? {
        let says = format!("{deletion} is about its deletion: wait for its end, or cancel it");
        return Ok(Err(vec![says]));
    }
    let context = &PlanContext {
        app: LazySnapshot::of(&context.systems.app_db),
        ..*context
    };
    let planned = plan_erasure(context, &one.user_id, Some(one.erased.at)).await;
    match planned.map_err(|error| error.split().0) {
        Ok(Proposal { plan, .. }) if plan.blockers.is_empty() => Ok(Ok(plan)),
        Ok(Proposal { plan, .. }) => Ok(Err(plan.blockers)),
        Err(PlanError::Refused(why)) => Ok(Err(why)),
        Err(unavailable) => Err(unavailable),
    }
}

/// What the one step says when nobody came back.
pub(super) fn nobody() -> StepResult {
    let note = "nobody who was erased is there again: nothing was erased";
    StepResult::from([("note".to_owned(), note.into())])
}

/// All steps of an account come before the next account's.
fn steps(back: &[(Match, Plan)]) -> Vec<PlannedStep> {
    let mut steps = vec![];
    for (one, _) in back {
        let user = &one.user_id;
        let title = format!("{user}: block it and end its sessions");
        steps.push(PlannedStep {
            phase: Phase::Hold,
            ..PlannedStep::on(step::BLOCK, user, title)
        });
    }
    for (one, of_one) in back {
        let user = &one.user_id;
        let has_customers = of_one.steps.iter().any(|one| one.kind == step::STRIPE);
        for (name, title, irreversible) in [
            (step::COLLECT, "write down the list of files", false),
            (step::ROWS, "delete the rows", true),
            (step::OBJECTS, "delete the files with all versions", true),
            (step::STRIPE, "delete the Stripe customers", true),
            (step::VERIFY, "look again", false),
            (step::REDRAW, "redraw old cards without the name", false),
        ] {
            if name == step::STRIPE && !has_customers {
                continue;
            }
            steps.push(PlannedStep {
                irreversible,
                ..PlannedStep::on(name, user, format!("{user}: {title}"))
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

fn warnings(record: &Record, chosen: &Chosen, others: &[Match]) -> Vec<Warning> {
    let mut all = vec![];
    if chosen.erased.is_empty() {
        let says = format!(
            "nobody of {} erased accounts is there again",
            record.erased.len()
        );
        all.push(Warning::new("nobody_came_back", says));
    }
    for (one, _) in &chosen.erased {
        let (deletion, day) = (&one.erased.deletion, one.erased.at.format("%Y-%m-%d"));
        let address = match one.verdict {
            Verdict::CameBackOtherAddress => ", with another e-mail address than then",
            _ => "",
        };
        let code = match one.verdict {
            Verdict::CameBackOtherAddress => "came_back_with_other_address",
            _ => "came_back",
        };
        let says = format!(
            "{} is there again: {deletion} erased it on {day}{address}",
            one.user_id
        );
        all.push(Warning::new(code, says).about(&one.user_id));
    }
    let left_out = chosen.left_out.iter();
    all.extend(left_out.map(|(user, why)| {
        let says = format!("left out: {user} is there again too, and cannot be erased now ({why})");
        Warning::new("left_out", says).about(user)
    }));
    if chosen.more > 0 {
        let says = format!(
            "{} more are there again: ask for another replay afterwards",
            chosen.more
        );
        all.push(Warning::new("more_came_back", says));
    }
    all.extend(others.iter().map(left_alone));
    if record.by_certificate > 0 {
        let says = format!(
            "{} erasures are not in the ledger and were found by their certificates: the ledger was restored too",
            record.by_certificate
        );
        all.push(Warning::new("ledger_incomplete", says));
    }
    if record.not_genuine > 0 {
        let says = format!(
            "{} documents among the certificates bear no valid signature and were not counted",
            record.not_genuine
        );
        all.push(Warning::new("certificates_not_genuine", says));
    }
    all.extend(other_key(record, chosen, others));
    all
}

/// Under another key nothing that was written down before is recognised, and all of it looks like somebody else's.
fn other_key(record: &Record, chosen: &Chosen, others: &[Match]) -> Option<Warning> {
    let all: Vec<&Match> = chosen
        .erased
        .iter()
        .map(|(one, _)| one)
        .chain(others)
        .collect();
    let is_by_id = |one: &&&Match| {
        one.erased.email_identity.is_some()
            && matches!(
                one.verdict,
                Verdict::CameBackOtherAddress | Verdict::Unclear
            )
    };
    let is_by_address =
        |one: &&Match| matches!(one.verdict, Verdict::CameBack | Verdict::AddressAlone);
    let strangers = all.iter().filter(is_by_id).count();
    let why = if record.genuine > 0 {
        return None;
    } else if record.not_genuine > 0 {
        "not one certificate bears its signature".to_owned()
    } else if strangers > 0 && !all.iter().any(is_by_address) {
        format!("{strangers} accounts have an erased account's id, and not one has its address")
    } else {
        return None;
    };
    let says = format!(
        "COUNTERSIGN_AUDIT_KEY may not be the key of that time: {why}. Under another key neither certificates nor addresses are recognised: put the old key back for this replay"
    );
    Some(Warning::new("audit_key_may_be_another", says))
}

fn left_alone(one: &Match) -> Warning {
    let (user, deletion) = (&one.user_id, &one.erased.deletion);
    let (code, why) = match one.verdict {
        Verdict::AddressAlone => (
            "left_alone_other_id",
            format!(
                "uses the e-mail address of the account that {deletion} erased, but has another id"
            ),
        ),
        Verdict::IdUsedAgain => (
            "left_alone_made_later",
            format!("has the id of the account that {deletion} erased, but was made after that"),
        ),
        Verdict::InDoubt => (
            "left_alone_in_doubt",
            format!(
                "has the id of the account whose erasure {deletion} began, and whether its rows ever went is not known, \
                 since {deletion} was settled before that was clear"
            ),
        ),
        Verdict::Unclear | Verdict::CameBack | Verdict::CameBackOtherAddress => (
            "left_alone_unclear",
            format!(
                "has the id of the account that {deletion} erased, but neither the e-mail address nor the time when it was \
                 made says that it is that account"
            ),
        ),
    };
    let says = format!(
        "{user} is left alone: it {why}; if it has to go, ask for `/ops user delete {user} <reason>`"
    );
    Warning::new(code, says).about(user)
}

/// Adds one account's plan. Its tables and places are told apart from the others' by the account.
fn add(plan: &mut Plan, user: &str, of_one: Plan) {
    for mut impact in of_one.impact {
        match &mut impact {
            Impact::Rows { table: name, .. }
            | Impact::Objects { place: name, .. }
            | Impact::Money { what: name, .. }
            | Impact::Credits { name, .. }
            | Impact::People { what: name, .. }
            | Impact::Value { name, .. } => *name = format!("{user}: {name}"),
        }
        plan.impact.push(impact);
    }
    // What is out of reach is the same for all.
    let of_account = of_one
        .kept
        .into_iter()
        .filter(|kept| kept.count.is_some() || kept.told_only);
    plan.kept
        .extend(of_account.map(|kept| kept.of_account(user)));
    let warnings = of_one.warnings.into_iter();
    plan.warnings
        .extend(warnings.map(|warning| warning.of_account(user)));
}
