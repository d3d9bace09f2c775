use countersign_sandbox::data;

use crate::support::{World, environment::DOCUMENTS, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_deletion_leaves_no_row_and_no_file_and_a_certificate() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    world.until_state(id, "done").await;

    assert_eq!(
        world
            .count(r#"select count(*) from "User" where id = 'usr_1'"#)
            .await,
        0
    );
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    assert_eq!(world.s3.objects(DOCUMENTS).len(), 1);
    let thread = world.audit_thread(id).await;
    assert!(thread.len() > 10, "{thread:#?}");
    world.until_told(ADA, "OPS-1001").await;
    world.finish().await;
}
