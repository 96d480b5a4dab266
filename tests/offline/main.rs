//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod answers;
mod chance;
mod closing;
mod commands;
mod demo;
mod floods;
mod golden;
mod life;
mod proof;
mod reader;
mod stories;
mod tidy;
mod triage;
mod wire;
mod world;
