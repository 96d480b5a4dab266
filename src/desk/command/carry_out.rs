//! What each command does to a ticket.

use super::{Command, Order};
use crate::desk::case::Case;
use crate::desk::event::Effect;
use crate::desk::ids::{Address, TicketId};
use crate::desk::notice::{Refusal, Refused};
use crate::desk::people::Technician;
use crate::desk::ticket::{Change, EntryKind, Requester, Status};
use crate::desk::triage::{Place, Reason, Subject};

/// Carries the orders of one mail out, all or none. Gives the lines of what was done; when one is
/// refused the case is as before, and every order is listed with its reason.
pub fn carry_out(
    case: &mut Case<'_>,
    orders: &[Order],
    by: &Technician,
) -> Result<Vec<String>, Vec<Refused>> {
    let mut tried = case.clone();
    let outcomes: Vec<Result<(), Refusal>> = orders
        .iter()
        .map(|order| one(&mut tried, &order.command, by))
        .collect();
    if outcomes.iter().all(Result::is_ok) {
        *case = tried;
        return Ok(orders.iter().map(|order| order.line.clone()).collect());
    }
    let refused = orders.iter().zip(outcomes).map(|(order, outcome)| Refused {
        line: order.line.clone(),
        because: outcome.err().unwrap_or(Refusal::WithTheOthers),
        did_you_mean: None,
    });
    Err(refused.collect())
}

fn one(case: &mut Case<'_>, command: &Command, by: &Technician) -> Result<(), Refusal> {
    let name = by.name.as_str();
    match command {
        Command::Take => assign(case, by, name),
        Command::Assign(who) => {
            let technician = find_technician(case, who)?;
            assign(case, technician, name)
        }
        Command::Team(which) => {
            let team = case
                .rules
                .people
                .teams
                .get(&which.to_lowercase())
                .ok_or(Refusal::Argument)?;
            case.change(Change::Team(Some(team.key.clone())));
            case.change(Change::Assignee(None));
            case.append(
                EntryKind::Assignment,
                name,
                format!("team {}", team.key),
                None,
            );
            Ok(())
        }
        Command::Priority(priority, why) => {
            let mut reasons = case.ticket.reasons.clone();
            reasons.push(Reason {
                about: Subject::Priority,
                level: priority.word().to_owned(),
                because: why.clone().unwrap_or_else(|| format!("{name} decided")),
                r#where: Place::Technician,
                weight: 0,
            });
            let was = case.ticket.priority;
            let (impact, urgency) = (case.ticket.impact, case.ticket.urgency);
            case.change(Change::Rank {
                impact,
                urgency,
                priority: *priority,
                reasons,
            });
            let why = why
                .as_ref()
                .map(|why| format!(": {why}"))
                .unwrap_or_default();
            case.append(
                EntryKind::Priority,
                name,
                format!("{} -> {}{why}", was.word(), priority.word()),
                None,
            );
            Ok(())
        }
        Command::Wait(None, why) => moved(
            case,
            Status::WaitingRequester,
            name,
            why.as_deref().unwrap_or("it is the requester's turn"),
        ),
        Command::Open => moved(case, Status::Open, name, "work goes on"),
        Command::Resolve(what) => {
            solution(case, what.as_deref(), name);
            moved(case, Status::Resolved, name, "solved")
        }
        Command::Close(what) => {
            solution(case, what.as_deref(), name);
            moved(case, Status::Closed, name, "done")
        }
        Command::Note(words) => {
            case.append(EntryKind::Note, name, words, None);
            Ok(())
        }
        Command::Watch(who) => people(case, who, by, "watched by", Change::Watch),
        Command::Unwatch(who) => people(case, who, by, "no longer watched by", Change::Unwatch),
        Command::Requester(who) => {
            let address: Address = who.parse().map_err(|_| Refusal::Argument)?;
            let locale = case.ticket.requester.locale.clone();
            case.change(Change::Requester(Requester {
                address: address.clone(),
                name: None,
                locale: locale.clone(),
            }));
            case.append(
                EntryKind::People,
                name,
                format!("requester {address}"),
                None,
            );
            // The wall between organisations follows the requester.
            let organisation = case.rules.people.organisation(&address);
            let organisation = organisation.map(|organisation| organisation.key.clone());
            case.change(Change::Organisation(organisation));
            // A technician vouches for whom they name.
            case.effects.push(Effect::Know(address, Some(locale)));
            Ok(())
        }
        Command::Cause(words) => fact(case, name, "cause", words, Change::Cause),
        Command::Solution(words) => fact(case, name, "solution", words, Change::Solution),
        Command::Category(which) => fact(
            case,
            name,
            "category",
            &which.to_lowercase(),
            Change::Category,
        ),
        Command::Time(minutes) => {
            case.change(Change::Minutes(*minutes));
            case.append(
                EntryKind::Fact,
                name,
                format!("{minutes} minutes worked"),
                None,
            );
            Ok(())
        }
        Command::Link(which) => {
            if *which == case.ticket.id.number() || *which >= case.seen.next_ticket {
                return Err(Refusal::Argument);
            }
            let other = TicketId::new(case.ticket.id.prefix(), *which);
            case.change(Change::Link(other.clone()));
            case.append(EntryKind::Fact, name, format!("linked to {other}"), None);
            Ok(())
        }
        Command::Impact(..)
        | Command::Urgency(..)
        | Command::Wait(Some(_), _)
        | Command::Snooze(..)
        | Command::Escalate(_)
        | Command::Handoff(_)
        | Command::Merge(_)
        | Command::Split(_)
        | Command::Outage(_)
        | Command::Recipe(_)
        | Command::Undo
        | Command::Dry
        | Command::Help => Err(Refusal::NotYet),
    }
}

fn assign(case: &mut Case<'_>, to: &Technician, by: &str) -> Result<(), Refusal> {
    if matches!(case.ticket.status, Status::Closed | Status::Merged) {
        return Err(Refusal::NotNow);
    }
    case.change(Change::Assignee(Some(to.key.clone())));
    case.append(
        EntryKind::Assignment,
        by,
        format!("{} has it", to.name),
        None,
    );
    if case.ticket.status == Status::New {
        case.move_to(Status::Open, by, "taken");
    }
    Ok(())
}

fn moved(case: &mut Case<'_>, to: Status, by: &str, why: &str) -> Result<(), Refusal> {
    if case.move_to(to, by, why) {
        Ok(())
    } else {
        Err(Refusal::NotNow)
    }
}

fn solution(case: &mut Case<'_>, what: Option<&str>, by: &str) {
    if let Some(what) = what {
        case.change(Change::Solution(what.to_owned()));
        case.append(EntryKind::Fact, by, format!("solution: {what}"), None);
    }
}

fn fact(
    case: &mut Case<'_>,
    by: &str,
    what: &str,
    words: &str,
    change: fn(String) -> Change,
) -> Result<(), Refusal> {
    case.change(change(words.to_owned()));
    case.append(EntryKind::Fact, by, format!("{what}: {words}"), None);
    Ok(())
}

fn people(
    case: &mut Case<'_>,
    who: &[String],
    by: &Technician,
    what: &str,
    change: fn(Address) -> Change,
) -> Result<(), Refusal> {
    let mut addresses = Vec::new();
    for who in who {
        addresses.push(match who.parse::<Address>() {
            Ok(address) => address,
            Err(_) => find_technician(case, who)?.address.clone(),
        });
    }
    if addresses.is_empty() {
        addresses.push(by.address.clone());
    }
    for address in addresses {
        case.append(
            EntryKind::People,
            &by.name,
            format!("{what} {address}"),
            None,
        );
        case.change(change(address));
    }
    Ok(())
}

/// A technician by key, address, name or an unambiguous part of the name.
fn find_technician<'a>(case: &Case<'a>, who: &str) -> Result<&'a Technician, Refusal> {
    let who = who.to_lowercase();
    let technicians = || case.rules.people.technicians.values();
    let exact = technicians().find(|t| {
        t.key.to_lowercase() == who || t.name.to_lowercase() == who || t.address.as_str() == who
    });
    let mut parts = technicians().filter(|t| t.name.to_lowercase().contains(&who));
    match (exact, parts.next(), parts.next()) {
        (Some(technician), ..) | (None, Some(technician), None) => Ok(technician),
        _ => Err(Refusal::Argument),
    }
}
