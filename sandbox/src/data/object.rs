//! The files of the application, described; the store that takes them is elsewhere.

/// The smallest payload, in bytes.
const SMALLEST: usize = 2 * 1024;

/// How far apart the smallest and the largest payload are, in bytes.
const SPREAD: usize = 18 * 1024;

/// One object as it should be in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleObject {
    /// The key.
    pub key: String,
    /// The content of every version.
    pub bytes: Vec<u8>,
    /// The media type.
    pub content_type: &'static str,
    /// How often it was written: at least 1; more than 1 leaves older versions in a versioned bucket.
    pub versions: u32,
    /// Whether it was deleted afterwards, which leaves the versions under a delete marker in a versioned bucket.
    pub delete_marker: bool,
}

impl SampleObject {
    /// An object written once. Its media type follows the key's ending, its size and content the whole key.
    pub(super) fn new(key: String) -> Self {
        let (content_type, magic): (_, &[u8]) = match key.rsplit('.').next() {
            Some("webm") => ("audio/webm", b"\x1a\x45\xdf\xa3"),
            Some("mp4") => ("audio/mp4", b"\0\0\0\x18ftypmp42"),
            Some("mp3") => ("audio/mpeg", b"ID3\x04"),
            Some("png") => ("image/png", b"\x89PNG\r\n\x1a\n"),
            Some("pdf") => ("application/pdf", b"%PDF-1.7\n"),
            _ => ("application/octet-stream", b""),
        };
        let size = SMALLEST + key.bytes().map(usize::from).sum::<usize>() * 977 % SPREAD;
        // Whole copies, not byte by byte: a debug build makes these files anew for every test.
        let copies = size.div_ceil(key.len().max(1));
        let mut bytes = [magic, key.repeat(copies).as_bytes()].concat();
        bytes.truncate(size);
        Self {
            key,
            bytes,
            content_type,
            versions: 1,
            delete_marker: false,
        }
    }

    /// The same object, written `versions` times.
    pub(super) fn written(mut self, versions: u32) -> Self {
        self.versions = versions;
        self
    }

    /// The same object, deleted after it was written.
    pub(super) fn deleted(mut self) -> Self {
        self.delete_marker = true;
        self
    }
}

/// How many tests person `n` took, as `people.sql` counts them.
pub(super) const fn tests(n: u32) -> u32 {
    if n == 1 { 12 } else { (n * 3 + 1) % 5 }
}

/// How many answers of each test person `n` recorded, as `people.sql` counts them.
pub(super) const fn audio(n: u32) -> u32 {
    if n == 1 { 3 } else { 2 }
}
