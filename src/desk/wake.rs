//! Tickets that were put aside, or wait, until a moment: when it comes they go on by themselves.
//!
//! The moment is kept with the ticket, so it comes after a restart as well; and once a ticket goes on
//! there is no moment any more, so it comes once.

use jiff::Timestamp;

use super::case::{Case, Content};
use super::event::{Effect, Snapshot};
use super::notice::{NoticeKind, Progress};
use super::outage;
use super::promise;
use super::rules::Rules;
use super::ticket::{Change, Status, Ticket};

/// Whether `ticket` goes on by itself at `now`.
pub fn is_due(ticket: &Ticket, now: Timestamp) -> bool {
    let rests = !ticket.status.is_over() && !promise::is_running(ticket);
    rests && ticket.wakes_at.is_some_and(|at| at <= now)
}

/// Lets the tickets of the snapshot go on whose moment has come. Whoever has them is told; those who wait for news
/// know the moment already.
pub fn due(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.due_tickets().filter(|ticket| is_due(ticket, now)) {
        let at = ticket.wakes_at.unwrap_or(now);
        let mut case = Case::new(rules, seen, now, ticket.clone(), format!("waking at {at}"));
        let wakes_along =
            |other: &Ticket| (other.status, other.wakes_at) == (ticket.status, ticket.wakes_at);
        goes_on(&mut case);
        outage::with_members(&mut case, wakes_along, goes_on);
        let progress = Progress {
            from: ticket.status,
            technician: None,
            until: Some(at),
            escalated: false,
        };
        let content = Content {
            progress: Some(progress),
            ..Content::default()
        };
        case.tell_staff(NoticeKind::Message, &content, None);
        effects.append(&mut case.effects);
    }
    effects
}

fn goes_on(case: &mut Case<'_>) {
    if !case.move_to(Status::Open, "guichet", "its moment has come") {
        case.change(Change::Wake(None));
    }
    promise::renew(case);
}
