//! The nudge: whoever has a ticket is told when the news promised to its requester is nearly due and nobody has written.
//!
//! Once for each promise, within working hours, and never to somebody who is away: whoever stands in for them is told.
//! The moment is kept with the ticket; a new promise has a moment of its own.

use jiff::{SignedDuration, Timestamp};

use super::case::{Case, Content};
use super::event::{Effect, Snapshot};
use super::notice::{NoticeKind, Reminder};
use super::promise;
use super::rules::Rules;
use super::ticket::{Change, Ticket};

/// Of the working time of a promise, the nudge leaves this part: a quarter of an hour of one hour.
const PART: i32 = 4;
/// It never comes earlier than this: two hours are enough to find something to say.
const LEAD_MAX: SignedDuration = SignedDuration::from_hours(2);

/// When the nudge for news promised at `now` for `news` comes; `None` where nobody works in between.
pub fn moment(
    rules: &Rules,
    ticket: &Ticket,
    now: Timestamp,
    news: Timestamp,
) -> Option<Timestamp> {
    let calendar = rules.agreements.target_of(ticket).calendar;
    let work = calendar.worked(now, news);
    let lead = (work / PART).min(LEAD_MAX);
    calendar
        .after(now, work - lead)
        .filter(|at| *at > now && *at < news)
}

/// Nudges about the tickets of the snapshot whose moment has come. Once the promised moment is there it is too late for
/// that: the requester hears from us then.
pub fn due(rules: &Rules, seen: &Snapshot, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for ticket in seen.due_tickets() {
        let nudges = ticket.nudges_at.is_some_and(|at| at <= now);
        let news = ticket.next_news_at.filter(|news| *news > now);
        let Some(news) = news.filter(|_| nudges && promise::is_running(ticket)) else {
            continue;
        };
        let cause = format!("nudge for news promised for {news}");
        let mut case = Case::new(rules, seen, now, ticket.clone(), cause);
        let calendar = rules.agreements.target_of(ticket).calendar;
        let opening = calendar.next_opening(now).filter(|at| *at < news);
        case.change(Change::Nudge(opening.filter(|at| *at > now)));
        if opening == Some(now) {
            let content = Content {
                reminder: Some(Reminder::News(news)),
                ..Content::default()
            };
            case.tell_present(NoticeKind::Reminder, &content);
        }
        effects.append(&mut case.effects);
    }
    effects
}
