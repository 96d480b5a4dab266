//! Ranks a stored ticket once more by the present rules: what would they make of it?
//!
//! Words come from the ticket's first mail, facts (who vouched, how many reported) from the reasons it
//! was given then. Nothing is changed.

use std::collections::BTreeMap;

use super::rank::{Facts, Ranking, rank};
use super::{Heard, Place, Priority, Reason, Subject, claim};
use crate::desk::ids::Language;
use crate::desk::people::People;
use crate::desk::ticket::Ticket;

use super::keywords::Keywords;

/// What ranking a ticket again gives.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What the present rules say.
    pub ranking: Ranking,
    /// The team they lead to.
    pub team: Option<String>,
    /// Whether a technician decided its priority: then the rules would not have the last word.
    pub decided: bool,
    /// What differs from what is stored.
    pub differs: Vec<Subject>,
}

/// Ranks `ticket` again. `text` is the new part of its first mail.
pub fn ticket(
    keywords: &Keywords,
    people: &People,
    ticket: &Ticket,
    text: &str,
    language: Option<Language>,
) -> Replayed {
    let because = |about: Subject, place: Place| {
        let of = |reason: &&Reason| reason.about == about && reason.r#where == place;
        ticket
            .reasons
            .iter()
            .find(|reason| of(reason) && !claim::is_claim(reason))
    };
    let reporters = because(Subject::Impact, Place::Tickets)
        .and_then(|reason| reason.because.split_once(' '))
        .and_then(|(count, _)| count.parse().ok());
    let ceiling = because(Subject::Priority, Place::Sender);
    let spent = ceiling.is_some_and(|reason| reason.level == Priority::P4.word());
    let desk = people.desks.get(&ticket.desk);
    let ranking = rank(
        keywords,
        &Heard::of(keywords, &ticket.subject, text, language),
        &Facts {
            vouched: ceiling.is_none(),
            vip: people.is_vip(&ticket.requester.address),
            role: people
                .role(desk, &ticket.requester.address, ticket.created_at)
                .map(|role| (role.name.as_str(), role.impact)),
            at: desk.map(|desk| desk.timezone.to_datetime(ticket.created_at)),
            reporters: reporters.unwrap_or(1),
            raised_today: if spent { u32::MAX } else { 0 },
        },
    );
    let team = people.team_for(desk, &ranking.category, ranking.team.as_deref());
    let checks = [
        (Subject::Impact, ranking.impact == ticket.impact),
        (Subject::Urgency, ranking.urgency == ticket.urgency),
        (Subject::Priority, ranking.priority == ticket.priority),
        (Subject::Category, ranking.category == ticket.category),
        (Subject::Team, team == ticket.team),
    ];
    let differing = checks.into_iter().filter(|(_, same)| !same);
    Replayed {
        differs: differing.map(|(subject, _)| subject).collect(),
        decided: ticket
            .reasons
            .iter()
            .any(|reason| reason.r#where == Place::Technician),
        ranking,
        team,
    }
}

/// How often a ticket of one priority would get another: stored, then by the present rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion(BTreeMap<(Priority, Priority), u32>);

impl Confusion {
    /// Counts one ticket.
    pub fn add(&mut self, stored: Priority, now: Priority) {
        *self.0.entry((stored, now)).or_default() += 1;
    }

    /// Tickets of `stored` that would be `now`.
    pub fn count(&self, stored: Priority, now: Priority) -> u32 {
        self.0.get(&(stored, now)).copied().unwrap_or(0)
    }
}
