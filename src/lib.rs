//! guichet: an email-driven incident desk.
//!
//! The **mailbox** fetches a mail, **intake** reads it, the **desk** decides, the **scribe** writes
//! letters, the **store** records everything at once, the **courier** carries the letters out.

pub mod cli;
pub mod config;
pub mod desk;
pub mod intake;
pub mod net;
pub mod reader;
