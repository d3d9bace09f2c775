//! What people type and mean, and what they type and do not mean.

use countersign::{
    domain::event::Asking,
    operations::parse::{Misunderstood, parse},
    text::Words,
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
        "12.5000",
        "-3",
        ".50",
        "1,234",
        "12k",
        "12 k",
        "12 . 50",
        "12 50",
        "12.5O",
        "+5",
        "5,-",
        "50%",
        "50 cents",
        "half",
        "twelve",
        "partial",
        "$",
        "XYZ5",
        "$12.50 USD",
        "12.50 US dollars",
        "only 12.50",
        "amount=12.50",
        "0.00",
        "٥٠",
        "1 234,56",
        "12 and a half",
        "only 12",
        "--amount 12",
        "amount: 12",
        "amount=12",
        "just 5",
        "refund 12",
        "only half",
        "a half of it",
        "only ten dollars",
        "twenty-five dollars",
        "partial:12.50",
        "please 12.50",
        "for Maria 12.50",
        "up to $12.50",
        "3 of 5",
        "12 fifty",
        "12.50 (Z$)",
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
fn an_amount_keeps_the_currency_that_it_is_typed_with() {
    for (typed, amount) in [
        ("US$12.50", "12.50 US$"),
        ("$ 12.50", "12.50 $"),
        ("USD 12.50", "12.50 USD"),
        ("12.50 USD", "12.50 USD"),
        ("12,50 €", "12.50 €"),
        ("kr50", "50 kr"),
        ("Rs.500", "500 Rs."),
        ("zł 5", "5 zł"),
        ("１２.５０", "12.50"),
        ("1.234,56", "1234.56"),
        ("\"12.50 USD\"", "12.50 USD"),
        ("12.50 (USD)", "12.50 USD"),
        ("12.50 [USD]", "12.50 USD"),
        ("12.50 USD.", "12.50 USD"),
        ("12.50 US$.", "12.50 US$"),
    ] {
        let asking = asked(&format!("refund pi_1 {typed} a lesson fell out")).unwrap();
        assert_eq!(asking.arguments["amount"], amount, "{typed}");
        assert_eq!(asking.reason, "a lesson fell out", "{typed}");
    }
}

#[test]
fn a_count_that_is_nearly_one_is_refused() {
    for count in [
        "1O", "ten", "+5", "-5", "5.0", "1,000", "1 000", "10 k", "10 .5", "１０", "10x",
    ] {
        let says = refused(&format!("credits add usr_1 {count} for the trouble"));
        let is_said =
            says.contains("is not a whole number") || says.contains("go on after the space");
        assert!(is_said, "{count}: {says}");
    }
    let asking = asked("credits add usr_1 10 2 lessons fell out").unwrap();
    assert_eq!(asking.reason, "2 lessons fell out");
}

#[test]
fn a_payment_is_taken_from_a_link_however_slack_writes_it() {
    for link in [
        "https://dashboard.stripe.com/payments/pi_3Mtw",
        "<https://dashboard.stripe.com/payments/pi_3Mtw>",
        "<https://dashboard.stripe.com/payments/pi_3Mtw|https://dashboard.stripe.com/payments/pi_3Mtw>",
        "<https://dashboard.stripe.com/payments/pi_3Mtw|dashboard.stripe.com/payments/pi_3Mtw>",
        "<https://dashboard.stripe.com/acct_1/test/payments/pi_3Mtw?x=1&amp;y=2|Payment of Maria>",
        "<https://dashboard.stripe.com/payments/pi_3Mtw|pi_3Mtw>",
        "<https://dashboard.stripe.com/acct_1/payments/pi_3Mtw|https://dashboard.stripe.com/payments/pi_3Mtw>",
        "https://dashboard.stripe.com/payments/pi_3Mtw,",
        "(pi_3Mtw)",
    ] {
        let asking = asked(&format!("credits add usr_1 10 {link} paid")).unwrap();
        assert_eq!(asking.arguments["payment"], "pi_3Mtw", "{link}");
        assert_eq!(asking.reason, "paid", "{link}");
        let asking = asked(&format!("refund {link} 5 paid twice")).unwrap();
        assert_eq!(asking.arguments["payment"], "pi_3Mtw", "{link}");
        assert_eq!(asking.arguments["amount"], "5", "{link}");
    }
    for link in [
        "https://dashboard.stripe.com/customers/cus_3Mtw",
        "https://dashboard.stripe.com/x?a=pi_1&b=pi_2",
        "paid as https://dashboard.stripe.com/payments/pi_3Mtw",
        "for pi_3Mtw",
        "payment:pi_3Mtw",
        "stripe=pi_3Mtw",
        "#pi_3Mtw",
        "_pi_3Mtw_",
        "see:https://dashboard.stripe.com/payments/pi_3Mtw",
        "\"paid by pi_3Mtw\"",
        "for PI_3Mtw",
    ] {
        let says = refused(&format!("credits add usr_1 10 {link} paid"));
        assert!(says.contains("pi_"), "{link}: {says}");
    }
    let asking = asked("credits add usr_1 4 OPS-1001 was not refunded").unwrap();
    assert_eq!(asking.reason, "OPS-1001 was not refunded");
    let asking = asked("credits add usr_1 4 https://help.example.com/t/4711 asked").unwrap();
    assert_eq!(asking.arguments.get("payment"), None);
}

#[test]
fn a_payment_whose_link_leads_somewhere_else_is_refused() {
    for link in [
        "<https://dashboard.stripe.com/payments/pi_4|pi_3>",
        "<https://dashboard.stripe.com/customers/cus_3|pi_3>",
        "<https://help.example.com/t/4711|pi_3>",
        "<https://dashboard.stripe.com/payments/pi_3|pi_3 of Maria>",
    ] {
        for line in [
            "refund LINK 12 paid twice",
            "credits add usr_1 10 LINK paid",
        ] {
            let says = refused(&line.replace("LINK", link));
            assert!(says.contains("write the id or the link"), "{link}: {says}");
        }
    }
    let beside = "refund pi_3 12 paid twice (https://help.example.com/t/4711)";
    assert_eq!(asked(beside).unwrap().arguments["amount"], "12");
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
    for choice in [
        "with file",
        "withfiles",
        "with fiels",
        "With-files",
        "with the files",
        "files",
        "with files,",
        "including files",
    ] {
        let says = refused(&format!("user export usr_1 {choice} asked for a copy"));
        assert!(says.contains("is none of with files"), "{choice}: {says}");
    }
    let asking = asked("user export usr_1 with files asked for a copy").unwrap();
    assert_eq!(asking.arguments["files"], "with files");
    for how in ["idel", "ilde", "idke", "idle,", "restrat"] {
        let says = refused(&format!("db reset-pool {how} the app hangs"));
        assert!(says.contains("is none of idle"), "{how}: {says}");
    }
    for state in ["onn", "offf", "no"] {
        let says = refused(&format!("freeze {state} the store is slow"));
        assert!(says.contains("is none of on, off"), "{state}: {says}");
    }
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
    for month in [
        "2026",
        "2026-13",
        "2026/13",
        "11-2026",
        "2026-11-01",
        "november",
        "Dec",
        "2026-1",
        "Dec 2026",
    ] {
        refused(&format!("stats revenue {month}"));
    }
}

#[test]
fn the_usage_line_says_what_else_may_stand_there() {
    assert!(refused("sessions revoke").contains("<user|all>"));
    assert!(refused("payment find").contains("<user|payment>"));
}
