//! How far a plan may move before its approval is void.

use countersign::{
    domain::{
        Plan,
        plan::{Impact, Kept},
    },
    operations::drift::beyond_tolerance,
};

fn kept(what: &str, count: u64) -> Kept {
    Kept {
        what: what.to_owned(),
        count: Some(count),
        why: "tax law".to_owned(),
    }
}

fn plan() -> Plan {
    Plan {
        subject: None,
        steps: vec![],
        impact: vec![Impact::Rows {
            table: "Log".to_owned(),
            action: "deleted".to_owned(),
            rows: 100,
            because: String::new(),
        }],
        kept: vec![kept("rows of Payment", 3)],
        warnings: vec!["2 rows of Log name another account".to_owned()],
        blockers: vec![],
        confirm: None,
        irreversible: true,
        risk: None,
    }
}

#[test]
fn what_stays_is_told_in_its_number() {
    assert_eq!(kept("row(s) of Payment", 1).to_string(), "1 row of Payment");
    assert_eq!(
        kept("row(s) of Payment", 3).to_string(),
        "3 rows of Payment"
    );
}

#[test]
fn a_few_rows_more_that_stay_leave_the_approval_in_force() {
    let now = Plan {
        kept: vec![kept("rows of Payment", 8)],
        warnings: vec!["13 rows of Log name another account".to_owned()],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &now), Vec::<String>::new());
}

#[test]
fn many_rows_more_or_fewer_that_stay_void_it() {
    let many = Plan {
        kept: vec![kept("rows of Payment", 100)],
        ..plan()
    };
    for (approved, now) in [(plan(), many.clone()), (many, plan())] {
        let found = beyond_tolerance(&approved, &now);
        assert!(found[0].contains("rows of Payment"), "{found:?}");
    }
}

#[test]
fn something_new_that_stays_or_does_not_stay_any_more_voids_it() {
    let more = Plan {
        kept: vec![kept("rows of Payment", 3), kept("files", 1)],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&plan(), &more), ["new, and kept: files"]);
    assert_eq!(beyond_tolerance(&more, &plan()), ["no longer kept: files"]);
}

#[test]
fn a_new_kind_of_warning_voids_it_and_one_that_is_gone_does_not() {
    let warned = Plan {
        warnings: vec![
            "2 rows of Log name another account".to_owned(),
            "Log has triggers of its own".to_owned(),
        ],
        ..plan()
    };
    assert_eq!(
        beyond_tolerance(&plan(), &warned),
        ["new warning: Log has triggers of its own"]
    );
    assert_eq!(beyond_tolerance(&warned, &plan()), Vec::<String>::new());
}

#[test]
fn what_stripe_calls_a_single_call_makes_no_new_warning() {
    let refused = |call: &str| {
        format!("disputes cannot be read: the key lacks a right ({call}), so look in Stripe")
    };
    let of = |call: &str| Plan {
        warnings: vec![refused(call)],
        ..plan()
    };
    let approved = of("req_Ab3dE");
    assert_eq!(
        beyond_tolerance(&approved, &of("req_x9Yz")),
        Vec::<String>::new()
    );
    let other = Plan {
        warnings: vec![refused("req_x9Yz") + " first"],
        ..plan()
    };
    assert_eq!(beyond_tolerance(&approved, &other).len(), 1);
}
