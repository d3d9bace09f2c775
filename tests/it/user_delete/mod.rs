//! `/ops user delete`, told as stories.

mod drift;
mod erasure;
mod success;
