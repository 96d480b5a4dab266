//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod answers;
mod demo;
mod golden;
mod reader;
mod triage;
mod wire;
mod world;
