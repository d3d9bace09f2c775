//! The application database.
