//! A journal on a database of a test's own, and histories to fill it with.

use std::time::Duration;

use countersign::{
    domain::{
        Command, Event, Instant, Person, Plan, PlanDigest, Policy, Request, RequestId, Risk, Role,
        Standing,
        command::Start,
        decide::decide,
        event::{Asked, Planned, StepResult},
        particulars::{Kind, Particular},
        person::{Party, slack_identity},
        plan::{Phase, PlannedStep, Subject},
    },
    journal::{
        AuditKey, Journal, RecordError,
        append::Batch,
        chain,
        migrate::{migrate, pool},
        verify::{Report, verify},
    },
    rim,
};
use countersign_sandbox::postgres::{Database, Server, Template};
use sqlx::PgPool;

/// Connections of one test.
const CONNECTIONS: u32 = 6;
/// How long a test waits for one of them.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Store {
    pub journal: Journal,
    /// Dropped with the value.
    _database: Database,
}

/// A request that is being driven through its life.
pub struct Driven<'a> {
    pub journal: &'a Journal,
    pub request: Request,
    pub at: Instant,
}

pub fn key() -> AuditKey {
    AuditKey::new(*b"the key of the tests")
}

pub fn start() -> Instant {
    Instant::UNIX_EPOCH + chrono::Duration::days(20_000)
}

pub async fn empty_pool(connections: u32) -> (Database, PgPool) {
    let server = Server::shared().await.expect("a server");
    let database = server.create_database(Template::Empty).await;
    let database = database.expect("a database");
    let options = database.url().parse().expect("an address");
    let pool = pool(options, connections, PATIENCE);
    (database, pool)
}

impl Store {
    pub async fn new() -> Self {
        let (database, pool) = empty_pool(CONNECTIONS).await;
        migrate(&pool, &key()).await.expect("the schema");
        let journal = Journal::new(pool, key());
        Self {
            journal,
            _database: database,
        }
    }

    pub fn pool(&self) -> &PgPool {
        &self.journal.pool
    }

    pub async fn seal(&self) -> u64 {
        chain::seal(self.pool(), &self.journal.key)
            .await
            .expect("sealing")
    }

    pub async fn verify(&self) -> Report {
        verify(self.pool(), &self.journal.key, None)
            .await
            .expect("verifying")
    }

    /// SQL by somebody who owns the database and turned the triggers off.
    pub async fn tamper(&self, statements: &'static str) {
        let mut tx = self.pool().begin().await.expect("a transaction");
        sqlx::raw_sql("set local session_replication_role = replica")
            .execute(&mut *tx)
            .await
            .expect("a superuser");
        sqlx::raw_sql(statements)
            .execute(&mut *tx)
            .await
            .expect(statements);
        tx.commit().await.expect("a commit");
    }

    /// Asks for a destructive operation.
    pub async fn ask(&self, fingerprint: &str) -> Driven<'_> {
        self.ask_as(Risk::Destructive, fingerprint).await
    }

    pub async fn ask_as(&self, risk: Risk, fingerprint: &str) -> Driven<'_> {
        let (id, batch) = asking(self.pool(), risk, fingerprint).await;
        let request = self.journal.record(batch.batch(id)).await.expect("asking");
        Driven {
            journal: &self.journal,
            request,
            at: start(),
        }
    }
}

/// The first event of a request, not yet recorded.
pub struct Asking {
    pub events: Vec<Event>,
    pub particulars: Vec<Particular>,
}

impl Asking {
    pub fn batch(&self, id: RequestId) -> Batch<'_> {
        Batch {
            before: None,
            id,
            events: &self.events,
            particulars: &self.particulars,
            at: start(),
            fence: None,
        }
    }
}

pub async fn asking(pool: &PgPool, risk: Risk, fingerprint: &str) -> (RequestId, Asking) {
    let number = countersign::journal::read::next_number(pool).await;
    let text = text(Kind::Asking, r#"{"arguments":{},"reason":"because"}"#);
    let asked = Event::Asked(Asked {
        number: number.expect("a number"),
        operation: "user delete".into(),
        risk,
        by: person("REQ").party(),
        arguments: text.commitment(),
        fingerprint: fingerprint.to_owned(),
    });
    let asking = Asking {
        events: vec![asked],
        particulars: vec![text],
    };
    (RequestId(rim::new_id()), asking)
}

pub fn text(kind: Kind, text: &str) -> Particular {
    Particular {
        id: rim::new_id(),
        kind,
        salt: rim::random_bytes(),
        text: Some(text.to_owned()),
    }
}

pub fn person(name: &str) -> Person {
    Person {
        slack_id: name.to_owned(),
        standing: Standing::FullMember,
        role: Some(Role::Admin),
        identities: [slack_identity(name), format!("email:{name}")].into(),
    }
}

/// Another account of the human called `name`.
pub fn second_account(name: &str) -> Party {
    Party {
        slack_id: "OTHER".into(),
        identities: [slack_identity("OTHER"), format!("email:{name}")].into(),
    }
}

pub fn plan() -> Plan {
    let step = |id: &str, phase| PlannedStep {
        id: id.into(),
        title: id.into(),
        phase,
    };
    Plan {
        subject: Some(Subject {
            user_id: "usr_1".into(),
            email_identity: Some("email:SUBJECT".into()),
        }),
        steps: vec![step("hold", Phase::Hold), step("rows", Phase::Main)],
        impact: vec![],
        kept: vec![],
        warnings: vec![],
        blockers: vec![],
        confirm: None,
        irreversible: true,
    }
}

pub fn policy(approvals: u8, cooling_off_seconds: u32) -> Policy {
    Policy {
        approvals,
        expires_at: start() + chrono::Duration::hours(4),
        cooling_off_seconds,
    }
}

impl Driven<'_> {
    /// Decides a command and records what follows.
    pub async fn tell(&mut self, command: Command) -> &mut Self {
        self.tell_with(command, &[]).await
    }

    pub async fn tell_with(&mut self, command: Command, particulars: &[Particular]) -> &mut Self {
        self.at += chrono::Duration::seconds(1);
        let events = decide(&self.request, &command, self.at).expect("a command that fits");
        let recorded = self.record(&events, particulars).await;
        self.request = recorded.expect("a record");
        self
    }

    /// Records events without asking whether the rules allow them.
    pub async fn record(
        &self,
        events: &[Event],
        particulars: &[Particular],
    ) -> Result<Request, RecordError> {
        self.journal
            .record(Batch {
                before: Some(self.request.clone()),
                id: self.request.id,
                events,
                particulars,
                at: self.at,
                fence: None,
            })
            .await
    }

    pub async fn plan(&mut self, approvals: u8, cooling_off_seconds: u32) -> &mut Self {
        let label = text(Kind::Label, "m***@example.com");
        let planned = Planned {
            plan: plan(),
            policy: policy(approvals, cooling_off_seconds),
            label: Some(label.commitment()),
        };
        self.tell_with(Command::Present(Box::new(planned)), &[label])
            .await
    }

    pub async fn approve(&mut self, by: &str) -> &mut Self {
        let plan = self.digest();
        self.tell(Command::Approve {
            by: person(by),
            plan,
            typed: None,
        })
        .await
    }

    pub async fn deny(&mut self) -> &mut Self {
        let reason = text(Kind::Note, "not today");
        let command = Command::Deny {
            by: person("BEN"),
            reason: reason.commitment(),
        };
        self.tell_with(command, &[reason]).await
    }

    pub async fn settle(&mut self) -> &mut Self {
        let note = text(Kind::Note, "looked at it");
        let command = Command::Settle {
            by: person("BEN"),
            note: note.commitment(),
        };
        self.tell_with(command, &[note]).await
    }

    pub async fn begin(&mut self, drift: &[&str]) -> &mut Self {
        self.at += chrono::Duration::hours(1);
        let start = Start {
            plan: plan(),
            policy: policy(1, 60),
            drift: drift.iter().map(|it| (*it).to_owned()).collect(),
            requester: person("REQ"),
            approvers: ["BEN", "CHLOE"].map(person).into(),
        };
        self.tell(Command::Start(Box::new(start))).await
    }

    pub async fn step(&mut self, id: &str) -> &mut Self {
        self.tell(Command::BeginStep { step: id.into() }).await;
        let result = StepResult::from([("rows".into(), 3.into())]);
        self.tell(Command::FinishStep {
            step: id.into(),
            result,
        })
        .await
    }

    pub async fn give_up(&mut self, id: &str, indeterminate: bool) -> &mut Self {
        self.tell(Command::BeginStep { step: id.into() }).await;
        self.tell(Command::GiveUpStep {
            step: id.into(),
            why: "no".into(),
            indeterminate,
        })
        .await
    }

    pub async fn undo(&mut self, id: &str) -> &mut Self {
        let result = StepResult::new();
        self.tell(Command::UndoStep {
            step: id.into(),
            result,
        })
        .await
    }

    pub fn digest(&self) -> PlanDigest {
        self.request.plan.as_ref().expect("a plan").digest
    }
}

/// Requests in every state that there is, some sealed and some not. Gives their numbers and states.
pub async fn one_in_every_state(store: &Store) -> Vec<(i64, &'static str)> {
    let mut all = vec![];
    let mut note = |it: &Driven<'_>| all.push((it.request.number, it.request.state.word()));
    note(&store.ask("asked").await);
    let nobody = vec!["nobody".to_owned()];
    note(
        store
            .ask("refused")
            .await
            .tell(Command::Refuse { blockers: nobody })
            .await,
    );
    note(
        store
            .ask("waiting")
            .await
            .plan(2, 60)
            .await
            .approve("BEN")
            .await,
    );
    let mut late = store.ask("expired").await;
    late.plan(1, 60).await.at += chrono::Duration::hours(5);
    note(late.tell(Command::Expire).await);
    note(store.ask("denied").await.plan(1, 60).await.deny().await);
    let mut mine = store.ask("cancelled").await;
    note(mine.tell(Command::Cancel { by: person("REQ") }).await);
    note(
        store
            .ask("cleared")
            .await
            .plan(1, 0)
            .await
            .approve("BEN")
            .await,
    );
    store.seal().await;
    for (name, steps) in [("cooling", 0), ("lifting", 1), ("stopped", 2)] {
        let mut it = store.ask(name).await;
        it.plan(1, 60).await.approve("BEN").await;
        if steps > 0 {
            it.step("hold").await;
            it.tell(Command::Stop {
                by: person("CHLOE"),
            })
            .await;
        }
        if steps > 1 {
            it.undo("hold").await;
        }
        note(&it);
    }
    let mut drifted = store.ask("superseded").await;
    drifted
        .plan(1, 60)
        .await
        .approve("BEN")
        .await
        .step("hold")
        .await;
    drifted.begin(&["3 more rows"]).await.undo("hold").await;
    note(drifted.approve("BEN").await);
    for (name, until) in [
        ("running", 0),
        ("done", 1),
        ("stuck", 2),
        ("settled", 3),
        ("unknown", 4),
    ] {
        let mut it = store.ask(name).await;
        it.plan(2, 60)
            .await
            .approve("BEN")
            .await
            .approve("CHLOE")
            .await;
        it.step("hold").await.begin(&[]).await;
        match until {
            0 => &mut it,
            1 => it.step("rows").await,
            2 => it.give_up("rows", false).await,
            3 => it.give_up("rows", false).await.settle().await,
            _ => it.give_up("rows", true).await,
        };
        note(&it);
    }
    all
}
