//! Whether rows belong to another account by keys: directly, or because a row above them does, at any depth.
//!
//! The keys are followed upwards, from the rows in question to what they point to, until an account is named. A key that
//! would only be set to NULL counts too: what may be somebody else's is kept. The way ends at rows that name the person,
//! at rows that the person's account itself is below of (a tenant), and at rows that are collected already.
//!
//! Where only a column's name led to the address, the names of columns without a key are followed too (see
//! [`super::unlinked`]): a row with somebody else's id in its `userId` is not the person's.
//!
//! A row that nobody is above of (a tenant, a list that all share) belongs to its members: the accounts that point to it
//! themselves, and those that a table of pairs connects with it. It is another account's when others are members and the
//! person is not. A row without any member is nobody's.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::{ADDRESSED, Person, unlinked::Unlinked};
use crate::systems::app_db::{
    AppDbError, Column,
    accounts::Accounts,
    graph::{Graph, Link, Node, ROOT, identifies},
    sql::{columns, ident, query},
};

/// Pairs of a row in question and a row above it.
const ABOVE: &str = "pg_temp.countersign_above";
/// The rows in question that belong to another account, with the keys by which they do.
pub(super) const OF_OTHERS: &str = "pg_temp.countersign_of_others";

/// Creates the temporary tables.
pub(super) const CREATE: &str = "CREATE TEMP TABLE countersign_above
        (part oid, place tid, tab int, up_part oid, up_place tid, round int, path text) ON COMMIT DROP;
     CREATE UNIQUE INDEX ON countersign_above (part, place, up_part, up_place);
     CREATE TEMP TABLE countersign_of_others (part oid, place tid, path text) ON COMMIT DROP;
     CREATE UNIQUE INDEX ON countersign_of_others (part, place);";

/// Keys that are followed upwards at most. What is further away counts as another account's.
const MAX_HEIGHT: i32 = 200;

/// Puts the rows in question that hold the address in one column.
pub(super) async fn begin(
    connection: &mut PgConnection,
    table: usize,
    loose: usize,
) -> Result<(), sqlx::Error> {
    let text = format!(
        "INSERT INTO {ABOVE} SELECT part, place, {table}, part, place, 0, '' FROM {ADDRESSED} WHERE loose = {loose}
         ON CONFLICT DO NOTHING"
    );
    query(text).execute(connection).await?;
    Ok(())
}

/// Follows keys upwards from the rows in question and writes down which belong to another account.
pub(super) async fn climb(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    accounts: &Accounts<'_>,
    person: Person<'_>,
) -> Result<(), AppDbError> {
    let mut climb = Climb {
        connection,
        graph,
        accounts,
        person,
        unlinked: Unlinked::of(graph),
        round: 0,
    };
    let mut fresh: BTreeSet<usize> = graph.loose.iter().map(|column| column.table).collect();
    while !fresh.is_empty() {
        if climb.round == MAX_HEIGHT {
            return Ok(climb.give_up().await?);
        }
        fresh = climb.step(&fresh).await?;
        climb.round += 1;
    }
    Ok(())
}

struct Climb<'c, 'a> {
    connection: &'c mut PgConnection,
    graph: &'c Graph<'a>,
    accounts: &'c Accounts<'a>,
    person: Person<'c>,
    unlinked: Unlinked<'c, 'a>,
    round: i32,
}

impl<'c, 'a> Climb<'c, 'a> {
    /// Looks at the rows of this round and goes one key up. Gives the tables with new rows.
    async fn step(&mut self, fresh: &BTreeSet<usize>) -> Result<BTreeSet<usize>, sqlx::Error> {
        let mut above = BTreeSet::new();
        for &table in fresh {
            let links = self.graph.links.iter().filter(|link| link.child == table);
            let (to_accounts, up): (Vec<&Link>, Vec<&Link>) =
                links.partition(|link| link.parent == self.root());
            for link in to_accounts {
                self.name_others(link).await?;
            }
            for column in self.unlinked.to_accounts(table) {
                self.name_others_without_key(table, column).await?;
            }
            if self.round > 0 {
                self.name_members(table).await?;
            }
            for link in up {
                if !self.graph.at.schema.tables[link.parent].may_select {
                    // Whose the rows above are cannot be seen.
                    self.name_unreadable(link).await?;
                } else if self.go_up(link, "").await? > 0 {
                    above.insert(link.parent);
                }
            }
            for link in self.unlinked.to_others(table) {
                if self
                    .go_up(&link, &self.unlinked.and_found_by_name())
                    .await?
                    > 0
                {
                    above.insert(link.parent);
                }
            }
        }
        Ok(above)
    }

    fn root(&self) -> usize {
        self.graph.nodes[ROOT].table
    }

    /// Rows of this round that name another account.
    async fn name_others(&mut self, link: &Link) -> Result<(), sqlx::Error> {
        let condition = self.names_another(link, "t");
        self.mark(link, &condition, "").await
    }

    /// Rows of this round that hold another id than the person's in a column that is named like a reference to an account.
    async fn name_others_without_key(
        &mut self,
        table: usize,
        column: &Column,
    ) -> Result<(), sqlx::Error> {
        let is_uuid = self.accounts.has(&self.graph.at.mapping.user.id);
        let is_uuid = is_uuid.is_some_and(|id| id.type_name == "pg_catalog.uuid");
        let held = format!("t.{}::text", ident(&column.name));
        // A UUID may be written in capitals.
        let folds = if is_uuid { "lower" } else { "" };
        let found = &self.graph.at.schema.tables[table];
        let text = format!(
            "INSERT INTO {OF_OTHERS} SELECT a.part, a.place, a.path || $2::text FROM {ABOVE} a
             JOIN {} t ON t.tableoid = a.up_part AND t.ctid = a.up_place
             WHERE a.tab = {table} AND a.round = {} AND {held} <> ''
               AND {folds}({held}) <> {} AND lower({held}) <> lower($3::text){}
             ON CONFLICT DO NOTHING",
            found.source(),
            self.round,
            self.accounts.id_text(1),
            self.unlinked.and_found_by_name()
        );
        let label = self.graph.at.label(found);
        query(text)
            .bind(self.person.user_id)
            .bind(format!("{label}.{}, which has no key", column.name))
            .bind(self.person.email)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn name_unreadable(&mut self, link: &Link) -> Result<(), sqlx::Error> {
        let condition = link.is_set("t");
        self.mark(link, &condition, ", which may not be read").await
    }

    async fn mark(&mut self, link: &Link, condition: &str, more: &str) -> Result<(), sqlx::Error> {
        let text = format!(
            "INSERT INTO {OF_OTHERS} SELECT a.part, a.place, a.path || $2::text FROM {ABOVE} a
             JOIN {} t ON t.tableoid = a.up_part AND t.ctid = a.up_place
             WHERE a.tab = {} AND a.round = {} AND {condition} ON CONFLICT DO NOTHING",
            link.source, link.child, self.round
        );
        let label = link.label(self.graph.at);
        query(text)
            .bind(self.person.user_id)
            .bind(format!("{label}{more}"))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Follows one key from the rows of this round.
    async fn go_up(&mut self, link: &Link, and_may: &str) -> Result<u64, sqlx::Error> {
        let parent = &self.graph.at.schema.tables[link.parent];
        let text = format!(
            "INSERT INTO {ABOVE} SELECT a.part, a.place, {}, p.tableoid, p.ctid, {},
                CASE WHEN right(a.path, length($2::text)) = $2::text THEN a.path ELSE a.path || $2::text END
             FROM {ABOVE} a JOIN {} t ON t.tableoid = a.up_part AND t.ctid = a.up_place JOIN {} p ON {}
             WHERE a.tab = {} AND a.round = {}{}{and_may}
               AND NOT EXISTS (SELECT 1 FROM {OF_OTHERS} o WHERE o.part = a.part AND o.place = a.place)
             ON CONFLICT DO NOTHING",
            link.parent,
            self.round + 1,
            link.source,
            parent.source(),
            link.joins("t", "p"),
            link.child,
            self.round,
            self.and_not_mine(link.parent, "p"),
        );
        let label = link.label(self.graph.at);
        // A key from a table to itself is named once, however often it is followed.
        let done = query(text)
            .bind(self.person.user_id)
            .bind(format!("{label} → "))
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected())
    }

    /// The condition that a row above is neither the person's nor one that the person's account is below of.
    fn and_not_mine(&self, table: usize, alias: &str) -> String {
        let mut text = String::new();
        let links = self.graph.links.iter();
        for link in links.clone().filter(|link| link.child == table) {
            if link.parent == self.root() {
                text.push_str(&format!(" AND NOT {}", self.names_person(link, alias)));
            }
        }
        let is_above =
            |link: &&Link| link.parent == table && link.child == self.root() && !link.only_refers();
        for link in links.filter(is_above) {
            text.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM {} me WHERE {} AND {})",
                self.accounts.table.source(),
                link.joins("me", alias),
                self.accounts.id_is("me", 1)
            ));
        }
        if let Some(node) = self
            .graph
            .node_of(table)
            .filter(|_| self.person.is_collected)
        {
            text.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
                Node::slot(node),
                self.graph.nodes[node].is_row(alias, "mine")
            ));
        }
        text
    }

    /// Rows of this round that only others are members of.
    async fn name_members(&mut self, table: usize) -> Result<(), sqlx::Error> {
        let memberships = self.memberships(table);
        if memberships.is_empty() {
            return Ok(());
        }
        let any = |of: &dyn Fn(&Membership<'_>) -> String| {
            let each: Vec<String> = memberships.iter().map(of).collect();
            each.join(" OR ")
        };
        let mine = any(&|one| one.exists(&self.is_person(one)));
        for membership in &memberships {
            let text = format!(
                "WITH up AS (SELECT DISTINCT up_part, up_place FROM {ABOVE} WHERE tab = {table} AND round = {round}),
                 held AS (SELECT up.* FROM up JOIN {source} p ON p.tableoid = up.up_part AND p.ctid = up.up_place
                          WHERE {others} AND NOT ({mine}))
                 INSERT INTO {OF_OTHERS} SELECT a.part, a.place, a.path || $2::text FROM {ABOVE} a JOIN held USING (up_part, up_place)
                 WHERE a.tab = {table} AND a.round = {round} ON CONFLICT DO NOTHING",
                round = self.round,
                source = self.graph.at.schema.tables[table].source(),
                others = membership.exists(&self.is_another(membership)),
            );
            let at = self.graph.at;
            let named = membership.account.unwrap_or(membership.link);
            let path = format!("{} ← {}", at.label_at(table), named.label(at));
            query(text)
                .bind(self.person.user_id)
                .bind(path)
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }

    fn memberships(&self, table: usize) -> Vec<Membership<'c>> {
        let graph = self.graph;
        let links = graph.links.iter();
        let mut found = Vec::new();
        for link in links.filter(|link| link.parent == table && link.child != table) {
            if link.child == self.root() {
                if !link.only_refers() {
                    found.push(Membership {
                        link,
                        account: None,
                    });
                }
                continue;
            }
            let members = &graph.at.schema.tables[link.child];
            let to_accounts = self
                .graph
                .links
                .iter()
                .filter(|other| other.child == link.child && other.parent == self.root());
            for account in to_accounts {
                let pair = [link.columns.clone(), account.columns.clone()].concat();
                if identifies(members, &pair) {
                    found.push(Membership {
                        link,
                        account: Some(account),
                    });
                }
            }
        }
        found
    }

    fn is_person(&self, membership: &Membership<'_>) -> String {
        match membership.account {
            None => self.accounts.id_is("c", 1),
            Some(account) => self.names_person(account, "c"),
        }
    }

    fn is_another(&self, membership: &Membership<'_>) -> String {
        match membership.account {
            None => format!("NOT {}", self.accounts.id_is("c", 1)),
            Some(account) => self.names_another(account, "c"),
        }
    }

    /// The condition that a row names an account other than the person's by this key.
    fn names_another(&self, link: &Link, alias: &str) -> String {
        if link.declared {
            return format!(
                "EXISTS (SELECT 1 FROM {} u WHERE {} AND NOT {})",
                self.accounts.table.source(),
                link.joins(alias, "u"),
                self.accounts.id_is("u", 1)
            );
        }
        // Without a foreign key the account that is named may be gone: it is another one all the same.
        format!(
            "({} AND NOT {})",
            link.is_set(alias),
            self.names_person(link, alias)
        )
    }

    /// The condition that a row names the person by this key.
    fn names_person(&self, link: &Link, alias: &str) -> String {
        if link.declared || link.references != [self.graph.at.mapping.user.id.clone()] {
            return format!(
                "EXISTS (SELECT 1 FROM {} u WHERE {} AND {})",
                self.accounts.table.source(),
                link.joins(alias, "u"),
                self.accounts.id_is("u", 1)
            );
        }
        let each: Vec<String> = columns(alias, &link.columns)
            .iter()
            .map(|column| format!("{column}::text = {}", self.accounts.id_text(1)))
            .collect();
        format!("coalesce({}, false)", each.join(" AND "))
    }

    /// What is too far up counts as another account's.
    async fn give_up(&mut self) -> Result<(), sqlx::Error> {
        let text = format!(
            "INSERT INTO {OF_OTHERS} SELECT part, place, path || '…' FROM {ABOVE} WHERE round = {MAX_HEIGHT}
             ON CONFLICT DO NOTHING"
        );
        query(text).execute(&mut *self.connection).await?;
        Ok(())
    }
}

/// How accounts are members of a row: they point to it, or rows of a table of pairs point to both.
struct Membership<'a> {
    link: &'a Link,
    account: Option<&'a Link>,
}

impl Membership<'_> {
    /// A member of the row `p` is there for whom the condition about `c` holds.
    fn exists(&self, condition: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM {} c WHERE {} AND {condition})",
            self.link.source,
            self.link.joins("c", "p")
        )
    }
}
