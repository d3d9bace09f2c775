//! `/ops sessions revoke`, told as stories.

mod everybody;
mod one_person;
mod refused;
mod repeated;

use crate::support::World;

/// Rows of sessions.
async fn sessions(world: &World) -> i64 {
    world.count(r#"select count(*) from "Session""#).await
}

/// Rows of Maria's sessions.
async fn of_maria(world: &World) -> i64 {
    let sql = r#"select count(*) from "Session" where "userId" = 'usr_1'"#;
    world.count(sql).await
}

/// Signs accounts in, past the service.
async fn sign_in(world: &World, ids: &'static str, expires: &'static str) {
    let sql = format!(
        r#"insert into "Session" (id, "sessionToken", "userId", expires)
           select 'new_' || id || n, md5(id || n), id, now() at time zone 'utc' + interval '{expires}'
           from "User", generate_series(1, 3) n where id in ({ids})"#
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&world.db)
        .await
        .unwrap();
}
