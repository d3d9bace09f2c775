//! Uploads that were begun and never finished: their parts are unseen and paid for.

use super::{
    client::ObjectStore,
    error::{StoreError, sort},
    key::ObjectKey,
    names::{Names, broken},
};
use aws_sdk_s3::types::EncodingType;

impl ObjectStore {
    /// Gives up every unfinished upload to exactly `key`, and gives their number.
    ///
    /// # Errors
    /// Any [`StoreError`]; what was given up before stays so.
    pub async fn abort_uploads(&self, key: &ObjectKey) -> Result<usize, StoreError> {
        let uploads = self.unfinished(key).await?;
        for upload in &uploads {
            let answer = self
                .client
                .abort_multipart_upload()
                .bucket(self.bucket())
                .key(key.as_str())
                .upload_id(upload)
                .send()
                .await;
            match answer {
                Ok(_) => {}
                // Somebody was faster.
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|service| service.is_no_such_upload()) => {}
                Err(error) => return Err(sort("AbortMultipartUpload", self.bucket(), &error)),
            }
        }
        Ok(uploads.len())
    }

    async fn unfinished(&self, key: &ObjectKey) -> Result<Vec<String>, StoreError> {
        const CALL: &str = "ListMultipartUploads";
        let mut found = Vec::new();
        let (mut key_marker, mut id_marker) = (None, None);
        loop {
            let page = self
                .client
                .list_multipart_uploads()
                .bucket(self.bucket())
                .prefix(key.as_str())
                .encoding_type(EncodingType::Url)
                .set_key_marker(key_marker.clone())
                .set_upload_id_marker(id_marker.clone())
                .send()
                .await
                .map_err(|error| sort(CALL, self.bucket(), &error))?;
            let names = Names::of(page.encoding_type());
            for upload in page.uploads() {
                if names.read(upload.key())? == key.as_str() {
                    found.extend(upload.upload_id().map(str::to_owned));
                }
            }
            if page.is_truncated() != Some(true) {
                return Ok(found);
            }
            let next = (
                Some(names.read(page.next_key_marker())?),
                page.next_upload_id_marker().map(str::to_owned),
            );
            if next == (key_marker, id_marker) {
                return Err(broken(CALL));
            }
            (key_marker, id_marker) = next;
        }
    }
}
