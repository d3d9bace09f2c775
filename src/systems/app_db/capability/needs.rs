//! What each operation needs from the schema.

use super::{MissingColumn, prisma_field};
use crate::systems::app_db::{ColumnRef, Mapping, Schema, TableRef};

/// An operation and its needs.
pub(super) struct Operation {
    /// As people type it.
    pub(super) name: &'static str,
    pub(super) needs: Vec<Need>,
}

/// One table, column or enum value.
pub(super) struct Need {
    table: TableRef,
    column: String,
    label: Option<String>,
    prisma: String,
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
        let gap = MissingColumn::new(&name, &self.column, &self.prisma);
        let Some(table) = schema.table(&self.table) else {
            let prisma = if self.column.is_empty() {
                self.prisma.clone()
            } else {
                format!("model {} {{ … }}", self.table.name)
            };
            return Some(MissingColumn::new(&name, "", &prisma));
        };
        if self.column.is_empty() {
            return None;
        }
        let Some(column) = table.column(&self.column) else {
            return Some(gap);
        };
        let label = self.label.as_ref()?;
        let lacks_label = !column.enum_labels.is_empty() && !column.enum_labels.contains(label);
        lacks_label.then_some(gap)
    }

    /// The operation goes on without it, but not this part of it.
    fn or_else(mut self, without: &str) -> Self {
        self.without = Some(without.into());
        self
    }
}

/// Every operation that uses the app's database, in the order of the runbook.
pub(super) fn operations(mapping: &Mapping) -> Vec<Operation> {
    let names = &mapping.user;
    let user = |column: &String| user(mapping, column);
    let role = || vec![user(&names.role)];
    let blocked = || vec![user(&names.is_blocked)];
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
            vec![user(&names.credits).or_else("no credits are taken back")],
        ),
        ("admins review", role()),
        (
            "stats users",
            vec![
                user(&names.created_at).or_else("there is no plot by day"),
                user(&names.role).or_else("roles are not counted"),
                user(&names.is_blocked).or_else("who is blocked is not counted"),
            ],
        ),
        ("stats revenue", revenue(mapping)),
        ("check migrations", vec![migrations(mapping)]),
    ];
    let of_account = of_account.into_iter().map(|(name, more)| {
        let account = [user(&names.id), user(&names.email)];
        let needs = account.into_iter().chain(more).collect();
        Operation { name, needs }
    });
    let of_all = of_all
        .into_iter()
        .map(|(name, needs)| Operation { name, needs });
    of_account.chain(of_all).collect()
}

fn user(mapping: &Mapping, column: &str) -> Need {
    Need {
        table: mapping.user_table(),
        column: column.to_owned(),
        label: None,
        prisma: prisma_field(column, mapping),
        without: None,
    }
}

fn profile(mapping: &Mapping) -> Vec<Need> {
    let names = &mapping.user;
    vec![
        user(mapping, &names.role).or_else("no role is shown"),
        user(mapping, &names.credits).or_else("no credits are shown"),
        user(mapping, &names.is_blocked).or_else("whether it is blocked is not shown"),
        user(mapping, &names.created_at).or_else("when it was made is not shown"),
    ]
}

fn credits_add(mapping: &Mapping) -> Vec<Need> {
    let mut needs = event(mapping, &mapping.analytics_event.manual_credit);
    needs.insert(0, user(mapping, &mapping.user.credits));
    needs
}

fn credits_remove(mapping: &Mapping) -> Vec<Need> {
    let label = &mapping.analytics_event.manual_removal;
    let without = format!("the {label} event is not written");
    let event = event(mapping, label).into_iter();
    let event = event.map(|need| need.or_else(&without));
    let credits = user(mapping, &mapping.user.credits);
    std::iter::once(credits).chain(event).collect()
}

fn delete(mapping: &Mapping) -> Vec<Need> {
    let blocked = user(mapping, &mapping.user.is_blocked);
    let role = user(mapping, &mapping.user.role);
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
    let need = |column: &String, prisma: &str| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: None,
        prisma: format!("{column} {prisma}"),
        without: None,
    };
    vec![
        need(&names.user_id, "String"),
        need(&names.created_at, "DateTime @default(now())"),
        need(&names.band_score, "Float?").or_else("no band score is shown"),
        need(&names.status, "String?").or_else("no status is shown"),
        key(mapping, &mapping.flashcard_progress).or_else("no flashcard progress is shown"),
        key(mapping, &mapping.pronunciation_progress).or_else("no pronunciation progress is shown"),
    ]
}

/// A column that says whose a row is.
fn key(mapping: &Mapping, column: &ColumnRef) -> Need {
    Need {
        table: column.table_ref(&mapping.schema),
        column: column.column.clone(),
        label: None,
        prisma: format!("{} String", column.column),
        without: None,
    }
}

/// What an event of one type is written with.
pub(super) fn event(mapping: &Mapping, label: &str) -> Vec<Need> {
    let names = &mapping.analytics_event;
    let need = |column: &String, label: Option<&str>, prisma: String| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: label.map(str::to_owned),
        prisma,
        without: None,
    };
    vec![
        need(&names.user_id, None, format!("{} String", names.user_id)),
        need(
            &names.event_type,
            Some(label),
            format!("enum EventType {{ … {label} }}"),
        ),
        need(&names.metadata, None, format!("{} Json?", names.metadata)),
    ]
}

/// Only without Stripe: its books are the first choice.
fn revenue(mapping: &Mapping) -> Vec<Need> {
    let names = &mapping.subscription;
    let need = |column: &String, prisma: &str| Need {
        table: mapping.table_ref(&names.table),
        column: column.clone(),
        label: None,
        prisma: format!("{column} {prisma}"),
        without: None,
    };
    let nothing = "nothing is told without Stripe";
    vec![
        need(&names.amount, "Decimal").or_else(nothing),
        need(&names.currency, "String").or_else(nothing),
        need(&names.created_at, "DateTime @default(now())").or_else(nothing),
        need(&names.status, "String").or_else("without Stripe, sums are not told apart by status"),
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
        without: Some(
            "sessions are not in the database: only rotating NEXTAUTH_SECRET ends them".into(),
        ),
    }
}

fn migrations(mapping: &Mapping) -> Need {
    Need {
        table: mapping.table_ref("_prisma_migrations"),
        column: String::new(),
        label: None,
        prisma: "prisma migrate deploy".into(),
        without: None,
    }
}
