//! What Stripe holds about a person, however they paid.

use countersign_sandbox::stripe::{Key, NewCustomer, NewPayment};
use serde_json::Value;

use crate::support::{Options, World, story::*};

const LINE: &str = "/ops user export usr_9 asked for a copy";

async fn world() -> World {
    World::with(Options::real().and_stripe()).await
}

/// Hana's export: what `stripe.json` says, and what the manifest says of what is left out.
async fn exported(world: &World) -> (Value, Value) {
    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    let stripe = serde_json::from_slice(opened.bytes("stripe.json")).unwrap();
    (stripe, opened.manifest)
}

/// The payments' ids, with how each was found.
fn payments(stripe: &Value) -> Vec<(&str, &str)> {
    let all = stripe["payments"].as_array().unwrap().iter();
    all.map(|one| {
        let (id, by) = (&one["id"], &one["found_by"]);
        (id.as_str().unwrap(), by.as_str().unwrap())
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_of_a_guest_are_in_the_archive() {
    let world = world().await;
    let (stripe, manifest) = exported(&world).await;
    let by_address = "a checkout with the address";
    assert_eq!(
        payments(&stripe),
        [("pi_hana_late", by_address), ("pi_hana", by_address)]
    );
    let checkouts = stripe["checkouts"].as_array().unwrap();
    assert_eq!(checkouts.len(), 2, "{stripe}");
    assert_eq!(checkouts[0]["email"], "hana@example.com");
    assert_eq!(manifest["stripe"]["customers"], 0);
    assert_eq!(manifest["stripe"]["payments"], 2);
    let says = "checkouts with another address whose payment does not carry the user id";
    assert!(manifest.to_string().contains(says), "{manifest}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_the_account_is_found_and_what_names_another_is_not_given() {
    let world = world().await;
    let guest =
        |name: &str, email: &str| NewPayment::of(500, "usd").named(name).by_guest(email, "H");
    let stripe = &world.stripe;
    stripe.add_payment(guest("elsewhere", "other@example.net").with("userId", "usr_9"));
    stripe.add_payment(guest("not_hers", "hana@example.com").referring_to("usr_8"));
    stripe.add_payment(guest("nor_this", "hana@example.com").with("userId", "usr_8"));
    let loud = stripe.add_customer(NewCustomer {
        name_of_id: Some("loud".to_owned()),
        email: Some("HANA@example.com".to_owned()),
        name: None,
        metadata: vec![("userId", "usr_9".to_owned())],
        at: None,
    });
    stripe.add_customer(NewCustomer {
        name_of_id: Some("whose".to_owned()),
        email: Some("Hana@example.com".to_owned()),
        name: None,
        metadata: vec![],
        at: None,
    });
    stripe.add_payment(NewPayment::of(700, "usd").named("loud").by(&loud));
    stripe.catch_up_search();
    let (stripe, manifest) = exported(&world).await;
    let found = payments(&stripe);
    let ids: Vec<_> = found.iter().map(|(id, _)| *id).collect();
    for id in ["pi_elsewhere", "pi_loud", "pi_hana", "pi_hana_late"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert_eq!(stripe["customers"].as_array().unwrap().len(), 1, "{stripe}");
    let manifest = manifest.to_string();
    let says = "customers, checkouts and payments of others";
    assert!(manifest.contains(says), "{manifest}");
    for id in ["not_hers", "nor_this", "cus_whose"] {
        assert!(!stripe.to_string().contains(id), "{id}: {stripe}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_key_may_not_look_at_is_said() {
    let world = world().await;
    let rights = ["rak_checkout_session_read", "rak_customer_read"];
    let mut key = Key::restricted(true, &rights);
    key.secret = world.stripe.secret_key();
    world.stripe.set_keys(vec![key]);
    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    assert_eq!(opened.manifest["stripe"]["included"], false);
    let says = opened.manifest["not_in_here"].to_string();
    assert!(says.contains("rak_payment_intent_read"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_an_address_that_nobody_confirmed_only_what_names_the_account_is_given() {
    let world = world().await;
    world
        .run(r#"update "User" set "emailVerified" = null where id = 'usr_9'"#)
        .await;
    let nobodys = NewPayment::of(500, "usd").named("nobodys");
    world
        .stripe
        .add_payment(nobodys.by_guest("hana@example.com", "H"));
    world.stripe.add_customer(NewCustomer {
        name_of_id: Some("whose".to_owned()),
        email: Some("hana@example.com".to_owned()),
        name: None,
        metadata: vec![],
        at: None,
    });
    world.stripe.catch_up_search();
    let id = world.ask(ADA, LINE).await;
    world
        .until_card_says(id, "the account's e-mail address was never confirmed")
        .await;
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    let stripe: Value = serde_json::from_slice(opened.bytes("stripe.json")).unwrap();
    let ids: Vec<_> = payments(&stripe).into_iter().map(|(id, _)| id).collect();
    // Both of these name her account.
    assert_eq!(ids, ["pi_hana_late", "pi_hana"]);
    assert_eq!(stripe["customers"].as_array().unwrap().len(), 0);
    let withheld = opened.manifest["withheld"].as_array().unwrap().iter();
    let unclaimed: Vec<_> = withheld
        .filter(|one| {
            one["why"]
                .as_str()
                .unwrap()
                .contains("nobody has confirmed")
        })
        .collect();
    assert_eq!(unclaimed.len(), 1);
    assert_eq!(unclaimed[0]["rows"], 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_an_address_that_another_account_has_too_only_what_names_the_account_is_given() {
    let world = world().await;
    world
        .run(
            r#"drop index "User_email_key";
               insert into "User" (id, name, email, "emailVerified", "updatedAt")
               values ('usr_99', 'Hana B', 'hana@example.com', now(), now())"#,
        )
        .await;
    let nobodys = NewPayment::of(500, "usd").named("nobodys");
    world
        .stripe
        .add_payment(nobodys.by_guest("hana@example.com", "H"));
    world.stripe.add_customer(NewCustomer {
        name_of_id: Some("whose".to_owned()),
        email: Some("hana@example.com".to_owned()),
        name: None,
        metadata: vec![],
        at: None,
    });
    world.stripe.catch_up_search();
    let id = world
        .ask(ADA, "/ops user export usr_9 asked for a copy")
        .await;
    world
        .until_card_says(id, "another account has the same e-mail address")
        .await;
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let opened = world.opened(id).await;
    let stripe: Value = serde_json::from_slice(opened.bytes("stripe.json")).unwrap();
    let ids: Vec<_> = payments(&stripe).into_iter().map(|(id, _)| id).collect();
    // Both of these name her account.
    assert_eq!(ids, ["pi_hana_late", "pi_hana"]);
    assert_eq!(stripe["customers"].as_array().unwrap().len(), 0);
    let withheld = opened.manifest["withheld"].to_string();
    assert!(
        withheld.contains("they name no account, and another account has this address too"),
        "{withheld}"
    );
    world.finish().await;
}
