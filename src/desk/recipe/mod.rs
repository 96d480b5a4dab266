//! Recipes: short how-tos for small faults, offered in the acknowledgement (`product.md` §12).
//!
//! The values are here. `shelf.rs` keeps those in force and recognises which of them fit a mail, `choose.rs` says which
//! one is offered, `fix.rs` makes drafts from solved tickets, `discreet.rs` keeps people out of those, `score.rs` tells
//! which ones help. Reading files and keeping drafts is the part of others.

mod choose;
pub mod discreet;
pub mod fix;
pub mod score;
mod shelf;

use jiff::Timestamp;

use super::ids::Language;
use super::triage::Phrase;

pub use choose::{Facts, Offer, choose};
pub use shelf::{Fit, Recalled, Shelf};

/// A recipe in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What it is called where it is kept: a file without its ending, `vpn-disconnects.fr`, or the ticket it was made from.
    pub name: String,
    /// What it is about, on one line.
    pub title: String,
    /// What it is written in. It fits mails of this language only.
    pub language: Language,
    /// The category of the fault; `None`: any.
    pub category: Option<String>,
    /// What it is recognised by.
    pub phrases: Vec<Phrase>,
    /// What to do, in Markdown.
    pub text: String,
    /// Who may be offered it.
    pub audience: Audience,
    /// The desk that offers it, by its name in the configuration; `None`: every one.
    pub desk: Option<String>,
    /// When somebody last found it right.
    pub reviewed_at: Option<Timestamp>,
}

/// Who may be offered a recipe: the wall between organisations (I10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// People of one organisation, by its name in the configuration; of none when `None`.
    Only(Option<String>),
}

impl Audience {
    /// Whether somebody of `organisation` may be offered it.
    pub fn includes(&self, organisation: Option<&str>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(own) => own.as_deref() == organisation,
        }
    }
}

/// A recipe that was offered with a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The recipe's name.
    pub recipe: String,
    /// Its title then.
    pub title: String,
    /// What came of it; `None` while nobody answered.
    pub outcome: Option<Outcome>,
}

/// What came of an offer. Silence is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The requester said yes.
    Helped,
    /// The requester wrote something else, or came back.
    Failed,
}

impl Outcome {
    /// The word used in JSON, in the store and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Helped => "helped",
            Self::Failed => "failed",
        }
    }

    /// The outcome a word names.
    pub fn of(word: &str) -> Option<Outcome> {
        [Self::Helped, Self::Failed]
            .into_iter()
            .find(|outcome| outcome.word() == word)
    }
}
