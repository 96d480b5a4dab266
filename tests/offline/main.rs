//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod triage;
mod wire;
