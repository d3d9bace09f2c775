//! Finds one account, and only when there is exactly one that is meant.

mod accounts;

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{AppDb, AppDbError, Mapping, Purpose, Schema, schema, sql::query};

pub(super) use accounts::Accounts;

/// Accounts that are listed when an e-mail address does not name exactly one.
pub const CANDIDATES_SHOWN: i64 = 10;

/// How somebody names an account.
#[derive(Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By the app's user id.
    Id(String),
    /// By e-mail address.
    Email(String),
}

impl UserRef {
    /// What a person typed: an address when there is an `@` in it, otherwise an id.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.contains('@') {
            Self::Email(text.to_owned())
        } else {
            Self::Id(text.to_owned())
        }
    }
}

impl fmt::Debug for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "Id({id})"),
            Self::Email(email) => write!(f, "Email({})", mask_email(email)),
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
    /// The role, as text also when it is an enum.
    pub role: Option<String>,
    /// The credits.
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

impl AppDb {
    /// Finds one account: by id exactly, or by e-mail address in the same letter case. Never guesses between accounts.
    ///
    /// # Errors
    /// [`FindError::Several`] when accounts differ from the address, or from each other, in letter case only.
    pub async fn find_user(&self, user: &UserRef) -> Result<AppUser, FindError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let found = find(&mut tx, &schema, &self.mapping, user).await;
        tx.rollback().await?;
        found
    }
}

/// [`AppDb::find_user`] in a transaction that is there already.
pub(super) async fn find(
    connection: &mut PgConnection,
    schema: &Schema,
    mapping: &Mapping,
    user: &UserRef,
) -> Result<AppUser, FindError> {
    let accounts = Accounts::of(schema, mapping)?;
    let (condition, value) = match user {
        UserRef::Id(id) => (accounts.id_is("u", 1), id),
        UserRef::Email(email) => (
            format!(
                "lower({}::text) = lower($1::text)",
                accounts.column("u", &mapping.user.email)?
            ),
            email,
        ),
    };
    let text = format!(
        "{} WHERE {condition} ORDER BY 1 LIMIT {CANDIDATES_SHOWN}",
        accounts.select()
    );
    let rows = match (query(text).bind(value).fetch_all(connection).await, user) {
        // The text is no value of the id's type (not a uuid, say): nobody can have it.
        (Err(sqlx::Error::Database(error)), UserRef::Id(_))
            if is_no_such_value(error.code().as_deref()) =>
        {
            Vec::new()
        }
        (found, _) => found?,
    };
    let mut users = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    match (user, users.len()) {
        (_, 0) => Err(FindError::NotFound),
        (UserRef::Id(_), 1) => Ok(users.remove(0)),
        (UserRef::Email(email), 1) if users[0].email.as_ref() == Some(email) => Ok(users.remove(0)),
        _ => Err(FindError::Several(
            users
                .into_iter()
                .map(|user| Candidate {
                    masked_email: user.masked_email().unwrap_or_default(),
                    id: user.id,
                })
                .collect(),
        )),
    }
}

/// The accounts with a role, by id, at most `most`.
pub(super) async fn with_role(
    connection: &mut PgConnection,
    schema: &Schema,
    mapping: &Mapping,
    role: &str,
    most: u32,
) -> Result<Vec<AppUser>, AppDbError> {
    let accounts = Accounts::of(schema, mapping)?;
    let text = format!(
        "{} WHERE {}::text = $1 ORDER BY 1 LIMIT {most}",
        accounts.select(),
        accounts.column("u", &mapping.user.role)?
    );
    let rows = query(text).bind(role).fetch_all(connection).await?;
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
        credits: row.try_get("credits")?,
        blocked: row.try_get("blocked")?,
        created_at: row.try_get("created_at")?,
    })
}
