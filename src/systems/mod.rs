//! The systems that Countersign operates on, one file or folder each.

pub mod app_db;
pub mod object_store;
