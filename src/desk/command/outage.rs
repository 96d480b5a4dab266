//! `/outage` and what follows from it: a ticket becomes the master of like ones, comes under another, leaves again; what is
//! ordered for a master is done to all that stand under it.
//!
//! One word for the master resolves or closes all of them without being asked back: a technician has put them together,
//! the receipt of that listed them, each requester is asked and can reopen their own, and `/undo` takes all back. Where a
//! slip of the pen can name the master instead of its neighbour, in an answer to the queue letter, it is asked back
//! (`queue_answer.rs`).

use std::num::NonZeroU32;

use super::carry_out::{Actor, Done, one, pause};
use super::{Command, grouping};
use crate::desk::case::Case;
use crate::desk::notice::{No, Refusal};
use crate::desk::outage::{self, TICKETS_MAX};
use crate::desk::promise;
use crate::desk::ticket::{Change, EntryKind, Status, Ticket};

/// The ticket in hand becomes the master of the open tickets that are like it, perhaps under a name; a master gets
/// another name.
pub fn declare(case: &mut Case<'_>, name: Option<&str>, by: &str) -> Result<(), No> {
    let ticket = &case.ticket;
    if ticket.status.is_over() || ticket.master().is_some() {
        return Err(Refusal::NotNow.into());
    }
    if ticket.is_master() && name.is_none() {
        return Err(Refusal::NotNow.into());
    }
    let is_new = !ticket.is_master();
    become_master(case, name, by);
    if is_new {
        let like = case.seen.likes.get(&case.ticket.id.number());
        let master = case.ticket.clone();
        for id in like.into_iter().flatten() {
            let is_free = |ticket: &Ticket| !ticket.status.is_over() && ticket.outage.is_none();
            if case.current(id).is_some_and(is_free) {
                case.aside(id, |case| led_under(case, &master, by, "a like report"));
            }
        }
        outage::align(case);
    }
    Ok(())
}

/// The ticket in hand, with all that stand under it, comes under the outage that the ticket with this number belongs
/// to; that one becomes a master if it belongs to none.
pub fn join(case: &mut Case<'_>, which: NonZeroU32, by: &str) -> Result<(), No> {
    let own = case.ticket.id.clone();
    let named = grouping::survivor(case, which)?;
    let id = named.outage.clone().unwrap_or_else(|| named.id.clone());
    let master = case.current(&id).ok_or(No::named(Refusal::NoTicket, &id))?;
    if id == own {
        return Err(No::named(Refusal::Itself, &id));
    }
    let is_there = case.ticket.outage.as_ref() == Some(&id);
    if is_there || case.ticket.status.is_over() || master.status.is_over() {
        return Err(Refusal::NotNow.into());
    }
    let brought = outage::members(case, &own);
    let there = case.seen.outages.get(&id.number());
    let there = there.map_or(1, |outage| outage.tickets);
    if there + brought.len() + 1 > TICKETS_MAX {
        return Err(Refusal::NotNow.into());
    }
    if !master.is_master() {
        case.led.insert(id.number()); // who works it is told of the one that comes under it
        case.aside(&id, |case| become_master(case, None, by));
    }
    let master = case.current(&id).cloned();
    let master = master.ok_or(No::named(Refusal::NoTicket, &id))?;
    let why = "a technician knows it to be the same";
    for ticket in &brought {
        case.aside(ticket, |case| led_under(case, &master, by, why));
    }
    outage::put_under(case, &master, by, why);
    case.aside(&id, outage::align);
    Ok(())
}

/// The ticket in hand leaves its outage and is worked by itself. What its requester was promised holds.
pub fn leave(case: &mut Case<'_>, by: &str) {
    let master = case.ticket.outage.clone();
    case.change(Change::Outage {
        under: None,
        name: None,
    });
    let from = master.map_or_else(String::new, |master| format!(" {master}"));
    case.append(
        EntryKind::Fact,
        by,
        format!("no longer under the outage{from}"),
        None,
    );
    if promise::is_running(&case.ticket) {
        match case.ticket.next_news_at {
            None => promise::renew(case),
            promised => promise::give(case, promised), // whoever has it is nudged for it by itself now
        }
    }
}

/// Does to the tickets under the master in hand what was ordered for it. `before`: where it stood.
pub fn along(case: &mut Case<'_>, command: &Command, before: Status, by: &Actor<'_>) {
    let fits = |ticket: &Ticket| match command {
        // Whoever said YES is done; whoever waits for an answer goes on waiting.
        Command::Open => ticket.status == before,
        Command::Close(_) => !matches!(ticket.status, Status::Closed | Status::Merged),
        Command::Cause(_) | Command::Solution(_) => ticket.status != Status::Merged,
        Command::Take
        | Command::Assign(_)
        | Command::Team(_)
        | Command::Escalate(_)
        | Command::Wait(..)
        | Command::Snooze(..)
        | Command::Handoff(_)
        | Command::Chase
        | Command::Resolve(_) => !ticket.status.is_over(),
        // What a person's own ticket is about, who is told of it, and what was worked on all of them once.
        _ => false,
    };
    outage::with_members(case, fits, |case| {
        // One whose state does not allow it stays as it is: each of these looks before it changes anything.
        let _ = match command {
            // One letter to the firm is enough, about the master.
            Command::Handoff(words) => pause(case, Status::WaitingProvider, None, by.name, words),
            _ => one(case, command, by, &mut Done::default()),
        };
    });
}

/// After `/undo` the ticket in hand may be no master any more: what came under it since goes free as well.
pub fn released(case: &mut Case<'_>, by: &str) {
    if !case.ticket.is_master() {
        for id in outage::members(case, &case.ticket.id) {
            case.aside(&id, |case| leave(case, by));
        }
    }
}

fn become_master(case: &mut Case<'_>, name: Option<&str>, by: &str) {
    case.change(Change::Outage {
        under: Some(case.ticket.id.clone()),
        name: name.map(str::to_owned),
    });
    let name = name.map_or_else(String::new, |name| format!(": {name}"));
    case.append(EntryKind::Fact, by, format!("an outage{name}"), None);
}

fn led_under(case: &mut Case<'_>, master: &Ticket, by: &str, why: &str) {
    case.led.insert(case.ticket.id.number());
    outage::put_under(case, master, by, why);
}
