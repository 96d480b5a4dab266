//! Reminders to a requester whose answer is awaited: two, then the ticket is closed with a friendly word (`product.md` §9).
//! Those to outside firms keep the same count; what is done at each of their steps is in `provider.rs`.
//!
//! How far it has come is kept with the ticket, so it goes on after a restart. Each step is reckoned from the one before as
//! it was taken, so that a clock that jumps ahead causes one letter and not three. A moment that a technician named
//! decides: nobody is reminded before it. Whoever is away has the same time from their return on.

use jiff::Timestamp;

use super::calendar::Calendar;
use super::case::{Case, Content};
use super::event::{Effect, Snapshot};
use super::notice::{NoticeKind, Reminder};
use super::outage;
use super::promise;
use super::provider;
use super::rules::{Patience, Rules};
use super::ticket::{Change, EntryKind, Reminding, Status, Ticket};

/// So often somebody is reminded (`product.md` §9).
pub const REMINDERS_MAX: u32 = 2;

/// What orders mean for the reminders of the ticket in hand, which was `before`. Words to the requester ask anew; a mere
/// `/chase` is one of the two reminders.
pub fn settle(case: &mut Case<'_>, before: &Ticket, public: bool) {
    let chased = case.chased.contains(&case.ticket.id.number());
    let asks_anew = public || case.ticket.requester.address != before.requester.address;
    let next = match case.ticket.status {
        Status::WaitingRequester if case.ticket.wakes_at.is_none() => {
            match case.ticket.reminding.filter(|_| !asks_anew) {
                Some(reminding) if chased => step(case, reminding.sent + 1),
                Some(reminding) => Some(reminding),
                None => step(case, u32::from(chased && !asks_anew)),
            }
        }
        Status::WaitingProvider if case.ticket.wakes_at.is_none() => {
            // Only what this event asks a firm begins a count: not what another was asked, nor what is asked about a master.
            match provider::is_asked(case) {
                true => provider::step(case, 0),
                false => case.ticket.reminding,
            }
        }
        _ => None,
    };
    set(case, next);
}

/// Lets the reminders of a ticket that rests again go on: what fell due meanwhile takes its time from now on.
pub fn resume(case: &mut Case<'_>) {
    let late = case.ticket.reminding.filter(|r| r.next_at <= case.now);
    if let Some(reminding) = late {
        let next = match case.ticket.status {
            Status::WaitingProvider => provider::step(case, reminding.sent),
            _ => step(case, reminding.sent),
        };
        set(case, next);
    }
}

/// The requester is away until `back`: reminders and closing wait for them.
pub fn pause(case: &mut Case<'_>) {
    if case.ticket.status == Status::WaitingRequester
        && let Some(reminding) = case.ticket.reminding
    {
        let next = step(case, reminding.sent);
        let later = next.filter(|next| next.next_at > reminding.next_at);
        set(case, later.or(Some(reminding)));
    }
}

/// Deals with the tickets of the snapshot for which somebody is to be reminded, or has been silent for too long.
pub fn due(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.due_tickets() {
        let due = ticket.reminding.filter(|r| r.next_at <= now);
        let Some(reminding) = due else {
            continue;
        };
        let cause = format!("silence until {}", reminding.next_at);
        let mut case = Case::new(rules, seen, now, ticket.clone(), cause);
        match ticket.status {
            Status::WaitingRequester => remind(&mut case, reminding),
            Status::WaitingProvider => provider::remind(&mut case, reminding),
            _ => {}
        }
        effects.append(&mut case.effects);
    }
    effects
}

/// The next reminder to the requester, or the end of waiting.
fn remind(case: &mut Case<'_>, reminding: Reminding) {
    let calendar = case.rules.agreements.calendar_of(&case.ticket);
    if let Some(opening) = calendar.next_opening(case.now).filter(|at| *at > case.now) {
        let next_at = opening;
        return set(
            case,
            Some(Reminding {
                next_at,
                ..reminding
            }),
        );
    }
    if back(case).is_some() {
        let why = "the requester is away: reminders wait".to_owned();
        case.append(EntryKind::Fact, "guichet", why, None);
        let next = step(case, reminding.sent);
        return set(case, next);
    }
    // A letter that does not go out reminds nobody, and who was not reminded is not closed.
    let to = case.requester();
    if let Some(hold) = case.hold_for(&to) {
        let why = format!("the requester cannot be reminded: {}", hold.reason());
        case.append(EntryKind::Fact, "guichet", why, None);
        set(case, None);
        let content = Content {
            reminder: Some(Reminder::Unreachable),
            ..Content::default()
        };
        return case.tell_present(NoticeKind::Reminder, &content);
    }
    if case.budget(&to.address).is_some() {
        let tomorrow = in_hours(&calendar, case.now, 1);
        let next = tomorrow.map(|next_at| Reminding {
            next_at,
            ..reminding
        });
        return set(case, next);
    }
    if reminding.sent < REMINDERS_MAX {
        let next = step(case, reminding.sent + 1);
        set(case, next);
        return tell(case);
    }
    // The silence of one says nothing about the others who wait for the same.
    if others_wait(case) {
        let why = "no answer came: not closed, because others wait under it".to_owned();
        case.append(EntryKind::Fact, "guichet", why, None);
        set(case, None);
        let content = Content {
            reminder: Some(Reminder::NoAnswer),
            ..Content::default()
        };
        return case.tell_present(NoticeKind::Reminder, &content);
    }
    case.move_to(Status::Closed, "guichet", "no answer came");
    let content = Content {
        reminder: Some(Reminder::NoAnswer),
        ..Content::default()
    };
    case.tell_requester_side(NoticeKind::Closed, &content, None);
}

/// Whether the ticket in hand is the master of an outage with tickets under it that are not over.
fn others_wait(case: &Case<'_>) -> bool {
    let members = outage::members(case, &case.ticket.id);
    let mut members = members.iter().filter_map(|id| case.current(id));
    members.any(|ticket| !ticket.status.is_over())
}

/// Reminds the requester of what they were last told.
pub fn tell(case: &mut Case<'_>) {
    let said = case.seen.last_said.get(&case.ticket.id.number());
    let before = case.seen.ticket(&case.ticket.id);
    // What the former requester was told is not for the new one (I10).
    let was_told =
        before.is_some_and(|before| before.requester.address == case.ticket.requester.address);
    let content = Content {
        said: said.filter(|_| was_told).cloned(),
        reminder: Some(Reminder::Answer {
            closes_at: closes_at(case),
        }),
        ..Content::default()
    };
    let to = case.requester();
    case.tell(NoticeKind::Reminder, to, &content);
}

/// When the ticket in hand is closed if nobody says a word from now on; `None` when it is not, or
/// stays open as long as others wait under it.
fn closes_at(case: &Case<'_>) -> Option<Timestamp> {
    if others_wait(case) {
        return None;
    }
    let patience = patience(case.rules, &case.ticket)?;
    let reminding = case.ticket.reminding?;
    let steps = reminding.sent.min(REMINDERS_MAX)..REMINDERS_MAX;
    let calendar = case.rules.agreements.calendar_of(&case.ticket);
    steps
        .skip(1)
        .map(|_| patience.remind_after_business_days)
        .chain((reminding.sent < REMINDERS_MAX).then_some(patience.give_up_after_business_days))
        .try_fold(reminding.next_at, |at, days| in_hours(&calendar, at, days))
}

/// After so many reminders: when the next step is due.
fn step(case: &Case<'_>, sent: u32) -> Option<Reminding> {
    let patience = patience(case.rules, &case.ticket)?;
    let sent = sent.min(REMINDERS_MAX);
    let days = match sent < REMINDERS_MAX {
        true => patience.remind_after_business_days,
        false => patience.give_up_after_business_days,
    };
    let from = back(case).unwrap_or(case.now);
    let calendar = case.rules.agreements.calendar_of(&case.ticket);
    let next_at = in_hours(&calendar, from, days)?;
    Some(Reminding { sent, next_at })
}

/// When the requester is back, while they are away.
fn back(case: &Case<'_>) -> Option<Timestamp> {
    let back = case.away_until(&case.ticket.requester.address);
    back.filter(|back| *back > case.now)
}

fn patience(rules: &Rules, ticket: &Ticket) -> Option<Patience> {
    let periods = rules.periods.get(&ticket.desk).copied();
    periods.unwrap_or_default().patience
}

/// So many business days later, at an hour at which somebody works.
pub fn in_hours(calendar: &Calendar, from: Timestamp, days: u32) -> Option<Timestamp> {
    let at = promise::days_after(calendar, from, days)?;
    Some(calendar.next_opening(at).unwrap_or(at))
}

/// Keeps how far reminders have come.
pub fn set(case: &mut Case<'_>, next: Option<Reminding>) {
    if case.ticket.reminding != next {
        case.change(Change::Remind(next));
    }
}
