//! The other ways in which a request ends: denied, cancelled, stopped, expired.

use crate::story::{ADA, ASK, GRACE, MARIA, story};

#[tokio::test]
async fn a_denial_takes_a_reason_and_reaches_the_requester() {
    story("denial", &[], async |page| {
        page.say(ASK).await;
        page.channel("ops-approvals").await;
        page.become_person(GRACE).await;
        page.press("deny").await;
        page.modal("Why is it denied?").await;
        page.submit("She wrote that she changed her mind.").await;
        page.modal_closed().await;
        page.message("Denied").await;
        page.no_button("approve").await;
        page.screenshot("1-card").await;
        page.become_person(ADA).await;
        page.conversation_with_the_app().await;
        page.message("changed her mind").await;
        page.screenshot("2-requester").await;
        page.fact("data", "Account", "active").await;
    })
    .await;
}

#[tokio::test]
async fn the_requester_cancels() {
    story("cancel", &[], async |page| {
        page.say(ASK).await;
        page.channel("ops-approvals").await;
        page.button("approve").await;
        page.press("cancel").await;
        page.screenshot("1-sure").await;
        page.confirm().await;
        page.message("Cancelled").await;
        page.no_button("approve").await;
        page.screenshot("2-card").await;
        page.fact("data", "Account", "active").await;
    })
    .await;
}

#[tokio::test]
async fn stopping_in_the_cooling_off_time_lifts_the_block() {
    story("stop", &["--cooling-off", "10m"], async |page| {
        page.say(ASK).await;
        page.channel("ops-approvals").await;
        page.become_person(GRACE).await;
        page.press("approve").await;
        page.modal(MARIA).await;
        page.submit(MARIA).await;
        page.fact("data", "Account", "blocked").await;
        page.fact("data", "· Session", "0").await;
        page.press("stop").await;
        page.confirm().await;
        page.message("Stopped").await;
        page.no_button("stop").await;
        page.fact("data", "Account", "active").await;
        page.screenshot("1-card").await;
    })
    .await;
}

#[tokio::test]
async fn a_request_that_nobody_approves_expires() {
    story("expiry", &["--approval-expiry", "5s"], async |page| {
        page.say(ASK).await;
        page.channel("ops-approvals").await;
        page.message("Expired").await;
        page.no_button("approve").await;
        page.screenshot("1-card").await;
        page.fact("data", "Account", "active").await;
    })
    .await;
}
