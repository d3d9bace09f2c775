//! The workspace that the demo and most tests start with.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{
    model::{AppIdentity, Channel, ChannelKind, Team, User, UserGroup},
    world::World,
};

const TEAM: &str = "T0COUNTER";
const PARTNER_TEAM: &str = "T0PARTNER";
const BOT_USER: &str = "U0COUNTERSIGN";

/// What the app asks for at its installation.
const SCOPES: &[&str] = &[
    "commands",
    "chat:write",
    "files:write",
    "files:read",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
    "im:history",
    "im:write",
    "metadata.message:read",
];

pub(super) fn default_world() -> World {
    let users: BTreeMap<_, _> = people()
        .into_iter()
        .map(|user| (user.id.clone(), user))
        .collect();
    World {
        team: Team {
            id: TEAM.into(),
            name: "IELTS EQ".into(),
            domain: "ieltseq".into(),
            enterprise: None,
        },
        app: AppIdentity {
            app_id: "A0COUNTERSIGN".into(),
            bot_id: "B0COUNTERSIGN".into(),
            bot_user: BOT_USER.into(),
            name: "Countersign".into(),
        },
        groups: groups()
            .into_iter()
            .map(|group| (group.id.clone(), group))
            .collect(),
        channels: channels()
            .into_iter()
            .map(|channel| (channel.id.clone(), channel))
            .collect(),
        users,
        modals: Vec::new(),
        homes: BTreeMap::new(),
        files: BTreeMap::new(),
        file_work: TimeDelta::zero(),
        org_install: false,
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        calls: Vec::new(),
        unexpected: Vec::new(),
    }
}

fn person(id: &str, name: &str, real_name: &str, title: &str) -> User {
    User {
        id: id.into(),
        team_id: TEAM.into(),
        name: name.into(),
        real_name: real_name.into(),
        title: title.into(),
        email: Some(format!("{name}@ieltseq.example")),
        ..User::default()
    }
}

fn people() -> Vec<User> {
    let admin = |user: User| User {
        is_admin: true,
        ..user
    };
    let bot = |user: User| User {
        is_bot: true,
        email: None,
        ..user
    };
    vec![
        admin(person("U0ADA", "ada", "Ada Admin", "Head of operations")),
        admin(person("U0GRACE", "grace", "Grace Admin", "Lead engineer")),
        admin(person(
            "U0LINUS",
            "linus",
            "Linus Admin",
            "Platform engineer",
        )),
        person("U0OLGA", "olga", "Olga Operator", "Support"),
        person("U0VICTOR", "victor", "Victor Viewer", "Finance"),
        User {
            is_restricted: true,
            is_ultra_restricted: true,
            email: Some("gil@contractor.example".into()),
            ..person("U0GIL", "gil", "Gil Guest", "Contractor")
        },
        User {
            deleted: true,
            ..person("U0DANA", "dana", "Dana Deactivated", "Left in spring")
        },
        User {
            team_id: PARTNER_TEAM.into(),
            is_stranger: true,
            email: None,
            ..person("U0STELLA", "stella", "Stella Stranger", "Partner company")
        },
        bot(person("U0BOTTY", "botty", "Botty", "A bot of another app")),
        User {
            email: Some("ada@ieltseq.example".into()),
            ..person(
                "U0ADA2",
                "ada.second",
                "Ada Admin (second account)",
                "Head of operations",
            )
        },
        User {
            is_app_user: true,
            ..bot(person(BOT_USER, "countersign", "Countersign", ""))
        },
        // Slack's own bot does not carry the bot flag.
        User {
            email: None,
            ..person("USLACKBOT", "slackbot", "Slackbot", "")
        },
    ]
}

fn groups() -> Vec<UserGroup> {
    let group = |id: &str, handle: &str, name: &str, users: &[&str]| UserGroup {
        id: id.into(),
        handle: handle.into(),
        name: name.into(),
        users: users.iter().map(|&user| user.to_owned()).collect(),
        enabled: true,
    };
    vec![
        group(
            "S0ADMINS",
            "admins",
            "Admins",
            &["U0ADA", "U0GRACE", "U0LINUS", "U0ADA2"],
        ),
        group("S0OPERATORS", "operators", "Operators", &["U0OLGA"]),
        group("S0VIEWERS", "viewers", "Viewers", &["U0VICTOR"]),
    ]
}

fn channels() -> Vec<Channel> {
    const STAFF: &[&str] = &[
        "U0ADA", "U0GRACE", "U0LINUS", "U0OLGA", "U0VICTOR", "U0ADA2", BOT_USER,
    ];
    let channel = |id: &str, name: &str, more: &[&str]| Channel {
        id: id.into(),
        name: name.into(),
        kind: ChannelKind::Public,
        members: STAFF
            .iter()
            .chain(more)
            .map(|&user| user.to_owned())
            .collect(),
        archived: false,
        general: false,
        shared: false,
        messages: Vec::new(),
    };
    vec![
        Channel {
            general: true,
            shared: true,
            ..channel("C0OPS", "ops", &["U0GIL", "U0STELLA", "U0BOTTY"])
        },
        channel("C0APPROVALS", "ops-approvals", &[]),
        channel("C0AUDIT", "ops-audit", &[]),
        channel("C0INCIDENTS", "ops-incidents", &[]),
    ]
}
