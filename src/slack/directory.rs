//! Who people are.
