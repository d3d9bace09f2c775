//! `/ops user delete`, told as stories.

mod crash;
mod crash_calls;
<<<<<<< HEAD
mod outage;
mod outage_messages;
=======
mod decisions;
mod decisions_seen;
mod people;
mod planning;
mod planning_privacy;
mod planning_real;
>>>>>>> main
mod success;
