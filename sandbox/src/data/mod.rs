//! Schemas and believable data of the application that is operated on.
