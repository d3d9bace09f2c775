//! What the application's people paid, as its checkout would have written it down at Stripe: the user id as the
//! reference and in the metadata, the bought credits beside it. The same day gives the same account.
//!
//! Traps on purpose: two customers whose e-mails differ in letter case alone, somebody who paid as a guest, a guest
//! who is no user, a disputed payment, one that was refunded in part, one in yen, one in rupees that was booked in
//! dollars, a customer without a payment, and an endpoint that stopped answering.

use chrono::{DateTime, Days, Utc};

use super::{
    people::{DANIEL, MARIA, SamplePerson},
    real::{PLAIN, TWIN},
};
use crate::stripe::{NewCustomer, NewPayment, Payment, Reach, Stripe};

/// Elif, whose payment is disputed.
pub const ELIF: SamplePerson = person("usr_6", "elif@example.org", "Elif Yılmaz");
/// Kofi, who pays in rupees.
pub const KOFI: SamplePerson = person("usr_12", "kofi@example.org", "Kofi Mensah");
/// Tara, who got a part of her payment back.
pub const TARA: SamplePerson = person("usr_21", "tara@example.com", "Tara Nguyen");
/// Umar, of whose payment the card's network says that it was fraud.
pub const UMAR: SamplePerson = person("usr_22", "umar@example.org", "Umar Siddiqui");
/// Keiko, who pays in yen.
pub const KEIKO: SamplePerson = person("usr_38", "keiko@example.org", "Keiko Tanaka");
/// Somebody who paid and has no account.
pub const STRANGER: &str = "nobody@example.net";

/// The application's own endpoint.
pub const APP_ENDPOINT: &str = "https://ieltseq.com/api/stripe/webhook";
/// One that nobody has switched on again.
pub const OLD_ENDPOINT: &str = "https://old.ieltseq.com/api/stripe";

/// Days until the evidence for the dispute is due.
const DISPUTE_DAYS_LEFT: u64 = 5;
/// The application stopped answering Stripe this many days ago.
const BROKEN_SINCE: u64 = 2;
/// Days of the payments of everybody else, and whether they were declined.
const OTHERS: [(u64, bool); 16] = [
    (58, false),
    (55, false),
    (52, true),
    (49, false),
    (46, false),
    (43, false),
    (39, false),
    (36, false),
    (29, false),
    (26, true),
    (24, false),
    (19, true),
    (16, false),
    (13, true),
    (11, false),
    (4, false),
];

/// Fills an empty account, told relative to `now`.
pub fn load(stripe: &Stripe, now: DateTime<Utc>) {
    let shop = Shop { stripe, now };
    let wanted = [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.refunded",
    ];
    let (app, _) = stripe.add_endpoint(APP_ENDPOINT, &wanted, Reach::Answers(200));
    let (old, _) = stripe.add_endpoint(OLD_ENDPOINT, &["*"], Reach::Answers(410));
    stripe.set_enabled(&old, false);
    shop.maria_and_her_twin();
    shop.other_currencies();
    shop.troubles();
    for (number, (days, declined)) in (13..).zip(OTHERS) {
        shop.somebody(number, days, declined);
    }
    shop.payouts();
    stripe.set_reach(&app, Reach::Answers(500));
    let latest = shop.guest("hana_late", 999, "usd", PLAIN.email, PLAIN.name);
    shop.pay(
        latest
            .referring_to(PLAIN.id)
            .with("userId", PLAIN.id)
            .with("credits", "10"),
        BROKEN_SINCE,
    );
    stripe.catch_up_search();
}

struct Shop<'a> {
    stripe: &'a Stripe,
    now: DateTime<Utc>,
}

impl Shop<'_> {
    fn maria_and_her_twin(&self) {
        let maria = self.customer("maria", &MARIA);
        self.buy("maria_pro", &maria, &MARIA, 999, 40, "10");
        self.buy("maria_credits", &maria, &MARIA, 1999, 12, "20");
        let twin = self.customer("twin", &TWIN);
        self.buy("twin", &twin, &TWIN, 999, 20, "10");
        let daniel = self.customer("daniel", &DANIEL);
        self.buy("daniel_last", &daniel, &DANIEL, 999, 37, "10");
        self.buy("daniel", &daniel, &DANIEL, 999, 6, "10");
        let hana = self.guest("hana", 999, "usd", PLAIN.email, PLAIN.name);
        self.pay(hana.referring_to(PLAIN.id).with("credits", "10"), 15);
        let stranger = self.guest("stranger", 1999, "usd", STRANGER, "A Stranger");
        self.pay(stranger, 9);
    }

    fn other_currencies(&self) {
        let kofi = self.customer("kofi", &KOFI);
        let rupees = bought(NewPayment::of(90_000, "inr"), "kofi", &kofi, &KOFI, "10");
        self.pay(rupees.settled(1067, "usd"), 4);
        let keiko = self.customer("keiko", &KEIKO);
        let yen = bought(NewPayment::of(1500, "jpy"), "keiko", &keiko, &KEIKO, "10");
        self.pay(yen, 8);
    }

    fn troubles(&self) {
        let elif = self.customer("elif", &ELIF);
        let disputed = self.buy("elif", &elif, &ELIF, 1999, 9, "20");
        let tara = self.customer("tara", &TARA);
        let part = self.buy("tara", &tara, &TARA, 1999, 18, "20");
        let umar = self.customer("umar", &UMAR);
        let fraud = self.buy("umar", &umar, &UMAR, 1999, 5, "20");
        let due = self.now + Days::new(DISPUTE_DAYS_LEFT);
        self.back_then(2, |stripe| {
            stripe.dispute(&disputed.charge, "fraudulent", "needs_response", Some(due));
        });
        self.back_then(16, |stripe| {
            // Nothing has been given back of it, so nothing is in the way.
            let _ = stripe.refund_at_dashboard(&part.charge, Some(500));
        });
        self.back_then(1, |stripe| {
            stripe.warn_of_fraud(&fraud.charge, "made_with_stolen_card");
        });
    }

    /// Somebody whom no test names, so that rates have something to be rates of.
    fn somebody(&self, number: usize, days: u64, declined: bool) {
        let name = format!("other_{number}");
        let email = format!("learner{number}@example.net");
        let payment = self.guest(&name, 999, "usd", &email, "A Learner");
        let payment = if declined {
            payment.failed("card_declined").risky("elevated")
        } else {
            payment
        };
        self.pay(payment, days);
    }

    fn payouts(&self) {
        for week in 1..=8 {
            self.stripe.add_payout(900, "usd", self.ago(week * 7));
        }
    }

    fn customer(&self, id: &str, person: &SamplePerson) -> String {
        self.stripe.add_customer(NewCustomer {
            name_of_id: Some(id.to_owned()),
            email: Some(person.email.to_owned()),
            name: Some(person.name.to_owned()),
            metadata: vec![("userId", person.id.to_owned())],
            at: Some(self.ago(60)),
        })
    }

    fn buy(
        &self,
        id: &str,
        customer: &str,
        person: &SamplePerson,
        amount: i64,
        days: u64,
        credits: &str,
    ) -> Payment {
        let payment = NewPayment::of(amount, "usd");
        self.pay(bought(payment, id, customer, person, credits), days)
    }

    fn guest(&self, id: &str, amount: i64, currency: &str, email: &str, name: &str) -> NewPayment {
        NewPayment::of(amount, currency)
            .named(id)
            .by_guest(email, name)
    }

    fn pay(&self, payment: NewPayment, days: u64) -> Payment {
        self.stripe.add_payment(payment.at(self.ago(days)))
    }

    fn back_then(&self, days: u64, act: impl FnOnce(&Stripe)) {
        self.stripe.back_then(self.ago(days), act);
    }

    fn ago(&self, days: u64) -> DateTime<Utc> {
        self.now - Days::new(days)
    }
}

/// What a checkout of the application writes down.
fn bought(
    payment: NewPayment,
    id: &str,
    customer: &str,
    person: &SamplePerson,
    credits: &str,
) -> NewPayment {
    payment
        .named(id)
        .by(customer)
        .described(&format!("{credits} credits"))
        .referring_to(person.id)
        .with("userId", person.id)
        .with("credits", credits)
}

const fn person(id: &'static str, email: &'static str, name: &'static str) -> SamplePerson {
    SamplePerson { id, email, name }
}
