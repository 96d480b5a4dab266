//! What a notice tells beside its ticket, before it is made for each of its readers.

use jiff::Timestamp;

use super::ids::{Address, MessageId};
use super::notice::{Escalation, LaneNotice, Progress, Queue, Receipt, Reminder, Said, StandIn};
use super::outage;
use super::recipe::Offer;
use super::recipe::fix::Fix;

/// The parts of a notice that differ from one occasion to the next.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub said: Option<Said>,
    pub progress: Option<Progress>,
    /// What the recipient is reminded of.
    pub reminder: Option<Reminder>,
    /// What it tells of an outside firm, or tells it.
    pub lane: Option<LaneNotice>,
    /// Who brought the ticket to the next level, for those it was brought to.
    pub escalation: Option<Escalation>,
    /// For those who are told in place of whoever is away.
    pub stands_in: Option<StandIn>,
    pub receipt: Option<Receipt>,
    /// What the requester is asked.
    pub asked: Vec<String>,
    pub queue: Option<Queue>,
    /// What staff is told of outages, where the ticket itself does not say it.
    pub outage: Option<outage::Note>,
    /// Since when the fault is known that the requester reports.
    pub known_since: Option<Timestamp>,
    /// The recipe that is offered with the ticket.
    pub offer: Option<Offer>,
    /// The recipe made from the ticket.
    pub fix: Option<Fix>,
    /// The mail that caused it, and who wrote that: their letter answers it.
    pub answers: Option<(Address, MessageId)>,
}
