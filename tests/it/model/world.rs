//! The model's world: who there is, what the plan would be now, what time it is, and every command that
//! anybody could send in it.

use chrono::Duration;
use countersign::domain::{
    Command, Instant, Person, Plan, PlanDigest, Policy, Request, RequestId, Risk, Role, Standing,
    command::Start,
    digest::Commitment,
    event::{Asked, Planned, StepResult},
    fold,
    plan::{Phase, PlannedStep, Subject, Terms},
};
use uuid::Uuid;

/// The last hour of the model's time: enough for two rounds, each approved in one hour and run in the next.
pub const LAST_HOUR: u8 = 2;
/// What the approver types.
pub const CONFIRM: &str = "usr_1";
/// The accounts. The twin is a second account of the first requester; the subject is whom it concerns.
pub const ACCOUNTS: [Account; 5] = [
    Account::First,
    Account::Second,
    Account::Twin,
    Account::Subject,
    Account::Third,
];
/// All step ids that any plan has.
pub const STEPS: [&str; 4] = ["hold", "lock", "one", "two"];
/// Those of them that belong to the hold.
pub const HOLD: [&str; 2] = ["hold", "lock"];
/// The step that nothing takes back.
pub const LAST: &str = "two";

/// A Slack account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    First,
    Second,
    Twin,
    Subject,
    Third,
}

/// What the plan would be if it were worked out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    A,
    B,
    Blocked,
}

/// Which steps the plan has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    HoldAndTwo,
    HoldOnly,
    One,
}

/// What does not change in one search.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub requester: Account,
    pub risk: Risk,
    pub approvals: u8,
    pub cooling_off: bool,
    /// Whether the requester has to confirm.
    pub confirm: bool,
    pub shape: Shape,
    /// The digests of the plan's versions, which take long to work out.
    pub digests: [PlanDigest; 3],
}

/// What the world does on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct World {
    pub hour: u8,
    pub version: Version,
    /// The third account was deactivated.
    pub third_left: bool,
    /// The requester lost the role.
    pub requester_demoted: bool,
    /// The third account turned out to be the requester's.
    pub third_linked: bool,
}

/// One thing that somebody may send.
pub struct Move {
    pub label: String,
    pub by: Option<Account>,
    pub command: Command,
}

impl World {
    pub const START: Self = Self {
        hour: 0,
        version: Version::A,
        third_left: false,
        requester_demoted: false,
        third_linked: false,
    };

    /// Every way in which the world moves by itself.
    pub fn next(self) -> Vec<Self> {
        let mut all: Vec<Self> = [Version::A, Version::B, Version::Blocked]
            .into_iter()
            .filter(|version| *version != self.version)
            .map(|version| Self { version, ..self })
            .collect();
        if self.hour < LAST_HOUR {
            all.push(Self {
                hour: self.hour + 1,
                ..self
            });
        }
        let changes = [
            (self.third_left, (true, false, false)),
            (self.requester_demoted, (false, true, false)),
            (self.third_linked, (false, false, true)),
        ];
        for (is_so, (left, demoted, linked)) in changes {
            if !is_so {
                all.push(Self {
                    third_left: self.third_left || left,
                    requester_demoted: self.requester_demoted || demoted,
                    third_linked: self.third_linked || linked,
                    ..self
                });
            }
        }
        all
    }

    pub fn now(self) -> Instant {
        hour(self.hour)
    }
}

/// The model's hours as times.
pub fn hour(hour: u8) -> Instant {
    Instant::UNIX_EPOCH + Duration::days(20_000) + Duration::hours(hour.into())
}

impl Setting {
    pub fn new(
        requester: Account,
        risk: Risk,
        approvals: u8,
        cooling_off: bool,
        shape: Shape,
    ) -> Self {
        let mut setting = Self {
            requester,
            risk,
            approvals,
            cooling_off,
            confirm: false,
            shape,
            digests: [PlanDigest::of(&()); 3],
        };
        setting.digests = [Version::A, Version::B, Version::Blocked]
            .map(|version| setting.plan(version).digest());
        setting
    }

    /// The same, to be confirmed by the requester.
    pub fn to_be_confirmed(self) -> Self {
        Self {
            confirm: true,
            ..self
        }
    }

    /// The human behind an account, as the world knows now.
    pub fn human(&self, account: Account, world: World) -> Account {
        match account {
            Account::Twin => Account::First,
            Account::Third if world.third_linked => self.requester,
            other => other,
        }
    }

    /// May the account decide now?
    pub fn is_admin(&self, account: Account, world: World) -> bool {
        !(account == Account::Third && world.third_left
            || account == self.requester && world.requester_demoted)
    }

    pub fn person(&self, account: Account, world: World) -> Person {
        let has_left = account == Account::Third && world.third_left;
        let is_demoted = account == self.requester && world.requester_demoted;
        let mut names = vec![format!("slack:{account:?}"), email(account)];
        if account == Account::Twin {
            names[1] = email(Account::First);
        }
        if account == Account::Third && world.third_linked {
            names.push(email(self.requester));
        }
        Person {
            slack_id: format!("{account:?}"),
            standing: if has_left {
                Standing::Deactivated
            } else {
                Standing::FullMember
            },
            role: (!is_demoted).then_some(Role::Admin),
            identities: names.into_iter().collect(),
        }
    }

    pub fn plan(&self, version: Version) -> Plan {
        let step = |id: &str, phase| PlannedStep {
            phase,
            // The last step is the one that nothing takes back.
            irreversible: id == LAST,
            ..PlannedStep::new(id, format!("{version:?}"))
        };
        let (hold, main) = (Phase::Hold, Phase::Main);
        Plan {
            subject: Some(Subject {
                user_id: CONFIRM.into(),
                email_identity: Some(email(Account::Subject)),
            }),
            terms: Terms::default(),
            steps: match self.shape {
                Shape::HoldAndTwo => vec![step("hold", hold), step("one", main), step("two", main)],
                Shape::HoldOnly => vec![step("hold", hold), step("lock", hold)],
                Shape::One => vec![step("one", main)],
            },
            impact: vec![],
            kept: vec![],
            warnings: vec![],
            blockers: (version == Version::Blocked)
                .then(|| "no".to_owned())
                .into_iter()
                .collect(),
            confirm: self.risk.is_gated().then(|| CONFIRM.to_owned()),
            irreversible: self.cooling_off,
            risk: None,
        }
    }

    pub fn digest(&self, version: Version) -> PlanDigest {
        self.digests[version as usize]
    }

    fn policy(&self, world: World) -> Policy {
        Policy {
            approvals: self.approvals,
            confirm: self.confirm,
            expires_at: hour(world.hour + 1),
            cooling_off_seconds: if self.cooling_off { 3_600 } else { 0 },
        }
    }

    pub fn asked(&self) -> Asked {
        Asked {
            number: 1001,
            operation: "user delete".into(),
            risk: self.risk,
            by: self.person(self.requester, World::START).party().into(),
            arguments: commitment(),
            fingerprint: "f".into(),
        }
    }

    pub fn open(&self) -> Request {
        fold::open(RequestId(Uuid::nil()), &self.asked(), hour(0))
    }

    /// Everything that anybody could send: people click what they see and what they saw before, in any order
    /// and any number of times; the runner crashes anywhere, begins again, and comes back from the dead.
    /// The order of the moves is the same in every world.
    pub fn moves(&self, world: World) -> Vec<Move> {
        let mut all = vec![];
        for account in ACCOUNTS {
            self.people(account, world, &mut all);
        }
        let planned = Planned {
            digest: self.digest(world.version),
            plan: self.plan(world.version),
            policy: self.policy(world),
            label: None,
        };
        all.push(runner("present", Command::Present(Box::new(planned))));
        let blockers = vec!["nobody".to_owned()];
        all.push(runner(
            "refuse",
            Command::Refuse {
                blockers,
                test_mode: false,
            },
        ));
        all.push(runner("expire", Command::Expire));
        let reverse = Command::Reverse {
            why: "it came back".to_owned(),
            result: StepResult::new(),
        };
        all.push(runner("reverse", reverse));
        for drifted in [false, true] {
            let start = Start {
                plan: self.plan(world.version),
                policy: self.policy(world),
                drift: if drifted { vec!["more".into()] } else { vec![] },
                requester: Some(self.person(self.requester, world)),
                approvers: ACCOUNTS.map(|it| self.person(it, world)).into(),
            };
            let label = if drifted { "start, drifted" } else { "start" };
            all.push(runner(label, Command::Start(Box::new(start))));
        }
        for step in STEPS {
            steps(step, world, &mut all);
        }
        all
    }

    fn people(&self, account: Account, world: World, all: &mut Vec<Move>) {
        let by = || self.person(account, world);
        let mut push = |what: &str, command| {
            all.push(Move {
                label: format!("{account:?}: {what}"),
                by: Some(account),
                command,
            });
        };
        for version in [Version::A, Version::B] {
            let typed = Some(format!(" {CONFIRM} "));
            let approve = Command::Approve {
                by: by(),
                clicked_at: world.now(),
                plan: self.digest(version),
                typed,
            };
            push(&format!("approve {version:?}"), approve);
            if self.confirm {
                let confirm = Command::Confirm {
                    by: by(),
                    clicked_at: world.now(),
                    plan: self.digest(version),
                };
                push(&format!("confirm {version:?}"), confirm);
            }
        }
        let untyped = Command::Approve {
            by: by(),
            clicked_at: world.now(),
            plan: self.digest(Version::A),
            typed: None,
        };
        push("approve A without typing", untyped);
        let reason = commitment();
        push("deny", Command::Deny { by: by(), reason });
        push("cancel", Command::Cancel { by: by() });
        push("stop", Command::Stop { by: by() });
        push("resume", Command::Resume { by: by() });
        let note = commitment();
        push("settle", Command::Settle { by: by(), note });
    }
}

fn steps(id: &str, world: World, all: &mut Vec<Move>) {
    let step = || id.to_owned();
    let why = || "down".to_owned();
    let mut push = |what: &str, command| all.push(runner(&format!("{what} {id}"), command));
    push("begin", Command::BeginStep { step: step() });
    let result = StepResult::new();
    push(
        "finish",
        Command::FinishStep {
            step: step(),
            result,
            answer: None,
        },
    );
    let retry_at = world.now();
    push(
        "defer",
        Command::DeferStep {
            step: step(),
            why: why(),
            retry_at,
            waits: false,
        },
    );
    for indeterminate in [false, true] {
        let (step, why) = (step(), why());
        push(
            "give up",
            Command::GiveUpStep {
                step,
                why,
                indeterminate,
            },
        );
    }
    let refuse = Command::RefuseStep {
        step: step(),
        why: why(),
    };
    push("refuse", refuse);
    let result = StepResult::new();
    push(
        "undo",
        Command::UndoStep {
            step: step(),
            result,
        },
    );
}

fn runner(label: &str, command: Command) -> Move {
    Move {
        label: label.to_owned(),
        by: None,
        command,
    }
}

fn email(account: Account) -> String {
    format!("email:{account:?}")
}

fn commitment() -> Commitment {
    Commitment {
        id: Uuid::nil(),
        sha256: String::new(),
    }
}
