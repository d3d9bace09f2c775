//! A small versioned S3.
