//! The files that rows name: a person's, collected before any row goes, for afterwards nothing knows them; and those that
//! rows name which stay, for they must not go with the person.

mod statement;

use futures::TryStreamExt;
use sqlx::{PgConnection, Row};

use super::{
    AppDbError, Purpose, Snapshot, Tx,
    graph::{self, Graph},
    sql::query,
    survey::{Intent, survey},
};

/// A key or URL that a row of the person names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FileValue {
    pub table: String,
    pub column: String,
    /// What is in it, as it is: a key or a URL.
    pub value: String,
    /// Whether a row that stays names the same file, in this or another configured column. A URL and a bare key count
    /// as the same file when one ends with the other.
    pub shared_with_others: bool,
}

/// What the configured file columns hold around one account, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileValues {
    /// In rows that an erasure would delete.
    pub going: Vec<FileValue>,
    /// In rows that would stay, as far as it was searched for.
    pub staying: Vec<String>,
}

/// What is searched for in rows that stay.
#[derive(Clone, Copy)]
pub struct StayingFiles<'a> {
    /// Where one person's files lie.
    pub prefix: &'a str,
    /// Keys of files elsewhere.
    pub keys: &'a [String],
    /// Decides about every value that may name one of these, which is told by its text alone: one that holds the
    /// prefix, ends like a key, or holds anything that can be spelled in more than one way.
    pub is_wanted: &'a (dyn Fn(&str) -> bool + Sync),
}

/// The configured file columns around one account, at one moment, which lasts until this is dropped.
#[derive(Debug)]
pub struct FilesAround {
    tx: Tx,
    statements: FileStatements,
}

/// Reads the configured file columns around one account.
#[derive(Debug)]
pub struct FileRows<'a> {
    connection: &'a mut PgConnection,
    statements: &'a FileStatements,
}

impl FilesAround {
    /// What the columns hold.
    pub fn rows(&mut self) -> FileRows<'_> {
        self.statements.rows(&mut self.tx)
    }

    /// Ends the transaction.
    pub async fn close(self) -> Result<(), AppDbError> {
        Ok(self.tx.rollback().await?)
    }
}

impl FileRows<'_> {
    /// All values in rows that an erasure of the account would delete.
    pub async fn going(&mut self) -> Result<Vec<FileValue>, AppDbError> {
        self.statements.going(self.connection).await
    }

    /// Those searched for in rows that would stay (other people's, and those that a policy keeps).
    pub async fn staying(&mut self, search: StayingFiles<'_>) -> Result<Vec<String>, AppDbError> {
        staying(self.connection, self.statements.others.as_deref(), search).await
    }
}

impl Snapshot {
    /// Surveys the account, so that the configured file columns around it can be read. Nothing is changed.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account.
    pub async fn files_around(&self, user_id: &str) -> Result<FilesAround, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let intent = Intent::LookAtRows;
        let survey = survey(&mut tx, self, user_id, intent).await?;
        let statements = FileStatements::of(&survey.graph);
        Ok(FilesAround { tx, statements })
    }

    /// Collects the values of the configured file columns at one moment: all in rows that go, and those searched for in
    /// rows that stay.
    pub async fn file_values(
        &self,
        user_id: &str,
        search: StayingFiles<'_>,
    ) -> Result<FileValues, AppDbError> {
        let mut around = self.files_around(user_id).await?;
        let mut rows = around.rows();
        let values = FileValues {
            going: rows.going().await?,
            staying: rows.staying(search).await?,
        };
        around.close().await?;
        Ok(values)
    }

    /// The values searched for in all rows that are there: what is asked once an account's own rows are gone.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn staying_file_values(
        &self,
        search: StayingFiles<'_>,
    ) -> Result<Vec<String>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let graph = graph::build(self)?;
        if let Some(unreadable) = graph.unreadable.first() {
            return Err(AppDbError::Blocked(unreadable.clone()));
        }
        let all = statement::all(&graph);
        let values = staying(&mut tx, all.as_deref(), search).await?;
        tx.rollback().await?;
        Ok(values)
    }
}

/// Distinct values in rows that were surveyed to go and that do not pass the test.
pub(super) async fn count_unknown(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    is_known: &(dyn Fn(&str) -> bool + Sync),
) -> Result<u64, sqlx::Error> {
    let Some(mine) = statement::mine(graph) else {
        return Ok(0);
    };
    let statement = query(format!("SELECT DISTINCT value FROM ({mine}) v"));
    let mut rows = statement.fetch(connection);
    let mut unknown = 0;
    while let Some(row) = rows.try_next().await? {
        unknown += u64::from(!is_known(row.try_get("value")?));
    }
    Ok(unknown)
}

/// The statements around one surveyed account, which its transaction can run for as long as it lasts.
#[derive(Debug)]
pub(super) struct FileStatements {
    mine: Option<String>,
    going: Option<String>,
    others: Option<String>,
    /// Table and column of each source, as the statements number them.
    sources: Vec<(String, String)>,
}

impl FileStatements {
    pub(super) fn of(graph: &Graph<'_>) -> Self {
        let label = |source: &statement::Source<'_>| {
            let table = graph.at.label_at(source.table);
            (table, source.column.name.clone())
        };
        Self {
            mine: statement::mine(graph),
            going: statement::going(graph),
            others: statement::others(graph),
            sources: statement::sources(graph).iter().map(label).collect(),
        }
    }

    /// How many different values the person's rows hold.
    pub(super) async fn count(&self, connection: &mut PgConnection) -> Result<u64, AppDbError> {
        let Some(mine) = &self.mine else {
            return Ok(0);
        };
        let text = format!("SELECT count(DISTINCT value) FROM ({mine}) v");
        let values = super::sql::count(query(text), connection).await?;
        Ok(values.unsigned_abs())
    }

    pub(super) fn rows<'a>(&'a self, connection: &'a mut PgConnection) -> FileRows<'a> {
        FileRows {
            connection,
            statements: self,
        }
    }

    async fn going(&self, connection: &mut PgConnection) -> Result<Vec<FileValue>, AppDbError> {
        let Some(text) = &self.going else {
            return Ok(Vec::new());
        };
        let mut values = Vec::new();
        for row in query(text.clone()).fetch_all(connection).await? {
            let index = usize::try_from(row.try_get::<i64, _>("source")?).unwrap_or(usize::MAX);
            if let Some((table, column)) = self.sources.get(index) {
                values.push(FileValue {
                    table: table.clone(),
                    column: column.clone(),
                    value: row.try_get("value")?,
                    shared_with_others: row.try_get("shared")?,
                });
            }
        }
        values.sort_unstable();
        Ok(values)
    }
}

/// Read row by row: with percent signs in every value there are as many candidates as files.
async fn staying(
    connection: &mut PgConnection,
    values: Option<&str>,
    search: StayingFiles<'_>,
) -> Result<Vec<String>, AppDbError> {
    let Some(values) = values else {
        return Ok(Vec::new());
    };
    let statement = query(statement::staying(values))
        .bind(search.prefix)
        .bind(search.keys);
    let mut rows = statement.fetch(connection);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let value: String = row.try_get("value")?;
        if (search.is_wanted)(&value) {
            found.push(value);
        }
    }
    Ok(found)
}
