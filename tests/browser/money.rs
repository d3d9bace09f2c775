//! What is asked about money: credits, payments, a refund, and what Stripe and its books say.

use crate::story::{QUICK, story};

#[tokio::test]
async fn credits_payments_refunds_and_revenue() {
    story("money", QUICK, async |page| {
        page.hide_tour().await;
        page.say("/ops credits add").await;
        page.modal("Credits").await;
        let fields = [
            ("User", "maria@example.com"),
            ("Credits", "5"),
            ("Reason", "paid twice for one test"),
        ];
        page.fill(&fields).await;
        page.screenshot("1-form").await;
        page.click("[data-testid=modal-submit]").await;
        let added = page.next_request();
        page.told(&added, &["Awaiting confirmation", "12 → 17"])
            .await;
        page.picture_of(&added, "2-confirm").await;
        page.confirm_and_read(&added, &["Add credits", "Done"])
            .await;
        page.fact("data", "Credits", "17").await;
        page.picture_of(&added, "3-added").await;
        let removed = page
            .ask("/ops credits remove usr_1 3 given by mistake")
            .await;
        page.confirm_and_read(&removed, &["Remove credits", "Done"])
            .await;
        page.fact("data", "Credits", "14").await;

        let found = page
            .ask_and_read("/ops payment find usr_1", &["pi_maria_pro"])
            .await;
        page.picture_of(&found, "4-payments").await;
        let refund = page
            .ask("/ops refund pi_maria_pro the test was interrupted")
            .await;
        page.card(&refund, &["Awaiting approval", "0.00 USD → 9.99 USD"])
            .await;
        page.picture_of(&refund, "5-refund").await;
        page.approve(&refund, Some("9.99 USD")).await;
        page.card(&refund, &["Done"]).await;
        page.fact("data", "Credits", "4").await;
        page.picture_of(&refund, "6-refunded").await;

        let review = page
            .ask_and_read("/ops stripe review", &["to look at"])
            .await;
        page.picture_of(&review, "7-review").await;
        let revenue = page.ask_and_read("/ops stats revenue", &["Revenue"]).await;
        page.picture(&revenue).await;
        page.screenshot("8-plot").await;
        page.picture_of(&revenue, "9-revenue").await;
    })
    .await;
}
