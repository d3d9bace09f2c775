//! Work in the background: schedules, and jobs that one replica does.

mod jobs;
mod schedules;
