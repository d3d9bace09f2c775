//! Amounts as people type them, with a currency, and payments as people name them.

use super::*;
use crate::support::once::results;

/// Asks for a part of a payment; gives what the approver has to type. The request is called off.
async fn planned(world: &World, line: &str) -> String {
    let id = world.ask(ADA, line).await;
    let plan = world.request(id).await.plan.unwrap().plan;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    plan.confirm.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_with_the_payments_own_currency_is_read() {
    let world = shop().await;
    for amount in ["US$5", "$5.00", "USD 5", "$ 5", "5 USD", "5,00 $", "5usd"] {
        let line = format!("/ops refund {PRO} {amount} charged twice");
        assert_eq!(planned(&world, &line).await, "5.00 USD", "{amount}");
    }
    for amount in ["¥500", "500 JPY", "500円"] {
        let line = format!("/ops refund pi_keiko {amount} charged twice");
        assert_eq!(planned(&world, &line).await, "500 JPY", "{amount}");
    }
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_in_another_currency_refunds_nothing() {
    let world = shop().await;
    for amount in ["€5", "CA$5", "5 EUR", "kr5", "R$5", "Rs.500", "£5"] {
        let line = format!("/ops refund {PRO} {amount} charged twice");
        let says = world.refusal_of(ADA, &line).await;
        assert!(
            says.contains("does not certainly mean USD"),
            "{amount}: {says}"
        );
    }
    let says = world
        .refusal_of(ADA, "/ops refund pi_kofi $5 charged twice")
        .await;
    assert!(says.contains("does not certainly mean INR"), "{says}");
    let says = world
        .refusal_of(ADA, &format!("/ops refund {PRO} 1.200 charged twice"))
        .await;
    assert!(says.contains("can be read in two ways"), "{says}");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_does_not_stand_right_after_the_payment_refunds_nothing() {
    let world = shop().await;
    for words in [
        "only 5",
        "--amount 5",
        "amount: 5",
        "just 5",
        "refund 5",
        "only half",
        "a half of it",
        "only ten dollars",
        "twenty-five dollars",
        "partial:5.50",
        "please 5.50",
        "for Maria 5.50",
        "up to $5.50",
        "3 of 5",
        "5 fifty",
    ] {
        let line = format!("/ops refund {PRO} {words} charged twice");
        world.slack.slash(ADA, OPS, &line).await.unwrap();
        let first = words.split(' ').next().unwrap();
        world.until_told(ADA, &format!("`{first}")).await;
    }
    assert_eq!(world.newest().await, None);
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_currency_in_brackets_or_before_a_full_stop_is_read() {
    let world = shop().await;
    for amount in ["5 (USD)", "5 [USD]", "5.00 USD.", "5 US$."] {
        let line = format!("/ops refund {PRO} {amount} charged twice");
        assert_eq!(planned(&world, &line).await, "5.00 USD", "{amount}");
    }
    for amount in ["5 (EUR)", "5 [EUR]", "5.00 EUR.", "5 CA$."] {
        let line = format!("/ops refund {PRO} {amount} charged twice");
        let says = world.refusal_of(ADA, &line).await;
        assert!(
            says.contains("does not certainly mean USD"),
            "{amount}: {says}"
        );
    }
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_refunded_of_a_payment_whose_id_is_the_text_of_a_link() {
    let world = shop().await;
    let link = format!("<https://dashboard.stripe.com/payments/{PRO}|{PRO}>");
    let line = format!("/ops refund {link} 5 the test was interrupted");
    assert_eq!(planned(&world, &line).await, "5.00 USD");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_named_by_a_link_to_it() {
    let world = shop().await;
    for link in [
        "https://dashboard.stripe.com/payments/pi_maria_pro",
        "https://dashboard.stripe.com/acct_1Abc/payments/pi_maria_pro?tab=events,",
        "pi_maria_pro,",
    ] {
        let line = format!("/ops refund {link} 5 the test was interrupted");
        assert_eq!(planned(&world, &line).await, "5.00 USD", "{link}");
    }
    let link = "https://dashboard.stripe.com/payments/ch_maria_pro";
    let line = format!("/ops refund {link} the test was interrupted");
    let id = refunded(&world, &line, PRO_ALL).await;
    assert_eq!(results(&world, id).await.len(), 3);
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}
