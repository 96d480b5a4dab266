//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod demo;
mod triage;
mod wire;
