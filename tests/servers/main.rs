//! Tests against a real Dovecot and a real Postfix, started by the tests in a temporary folder.
//!
//! Needs the Debian packages dovecot-imapd, postfix and openssl, and root: both servers change users.
//! `tests/run` installs and runs all of it.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

mod certificates;
mod conversation;
mod dovecot;
mod imap;
mod kills;
mod mail;
mod poison;
mod postfix;
mod process;
mod rig;
mod sink;
mod three_people;
mod world;
