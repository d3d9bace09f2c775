//! One request, driven through its life as people and runner drive it.

use countersign::{
    domain::{
        Command, Event, Instant, PlanDigest, Policy, Request,
        command::Start,
        decide::decide,
        event::{Planned, StepResult},
        private_data::{Kind, PrivateText},
    },
    journal::{Journal, RecordError, append::Batch},
};

use super::people::{person, plan, policy, text};
/// A request that is being driven through its life.
pub struct Driven<'a> {
    pub journal: &'a Journal,
    pub request: Request,
    pub at: Instant,
}

impl Driven<'_> {
    /// Decides a command and records what follows.
    pub async fn tell(&mut self, command: Command) -> &mut Self {
        self.tell_with(command, &[]).await
    }

    pub async fn tell_with(&mut self, command: Command, private_data: &[PrivateText]) -> &mut Self {
        self.at += chrono::Duration::seconds(1);
        let events = decide(&self.request, &command, self.at).expect("a command that fits");
        let recorded = self.record(&events, private_data).await;
        self.request = recorded.expect("a record");
        self
    }

    /// Records events without asking whether the rules allow them.
    pub async fn record(
        &self,
        events: &[Event],
        private_data: &[PrivateText],
    ) -> Result<Request, RecordError> {
        self.journal
            .record(Batch {
                before: Some(self.request.clone()),
                id: self.request.id,
                events,
                private_data,
                at: self.at,
                fence: None,
            })
            .await
    }

    pub async fn plan(&mut self, approvals: u8, cooling_off_seconds: u32) -> &mut Self {
        self.present(policy(approvals, cooling_off_seconds)).await
    }

    /// A plan that the requester has to confirm.
    pub async fn plan_to_confirm(&mut self) -> &mut Self {
        let policy = Policy {
            confirm: true,
            ..policy(0, 0)
        };
        self.present(policy).await
    }

    async fn present(&mut self, policy: Policy) -> &mut Self {
        let label = text(Kind::Label, "m***@example.com");
        let planned = Planned {
            digest: plan().digest(),
            plan: plan(),
            policy,
            label: Some(label.commitment()),
        };
        self.tell_with(Command::Present(Box::new(planned)), &[label])
            .await
    }

    pub async fn approve(&mut self, by: &str) -> &mut Self {
        let plan = self.digest();
        self.tell(Command::Approve {
            by: person(by),
            clicked_at: self.at,
            plan,
            typed: None,
        })
        .await
    }

    pub async fn confirm(&mut self) -> &mut Self {
        let plan = self.digest();
        self.tell(Command::Confirm {
            by: person("REQ"),
            clicked_at: self.at,
            plan,
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
            requester: Some(person("REQ")),
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
            answer: None,
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
