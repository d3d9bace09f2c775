//! The client against the simulated Stripe: what each call reads, and what its failures mean.

use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use countersign::systems::stripe::{
    PaymentId, Retry, Stripe, StripeError, StripeSettings, error::Doing,
};
use countersign_sandbox::{
    data,
    stripe::{self, Failure, Key, Outage, Times},
};

use crate::support::{Options, World};

/// An account with the sample people's payments.
struct Shop {
    account: stripe::Stripe,
    client: Stripe,
    now: DateTime<Utc>,
}

async fn shop() -> Shop {
    let account = stripe::Stripe::start(stripe::Settings::default())
        .await
        .unwrap();
    let now = countersign::runtime::Clock::now(&countersign::runtime::SystemClock);
    data::stripe::load(&account, now);
    Shop {
        client: client(account.url(), &account.secret_key()),
        account,
        now,
    }
}

fn client(base: &str, key: &str) -> Stripe {
    Stripe::new(&StripeSettings {
        key: key.to_owned(),
        base: base.to_owned(),
        connect: Duration::from_secs(5),
        timeout: Duration::from_secs(5),
    })
    .unwrap()
}

impl Shop {
    fn days_ago(&self, days: u64) -> DateTime<Utc> {
        self.now - Days::new(days)
    }

    fn ends(&self) {
        let unexpected = self.account.unexpected();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
    }
}

#[tokio::test]
async fn customers_are_found_in_this_letter_case_and_by_search_in_any() {
    let shop = shop().await;
    let exact = shop
        .client
        .customers_by_email("maria@example.com", 10)
        .await;
    let exact: Vec<_> = exact.unwrap().items.into_iter().map(|it| it.id).collect();
    assert_eq!(exact, ["cus_maria"]);
    let any = shop
        .client
        .search_customers_by_email("MARIA@example.com", 10)
        .await
        .unwrap();
    let mut any: Vec<_> = any.items.into_iter().map(|it| it.id).collect();
    any.sort();
    assert_eq!(any, ["cus_maria", "cus_twin"]);
    let quoted = shop
        .client
        .search_customers_by_email("a\"b\\c@example.com", 10)
        .await;
    assert!(quoted.unwrap().items.is_empty());
    let maria = shop.client.customer("cus_maria").await.unwrap();
    assert_eq!(maria.email.as_deref(), Some("maria@example.com"));
    shop.ends();
}

#[tokio::test]
async fn lists_are_read_over_their_pages_up_to_a_limit() {
    let shop = shop().await;
    for number in 0..130 {
        shop.account
            .add_payment(stripe::NewPayment::of(100 + number, "usd").without_checkout());
    }
    let all = shop.client.charges_since(shop.days_ago(100), 1000).await;
    let all = all.unwrap();
    assert!(all.items.len() > 130 && !all.more, "{}", all.items.len());
    let ids: std::collections::BTreeSet<_> = all.items.iter().map(|it| it.id.clone()).collect();
    assert_eq!(ids.len(), all.items.len());
    let some = shop.client.charges_since(shop.days_ago(100), 7).await;
    let some = some.unwrap();
    assert_eq!((some.items.len(), some.more), (7, true));
    shop.ends();
}

#[tokio::test]
async fn one_payment_is_the_same_by_intent_charge_and_session() {
    let shop = shop().await;
    let sessions = shop
        .client
        .sessions_by_email("nobody@example.net", 5)
        .await
        .unwrap();
    let session = sessions.items[0].id.clone();
    let intent = shop.client.payment_intent("pi_stranger").await.unwrap();
    let charge = intent.latest_charge.unwrap().id().to_owned();
    for id in ["pi_stranger", &charge, &session] {
        let id = PaymentId::parse(id).unwrap();
        let payment = shop.client.payment(&id).await.unwrap().unwrap();
        assert_eq!(payment.id, "pi_stranger");
        assert_eq!(payment.amount.to_string(), "19.99 USD");
    }
    shop.ends();
}

#[tokio::test]
async fn what_a_review_needs_is_read() {
    let shop = shop().await;
    let client = &shop.client;
    let disputes = client.disputes_since(shop.days_ago(30), 10).await.unwrap();
    assert_eq!(disputes.items[0].status, "needs_response");
    let due = disputes.items[0].evidence_details.as_ref().unwrap().due_by;
    assert!(due.unwrap() > shop.now);
    let warnings = client.early_fraud_warnings(10).await.unwrap();
    assert_eq!(warnings.items[0].fraud_type, "made_with_stolen_card");
    let refunds = client.refunds_since(shop.days_ago(30), 10).await.unwrap();
    assert_eq!(refunds.items[0].money().to_string(), "5.00 USD");
    let kinds = ["payment_intent.succeeded", "checkout.session.completed"];
    let events = client
        .undelivered_events(&kinds, shop.days_ago(10), 10)
        .await
        .unwrap();
    assert!(events.items.iter().all(|it| it.pending_webhooks > 0));
    let first = client.event(&events.items[0].id).await.unwrap();
    assert_eq!(first.kind, events.items[0].kind);
    let endpoints = client.webhook_endpoints(10).await.unwrap();
    assert!(endpoints.items.iter().any(|it| it.status == "disabled"));
    let charges = client
        .balance_transactions(Some("charge"), shop.days_ago(60), shop.now, 100)
        .await
        .unwrap();
    let inr = charges.items.iter().find(|it| it.amount == 1067).unwrap();
    assert_eq!(inr.currency.to_string(), "USD");
    assert_eq!(inr.net, inr.amount - inr.fee);
    assert!(client.balance().await.unwrap().livemode);
    shop.ends();
}

#[tokio::test]
async fn a_failure_says_whether_the_same_call_may_be_made_again() {
    let shop = shop().await;
    let faults = shop.account.faults();
    let balance = "GET /v1/balance";
    faults.fail(balance, Failure::RateLimit(7), Times::First(1));
    let error = shop.client.balance().await.unwrap_err();
    let after = Some(Duration::from_secs(7));
    assert_eq!(error.retry(), Retry::Harmless { after });
    faults.fail(balance, Failure::ErrorBefore, Times::First(1));
    let error = shop.client.balance().await.unwrap_err();
    assert_eq!(error.retry(), Retry::Harmless { after: None });
    faults.set_outage(Outage::CutOff);
    let error = shop.client.balance().await.unwrap_err();
    assert_eq!(error, StripeError::Unanswered(Doing::Reading));
    faults.set_outage(Outage::Off);
    let error = shop.client.charge("ch_nobody").await.unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.retry(), Retry::Pointless);
    shop.account.set_keys(vec![Key::full(true)]);
    let error = shop.client.balance().await.unwrap_err();
    assert_eq!(error.retry(), Retry::Pointless);
    shop.ends();
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let error = client(&base, "sk_live_1").balance().await.unwrap_err();
    assert_eq!(error, StripeError::Unreachable);
}

/// What the doctor says of the key.
async fn doctor(options: Options) -> String {
    let world = World::with(options).await;
    let settings = countersign::config::Settings::from_parts(None, &world.environment).unwrap();
    let clock: countersign::runtime::SharedClock = world.clock.clone();
    let parts = countersign::service::Parts::assemble(&settings, clock)
        .await
        .unwrap();
    let report = countersign::service::checks::doctor(&settings, &parts).await;
    let found = report
        .0
        .iter()
        .find(|one| one.name == "STRIPE_SECRET_KEY")
        .unwrap();
    let says = format!("{:?}: {}", found.verdict, found.says);
    world.finish().await;
    says
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_stripe_whether_it_knows_the_key() {
    let says = doctor(Options::default().and_stripe()).await;
    assert_eq!(says, "Ok: Stripe knows the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_calls_a_key_that_stripe_does_not_know_a_fault_and_does_not_show_it() {
    let options = Options::default()
        .and_stripe()
        .with("STRIPE_SECRET_KEY", "sk_live_0123456789abcdef");
    let says = doctor(options).await;
    assert!(
        says.starts_with("Fault: Stripe refused: it does not accept the key"),
        "{says}"
    );
    assert!(!says.contains("0123456789abcdef"), "{says}");
}

#[tokio::test]
async fn a_deleted_customer_is_gone_with_its_subscriptions_and_deleting_it_again_finds_none() {
    let shop = shop().await;
    let running = shop.account.add_subscription("cus_maria", "trialing");
    shop.account.add_subscription("cus_maria", "canceled");
    shop.account
        .add_subscription("cus_maria", "incomplete_expired");
    let of_maria = shop.client.subscriptions_of("cus_maria", 10).await.unwrap();
    let of_maria: Vec<_> = of_maria.items.iter().filter(|it| it.is_running()).collect();
    assert_eq!(of_maria.len(), 1);
    assert_eq!(of_maria[0].id, running);
    let deleted = shop.client.delete_customer("cus_maria").await.unwrap();
    assert!(deleted.deleted);
    assert!(shop.client.customer("cus_maria").await.unwrap().deleted);
    let none = shop.client.subscriptions_of("cus_maria", 10).await.unwrap();
    assert!(none.items.iter().all(|it| !it.is_running()));
    let again = shop.client.delete_customer("cus_maria").await.unwrap_err();
    assert!(again.is_resource_missing(), "{again}");
    assert_eq!(again.retry(), Retry::Pointless);
    let nobody = shop.client.delete_customer("").await.unwrap_err();
    assert_eq!(nobody, StripeError::NoId);
    shop.ends();
}

#[tokio::test]
async fn a_deletion_without_an_answer_is_in_doubt_and_a_look_tells() {
    let shop = shop().await;
    let lost = Failure::LostAnswer;
    let operation = "DELETE /v1/customers/{id}";
    shop.account.faults().fail(operation, lost, Times::First(1));
    let error = shop.client.delete_customer("cus_maria").await.unwrap_err();
    assert_eq!(error.retry(), Retry::InDoubt { again: true });
    assert!(shop.client.customer("cus_maria").await.unwrap().deleted);
    shop.ends();
}
