//! Every operation that is about a person, one after another, about one person.

use countersign_sandbox::stripe::{NewCustomer, NewPayment};

use super::Somebody;
use crate::support::{Options, World, log, story::*};

const ZENOBIA: Somebody = Somebody {
    id: "usr_zk31",
    email: "zenobia.zk31@example.net",
    name: "Zenobia Unrepeatable",
    tokens: ["zk31-first-session-token", "zk31-second-session-token"],
};
const ID: &str = ZENOBIA.id;
const EMAIL: &str = ZENOBIA.email;

/// Asks for something that needs nobody else.
async fn done(world: &World, line: &str) {
    let id = world.asks(ADA, line).await;
    world.until_state(id, "done").await;
}

/// Asks for something that Grace approves.
async fn approved(world: &World, line: &str, typed: Option<&str>) {
    let id = world.ask(ADA, line).await;
    match typed {
        Some(typed) => {
            world.approve_typing(GRACE, id, typed).await;
            world.cool_off().await;
        }
        None => {
            world.until_card_shows(id, "approve").await;
            assert!(world.click(GRACE, id, "approve").await.ok());
        }
    }
    world.until_state(id, "done").await;
}

/// The signature of the link that was handed out: whoever has it can read the archive.
fn signature_of_the_link(world: &World) -> String {
    let told: String = world
        .slack
        .dm(ADA)
        .iter()
        .map(|message| message.all_text())
        .collect();
    let (_, rest) = told.split_once("X-Amz-Signature=").expect("a link");
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// What Stripe holds of her, under her name, her address and her id.
fn she_pays(world: &World) {
    let customer = world.stripe.add_customer(NewCustomer {
        email: Some(EMAIL.to_owned()),
        name: Some(ZENOBIA.name.to_owned()),
        ..NewCustomer::default()
    });
    let payment = NewPayment::of(1999, "usd").by(&customer).named("zk31");
    world
        .stripe
        .add_payment(payment.referring_to(ID).with("credits", "20"));
    let guest = NewPayment::of(999, "usd").by_guest(EMAIL, ZENOBIA.name);
    world.stripe.add_payment(guest.named("zk31_guest"));
    // An app that calls its people by their addresses, and one that calls them by their names.
    let by_address = NewPayment::of(999, "usd").named("zk31_address");
    world.stripe.add_payment(by_address.with("userId", EMAIL));
    let by_name = NewPayment::of(999, "usd").named("zk31_name");
    world.stripe.add_payment(by_name.referring_to(ZENOBIA.name));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_about_a_person_nothing_that_stays_says_who_it_is() {
    log::capture().await;
    let world = World::with(Options::default().and_stripe()).await;
    ZENOBIA.join(&world).await;
    she_pays(&world);
    for line in [
        format!("/ops user show {EMAIL}"),
        format!("/ops user activity {EMAIL}"),
        format!("/ops payment find {EMAIL}"),
        "/ops payment find pi_zk31".to_owned(),
        format!("/ops user ban {EMAIL} {EMAIL} sends spam"),
        format!("/ops user unban {EMAIL} it was not {EMAIL}"),
        format!("/ops credits add {EMAIL} 10 pi_zk31_guest {EMAIL} paid"),
        format!("/ops credits add {EMAIL} 10 pi_zk31_address {EMAIL} paid"),
        format!("/ops requests {ID}"),
    ] {
        done(&world, &line).await;
    }
    approved(&world, &format!("/ops user promote {EMAIL} helps us"), None).await;
    for line in [
        "/ops admins review".to_owned(),
        format!("/ops admins keep {EMAIL} helps us still"),
    ] {
        done(&world, &line).await;
    }
    approved(&world, &format!("/ops user demote {EMAIL} has left"), None).await;
    let refund = format!("/ops refund pi_zk31 {EMAIL} wants it back");
    approved(&world, &refund, Some("19.99 USD")).await;
    let line = "/ops refund pi_zk31_name nobody knows whose it is";
    let of_nobody = world.ask(ADA, line).await;
    world
        .until_card_says(of_nobody, "an account that the app does not have")
        .await;
    assert!(world.click(ADA, of_nobody, "cancel").await.ok());
    let export = format!("/ops user export {EMAIL} with files {EMAIL} asked for it");
    approved(&world, &export, None).await;
    world.until_told(ADA, "X-Amz-Signature=").await;
    let link = signature_of_the_link(&world);
    // Nobody else may be asked about by an address where an id or a month is wanted.
    for line in [
        format!("/ops stats revenue {EMAIL}"),
        format!("/ops show {EMAIL}"),
    ] {
        let delivery = world.slack.slash(ADA, OPS, &line).await.unwrap();
        assert!(delivery.ok(), "{line}");
    }
    world
        .refusal_of(ADA, &format!("/ops requests {EMAIL}"))
        .await;
    world
        .refusal_of(ADA, &format!("/ops user show {}", EMAIL.to_uppercase()))
        .await;

    let delete = format!("/ops user delete {EMAIL} {EMAIL} asked for it");
    approved(&world, &delete, Some(ID)).await;
    ZENOBIA.join(&world).await;
    approved(&world, "/ops erasure replay a restore", Some("erase 1")).await;
    world
        .until("everything is told", async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    ZENOBIA.is_named_nowhere(&world, &[link]).await;
    world.finish().await;
}
