//! What is put into the inbox by somebody else than Slack.

use sqlx::AssertSqlSafe;

use crate::support::{World, story::*};

/// Keeps every entry of the inbox as it was received.
const KEEP: &str = "create table public.kept as select * from countersign.inbox with no data;
    create function public.keep() returns trigger language plpgsql as $$
    begin insert into public.kept select new.*; return new; end $$;
    create trigger keep after insert on countersign.inbox for each row execute function public.keep()";

/// Puts the kept entries of one kind back as if they had just come in.
async fn put_back(world: &World, kind: &str) {
    let sql = format!(
        "drop trigger if exists keep on countersign.inbox;
         delete from countersign.inbox where kind = '{kind}';
         insert into countersign.inbox select * from public.kept where kind = '{kind}'"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&world.db)
        .await
        .unwrap();
    world
        .hurry_until("the inbox is worked off", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_approval_in_the_inbox_has_no_effect() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let digest = world.request(id).await.plan.unwrap().digest;
    let payload = serde_json::json!({
        "user": GRACE, "answer": { "to": "direct" }, "what": "decide", "request": id.0,
        "decision": { "decision": "approve", "plan": digest, "typed": "usr_1" }, "nonce": null,
    });
    sqlx::query(
        "insert into countersign.inbox (id, dedupe_key, kind, rank, lane, request_id, payload, received_at, not_before, mac)
         values (gen_random_uuid(), 'forged', 'approve', 1, '1:U0GRACE', $1, $2, now(), '1970-01-01', sha256('forged'))",
    )
    .bind(id.0)
    .bind(payload)
    .execute(&world.db)
    .await
    .unwrap();
    world
        .hurry_until("the entry is set aside", async |world| {
            let aside = "select count(*) from countersign.inbox where failed_at is not null";
            (world.count(aside).await == 1).then_some(())
        })
        .await;
    assert_eq!(world.event_names(id).await, ["asked", "planned"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_processed_and_is_put_back_asks_for_nothing_again() {
    let world = World::start().await;
    sqlx::raw_sql(KEEP).execute(&world.db).await.unwrap();
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    put_back(&world, "user delete").await;
    let requests = world
        .count("select count(*) from countersign.request")
        .await;
    assert_eq!(requests, 1);
    assert_eq!(
        world.event_names(id).await,
        ["asked", "planned", "cancelled"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_was_processed_and_is_put_back_approves_nothing_again() {
    let world = World::start().await;
    sqlx::raw_sql(KEEP).execute(&world.db).await.unwrap();
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_state(id, "cooling off").await;
    world.click(ADA, id, "stop").await;
    world.until_state(id, "stopped").await;
    put_back(&world, "approve").await;
    let names = world.event_names(id).await;
    let approvals = names.iter().filter(|name| *name == "approved");
    assert_eq!(approvals.count(), 1, "{names:?}");
    assert_eq!(world.request(id).await.state.word(), "stopped");
}
