//! The sandbox: stand-ins for everything that Countersign talks to. The demo and every test run against it.
//! It is strict where the real systems are strict, and it keeps state as they do.

pub mod data;
mod gate;
mod hosting;
pub mod openai;
pub mod postgres;
pub mod runtime;
pub mod s3;
pub mod slack;
pub mod stripe;
pub mod vendor;
pub mod vercel;
