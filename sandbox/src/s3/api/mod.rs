//! The operations: `s3s`' requests in, the store's answers out.

mod buckets;
mod deletes;
mod lists;
mod objects;
mod upload_lists;
mod uploads;
mod versions;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use s3s::{
    S3, S3Request, S3Response, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
        CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
        DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, ETag,
        GetBucketCorsInput, GetBucketCorsOutput, GetBucketEncryptionInput,
        GetBucketEncryptionOutput, GetBucketLocationInput, GetBucketLocationOutput,
        GetBucketLoggingInput, GetBucketLoggingOutput, GetBucketPolicyStatusInput,
        GetBucketPolicyStatusOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
        GetObjectInput, GetObjectOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
        HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput,
        ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
        ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput,
        ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput,
        PutBucketCorsInput, PutBucketCorsOutput, PutBucketVersioningInput,
        PutBucketVersioningOutput, PutObjectInput, PutObjectOutput, Timestamp, UploadPartInput,
        UploadPartOutput,
    },
};

use super::{Shared, store::Stamp};
use crate::runtime;

/// The operations over the shared state.
pub(super) struct Api(pub(super) Arc<Shared>);

impl Api {
    fn stamp(&self) -> Stamp {
        self.0.stamp()
    }
}

impl Shared {
    /// Time and id for a change made now.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            now: (self.now)(),
            new_id: runtime::new_id().simple().to_string(),
        }
    }
}

/// S3's form of a time.
fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp::from(std::time::SystemTime::from(time))
}

/// An ETag as S3 tells it.
fn etag(etag: &str) -> Option<ETag> {
    Some(ETag::Strong(etag.to_owned()))
}

/// S3 tells sizes as signed numbers.
fn size(bytes: u64) -> Option<i64> {
    i64::try_from(bytes).ok()
}

/// Routes each operation of the trait to the function of the same name in its file.
macro_rules! operations {
    ($($file:ident::$name:ident($input:ty) -> $output:ty;)*) => {
        #[async_trait::async_trait]
        impl S3 for Api {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                Ok(S3Response::new($file::$name(self, request).await?))
            })*
        }
    };
}

operations! {
    buckets::list_buckets(ListBucketsInput) -> ListBucketsOutput;
    buckets::head_bucket(HeadBucketInput) -> HeadBucketOutput;
    buckets::create_bucket(CreateBucketInput) -> CreateBucketOutput;
    buckets::get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
    buckets::get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
    buckets::put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput;
    buckets::get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput;
    buckets::put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput;
    buckets::get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput;
    buckets::get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput;
    buckets::get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput;
    buckets::get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput;
    objects::put_object(PutObjectInput) -> PutObjectOutput;
    objects::get_object(GetObjectInput) -> GetObjectOutput;
    objects::head_object(HeadObjectInput) -> HeadObjectOutput;
    objects::copy_object(CopyObjectInput) -> CopyObjectOutput;
    deletes::delete_object(DeleteObjectInput) -> DeleteObjectOutput;
    deletes::delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
    lists::list_objects(ListObjectsInput) -> ListObjectsOutput;
    lists::list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
    versions::list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
    uploads::create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
    uploads::upload_part(UploadPartInput) -> UploadPartOutput;
    uploads::complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    uploads::abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
    upload_lists::list_parts(ListPartsInput) -> ListPartsOutput;
    upload_lists::list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
}
