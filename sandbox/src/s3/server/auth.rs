//! The one access key that the server knows.

use s3s::{
    S3Result,
    auth::{S3Auth, SecretKey},
    s3_error,
};

/// Knows one key. The protocol layer's own would answer `NotSignedUp` for another, which AWS does not.
pub(super) struct OneKey {
    pub(super) access_key: String,
    pub(super) secret_key: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(self.secret_key.clone());
        }
        Err(s3_error!(
            InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records."
        ))
    }
}
