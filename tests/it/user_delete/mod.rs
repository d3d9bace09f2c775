//! `/ops user delete`, told as stories.

mod decisions;
mod people;
mod success;
