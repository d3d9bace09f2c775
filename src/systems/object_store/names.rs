//! Keys as listings write them.

use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use super::{error::StoreError, key::ObjectKey};

/// How names are written in an answer. We ask for percent-encoding, for a key may hold characters that XML cannot; a
/// store that does not know the option answers without saying so, and then the names are plain.
#[derive(Clone, Copy)]
pub(super) enum Names {
    Encoded,
    Plain,
}

impl Names {
    pub(super) fn of(encoding: Option<&EncodingType>) -> Self {
        if encoding == Some(&EncodingType::Url) {
            Self::Encoded
        } else {
            Self::Plain
        }
    }

    pub(super) fn read(self, name: Option<&str>) -> Result<String, StoreError> {
        let name = name.ok_or_else(|| broken("listing"))?;
        match self {
            Self::Plain => Ok(name.to_owned()),
            // S3 writes a space as '+' here, and a '+' as %2B.
            Self::Encoded => percent_decode_str(&name.replace('+', " "))
                .decode_utf8()
                .map(|text| text.into_owned())
                .map_err(|_| broken("listing")),
        }
    }
}

/// A listing that cannot be trusted to be complete.
pub(super) fn broken(call: &'static str) -> StoreError {
    StoreError::Answered {
        call,
        code: "BrokenListing".to_owned(),
        detail: "the listing misses a name or does not say where it goes on; nothing can be called complete".to_owned(),
    }
}

/// A listed name as a key.
pub(super) fn own_key(key: String) -> Result<ObjectKey, StoreError> {
    ObjectKey::new(key).map_err(|_| broken("listing"))
}
