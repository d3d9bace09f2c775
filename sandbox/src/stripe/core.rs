//! The account behind one lock, and what every part does with it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    call::Call,
    faults::Faults,
    idempotency::Keys,
    model::{
        BalanceTransaction, Charge, CheckoutSession, Collection, Customer, Dispute,
        EarlyFraudWarning, Event, EventRequest, Metadata, PaymentIntent, Refund, Subscription,
        WebhookEndpoint,
    },
    settings::Key,
    webhooks::Deliveries,
};
use crate::runtime::Now;

/// What the account holds.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Customers, deleted ones too.
    pub customers: Collection<Customer>,
    /// Subscriptions, those that have ended too.
    pub subscriptions: Collection<Subscription>,
    /// Payments.
    pub intents: Collection<PaymentIntent>,
    /// Charges, failed ones too.
    pub charges: Collection<Charge>,
    /// Visits to the payment page.
    pub sessions: Collection<CheckoutSession>,
    /// Refunds.
    pub refunds: Collection<Refund>,
    /// Disputes.
    pub disputes: Collection<Dispute>,
    /// Early fraud warnings.
    pub warnings: Collection<EarlyFraudWarning>,
    /// The balance's entries.
    pub transactions: Collection<BalanceTransaction>,
    /// Where events go.
    pub endpoints: Collection<WebhookEndpoint>,
    /// What happened.
    pub events: Collection<Event>,
}

/// What a refund is right after it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NewRefunds {
    /// `succeeded`
    #[default]
    Succeed,
    /// `pending`, until [`super::Stripe::settle_refund`].
    Processing,
    /// `pending` for want of money on the balance, until [`super::Stripe::settle_refund`].
    WaitForFunds,
    /// `pending` because the payment itself has not settled, until [`super::Stripe::settle_refund`].
    ChargePending,
    /// `requires_action`: the payer has to do something, until [`super::Stripe::settle_refund`].
    RequiresAction,
    /// A status that Stripe might invent one day, until [`super::Stripe::settle_refund`].
    Unheard,
}

/// What every request and every clone of the handle works on.
pub(super) struct Shared {
    core: Mutex<Core>,
    pub(super) faults: Faults,
    pub(super) http: reqwest::Client,
    pub(super) url: String,
    pub(super) retries: bool,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
    /// There may be something to deliver.
    pub(super) delivering: Notify,
}

pub(super) struct Core {
    pub(super) account: Account,
    pub(super) live: bool,
    pub(super) account_keys: Vec<Key>,
    pub(super) idempotency: Keys,
    /// What the search knows: customers as they were at the last [`super::Stripe::catch_up_search`].
    pub(super) searchable: Vec<Customer>,
    pub(super) new_refunds: NewRefunds,
    /// Whether answers say `null` where no metadata are.
    pub(super) null_metadata: bool,
    pub(super) deliveries: Deliveries,
    pub(super) calls: Vec<Call>,
    pub(super) unexpected: Vec<String>,
    /// The call that is being carried out.
    pub(super) request: EventRequest,
    /// While history is written: its time.
    pub(super) back_then: Option<DateTime<Utc>>,
    counters: BTreeMap<&'static str, u32>,
    now: Now,
}

impl Shared {
    pub(super) fn new(core: Core, http: reqwest::Client, url: String, retries: bool) -> Arc<Self> {
        Arc::new(Self {
            core: Mutex::new(core),
            faults: Faults::default(),
            http,
            url,
            retries,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            delivering: Notify::new(),
        })
    }

    /// Reads the state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Core) -> T) -> T {
        read(&self.core())
    }

    /// Changes the state, and lets events go out.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let out = change(&mut self.core());
        self.delivering.notify_one();
        out
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    pub(super) fn new(keys: Vec<Key>, live: bool, now: Now) -> Self {
        Self {
            account: Account::default(),
            live,
            account_keys: keys,
            idempotency: Keys::default(),
            searchable: Vec::new(),
            new_refunds: NewRefunds::default(),
            null_metadata: false,
            deliveries: Deliveries::default(),
            calls: Vec::new(),
            unexpected: Vec::new(),
            request: EventRequest::default(),
            back_then: None,
            counters: BTreeMap::new(),
            now,
        }
    }

    /// Seconds since 1970 by the account's clock.
    pub(super) fn now(&self) -> i64 {
        self.time().timestamp()
    }

    /// The time by the account's clock, or the one that history is being written at.
    pub(super) fn time(&self) -> DateTime<Utc> {
        self.back_then.unwrap_or_else(|| (self.now)())
    }

    /// The next id of a kind. Ids are counted, so that what a test prints is the same each time.
    pub(super) fn new_id(&mut self, prefix: &'static str) -> String {
        let counter = self.counters.entry(prefix).or_insert(0);
        *counter += 1;
        format!("{prefix}_sandbox{counter:06}")
    }

    /// Notes a request that no correct client sends.
    pub(super) fn note(&mut self, what: String) {
        tracing::warn!(what, "a call that Stripe refuses");
        self.unexpected.push(what);
    }
}

/// Metadata as people write it in code.
pub(super) fn metadata(pairs: &[(&str, &str)]) -> Metadata {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}
