//! The desk decides. Rules, a snapshot, an event and the moment go in; effects come out.
//!
//! It reads no clock, draws no chance and does no I/O: the same input gives the same effects in the
//! same order (I6). It knows nothing of SQL, IMAP, SMTP, tokio, templates or file formats.

pub mod act;
pub mod event;
pub mod hold;
pub mod ids;
pub mod letter;
pub mod mail;
pub mod notice;
pub mod people;
pub mod rules;
pub mod sheet;
pub mod stand_in;
pub mod ticket;

pub mod agreement;
pub mod bundle;
pub mod calendar;
pub mod closing;
pub mod command;
pub mod digest;
pub mod erasure;
pub mod manners;
pub mod missing;
pub mod outage;
pub mod promise;
pub mod provider;
pub mod queue;
pub mod recipe;
pub mod reference;
pub mod retry;
pub mod satisfaction;
pub mod targets;
pub mod thread;
pub mod token;
pub mod triage;

mod absence;
mod away;
mod case;
mod content;
mod decide;
mod delivery;
mod discretion;
mod follow;
mod newcomer;
mod nudge;
mod offering;
mod orders;
mod queue_answer;
mod receipt;
mod reminder;
mod reply;
mod wake;

pub use decide::{decide, may_open};
pub use newcomer::{hear, is_vouched};
