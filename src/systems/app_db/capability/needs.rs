//! What each operation needs from the schema.

use super::MissingColumn;
use crate::systems::app_db::{Column, ColumnRef, Mapping, Schema, Table, TableRef, suggest};

/// An operation and its needs.
pub(super) struct Operation {
    /// As people type it.
    pub(super) name: &'static str,
    pub(super) needs: Vec<Need>,
}

/// One table, column or enum value.
pub(super) struct Need {
    table: TableRef,
    /// Empty where the configuration says that the app has none.
    column: String,
    label: Option<String>,
    prisma: String,
    /// The key that names the column: `[app.schema.user] role`.
    setting: String,
    /// What does not happen without it; `None` when nothing works without it.
    pub(super) without: Option<String>,
}

impl Need {
    /// What is missing for it.
    pub(super) fn gap(&self, schema: &Schema, mapping: &Mapping) -> Option<MissingColumn> {
        let name = if self.table.schema == mapping.schema {
            self.table.name.clone()
        } else {
            format!("{}.{}", self.table.schema, self.table.name)
        };
        let (column, prisma) = match self.column.as_str() {
            "" => ("", self.prisma.trim().to_owned()),
            column => (column, self.prisma.clone()),
        };
        let gap = MissingColumn::new(&name, column, &prisma).set_by(&self.setting);
        let Some(table) = schema.table(&self.table) else {
            let prisma = format!("model {} {{ … }}", self.table.name);
            let section = self
                .setting
                .split_once("] ")
                .map_or("", |(section, _)| section);
            let by = match section {
                // A key of [app.schema] itself names table and column in one.
                "[app.schema" | "" => self.setting.clone(),
                section => format!("{section}] table"),
            };
            return Some(MissingColumn::new(&name, "", &prisma).set_by(&by));
        };
        let Some(column) = table.column(&self.column) else {
            return Some(gap.perhaps(suggest::candidate(table, &self.setting)));
        };
        self.lacks_label(column).then_some(gap)
    }

    fn lacks_label(&self, column: &Column) -> bool {
        let labels = &column.enum_labels;
        let label = self.label.as_ref();
        label.is_some_and(|label| !labels.is_empty() && !labels.contains(label))
    }

    /// The operation goes on without it, but not this part of it.
    fn or_else(mut self, without: &str) -> Self {
        self.without = Some(without.into());
        self
    }
}

/// Every operation that uses the app's database, in the order of the runbook.
pub(super) fn operations(mapping: &Mapping) -> Vec<Operation> {
    let user = |key: &str| user(mapping, key);
    let role = || vec![user("role")];
    let blocked = || vec![user("is_blocked")];
    let of_account: [(&str, Vec<Need>); 13] = [
        ("user show", profile(mapping)),
        ("user activity", activity(mapping)),
        ("credits add", credits_add(mapping)),
        ("credits remove", credits_remove(mapping)),
        ("user promote", role()),
        ("user demote", role()),
        ("admins keep", role()),
        ("user ban", blocked()),
        ("user unban", blocked()),
        ("user export", files(mapping)),
        ("user delete", delete(mapping)),
        ("erasure replay", delete(mapping)),
        ("sessions revoke", vec![session(mapping)]),
    ];
    let of_all = [
        (
            "refund",
            vec![user("credits").or_else("no credits are taken back")],
        ),
        ("admins review", role()),
        (
            "stats users",
            vec![
                user("created_at").or_else("there is no plot by day"),
                user("role").or_else("roles are not counted"),
                user("is_blocked").or_else("who is blocked is not counted"),
            ],
        ),
        ("stats revenue", revenue(mapping)),
    ];
    let of_account = of_account.into_iter().map(|(name, more)| {
        let account = [user("id"), user("email")];
        let needs = account.into_iter().chain(more).collect();
        Operation { name, needs }
    });
    let of_all = of_all
        .into_iter()
        .map(|(name, needs)| Operation { name, needs });
    of_account.chain(of_all).collect()
}

/// A column of the accounts' table, by its key in the configuration.
fn user(mapping: &Mapping, key: &str) -> Need {
    let names = &mapping.user;
    let role = format!("String @default(\"{}\")", names.user_role);
    let (column, usual, prisma) = match key {
        "id" => (&names.id, "id", "String @id @default(cuid())"),
        "email" => (&names.email, "email", "String @unique"),
        "role" => (&names.role, "role", role.as_str()),
        "credits" => (&names.credits, "credits", "Int @default(0)"),
        "is_blocked" => (&names.is_blocked, "isBlocked", "Boolean @default(false)"),
        _ => (&names.created_at, "createdAt", "DateTime @default(now())"),
    };
    let name = if column.is_empty() { usual } else { column };
    Need {
        table: mapping.user_table(),
        column: column.clone(),
        label: None,
        prisma: format!("{name} {prisma}"),
        setting: format!("[app.schema.user] {key}"),
        without: None,
    }
}

/// A column of the accounts' table that is not there or does not fit, by its key in the configuration.
pub(super) fn of_account(table: &Table, mapping: &Mapping, key: &str) -> MissingColumn {
    let need = user(mapping, key);
    MissingColumn::new(&table.label(&mapping.schema), &need.column, &need.prisma)
        .set_by(&need.setting)
        .perhaps(suggest::candidate(table, &need.setting))
}

fn profile(mapping: &Mapping) -> Vec<Need> {
    vec![
        user(mapping, "role").or_else("no role is shown"),
        user(mapping, "credits").or_else("no credits are shown"),
        user(mapping, "is_blocked").or_else("whether it is blocked is not shown"),
        user(mapping, "created_at").or_else("when it was made is not shown"),
    ]
}

fn credits_add(mapping: &Mapping) -> Vec<Need> {
    let mut needs = event(mapping, &mapping.analytics_event.manual_credit);
    needs.insert(0, user(mapping, "credits"));
    needs
}

fn credits_remove(mapping: &Mapping) -> Vec<Need> {
    let label = &mapping.analytics_event.manual_removal;
    let without = format!("the {label} event is not written");
    let event = event(mapping, label).into_iter();
    let event = event.map(|need| need.or_else(&without));
    let credits = user(mapping, "credits");
    std::iter::once(credits).chain(event).collect()
}

fn delete(mapping: &Mapping) -> Vec<Need> {
    let blocked = user(mapping, "is_blocked");
    let role = user(mapping, "role");
    let mut needs = files(mapping);
    needs.insert(
        0,
        role.or_else("whether it is the last admin is not checked"),
    );
    needs.insert(
        0,
        blocked.or_else("the account cannot be blocked meanwhile"),
    );
    needs
}

fn activity(mapping: &Mapping) -> Vec<Need> {
    let names = &mapping.test_session;
    let need = |key: &str, column: &String, prisma: &str| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: None,
        prisma: format!("{column} {prisma}"),
        setting: format!("[app.schema.test_session] {key}"),
        without: None,
    };
    vec![
        need("user_id", &names.user_id, "String"),
        need("created_at", &names.created_at, "DateTime @default(now())"),
        need("band_score", &names.band_score, "Float?").or_else("no band score is shown"),
        need("status", &names.status, "String?").or_else("no status is shown"),
        key(mapping, "flashcard_progress", &mapping.flashcard_progress)
            .or_else("no flashcard progress is shown"),
        key(
            mapping,
            "pronunciation_progress",
            &mapping.pronunciation_progress,
        )
        .or_else("no pronunciation progress is shown"),
    ]
}

/// A column that says whose a row is.
fn key(mapping: &Mapping, setting: &str, column: &ColumnRef) -> Need {
    Need {
        table: column.table_ref(&mapping.schema),
        column: column.column.clone(),
        label: None,
        prisma: format!("{} String", column.column),
        setting: format!("[app.schema] {setting}"),
        without: None,
    }
}

/// What an event of one type is written with.
pub(super) fn event(mapping: &Mapping, label: &str) -> Vec<Need> {
    let names = &mapping.analytics_event;
    let need = |key: &str, column: &String, label: Option<&str>, prisma: String| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: label.map(str::to_owned),
        prisma,
        setting: format!("[app.schema.analytics_event] {key}"),
        without: None,
    };
    let (owner, metadata) = (&names.user_id, &names.metadata);
    vec![
        need("user_id", owner, None, format!("{owner} String")),
        need(
            "event_type",
            &names.event_type,
            Some(label),
            format!("enum EventType {{ … {label} }}"),
        ),
        need("metadata", metadata, None, format!("{metadata} Json?")),
    ]
}

/// Only without Stripe: its books are the first choice.
fn revenue(mapping: &Mapping) -> Vec<Need> {
    let names = &mapping.subscription;
    let need = |key: &str, column: &String, prisma: &str| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: None,
        prisma: format!("{column} {prisma}"),
        setting: format!("[app.schema.subscription] {key}"),
        without: None,
    };
    let nothing = "nothing is told without Stripe";
    vec![
        need("amount", &names.amount, "Decimal").or_else(nothing),
        need("currency", &names.currency, "String").or_else(nothing),
        need("created_at", &names.created_at, "DateTime @default(now())").or_else(nothing),
        need("status", &names.status, "String")
            .or_else("without Stripe, sums are not told apart by status"),
    ]
}

fn files(mapping: &Mapping) -> Vec<Need> {
    mapping
        .user_columns
        .iter()
        .map(|column| Need {
            table: column.table_ref(&mapping.schema),
            column: column.column.clone(),
            label: None,
            prisma: format!("{} String?", column.column),
            setting: "[app.schema] user_columns".into(),
            without: Some(format!("files that only {column} names are not found")),
        })
        .collect()
}

fn session(mapping: &Mapping) -> Need {
    let names = &mapping.session;
    Need {
        table: mapping.table_ref(&names.table),
        column: names.user_id.clone(),
        label: None,
        prisma: format!("{} String", names.user_id),
        setting: "[app.schema.session] user_id".into(),
        without: Some(
            "sessions are not in the database: only rotating NEXTAUTH_SECRET ends them".into(),
        ),
    }
}
