//! Many notices to one technician at once become one letter (`product.md` §18): more than twenty within ten minutes
//! are not read one by one.
//!
//! The notices are written all the same and wait; here they are told together. What is urgent is never
//! bundled. Nothing is lost: each can still be released by hand, and the ticket's history names it.

use jiff::Timestamp;

use super::event::{Effect, Snapshot};
use super::ids::{Address, MessageId};
use super::letter::LetterId;
use super::notice::{Notice, NoticeKind, Recipient, Role};
use super::rules::Rules;
use super::ticket::Ticket;
use super::triage::Priority;

/// So many notices to one technician go out one by one in [`WINDOW_MINUTES`].
pub const SINGLE_MAX: u32 = 20;
/// How far back is counted, and how long the others are gathered.
pub const WINDOW_MINUTES: i64 = 10;
/// Lines of one letter; the rest waits for the next.
pub const LINES_MAX: usize = 200;

/// A notice that waits to be told with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its letter.
    pub letter: LetterId,
    /// Its ticket's number.
    pub ticket: std::num::NonZeroU32,
    /// What it is.
    pub kind: NoticeKind,
}

/// A line of the letter that tells several notices.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The ticket as it stands now.
    pub ticket: Ticket,
    /// Whether it is new; else somebody wrote.
    pub is_new: bool,
    /// How many messages came.
    pub messages: u32,
}

/// Whether a notice may be told with others.
pub fn is_bundled(kind: NoticeKind, role: Role, ticket: &Ticket) -> bool {
    role == Role::Technician
        && matches!(kind, NoticeKind::NewTicket | NoticeKind::Message)
        && ticket.priority != Priority::P1
}

/// Tells `waiting` to the technician with this address. `seen` has their tickets.
pub fn told(
    rules: &Rules,
    seen: &Snapshot,
    to: &Address,
    waiting: &[Waiting],
    now: Timestamp,
) -> Vec<Effect> {
    let mut lines: Vec<Line> = Vec::new();
    for one in waiting {
        let Some(ticket) = seen.tickets.get(&one.ticket) else {
            continue;
        };
        let is_new = one.kind == NoticeKind::NewTicket;
        let known = lines.iter_mut().find(|line| line.ticket.id == ticket.id);
        match known {
            Some(line) => {
                line.is_new |= is_new;
                line.messages += u32::from(!is_new);
            }
            None => lines.push(Line {
                ticket: ticket.clone(),
                is_new,
                messages: u32::from(!is_new),
            }),
        }
    }
    let ids = waiting.iter().map(|one| one.letter).collect();
    // The most pressing first, among equals the oldest.
    lines.sort_by_key(|line| (line.ticket.priority, line.ticket.id.number()));
    let (Some(first), Some(oldest)) = (lines.first(), waiting.first()) else {
        return vec![Effect::Bundled(ids)];
    };
    let ticket = first.ticket.clone();
    let desk = rules.people.desks.get(&ticket.desk);
    let technician = rules.people.technician(to);
    let locale = technician.and_then(|technician| technician.locale.clone());
    let recipient = Recipient {
        address: to.clone(),
        name: technician.map(|technician| technician.name.clone()),
        locale: locale
            .or_else(|| desk.map(|desk| desk.locale.clone()))
            .unwrap_or_else(|| ticket.requester.locale.clone()),
        role: Role::Technician,
        verified: true,
    };
    let references: Vec<MessageId> = Vec::new(); // it is about many tickets and belongs to no thread
    let notice = Notice {
        kind: NoticeKind::Bundle,
        to: recipient,
        ticket,
        said: None,
        progress: None,
        reminder: None,
        lane: None,
        escalation: None,
        stands_in: None,
        related: Vec::new(),
        receipt: None,
        queue: None,
        outage: None,
        known_since: None,
        offer: None,
        fix: None,
        targets: None,
        asked: Vec::new(),
        asks_satisfaction: false,
        lines,
        answers: None,
        references,
        cause: format!("bundle from letter {} at {now}", oldest.letter),
        hold: None,
    };
    vec![Effect::Notify(Box::new(notice)), Effect::Bundled(ids)]
}
