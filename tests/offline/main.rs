//! Tests that need nothing but this crate: no server, no network beyond loopback.

mod answers;
mod chance;
mod closing;
mod commands;
mod demo;
mod digest;
mod floods;
mod golden;
mod held;
mod hostile;
mod life;
mod manners;
mod mutations;
mod overrides;
mod privacy;
mod proof;
mod reader;
mod reload;
mod samples;
mod satisfaction;
mod stories;
mod targets;
mod tidy;
mod triage;
mod wire;
mod world;
