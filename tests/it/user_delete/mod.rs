//! `/ops user delete`, told as stories.

mod success;
