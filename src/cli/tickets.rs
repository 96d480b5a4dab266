//! `guichet tickets` and `guichet ticket show`.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{Failure, NOT_FOUND, OK, USAGE, reader, shown};
use crate::desk::ids::TicketId;
use crate::desk::ticket::{Entry, Ticket};
use crate::store::{RatingView, Reader};

/// Prints the tickets that are not closed, or `all`.
pub fn list(
    config: Option<&Path>,
    all: bool,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let reader = reader(config)?;
    for ticket in reader.tickets(all)? {
        if as_json {
            writeln!(out, "{}", as_value(&ticket))?;
        } else {
            let (priority, status) = (ticket.priority.word(), ticket.status.word());
            let who = ticket.assignee.as_deref().unwrap_or("-");
            let outage = match (ticket.is_master(), &ticket.outage) {
                (true, Some(master)) => format!("  ({})", crowd(&reader, master)?),
                (_, Some(master)) => format!("  (under the outage {master})"),
                (_, None) => String::new(),
            };
            writeln!(
                out,
                "{:<10} {priority}  {status:<17} {who:<12} {}{outage}",
                ticket.id.to_string(),
                shown(&ticket.subject)
            )?;
        }
    }
    Ok(OK)
}

/// Prints one ticket with its history.
pub fn show(
    config: Option<&Path>,
    id: &str,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let id: TicketId = id
        .parse()
        .map_err(|error| Failure::new(USAGE, format!("{error}")))?;
    let reader = reader(config)?;
    let ticket = reader.ticket(id.number())?.filter(|ticket| ticket.id == id);
    let Some(ticket) = ticket else {
        return Err(Failure::new(NOT_FOUND, format!("there is no ticket {id}")));
    };
    let entries = reader.history(ticket.id.number())?;
    let rating = reader.rating(ticket.id.number())?;
    let master = match &ticket.outage {
        Some(master) => reader.ticket(master.number())?,
        None => None,
    };
    let outage_name = master
        .as_ref()
        .and_then(|master| master.outage_name.clone());
    let others = match &ticket.outage {
        Some(master) => reader.outage_tickets(master)?,
        None => Vec::new(),
    };
    let others = others.iter().filter(|other| **other != ticket.id);
    let others: Vec<String> = others.map(ToString::to_string).collect();
    if as_json {
        let mut object = as_value(&ticket);
        let entries: Vec<Value> = entries.iter().map(|(id, line)| entry(id, line)).collect();
        if let Some(object) = object.as_object_mut() {
            object.insert("entries".to_owned(), entries.into());
            object.insert("satisfaction".to_owned(), rated(rating.as_ref()));
            object.insert("outage_name".to_owned(), json!(outage_name));
            object.insert("outage_tickets".to_owned(), json!(others));
        }
        writeln!(out, "{object}")?;
        return Ok(OK);
    }
    writeln!(out, "{}  {}", ticket.id, shown(&ticket.subject))?;
    writeln!(
        out,
        "  {} · {} · impact {} · urgency {} · {}",
        ticket.status.word(),
        ticket.priority.word(),
        ticket.impact.word(),
        ticket.urgency.word(),
        ticket.category
    )?;
    writeln!(
        out,
        "  from {}{}",
        ticket.requester.address,
        ticket
            .organisation
            .as_ref()
            .map(|o| format!(" ({o})"))
            .unwrap_or_default()
    )?;
    writeln!(
        out,
        "  with {} (team {})",
        ticket.assignee.as_deref().unwrap_or("nobody"),
        ticket.team.as_deref().unwrap_or("-")
    )?;
    if let Some(master) = &ticket.outage {
        let name = outage_name.map_or(String::new(), |name| format!(" {}", shown(&name)));
        let crowd = crowd(&reader, master)?;
        let with = match others.is_empty() {
            true => String::new(),
            false => format!(": with {}", others.join(", ")),
        };
        writeln!(out, "  under {master}{name}, {crowd}{with}")?;
    }
    for (what, due) in [
        ("first answer", ticket.first_answer_due_at),
        ("resolution", ticket.resolution_due_at),
    ] {
        if let Some(due) = due {
            writeln!(out, "  {what} due {due}")?;
        }
    }
    if let Some(score) = rating.as_ref().and_then(|rating| rating.score) {
        writeln!(out, "  satisfaction {score} of 5")?;
    }
    for (id, entry) in &entries {
        let from = match *id == ticket.id {
            true => String::new(),
            false => format!("{id}  "),
        };
        writeln!(
            out,
            "\n  {}  {from}{}  {}",
            entry.at,
            entry.kind.word(),
            shown(&entry.by)
        )?;
        for line in entry.text.lines() {
            writeln!(out, "    {}", shown(line))?;
        }
    }
    Ok(OK)
}

/// How many people an outage hits, and since when.
fn crowd(reader: &Reader, master: &TicketId) -> Result<String, Failure> {
    let outage = reader.outage(master)?;
    let people = outage.as_ref().map_or(0, |outage| outage.people.len());
    let noun = match people {
        1 => "person",
        _ => "people",
    };
    let since = outage.map_or(String::new(), |outage| format!(" since {}", outage.since));
    Ok(format!("outage of {people} {noun}{since}"))
}

/// How content the requester is; null until they are asked.
fn rated(rating: Option<&RatingView>) -> Value {
    rating.map_or(Value::Null, |rating| {
        json!({
            "score": rating.score,
            "comment": rating.comment,
            "asked_at": rating.asked_at,
            "answered_at": rating.answered_at,
        })
    })
}

/// The object of `product.md` §15 and §18.
pub fn as_value(ticket: &Ticket) -> Value {
    json!({
        "id": ticket.id.to_string(),
        "subject": ticket.subject,
        "status": ticket.status.word(),
        "priority": ticket.priority.word(),
        "impact": ticket.impact,
        "urgency": ticket.urgency,
        "category": ticket.category,
        "requester": ticket.requester.address.as_str(),
        "assignee": ticket.assignee,
        "team": ticket.team,
        "organisation": ticket.organisation,
        "watchers": ticket.watchers.iter().map(|watcher| watcher.as_str()).collect::<Vec<_>>(),
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "first_answer_due_at": ticket.first_answer_due_at,
        "resolution_due_at": ticket.resolution_due_at,
        "next_news_at": ticket.next_news_at,
        "cause": ticket.cause,
        "solution": ticket.solution,
        "minutes_spent": ticket.minutes_spent,
        "links": ticket.links.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "merged_into": ticket.merged_into.as_ref().map(ToString::to_string),
        "outage": ticket.outage.as_ref().map(ToString::to_string),
        "reasons": ticket.reasons,
    })
}

fn entry(id: &TicketId, entry: &Entry) -> Value {
    json!({
        "ticket": id.to_string(),
        "at": entry.at,
        "kind": entry.kind.word(),
        "by": entry.by,
        "text": entry.text,
        "message_id": entry.message_id.as_ref().map(|id| id.as_str()),
    })
}
