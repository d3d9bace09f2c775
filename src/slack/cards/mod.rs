//! Pure rendering of what people see.
