//! The card of a request in each of its states, and what the requester is told.

use countersign::{
    domain::{Event, Risk},
    slack::cards::{ButtonValue, approval_card, outcome_note},
};
use insta::assert_snapshot;

use super::{
    readable,
    story::{Story, commitment, noon, party, plan, policy},
};

fn drawn(story: &Story) -> String {
    readable::card(&approval_card(&story.view()))
}

fn told(story: &Story) -> String {
    readable::card(&outcome_note(&story.view()).unwrap())
}

#[test]
fn asked_says_that_the_plan_is_being_worked_out() {
    assert_snapshot!("asked", drawn(&Story::asked()));
}

#[test]
fn awaiting_approval_shows_what_who_how_much_and_what_now() {
    assert_snapshot!("awaiting", drawn(&Story::planned(1)));
}

#[test]
fn one_of_two_approvals_is_counted_and_named() {
    assert_snapshot!(
        "awaiting_second",
        drawn(&Story::planned(2).approved("U0SECOND"))
    );
}

#[test]
fn approving_without_typing_asks_once_more() {
    let mut story = Story::planned(1);
    story.request.risk = Risk::Sensitive;
    story.request.plan.as_mut().unwrap().plan.confirm = None;
    let card = drawn(&story);
    assert!(
        card.contains("[Approve (primary) approve asks: Approve OPS-1042?"),
        "{card}"
    );
}

#[test]
fn cooling_off_shows_until_when_and_what_happened_meanwhile() {
    assert_snapshot!("cooling_off", drawn(&Story::held()));
}

#[test]
fn cooling_off_that_is_over_promises_no_time_in_the_past() {
    let mut story = Story::held();
    story.now = noon(14);
    let card = drawn(&story);
    assert!(card.contains("the cooling-off time is over"), "{card}");
}

#[test]
fn what_would_go_on_says_that_it_is_frozen_and_what_waits_for_people_does_not() {
    let says = "frozen: it waits until an operator types `/ops freeze off &lt;reason&gt;`";
    for story in [Story::held(), Story::rows_deleted()] {
        assert!(!drawn(&story).contains(says));
        assert!(drawn(&story.frozen()).contains(says));
    }
    for story in [Story::planned(1), Story::failed(), Story::done()] {
        assert!(!drawn(&story.frozen()).contains(says));
    }
}

#[test]
fn running_shows_each_step() {
    assert_snapshot!("running", drawn(&Story::rows_deleted()));
}

#[test]
fn a_step_that_is_put_off_says_why_and_until_when() {
    let story = Story::rows_deleted().then(Event::StepDeferred {
        step: "objects".into(),
        why: "S3 answered 503 <SlowDown>".into(),
        retry_at: noon(5),
        waits: false,
    });
    assert_snapshot!("deferred", drawn(&story));
}

#[test]
fn done_shows_the_counts_and_who_approved() {
    let story = Story::done();
    assert_snapshot!("done", drawn(&story));
    assert_snapshot!("done_note", told(&story));
}

#[test]
fn after_the_erasure_no_card_shows_the_name() {
    let card = drawn(&Story::done().erased());
    assert!(
        !card.contains("example.com") && !card.contains("Ticket 5512"),
        "{card}"
    );
    assert_snapshot!("erased", card);
}

#[test]
fn denied_shows_the_reason_and_no_buttons() {
    let story = Story::planned(1).denied("Wrong account: see <https://evil.example|the ticket>");
    assert_snapshot!("denied", drawn(&story));
    assert_snapshot!("denied_note", told(&story));
}

#[test]
fn expired_is_no_denial() {
    let story = Story::planned(1).then(Event::Expired);
    assert_snapshot!("expired", drawn(&story));
    assert_snapshot!("expired_note", told(&story));
}

#[test]
fn cancelled_is_over() {
    let by = party("U0ASKER");
    let story = Story::planned(1).then(Event::Cancelled { by });
    assert_snapshot!("cancelled", drawn(&story));
}

#[test]
fn stopping_undoes_the_hold_first() {
    let by = party("U0THIRD");
    let rolling_back = Story::held().then(Event::Stopped { by });
    assert_snapshot!("rolling_back", drawn(&rolling_back));
    assert_snapshot!("rolling_back_note", told(&rolling_back));
    assert_snapshot!("stopped", drawn(&rolling_back.rolled_back()));
}

#[test]
fn refused_lists_what_forbids_it() {
    let blockers = vec!["this is the last admin: promote another one first".into()];
    let story = Story::planned(1).then(Event::Refused {
        blockers,
        test_mode: false,
    });
    assert_snapshot!("refused", drawn(&story));
    assert_snapshot!("refused_note", told(&story));
}

#[test]
fn a_changed_plan_says_what_changed_and_counts_from_zero() {
    let rolling_back = Story::held().then(Event::Superseded {
        why: vec![
            "Response (deleted): 1201 approved, 1340 now".into(),
            "the approver <@U0SECOND> is no admin any more".into(),
        ],
        digest: plan().digest(),
        plan: plan(),
        policy: policy(1),
    });
    let card = drawn(&rolling_back);
    assert!(
        card.contains("0 of 1 approval") && !card.contains("Approved by"),
        "{card}"
    );
    let story = rolling_back.rolled_back();
    assert_snapshot!("superseded", drawn(&story));
    assert_snapshot!("superseded_note", told(&story));
}

#[test]
fn failed_says_where_and_why_and_offers_two_ways_out() {
    assert_snapshot!("failed", drawn(&Story::failed()));
    assert_snapshot!("failed_note", told(&Story::failed()));
}

#[test]
fn indeterminate_is_not_called_failed() {
    let card = drawn(&Story::rows_deleted().then(Event::RunIndeterminate {
        step: "objects".into(),
        why: "the answer was lost".into(),
    }));
    assert!(
        card.contains("Not known whether this step had its effect"),
        "{card}"
    );
    assert!(!card.contains("Failed"), "{card}");
}

#[test]
fn settled_shows_how() {
    let by = party("U0SECOND");
    let settled = Event::Settled {
        by,
        note: commitment(9),
    };
    let note = "Released the hold with legal and deleted by hand";
    let card = drawn(&Story::failed().then(settled).noted(note));
    assert!(card.contains("Delete the files with all versions – begun and left as it was"));
    assert_snapshot!("settled", card);
}

#[test]
fn reversed_shows_what_came_back_and_what_was_done_about_it() {
    let story = Story::done().then(Event::Reversed {
        why: "the refund re_1 of 9.99 USD failed: the money is with us again".into(),
        result: [("credits_given_back".to_owned(), 10.into())].into(),
    });
    assert_snapshot!("reversed", drawn(&story));
    assert_snapshot!("reversed_note", told(&story));
}

#[test]
fn nothing_is_told_while_nothing_ended() {
    for story in [
        Story::asked(),
        Story::planned(1),
        Story::held(),
        Story::running(),
    ] {
        assert_eq!(outcome_note(&story.view()), None);
    }
}

#[test]
fn a_button_comes_back_as_what_it_was() {
    let value = ButtonValue::of(&Story::planned(1).request);
    assert_eq!(ButtonValue::parse(&value.to_string()), Some(value.clone()));
    let without = ButtonValue {
        plan: None,
        ..value
    };
    assert_eq!(ButtonValue::parse(&without.to_string()), Some(without));
    for foreign in [
        "",
        "approve",
        "||",
        "00000000-0000-0000-0000-00000000002a|abc|1",
    ] {
        assert_eq!(ButtonValue::parse(foreign), None, "{foreign}");
    }
}
