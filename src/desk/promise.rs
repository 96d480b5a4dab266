//! What is due at a tick: resolved tickets that close, and the next news a requester was promised.
//!
//! Both are reckoned in the business time of whoever works the ticket (`agreement.rs`).

use jiff::{SignedDuration, Timestamp};

use super::calendar::Calendar;
use super::case::{Case, Content};
use super::event::{Effect, Snapshot};
use super::notice::{NoticeKind, Progress};
use super::nudge;
use super::outage;
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Status, Ticket};

/// After so many holding letters in a row only people write (`product.md` §9).
const HOLDING_LETTERS_MAX: u32 = 3;

/// When the requester of a ticket hears from us at the latest, whatever happens. `None` when nobody works within
/// the years to come.
pub fn next_news(rules: &Rules, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    let target = rules.agreements.target_of(ticket);
    target.next_news.end(now, &target.calendar)
}

/// When a resolved ticket closes if nobody says a word; `None` for a ticket that is not resolved.
pub fn closes_at(rules: &Rules, ticket: &Ticket) -> Option<Timestamp> {
    let days = rules
        .periods
        .get(&ticket.desk)
        .copied()
        .unwrap_or_default()
        .close_after_business_days;
    let resolved_at = ticket
        .ended_at
        .filter(|_| ticket.status == Status::Resolved)?;
    // Who was away then has the same time from their return on.
    let resolved_at = ticket
        .wakes_at
        .map_or(resolved_at, |back| back.max(resolved_at));
    days_after(&rules.agreements.calendar_of(ticket), resolved_at, days)
}

/// The same time of day, so many business days later. Where nobody ever works the days are counted as they come.
pub fn days_after(calendar: &Calendar, from: Timestamp, days: u32) -> Option<Timestamp> {
    calendar
        .business_days_after(from, days)
        .or_else(|| Some(from + SignedDuration::from_hours(24) * i32::try_from(days).ok()?))
}

/// Whether it is our turn: the ticket is neither over, nor put aside, nor is anybody else's answer awaited.
pub fn is_running(ticket: &Ticket) -> bool {
    matches!(ticket.status, Status::New | Status::Open)
}

/// Promises the next news anew: somebody wrote, or work begins again. Nothing is promised about a ticket that is
/// over, nor to a requester whose letters would be held. A ticket under an outage waits for what its master promises.
pub fn renew(case: &mut Case<'_>) {
    let may = !case.ticket.status.is_over() && case.hold_for(&case.requester()).is_none();
    if !may || case.desk().is_none() {
        return;
    }
    let news = match outage::leader(case) {
        Some(master) => master.next_news_at,
        None => next_news(case.rules, &case.ticket, case.now),
    };
    give(case, news);
}

/// Promises the next news for a moment, or none. Whoever has the ticket is told before it comes; for the tickets under an
/// outage its master stands.
pub fn give(case: &mut Case<'_>, news: Option<Timestamp>) {
    case.change(Change::NextNews(news));
    let nudge = news
        .filter(|_| outage::leader(case).is_none())
        .and_then(|news| nudge::moment(case.rules, &case.ticket, case.now, news));
    if nudge != case.ticket.nudges_at {
        case.change(Change::Nudge(nudge));
    }
}

/// Sets the targets of tickets anew, because something else was agreed.
pub fn agreed(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.tickets.values() {
        let mut case = Case::new(rules, seen, now, ticket.clone(), "agreed".to_owned());
        case.set_targets();
        effects.append(&mut case.effects);
    }
    effects
}

/// Deals with the tickets whose moment has come.
pub fn due(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.due_tickets() {
        let closes = closes_at(rules, ticket).filter(|at| *at <= now);
        let news = ticket
            .next_news_at
            .filter(|at| *at <= now && !ticket.status.is_over());
        let away = seen.away.get(&ticket.requester.address).copied();
        if let (Some(at), Some(back)) = (closes, away.filter(|back| *back > now)) {
            let cause = format!("closing {at}");
            let mut case = Case::new(rules, seen, now, ticket.clone(), cause);
            case.change(Change::Wake(Some(back)));
            let why = "the requester is away: closing waits".to_owned();
            case.append(EntryKind::Fact, "guichet", why, None);
            effects.append(&mut case.effects);
        } else if let Some(at) = closes {
            let mut case = Case::new(rules, seen, now, ticket.clone(), format!("closing {at}"));
            case.move_to(Status::Closed, "guichet", "nobody objected");
            case.tell_requester_side(NoticeKind::Closed, &Content::default(), None);
            effects.append(&mut case.effects);
        } else if let Some(at) = news {
            let mut case = Case::new(
                rules,
                seen,
                now,
                ticket.clone(),
                format!("news promised for {at}"),
            );
            hold_on(&mut case, seen);
            effects.append(&mut case.effects);
        }
    }
    effects
}

/// The promised moment came and nothing was written: an honest word, and the next promise. After the
/// third in a row no more is promised. Who waits for the same outage hears the same.
fn hold_on(case: &mut Case<'_>, seen: &Snapshot) {
    let sent = seen
        .holding_letters
        .get(&case.ticket.id.number())
        .copied()
        .unwrap_or(0);
    let next = Some(case.now)
        .filter(|_| sent + 1 < HOLDING_LETTERS_MAX && case.desk().is_some())
        .and_then(|now| next_news(case.rules, &case.ticket, now));
    still_at_it(case, next);
    let waits = |ticket: &Ticket| is_running(ticket) && ticket.next_news_at.is_some();
    outage::with_members(case, waits, |case| still_at_it(case, next));
}

/// Says that nothing has been written, and when the next news comes.
fn still_at_it(case: &mut Case<'_>, next: Option<Timestamp>) {
    give(case, next);
    case.append(
        EntryKind::Fact,
        "guichet",
        "the promised news was due and nothing had been written",
        None,
    );
    // Nobody is named: a name means that somebody has just taken it, and that would not be true.
    let progress = Progress {
        from: case.ticket.status,
        technician: None,
        until: None,
        escalated: false,
    };
    case.tell_requester_side(
        NoticeKind::Progress,
        &Content {
            progress: Some(progress),
            ..Content::default()
        },
        None,
    );
}
