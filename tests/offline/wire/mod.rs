//! Servers that misbehave as told, on a loopback port.

mod imap;
mod imap_peer;
