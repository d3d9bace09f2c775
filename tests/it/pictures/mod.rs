//! Pictures of answers on their way into a direct message.

mod erased;
mod refused;
mod shown;

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign::domain::{RequestId, answer::Part};
use countersign_sandbox::slack::{Message, StoredFile};

use crate::support::World;

/// Something whose answer has a picture.
const LINE: &str = "/ops stats users";

/// The id of the file that a message shows.
fn file_of(message: &Message) -> Option<String> {
    let image = message
        .blocks
        .iter()
        .find(|block| block["type"] == "image")?;
    image["slack_file"]["id"].as_str().map(str::to_owned)
}

/// Every file that was uploaded completely, and not deleted.
fn files(world: &World) -> Vec<StoredFile> {
    world.slack.read(|slack| {
        let all = slack.files.values();
        all.filter(|file| file.ready_at.is_some() && !file.deleted)
            .cloned()
            .collect()
    })
}

/// The picture in the answer, as it lies beside the chain.
async fn drawn(world: &World, id: RequestId) -> Vec<u8> {
    let private_data = world.journal().private_data(id).await.unwrap();
    let parts = private_data
        .answers
        .values()
        .flat_map(|answer| &answer.parts);
    let mut pictures = parts.filter_map(|part| match part {
        Part::Picture { png, .. } => Some(STANDARD.decode(png).unwrap()),
        _ => None,
    });
    pictures.next_back().unwrap()
}
