//! What one mail's commands did, with the values before, so that they can be taken back.
//!
//! Taking back is all or nothing, and only while everything still is as the commands left it: whoever
//! decided something since knows more. It appends; nothing is ever removed from a ticket's history.
//! Letters that went out stay out, so an act also knows whom it told what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{Address, TicketId};
use super::recipe::fix::{Fix, State};
use super::ticket::{Reminding, Requester, Status, Ticket};
use super::triage::{Impact, Priority, Reason, Urgency};

/// The number of an act in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActId(pub i64);

/// The commands of one mail, carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// The ticket the mail was about.
    pub ticket: TicketId,
    /// Who gave the orders: a technician by name in the configuration, or `shell`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What caused it; the receipt has the same cause.
    pub cause: String,
    /// The commands as they were written.
    pub lines: Vec<String>,
    /// What changed, in this ticket and in others.
    pub moves: Vec<Move>,
    /// A ticket that was opened by it.
    pub opened: Option<TicketId>,
    /// The letters it caused that are stopped with it, if they can be: what they are, about which ticket, and to whom.
    pub letters: Vec<SentLetter>,
}

impl Act {
    /// Whether something changed that can be given back. A note only adds to the history.
    pub fn can_be_undone(&self) -> bool {
        !self.moves.is_empty() || self.opened.is_some()
    }

    /// The tickets it is about, each once: the one in hand first.
    pub fn concerned(&self) -> Vec<TicketId> {
        let all = self.moves.iter().map(|step| &step.ticket);
        let all = std::iter::once(&self.ticket).chain(all).chain(&self.opened);
        all.fold(Vec::new(), |mut kept, id| {
            if !kept.contains(id) {
                kept.push(id.clone());
            }
            kept
        })
    }
}

/// An act as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAct {
    /// Its number.
    pub id: ActId,
    /// What was done.
    pub act: Act,
    /// Those of its letters to the outside that have gone out, perhaps, or go out all the same.
    pub stays: Vec<SentLetter>,
    /// Whether it was taken back already.
    pub is_undone: bool,
}

/// A letter an act caused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLetter {
    /// Its ticket: one person may have several that the same order is about. Acts of before this was kept do not say it.
    #[serde(default)]
    pub ticket: Option<TicketId>,
    /// The word of its kind: `resolved`.
    pub kind: String,
    /// Its recipient.
    pub to: Address,
}

/// One facet of one ticket, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Whose facet it is.
    pub ticket: TicketId,
    /// What it was.
    pub before: Facet,
    /// What it is since.
    pub after: Facet,
}

/// A part of a ticket that commands change, with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facet {
    /// Where it stands, and what goes with that.
    Standing {
        /// See `Ticket::status`.
        status: Status,
        /// See `Ticket::merged_into`.
        merged_into: Option<TicketId>,
        /// See `Ticket::ended_at`.
        ended_at: Option<Timestamp>,
        /// See `Ticket::wakes_at`.
        wakes_at: Option<Timestamp>,
        /// See `Ticket::reminding`.
        #[serde(default)]
        reminding: Option<Reminding>,
    },
    /// See `Ticket::assignee`.
    Assignee(Option<String>),
    /// See `Ticket::team`.
    Team(Option<String>),
    /// Impact, urgency, priority and why.
    Rank {
        /// See `Ticket::impact`.
        impact: Impact,
        /// See `Ticket::urgency`.
        urgency: Urgency,
        /// See `Ticket::priority`.
        priority: Priority,
        /// See `Ticket::reasons`.
        reasons: Vec<Reason>,
    },
    /// See `Ticket::category`.
    Category(String),
    /// The requester and their company: the wall follows the person.
    Requester {
        /// See `Ticket::requester`.
        requester: Requester,
        /// See `Ticket::organisation`.
        organisation: Option<String>,
    },
    /// Whether somebody is kept informed.
    Watched(Address, bool),
    /// See `Ticket::cause`.
    Cause(Option<String>),
    /// See `Ticket::solution`.
    Solution(Option<String>),
    /// See `Ticket::minutes_spent`.
    Minutes(u32),
    /// The outage it stands under.
    Outage {
        /// See `Ticket::outage`.
        under: Option<TicketId>,
        /// See `Ticket::outage_name`.
        name: Option<String>,
    },
    /// Whether it is linked to another ticket.
    Linked(TicketId, bool),
    /// The recipe made from it. It is kept beside the ticket.
    Recipe(Box<Fix>),
}

impl Facet {
    /// Whether `ticket` has this value. Of a standing only what people decide counts, not its moments.
    pub fn holds(&self, ticket: &Ticket) -> bool {
        match self {
            Self::Standing {
                status,
                merged_into,
                ..
            } => ticket.status == *status && ticket.merged_into == *merged_into,
            Self::Watched(address, watched) => ticket.watchers.contains(address) == *watched,
            Self::Linked(other, linked) => ticket.links.contains(other) == *linked,
            Self::Recipe(_) => true, // it is no part of the ticket
            value => facets(ticket).contains(value),
        }
    }
}

/// What became of `before`: one move for each facet that differs.
pub fn moves(before: &Ticket, after: &Ticket) -> Vec<Move> {
    let moved = |before: Facet, after: Facet, id: &TicketId| Move {
        ticket: id.clone(),
        before,
        after,
    };
    let values = facets(before).into_iter().zip(facets(after));
    let mut moves: Vec<Move> = values
        .filter(|(before, after)| before != after)
        .map(|(was, is)| moved(was, is, &before.id))
        .collect();
    // Whoever becomes the requester is no watcher any more; with the former requester he comes back as one.
    let everybody = before.watchers.iter().chain(&after.watchers);
    for address in distinct(everybody) {
        let (was, is) = (
            before.watchers.contains(address),
            after.watchers.contains(address),
        );
        if was != is {
            let facet = |watched| Facet::Watched(address.clone(), watched);
            moves.push(moved(facet(was), facet(is), &before.id));
        }
    }
    for link in after
        .links
        .iter()
        .filter(|link| !before.links.contains(link))
    {
        let facet = |linked| Facet::Linked(link.clone(), linked);
        moves.push(moved(facet(false), facet(true), &before.id));
    }
    moves
}

/// What became of the recipe made from a ticket. One that was not there before is dropped when that is taken back: what was
/// offered of it meanwhile keeps its name.
pub fn moved_fix(before: Option<Fix>, after: &Fix) -> Option<Move> {
    let dropped = Fix {
        state: State::Dropped,
        ..after.clone()
    };
    let before = before.unwrap_or(dropped);
    (before != *after).then(|| Move {
        ticket: after.ticket.clone(),
        before: Facet::Recipe(Box::new(before)),
        after: Facet::Recipe(Box::new(after.clone())),
    })
}

/// The facets with one value each, always in the same order.
fn facets(ticket: &Ticket) -> [Facet; 10] {
    [
        Facet::Standing {
            status: ticket.status,
            merged_into: ticket.merged_into.clone(),
            ended_at: ticket.ended_at,
            wakes_at: ticket.wakes_at,
            reminding: ticket.reminding,
        },
        Facet::Assignee(ticket.assignee.clone()),
        Facet::Team(ticket.team.clone()),
        Facet::Rank {
            impact: ticket.impact,
            urgency: ticket.urgency,
            priority: ticket.priority,
            reasons: ticket.reasons.clone(),
        },
        Facet::Category(ticket.category.clone()),
        Facet::Requester {
            requester: ticket.requester.clone(),
            organisation: ticket.organisation.clone(),
        },
        Facet::Cause(ticket.cause.clone()),
        Facet::Solution(ticket.solution.clone()),
        Facet::Minutes(ticket.minutes_spent),
        Facet::Outage {
            under: ticket.outage.clone(),
            name: ticket.outage_name.clone(),
        },
    ]
}

fn distinct<'a>(items: impl Iterator<Item = &'a Address>) -> Vec<&'a Address> {
    items.fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}
