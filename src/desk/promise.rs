//! What is due at a tick: resolved tickets that close, and the next news a requester was promised.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::case::{Case, Content};
use super::event::{Effect, Snapshot};
use super::notice::{NoticeKind, Progress};
use super::people::Desk;
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::Priority;

/// After so many holding letters in a row only people write (`product.md` §9).
const HOLDING_LETTERS_MAX: u32 = 3;

/// When the requester of a new ticket hears from us at the latest.
pub fn first_news(ticket: &Ticket, desk: &Desk, now: Timestamp) -> Option<Timestamp> {
    let wait = match ticket.priority {
        Priority::P1 => SignedDuration::from_hours(1),
        Priority::P2 => SignedDuration::from_hours(4),
        Priority::P3 => return Some(business_days_after(now, 1, &desk.timezone)),
        Priority::P4 => return Some(business_days_after(now, 2, &desk.timezone)),
    };
    now.checked_add(wait).ok()
}

/// The moment `days` working days (Monday to Friday) after `from`, at the same time of day in `zone`.
pub fn business_days_after(from: Timestamp, days: u32, zone: &TimeZone) -> Timestamp {
    let mut moment = from.to_zoned(zone.clone());
    let mut left = days;
    while left > 0 {
        let Ok(next) = moment.checked_add(1.day()) else {
            return from;
        };
        moment = next;
        if !matches!(moment.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    moment.timestamp()
}

/// When a resolved ticket closes if nobody says a word; `None` for a ticket that is not resolved.
pub fn closes_at(rules: &Rules, ticket: &Ticket) -> Option<Timestamp> {
    let days = rules
        .periods
        .get(&ticket.desk)
        .copied()
        .unwrap_or_default()
        .close_after_business_days;
    let zone = rules
        .people
        .desks
        .get(&ticket.desk)
        .map_or(TimeZone::UTC, |desk| desk.timezone.clone());
    let resolved_at = ticket
        .ended_at
        .filter(|_| ticket.status == Status::Resolved)?;
    Some(business_days_after(resolved_at, days, &zone))
}

/// Whether it is our turn: the ticket is neither over, nor put aside, nor is anybody else's answer awaited.
pub fn is_running(ticket: &Ticket) -> bool {
    matches!(ticket.status, Status::New | Status::Open)
}

/// Promises the next news anew: somebody wrote, or work begins again. Nothing is promised about a ticket that is
/// over, nor to a requester whose letters would be held.
pub fn renew(case: &mut Case<'_>) {
    let may = !case.ticket.status.is_over() && case.hold_for(&case.requester()).is_none();
    let Some(desk) = case.desk().filter(|_| may) else {
        return;
    };
    case.change(Change::NextNews(first_news(&case.ticket, desk, case.now)));
}

/// Deals with the tickets whose moment has come.
pub fn due(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.tickets.values() {
        let closes = closes_at(rules, ticket).filter(|at| *at <= now);
        let news = ticket
            .next_news_at
            .filter(|at| *at <= now && !ticket.status.is_over());
        if let Some(at) = closes {
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
/// third in a row no more is promised.
fn hold_on(case: &mut Case<'_>, seen: &Snapshot) {
    let sent = seen
        .holding_letters
        .get(&case.ticket.id.number())
        .copied()
        .unwrap_or(0);
    let next = case
        .desk()
        .filter(|_| sent + 1 < HOLDING_LETTERS_MAX)
        .and_then(|desk| first_news(&case.ticket, desk, case.now));
    case.change(Change::NextNews(next));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_days_skip_the_weekend_and_keep_the_hour_through_daylight_saving() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let friday: Timestamp = "2026-10-23T15:00:00Z".parse().unwrap(); // 17:00 in Paris, summer time
        assert_eq!(
            business_days_after(friday, 1, &paris).to_string(),
            "2026-10-26T16:00:00Z"
        );
    }
}
