//! The commands technicians write into their mails.
//!
//! `grammar.rs` finds them, `line.rs` takes a line of them apart, `argument.rs` reads what stands behind them, `words.rs` has their words in each
//! language, `when` reads dates and durations, `proof.rs` tells who may give them, `carry_out.rs` does them, with `ownership.rs`,
//! `grouping.rs`, `recipes.rs` and `undo.rs`.

mod argument;
mod carry_out;
mod grammar;
pub mod grouping;
mod handoff;
mod line;
mod needs;
mod outage;
mod ownership;
pub mod proof;
pub(in crate::desk) mod recipes;
mod undo;
pub mod when;
mod words;

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::notice::Refused;
use super::recipe::fix::Words;
use super::triage::{Impact, Priority, Urgency};

pub use argument::answer_to_draft;
pub use carry_out::{Actor, Done, Errand, SHELL, act, carry_out, held, letters};
pub use grammar::read;
pub use needs::Needs;
pub(in crate::desk) use ownership::brought_up;
pub(in crate::desk) use words::fold;

/// What a technician can order. Words are kept as they were written; people, teams and tickets are looked
/// up where the command is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The sender has the ticket from now on.
    Take,
    /// Somebody else has it: a name, part of a name or an address.
    Assign(String),
    /// Another team has it.
    Team(String),
    /// Another priority, and why.
    Priority(Priority, Option<String>),
    /// Another impact, and why.
    Impact(Impact, Option<String>),
    /// Another urgency, and why.
    Urgency(Urgency, Option<String>),
    /// It is the requester's turn; perhaps until a moment, perhaps with the reason.
    Wait(Option<Timestamp>, Option<String>),
    /// Put aside until a moment, perhaps with the reason.
    Snooze(Timestamp, Option<String>),
    /// It goes on.
    Open,
    /// It is solved; perhaps by what.
    Resolve(Option<String>),
    /// It is done, without asking; perhaps by what.
    Close(Option<String>),
    /// Why it happened.
    Cause(String),
    /// What helped.
    Solution(String),
    /// Words kept for technicians.
    Note(String),
    /// Somebody more is kept informed: addresses or names, the sender when there is none.
    Watch(Vec<String>),
    /// Somebody less is kept informed: addresses or names, the sender when there is none.
    Unwatch(Vec<String>),
    /// Somebody else reported it, really: an address.
    Requester(String),
    /// To the next level: perhaps a team first, then why.
    Escalate(String),
    /// To an outside firm: its name first, then what it is told.
    Handoff(String),
    /// It goes on in another ticket; in the one it is linked with when none is named.
    Merge(Option<NonZeroU32>),
    /// The mail answered becomes a ticket of its own, or the ticket leaves its outage; perhaps under this subject.
    Split(Option<String>),
    /// It has to do with another ticket.
    Link(NonZeroU32),
    /// Several people have the same fault: it is the master of an outage from now on; perhaps its name.
    Outage(Option<String>),
    /// It stands under the outage of another ticket.
    UnderOutage(NonZeroU32),
    /// Minutes worked.
    Time(u32),
    /// Another category.
    Category(String),
    /// A recipe is made from this fix, corrected or approved.
    Recipe(RecipeOrder),
    /// The commands of the last receipt are taken back.
    Undo,
    /// Only say what the other commands of this mail would do.
    Dry,
    /// List the commands.
    Help,
    /// The requester is asked once more for what is missing.
    Chase,
    /// What was asked back is meant.
    Confirm,
}

/// What can be ordered about the recipe of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipeOrder {
    /// It is drafted; perhaps under this title.
    Make(Option<String>),
    /// It is recognised by other words.
    Words(Words),
    /// It says something else. No command says so: it is what answers the draft.
    Text(String),
    /// It is in force, for people of the ticket's organisation or for everybody.
    Approve {
        /// Whether people of other organisations may be offered it.
        everybody: bool,
    },
    /// It is offered no more.
    Drop,
}

/// A command with the line it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// As it was written.
    pub line: String,
    /// What it orders.
    pub command: Command,
}

/// The new text of a technician's mail, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// What is ordered, in the order written.
    pub orders: Vec<Order>,
    /// Lines that look like commands and are none.
    pub refused: Vec<Refused>,
    /// The rest: what the requester is told. What stands after a lone `/note` is not in it.
    pub text: String,
}

#[cfg(test)]
mod tests;
