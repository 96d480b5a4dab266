//! Commands about people: who has the ticket, who reported it, who is kept informed.

use super::carry_out::Actor;
use crate::desk::case::{Case, Content};
use crate::desk::event::Effect;
use crate::desk::ids::Address;
use crate::desk::notice::{Escalation, No, NoticeKind, Refusal, Said};
use crate::desk::people::{Team, Technician};
use crate::desk::ticket::{Change, EntryKind, Requester, Status};

/// Gives the ticket to a technician.
pub fn assign(case: &mut Case<'_>, to: &Technician, by: &str) -> Result<(), No> {
    if matches!(case.ticket.status, Status::Closed | Status::Merged) {
        return Err(Refusal::NotNow.into());
    }
    case.change(Change::Assignee(Some(to.key.clone())));
    let text = format!("{} has it", to.name);
    case.append(EntryKind::Assignment, by, text, None);
    if case.ticket.status == Status::New {
        case.move_to(Status::Open, by, "taken");
    }
    Ok(())
}

/// Gives the ticket to another team. Nobody has it until a member takes it.
pub fn team(case: &mut Case<'_>, which: &str, by: &str) -> Result<(), No> {
    let team = find_team(case, which).ok_or(No::named(Refusal::NoTeam, which.trim()))?;
    hand_over(case, team, by);
    Ok(())
}

/// Brings the ticket to the next level: another team when the first words name one, else the lead of its own. The lead
/// is told in any case, and those who wait learn that somebody else looks at it.
pub fn escalate(case: &mut Case<'_>, words: &str, by: &Actor<'_>) -> Result<(), No> {
    if case.ticket.status.is_over() {
        return Err(Refusal::NotNow.into());
    }
    let (team, why) = team_and_why(case, words);
    let people = &case.rules.people;
    let own = case
        .ticket
        .team
        .as_ref()
        .and_then(|key| people.teams.get(key));
    let lead = team.or(own).and_then(|team| team.lead.as_ref());
    let lead = lead.and_then(|key| people.technicians.get(key));
    let because = match why {
        "" => String::new(),
        why => format!(": {why}"),
    };
    match (team, lead) {
        (Some(team), _) => hand_over(case, team, by.name),
        (None, Some(lead)) if case.ticket.assignee.as_ref() != Some(&lead.key) => {
            assign(case, lead, by.name)?;
        }
        // Nobody is above: there is no lead, or the lead has it.
        (None, _) => return Err(Refusal::NoLead.into()),
    }
    let to = lead.map_or(String::new(), |lead| format!(" to {}", lead.name));
    let text = format!("escalated{to}{because}");
    case.append(EntryKind::Assignment, by.name, text, None);
    let desk = case.desk().map(|desk| desk.name.as_str());
    let escalation = Escalation {
        by: by
            .technician
            .map_or(desk.unwrap_or(by.name), |t| &t.name)
            .to_owned(),
        why: (!why.is_empty()).then(|| why.to_owned()),
    };
    let number = case.ticket.id.number();
    case.escalated.insert(number, escalation);
    // The members of the team are told of what comes to them; its lead may be none of them.
    let knows = case
        .staff()
        .iter()
        .any(|t| lead.is_some_and(|lead| lead.key == t.key));
    let is_actor = |lead: &Technician| by.technician.is_some_and(|t| t.key == lead.key);
    if let Some(lead) = lead.filter(|lead| !knows && !is_actor(lead)) {
        let to = case.technician(lead);
        let content = brought_up(case);
        case.tell(NoticeKind::NewTicket, to, &content);
    }
    Ok(())
}

/// What those read whom the ticket in hand is given: when it was brought to them, by whom, why and what was reported.
pub fn brought_up(case: &Case<'_>) -> Content {
    let number = case.ticket.id.number();
    let Some(escalation) = case.escalated.get(&number) else {
        return Content::default();
    };
    let said = case.seen.first_words.get(&number).map(|words| Said {
        by: words.name.clone().unwrap_or_else(|| words.by.to_string()),
        by_technician: false,
        at: words.at,
        text: words.text.clone(),
        attachments: Vec::new(),
    });
    Content {
        escalation: Some(escalation.clone()),
        said,
        ..Content::default()
    }
}

/// Keeps somebody informed, or no longer. Nobody named: whoever gives the order.
pub fn watch(case: &mut Case<'_>, who: &[String], by: &Actor<'_>, watches: bool) -> Result<(), No> {
    let mut addresses = Vec::new();
    for who in who {
        addresses.push(match who.parse::<Address>() {
            Ok(address) => address,
            Err(_) => find_technician(case, who, by)?.address.clone(),
        });
    }
    if addresses.is_empty() {
        let own = by.technician.ok_or(Refusal::Nobody)?;
        addresses.push(own.address.clone());
    }
    for address in addresses {
        let what = match watches {
            true => "watched by",
            false => "no longer watched by",
        };
        let text = format!("{what} {address}");
        case.append(EntryKind::People, by.name, text, None);
        case.change(match watches {
            true => Change::Watch(address),
            false => Change::Unwatch(address),
        });
    }
    Ok(())
}

/// Somebody else reported it, really. The wall between organisations follows the person.
pub fn requester(case: &mut Case<'_>, who: &str, by: &str) -> Result<(), No> {
    let address: Address = who
        .parse()
        .map_err(|_| No::named(Refusal::Address, who.trim()))?;
    // Our own address would answer itself.
    if case.rules.people.desk_at(&address).is_some() {
        return Err(No::named(Refusal::OwnAddress, &address));
    }
    let known = case.seen.known_people.get(&address);
    let locale = known
        .and_then(|person| person.locale.clone())
        .unwrap_or_else(|| case.ticket.requester.locale.clone());
    case.change(Change::Requester(Requester {
        address: address.clone(),
        name: None,
        locale: locale.clone(),
    }));
    case.append(EntryKind::People, by, format!("requester {address}"), None);
    let organisation = case.rules.people.organisation(&address);
    let organisation = organisation.map(|organisation| organisation.key.clone());
    case.change(Change::Organisation(organisation));
    // A technician vouches for whom they name.
    case.effects.push(Effect::Know(address, Some(locale)));
    Ok(())
}

/// A technician by key, address, name or an unambiguous part of the name. Several: they are asked back.
pub fn find_technician<'a>(
    case: &Case<'a>,
    who: &str,
    by: &Actor<'_>,
) -> Result<&'a Technician, No> {
    let named = who.trim();
    let who = named.to_lowercase();
    let technicians = || case.rules.people.technicians.values();
    if matches!(who.as_str(), "me" | "moi") {
        let own = by.technician.ok_or(Refusal::Nobody)?;
        return technicians()
            .find(|technician| technician.key == own.key)
            .ok_or(No::named(Refusal::NoPerson, named));
    }
    let is_exactly = |t: &&Technician| {
        let address = |address: &Address| address.as_str() == who;
        t.key.to_lowercase() == who
            || t.name.to_lowercase() == who
            || address(&t.address)
            || t.aliases.iter().any(address)
    };
    if let Some(technician) = technicians().find(is_exactly) {
        return Ok(technician);
    }
    let fits: Vec<&Technician> = technicians()
        .filter(|t| !who.is_empty() && t.name.to_lowercase().contains(&who))
        .collect();
    match fits.as_slice() {
        [technician] => Ok(technician),
        [] => Err(No::named(Refusal::NoPerson, named)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|t| format!("/assign {}", t.key))
                .collect();
            Err(No::named(Refusal::Ambiguous, named).did_you_mean(names.join(" · ")))
        }
    }
}

fn find_team<'a>(case: &Case<'a>, which: &str) -> Option<&'a Team> {
    let which = which.trim().to_lowercase();
    let mut teams = case.rules.people.teams.values();
    teams.find(|team| team.key.to_lowercase() == which)
}

/// The team the first word names, and the words behind it; all the words when it names none.
fn team_and_why<'a, 'w>(case: &Case<'a>, words: &'w str) -> (Option<&'a Team>, &'w str) {
    let words = words.trim();
    let (first, rest) = words
        .split_once(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or((words, ""));
    match find_team(case, first.trim_end_matches([',', '.'])) {
        Some(team) => (Some(team), rest.trim_start_matches([':', ' ']).trim()),
        None => (None, words),
    }
}

fn hand_over(case: &mut Case<'_>, team: &Team, by: &str) {
    case.change(Change::Team(Some(team.key.clone())));
    case.change(Change::Assignee(None));
    let text = format!("team {}", team.key);
    case.append(EntryKind::Assignment, by, text, None);
}
