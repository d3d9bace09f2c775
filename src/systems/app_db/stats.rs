//! How many accounts there are, and how they came and go. Counts alone: nobody is named.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{
    AppDbError, MissingColumn, Purpose, Snapshot, Table,
    accounts::{Accounts, RoleColumn},
    sql::{ident, query},
};

/// Days of the series of new accounts, today included.
pub const DAYS: u64 = 30;
/// Days within which somebody who took a test counts as active, lately and of late.
pub const ACTIVE_DAYS: [u64; 2] = [7, 30];

/// Counts over all accounts. `None` where the schema lacks the column; `missing` says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStats {
    /// All accounts.
    pub total: i64,
    /// Accounts by role, the most frequent first. The empty name stands for those without one.
    pub roles: Option<Vec<(String, i64)>>,
    /// Accounts that are blocked.
    pub blocked: Option<i64>,
    /// New accounts of each of the last [`DAYS`] days (UTC), the oldest first.
    pub new: Option<Vec<(NaiveDate, i64)>>,
    /// Accounts that took a test within the last so many days, for each of [`ACTIVE_DAYS`].
    pub active: Option<[i64; 2]>,
    /// What the schema lacks.
    pub missing: Vec<MissingColumn>,
}

impl Snapshot {
    /// Counts the accounts as they are at one moment.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when there is no table of accounts.
    pub async fn user_stats(&self, now: DateTime<Utc>) -> Result<UserStats, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let stats = count_all(&mut tx, self, now).await?;
        tx.rollback().await?;
        Ok(stats)
    }
}

async fn count_all(
    db: &mut PgConnection,
    at: &Snapshot,
    now: DateTime<Utc>,
) -> Result<UserStats, AppDbError> {
    let accounts = Accounts::of(at)?;
    let names = &at.mapping.user;
    let users = accounts.table;
    let mut missing = Vec::new();
    let mut lacks = |key: &str| missing.push(at.missing(key));
    let total = format!("SELECT count(*) FROM {}", users.source());
    let (total,): (i64,) = fetch(db, total).await?.remove(0);
    let roles = match accounts.has(&names.role) {
        Some(column) => {
            let known = RoleColumn::of(&accounts).ok().flatten();
            let role = known.map(|role| role.text("u"));
            let role = role.unwrap_or_else(|| format!("u.{}::text", ident(&column.name)));
            Some(by_role(db, users, &role).await?)
        }
        None => {
            lacks("user.role");
            None
        }
    };
    let blocked = match accounts.flag() {
        Some(flag) => {
            let flag = ident(&flag.name);
            let text = format!("SELECT count(*) FROM {} WHERE {flag}", users.source());
            let (count,): (i64,) = fetch(db, text).await?.remove(0);
            Some(count)
        }
        None => {
            lacks("user.is_blocked");
            None
        }
    };
    let new = match users.moment("u", &names.created_at) {
        Some(created) => Some(by_day(db, users, &created, now).await?),
        None => {
            lacks("user.created_at");
            None
        }
    };
    let active = match active(db, at, now).await? {
        Ok(active) => Some(active),
        Err(gap) => {
            missing.push(gap);
            None
        }
    };
    Ok(UserStats {
        total,
        roles,
        blocked,
        new,
        active,
        missing,
    })
}

async fn by_role(
    db: &mut PgConnection,
    users: &Table,
    role: &str,
) -> Result<Vec<(String, i64)>, AppDbError> {
    let text = format!(
        "SELECT coalesce({role}, ''), count(*) FROM {} u GROUP BY 1 ORDER BY 2 DESC, 1",
        users.source(),
    );
    fetch(db, text).await
}

/// Days without a new account are there with a 0.
async fn by_day(
    db: &mut PgConnection,
    users: &Table,
    created: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(NaiveDate, i64)>, AppDbError> {
    let today = now.date_naive();
    let first = today - Days::new(DAYS - 1);
    let text = format!(
        "SELECT ({created} AT TIME ZONE 'UTC')::date, count(*) FROM {} u WHERE {created} >= $1 GROUP BY 1",
        users.source()
    );
    let rows: Vec<(NaiveDate, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(first.and_time(chrono::NaiveTime::MIN).and_utc())
        .persistent(false)
        .fetch_all(db)
        .await?;
    let of = |day: NaiveDate| {
        rows.iter()
            .find(|(one, _)| *one == day)
            .map_or(0, |row| row.1)
    };
    let days = first.iter_days().take_while(|day| *day <= today);
    Ok(days.map(|day| (day, of(day))).collect())
}

/// Accounts that took a test lately, or what is missing to know.
async fn active(
    db: &mut PgConnection,
    at: &Snapshot,
    now: DateTime<Utc>,
) -> Result<Result<[i64; 2], MissingColumn>, AppDbError> {
    let names = &at.mapping.test_session;
    let lacks = |key: &str| Ok(Err(at.missing(key)));
    let tests = at.table(&names.table);
    let owner = tests.and_then(|tests| Some((tests, tests.column(&names.user_id)?)));
    let Some((tests, owner)) = owner else {
        return lacks("test_session.user_id");
    };
    let Some(taken) = tests.moment("u", &names.created_at) else {
        return lacks("test_session.created_at");
    };
    let text = format!(
        "SELECT count(DISTINCT u.{owner}) FILTER (WHERE {taken} >= $1), count(DISTINCT u.{owner})
         FROM {} u WHERE {taken} >= $2",
        tests.source(),
        owner = ident(&owner.name),
    );
    let [week, month] = ACTIVE_DAYS.map(|days| now - Days::new(days));
    let (week, month): (i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(week)
        .bind(month)
        .persistent(false)
        .fetch_one(db)
        .await?;
    Ok(Ok([week, month]))
}

async fn fetch<T>(db: &mut PgConnection, text: String) -> Result<Vec<T>, AppDbError>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    let rows = query(text).fetch_all(db).await?;
    let read = rows.iter().map(T::from_row).collect::<Result<_, _>>();
    Ok(read?)
}
