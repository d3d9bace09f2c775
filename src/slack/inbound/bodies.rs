//! Request bodies, read within limits: of size, of time, and of what all of them together hold in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures::StreamExt;
use http::{HeaderMap, header::CONTENT_LENGTH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::rejection::Rejection;
use crate::config::limits;

/// Reads bodies. Clones share the memory that bodies may hold.
#[derive(Debug, Clone)]
pub struct Bodies {
    /// One permit per byte.
    room: Arc<Semaphore>,
    /// What large bodies leave to small ones, in bytes.
    reserve: usize,
    time: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(limits::BODIES_BYTES, limits::BODY_TIME)
    }
}

/// A body and the room that it takes until the last of its clones is dropped.
struct Held {
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Bodies {
    /// Lets all bodies together hold `bytes`, and each take `time` to arrive.
    #[must_use]
    pub fn new(bytes: usize, time: Duration) -> Self {
        Self {
            room: Arc::new(Semaphore::new(bytes)),
            reserve: bytes / 4,
            time,
        }
    }

    /// Reads a body, whoever sent it.
    ///
    /// # Errors
    /// [`Rejection`], which is the response to send.
    pub async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Rejection> {
        if is_announced_too_large(headers) {
            return Err(Rejection::TooLarge);
        }
        tokio::time::timeout(self.time, self.collect(body))
            .await
            .map_err(|_| Rejection::TooSlow)?
    }

    async fn collect(&self, body: Body) -> Result<Bytes, Rejection> {
        let mut held = Held {
            bytes: Vec::new(),
            room: None,
        };
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Rejection::Truncated)?;
            let size = held.bytes.len() + chunk.len();
            if size > limits::BODY_BYTES {
                return Err(Rejection::TooLarge);
            }
            let more = self.take(size, chunk.len()).ok_or(Rejection::Busy)?;
            match &mut held.room {
                Some(room) => room.merge(more),
                none => *none = Some(more),
            }
            held.bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from_owner(held))
    }

    /// Takes room for `more` bytes of a body that then has `size`.
    fn take(&self, size: usize, more: usize) -> Option<OwnedSemaphorePermit> {
        let is_large = size > limits::BODY_SMALL_BYTES;
        if is_large && self.room.available_permits() < self.reserve + more {
            return None;
        }
        let more = u32::try_from(more).ok()?;
        self.room.clone().try_acquire_many_owned(more).ok()
    }
}

/// Whether a request says of itself that it is larger than is read.
pub(super) fn is_announced_too_large(headers: &HeaderMap) -> bool {
    announced_length(headers).is_some_and(|length| length > limits::BODY_BYTES as u64)
}

pub(super) fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Tells the HTTP server that a connection carries a request with a good signature. Such a connection is not closed to
/// make room for others. It is an extension of the request.
#[derive(Debug, Clone, Default)]
pub struct ProvesItself(Arc<AtomicBool>);

impl ProvesItself {
    /// The signature was right.
    pub fn is_verified(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The request is over; the next one on this connection proves itself anew.
    pub fn is_over(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether a request with a good signature is being answered.
    #[must_use]
    pub fn was_verified(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
