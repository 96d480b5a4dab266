//! `guichet tickets` and `guichet ticket show`.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{Failure, NOT_FOUND, OK, USAGE, reader, shown};
use crate::desk::ids::TicketId;
use crate::desk::outage::Outage;
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
            let outage = match &ticket.outage {
                Some(_) if ticket.is_master() => match reader.outage(&ticket.id)? {
                    Some(outage) => format!("  (outage: {})", people(&outage)),
                    None => String::new(),
                },
                Some(master) => format!("  (under the outage {master})"),
                None => String::new(),
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
    let outage = match &ticket.outage {
        Some(master) => Some(InOutage::read(&reader, &ticket, master)?),
        None => None,
    };
    if as_json {
        let mut object = as_value(&ticket);
        let entries: Vec<Value> = entries.iter().map(|(id, line)| entry(id, line)).collect();
        if let Some(object) = object.as_object_mut() {
            object.insert("entries".to_owned(), entries.into());
            object.insert("satisfaction".to_owned(), rated(rating.as_ref()));
            let name = outage.as_ref().and_then(|outage| outage.name.as_ref());
            object.insert("outage_name".to_owned(), json!(name));
            let others = outage.as_ref().map(|outage| outage.others.as_slice());
            let others = others.unwrap_or_default();
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
    if let Some(outage) = &outage {
        let name = outage.name.as_ref();
        let name = name.map_or(String::new(), |name| format!(" ({})", shown(name)));
        let others = match outage.others.as_slice() {
            [] => String::new(),
            others => format!(", with {}", others.join(", ")),
        };
        let told = &outage.told;
        writeln!(out, "  outage {}{name}: {told}{others}", outage.master)?;
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

/// The outage a ticket stands under, as it is shown with that ticket.
struct InOutage {
    master: TicketId,
    /// What technicians call it.
    name: Option<String>,
    /// How many people it hits, and since when.
    told: String,
    /// The other tickets of it.
    others: Vec<String>,
}

impl InOutage {
    fn read(reader: &Reader, ticket: &Ticket, master: &TicketId) -> Result<Self, Failure> {
        let others = reader.outage_tickets(master)?.into_iter();
        let others = others.filter(|other| *other != ticket.id);
        let told = reader.outage(master)?.map_or(String::new(), |outage| {
            format!("{} since {}", people(&outage), outage.since)
        });
        Ok(Self {
            master: master.clone(),
            name: reader
                .ticket(master.number())?
                .and_then(|master| master.outage_name),
            told,
            others: others.map(|other| other.to_string()).collect(),
        })
    }
}

/// `1 person`, `5 people`.
fn people(outage: &Outage) -> String {
    match outage.people.len() {
        1 => "1 person".to_owned(),
        several => format!("{several} people"),
    }
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

/// An entry of a ticket, as `ticket show --json` has it.
pub fn entry(id: &TicketId, entry: &Entry) -> Value {
    json!({
        "ticket": id.to_string(),
        "at": entry.at,
        "kind": entry.kind.word(),
        "by": entry.by,
        "text": entry.text,
        "message_id": entry.message_id.as_ref().map(|id| id.as_str()),
    })
}
