//! The life of a request, checked exhaustively: everything that people, runners and the world can do, in any
//! order, against the real `decide` and `fold`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail their test; the lint's own exemption covers test functions alone"
)]

mod by_hand;
mod demands;
mod events;
mod ghost;
mod replay;
mod search;
mod service;
mod world;

use std::collections::BTreeSet;

use countersign::domain::Risk;
use search::search;
use world::{Account, Setting, Shape};

fn gated(requester: Account, approvals: u8, cooling_off: bool, shape: Shape) -> Setting {
    Setting::new(requester, Risk::Destructive, approvals, cooling_off, shape)
}

/// Searches, prints the size, and gives the words of the states that were reached.
fn check(setting: &Setting) -> BTreeSet<&'static str> {
    let found = search(setting);
    println!(
        "{} states, {} transitions: {:?} asks, {:?}, {} approvals, {:?}, cooling off: {}",
        found.states,
        found.transitions,
        setting.requester,
        setting.risk,
        setting.approvals,
        setting.shape,
        setting.cooling_off,
    );
    found.words
}

#[test]
fn with_one_approval_a_hold_and_two_steps_every_history_keeps_the_rules() {
    let mut words = BTreeSet::new();
    for requester in [Account::First, Account::Second] {
        words.extend(check(&gated(requester, 1, true, Shape::HoldAndTwo)));
    }
    let expected = BTreeSet::from([
        "being planned",
        "refused",
        "awaiting approval",
        "cooling off",
        "rolling back",
        "running",
        "denied",
        "expired",
        "cancelled",
        "stopped",
        "done",
        "indeterminate",
        "failed",
        "settled",
        "reversed",
    ]);
    assert_eq!(words, expected);
}

#[test]
fn with_two_approvals_every_history_keeps_the_rules() {
    for requester in [Account::First, Account::Second] {
        let words = check(&gated(requester, 2, true, Shape::HoldAndTwo));
        assert!(words.contains("done"), "{words:?}");
    }
}

#[test]
fn without_a_cooling_off_time_every_history_keeps_the_rules() {
    for approvals in [1, 2] {
        let words = check(&gated(Account::First, approvals, false, Shape::HoldAndTwo));
        assert!(
            words.contains("approved") && words.contains("done"),
            "{words:?}"
        );
    }
}

#[test]
fn a_plan_that_is_done_with_its_hold_ends() {
    let words = check(&gated(Account::First, 1, true, Shape::HoldOnly));
    assert!(words.contains("done"), "{words:?}");
}

#[test]
fn a_gated_risk_needs_one_approval_even_when_the_policy_says_none() {
    let words = check(&gated(Account::First, 0, false, Shape::One));
    assert!(words.contains("awaiting approval"), "{words:?}");
}

#[test]
fn a_change_that_needs_no_approval_keeps_the_rules() {
    let setting = Setting::new(Account::First, Risk::Change, 0, false, Shape::One);
    let words = check(&setting);
    assert!(words.contains("done") && !words.contains("awaiting approval"));
}

#[test]
fn a_change_that_its_requester_has_to_confirm_keeps_the_rules() {
    for (requester, shape) in [
        (Account::First, Shape::HoldAndTwo),
        (Account::Second, Shape::One),
    ] {
        let setting = Setting::new(requester, Risk::Change, 0, false, shape);
        let words = check(&setting.to_be_confirmed());
        let expected = [
            "awaiting confirmation",
            "approved",
            "done",
            "cancelled",
            "expired",
        ];
        assert!(
            expected.iter().all(|word| words.contains(word)),
            "{words:?}"
        );
    }
}
