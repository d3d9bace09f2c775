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
    hash::{Entry, GENESIS, checked_hash, stored},
    sealed,
    stream::Stream,
};
use crate::{
    audit_key::{AuditKey, Hash},
    config::limits,
    domain::{
        Event, Instant, Plan, Request, RequestId,
        event::Planned,
        person::{slack_identity, user_identity},
        refusal::NOT_A_MEMBER,
    },
};

/// Links read at once. Plans can be long, so a page stays at some megabytes.
const PAGE: i64 = 500;
/// Events that may be committed later than ones with higher numbers.
const LATE: usize = 200;

/// The index of one process.
#[derive(Debug, Default)]
pub struct Index(Mutex<Known>);

/// What is known, and up to where the chain was read.
#[derive(Debug)]
pub struct Known {
    /// Every link up to here is what was recorded, and so is its event.
    end: Head,
    /// Up to where the links were read. It is beyond the end where a link is wrong.
    noted: i64,
    /// Whether that is the whole chain, and nothing is missing behind it.
    is_whole: bool,
    /// Whether this version can read every event that is what was recorded.
    is_readable: bool,
    /// The newest events that were read; `None` before everything was read once.
    recent: Option<Recent>,
    /// Every identity that an account had in any event: `slack:U…` for a person, `user:…` for an account of the application
    /// that a request was about.
    identities: BTreeMap<String, BTreeSet<String>>,
    /// The people among them by their identities.
    people: BTreeMap<String, BTreeSet<String>>,
    /// The requests whose plan names a payment.
    payments: BTreeMap<String, BTreeSet<RequestId>>,
    /// The requests for each operation, and when they were asked.
    asked: BTreeMap<String, BTreeMap<RequestId, Instant>>,
    /// When anything happened to a request for the last time.
    last: BTreeMap<RequestId, Instant>,
}

/// Numbers of events that were read. Every event up to `floor` was read, or is read by its link.
#[derive(Debug, Default)]
struct Recent {
    floor: i64,
    seqs: BTreeSet<i64>,
}

impl Recent {
    fn of(seqs: impl IntoIterator<Item = i64>) -> Self {
        let mut recent = Self::default();
        recent.add(seqs);
        recent
    }

    /// The floor follows from how many are known, so that one event with a high number does not raise it.
    fn add(&mut self, seqs: impl IntoIterator<Item = i64>) {
        self.seqs.extend(seqs);
        while self.seqs.len() > LATE {
            self.floor = self.seqs.pop_first().unwrap_or(self.floor);
        }
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            end: Head {
                position: 0,
                hash: GENESIS,
            },
            noted: 0,
            is_whole: true,
            is_readable: true,
            recent: None,
            identities: BTreeMap::new(),
            people: BTreeMap::new(),
            payments: BTreeMap::new(),
            asked: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }
}

impl Known {
    /// Whether no event is missing or changed. Otherwise there may be more than what is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether this version can read all events: one that is updated later cannot.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.is_readable
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

    /// The requests for an operation that were asked since one time, and that something happened to since another.
    #[must_use]
    pub fn asked_for(&self, operation: &str, since: Instant, active: Instant) -> Vec<RequestId> {
        let all = self.asked.get(operation).into_iter().flatten();
        let recent = all.filter(|(id, at)| **at > since && self.last[id] > active);
        recent.map(|(id, _)| *id).collect()
    }

    fn note(&mut self, id: RequestId, at: Instant, event: &Event) {
        let last = self.last.entry(id).or_insert(at);
        *last = at.max(*last);
        if let Event::Asked(asked) = event {
            let requests = self.asked.entry(asked.operation.clone()).or_default();
            requests.insert(id, at);
        }
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

    /// Notes an event whose own hash is right. False when it is not.
    fn note_row(&mut self, key: &AuditKey, row: &Row) -> bool {
        let Some(entry) = row.genuine(key) else {
            sealed::report("event");
            return false;
        };
        if let (Request::KIND, Some(at)) = (entry.kind, row.at) {
            match serde_json::from_str(entry.body) {
                Ok(event) => self.note(RequestId(entry.stream), at, &event),
                Err(error) => {
                    tracing::error!(stream = %entry.stream, %error, "this version cannot read an event");
                    self.is_readable = false;
                }
            }
        }
        true
    }
}

fn is_by_outsider(event: &Event) -> bool {
    matches!(event, Event::AttemptRefused { code, .. } if code == NOT_A_MEMBER)
}

/// One event with its link; all of the event is missing where it is gone.
struct Row {
    seq: i64,
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
        let (name, body) = (self.name.as_deref()?, self.body.as_deref()?);
        let entry = Entry::new(stream, version, name, self.at?, body);
        checked_hash(key, &entry, self.before.as_deref(), &self.event_hash)?;
        Some(entry)
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
    ///
    /// # Errors
    /// When the store does not tell in time. What was read until then is kept.
    pub async fn known(&self) -> Result<MutexGuard<'_, Known>, sqlx::Error> {
        let reading = tokio::time::timeout(limits::KNOWN, self.read_on()).await;
        reading.map_err(|late| sqlx::Error::Io(late.into()))?
    }

    async fn read_on(&self) -> Result<MutexGuard<'_, Known>, sqlx::Error> {
        let mut known = self.index.0.lock().await;
        // What is linked after this was read is found by its link.
        let mut is_whole = self.read_unlinked(&mut known).await?;
        let (last, gone) = self.last_link().await?;
        let head = match chain::head(&self.pool, &self.key).await {
            Ok(head) => Some(head),
            Err(SealError::Tampered) => None,
            Err(SealError::Store(error)) => return Err(error),
        };
        // The head is written with the links before it.
        is_whole &= !gone && head.is_some_and(|head| head.position >= last);
        self.read_links(&mut known, head).await?;
        known.is_whole = is_whole && head == Some(known.end);
        Ok(known)
    }

    /// Reads events that are not linked yet, whether they are noted for linking or not: at first all of them, then those that
    /// came since. False when one is not what was recorded.
    async fn read_unlinked(&self, known: &mut Known) -> Result<bool, sqlx::Error> {
        let newest = match known.recent {
            Some(_) => vec![],
            None => self.newest_seqs().await?,
        };
        let recent = known.recent.as_ref();
        let noted: Vec<i64> = recent
            .map(|it| it.seqs.iter().copied().collect())
            .unwrap_or_default();
        let rows = sqlx::query_as!(
            Row,
            r#"select e.seq, 0::bigint as "position!", ''::bytea as "link!", e.hash as event_hash, e.kind as "kind?",
                      e.stream as "stream?", e.version as "version?", e.name as "name?", e.at as "at?", e.body as "body?",
                      before.hash as "before?"
               from countersign.event e
               left join countersign.event before on before.stream = e.stream and before.version = e.version - 1
               where ($1::bigint is null or e.seq > $1) and not exists (select from unnest($2::bigint[]) as noted where noted = e.seq)
                 and ($1 is not null or not exists (select from countersign.chain c where c.event_seq = e.seq))"#,
            recent.map(|recent| recent.floor),
            &noted
        )
        .fetch_all(&self.pool)
        .await?;
        let genuine = rows.iter().filter(|row| known.note_row(&self.key, row));
        let genuine: Vec<i64> = genuine.map(|row| row.seq).collect();
        let is_whole = genuine.len() == rows.len();
        match &mut known.recent {
            Some(recent) => recent.add(genuine),
            None if is_whole => known.recent = Some(Recent::of(newest)),
            None => {}
        }
        Ok(is_whole)
    }

    async fn newest_seqs(&self) -> Result<Vec<i64>, sqlx::Error> {
        sqlx::query_scalar!(
            "select seq from countersign.event order by seq desc limit $1",
            LATE as i64 + 1
        )
        .fetch_all(&self.pool)
        .await
    }

    /// The position of the last link, and whether an event is gone that was noted for linking.
    async fn last_link(&self) -> Result<(i64, bool), sqlx::Error> {
        let row = sqlx::query!(
            r#"select coalesce(max(position), 0) as "last!",
                      exists(select from countersign.chain_pending p
                             where not exists (select from countersign.event e where e.seq = p.event_seq)) as "gone!"
               from countersign.chain"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((row.last, row.gone))
    }

    /// Reads what was linked since. Behind a link that is wrong, events are noted by their own hashes alone. The page with
    /// that link is read again every time, so that a chain that was put right is followed.
    async fn read_links(&self, known: &mut Known, head: Option<Head>) -> Result<(), sqlx::Error> {
        let last = head.map_or(i64::MAX, |head| head.position);
        let mut position = known.end.position;
        let mut follows = true;
        while position < last {
            let rows = sqlx::query_as!(
                Row,
                r#"select c.event_seq as seq, c.position, c.hash as link, c.event_hash, e.kind as "kind?", e.stream as "stream?",
                          e.version as "version?", e.name as "name?", e.at as "at?", e.body as "body?", before.hash as "before?"
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
                    Some(end) if is_genuine && follows => known.end = end,
                    _ => follows = false,
                }
            }
            known.noted = known.noted.max(position);
            if !follows {
                position = known.noted;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_with_a_high_number_hides_none_with_a_lower_one() {
        let mut recent = Recent::of(1..=1_000);
        recent.add([1_000_000]);
        assert_eq!(recent.floor, 801);
        assert_eq!(recent.seqs.len(), LATE);
    }
}
