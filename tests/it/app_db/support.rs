//! A database of its own for each test, and what tests look at in it.

use std::collections::BTreeMap;

use countersign::systems::app_db::{
    Action, AppDb, EmailCheck, ErasurePlan, FileCheck, Limits, Mapping, Mark, Planned, Snapshot,
    TableImpact,
};
use countersign_sandbox::postgres::{Database, Server, Template};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgConnectOptions};
use uuid::Uuid;

/// Whoever has the id, and files are no matter.
pub const ANYBODY: Planned<'_> = is(EmailCheck::Matches(&|_| true));

/// An account with this address; files are no matter.
pub const fn is(email: EmailCheck<'_>) -> Planned<'_> {
    Planned {
        email,
        files: FileCheck::NotErased,
    }
}

/// An application's database and the system over it.
pub struct App {
    pub db: AppDb,
    /// Past the system: what is really in the database.
    pub pool: PgPool,
    database: Database,
}

/// Rows by table, tables outside `public` with their schema.
pub type Counts = BTreeMap<String, i64>;

/// The application in one of the shapes of the data sets.
pub async fn app(template: Template, mapping: Mapping) -> App {
    let server = Server::shared().await.unwrap();
    let database = server.create_database(template).await.unwrap();
    let pool = PgPool::connect(database.url()).await.unwrap();
    let db = AppDb::connect(database.url(), mapping, Limits::default()).unwrap();
    db.ensure_marker_table().await.unwrap();
    App { db, pool, database }
}

/// An application with tables of the test's own.
pub async fn app_with(sql: &str, mapping: Mapping) -> App {
    let app = app(Template::Empty, mapping).await;
    app.run(sql).await;
    app
}

/// The mapping for the odd data set.
pub fn odd_mapping() -> Mapping {
    mapping("[user]\ntable = \"account\"")
}

/// The default mapping with the given lines of `[app.schema]`.
pub fn mapping(toml: &str) -> Mapping {
    toml::from_str(toml).unwrap()
}

/// A step's mark; the same number is the same mark.
pub fn mark(number: u128) -> Mark {
    Mark {
        request_id: Uuid::from_u128(number),
        step: "rows".into(),
    }
}

impl App {
    /// The system over the database as it is now.
    pub async fn at(&self) -> Snapshot {
        self.db.open().await.unwrap()
    }

    pub fn url(&self) -> &str {
        self.database.url()
    }

    pub fn database_name(&self) -> &str {
        self.database.name()
    }

    /// The system over the same database with other limits.
    pub fn limited(&self, limits: Limits) -> AppDb {
        AppDb::connect(self.database.url(), self.db.mapping().clone(), limits).unwrap()
    }

    /// The system over the same database with other connection options.
    pub fn connected_with(&self, change: impl Fn(PgConnectOptions) -> PgConnectOptions) -> AppDb {
        let options: PgConnectOptions = self.database.url().parse().unwrap();
        AppDb::with_options(
            change(options),
            self.db.mapping().clone(),
            Limits::default(),
        )
    }

    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await
            .unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Every table of the application with its number of rows.
    pub async fn counts(&self) -> Counts {
        let tables: Vec<(String, String)> = sqlx::query_as(
            "SELECT CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname, format('%I.%I', n.nspname, c.relname)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
               AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'countersign') AND n.nspname !~ '^pg_'",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut counts = Counts::new();
        for (label, quoted) in tables {
            let rows = self.number(&format!("SELECT count(*) FROM {quoted}")).await;
            counts.insert(label, rows);
        }
        counts
    }

    pub async fn plan(&self, user_id: &str) -> ErasurePlan {
        self.at().await.plan_erasure(user_id).await.unwrap()
    }
}

/// What was there before and is not there after; tables without a difference are left out.
pub fn lost(before: &Counts, after: &Counts) -> Counts {
    before
        .iter()
        .map(|(table, rows)| (table.clone(), rows - after[table]))
        .filter(|(_, rows)| *rows != 0)
        .collect()
}

/// The rows that a plan says will be deleted; tables without any are left out.
pub fn planned(plan: &ErasurePlan) -> Counts {
    plan.tables
        .iter()
        .filter(|impact| matches!(impact.action, Action::Delete | Action::CascadedBy(_)))
        .filter(|impact| impact.rows > 0)
        .map(|impact| (impact.table.clone(), impact.rows))
        .collect()
}

/// The one impact on a table.
pub fn impact<'a>(plan: &'a ErasurePlan, table: &str) -> &'a TableImpact {
    let mut found = plan.tables.iter().filter(|impact| impact.table == table);
    let impact = found
        .next()
        .unwrap_or_else(|| panic!("no impact on {table}"));
    assert!(found.next().is_none(), "two impacts on {table}");
    impact
}

/// Whether one of the texts contains all of the words.
pub fn says<T: ToString>(texts: &[T], words: &[&str]) -> bool {
    texts
        .iter()
        .map(ToString::to_string)
        .any(|text| words.iter().all(|word| text.contains(word)))
}
