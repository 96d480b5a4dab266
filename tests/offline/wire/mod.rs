//! Scripted servers on a free port that answer, refuse, fall silent or cut the connection at a given
//! point, and a Maildir others use too.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod imap;
mod imap_peer;
mod maildir;
mod peer;
mod smtp;
