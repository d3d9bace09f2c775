//! What each operation needs from the schema.

use super::{MissingColumn, prisma_field};
use crate::systems::app_db::{Mapping, Schema, TableRef};

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
    let user = |column: &String| Need {
        table: mapping.user_table(),
        column: column.clone(),
        label: None,
        prisma: prisma_field(column, mapping),
        without: None,
    };
    let account = || vec![user(&names.id), user(&names.email)];
    let with = |more: Vec<Need>| account().into_iter().chain(more).collect::<Vec<_>>();
    let blocks = || user(&names.is_blocked).or_else("the account cannot be blocked meanwhile");
    vec![
        Operation {
            name: "user show",
            needs: with(vec![
                user(&names.role).or_else("no role is shown"),
                user(&names.credits).or_else("no credits are shown"),
                user(&names.is_blocked).or_else("whether it is blocked is not shown"),
            ]),
        },
        Operation {
            name: "user activity",
            needs: with(activity(mapping)),
        },
        Operation {
            name: "credits add",
            needs: with(
                [vec![user(&names.credits)], event(mapping)]
                    .into_iter()
                    .flatten()
                    .collect(),
            ),
        },
        Operation {
            name: "credits remove",
            needs: with(vec![user(&names.credits)]),
        },
        Operation {
            name: "refund",
            needs: vec![user(&names.credits).or_else("no credits are taken back")],
        },
        Operation {
            name: "user promote",
            needs: with(vec![user(&names.role)]),
        },
        Operation {
            name: "user demote",
            needs: with(vec![user(&names.role)]),
        },
        Operation {
            name: "admins review",
            needs: with(vec![user(&names.role)]),
        },
        Operation {
            name: "user ban",
            needs: with(vec![user(&names.is_blocked)]),
        },
        Operation {
            name: "user unban",
            needs: with(vec![user(&names.is_blocked)]),
        },
        Operation {
            name: "user export",
            needs: with(files(mapping)),
        },
        Operation {
            name: "user delete",
            needs: with(
                [vec![blocks()], files(mapping)]
                    .into_iter()
                    .flatten()
                    .collect(),
            ),
        },
        Operation {
            name: "sessions revoke",
            needs: with(vec![session(mapping)]),
        },
        Operation {
            name: "stats users",
            needs: vec![
                user(&names.id),
                user(&names.created_at).or_else("there is no plot by day"),
            ],
        },
        Operation {
            name: "check migrations",
            needs: vec![migrations(mapping)],
        },
    ]
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
    ]
}

fn event(mapping: &Mapping) -> Vec<Need> {
    let names = &mapping.analytics_event;
    let label = &names.manual_credit;
    let need = Need {
        table: mapping.table_ref(&names.table),
        column: names.event_type.clone(),
        label: Some(label.clone()),
        prisma: format!("enum EventType {{ … {label} }}"),
        without: Some(format!("the {label} event is not written")),
    };
    vec![need]
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
