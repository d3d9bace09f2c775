//! The HTTP edge of the running service: what is let in, what is kept out, and what happens once only.

mod buttons;
mod deliveries;
mod dialogs;
mod gate;
mod grid;
mod limits;
mod logs;
mod nonces;
mod pace;
mod probes;
mod store_away;
pub mod wire;
