//! Buckets and what they say about themselves.

use s3s::{
    S3Request, S3Result,
    dto::{
        Bucket, BucketLocationConstraint, BucketVersioningStatus, CreateBucketInput,
        CreateBucketOutput, GetBucketCorsInput, GetBucketCorsOutput, GetBucketEncryptionInput,
        GetBucketEncryptionOutput, GetBucketLocationInput, GetBucketLocationOutput,
        GetBucketLoggingInput, GetBucketLoggingOutput, GetBucketPolicyStatusInput,
        GetBucketPolicyStatusOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
        GetPublicAccessBlockInput, GetPublicAccessBlockOutput, HeadBucketInput, HeadBucketOutput,
        ListBucketsInput, ListBucketsOutput, PolicyStatus, PutBucketCorsInput, PutBucketCorsOutput,
        PutBucketVersioningInput, PutBucketVersioningOutput, ServerSideEncryption,
        ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    },
    s3_error,
};

use super::{Api, timestamp};
use crate::s3::settings::{BucketFacts, BucketSettings, Encryption, Versioning};

/// The region whose buckets have no location constraint.
const FIRST_REGION: &str = "us-east-1";

pub(super) async fn list_buckets(
    api: &Api,
    _: S3Request<ListBucketsInput>,
) -> S3Result<ListBucketsOutput> {
    let store = api.0.store();
    let buckets = store.all().map(|(name, bucket)| Bucket {
        name: Some(name.clone()),
        creation_date: Some(timestamp(bucket.created)),
        bucket_region: Some(api.0.region.clone()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        ..Default::default()
    })
}

pub(super) async fn head_bucket(
    api: &Api,
    request: S3Request<HeadBucketInput>,
) -> S3Result<HeadBucketOutput> {
    api.0.store().bucket(&request.input.bucket)?;
    Ok(HeadBucketOutput {
        bucket_region: Some(api.0.region.clone()),
        ..Default::default()
    })
}

pub(super) async fn create_bucket(
    api: &Api,
    request: S3Request<CreateBucketInput>,
) -> S3Result<CreateBucketOutput> {
    let input = request.input;
    let asked = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint);
    let asked = asked
        .as_ref()
        .map_or(FIRST_REGION, BucketLocationConstraint::as_str);
    if asked != api.0.region {
        return Err(s3_error!(
            IllegalLocationConstraintException,
            "The {asked} location constraint is incompatible for the region specific endpoint this request was sent to."
        ));
    }
    let location = format!("/{}", input.bucket);
    let settings = BucketSettings {
        name: input.bucket,
        versioning: Versioning::Unset,
    };
    api.0.store().create(settings, (api.0.now)())?;
    Ok(CreateBucketOutput {
        location: Some(location),
    })
}

pub(super) async fn get_bucket_location(
    api: &Api,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<GetBucketLocationOutput> {
    api.0.store().bucket(&request.input.bucket)?;
    let region = &api.0.region;
    Ok(GetBucketLocationOutput {
        location_constraint: (region != FIRST_REGION).then(|| region.clone().into()),
    })
}

pub(super) async fn get_bucket_versioning(
    api: &Api,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<GetBucketVersioningOutput> {
    let status = match api.0.store().bucket(&request.input.bucket)?.versioning {
        Versioning::Unset => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    Ok(GetBucketVersioningOutput {
        status: status.map(BucketVersioningStatus::from_static),
        mfa_delete: None,
    })
}

pub(super) async fn put_bucket_versioning(
    api: &Api,
    request: S3Request<PutBucketVersioningInput>,
) -> S3Result<PutBucketVersioningOutput> {
    let status = request.input.versioning_configuration.status;
    let versioning = match status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => {
            return Err(s3_error!(
                IllegalVersioningConfigurationException,
                "The Versioning element must be specified"
            ));
        }
    };
    api.0.store().bucket_mut(&request.input.bucket)?.versioning = versioning;
    Ok(PutBucketVersioningOutput::default())
}

pub(super) async fn get_bucket_cors(
    api: &Api,
    request: S3Request<GetBucketCorsInput>,
) -> S3Result<GetBucketCorsOutput> {
    let rules = facts(api, &request.input.bucket)?.cors;
    let rules = rules.ok_or_else(|| {
        s3_error!(
            NoSuchCORSConfiguration,
            "The CORS configuration does not exist"
        )
    })?;
    Ok(GetBucketCorsOutput {
        cors_rules: Some(rules),
    })
}

pub(super) async fn put_bucket_cors(
    api: &Api,
    request: S3Request<PutBucketCorsInput>,
) -> S3Result<PutBucketCorsOutput> {
    let input = request.input;
    api.0.store().bucket_mut(&input.bucket)?.facts.cors = Some(input.cors_configuration.cors_rules);
    Ok(PutBucketCorsOutput::default())
}

pub(super) async fn get_public_access_block(
    api: &Api,
    request: S3Request<GetPublicAccessBlockInput>,
) -> S3Result<GetPublicAccessBlockOutput> {
    let block = facts(api, &request.input.bucket)?.public_access_block;
    if block.is_none() {
        return Err(missing(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ));
    }
    Ok(GetPublicAccessBlockOutput {
        public_access_block_configuration: block,
    })
}

pub(super) async fn get_bucket_policy_status(
    api: &Api,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> S3Result<GetBucketPolicyStatusOutput> {
    let is_public = facts(api, &request.input.bucket)?.policy_is_public;
    let is_public = is_public
        .ok_or_else(|| s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist"))?;
    Ok(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(is_public),
        }),
    })
}

pub(super) async fn get_bucket_encryption(
    api: &Api,
    request: S3Request<GetBucketEncryptionInput>,
) -> S3Result<GetBucketEncryptionOutput> {
    let (algorithm, kms_master_key_id) = match facts(api, &request.input.bucket)?.encryption {
        Some(Encryption::ManagedByS3) => (ServerSideEncryption::AES256, None),
        Some(Encryption::Kms { key_id }) => (ServerSideEncryption::AWS_KMS, Some(key_id)),
        None => {
            return Err(missing(
                "ServerSideEncryptionConfigurationNotFoundError",
                "The server side encryption configuration was not found",
            ));
        }
    };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            kms_master_key_id,
            sse_algorithm: ServerSideEncryption::from_static(algorithm),
        }),
        bucket_key_enabled: Some(false),
    };
    Ok(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration {
            rules: vec![rule],
        }),
    })
}

pub(super) async fn get_bucket_logging(
    api: &Api,
    request: S3Request<GetBucketLoggingInput>,
) -> S3Result<GetBucketLoggingOutput> {
    Ok(GetBucketLoggingOutput {
        logging_enabled: facts(api, &request.input.bucket)?.logging,
    })
}

fn facts(api: &Api, bucket: &str) -> S3Result<BucketFacts> {
    Ok(api.0.store().bucket(bucket)?.facts.clone())
}

/// AWS answers 404 for these; the protocol layer knows no status for the one and another for the other.
fn missing(code: &'static str, message: &'static str) -> s3s::S3Error {
    let code = s3s::S3ErrorCode::from_bytes(code.as_bytes())
        .unwrap_or(s3s::S3ErrorCode::Custom(code.into()));
    let mut error = s3s::S3Error::with_message(code, message);
    error.set_status_code(http::StatusCode::NOT_FOUND);
    error
}
