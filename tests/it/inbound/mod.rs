//! The HTTP edge of the running service: what is let in, what is kept out, and what happens once only.

mod buttons;
mod deliveries;
mod gate;
mod logs;
mod probes;
mod wire;
