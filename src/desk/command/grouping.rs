//! Commands about several tickets: merge, split, link.
//!
//! Merging moves nothing: the loser points to the winner and keeps its history, and whoever reads the
//! winner reads both. So no entry can get lost, later mails follow the pointer (`desk/thread.rs`), and
//! taking back is setting the pointer back. Nobody gets to read another organisation's ticket by it (I10).

use std::num::NonZeroU32;

use super::carry_out::ticket_numbered;
use crate::desk::case::{Case, Content};
use crate::desk::event::LastWords;
use crate::desk::ids::{Address, Locale, TicketId};
use crate::desk::newcomer;
use crate::desk::notice::{No, NoticeKind, Refusal, Said};
use crate::desk::outage;
use crate::desk::promise;
use crate::desk::ticket::{Change, EntryKind, Requester, Status, Ticket};

/// How many merges are followed from one ticket to the next. More are a mistake.
const MERGES_MAX: usize = 10;

/// The ticket goes on in the one with this number, or where that one goes on. Without a number it is the only one it is
/// linked with: the one a new-ticket letter calls related.
pub fn merge(case: &mut Case<'_>, into: Option<NonZeroU32>, by: &str) -> Result<(), No> {
    let into = match (into, case.ticket.links.as_slice()) {
        (Some(into), _) => into,
        (None, [only]) => only.number(),
        (None, []) => return Err(Refusal::WhichTicket.into()),
        (None, several) => {
            let lines: Vec<String> = several.iter().map(|id| format!("/merge {id}")).collect();
            return Err(No::from(Refusal::WhichTicket).did_you_mean(lines.join(" · ")));
        }
    };
    let winner = survivor(case, into)?;
    let winner = winner.clone();
    let loser = case.ticket.clone();
    // What stands under a master would stand alone; `/outage` puts all of it under another.
    if !outage::members(case, &loser.id).is_empty() {
        return Err(Refusal::NotNow.into());
    }
    if winner.id.number() == loser.id.number() {
        return Err(No::named(Refusal::Itself, &winner.id));
    }
    // Into a ticket that is over, a living one would vanish unanswered.
    if winner.status.is_over() && !loser.status.is_over() {
        return Err(Refusal::NotNow.into());
    }
    if !may_share(case, &loser, &winner) {
        return Err(Refusal::Wall.into());
    }
    join(case, &loser, &winner, by);
    Ok(())
}

/// Lets `loser`, the ticket in hand, go on in `winner`: its people are kept informed there.
fn join(case: &mut Case<'_>, loser: &Ticket, winner: &Ticket, by: &str) {
    let (from, into) = (&loser.id, &winner.id);
    point(case, loser, into, by);
    let people = std::iter::once(&loser.requester.address).chain(&loser.watchers);
    let people: Vec<Address> = people.cloned().collect();
    let words = case.seen.last_words.get(&from.number()).cloned();
    case.aside(into, |case| {
        for person in &people {
            let is_new = !case.ticket.takes_part(person);
            case.change(Change::Watch(person.clone()));
            if is_new {
                let text = format!("watched by {person}, of {from}");
                case.append(EntryKind::People, by, text, None);
            }
        }
        let text = format!("{from} goes on here: {}", loser.subject);
        case.append(EntryKind::Fact, by, text, None);
        // Whoever works the winner has not read what was written about the loser.
        if let Some(words) = words {
            let content = Content {
                said: Some(said(&words)),
                ..Content::default()
            };
            case.tell_staff(NoticeKind::Message, &content, case.writer.clone().as_ref());
        }
    });
}

/// Lets `loser`, the ticket in hand, point to the one it goes on in.
pub(super) fn point(case: &mut Case<'_>, loser: &Ticket, into: &TicketId, by: &str) {
    case.change(Change::Merge(into.clone()));
    let text = format!("{} -> merged: goes on in {into}", loser.status.word());
    case.append(EntryKind::Status, by, text, None);
}

/// The last mail of somebody outside becomes a ticket of its own, of its author, linked with this one.
pub fn split(case: &mut Case<'_>, subject: Option<&str>, by: &str) -> Result<TicketId, No> {
    let words = case.seen.last_words.get(&case.ticket.id.number()).cloned();
    // The mail that opened the ticket is the ticket.
    let words = words
        .filter(|words| !words.is_first)
        .ok_or(Refusal::NotNow)?;
    let parent = case.ticket.id.clone();
    let subject = match subject {
        Some(subject) => subject.to_owned(),
        None if words.subject.trim().is_empty() => case.ticket.subject.clone(),
        None => words.subject.clone(),
    };
    let desk = case.desk().ok_or(Refusal::NotNow)?;
    let requester = Requester {
        address: words.by.clone(),
        name: words.name.clone(),
        locale: locale_of(case, &words.by),
    };
    // One mail can split one ticket off: the next number is used up.
    if case.touched.contains_key(&case.seen.next_ticket) {
        return Err(Refusal::NotNow.into());
    }
    let ticket = newcomer::split_off(
        case.rules, case.seen, desk, requester, &subject, &words, case.now,
    );
    let id = ticket.id.clone();
    case.aside_with(ticket, |case| {
        let targets = case.begin_targets();
        case.open();
        case.append(
            EntryKind::Mail,
            words.by.as_str(),
            words.text.clone(),
            words.message_id.clone(),
        );
        case.append(EntryKind::Target, "guichet", targets, None);
        let text = format!("split off {parent}");
        case.append(EntryKind::Fact, by, text, None);
        case.change(Change::Link(parent.clone()));
        promise::renew(case);
        let content = Content {
            answers: words.message_id.clone().map(|id| (words.by.clone(), id)),
            ..Content::default()
        };
        let to = case.requester();
        case.tell(NoticeKind::Acknowledgement, to, &content);
        let told = Content {
            said: Some(said(&words)),
            ..Content::default()
        };
        case.tell_staff(NoticeKind::NewTicket, &told, case.writer.clone().as_ref());
    });
    let ids = words.message_id.into_iter().collect();
    case.rethread(&id, ids);
    case.change(Change::Link(id.clone()));
    let text = format!("the last mail of {} goes on in {id}", words.by);
    case.append(EntryKind::Fact, by, text, None);
    Ok(id)
}

/// Links the ticket with another one, both ways.
pub fn link(case: &mut Case<'_>, which: NonZeroU32, by: &str) -> Result<(), No> {
    let own = case.ticket.id.clone();
    let other = ticket_numbered(case, which)?.id.clone();
    if other == own {
        return Err(No::named(Refusal::Itself, &own));
    }
    case.change(Change::Link(other.clone()));
    let text = format!("linked to {other}");
    case.append(EntryKind::Fact, by, text, None);
    case.aside(&other, |case| {
        case.change(Change::Link(own.clone()));
        let text = format!("linked to {own}");
        case.append(EntryKind::Fact, by, text, None);
    });
    Ok(())
}

/// The ticket with this number, or the one it goes on in in the end.
pub(super) fn survivor<'c>(case: &'c Case<'_>, number: NonZeroU32) -> Result<&'c Ticket, No> {
    let mut ticket = ticket_numbered(case, number)?;
    for _ in 0..MERGES_MAX {
        match ticket
            .merged_into
            .as_ref()
            .filter(|_| ticket.status == Status::Merged)
        {
            Some(into) => {
                ticket = case
                    .current(into)
                    .ok_or(No::named(Refusal::NoTicket, into))?
            }
            None => return Ok(ticket),
        }
    }
    Err(Refusal::NotNow.into())
}

/// Whether `loser` can go on in `winner`: that one is not over, and the people of the one may read about the other.
pub fn can_go_on(case: &Case<'_>, loser: &Ticket, winner: &Ticket) -> bool {
    !winner.status.is_over() && may_share(case, loser, winner)
}

/// Whether the people of `loser` may be kept informed about `winner`: they take part in it already, work for us, or are
/// of the same organisation. Where no organisation is configured everybody is of one house.
fn may_share(case: &Case<'_>, loser: &Ticket, winner: &Ticket) -> bool {
    let people = &case.rules.people;
    let house = |address: &Address| people.organisation(address).map(|o| &o.key);
    let one_house = people.organisations.is_empty();
    let may_read = |address: &Address| {
        winner.takes_part(address)
            || people.technician(address).is_some()
            || one_house
            || (winner.organisation.is_some() && house(address) == winner.organisation.as_ref())
    };
    let apart = match (&loser.organisation, &winner.organisation) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    !apart
        && std::iter::once(&loser.requester.address)
            .chain(&loser.watchers)
            .all(may_read)
}

fn locale_of(case: &Case<'_>, address: &Address) -> Locale {
    let requester = &case.ticket.requester;
    let known = case.seen.known_people.get(address);
    known
        .and_then(|person| person.locale.clone())
        .or_else(|| (requester.address == *address).then(|| requester.locale.clone()))
        .or_else(|| case.desk().map(|desk| desk.locale.clone()))
        .unwrap_or_else(|| requester.locale.clone())
}

fn said(words: &LastWords) -> Said {
    Said {
        by: words.name.clone().unwrap_or_else(|| words.by.to_string()),
        by_technician: false,
        at: words.at,
        text: words.text.clone(),
        attachments: Vec::new(),
    }
}
