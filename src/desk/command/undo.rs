//! `/undo`: takes the commands of one receipt back, all or none.
//!
//! Possible as long as everything still is as they left it. The history only grows: what was done stays
//! there, and that it was taken back follows. Letters that went out stay out; the receipt names them. Whoever had been
//! told hears that it no longer holds; nobody else hears anything.

use super::{grouping, outage, recipes};
use crate::desk::act::{Act, Facet, Move, SentLetter};
use crate::desk::case::Case;
use crate::desk::event::Effect;
use crate::desk::ids::TicketId;
use crate::desk::notice::{No, NoticeKind, Refusal};
use crate::desk::promise;
use crate::desk::reminder;
use crate::desk::ticket::{Change, EntryKind, Ticket};

/// What was taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenBack {
    /// The commands.
    pub lines: Vec<String>,
    /// The letters to the outside that they caused and that have gone out or do so all the same: those stay.
    pub letters: Vec<SentLetter>,
}

/// Takes back what the snapshot names.
pub fn take_back(case: &mut Case<'_>, by: &str) -> Result<TakenBack, No> {
    let past = case.seen.to_undo.clone().ok_or(Refusal::NothingToUndo)?;
    if past.is_undone {
        return Err(Refusal::NothingToUndo.into());
    }
    let act = past.act;
    if !act.can_be_undone() {
        return Err(Refusal::Stays.into());
    }
    let stands = |step: &Move| match &step.after {
        Facet::Recipe(fix) => case.seen.fixes.get(&step.ticket.number()) == Some(&**fix),
        after => case.current(&step.ticket).is_some_and(|t| after.holds(t)),
    };
    // The mails that came about a ticket that was split off are a matter of their own by now when it is worked.
    let is_untouched = |id: &TicketId| case.current(id).is_some_and(|t| !t.status.is_over());
    if !act.moves.iter().all(stands) || !act.opened.iter().all(is_untouched) {
        return Err(Refusal::ChangedSince.into());
    }
    for step in act.moves.iter().rev() {
        case.aside(&step.ticket, |case| restore(case, step));
    }
    for id in act.concerned() {
        case.aside(&id, |case| outage::released(case, by));
    }
    if let Some(opened) = &act.opened {
        rejoin(case, &act, opened, by);
    }
    for ticket in act.concerned() {
        case.aside(&ticket, |case| {
            let text = format!("took back: {}", act.lines.join(" · "));
            case.append(EntryKind::Command, by, text, None);
        });
    }
    case.effects.push(Effect::Undone(past.id));
    // Words hold whatever becomes of the commands beside them, so nothing in them is to be put right.
    let is_words = |letter: &SentLetter| {
        let words = [NoticeKind::Update, NoticeKind::Handoff];
        words.iter().any(|kind| kind.word() == letter.kind)
    };
    let told = past.stays.iter().filter(|letter| !is_words(letter));
    let told = told.filter_map(|letter| {
        let ticket = letter.ticket.clone()?;
        Some((ticket, letter.to.clone()))
    });
    case.taken_back = Some(told.collect());
    Ok(TakenBack {
        lines: act.lines,
        letters: past.stays,
    })
}

/// Gives a facet its value back. The history says what holds again, so that figures need nothing but the history
/// (`digest/life.rs` reads it).
fn restore(case: &mut Case<'_>, step: &Move) {
    if let Facet::Recipe(fix) = &step.before {
        let text = format!("taken back, recipe {}: {}", fix.state.word(), fix.title);
        case.append(EntryKind::Fact, "guichet", text, None);
        return recipes::keep(case, (**fix).clone());
    }
    let (status, priority) = (case.ticket.status, case.ticket.priority);
    case.change(Change::Restore(step.before.clone()));
    match &step.before {
        Facet::Standing { .. } => {
            let now = case.ticket.status;
            let text = match status == now {
                true => format!("still {}: the moments before hold again", now.word()),
                false => format!("{} -> {}: taken back", status.word(), now.word()),
            };
            case.append(EntryKind::Status, "guichet", text, None);
            reminder::resume(case);
            // A ticket that came to rest promises nothing any more, and what was promised before may be over by now.
            let stands = case.ticket.next_news_at.is_some_and(|at| at > case.now);
            if promise::is_running(&case.ticket) && !stands {
                promise::renew(case);
            }
        }
        Facet::Rank { .. } => {
            let now = case.ticket.priority;
            let text = format!("{} -> {}: taken back", priority.word(), now.word());
            case.append(EntryKind::Priority, "guichet", text, None);
        }
        before => {
            if let Some((kind, holds)) = holds_again(case, before, &step.after) {
                let text = format!("taken back, {holds}");
                case.append(kind, "guichet", text, None);
            }
        }
    }
}

/// What holds again, in the words in which it was told before.
fn holds_again(case: &Case<'_>, before: &Facet, after: &Facet) -> Option<(EntryKind, String)> {
    let fact = |name: &str, value: &Option<String>| {
        let text = match value {
            Some(value) => format!("{name}: {value}"),
            None => format!("no {name}"),
        };
        Some((EntryKind::Fact, text))
    };
    match (before, after) {
        (Facet::Cause(cause), _) => fact("cause", cause),
        (Facet::Solution(solution), _) => fact("solution", solution),
        (Facet::Category(category), _) => fact("category", &Some(category.clone())),
        (Facet::Minutes(before), Facet::Minutes(after)) => {
            let minutes = after.saturating_sub(*before);
            Some((EntryKind::Fact, format!("{minutes} minutes worked")))
        }
        (Facet::Assignee(key), _) => {
            let technicians = &case.rules.people.technicians;
            let name = key.as_ref().map(|key| {
                let known = technicians.get(key);
                known.map_or(key.as_str(), |technician| technician.name.as_str())
            });
            let text = format!("{} has it", name.unwrap_or("nobody"));
            Some((EntryKind::Assignment, text))
        }
        (Facet::Outage { under, .. }, _) => {
            let text = under.as_ref().map_or_else(
                || "no outage".to_owned(),
                |under| format!("under the outage {under}"),
            );
            Some((EntryKind::Fact, text))
        }
        (Facet::Team(team), _) => {
            let text = team
                .as_ref()
                .map_or_else(|| "no team".to_owned(), |team| format!("team {team}"));
            Some((EntryKind::Assignment, text))
        }
        _ => None,
    }
}

/// A ticket that was split off goes on where it came from, with whatever has been written about it since.
fn rejoin(case: &mut Case<'_>, act: &Act, opened: &TicketId, by: &str) {
    let parent: Option<Ticket> = case.current(&act.ticket).cloned();
    let split: Option<Ticket> = case.current(opened).cloned();
    let (Some(parent), Some(split)) = (parent, split) else {
        return;
    };
    case.aside(opened, |case| grouping::point(case, &split, &parent.id, by));
}
