//! The people of the application.

use std::collections::BTreeSet;

use countersign_sandbox::data;
use serde_json::Value;
use sqlx::PgPool;

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The application's user id.
    pub id: String,
    /// The e-mail as it is stored.
    pub email: String,
    /// The name.
    pub name: String,
    /// The keys of the files that the person's rows named when the person was looked up.
    pub keys: BTreeSet<String>,
    /// The account's row as it was then: a backup of it.
    pub row: Value,
}

impl Person {
    /// The number in the id: `usr_12` has 12.
    pub fn number(&self) -> i32 {
        let digits = self.id.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse().unwrap_or_default()
    }
}

/// The person with the lowest number above this one.
pub async fn after(pool: &PgPool, number: i32) -> sqlx::Result<Option<Person>> {
    let found: Option<(String, String, Option<String>, Value)> = sqlx::query_as(
        r#"select id, email, name, to_jsonb("User") from "User" where substr(id, 5)::int > $1 order by substr(id, 5)::int limit 1"#,
    )
    .bind(number)
    .fetch_optional(pool)
    .await?;
    let Some((id, email, name, row)) = found else {
        return Ok(None);
    };
    let keys = named_keys(pool, Some(&id)).await?;
    Ok(Some(Person {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        email,
        keys,
        row,
    }))
}

/// Lets people of high numbers have joined within the last month, each before their first test: the sample's people are
/// all older, and a count of new ones would show none.
pub async fn some_are_new(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        r#"update "User" set "createdAt" = date_trunc('day', now() at time zone 'UTC') + interval '9 hours'
             - interval '1 day' * ((n * 3 + 1) % 5 * 3 + 7 + n * 7 % 11)
           from (select id as person, substr(id, 5)::int as n from "User") as numbers where id = person and n >= 20"#,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Puts the account's row back as a backup has it; says whether it was gone.
pub async fn restore(pool: &PgPool, person: &Person) -> sqlx::Result<bool> {
    let restored = sqlx::query(
        r#"insert into "User" select * from jsonb_populate_record(null::"User", $1) on conflict (id) do nothing"#,
    )
    .bind(&person.row)
    .execute(pool)
    .await?;
    Ok(restored.rows_affected() > 0)
}

/// The keys of the files that this person's rows name; everybody's without one.
pub async fn named_keys(pool: &PgPool, id: Option<&str>) -> sqlx::Result<BTreeSet<String>> {
    let urls: Vec<String> = sqlx::query_scalar(
        r#"select r."audioUrl" from "Response" r join "TestSession" t on t.id = r."sessionId"
           where r."audioUrl" is not null and ($1::text is null or t."userId" = $1)"#,
    )
    .bind(id)
    .fetch_all(pool)
    .await?;
    let keys = urls
        .iter()
        .filter_map(|url| url.strip_prefix(data::BUCKET_URL));
    Ok(keys.map(str::to_owned).collect())
}

/// The ids of everybody.
pub async fn ids(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(r#"select id from "User""#)
        .fetch_all(pool)
        .await
}
