//! One account at a glance: what its row says, and its related rows.

use super::{
    AppDbError, AppUser, Purpose, Snapshot, UserRef,
    seen::{Seen, seen},
    survey::{Intent, Survey, survey},
    user::{FindError, find},
};

/// What one account looks like at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The account.
    pub user: AppUser,
    /// When it was last seen.
    pub seen: Seen,
    /// Its related rows, the most first; tables without any are left out.
    pub related: Vec<RelatedRows>,
    /// Of tables that are not counted because our role may not read them: why, and what opens them.
    pub unreadable: Vec<String>,
}

/// Rows of one table that belong to an account or name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedRows {
    /// The table, with its schema when that is not the app's main one.
    pub table: String,
    pub rows: u64,
}

impl Snapshot {
    /// Reads one account, found by its id.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account.
    pub async fn profile(&self, user_id: &str) -> Result<Profile, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let survey = survey(&mut tx, self, user_id, Intent::LookAtRows).await?;
        let related = related(&survey);
        let unreadable = survey.graph.unreadable.clone();
        let user = match find(&mut tx, self, &UserRef::Id(user_id.into())).await {
            Ok(user) => user,
            Err(FindError::Db(error)) => return Err(error),
            Err(gone) => return Err(AppDbError::Changed(gone.to_string())),
        };
        let ids = [user.id.clone()];
        let seen = seen(&mut tx, self, &ids).await?.remove(0);
        tx.rollback().await?;
        Ok(Profile {
            user,
            seen,
            related,
            unreadable,
        })
    }
}

/// Rows by table. A table can be reached in several ways, and some of its rows only name the account.
fn related(survey: &Survey<'_>) -> Vec<RelatedRows> {
    let graph = &survey.graph;
    let belongs =
        (1..graph.nodes.len()).map(|node| (graph.label(node), survey.collected.rows[node]));
    let names = survey.left_behind.iter().map(|&(edge, rows)| {
        let table = &graph.at.schema.tables[graph.edges[edge].child];
        (graph.at.label(table), rows)
    });
    let mut all: Vec<RelatedRows> = Vec::new();
    for (table, rows) in belongs.chain(names).filter(|(_, rows)| *rows > 0) {
        let rows = rows.unsigned_abs();
        match all.iter_mut().find(|one| one.table == table) {
            Some(one) => one.rows += rows,
            None => all.push(RelatedRows { table, rows }),
        }
    }
    all.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.table.cmp(&b.table)));
    all
}
