//! Every key of `[app.schema]` that names a table or a column, in one list. The structs are taken apart field by field, so a
//! new key has to be put here.

use super::{
    AnalyticsEventMapping, LoginAttemptMapping, Mapping, PaymentMapping, SessionMapping,
    SubscriptionMapping, SupportTicketMapping, TableRef, TestSessionMapping, UserMapping,
};

/// One section: its table, and the keys that name columns of it.
pub(in crate::systems::app_db) struct Section<'a> {
    pub(in crate::systems::app_db) name: &'static str,
    pub(in crate::systems::app_db) table: &'a str,
    pub(in crate::systems::app_db) columns: Vec<Key<'a>>,
}

/// A key and the column that it names.
pub(in crate::systems::app_db) struct Key<'a> {
    pub(in crate::systems::app_db) name: &'static str,
    pub(in crate::systems::app_db) value: &'a str,
    pub(in crate::systems::app_db) holds: Holds,
}

/// What a column must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::systems::app_db) enum Holds {
    /// Anything.
    Any,
    /// True or false.
    Flag,
    Number,
    /// A time.
    Moment,
    /// A time that is set with every change, in every table that has it.
    Touched,
}

/// The sections of the configuration.
pub(in crate::systems::app_db) fn sections(mapping: &Mapping) -> Vec<Section<'_>> {
    vec![
        user(&mapping.user),
        session(&mapping.session),
        subscription(&mapping.subscription),
        payment(&mapping.payment),
        test_session(&mapping.test_session),
        analytics_event(&mapping.analytics_event),
        login_attempt(&mapping.login_attempt),
        support_ticket(&mapping.support_ticket),
    ]
}

impl Mapping {
    /// The table and the column that a key names (`user.role`, `flashcard_progress`); empty where the app has none.
    pub(in crate::systems::app_db) fn place(&self, key: &str) -> (TableRef, String) {
        let column = match key {
            "flashcard_progress" => &self.flashcard_progress,
            "pronunciation_progress" => &self.pronunciation_progress,
            _ => {
                let (section, name) = key.split_once('.').unwrap_or_default();
                let sections = sections(self);
                let section = sections.iter().find(|one| one.name == section);
                let mut columns = section.into_iter().flat_map(|section| &section.columns);
                let column = columns.find(|one| one.name == name);
                let table = self.table_ref(section.map_or("", |section| section.table));
                return (table, column.map_or("", |column| column.value).to_owned());
            }
        };
        (column.table_ref(&self.schema), column.column.clone())
    }

    /// What the column that a key names must hold.
    pub(in crate::systems::app_db) fn holds(&self, key: &str) -> Holds {
        let (section, name) = key.split_once('.').unwrap_or_default();
        let of_section = sections(self).into_iter().filter(|one| one.name == section);
        let mut keys = of_section.flat_map(|section| section.columns);
        let key = keys.find(|one| one.name == name);
        key.map_or(Holds::Any, |key| key.holds)
    }
}

fn section<'a>(
    name: &'static str,
    table: &'a str,
    columns: &[(&'static str, &'a String, Holds)],
) -> Section<'a> {
    let columns = columns
        .iter()
        .map(|&(name, value, holds)| Key { name, value, holds });
    Section {
        name,
        table,
        columns: columns.collect(),
    }
}

fn user(names: &UserMapping) -> Section<'_> {
    let UserMapping {
        table,
        id,
        email,
        email_verified,
        name,
        role,
        credits,
        is_blocked,
        created_at,
        updated_at,
        admin_role: _,
        user_role: _,
    } = names;
    let columns = [
        ("id", id, Holds::Any),
        ("email", email, Holds::Any),
        ("email_verified", email_verified, Holds::Any),
        ("name", name, Holds::Any),
        ("role", role, Holds::Any),
        ("credits", credits, Holds::Number),
        ("is_blocked", is_blocked, Holds::Flag),
        ("created_at", created_at, Holds::Moment),
        ("updated_at", updated_at, Holds::Touched),
    ];
    section("user", table, &columns)
}

fn session(names: &SessionMapping) -> Section<'_> {
    let SessionMapping {
        table,
        user_id,
        expires,
    } = names;
    let columns = [
        ("user_id", user_id, Holds::Any),
        ("expires", expires, Holds::Moment),
    ];
    section("session", table, &columns)
}

fn subscription(names: &SubscriptionMapping) -> Section<'_> {
    let SubscriptionMapping {
        table,
        user_id,
        status,
        ends_at,
        amount,
        currency,
        created_at,
        running: _,
    } = names;
    let columns = [
        ("user_id", user_id, Holds::Any),
        ("status", status, Holds::Any),
        ("ends_at", ends_at, Holds::Moment),
        ("amount", amount, Holds::Number),
        ("currency", currency, Holds::Any),
        ("created_at", created_at, Holds::Moment),
    ];
    section("subscription", table, &columns)
}

fn payment(names: &PaymentMapping) -> Section<'_> {
    let PaymentMapping {
        table,
        payment,
        user_id,
        credits,
        amount,
        currency,
        status,
        created_at,
        metadata_user: _,
        metadata_credits: _,
    } = names;
    let columns = [
        ("payment", payment, Holds::Any),
        ("user_id", user_id, Holds::Any),
        ("credits", credits, Holds::Number),
        ("amount", amount, Holds::Number),
        ("currency", currency, Holds::Any),
        ("status", status, Holds::Any),
        ("created_at", created_at, Holds::Moment),
    ];
    section("payment", table, &columns)
}

fn test_session(names: &TestSessionMapping) -> Section<'_> {
    let TestSessionMapping {
        table,
        id,
        user_id,
        created_at,
        band_score,
        status,
    } = names;
    let columns = [
        ("id", id, Holds::Any),
        ("user_id", user_id, Holds::Any),
        ("created_at", created_at, Holds::Moment),
        ("band_score", band_score, Holds::Any),
        ("status", status, Holds::Any),
    ];
    section("test_session", table, &columns)
}

fn analytics_event(names: &AnalyticsEventMapping) -> Section<'_> {
    let AnalyticsEventMapping {
        table,
        user_id,
        event_type,
        metadata,
        created_at,
        manual_credit: _,
        manual_removal: _,
        sign_in: _,
    } = names;
    let columns = [
        ("user_id", user_id, Holds::Any),
        ("event_type", event_type, Holds::Any),
        ("metadata", metadata, Holds::Any),
        ("created_at", created_at, Holds::Moment),
    ];
    section("analytics_event", table, &columns)
}

fn login_attempt(names: &LoginAttemptMapping) -> Section<'_> {
    let LoginAttemptMapping {
        table,
        user_id,
        success,
        created_at,
    } = names;
    let columns = [
        ("user_id", user_id, Holds::Any),
        ("success", success, Holds::Any),
        ("created_at", created_at, Holds::Moment),
    ];
    section("login_attempt", table, &columns)
}

fn support_ticket(names: &SupportTicketMapping) -> Section<'_> {
    let SupportTicketMapping {
        table,
        user_id,
        subject,
        status,
        created_at,
    } = names;
    let columns = [
        ("user_id", user_id, Holds::Any),
        ("subject", subject, Holds::Any),
        ("status", status, Holds::Any),
        ("created_at", created_at, Holds::Moment),
    ];
    section("support_ticket", table, &columns)
}
