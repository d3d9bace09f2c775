//! The sample application: its rows and files, and what of one person is still there.

mod connections;
mod facts;
mod files;
mod people;
mod tables;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use countersign::runtime::{Clock, SystemClock};
use countersign_sandbox::{data, s3::S3Server};
use sqlx::{PgConnection, PgPool, postgres::PgPoolOptions};

use crate::{arguments::Shape, folder::Folder};
pub use connections::busy_day;
pub use facts::{Facts, Standing};
pub use people::Person;

/// The most connections that the panels take.
const CONNECTIONS: u32 = 2;

/// How many tests a person takes at once who goes on practising: more than an approval tolerates.
const PRACTICE: i32 = 12;

/// The application.
pub struct App {
    pool: PgPool,
    s3: Arc<S3Server>,
    shape: Shape,
    /// Where copies of the certificates go.
    certificates: PathBuf,
    person: Mutex<Person>,
    /// Kept open and never used, until somebody ends them.
    _idle: Vec<PgConnection>,
}

impl App {
    /// Opens the application's database, filling it when it is empty, and puts its files into the bucket.
    pub async fn load(
        shape: Shape,
        database: &str,
        s3: Arc<S3Server>,
        folder: &Folder,
    ) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.connect(database).await.context("the app's database")?;
        let kept: bool = sqlx::query_scalar(r#"select to_regclass('"User"') is not null"#)
            .fetch_one(&pool)
            .await?;
        if !kept {
            let today = SystemClock.now().date_naive();
            match shape {
                Shape::Runbook => data::runbook::load_at(&pool, today).await?,
                Shape::Real => data::real::load_at(&pool, today).await?,
            }
            people::some_are_new(&pool).await?;
        }
        files::put(&s3, &pool, shape, kept).await?;
        let first = people::after(&pool, 0).await?.context("nobody is there")?;
        Ok(Self {
            pool,
            s3,
            shape,
            certificates: folder.certificates(),
            person: Mutex::new(first),
            _idle: connections::idle(database).await?,
        })
    }

    /// The person that the panel shows now.
    pub fn person(&self) -> Person {
        self.locked().clone()
    }

    /// Shows the next person who is still there, in the order of their ids.
    pub async fn next_person(&self) -> anyhow::Result<()> {
        let next = match people::after(&self.pool, self.person().number()).await? {
            Some(next) => next,
            None => people::after(&self.pool, 0)
                .await?
                .context("nobody is left")?,
        };
        *self.locked() = next;
        Ok(())
    }

    /// The person takes tests, as people do while others decide about them.
    ///
    /// # Errors
    /// When the person is not there any more.
    pub async fn practise(&self) -> anyhow::Result<()> {
        let person = self.person();
        let added = sqlx::query(
            r#"insert into "TestSession" (id, "userId")
               select 'test_' || gen_random_uuid(), id from "User", generate_series(1, $2) where id = $1"#,
        )
        .bind(&person.id)
        .bind(PRACTICE)
        .execute(&self.pool)
        .await?;
        anyhow::ensure!(added.rows_affected() > 0, "{} is gone", person.name);
        Ok(())
    }

    /// Brings the person's account back, as a restore of a backup does. Nothing else of the person comes back.
    ///
    /// # Errors
    /// When the person is still there.
    pub async fn restore(&self) -> anyhow::Result<()> {
        let person = self.person();
        let was_gone = people::restore(&self.pool, &person).await?;
        anyhow::ensure!(was_gone, "{} is still there", person.name);
        Ok(())
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn locked(&self) -> MutexGuard<'_, Person> {
        self.person.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
