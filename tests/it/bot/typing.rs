//! What people type and mean, and what they type and do not mean.

use countersign::{
    domain::particulars::Asking,
    operations::parse::{Misunderstood, parse},
    slack::inbound::text::Words,
};

fn asked(line: &str) -> Result<Asking, Misunderstood> {
    parse(&Words::parse(line).unwrap()).map(|asked| asked.asking)
}

fn refused(line: &str) -> String {
    match asked(line) {
        Ok(asking) => panic!("{line} was understood as {asking:?}"),
        Err(why) => why.to_string(),
    }
}

#[test]
fn an_amount_that_is_nearly_one_is_never_the_beginning_of_the_reason() {
    for amount in [
        "12,50", "$12.50", "12.50USD", "USD12.50", "12.5000", "-3", ".50", "€5",
    ] {
        let says = refused(&format!("refund pi_1 {amount} a lesson fell out"));
        assert!(says.contains("is not an amount such as 12.50"), "{says}");
        assert!(says.contains("put another word before it"), "{says}");
    }
    let asking = asked("refund pi_1 12.50 a lesson fell out").unwrap();
    assert_eq!(asking.arguments["amount"], "12.50");
    assert_eq!(asking.reason, "a lesson fell out");
    let whole = asked("refund pi_1 lesson 2 fell out").unwrap();
    assert_eq!(whole.arguments.get("amount"), None);
    assert_eq!(whole.reason, "lesson 2 fell out");
    assert!(asked("refund pi_1 #4711 says it all").is_ok());
}

#[test]
fn a_payment_that_is_nearly_one_is_never_the_beginning_of_the_reason() {
    for payment in ["PI_3Mtw", "pi-3Mtw", "in_1Mtw", "sub_1Mt", "ch_"] {
        let says = refused(&format!("credits add usr_1 10 {payment} paid"));
        assert!(
            says.contains("does not begin with pi_"),
            "{payment}: {says}"
        );
    }
    let asking = asked("credits add usr_1 10 pi_3Mtw paid").unwrap();
    assert_eq!(asking.arguments["payment"], "pi_3Mtw");
    let asking = asked("credits add usr_1 10 pi is what they asked for").unwrap();
    assert_eq!(asking.arguments.get("payment"), None);
}

#[test]
fn a_choice_that_is_nearly_one_is_never_the_beginning_of_the_reason() {
    for choice in ["with file", "withfiles", "with fiels", "With-files"] {
        let says = refused(&format!("user export usr_1 {choice} asked for a copy"));
        assert!(says.contains("is none of with files"), "{choice}: {says}");
    }
    let asking = asked("user export usr_1 with files asked for a copy").unwrap();
    assert_eq!(asking.arguments["files"], "with files");
    let asking = asked("user export usr_1 with regard to the mail of Monday").unwrap();
    assert_eq!(asking.arguments.get("files"), None);
}

#[test]
fn what_is_no_command_gets_what_is_alike_and_never_another_deed() {
    for (typed, near) in [
        ("user delte usr_1 x", "user delete"),
        ("usr show usr_1", "user show"),
        ("refnd pi_1 x", "refund"),
        ("hlep", "help"),
        ("freze on x", "freeze"),
        ("stat users", "stats users"),
        ("audit verfy", "audit verify"),
    ] {
        let says = refused(typed);
        let (_, meant) = says.split_once("Did you mean `/ops ").unwrap();
        assert!(meant.starts_with(near), "{says}");
    }
    for typed in [
        "user info usr_1",
        "user rm usr_1",
        "user suspend usr_1",
        "usr",
    ] {
        let says = refused(typed);
        assert!(says.contains("These begin with `user`:"), "{says}");
        assert!(says.contains("`/ops user show <user>`"), "{says}");
        assert!(!says.contains("Did you mean"), "{says}");
    }
    let says = refused("user");
    assert!(
        says.starts_with("`user` needs a second word:\n`/ops user show <user>`"),
        "{says}"
    );
    assert!(refused("make coffee").ends_with("`/ops help` lists everything."));
}

#[test]
fn what_only_reads_takes_no_personal_data_for_a_month() {
    let says = refused("stats revenue maria@example.com");
    assert!(says.contains("is not a month such as 2026-11"), "{says}");
    for month in ["2026", "2026-13", "11-2026", "2026-11-01", "november"] {
        refused(&format!("stats revenue {month}"));
    }
}

#[test]
fn the_usage_line_says_what_else_may_stand_there() {
    assert!(refused("sessions revoke").contains("<user|all>"));
    assert!(refused("payment find").contains("<user|payment>"));
}
