//! guichet: an email-driven incident desk.
//!
//! The **mailbox** fetches a mail, **intake** reads it, the **desk** decides, the **scribe** writes
//! letters, the **store** records everything at once, the **courier** carries the letters out.

pub mod desk;

pub mod intake;
pub mod scribe;

pub mod courier;
pub mod mailbox;
pub mod reader;
pub mod store;

pub mod clock;
pub mod config;
pub mod net;

pub mod cli;
pub mod gateway;

#[cfg(feature = "failpoints")]
mod crash;
