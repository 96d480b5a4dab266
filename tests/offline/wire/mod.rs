//! Servers that misbehave as told, on a loopback port, and a Maildir others use too.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod imap;
mod imap_peer;
mod maildir;
