//! One request to delete a user, told event by event.

use chrono::{Duration, TimeZone, Utc};
use countersign::{
    domain::{
        Event, Instant, Plan, Policy, Request, RequestId, Risk,
        digest::Commitment,
        event::{Asked, Asking, Planned, StepResult},
        fold,
        person::Party,
        plan::{Impact, Kept, Phase, PlannedStep, RowAction, Subject, Terms, Warning},
        private_data::PrivateData,
    },
    slack::cards::{Pictures, View},
};
use serde_json::{Value, json};
use uuid::Uuid;

static NO_PICTURES: Pictures = Pictures::new();

/// A request and what stands beside it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub request: Request,
    pub private_data: PrivateData,
    pub superseded: Option<Vec<String>>,
    pub frozen: bool,
    pub now: Instant,
}

impl Story {
    /// Asked, with a reason, one minute after noon.
    pub(super) fn asked() -> Self {
        let asked = Asked {
            number: 1042,
            operation: "user delete".into(),
            risk: Risk::Destructive,
            by: party("U0ASKER").into(),
            arguments: commitment(1),
            fingerprint: "f".into(),
        };
        let asking = Asking {
            arguments: [("user".to_owned(), "alice@example.com".to_owned())].into(),
            reason: "She asked for it under Article 17 <3 March>.\nTicket 5512 & call".into(),
        };
        Self {
            request: fold::open(RequestId(Uuid::from_u128(42)), &asked, noon(1)),
            private_data: PrivateData {
                asking: Some(asking),
                ..PrivateData::default()
            },
            superseded: None,
            frozen: false,
            now: noon(2),
        }
    }

    /// Planned and waiting for `approvals` persons.
    pub(super) fn planned(approvals: u8) -> Self {
        let mut story = Self::asked();
        story.private_data.label = Some("a•••@example.com".into());
        story.then(Event::Planned(Planned {
            digest: plan().digest(),
            plan: plan(),
            policy: policy(approvals),
            label: Some(commitment(2)),
        }))
    }

    /// Approved and cooling off.
    pub(super) fn cooling_off() -> Self {
        let until = noon(13);
        let hold = plan_steps(Phase::Hold);
        Self::planned(1)
            .approved("U0SECOND")
            .then(Event::CoolingOffStarted { until, hold })
    }

    /// The hold is done.
    pub(super) fn held() -> Self {
        let did = json!({ "blocked": "the account is blocked", "sessions_ended": 3 });
        Self::cooling_off().begins("block").ends("block", did)
    }

    /// The run has begun.
    pub(super) fn running() -> Self {
        let plan = plan().digest();
        let steps = plan_steps(Phase::Main);
        Self::held().then(Event::RunStarted { plan, steps })
    }

    /// The rows are deleted, the files come next.
    pub(super) fn rows_deleted() -> Self {
        let note = json!({ "note": "on record before anything is lost" });
        Self::running()
            .begins("ledger")
            .ends("ledger", note)
            .begins("rows")
            .ends("rows", rows_result())
            .begins("objects")
    }

    /// Everything is done.
    pub(super) fn done() -> Self {
        let files =
            json!({ "objects": 14, "versions": 16, "delete_markers": 2, "bytes": 1_432_100 });
        let stays = json!({ "kept": ["Stripe customer cus_8: kept for tax law"] });
        Self::rows_deleted()
            .ends("objects", files)
            .begins("elsewhere")
            .ends("elsewhere", stays)
            .begins("verify")
            .ends("verify", json!({ "rows_left": 0, "versions_left": 0 }))
            .begins("certificate")
            .ends("certificate", certificate())
            .then(Event::RunSucceeded)
    }

    /// Stuck at the files.
    pub(super) fn failed() -> Self {
        Self::rows_deleted().then(Event::RunFailed {
            step: "objects".into(),
            why: "3 versions are under a legal hold".into(),
        })
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "stories read as lists of events"
    )]
    pub(super) fn then(mut self, event: Event) -> Self {
        if let Event::Superseded { why, .. } = &event {
            self.superseded = Some(why.clone());
        }
        self.request = fold::fold(self.request, &event, noon(3)).unwrap();
        self
    }

    pub(super) fn approved(self, by: &str) -> Self {
        let by = party(by);
        let plan = plan().digest();
        self.then(Event::Approved { by, plan })
    }

    pub(super) fn denied(self, reason: &str) -> Self {
        let by = party("U0SECOND");
        let denied = Event::Denied {
            by,
            reason: commitment(9),
        };
        self.then(denied).noted(reason)
    }

    fn begins(self, step: &str) -> Self {
        let step = step.to_owned();
        self.then(Event::StepStarted { step, attempt: 1 })
    }

    fn ends(self, step: &str, did: Value) -> Self {
        let step = step.to_owned();
        let result = result(did);
        self.then(Event::StepSucceeded {
            step,
            result,
            answer: None,
        })
    }

    /// The hold undone again.
    pub(super) fn rolled_back(self) -> Self {
        let step = "block".into();
        let result = result(json!({ "note": "the block is lifted" }));
        self.then(Event::StepUndone { step, result })
            .then(Event::RolledBack)
    }

    /// While everything is frozen.
    pub(super) fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// With the person erased from what stands beside the chain.
    pub(super) fn erased(mut self) -> Self {
        self.private_data = PrivateData {
            erased: true,
            ..PrivateData::default()
        };
        self
    }

    /// With a reason or a note beside the chain.
    pub(super) fn noted(mut self, text: &str) -> Self {
        let notes = &mut self.private_data.notes;
        notes.insert(commitment(9).id, text.to_owned());
        self
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            request: &self.request,
            private_data: &self.private_data,
            title: "Delete a user",
            now: self.now,
            frozen: self.frozen,
            last_superseded: self.superseded.as_deref(),
            answers: &[],
            pictures: &NO_PICTURES,
        }
    }
}

/// Minutes after noon on one day.
pub(super) fn noon(minutes: i64) -> Instant {
    let noon = Utc.with_ymd_and_hms(2026, 3, 4, 12, 0, 0).unwrap();
    noon + Duration::minutes(minutes)
}

pub(super) fn party(slack_id: &str) -> Party {
    Party {
        slack_id: slack_id.to_owned(),
        identities: [format!("slack:{slack_id}")].into(),
    }
}

pub(super) fn commitment(id: u128) -> Commitment {
    Commitment {
        id: Uuid::from_u128(id),
        sha256: "00".repeat(32),
    }
}

pub(super) fn policy(approvals: u8) -> Policy {
    Policy {
        approvals,
        confirm: false,
        expires_at: noon(240),
        cooling_off_seconds: 600,
    }
}

pub(super) fn result(value: Value) -> StepResult {
    serde_json::from_value(value).unwrap()
}

pub(super) fn rows_result() -> Value {
    json!({
        "rows": 1_302,
        "tables": {
            "Response": 1_201, "User": 1, "Account": 2, "Session": 3, "TestSession": 60,
            "AnalyticsEvent": 30, "Flashcard": 4, "Payment": 1,
        },
        "rows_unlinked": { "SupportTicket": 2 },
    })
}

pub(super) fn certificate() -> Value {
    json!({ "certificate": {
        "key": "certificates/OPS-1042-00000000-0000-0000-0000-00000000002a.json",
        "sha256": "5d41402abc4b2a76b9719d911017c592ae2b1c3d4e5f60718293a4b5c6d7e8f9",
        "signature": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    } })
}

pub(super) fn plan_steps(phase: Phase) -> Vec<PlannedStep> {
    plan().steps_of(phase).cloned().collect()
}

pub(super) fn plan() -> Plan {
    let step = |id: &str, title: &str| PlannedStep {
        phase: if id == "block" {
            Phase::Hold
        } else {
            Phase::Main
        },
        irreversible: id == "rows",
        ..PlannedStep::new(id, title)
    };
    let kept = |kind: &str, what: &str, why: &str| Kept::new(kind, what, why);
    Plan {
        subject: Some(Subject {
            user_id: "usr_17".into(),
            email_identity: Some("email:abc".into()),
        }),
        terms: Terms::default(),
        steps: vec![
            step("block", "Block the account and end its sessions"),
            step("ledger", "Enter the erasure ledger"),
            step("rows", "Delete the rows, child first, in one transaction"),
            step("objects", "Delete the files with all versions"),
            step("elsewhere", "List what stays or lives elsewhere"),
            step("verify", "Look again: no row and no file may be left"),
            step("certificate", "Write and sign the certificate"),
        ],
        impact: impact(),
        kept: vec![
            kept(
                "stripe_customer",
                "Stripe customer cus_8",
                "payments are kept for ten years by tax law",
            ),
            kept(
                "files_shared",
                "1 file",
                "rows of another person name it too",
            ),
            kept("database_backups", "Backups", "they expire on 2026-04-03"),
        ],
        warnings: vec![Warning::new(
            "rows_naming_account",
            "the e-mail stands in AuditLog.message, which is no part of the account",
        )],
        blockers: vec![],
        confirm: Some("usr_17".into()),
        irreversible: true,
        risk: None,
    }
}

fn impact() -> Vec<Impact> {
    let tables = [
        ("Account", 2),
        ("Response", 1_201),
        ("TestSession", 60),
        ("Session", 3),
        ("AnalyticsEvent", 30),
        ("Flashcard", 4),
        ("Payment", 1),
        ("User", 1),
        ("Pronunciation", 7),
        ("SupportTicket", 2),
    ];
    let rows = tables.into_iter().map(|(table, rows)| Impact::Rows {
        table: format!("\"public\".\"{table}\""),
        action: if table == "SupportTicket" {
            RowAction::Unlinked
        } else {
            RowAction::Deleted
        },
        rows,
        because: "userId refers to User.id; the key cascades".into(),
    });
    let mut all: Vec<_> = rows.collect();
    all.push(Impact::Objects {
        place: "ielts-audio under user-usr_17/, named by Response.audioUrl".into(),
        objects: 14,
        versions: 16,
        delete_markers: 2,
        bytes: 1_432_100,
    });
    all
}
