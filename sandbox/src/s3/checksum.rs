//! Receives a body and holds it against every digest that the client promised.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::HeaderMap;
use md5::{Digest, Md5};
use s3s::{
    S3Error, S3ErrorCode, S3Result, TrailingHeaders,
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256},
    dto::{Checksum, StreamingBlob},
    s3_error,
};

/// A body that arrived whole.
pub(super) struct Received {
    pub(super) bytes: Bytes,
    pub(super) md5: [u8; 16],
    /// The digests by the algorithms that the client chose; CRC64NVME, S3's own choice, when it chose none.
    pub(super) checksums: Checksum,
}

/// What the client said about the body.
pub(super) struct Promise {
    pub(super) checksums: Checksum,
    pub(super) content_md5: Option<String>,
    pub(super) trailers: Option<TrailingHeaders>,
}

/// Reads the body to its end. Fails with `BadDigest`, `InvalidDigest`, `XAmzContentSHA256Mismatch` or
/// `IncompleteBody`.
pub(super) async fn receive(body: Option<StreamingBlob>, promise: Promise) -> S3Result<Received> {
    let bytes = collect(body).await?;
    let md5: [u8; 16] = Md5::digest(&bytes).into();
    if let Some(promised) = promise.content_md5 {
        let decoded = STANDARD.decode(promised);
        let decoded = decoded
            .map_err(|_| s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid."))?;
        if decoded != md5 {
            return Err(bad_digest("Content-MD5"));
        }
    }
    let mut promised = promise.checksums;
    if let Some(trailers) = promise.trailers {
        trailers.read(|headers| add_trailers(&mut promised, headers));
    }
    let checksums = compute(&bytes, &promised);
    compare(&promised, &checksums)?;
    Ok(Received {
        bytes,
        md5,
        checksums,
    })
}

async fn collect(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| broken_body(error.as_ref()))?);
        }
    }
    Ok(bytes.freeze())
}

/// The stream says only in words why it broke.
fn broken_body(error: &(dyn std::error::Error + 'static)) -> S3Error {
    let words = error.to_string();
    if words.contains("Sha256Mismatch") {
        let mut mismatch = S3Error::with_message(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        mismatch.set_status_code(http::StatusCode::BAD_REQUEST);
        return mismatch;
    }
    if words.contains("SignatureMismatch") {
        return s3_error!(SignatureDoesNotMatch);
    }
    s3_error!(
        IncompleteBody,
        "The request body ended early or broke: {words}"
    )
}

fn add_trailers(promised: &mut Checksum, headers: &HeaderMap) {
    let value = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let fill = |field: &mut Option<String>, name| *field = field.take().or_else(|| value(name));
    fill(&mut promised.checksum_crc32, "x-amz-checksum-crc32");
    fill(&mut promised.checksum_crc32c, "x-amz-checksum-crc32c");
    fill(&mut promised.checksum_crc64nvme, "x-amz-checksum-crc64nvme");
    fill(&mut promised.checksum_sha1, "x-amz-checksum-sha1");
    fill(&mut promised.checksum_sha256, "x-amz-checksum-sha256");
}

fn compute(bytes: &[u8], promised: &Checksum) -> Checksum {
    let mut hasher = ChecksumHasher {
        crc32: promised.checksum_crc32.as_ref().map(|_| Crc32::new()),
        crc32c: promised.checksum_crc32c.as_ref().map(|_| Crc32c::new()),
        sha1: promised.checksum_sha1.as_ref().map(|_| Sha1::new()),
        sha256: promised.checksum_sha256.as_ref().map(|_| Sha256::new()),
        crc64nvme: promised
            .checksum_crc64nvme
            .as_ref()
            .map(|_| Crc64Nvme::new()),
    };
    if *promised == Checksum::default() {
        hasher.crc64nvme = Some(Crc64Nvme::new());
    }
    hasher.update(bytes);
    hasher.finalize()
}

fn compare(promised: &Checksum, computed: &Checksum) -> S3Result<()> {
    let pairs = [
        ("CRC32", &promised.checksum_crc32, &computed.checksum_crc32),
        (
            "CRC32C",
            &promised.checksum_crc32c,
            &computed.checksum_crc32c,
        ),
        (
            "CRC64NVME",
            &promised.checksum_crc64nvme,
            &computed.checksum_crc64nvme,
        ),
        ("SHA1", &promised.checksum_sha1, &computed.checksum_sha1),
        (
            "SHA256",
            &promised.checksum_sha256,
            &computed.checksum_sha256,
        ),
    ];
    for (name, promised, computed) in pairs {
        if promised.is_some() && promised != computed {
            return Err(bad_digest(name));
        }
    }
    Ok(())
}

fn bad_digest(name: &str) -> S3Error {
    s3_error!(
        BadDigest,
        "The {name} you specified did not match the calculated checksum."
    )
}
