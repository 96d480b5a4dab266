//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod reader;
mod triage;
mod wire;
