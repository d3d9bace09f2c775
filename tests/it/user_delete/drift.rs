//! How far a plan may move before its approval is void.

use countersign::{
    domain::{
        Plan,
        plan::{Impact, Kept, PlannedStep, RowAction, Terms, Warning},
    },
    operations::drift::beyond_tolerance,
};
use serde_json::json;

use crate::support::{World, story::*};

const NOTHING: &[String] = &[];

fn kept(what: &str, count: u64) -> Kept {
    Kept::new(what, format!("row(s) of {what}"), "tax law").counted(count)
}

fn warning(text: &str) -> Warning {
    Warning::new("rows_of_others", text).about("Log.userId")
}

fn rows(rows: u64) -> Impact {
    Impact::Rows {
        table: "Log".to_owned(),
        action: RowAction::Deleted,
        rows,
        because: "userId refers to User.id".to_owned(),
    }
}

fn plan() -> Plan {
    Plan {
        terms: Terms::of(&json!({ "customers": ["cus_1"] })),
        impact: vec![rows(100)],
        kept: vec![kept("Payment", 3)],
        warnings: vec![warning("2 rows of Log name another account")],
        irreversible: true,
        ..Plan::of_steps(vec![
            PlannedStep::on("rows", "usr_1", "Delete the rows"),
            PlannedStep::irreversible("stripe", "Delete the Stripe customer"),
        ])
    }
}

#[test]
fn what_stays_is_told_in_its_number() {
    assert_eq!(kept("Payment", 1).to_string(), "1 row of Payment");
    assert_eq!(kept("Payment", 3).to_string(), "3 rows of Payment");
}

#[test]
fn other_words_and_other_settings_leave_the_approval_in_force() {
    let mut now = plan();
    for step in &mut now.steps {
        step.title = format!("{}, at once", step.title);
    }
    for kept in &mut now.kept {
        kept.what = "payments".to_owned();
        kept.why = "kept for 30 days instead of 10".to_owned();
    }
    for warning in &mut now.warnings {
        warning.text = "other accounts are named by rows of Log".to_owned();
    }
    if let Impact::Rows { because, .. } = &mut now.impact[0] {
        *because = "by its key".to_owned();
    }
    assert_ne!(plan().digest(), now.digest());
    assert_eq!(beyond_tolerance(&plan(), &now), NOTHING);
}

#[test]
fn other_terms_void_it_however_little_they_differ() {
    let now = Plan {
        terms: Terms::of(&json!({ "customers": ["cus_2"] })),
        ..plan()
    };
    let says = ["what would be carried out is not what was approved"];
    assert_eq!(beyond_tolerance(&plan(), &now), says);
}

#[test]
fn other_work_voids_it_and_so_does_the_same_on_another_account() {
    let says = ["the steps are not the ones that were approved"];
    let mut fewer = plan();
    fewer.steps.pop();
    let mut on_another = plan();
    on_another.steps[0] = PlannedStep::on("rows", "usr_2", "Delete the rows");
    let mut reversible = plan();
    reversible.steps[1] = PlannedStep::new("stripe", "Delete the Stripe customer");
    for now in [fewer, on_another, reversible] {
        assert_eq!(beyond_tolerance(&plan(), &now), says);
    }
}

#[test]
fn a_few_rows_more_are_tolerated_and_many_are_not() {
    let with = |count| Plan {
        impact: vec![rows(count)],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &with(110)), NOTHING);
    assert_eq!(beyond_tolerance(&plan(), &with(0)), NOTHING);
    let says = ["Log (deleted): 100 approved, 111 now"];
    assert_eq!(beyond_tolerance(&plan(), &with(111)), says);
}

#[test]
fn money_has_no_tolerance_and_the_balance_of_credits_is_not_compared() {
    let with = |minor, balance| Plan {
        impact: vec![
            Impact::Money {
                what: "refunded of pi_1".to_owned(),
                minor,
                currency: "usd".to_owned(),
                before: Some(0),
            },
            Impact::Credits {
                name: "credits of the account".to_owned(),
                before: balance,
                after: balance - 3,
            },
        ],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&with(1250, 10), &with(1250, 400)), NOTHING);
    let says = ["an amount of money is not the one that was approved"];
    assert_eq!(beyond_tolerance(&with(1250, 10), &with(1251, 10)), says);
}

#[test]
fn a_few_rows_more_that_stay_leave_the_approval_in_force() {
    let now = Plan {
        kept: vec![kept("Payment", 8)],
        warnings: vec![warning("13 rows of Log name another account")],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &now), NOTHING);
}

#[test]
fn many_rows_more_or_fewer_that_stay_void_it() {
    let many = Plan {
        kept: vec![kept("Payment", 100)],
        ..plan()
    };
    for (approved, now) in [(plan(), many.clone()), (many, plan())] {
        let found = beyond_tolerance(&approved, &now);
        assert!(found[0].contains("row(s) of Payment"), "{found:?}");
    }
}

#[test]
fn something_new_that_stays_or_does_not_stay_any_more_voids_it() {
    let files = Kept::new("files_shared", "files", "others name them").counted(1);
    let more = Plan {
        kept: vec![kept("Payment", 3), files],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &more), ["new, and kept: files"]);
    assert_eq!(beyond_tolerance(&more, &plan()), ["no longer kept: files"]);
}

#[test]
fn a_new_kind_of_warning_voids_it_and_one_that_is_gone_does_not() {
    let triggers = Warning::new("own_triggers", "Log has triggers of its own").about("Log");
    let warned = Plan {
        warnings: vec![warning("2 rows of Log name another account"), triggers],
        ..plan()
    };
    assert_eq!(
        beyond_tolerance(&plan(), &warned),
        ["new warning: Log has triggers of its own"]
    );
    assert_eq!(beyond_tolerance(&warned, &plan()), NOTHING);
}

#[test]
fn the_same_warning_about_another_table_voids_it() {
    let now = Plan {
        warnings: vec![warning("2 rows of Log name another account").about("Note.userId")],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &now).len(), 1);
}

#[test]
fn what_is_only_told_is_not_compared() {
    let mut stays = Kept::new(
        "rows_naming_account",
        "row(s) naming this account",
        "as it is",
    );
    stays.told_only = true;
    let now = Plan {
        kept: vec![kept("Payment", 3), stays.counted(5_000)],
        warnings: [
            plan().warnings,
            vec![Warning::new("rows_naming_account", "in Log.body: 5000").told_only()],
        ]
        .concat(),
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &now), NOTHING);
    assert_eq!(
        beyond_tolerance(&now, &plan()),
        NOTHING,
        "nor is that it is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_retention_setting_between_approval_and_run_voids_nothing() {
    let mut world = World::start().await;
    let id = world
        .ask(ADA, "/ops user delete usr_1 asked for erasure")
        .await;
    world.approve(GRACE, id).await;
    let approved = world.until_state(id, "cooling off").await.plan.unwrap();
    let setting = "COUNTERSIGN_BACKUP_RETENTION".to_owned();
    world.environment.insert(setting, "90d".to_owned());
    world.restart().await;
    world.cool_off().await;
    world.hurry_until_state(id, "done").await;
    let names = world.event_names(id).await;
    assert!(!names.contains(&"superseded".to_owned()), "{names:?}");
    let carried_out = world.request(id).await.plan.unwrap();
    assert_eq!(carried_out.digest, approved.digest);
    world.finish().await;
}
