//! The HTTP edge of the running service: what is let in, what is kept out, and what happens once only.

mod buttons;
mod deliveries;
mod gate;
mod limits;
mod logs;
mod pace;
mod probes;
mod wire;
