//! What of a person is there.

use std::fs;

use countersign_sandbox::data;
use sqlx::AssertSqlSafe;

use super::{App, connections, files::prefix, people::Person, tables};
use crate::{arguments::Shape, stage::DOCUMENTS};

/// The folder of the documents' bucket in which certificates are.
const CERTIFICATES: &str = "certificates/";

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Active,
    /// It is blocked.
    Blocked,
    /// It does not exist.
    Gone,
}

/// What is there of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whose facts these are.
    pub person: Person,
    /// How the account stands.
    pub standing: Standing,
    /// The account's role, while it exists.
    pub role: Option<String>,
    /// Its credits, where the application keeps any.
    pub credits: Option<i32>,
    /// Rows by table.
    pub tables: Vec<(String, i64)>,
    /// Versions and delete markers of the person's files.
    pub versions: usize,
    /// How many certificates were written so far, anybody's …
    pub certificates: usize,
    /// … and where copies of them are.
    pub copies: String,
    /// Connections that the application keeps and does not use, and for how many minutes.
    pub unused: (i64, i64),
}

impl App {
    /// What is there now. New certificates are copied into the demo's folder on the way.
    pub async fn facts(&self) -> anyhow::Result<Facts> {
        let person = self.person();
        let tables = sqlx::query_as(AssertSqlSafe(tables::query(self.shape)))
            .bind(&person.id)
            .bind(&person.email)
            .fetch_all(&self.pool)
            .await?;
        let (standing, role, credits) = self.account(&person).await?;
        Ok(Facts {
            standing,
            role,
            credits,
            versions: self.versions(&person),
            certificates: self.copy_certificates()?,
            copies: self.certificates.display().to_string(),
            unused: connections::unused(&self.pool).await?,
            person,
            tables,
        })
    }

    async fn account(
        &self,
        person: &Person,
    ) -> anyhow::Result<(Standing, Option<String>, Option<i32>)> {
        let sql = match self.shape {
            Shape::Runbook => {
                r#"select "isBlocked", role::text, credits from "User" where id = $1"#
            }
            Shape::Real => r#"select false, role, null::int from "User" where id = $1"#,
        };
        let found: Option<(bool, Option<String>, Option<i32>)> = sqlx::query_as(sql)
            .bind(&person.id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(match found {
            None => (Standing::Gone, None, None),
            Some((true, role, credits)) => (Standing::Blocked, role, credits),
            Some((false, role, credits)) => (Standing::Active, role, credits),
        })
    }

    fn versions(&self, person: &Person) -> usize {
        let prefix = prefix(&person.id);
        let objects = self.s3.objects(data::BUCKET);
        let mine = objects.iter();
        mine.filter(|it| it.key.starts_with(&prefix) || person.keys.contains(&it.key))
            .count()
    }

    fn copy_certificates(&self) -> anyhow::Result<usize> {
        let mut count = 0;
        for object in self.s3.objects(DOCUMENTS) {
            let Some(name) = object.key.strip_prefix(CERTIFICATES) else {
                continue;
            };
            count += 1;
            let copy = self.certificates.join(name);
            if !copy.exists()
                && let Some(bytes) = self.s3.get(DOCUMENTS, &object.key)
            {
                fs::create_dir_all(&self.certificates)?;
                fs::write(&copy, bytes)?;
            }
        }
        Ok(count)
    }
}
