//! Reading an object of any size, piece by piece.

use aws_sdk_s3::{
    error::ProvideErrorMetadata, operation::get_object::GetObjectOutput, primitives::ByteStream,
};

use super::{
    client::ObjectStore,
    error::{StoreError, sort},
    found::ObjectVersion,
    listing::size,
};

const CALL: &str = "GetObject";

/// How often an answer may break off without a single further byte before the object counts as out of reach.
const BREAKS_IN_A_ROW: u32 = 3;

/// An object that is being read. An answer that breaks off is asked for again from where it broke.
pub struct ObjectReader {
    store: ObjectStore,
    object: ObjectVersion,
    etag: Option<String>,
    body: ByteStream,
    at: u64,
    bytes: u64,
    breaks: u32,
}

impl ObjectStore {
    /// Begins to read exactly this version.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`] when it is gone, or any other.
    pub async fn read(&self, object: &ObjectVersion) -> Result<ObjectReader, StoreError> {
        let answer = get(self, object, None).await?;
        Ok(ObjectReader {
            store: self.clone(),
            object: object.clone(),
            etag: answer.e_tag().map(str::to_owned),
            at: 0,
            bytes: size(answer.content_length()),
            body: answer.body,
            breaks: 0,
        })
    }
}

impl ObjectReader {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the object cannot be read to its end, or any other.
    pub async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]> + Send + use<>>, StoreError> {
        loop {
            match self.body.next().await {
                Some(Ok(piece)) => {
                    self.at += piece.len() as u64;
                    self.breaks = 0;
                    return Ok(Some(piece));
                }
                None if self.at >= self.bytes => return Ok(None),
                None => self.go_on("it ended too early".to_owned()).await?,
                Some(Err(error)) => self.go_on(error.to_string()).await?,
            }
        }
    }

    /// Asks for the rest, of the same content.
    async fn go_on(&mut self, why: String) -> Result<(), StoreError> {
        self.breaks += 1;
        let (true, Some(etag)) = (self.breaks < BREAKS_IN_A_ROW, self.etag.clone()) else {
            return Err(StoreError::Unavailable {
                call: CALL,
                detail: format!("the answer broke off: {why}"),
            });
        };
        let from = (format!("bytes={}-", self.at), etag);
        self.body = get(&self.store, &self.object, Some(from)).await?.body;
        Ok(())
    }
}

/// Asks for an object, or for its rest when `from` names a range and the content that it must be of.
async fn get(
    store: &ObjectStore,
    object: &ObjectVersion,
    from: Option<(String, String)>,
) -> Result<GetObjectOutput, StoreError> {
    let (range, etag) = from.unzip();
    let request = store
        .client
        .get_object()
        .bucket(store.bucket())
        .key(object.key.as_str())
        .set_version_id(object.version_id.clone())
        .set_range(range)
        .set_if_match(etag);
    request.send().await.map_err(|error| {
        let code = error.as_service_error().and_then(|service| service.code());
        match code {
            Some("NoSuchKey" | "NoSuchVersion") => StoreError::NoSuchKey {
                key: object.key.to_string(),
            },
            _ => sort(CALL, store.bucket(), &error),
        }
    })
}
