//! What people see in Slack: each state's card as text, and Slack's limits for whatever texts come.

mod fits;
mod gallery;
mod modals;
mod properties;
mod readable;
mod requests;
mod sizes;
mod story;
mod threads;
