//! The ledger was restored too: then the certificates in the documents' bucket say who was erased.

use super::restored::{LINE, MARIA};
use crate::support::{World, environment::DOCUMENTS, story::*};
use countersign::journal::sealed::ErasureEntry;

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
    assert!(
        card.contains("COUNTERSIGN_AUDIT_KEY may not be the key of that time"),
        "{card}"
    );
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_is_recognised_it_says_that_the_key_may_be_another_one() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    assert!(!world.card_of_replay().await.contains("AUDIT_KEY"));
    // What was signed and hashed under another key looks as if it had been changed.
    let key = world.s3.objects(DOCUMENTS)[0].key.clone();
    let text = world.s3.get(DOCUMENTS, &key).unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    let foreign = text.replace("\"signature\": \"", "\"signature\": \"00");
    world
        .s3
        .put(DOCUMENTS, &key, foreign, "application/json")
        .unwrap();
    world
        .run_sql("update countersign.erasure_ledger set email_identity = 'of another key'")
        .await;
    world.seal_again::<ErasureEntry>().await;
    let card = world.card_of_replay().await;
    assert!(card.contains("usr_1 is there again"), "{card}");
    assert!(
        card.contains("COUNTERSIGN_AUDIT_KEY may not be the key of that time"),
        "{card}"
    );
    // Without any certificate only the addresses tell.
    world.s3.delete(DOCUMENTS, &key).unwrap();
    let card = world.card_of_replay().await;
    assert!(card.contains("not one has its address"), "{card}");
    world.finish().await;
}
