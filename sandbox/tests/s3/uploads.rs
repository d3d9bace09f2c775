use aws_sdk_s3::{
    operation::upload_part::UploadPartOutput,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};

use super::{VERSIONED, World, code};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn parts_become_one_object_and_completing_again_gives_the_same_answer() {
    let world = World::start().await;
    let id = begin(&world).await;
    let one = part(&world, &id, 1, vec![b'a'; 5 * MIB]).await;
    let two = part(&world, &id, 2, b"end".to_vec()).await;
    let listed = world
        .client
        .list_parts()
        .bucket(VERSIONED)
        .key("big")
        .upload_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(
        listed
            .parts()
            .iter()
            .map(|part| part.size())
            .collect::<Vec<_>>(),
        [Some(5 * MIB as i64), Some(3)]
    );
    let parts = [completed(1, &one), completed(2, &two)];
    let done = complete(&world, &id, &parts).await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""));
    let again = complete(&world, &id, &parts).await.unwrap();
    assert_eq!(again.version_id(), done.version_id());
    assert_eq!(
        world.server.get(VERSIONED, "big").unwrap().len(),
        5 * MIB + 3
    );
    assert_eq!(world.server.count(VERSIONED, ""), 1);
    assert!(world.server.uploads(VERSIONED).is_empty());
    let got = world
        .client
        .get_object()
        .bucket(VERSIONED)
        .key("big")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("application/zip"));
    assert_eq!(
        got.body.collect().await.unwrap().to_vec().len(),
        5 * MIB + 3
    );
}

#[tokio::test]
async fn a_small_part_before_the_last_is_refused() {
    let world = World::start().await;
    let id = begin(&world).await;
    let one = part(&world, &id, 1, b"small".to_vec()).await;
    let two = part(&world, &id, 2, b"end".to_vec()).await;
    let done = complete(&world, &id, &[completed(1, &one), completed(2, &two)]).await;
    assert_eq!(code(done), "EntityTooSmall");
    assert_eq!(
        world.server.uploads(VERSIONED).len(),
        1,
        "the upload can still be mended"
    );
}

#[tokio::test]
async fn parts_must_be_in_order_and_have_the_right_etag() {
    let world = World::start().await;
    let id = begin(&world).await;
    let one = part(&world, &id, 1, vec![b'a'; 5 * MIB]).await;
    let two = part(&world, &id, 2, b"end".to_vec()).await;
    let order = complete(&world, &id, &[completed(2, &two), completed(1, &one)]).await;
    assert_eq!(code(order), "InvalidPartOrder");
    let swapped = complete(&world, &id, &[completed(1, &two), completed(2, &one)]).await;
    assert_eq!(code(swapped), "InvalidPart");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let world = World::start().await;
    let id = begin(&world).await;
    let listed = world
        .client
        .list_multipart_uploads()
        .bucket(VERSIONED)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.uploads()[0].upload_id(), Some(id.as_str()));
    let abort = || {
        world
            .client
            .abort_multipart_upload()
            .bucket(VERSIONED)
            .key("big")
            .upload_id(&id)
            .send()
    };
    abort().await.unwrap();
    assert_eq!(code(abort().await), "NoSuchUpload");
    let late = world
        .client
        .upload_part()
        .bucket(VERSIONED)
        .key("big")
        .upload_id(&id)
        .part_number(1);
    assert_eq!(
        code(late.body(ByteStream::from_static(b"x")).send().await),
        "NoSuchUpload"
    );
    assert!(world.server.uploads(VERSIONED).is_empty());
}

async fn begin(world: &World) -> String {
    let create = world
        .client
        .create_multipart_upload()
        .bucket(VERSIONED)
        .key("big")
        .content_type("application/zip");
    create.send().await.unwrap().upload_id().unwrap().to_owned()
}

async fn part(world: &World, id: &str, number: i32, bytes: Vec<u8>) -> UploadPartOutput {
    let part = world
        .client
        .upload_part()
        .bucket(VERSIONED)
        .key("big")
        .upload_id(id)
        .part_number(number);
    part.body(ByteStream::from(bytes)).send().await.unwrap()
}

fn completed(number: i32, part: &UploadPartOutput) -> CompletedPart {
    let completed = CompletedPart::builder()
        .part_number(number)
        .set_e_tag(part.e_tag().map(str::to_owned));
    completed
        .set_checksum_crc32(part.checksum_crc32().map(str::to_owned))
        .build()
}

async fn complete(
    world: &World,
    id: &str,
    parts: &[CompletedPart],
) -> Result<
    aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput,
    aws_sdk_s3::error::SdkError<
        aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadError,
    >,
> {
    let parts = CompletedMultipartUpload::builder()
        .set_parts(Some(parts.to_vec()))
        .build();
    let complete = world
        .client
        .complete_multipart_upload()
        .bucket(VERSIONED)
        .key("big")
        .upload_id(id);
    complete.multipart_upload(parts).send().await
}
