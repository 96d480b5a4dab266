//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod answers;
mod chance;
mod demo;
mod digest;
mod floods;
mod golden;
mod reader;
mod stories;
mod tidy;
mod triage;
mod wire;
mod world;
