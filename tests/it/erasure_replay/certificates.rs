//! The ledger was restored too: then the certificates in the documents' bucket say who was erased.

use super::restored::{LINE, MARIA};
use crate::support::{World, environment::DOCUMENTS, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_the_ledger_has_lost_is_found_by_its_certificate() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql("delete from countersign.erasure_ledger")
        .await;
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(
        card.contains("usr_1 is there again: OPS-1001 erased it"),
        "{card}"
    );
    assert!(card.contains("the ledger was restored too"), "{card}");
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(MARIA).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_changed_erases_nobody() {
    let world = World::start().await;
    world.erase_maria().await;
    world
        .run_sql("delete from countersign.erasure_ledger")
        .await;
    let key = world.s3.objects(DOCUMENTS)[0].key.clone();
    let text = world.s3.get(DOCUMENTS, &key).unwrap();
    let forged = String::from_utf8(text.to_vec())
        .unwrap()
        .replace("\"usr_1\"", "\"usr_2\"");
    world
        .s3
        .put(DOCUMENTS, &key, forged, "application/json")
        .unwrap();
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    assert!(card.contains("nobody of 0 erased accounts"), "{card}");
    assert!(card.contains("no valid signature"), "{card}");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}
