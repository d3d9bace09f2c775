//! What changes something is told before what only reads.

use countersign::domain::RequestId;

use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_line_of_a_deletion_does_not_wait_for_the_lines_of_reads() {
    let world = World::start().await;
    let mut gate = world.slack.faults().hold("chat.postMessage");
    for n in 0..12 {
        let line = format!("/ops user show usr_{}", n % 9 + 1);
        assert!(world.slack.slash(GRACE, OPS, &line).await.unwrap().ok());
    }
    world
        .until("the reads are done", async |world| {
            let sql = "select count(*) from countersign.message where slot like 'audit:%' and parent is null";
            (world.count(sql).await >= 9).then_some(())
        })
        .await;
    // One line of a read is being posted; everything else waits behind it.
    let posting = gate.arrived().await.unwrap();
    assert!(world.slack.slash(ADA, OPS, LINE).await.unwrap().ok());
    let id = world
        .until("the planned deletion waits to be told", async |world| {
            let sql = "select m.request_id from countersign.message m join countersign.request r on r.id = m.request_id
                       where m.slot like 'audit:%' and m.parent is null and r.operation = 'user delete'
                         and m.wanted > 1";
            let found: Option<uuid::Uuid> = sqlx::query_scalar(sql)
                .fetch_optional(&world.db)
                .await
                .unwrap();
            found
        })
        .await;
    drop(gate);
    posting.release();
    world.hurry_until_delivered().await;
    let lines: Vec<String> = world
        .slack
        .messages(AUDIT)
        .into_iter()
        .filter(|message| message.thread_ts.is_none())
        .map(|message| message.all_text())
        .collect();
    let place = lines.iter().position(|line| line.contains("Delete a user"));
    let place = place.unwrap_or_else(|| panic!("no line of the deletion: {lines:#?}"));
    assert!(place <= 2, "{place} lines came before it: {lines:#?}");
    let id = RequestId(id);
    world.until_card_shows(id, "cancel").await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}
