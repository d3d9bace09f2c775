//! What is asked about money: credits, payments, a refund, and what Stripe and its books say.

use crate::story::{QUICK, story};

#[tokio::test]
async fn credits_payments_refunds_and_revenue() {
    story("money", QUICK, async |page| {
        let added = page
            .ask_and_read(
                "/ops credits add maria@example.com 5 paid twice for one test",
                &["Add credits", "Done"],
            )
            .await;
        page.fact("data", "Credits", "17").await;
        page.picture_of(&added, "1-added").await;
        page.ask_and_read(
            "/ops credits remove usr_1 3 given by mistake",
            &["Remove credits", "Done"],
        )
        .await;
        page.fact("data", "Credits", "14").await;
        let found = page
            .ask_and_read("/ops payment find usr_1", &["pi_maria_pro"])
            .await;
        page.picture_of(&found, "2-payments").await;
        let refund = page
            .ask("/ops refund pi_maria_pro the test was interrupted")
            .await;
        page.card(&refund, &["Awaiting approval", "0.00 USD → 9.99 USD"])
            .await;
        page.picture_of(&refund, "3-refund").await;
        page.approve(&refund, Some("9.99 USD")).await;
        page.card(&refund, &["Done"]).await;
        page.picture_of(&refund, "4-refunded").await;
        let review = page
            .ask_and_read("/ops stripe review", &["to look at"])
            .await;
        page.picture_of(&review, "5-review").await;
        let revenue = page.ask_and_read("/ops stats revenue", &["Revenue"]).await;
        page.picture(&revenue).await;
        page.screenshot("6-revenue").await;
        page.picture_of(&revenue, "7-revenue").await;
    })
    .await;
}
