//! What all events together say of people and of payments, held in memory.
//!
//! Each process reads the journal once along its global chain, whose head is sealed, and from then on what was added. So
//! nothing that is on record can be hidden by changing the store: what is missing or changed is noticed, and whoever must
//! know everything is told that it is not known.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::{
    Journal,
    chain::{self, Head, SealError},
    hash::{Entry, GENESIS, stored},
    sealed,
    stream::Stream,
};
use crate::{
    audit_key::{AuditKey, Hash},
    domain::{
        Event, Instant, Plan, Request, RequestId,
        event::Planned,
        person::{slack_identity, user_identity},
        refusal::NOT_A_MEMBER,
    },
};

/// Links read at once. Plans can be long, so a page stays at some megabytes.
const PAGE: i64 = 500;

/// The index of one process.
#[derive(Debug, Default)]
pub struct Index(Mutex<Known>);

/// What is known, and up to where the chain was read.
#[derive(Debug)]
pub struct Known {
    /// Every link up to here is what was recorded, and so is its event.
    end: Head,
    /// Whether that is the whole chain.
    is_whole: bool,
    /// Every identity that an account had in any event: `slack:U…` for a person, `user:…` for an account of the application
    /// that a request was about.
    identities: BTreeMap<String, BTreeSet<String>>,
    /// The people among them by their identities.
    people: BTreeMap<String, BTreeSet<String>>,
    /// The requests whose plan names a payment.
    payments: BTreeMap<String, BTreeSet<RequestId>>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            end: Head {
                position: 0,
                hash: GENESIS,
            },
            is_whole: true,
            identities: BTreeMap::new(),
            people: BTreeMap::new(),
            payments: BTreeMap::new(),
        }
    }
}

impl Known {
    /// Whether no event is missing or changed. Otherwise there may be more than what is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// These identities, with all that are on record for any person who ever had one of them, and so on. An address that one
    /// account has today and another had before makes both one human. The application's accounts make nobody one human:
    /// they may pass from one person to another.
    #[must_use]
    pub fn united(&self, identities: &BTreeSet<String>) -> BTreeSet<String> {
        let mut all = identities.clone();
        let mut open: Vec<String> = identities.iter().cloned().collect();
        while let Some(identity) = open.pop() {
            let accounts = self.people.get(&identity).into_iter().flatten();
            for other in accounts.flat_map(|account| &self.identities[account]) {
                if all.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        all
    }

    /// The identities of every address that an account of the application had when a request was about it.
    #[must_use]
    pub fn of_user(&self, user_id: &str) -> BTreeSet<String> {
        let account = user_identity(user_id);
        self.identities.get(&account).cloned().unwrap_or_default()
    }

    /// The requests whose plan ever named one of these payments.
    #[must_use]
    pub fn about_payments(&self, ids: &[String]) -> BTreeSet<RequestId> {
        let named = ids.iter().filter_map(|id| self.payments.get(id));
        named.flatten().copied().collect()
    }

    fn note(&mut self, id: RequestId, event: &Event) {
        if let Some(by) = event.by() {
            let account = slack_identity(&by.slack_id);
            // Addresses that somebody from outside shows say nothing. They were on record in earlier versions.
            let shown = by.identities.iter();
            let vouched = shown.filter(|it| !is_by_outsider(event) || **it == account);
            for identity in vouched {
                let people = self.people.entry(identity.clone()).or_default();
                people.insert(account.clone());
                let identities = self.identities.entry(account.clone()).or_default();
                identities.insert(identity.clone());
            }
        }
        if let Event::Planned(Planned { plan, .. }) | Event::Superseded { plan, .. } = event {
            self.note_plan(id, plan);
        }
    }

    fn note_plan(&mut self, id: RequestId, plan: &Plan) {
        let subject = plan.subject.as_ref();
        if let Some((subject, identity)) =
            subject.and_then(|s| Some((s, s.email_identity.as_ref()?)))
        {
            let account = user_identity(&subject.user_id);
            let identities = self.identities.entry(account).or_default();
            identities.insert(identity.clone());
        }
        if let Some(payment) = plan.terms.text("payment") {
            let requests = self.payments.entry(payment.to_owned()).or_default();
            requests.insert(id);
        }
    }

    /// Notes an event whose own hash is right. False when it is not, or cannot be read.
    fn note_row(&mut self, key: &AuditKey, row: &Row) -> bool {
        let Some(entry) = row.genuine(key) else {
            sealed::report("event");
            return false;
        };
        if entry.kind == Request::KIND {
            let Ok(event) = serde_json::from_str(entry.body) else {
                return false;
            };
            self.note(RequestId(entry.stream), &event);
        }
        true
    }
}

fn is_by_outsider(event: &Event) -> bool {
    matches!(event, Event::AttemptRefused { code, .. } if code == NOT_A_MEMBER)
}

/// One event with its link; all of the event is missing where it is gone.
struct Row {
    position: i64,
    link: Vec<u8>,
    event_hash: Vec<u8>,
    kind: Option<String>,
    stream: Option<Uuid>,
    version: Option<i64>,
    name: Option<String>,
    at: Option<Instant>,
    body: Option<String>,
    before: Option<Vec<u8>>,
}

impl Row {
    /// The event, when its hash follows from the one before it.
    fn genuine(&self, key: &AuditKey) -> Option<Entry<'_>> {
        let (stream, version) = ((self.kind.as_deref()?, self.stream?), self.version?);
        let previous = match version {
            1 => GENESIS,
            _ => stored(self.before.as_deref()?)?,
        };
        let (name, body) = (self.name.as_deref()?, self.body.as_deref()?);
        let entry = Entry::new(stream, version, name, self.at?, body);
        let is_genuine = key.event(&previous, &entry).as_slice() == self.event_hash;
        is_genuine.then_some(entry)
    }

    /// The end of the chain with this link, when it follows from the end before it.
    fn follows(&self, key: &AuditKey, end: &Head) -> Option<Head> {
        let position = end.position + 1;
        let hash: Hash = key.link(&end.hash, position, &stored(&self.event_hash)?);
        (self.position == position && self.link == hash).then_some(Head { position, hash })
    }
}

impl Journal {
    /// What is on record by now.
    pub async fn known(&self) -> Result<MutexGuard<'_, Known>, sqlx::Error> {
        let mut known = self.index.0.lock().await;
        // What is linked after this was read is found by its link.
        let mut is_whole = self.read_pending(&mut known).await?;
        let head = match chain::head(&self.pool, &self.key).await {
            Ok(head) => Some(head),
            Err(SealError::Tampered) => None,
            Err(SealError::Store(error)) => return Err(error),
        };
        is_whole &= self.read_links(&mut known, head).await?;
        known.is_whole = is_whole && head == Some(known.end);
        Ok(known)
    }

    /// Reads events that are not linked yet. False when one is not what was recorded.
    async fn read_pending(&self, known: &mut Known) -> Result<bool, sqlx::Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select 0::bigint as "position!", ''::bytea as "link!", e.hash as event_hash, e.kind as "kind?", e.stream as "stream?",
                      e.version as "version?", e.name as "name?", e.at as "at?", e.body as "body?", before.hash as "before?"
               from countersign.chain_pending p join countersign.event e on e.seq = p.event_seq
               left join countersign.event before on before.stream = e.stream and before.version = e.version - 1"#
        )
        .fetch_all(&self.pool)
        .await?;
        let genuine = rows.iter().filter(|row| known.note_row(&self.key, row));
        Ok(genuine.count() == rows.len())
    }

    /// Reads what was linked since. Behind a link that is wrong, events are noted by their own hashes alone, every time
    /// anew. False when there is one.
    async fn read_links(&self, known: &mut Known, head: Option<Head>) -> Result<bool, sqlx::Error> {
        let last = head.map_or(i64::MAX, |head| head.position);
        let mut position = known.end.position;
        let mut is_whole = true;
        while position < last {
            let rows = sqlx::query_as!(
                Row,
                r#"select c.position, c.hash as link, c.event_hash, e.kind as "kind?", e.stream as "stream?", e.version as "version?",
                          e.name as "name?", e.at as "at?", e.body as "body?", before.hash as "before?"
                   from countersign.chain c left join countersign.event e on e.seq = c.event_seq
                   left join countersign.event before on before.stream = e.stream and before.version = e.version - 1
                   where c.position > $1 and c.position <= $2 order by c.position limit $3"#,
                position,
                last,
                PAGE
            )
            .fetch_all(&self.pool)
            .await?;
            let Some(newest) = rows.last() else {
                break;
            };
            position = newest.position;
            for row in &rows {
                let is_genuine = known.note_row(&self.key, row);
                match row.follows(&self.key, &known.end) {
                    Some(end) if is_genuine && is_whole => known.end = end,
                    _ => is_whole = false,
                }
            }
        }
        Ok(is_whole)
    }
}
