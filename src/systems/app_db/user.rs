//! Finds one account, and only when there is exactly one that is meant.

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection, Row, postgres::PgRow};

use super::{
    AppDbError, Purpose, Snapshot,
    accounts::{Accounts, RoleColumn},
    sql::query,
};

/// Accounts that are listed when an e-mail address does not name exactly one.
pub const CANDIDATES_SHOWN: i64 = 10;

/// How somebody names an account.
#[derive(Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By the app's user id.
    Id(String),
    /// By e-mail address.
    Email(String),
    /// As a person typed it: the id when an account has exactly this one, else what the column of addresses holds.
    /// Ids may look like addresses, and an app may keep names where others keep addresses.
    Named(String),
}

impl UserRef {
    /// What a person typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::Named(text.trim().to_owned())
    }
}

impl fmt::Debug for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "Id({id})"),
            Self::Email(email) => write!(f, "Email({})", mask_email(email)),
            Self::Named(name) => write!(f, "Named({})", mask_email(name)),
        }
    }
}

/// One account of the app. Columns that the app does not have are `None`.
#[derive(Clone, PartialEq)]
pub struct AppUser {
    /// The app's user id, as text.
    pub id: String,
    /// The e-mail address; `None` too when the account has none.
    pub email: Option<String>,
    /// Whether the address was confirmed; `None` when the app does not keep that.
    pub email_verified: Option<bool>,
    /// The display name.
    pub name: Option<String>,
    /// The role, as text also when it is an enum; the roles one after the other when there are several.
    pub role: Option<String>,
    /// Whether it is an admin; `None` when that cannot be told.
    pub is_admin: Option<bool>,
    pub credits: Option<i64>,
    /// Whether the account is blocked.
    pub blocked: Option<bool>,
    /// When it was made; a column without a time zone is read as UTC, as Prisma writes it.
    pub created_at: Option<DateTime<Utc>>,
}

impl AppUser {
    /// The address as a card may show it.
    #[must_use]
    pub fn masked_email(&self) -> Option<String> {
        self.email.as_deref().map(mask_email)
    }
}

impl fmt::Debug for AppUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppUser")
            .field("id", &self.id)
            .field("email", &self.masked_email())
            .field("role", &self.role)
            .field("credits", &self.credits)
            .field("blocked", &self.blocked)
            .finish_non_exhaustive()
    }
}

/// An account that an address may have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The id to ask for it by.
    pub id: String,
    /// Its address, masked.
    pub masked_email: String,
}

/// Why no account was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There is none.
    #[error("no account has this id or e-mail address")]
    NotFound,
    /// The address does not name exactly one account: letter case differs, or two accounts differ only in letter case.
    /// The text names ids only, since refusals stay in the journal; masked addresses are for whoever asked, in private.
    #[error("the e-mail address does not name exactly one account; ask by id: {}", ids(.0))]
    Several(Vec<Candidate>),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] AppDbError),
}

impl From<sqlx::Error> for FindError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

fn ids(list: &[Candidate]) -> String {
    let list: Vec<&str> = list.iter().map(|one| one.id.as_str()).collect();
    list.join(", ")
}

/// `a•••@example.com`: enough to recognise, not enough to write to.
#[must_use]
pub fn mask_email(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    if domain.is_empty() {
        format!("{first}•••")
    } else {
        format!("{first}•••@{domain}")
    }
}

impl Snapshot {
    /// Finds one account: by id exactly, or by e-mail address in the same letter case. Never guesses between accounts. Of
    /// what a person typed, an id wins over an address.
    ///
    /// # Errors
    /// [`FindError::Several`] when accounts differ from the address, or from each other, in letter case only.
    pub async fn find_user(&self, user: &UserRef) -> Result<AppUser, FindError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let found = find(&mut tx, self, user).await;
        tx.rollback().await?;
        found
    }
}

/// [`Snapshot::find_user`] in a transaction that is there already.
pub(super) async fn find(
    connection: &mut PgConnection,
    at: &Snapshot,
    user: &UserRef,
) -> Result<AppUser, FindError> {
    let accounts = Accounts::of(at)?;
    match user {
        UserRef::Id(id) => by_id(connection, &accounts, id).await,
        UserRef::Email(email) => by_email(connection, &accounts, email).await,
        UserRef::Named(name) => match by_id(connection, &accounts, name).await {
            // An id is all that an app without addresses knows people by.
            Err(FindError::NotFound)
                if name.contains('@') || accounts.has(&at.mapping.user.email).is_some() =>
            {
                by_email(connection, &accounts, name).await
            }
            found => found,
        },
    }
}

async fn by_id(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    id: &str,
) -> Result<AppUser, FindError> {
    let text = format!(
        "{} WHERE {} LIMIT 2",
        accounts.select(),
        accounts.id_is("u", 1)
    );
    // A failed cast must not end the transaction that this is part of.
    let mut inner = connection.begin().await?;
    let rows = query(text).bind(id).fetch_all(&mut *inner).await;
    inner.rollback().await?;
    match rows {
        // The text is no value of the id's type (not a uuid, say): nobody can have it.
        Err(sqlx::Error::Database(error)) if is_no_such_value(error.code().as_deref()) => {
            Err(FindError::NotFound)
        }
        rows => match rows?.as_slice() {
            [] => Err(FindError::NotFound),
            [row] => Ok(read(row)?),
            several => Err(several_of(several)?),
        },
    }
}

async fn by_email(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    email: &str,
) -> Result<AppUser, FindError> {
    let text = format!(
        "{} WHERE lower({}::text) = lower($1::text) ORDER BY 1 LIMIT {CANDIDATES_SHOWN}",
        accounts.select(),
        accounts.column("u", "email")?
    );
    let rows = query(text).bind(email).fetch_all(connection).await?;
    match rows.as_slice() {
        [] => Err(FindError::NotFound),
        [row] => {
            let user = read(row)?;
            match user.email.as_deref() == Some(email) {
                true => Ok(user),
                false => Err(several_of(&rows)?),
            }
        }
        several => Err(several_of(several)?),
    }
}

fn several_of(rows: &[PgRow]) -> Result<FindError, sqlx::Error> {
    let users: Result<Vec<AppUser>, _> = rows.iter().map(read).collect();
    let candidates = users?.into_iter().map(|user| Candidate {
        masked_email: user.masked_email().unwrap_or_default(),
        id: user.id,
    });
    Ok(FindError::Several(candidates.collect()))
}

/// The admins, by id, at most `most`.
pub(super) async fn admins(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    role: &RoleColumn<'_>,
    most: u32,
) -> Result<Vec<AppUser>, AppDbError> {
    let text = format!(
        "{} WHERE {} ORDER BY 1 LIMIT {most}",
        accounts.select(),
        role.is_admin("u")
    );
    let rows = query(text).fetch_all(connection).await?;
    let users: Result<Vec<_>, sqlx::Error> = rows.iter().map(read).collect();
    Ok(users?)
}

/// Invalid text for the type, or a number out of its range.
fn is_no_such_value(code: Option<&str>) -> bool {
    matches!(code, Some("22P02" | "22003" | "22007" | "22008"))
}

fn read(row: &PgRow) -> Result<AppUser, sqlx::Error> {
    Ok(AppUser {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        email_verified: row.try_get("email_verified")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        is_admin: row.try_get("is_admin")?,
        credits: row.try_get("credits")?,
        blocked: row.try_get("blocked")?,
        created_at: row.try_get("created_at")?,
    })
}
