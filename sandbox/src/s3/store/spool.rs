//! Uploads that are too large for memory: their parts go into a file, one behind the other.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use s3s::{S3Result, s3_error};

/// The file of one upload.
#[derive(Debug)]
pub(in crate::s3) struct Spool {
    file: File,
    /// Where each part ends, the first part's end first.
    ends: Vec<u64>,
}

impl Spool {
    /// An empty file in `folder`, named after the key. One that is there is emptied.
    pub(super) fn create(folder: &Path, key: &str) -> io::Result<Self> {
        let file = File::create(folder.join(key.replace('/', "_")))?;
        Ok(Self {
            file,
            ends: Vec::new(),
        })
    }

    /// Writes a part behind those before it. Parts have to come in their order, and only the last may be sent again.
    /// Fails with `NotImplemented` for another order, and with `InternalError`.
    pub(super) fn write(&mut self, number: i32, bytes: &[u8]) -> S3Result<()> {
        let before = usize::try_from(number - 1).unwrap_or(usize::MAX);
        if before != self.ends.len() && before + 1 != self.ends.len() {
            return Err(s3_error!(
                NotImplemented,
                "The parts of an upload into a file have to come in their order."
            ));
        }
        self.ends.truncate(before);
        let begin = self.ends.last().copied().unwrap_or(0);
        self.put(begin, bytes)
            .map_err(|error| s3_error!(InternalError, "The file of the upload: {error}"))?;
        self.ends.push(begin + bytes.len() as u64);
        Ok(())
    }

    fn put(&mut self, begin: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.set_len(begin)?;
        self.file.seek(SeekFrom::Start(begin))?;
        self.file.write_all(bytes)
    }
}
