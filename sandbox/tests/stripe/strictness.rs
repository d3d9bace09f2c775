//! What Stripe refuses, and which of it no correct client sends.

use countersign_sandbox::stripe::{API_VERSION, Outage};

use crate::{World, answer};

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let world = World::start().await;
    let request = world.http.get(world.url("/v1/balance"));
    let request = request
        .bearer_auth("sk_live_wrong")
        .header("stripe-version", API_VERSION);
    let refused = answer(request).await.unwrap();
    assert_eq!(
        refused.refusal(),
        (401, "", "Invalid API Key provided: sk_live_****")
    );
    assert!(world.stripe.unexpected().is_empty());
}

#[tokio::test]
async fn a_restricted_key_is_told_which_right_it_lacks() {
    let world = World::start().await;
    world.allow(&["rak_charge_write"]);
    let refused = world.get("/v1/customers").await;
    assert_eq!(refused.status, 403);
    let message = refused.refusal().2;
    let wanted = "Having the 'rak_customer_read' permission would allow this request to continue.";
    assert!(message.ends_with(wanted), "{message}");
    world.get("/v1/charges").await.good();
}

#[tokio::test]
async fn the_version_has_to_be_pinned() {
    let world = World::start().await;
    let request = world.http.get(world.url("/v1/balance"));
    let none = answer(request.bearer_auth(world.stripe.secret_key()))
        .await
        .unwrap();
    assert_eq!(none.status, 400);
    assert_eq!(world.stripe.unexpected().len(), 1);
}

#[tokio::test]
async fn what_no_client_should_send_is_refused_and_noted() {
    let world = World::start().await;
    let cases = [
        ("/v1/customers?mail=a", 400, "parameter_unknown"),
        ("/v1/customers?limit=101", 400, "parameter_invalid_integer"),
        ("/v1/customers?email=", 400, "parameter_invalid_empty"),
        ("/v1/customers?created[after]=1", 400, "parameter_unknown"),
        ("/v1/events?type=a&types[]=b", 400, ""),
        ("/v1/charges?expand[]=data.amount", 400, ""),
        ("/v1/nothing", 404, ""),
    ];
    world.payment();
    for (number, (path, status, code)) in cases.into_iter().enumerate() {
        let refused = world.get(path).await;
        assert_eq!(
            (refused.refusal().0, refused.refusal().1),
            (status, code),
            "{path}"
        );
        assert_eq!(world.stripe.unexpected().len(), number + 1, "{path}");
    }
    assert_eq!(
        world
            .refund("charge=ch_1&amount=9.99", "")
            .await
            .refusal()
            .1,
        "parameter_invalid_integer"
    );
    assert_eq!(
        world.refund("charge=ch_1&amount=0", "").await.refusal().1,
        "parameter_invalid_integer"
    );
    assert_eq!(
        world.refund("amount=1", "").await.refusal().1,
        "parameter_missing"
    );
    assert_eq!(
        world.refund("charge=ch_1&reason=because", "").await.status,
        400
    );
}

#[tokio::test]
async fn what_a_person_can_get_wrong_is_no_fault_of_the_client() {
    let world = World::start().await;
    assert_eq!(
        world.get("/v1/payment_intents/pi_typo").await.refusal().1,
        "resource_missing"
    );
    assert!(world.stripe.unexpected().is_empty());
}

#[tokio::test]
async fn in_an_outage_there_is_no_answer_or_a_useless_one() {
    let world = World::start().await;
    world.stripe.faults().set_outage(Outage::Unavailable);
    let answer = world.get("/v1/balance").await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (503, &serde_json::Value::Null)
    );
    world.stripe.faults().set_outage(Outage::CutOff);
    let request = world.http.get(world.url("/v1/balance"));
    assert!(world.send(request).await.is_none());
    world.stripe.faults().clear();
    world.get("/v1/balance").await.good();
}
