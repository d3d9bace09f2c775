//! What the log never holds.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use countersign_sandbox::slack::sign;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::wire::status;
use crate::support::{Options, World, story::*};

/// Everything that this process logs: the service's own tasks run on threads of their own.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret_no_body_and_no_address() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(
            "countersign=trace,sqlx=debug,hyper=debug,reqwest=debug",
        ))
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber of the tests");

    let world = World::with(Options::default().and_stripe()).await;
    let webhook_secret = world.environment["STRIPE_WEBHOOK_SECRET"].clone();
    let hook = format!("{}/hooks/stripe", world.addresses()[0]);
    let forged = reqwest::Client::new()
        .post(hook)
        .header("stripe-signature", "t=1,v1=00")
        .body("marked-body-5c1d");
    assert_eq!(forged.send().await.unwrap().status(), 401);
    let text = "user delete maria@example.com marked-reason-7f3a";
    let mut forged = world.slack.command_request(ADA, OPS, "/ops", text).unwrap();
    let now = countersign::rim::Clock::now(&*world.clock).timestamp();
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

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
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
        "maria@example.com",
        "secret-of-the-sandbox-s3",
        crate::support::environment::AUDIT_KEY,
        &password,
        &world.stripe.secret_key(),
        &webhook_secret,
        "marked-body-5c1d",
    ] {
        assert!(!logged.contains(secret), "the log holds {secret}");
    }
    world.finish().await;
}
