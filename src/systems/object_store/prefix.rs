//! The prefix under which one person's objects lie.

use std::fmt;

/// Longest user id that goes into a prefix, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// What stands for the user's id in a template.
const PLACEHOLDER: &str = "{id}";

/// A prefix of exactly one user, or one of our own folders. A user's comes from a [`PrefixTemplate`] only, so it is never
/// empty, and no prefix of one user is the start of another user's keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(String);

impl Prefix {
    /// One of our own folders, in our own bucket: `certificates` for everything under `certificates/`.
    #[must_use]
    pub fn own_folder(name: &'static str) -> Self {
        Self(format!("{name}/"))
    }

    /// The prefix as S3 takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How a user's prefix is written, for example `user-{id}/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixTemplate {
    before: String,
    after: String,
}

/// Why a template or an id is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixRefused {
    /// The template has no place for the id, or several.
    #[error("the prefix template {0:?} must contain {{id}} exactly once")]
    NotOneId(String),
    /// A slash has to follow the id, or `user-1` would find the objects of `user-10`.
    #[error(
        "the prefix template {0:?} needs a slash right after {{id}} and at its end, as in \"user-{{id}}/\": without it \
         user-1 would match user-10"
    )]
    NotDelimited(String),
    /// A character that has no place in a template.
    #[error(
        "the prefix template {0:?} may hold letters, digits, '-', '_', '.', '=' and '/', and may not start with '/'"
    )]
    Characters(String),
    /// The user has no id.
    #[error("a user without an id has no prefix: nothing is searched")]
    NoId,
    /// The id is longer than [`MAX_ID_BYTES`].
    #[error("a user id of more than {MAX_ID_BYTES} bytes is not used in a prefix")]
    IdTooLong,
    /// The id would leave its own folder or stand for several.
    #[error(
        "the user id {0:?} is not used in a prefix: it may hold letters, digits and -_.:@|+=~, but no \"..\""
    )]
    IdCharacters(String),
}

impl PrefixTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`PrefixRefused`] when it has not exactly one `{id}`, when no `/` follows the id or ends the template, or when a
    /// character is unusual enough to be a mistake.
    pub fn parse(template: &str) -> Result<Self, PrefixRefused> {
        let Some((before, after)) = template.split_once(PLACEHOLDER) else {
            return Err(PrefixRefused::NotOneId(template.to_owned()));
        };
        if after.contains(PLACEHOLDER) {
            return Err(PrefixRefused::NotOneId(template.to_owned()));
        }
        if !after.starts_with('/') || !after.ends_with('/') {
            return Err(PrefixRefused::NotDelimited(template.to_owned()));
        }
        let usual = |char: char| char.is_ascii_alphanumeric() || "-_.=/".contains(char);
        if before.starts_with('/') || !before.chars().chain(after.chars()).all(usual) {
            return Err(PrefixRefused::Characters(template.to_owned()));
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The prefix of the user with this id, as the app's database holds it.
    ///
    /// # Errors
    /// [`PrefixRefused`] when the id is empty, too long, or holds anything that could reach another user's objects.
    pub fn for_user(&self, user_id: &str) -> Result<Prefix, PrefixRefused> {
        if user_id.is_empty() {
            return Err(PrefixRefused::NoId);
        }
        if user_id.len() > MAX_ID_BYTES {
            return Err(PrefixRefused::IdTooLong);
        }
        let plain = |char: char| char.is_ascii_alphanumeric() || "-_.:@|+=~".contains(char);
        if !user_id.chars().all(plain) || user_id == "." || user_id.contains("..") {
            return Err(PrefixRefused::IdCharacters(user_id.to_owned()));
        }
        Ok(Prefix(format!("{}{user_id}{}", self.before, self.after)))
    }
}
