//! Adds credits to one account and removes them: one transaction with the marker and the analytics event.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    AppDb, AppDbError, Claim, Column, Mark, Purpose, Snapshot,
    accounts::Accounts,
    analytics::{EventTable, NewEvent},
    sql::ident,
    writes,
};

/// In which direction credits move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditWay {
    /// Onto the account, with an event or not at all.
    Add,
    /// Off the account, never below 0; with an event where the app has one for it.
    Remove,
}

/// One change of one account's credits.
pub struct CreditMove<'a> {
    pub user_id: &'a str,
    /// In which direction.
    pub way: CreditWay,
    /// How many, at least 1.
    pub credits: i64,
    /// What the event tells beside the number; an object.
    pub metadata: Value,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CreditOutcome {
    /// It was made.
    Moved {
        /// The credits before.
        before: i64,
        /// The credits after, as the database has them.
        after: i64,
        /// Why no event was written.
        no_event: Option<String>,
    },
    /// It was given up before it was made, and cannot be made any more.
    Forestalled,
}

/// What the schema allows of a change of credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRules {
    /// The most credits that an account can hold.
    pub most: i64,
    /// Why no event can be written; only for what can do without.
    pub no_event: Option<String>,
}

impl Snapshot {
    /// What the schema allows of a change in this direction.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] and [`AppDbError::Blocked`] when it allows none.
    pub async fn credit_rules(&self, way: CreditWay) -> Result<CreditRules, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        writes::possible(&mut tx).await?;
        tx.rollback().await?;
        let balance = Balance::of(self)?;
        let no_event = event_table(self, way)?.err();
        Ok(CreditRules {
            most: balance.most,
            no_event,
        })
    }

    /// Makes a change once per mark: a repeated call returns what the first one did.
    ///
    /// # Errors
    /// In every case nothing was changed, except that a connection lost during the commit leaves it open: calling again
    /// settles it. [`AppDbError::Blocked`] when the account cannot hold as many.
    pub async fn move_credits(
        &self,
        mark: &Mark,
        change: &CreditMove<'_>,
    ) -> Result<CreditOutcome, AppDbError> {
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let balance = Balance::of(self)?;
        let events = event_table(self, change.way)?;
        let before = balance.lock(&mut tx, change.user_id).await?;
        let after = balance.after(before, change.way, change.credits)?;
        if after != before {
            balance.write(&mut tx, change.user_id, after).await?;
        }
        if let (Ok(events), true) = (&events, after != before) {
            let mut metadata = change.metadata.clone();
            metadata["credits"] = after.abs_diff(before).into();
            let event = NewEvent {
                id: &mark.request_id.to_string(),
                user_id: change.user_id,
                metadata: &metadata,
            };
            events.insert(&mut tx, &event).await?;
        }
        let outcome = CreditOutcome::Moved {
            before,
            after,
            no_event: events.err(),
        };
        self.db.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }
}

impl AppDb {
    /// Gives a change up, unless it was made: whoever may still be about to make it finds that instead.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn forestall_credits(&self, mark: &Mark) -> Result<CreditOutcome, AppDbError> {
        match self.claim(mark).await? {
            Claim::Done(outcome) => Ok(outcome),
            Claim::Ours(tx) => {
                let outcome = CreditOutcome::Forestalled;
                self.finish(tx, mark, &outcome).await?;
                Ok(outcome)
            }
        }
    }
}

/// The events' table, or why there will be no event; an error where there must be one.
fn event_table<'a>(
    at: &'a Snapshot,
    way: CreditWay,
) -> Result<Result<EventTable<'a>, String>, AppDbError> {
    let names = &at.mapping.analytics_event;
    match way {
        CreditWay::Add => EventTable::of(at, &names.manual_credit).map(Ok),
        CreditWay::Remove => {
            Ok(EventTable::of(at, &names.manual_removal).map_err(|error| error.to_string()))
        }
    }
}

/// The column that holds the credits.
pub(super) struct Balance<'a> {
    accounts: Accounts<'a>,
    column: &'a Column,
    most: i64,
}

impl<'a> Balance<'a> {
    pub(super) fn of(at: &'a Snapshot) -> Result<Self, AppDbError> {
        let accounts = Accounts::of(at)?;
        let name = &at.mapping.user.credits;
        accounts.column("u", "credits")?;
        let blocked = |says: &str| {
            let table = at.label(accounts.table);
            AppDbError::Blocked(format!("column {table}.{name} {says}"))
        };
        let column = accounts.has(name);
        let column = column
            .filter(|column| !column.generated)
            .ok_or_else(|| blocked("is computed by the database"))?;
        let most = match column.type_name.as_str() {
            "pg_catalog.int2" => i16::MAX.into(),
            "pg_catalog.int4" => i32::MAX.into(),
            "pg_catalog.int8" => i64::MAX,
            _ => return Err(blocked("does not hold whole numbers (Int in Prisma)")),
        };
        at.may_update(accounts.table, &[name.as_str()])?;
        Ok(Self {
            accounts,
            column,
            most,
        })
    }

    /// The credits, which nobody else changes until the transaction ends. An empty column counts as 0.
    pub(super) async fn lock(
        &self,
        connection: &mut PgConnection,
        user_id: &str,
    ) -> Result<i64, AppDbError> {
        let text = format!(
            "SELECT COALESCE(u.{}, 0)::int8 FROM {} u WHERE {} FOR NO KEY UPDATE",
            ident(&self.column.name),
            self.accounts.table.source(),
            self.accounts.id_is("u", 1)
        );
        let found: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(text))
            .bind(user_id)
            .persistent(false)
            .fetch_optional(connection)
            .await?;
        found.ok_or_else(|| AppDbError::Changed(format!("there is no account {user_id} any more")))
    }

    pub(super) fn after(
        &self,
        before: i64,
        way: CreditWay,
        credits: i64,
    ) -> Result<i64, AppDbError> {
        match way {
            CreditWay::Add => before
                .checked_add(credits)
                .filter(|after| *after <= self.most)
                .ok_or_else(|| {
                    AppDbError::Blocked(format!("an account holds {} credits at most", self.most))
                }),
            CreditWay::Remove if before <= 0 => Ok(before),
            CreditWay::Remove => Ok(before.saturating_sub(credits).max(0)),
        }
    }

    /// Exactly one row must have exactly the new number: a rule of the app's own that makes something else of it takes
    /// the whole change back.
    pub(super) async fn write(
        &self,
        connection: &mut PgConnection,
        user_id: &str,
        after: i64,
    ) -> Result<(), AppDbError> {
        let credits = ident(&self.column.name);
        let text = format!(
            "UPDATE {} u SET {credits} = CAST($2::int8 AS {}){} WHERE {} RETURNING u.{credits}::int8",
            self.accounts.table.source(),
            self.column.type_name,
            self.accounts.at.touch(self.accounts.table),
            self.accounts.id_is("u", 1)
        );
        let written: Vec<Option<i64>> = sqlx::query_scalar(sqlx::AssertSqlSafe(text))
            .bind(user_id)
            .bind(after)
            .persistent(false)
            .fetch_all(connection)
            .await?;
        match written.as_slice() {
            [Some(now)] if *now == after => Ok(()),
            [now] => Err(AppDbError::Blocked(format!(
                "the app's database made {} credits of {after}; nothing was changed",
                now.unwrap_or_default()
            ))),
            rows => Err(AppDbError::Blocked(format!(
                "{} rows would have changed instead of one; nothing was changed",
                rows.len()
            ))),
        }
    }
}
