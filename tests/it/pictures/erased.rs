use countersign::{journal::private_data, runtime::Clock};

use super::{LINE, file_of, files};
use crate::support::{World, people::VICTOR};

/// No operation of today answers about one person with a picture. This one is made to be about Maria.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_about_somebody_who_is_erased_is_deleted_in_slack_as_well() {
    let world = World::start().await;
    let (id, told) = world.answered(VICTOR, LINE).await;
    let file = file_of(&told).unwrap();
    let about = |subject: Option<&'static str>| {
        sqlx::query("update countersign.request set subject = $2 where id = $1")
            .bind(id.0)
            .bind(subject)
            .execute(&world.db)
    };
    about(Some("usr_1")).await.unwrap();
    let now = world.clock.now();
    let erased = private_data::erase_subject(&world.journal().pool, "usr_1", None, now).await;
    assert_eq!(erased.unwrap(), 1);
    about(None).await.unwrap();
    world
        .until("the picture is deleted", async |world| {
            files(world).is_empty().then_some(())
        })
        .await;
    let gone = world.slack.read(|slack| slack.files[&file].deleted);
    assert!(gone);
    let told = world
        .until("the answer is erased", async |world| {
            let told = world.told_of(VICTOR, id).await;
            told.all_text().contains("erased").then_some(told)
        })
        .await;
    assert_eq!(file_of(&told), None);
    assert_eq!(
        world
            .count("select count(*) from countersign.picture")
            .await,
        0
    );
    world.finish().await;
}
