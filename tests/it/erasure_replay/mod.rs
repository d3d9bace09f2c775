//! `/ops erasure replay`, told as stories.

mod certificates;
mod faults;
mod left_alone;
mod restored;
mod seen;
