//! An IP address is personal data: it is not kept for ever.

use std::time::Duration;

use countersign::{journal::private_data, runtime::Clock};

use super::{BAN, DAY, with_vercel};
use crate::support::{World, story::*};

async fn texts(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select kind from countersign.private_text where text is not null order by 1",
    )
    .fetch_all(&world.db)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_erased_ninety_days_after_the_end_of_its_request() {
    let world = with_vercel().await;
    world
        .ask_and_read(OLGA, "/ops ip ban 8.8.4.4 it scrapes the tests")
        .await;
    world.clock.advance(DAY * 8);
    world
        .until("the answer is erased", async |world| {
            (texts(world).await == ["asking", "term"]).then_some(())
        })
        .await;
    world.clock.advance(DAY * 83);
    world
        .until("the address is erased", async |world| {
            texts(world).await.is_empty().then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_whose_reason_names_somebody_by_address_is_forgotten_with_them() {
    let world = with_vercel().await;
    world.ask_and_read(OLGA, BAN).await;
    let line = "/ops ip ban 8.8.8.8 it is used by Maria@Example.com.";
    world.ask_and_read(OLGA, line).await;
    world.clock.advance(Duration::from_secs(60));
    let (pool, now) = (world.journal().pool, world.clock.now());
    let erased = private_data::erase_subject(&pool, "usr_1", Some("maria@example.com"), now).await;
    assert_eq!(erased.unwrap(), 1);
    assert_eq!(texts(&world).await, ["answer", "asking", "term"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_erased_for_the_whole_address_and_once_its_request_is_closed() {
    let world = with_vercel().await;
    for line in [
        "/ops ip ban 8.8.4.4 it is used by (maria@example.com)!",
        "/ops ip ban 8.8.8.8 it is used by not!maria@example.com",
        "/ops ip ban 8.8.8.9 it is used by maria@example.com.au",
    ] {
        world.ask_and_read(OLGA, line).await;
    }
    let (pool, now) = (world.journal().pool, world.clock.now());
    let erase = || private_data::erase_subject(&pool, "usr_1", Some("maria@example.com"), now);
    let open = async |is_open: &str| {
        let sql = format!("update countersign.request set open = {is_open}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&world.db)
            .await
            .unwrap();
    };
    open("true").await;
    assert_eq!(erase().await.unwrap(), 0);
    open("false").await;
    assert_eq!(erase().await.unwrap(), 1);
}
