//! The archive as a stream: what is written is compressed, hashed and uploaded at once, and then forgotten.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{Datelike, Timelike};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::{
    domain::Instant,
    operations::StepError,
    systems::{
        app_db::LineSink,
        object_store::{ObjectVersion, Upload},
    },
};

/// Bytes that are compressed before the result is uploaded and other tasks get their turn.
const SLICE_BYTES: usize = 64 * 1024;

/// How hard text is compressed, from 1 to 9: beyond 3 the time more than doubles for a few per cent.
const COMPRESSION: i64 = 3;

/// From this size on an entry needs the long form of its sizes.
const LONG_FORM_BYTES: u64 = u32::MAX as u64;

/// An archive that is being written.
pub(super) struct Archive {
    zip: ZipWriter<StreamWriter<Buffer>>,
    made: Buffer,
    upload: Upload,
    time: zip::DateTime,
    open: Option<Open>,
}

/// One entry that is complete.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

struct Open {
    path: String,
    bytes: u64,
    hash: Sha256,
}

/// How an entry is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text of any length: compressed.
    Text,
    /// A file of about this many bytes: recordings and pictures are compressed already.
    File(u64),
}

/// What the compressor has made and nobody has uploaded yet.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Archive {
    /// An empty archive; `made_at` is the time of its entries.
    pub(super) fn new(upload: Upload, made_at: Instant) -> Self {
        let made = Buffer::default();
        Self {
            zip: ZipWriter::new_stream(made.clone()),
            made,
            upload,
            time: time(made_at).unwrap_or_default(),
            open: None,
        }
    }

    /// Begins an entry.
    pub(super) async fn begin(&mut self, path: &str, kind: Kind) -> Result<(), StepError> {
        let (method, level, long_form) = match kind {
            Kind::Text => (CompressionMethod::Deflated, Some(COMPRESSION), true),
            Kind::File(bytes) => (CompressionMethod::Stored, None, bytes >= LONG_FORM_BYTES),
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .large_file(long_form)
            .last_modified_time(self.time);
        self.zip
            .start_file(path, options)
            .map_err(|error| broken(&error))?;
        self.open = Some(Open {
            path: path.to_owned(),
            bytes: 0,
            hash: Sha256::new(),
        });
        self.pass_on().await
    }

    /// Adds to the open entry.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), StepError> {
        for slice in bytes.chunks(SLICE_BYTES) {
            if let Some(open) = &mut self.open {
                open.hash.update(slice);
                open.bytes += slice.len() as u64;
            }
            self.zip
                .write_all(slice)
                .map_err(|error| broken(&error.into()))?;
            self.pass_on().await?;
        }
        Ok(())
    }

    /// Ends the open entry.
    pub(super) fn end(&mut self) -> Result<Entry, StepError> {
        let open = self
            .open
            .take()
            .ok_or_else(|| StepError::Failed("the archive has no open entry".to_owned()))?;
        Ok(Entry {
            path: open.path,
            bytes: open.bytes,
            sha256: hex::encode(open.hash.finalize()),
        })
    }

    /// A whole entry.
    pub(super) async fn add(&mut self, path: &str, text: &str) -> Result<Entry, StepError> {
        self.begin(path, Kind::Text).await?;
        self.write(text.as_bytes()).await?;
        self.end()
    }

    /// Completes the archive. It appears in the bucket with this, and not before. Gives its version and SHA-256.
    pub(super) async fn finish(self) -> Result<(ObjectVersion, String), StepError> {
        let Self {
            zip,
            made,
            mut upload,
            ..
        } = self;
        if let Err(error) = zip.finish() {
            give_up(upload).await;
            return Err(broken(&error));
        }
        let last = std::mem::take(&mut *made.lock());
        if let Err(error) = upload.write(&last).await {
            give_up(upload).await;
            return Err(error.into());
        }
        Ok(upload.finish().await?)
    }

    /// Gives the archive up and frees what was uploaded.
    pub(super) async fn abort(self) {
        give_up(self.upload).await;
    }

    async fn pass_on(&mut self) -> Result<(), StepError> {
        let mut made = std::mem::take(&mut *self.made.lock());
        if !made.is_empty() {
            self.upload.write(&made).await?;
            made.clear();
            *self.made.lock() = made;
        }
        Ok(())
    }
}

/// What was uploaded stays on record, so what cannot be freed now is freed by the next try or when its time is over.
async fn give_up(upload: Upload) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "an upload could not be given up yet");
    }
}

impl LineSink for Archive {
    type Error = StepError;

    async fn lines(&mut self, lines: &[u8]) -> Result<(), StepError> {
        self.write(lines).await
    }
}

fn broken(error: &zip::result::ZipError) -> StepError {
    StepError::Failed(format!("the archive could not be written: {error}"))
}

/// Times of an archive have no zone and begin in 1980.
fn time(of: Instant) -> Option<zip::DateTime> {
    let part = |value: u32| u8::try_from(value).ok();
    zip::DateTime::from_date_and_time(
        u16::try_from(of.year()).ok()?,
        part(of.month())?,
        part(of.day())?,
        part(of.hour())?,
        part(of.minute())?,
        part(of.second())?,
    )
    .ok()
}
