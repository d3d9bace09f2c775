//! What the log never holds.

use countersign_sandbox::slack::sign;

use super::wire::status;
use crate::support::{Options, World, log, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret_no_body_and_no_address() {
    log::capture().await;
    let world = World::with(Options::default().and_stripe()).await;
    // An address of this test's own, set by a parameter: other tests' statements are in the log as well.
    let email = "maria.7f3a@example.net";
    sqlx::query(r#"update "User" set email = $1 where id = 'usr_1'"#)
        .bind(email)
        .execute(&world.db)
        .await
        .unwrap();
    let webhook_secret = world.environment["STRIPE_WEBHOOK_SECRET"].clone();
    let hook = format!("{}/hooks/stripe", world.addresses()[0]);
    let forged = reqwest::Client::new()
        .post(hook)
        .header("stripe-signature", "t=1,v1=00")
        .body("marked-body-5c1d");
    assert_eq!(forged.send().await.unwrap().status(), 401);
    let text = &format!("user delete {email} marked-reason-7f3a");
    let mut forged = world.slack.command_request(ADA, OPS, "/ops", text).unwrap();
    let now = countersign::runtime::Clock::now(&*world.clock).timestamp();
    let signature = sign(world.slack.signing_secret(), now, &forged.body);
    forged.timestamp = Some(now - 1);
    forged.signature = Some(signature.clone());
    assert_eq!(status(&world.slack.send(&forged).await), 401);
    let id = world.ask(ADA, &format!("/ops {text}")).await;
    assert!(world.click(ADA, id, "approve").await.ok());
    world
        .until_told(ADA, "a second admin has to approve it")
        .await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;

    let logged = log::so_far();
    for said in [
        "the signature is not ours",
        "a decision was refused",
        "refused a delivery at the Stripe hook",
    ] {
        assert!(logged.contains(said), "the log must say {said:?}");
    }
    let password = url::Url::parse(world.database_url()).unwrap();
    let password = password.password().unwrap_or("no password").to_owned();
    for secret in [
        world.slack.signing_secret(),
        world.slack.bot_token(),
        &signature,
        "marked-reason-7f3a",
        email,
        "secret-of-the-sandbox-s3",
        crate::support::environment::AUDIT_KEY,
        &password,
        &world.stripe.secret_key(),
        &webhook_secret,
        "marked-body-5c1d",
    ] {
        let at = logged.find(secret);
        let around = at.map(|at| &logged[at.saturating_sub(300)..(at + 80).min(logged.len())]);
        assert_eq!(around, None, "the log holds {secret}");
    }
    world.finish().await;
}
