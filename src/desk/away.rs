//! Somebody's absence notice: a technician gets no new tickets until its date, and their lead is told once; a requester is
//! known to be away, so that nobody is reminded and silence closes nothing meanwhile. Neither changes a status.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::absence;
use super::case::{Case, Content};
use super::command::proof;
use super::event::{Effect, Snapshot};
use super::mail::InboundMail;
use super::newcomer::{cause, said};
use super::notice::NoticeKind;
use super::people::{Team, Technician};
use super::reminder;
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Status, Ticket};

/// What follows from an automatic answer to a letter about `ticket`.
pub fn noted(
    rules: &Rules,
    seen: &Snapshot,
    ticket: &Ticket,
    mail: &InboundMail,
    now: Timestamp,
) -> Vec<Effect> {
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause(mail));
    let Some(sender) = mail.sender_identity() else {
        return Vec::new();
    };
    let technician = rules.people.technician(&sender);
    let zone = technician.and_then(|technician| technician.timezone.clone());
    let zone = zone.or_else(|| case.desk().map(|desk| desk.timezone.clone()));
    let zone = zone.unwrap_or(TimeZone::UTC);
    let subject = mail.subject.as_deref().unwrap_or_default();
    let Some(until) = absence::until(subject, &mail.reply, now, &zone) else {
        return Vec::new();
    };
    match technician {
        // Somebody else could send them home in their name: only an answer to their own letter counts.
        Some(technician)
            if proof::answers_own_letter(rules, seen, mail, technician, ticket, now) =>
        {
            let was_away = seen.is_away(technician, now);
            case.effects
                .push(Effect::Away(technician.address.clone(), until));
            note(&mut case, &technician.name, until, &zone);
            if !was_away {
                tell_lead(&mut case, technician, mail);
            }
        }
        None if ticket.requester.address == sender => {
            case.effects.push(Effect::Away(sender.clone(), until));
            note(&mut case, sender.as_str(), until, &zone);
            if case.ticket.status == Status::Resolved {
                case.change(Change::Wake(Some(until))); // see `promise::closes_at`
            }
            reminder::pause(&mut case);
        }
        _ => {}
    }
    case.effects
}

fn note(case: &mut Case<'_>, who: &str, until: Timestamp, zone: &TimeZone) {
    let day = until.to_zoned(zone.clone()).date();
    case.append(
        EntryKind::Fact,
        "guichet",
        format!("{who} is away until {day}"),
        None,
    );
}

/// Passes the notice on to the lead of the ticket's team, else of the first team they belong to.
fn tell_lead(case: &mut Case<'_>, away: &Technician, mail: &InboundMail) {
    let people = &case.rules.people;
    let own = case
        .ticket
        .team
        .as_ref()
        .and_then(|key| people.teams.get(key));
    let others = people
        .teams
        .values()
        .filter(|team| team.members.contains(&away.key));
    let lead = |team: &Team| team.lead.clone().filter(|lead| *lead != away.key);
    let lead = own
        .into_iter()
        .chain(others)
        .find_map(lead)
        .and_then(|key| people.technicians.get(&key));
    if let Some(lead) = lead {
        let to = case.technician(lead);
        let content = Content {
            said: Some(said(mail, case.now)),
            ..Content::default()
        };
        case.tell(NoticeKind::Message, to, &content);
    }
}
