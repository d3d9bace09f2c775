//! Payments that are named by a link to them.

use super::{credits_of, done, events_of};
use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn credits_for_a_payment_that_is_named_by_links_are_given_once() {
    let world = World::start().await;
    let first = "/ops credits add usr_1 10 https://dashboard.stripe.com/payments/pi_3Mtw paid";
    done(&world, OLGA, first).await;
    for named in [
        "https://dashboard.stripe.com/payments/pi_3Mtw",
        "https://dashboard.stripe.com/test/payments/pi_3Mtw",
        "https://dashboard.stripe.com/acct_1Abc/payments/pi_3Mtw?tab=events",
        "pi_3Mtw.",
    ] {
        let line = format!("/ops credits add usr_1 10 {named} paid");
        world.ask_and_be_refused(&line).await;
    }
    for (named, said) in [
        ("payment:pi_3Mtw", "payment:pi_3Mtw"),
        ("stripe=pi_3Mtw", "stripe=pi_3Mtw"),
        ("#pi_3Mtw", "#pi_3Mtw"),
        ("_pi_3Mtw_", "_pi_3Mtw_"),
        ("\"paid by pi_3Mtw\"", "paid by pi_3Mtw"),
        ("paid by PI_3Mtw", "PI_3Mtw"),
    ] {
        let line = format!("/ops credits add usr_1 10 {named} paid");
        world.slack.slash(ADA, OPS, &line).await.unwrap();
        let says = format!("`{said}` in the reason names a payment");
        world.until_told(ADA, &says).await;
    }
    world
        .until_told(ADA, "pi_3Mtw was granted by OPS-1001 already")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events[0].1["payment"], "pi_3Mtw");
    assert_eq!(events[0].1["reason"], "paid");
    world.finish().await;
}
