//! `/ops erasure replay`, told as stories.

mod beside;
mod certificates;
mod doubt;
mod faults;
mod left_alone;
mod restored;
mod seen;
mod several;
