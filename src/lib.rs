//! guichet: an email-driven incident desk.
//!
//! letters, the **store** records everything at once, the **courier** carries the letters out.

pub mod desk;


pub mod courier;
pub mod store;

pub mod clock;
pub mod config;
pub mod net;

#[cfg(feature = "failpoints")]
mod crash;
