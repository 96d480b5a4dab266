//! The desk decides. Rules, a snapshot, an event and the moment go in; effects come out.
//!
//! It reads no clock, draws no chance and does no I/O: the same input gives the same effects in the
//! same order (I6). It knows nothing of SQL, IMAP, SMTP, tokio, templates or file formats.

pub mod ids;
pub mod letter;
pub mod mail;
pub mod manners;
pub mod notice;
pub mod people;
pub mod ticket;
pub mod token;
pub mod triage;
