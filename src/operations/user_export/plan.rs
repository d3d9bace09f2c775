//! What an export would hand out, what it holds back, and what the approver should know.

use super::{
    Contents, FILES,
    files::{self, Files, MOST_FILES},
    step,
};
use crate::{
    amounts,
    domain::{
        Plan,
        plan::{Impact, Kept, PlannedStep, RowAction, Terms, Warning},
    },
    operations::{PlanContext, PlanError, Proposal, named_files::IN_DOUBT, subject, what_stays},
    systems::{Systems, app_db::ExportRows, object_store::MAX_UPLOAD_BYTES},
};

/// Room that the files leave in the largest archive for rows, lists and the directory.
const ROOM_FOR_ROWS: u64 = 4 * 1024 * 1024 * 1024;

pub(super) async fn plan(context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let user = subject::find(context, context.argument(subject::USER)).await?;
    let app = context.app.get().await?;
    let mut rows = app.export(&user.id).await?;
    let with_files = !context.argument(FILES).is_empty();
    let found = files::find(systems, &mut rows, &user.id).await?;
    let mut plan = Plan::of_steps(steps(systems, with_files));
    plan.terms = Terms::of(&Contents::of(systems, with_files));
    let says = format!(
        "the archive holds personal data: whoever gets hold of the link can read it for {}",
        life(systems.exports.link)
    );
    plan.warnings
        .push(Warning::new("link_opens_personal_data", says));
    if systems.stripe.is_some() && user.email_verified == Some(false) {
        plan.warnings.push(Warning::new(
            "address_not_confirmed",
            "the account's e-mail address was never confirmed: of what Stripe holds, only what names the account's id is \
             exported",
        ));
    } else if systems.stripe.is_some()
        && user.email.is_some()
        && app.shares_address(&user.id).await? == Some(true)
    {
        plan.warnings.push(Warning::new(
            "address_shared_at_stripe",
            "another account has the same e-mail address: of what Stripe holds, only what names the account's id is exported",
        ));
    }
    add_rows(&mut plan, &rows);
    plan.kept.extend(held_back(&rows, &found));
    add_files(&mut plan, &found, with_files);
    plan.kept
        .extend(what_stays::beyond_reach(&systems.exports.beyond_reach));
    rows.close().await?;
    Ok(subject::proposal(systems, &user, plan))
}

fn steps(systems: &Systems, with_files: bool) -> Vec<PlannedStep> {
    let what = if with_files {
        "the rows and the files"
    } else {
        "the rows and the list of files"
    };
    let stripe = match &systems.stripe {
        Some(_) => ", with the Stripe customer,",
        None => "",
    };
    let archive = format!(
        "Write {what}{stripe} as one ZIP, which is deleted after {}",
        life(systems.exports.kept)
    );
    let link = format!(
        "Give the requester a link that works for {}",
        life(systems.exports.link)
    );
    vec![
        PlannedStep::new(step::ARCHIVE, archive),
        PlannedStep::new(step::LINK, link),
    ]
}

/// `1h`, `24h`.
pub(super) fn life(of: std::time::Duration) -> String {
    const HOUR: u64 = 60 * 60;
    match (of.as_secs() / HOUR, of.as_secs() % HOUR) {
        (1, 0) => "one hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        _ => humantime::format_duration(of).to_string(),
    }
}

fn add_rows(plan: &mut Plan, rows: &ExportRows) {
    for table in rows.tables() {
        plan.impact.push(Impact::Rows {
            table: table.table.clone(),
            action: RowAction::Exported,
            rows: table.rows,
            because: table.via.clone(),
        });
    }
    plan.warnings.extend(rows.warnings().iter().cloned());
}

/// What is stored and does not leave. The plan has it, and so has the manifest of the archive, as of its own moment.
pub(super) fn held_back(rows: &ExportRows, files: &Files) -> Vec<Kept> {
    let withheld = rows.withheld().iter();
    let mut all: Vec<Kept> = withheld
        .map(|one| Kept {
            count: one.rows,
            told_only: one.told_only,
            ..Kept::new(one.kind, &one.what, &one.why).about(&one.about)
        })
        .collect();
    if files.too_many {
        let why = format!(
            "there are more than {MOST_FILES}: the rows that name them are exported, the files have to be copied otherwise"
        );
        all.push(Kept::new("too_many_files", "the files and their list", why));
    }
    if files.shared > 0 {
        let why = "rows of another person name them too, so they may be that person's";
        all.push(Kept::new("files_shared", "file(s)", why).counted(files.shared));
    }
    if files.doubtful > 0 {
        let doubtful = Kept::new("files_in_doubt", "file(s) in doubt", IN_DOUBT);
        all.push(doubtful.counted(files.doubtful));
    }
    if files.missing > 0 {
        let why = "they are not in the bucket";
        let missing = Kept::new("files_missing", "file(s) that rows name", why);
        all.push(missing.counted(files.missing));
    }
    all.extend(what_stays::files_elsewhere(&files.not_ours, "exported"));
    all
}

fn add_files(plan: &mut Plan, files: &Files, with_files: bool) {
    let count = files.list.len() as u64;
    if with_files && !files.too_many {
        plan.impact.push(Impact::Objects {
            place: files.place.clone(),
            objects: count,
            versions: count,
            delete_markers: 0,
            bytes: files.bytes(),
        });
    } else if count > 0 && !files.too_many {
        let why = format!(
            "their list goes along ({} in all); ask again `with files` for the files themselves",
            amounts::bytes(files.bytes())
        );
        let list_alone = Kept::new("files_not_asked_for", "file(s) of the account", why);
        plan.kept.insert(0, list_alone.counted(count));
    }
    let room = MAX_UPLOAD_BYTES - ROOM_FOR_ROWS;
    if with_files && files.bytes() > room {
        plan.blockers.push(format!(
            "the files have {}, and an archive takes {} of files at most: export without files, and copy them otherwise",
            amounts::bytes(files.bytes()),
            amounts::bytes(room)
        ));
    }
    if files.too_many && with_files {
        plan.blockers.push(format!(
            "there are more than {MOST_FILES} files, which is the most that an archive takes: export without files, and copy \
             them otherwise"
        ));
    }
    if files.missing > 0 {
        let says = format!(
            "{} files that rows name are not in the bucket",
            files.missing
        );
        plan.warnings.push(Warning::new("files_missing", says));
    }
    for elsewhere in what_stays::files_elsewhere(&files.not_ours, "exported") {
        let says = format!("files are left out: {elsewhere}, {}", elsewhere.why);
        plan.warnings.push(Warning::new("files_elsewhere", says));
    }
}
