//! `/ops user delete`, told as stories.

mod blockers;
mod crash;
mod crash_calls;
mod decisions;
mod decisions_seen;
mod drift;
mod erasure;
mod identities;
mod last_admin;
pub mod other_people;
mod outage;
mod outage_messages;
mod people;
mod planning;
mod planning_privacy;
mod planning_real;
mod replicas;
mod spellings;
mod steps;
mod stores;
mod stripe_customer;
mod stripe_customer_faults;
mod success;
mod unreadable;
mod what_stays;
