//! What goes to Slack gets there in the end, once, and what comes in is processed in order.

mod between;
mod clicks;
mod first;
mod inbox;
mod mending;
mod newer_version;
mod overtaken;
mod paused;
mod redraw;
mod repeated;
mod stopping;
mod turns;
mod urgent;
