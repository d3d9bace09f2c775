//! The person's customers at Stripe go with the account, and nobody else's do.

use chrono::{SubsecRound, TimeDelta};
use countersign::domain::RequestId;
use countersign_sandbox::stripe::NewCustomer;
use serde_json::Value;

use crate::support::{
    Options, World,
    environment::DOCUMENTS,
    once::{maria_is_erased_once, results},
    seen::seen,
    story::*,
};

pub const DELETE: &str = "DELETE /v1/customers/{id}";
/// By id, also where she has a twin by letter case.
pub const BY_ID: &str = "/ops user delete usr_1 asked for it";
const QUENTIN: &str = "/ops user delete usr_18 asked for it";

pub fn options() -> Options {
    Options::default()
        .and_stripe()
        .with("COUNTERSIGN_STRIPE_CUSTOMER", "delete")
}

/// A customer with this address that names an account, or none.
pub fn customer(world: &World, name: &str, email: &str, user: Option<&str>) -> String {
    let id = world.stripe.add_customer(NewCustomer {
        name_of_id: Some(name.to_owned()),
        email: Some(email.to_owned()),
        metadata: user
            .map(|id| ("userId", id.to_owned()))
            .into_iter()
            .collect(),
        ..NewCustomer::default()
    });
    world.stripe.catch_up_search();
    id
}

/// Whether a customer is deleted.
pub fn is_deleted(world: &World, id: &str) -> bool {
    world.stripe.account().customers.get(id).unwrap().deleted
}

/// The ids that are deleted, in their order.
pub fn deleted(world: &World) -> Vec<String> {
    let account = world.stripe.account();
    let mut ids: Vec<String> = account
        .customers
        .iter()
        .filter(|it| it.deleted)
        .map(|it| it.id.clone())
        .collect();
    ids.sort();
    ids
}

/// Asked for, approved by Grace, and about to run.
pub async fn approved(world: &World, line: &str, typed: &str) -> RequestId {
    let id = world.ask(ADA, line).await;
    world.approve_typing(GRACE, id, typed).await;
    world.cool_off().await;
    id
}

async fn carried_out(world: &World, line: &str, typed: &str) -> RequestId {
    let id = approved(world, line, typed).await;
    world.until_state(id, "done").await;
    id
}

/// What stays by the approved plan.
async fn kept(world: &World, id: RequestId) -> Vec<String> {
    let plan = world.request(id).await.plan.unwrap().plan;
    let kept = plan.kept.iter();
    kept.map(|one| format!("{one}: {}", one.why)).collect()
}

fn says(kept: &[String], words: &str) -> bool {
    kept.iter().any(|one| one.contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_goes_with_the_account_and_the_certificate_says_so() {
    let world = World::with(options()).await;
    let id = world.ask_for_maria().await;
    let asked = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_with_a_stripe_customer", seen(&[asked]));
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let done = world.until_card_says(id, "*Done*").await;
    insta::assert_snapshot!("card_of_a_deleted_stripe_customer", seen(&[done]));
    assert_eq!(deleted(&world), ["cus_maria"]);
    let calls = world.stripe.calls_of(DELETE);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].path, "/v1/customers/cus_maria");
    let payments = world.stripe.account().intents;
    let hers = |it: &&countersign_sandbox::stripe::PaymentIntent| {
        it.customer.as_deref() == Some("cus_maria")
    };
    assert_eq!(payments.iter().filter(hers).count(), 2, "payments stay");
    maria_is_erased_once(&world, id).await;
    let documents = world.s3.objects(DOCUMENTS);
    let certificate = world.s3.get(DOCUMENTS, &documents[0].key).unwrap();
    let certificate: Value = serde_json::from_slice(&certificate).unwrap();
    let steps = certificate["steps"].as_array().unwrap();
    let of = |id: &str| steps.iter().find(|step| step["step"] == id).unwrap();
    assert_eq!(of("stripe")["did"], "Delete the Stripe customer");
    assert_eq!(of("stripe")["result"]["customers_deleted"][0], "cus_maria");
    assert_eq!(of("verify")["result"]["customers_left"], 0);
    let stays = certificate["kept"].to_string();
    assert!(stays.contains("redact them in Stripe"), "{stays}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_the_customer_is_kept_and_the_card_says_so() {
    let world = World::with(Options::default().and_stripe()).await;
    let id = carried_out(&world, LINE, "usr_1").await;
    let kept = kept(&world, id).await;
    assert!(says(&kept, "kept by configuration"), "{kept:?}");
    let steps = results(&world, id).await;
    assert!(steps.iter().all(|(step, _)| step != "stripe"));
    assert_eq!(deleted(&world), Vec::<String>::new());
    assert!(world.stripe.calls_of(DELETE).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_of_the_person_goes_in_whichever_letter_case_it_names_the_account() {
    let world = World::with(options()).await;
    customer(&world, "second", "maria@example.com", None);
    customer(&world, "loud", "MARIA@example.com", Some("usr_1"));
    carried_out(&world, LINE, "usr_1").await;
    assert_eq!(deleted(&world), ["cus_loud", "cus_maria", "cus_second"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_names_another_account_is_left_alone_whatever_its_address() {
    let world = World::with(options()).await;
    customer(&world, "family", "maria@example.com", Some("usr_8"));
    let id = carried_out(&world, LINE, "usr_1").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    let kept = kept(&world, id).await;
    assert!(says(&kept, "2 Stripe customers of others"), "{kept:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_twin_by_letter_case_a_customer_that_names_nobody_is_left_and_said() {
    let world = World::with(Options {
        shape: Some(countersign_sandbox::postgres::Template::Real),
        ..options()
    })
    .await;
    customer(&world, "whose", "maria@example.com", None);
    customer(&world, "or_whose", "Maria@example.com", None);
    let id = carried_out(&world, BY_ID, "usr_1").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    let kept = kept(&world, id).await;
    assert!(
        says(&kept, "2 Stripe customers of unclear owner"),
        "{kept:?}"
    );
    let why = "another account has this address too: look in Stripe at cus_whose, cus_or_whose";
    assert!(says(&kept, why), "{kept:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_an_address_that_was_never_verified_only_what_names_the_account_goes() {
    let world = World::with(options()).await;
    customer(&world, "named", "Quentin@example.org", Some("usr_18"));
    customer(&world, "typed", "quentin@example.org", None);
    let id = carried_out(&world, QUENTIN, "usr_18").await;
    assert_eq!(deleted(&world), ["cus_named"]);
    let kept = kept(&world, id).await;
    let why = "the app has not verified this address: look in Stripe at cus_typed";
    assert!(says(&kept, why), "{kept:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_names_the_account_under_another_address_is_left_and_said() {
    let world = World::with(options()).await;
    customer(&world, "payer", "boss@example.net", Some("usr_1"));
    let id = carried_out(&world, LINE, "usr_1").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    let kept = kept(&world, id).await;
    let why = "under another address: look in Stripe at cus_payer";
    assert!(says(&kept, why), "{kept:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_paid_as_a_guest_has_no_customer_and_no_step_for_one() {
    let world = World::with(Options {
        shape: Some(countersign_sandbox::postgres::Template::Real),
        ..options()
    })
    .await;
    let id = carried_out(&world, "/ops user delete usr_9 asked for it", "usr_9").await;
    let steps = results(&world, id).await;
    assert!(steps.iter().all(|(step, _)| step != "stripe"), "{steps:?}");
    assert_eq!(deleted(&world), Vec::<String>::new());
    let kept = kept(&world, id).await;
    assert!(says(&kept, "payments at Stripe"), "{kept:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_is_made_between_approval_and_run_voids_the_approval() {
    let world = World::with(options()).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    customer(&world, "late", "maria@example.com", None);
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;
    assert_eq!(deleted(&world), Vec::<String>::new());
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_late", "cus_maria"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_brought_back_by_a_backup_loses_the_customer_that_was_made_since() {
    let world = World::with(options()).await;
    world.erase_maria().await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.restore_maria().await;
    customer(&world, "again", "maria@example.com", Some("usr_1"));
    customer(&world, "anybody", "maria@example.com", None);
    let line = "/ops erasure replay the database was restored";
    let id = world.ask(ADA, line).await;
    let steps = world.request(id).await.plan.unwrap().plan.steps;
    let titles: Vec<_> = steps.iter().map(|step| step.title.as_str()).collect();
    assert!(
        titles.contains(&"usr_1: delete the Stripe customers"),
        "{titles:?}"
    );
    let card = world.card(id).await.all_text();
    assert!(
        card.contains("usr_1: Stripe customer  cus_again → deleted"),
        "{card}"
    );
    assert!(card.contains("cus_anybody"), "{card}");
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_again", "cus_maria"]);
    let results = results(&world, id).await;
    let of = |name: &str| &results.iter().find(|(step, _)| step == name).unwrap().1;
    assert_eq!(of("stripe:usr_1")["customers_deleted"][0], "cus_again");
    assert_eq!(of("verify:usr_1")["customers_left"], 0);
    world.finish().await;
}

/// The earliest time at which Maria's rows can have gone, as the certificate has it.
async fn erased_at(world: &World) -> chrono::DateTime<chrono::Utc> {
    let documents = world.s3.objects(DOCUMENTS);
    let certificate = world.s3.get(DOCUMENTS, &documents[0].key).unwrap();
    let certificate: Value = serde_json::from_slice(&certificate).unwrap();
    serde_json::from_value(certificate["erased_at"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_made_in_the_same_second_as_the_erasure_is_kept() {
    let world = World::with(options()).await;
    world.erase_maria().await;
    world.restore_maria().await;
    let second = erased_at(&world).await.trunc_subsecs(0);
    for (name, at) in [
        ("before", second - TimeDelta::seconds(1)),
        ("same", second),
        ("after", second + TimeDelta::seconds(1)),
    ] {
        world.stripe.add_customer(NewCustomer {
            name_of_id: Some(name.to_owned()),
            email: Some("maria@example.com".to_owned()),
            at: Some(at),
            ..NewCustomer::default()
        });
    }
    let line = "/ops erasure replay the database was restored";
    let id = world.ask(ADA, line).await;
    let card = world.card(id).await.all_text();
    assert!(card.contains("cus_before → deleted"), "{card}");
    assert!(
        card.contains("cus_same") && card.contains("cus_after"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_before", "cus_maria"]);
    world.finish().await;
}
