//! Who can be told about the ticket in hand: how each is written to, what keeps a letter to them back, and what they have
//! seen of it.

use jiff::Timestamp;

use super::Case;
use crate::desk::event::Effect;
use crate::desk::ids::{Address, Locale, MessageId};
use crate::desk::manners::{Acknowledge, is_foreign};
use crate::desk::newcomer;
use crate::desk::notice::{Hold, Recipient, Role};
use crate::desk::people::Technician;

/// References never get longer than this: the first and the newest ids are what clients thread by.
const REFERENCES_MAX: usize = 20;

impl<'a> Case<'a> {
    /// The requester as a recipient; verified when somebody vouches for the address, in this very event perhaps.
    pub fn requester(&self) -> Recipient {
        let requester = &self.ticket.requester;
        Recipient {
            address: requester.address.clone(),
            name: requester.name.clone(),
            locale: requester.locale.clone(),
            role: Role::Requester,
            verified: self.is_vouched_for(&requester.address),
        }
    }

    /// Automatic letters to `to` wait for a person, because nobody vouches for the address or letters to it come back.
    pub fn hold_for(&self, to: &Recipient) -> Option<Hold> {
        let everyone = self.rules.acknowledge == Acknowledge::Everyone;
        if !to.verified && !everyone {
            return Some(Hold::UnknownSender);
        }
        self.undelivered(&to.address).map(Hold::Undelivered)
    }

    /// What the last report said when letters to the address come back for good and nothing came from it since.
    pub fn undelivered(&self, address: &Address) -> Option<String> {
        let reached = |effect: &Effect| matches!(effect, Effect::Reached(back) if back == address);
        let known = self.seen.known_people.get(address)?;
        known
            .undelivered
            .clone()
            .filter(|_| !self.effects.iter().any(reached))
    }

    /// Until when somebody is away by their own notice, one that came in this very event perhaps.
    pub fn away_until(&self, address: &Address) -> Option<Timestamp> {
        let now = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Away(who, until) if who == address => Some(*until),
            _ => None,
        });
        now.or_else(|| self.seen.away.get(address).copied())
    }

    /// A technician as a recipient.
    pub fn technician(&self, technician: &Technician) -> Recipient {
        Recipient {
            address: technician.address.clone(),
            name: Some(technician.name.clone()),
            locale: technician.locale.clone().unwrap_or_else(|| self.locale()),
            role: Role::Technician,
            verified: true,
        }
    }

    /// Whoever has the ticket: its assignee, else those of its team who are there.
    pub fn staff(&self) -> Vec<&'a Technician> {
        let technicians = &self.rules.people.technicians;
        match self
            .ticket
            .assignee
            .as_ref()
            .and_then(|key| technicians.get(key))
        {
            Some(assignee) => vec![assignee],
            None => self
                .ticket
                .team
                .as_ref()
                .map(|team| {
                    let is_away = |technician: &_| self.seen.is_away(technician, self.now);
                    self.rules.people.present(team, is_away)
                })
                .unwrap_or_default(),
        }
    }

    fn is_vouched_for(&self, address: &Address) -> bool {
        let now = |effect: &Effect| matches!(effect, Effect::Know(known, _) if known == address);
        newcomer::is_known(self.rules, self.seen, address) || self.effects.iter().any(now)
    }

    pub(super) fn watcher(&self, address: Address) -> Recipient {
        if let Some(technician) = self.rules.people.technician(&address) {
            return self.technician(technician);
        }
        let known = self
            .seen
            .known_people
            .get(&address)
            .and_then(|person| person.locale.clone());
        Recipient {
            address,
            name: None,
            locale: known.unwrap_or_else(|| self.locale()),
            role: Role::Watcher,
            verified: true,
        }
    }

    fn locale(&self) -> Locale {
        self.desk().map_or_else(
            || self.ticket.requester.locale.clone(),
            |desk| desk.locale.clone(),
        )
    }

    /// The budget that is full for one more automatic letter to this address.
    pub fn budget(&self, to: &Address) -> Option<Hold> {
        let foreign = is_foreign(&self.rules.people, &self.seen.known_domains, to);
        self.rules
            .budgets
            .hold(&self.spent, to, self.ticket.id.number().get(), foreign)
    }

    /// The ticket's root and what this person has seen of it, oldest first.
    pub(super) fn references(&self, to: &Address) -> Vec<MessageId> {
        let seen = self
            .seen
            .seen_ids
            .get(&self.ticket.id.number())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let theirs: Vec<&MessageId> = seen
            .iter()
            .filter(|(address, _)| address == to)
            .map(|(_, id)| id)
            .collect();
        let newest = theirs.len().saturating_sub(REFERENCES_MAX - 1);
        std::iter::once(&self.ticket.root)
            .chain(theirs.into_iter().skip(newest))
            .cloned()
            .collect()
    }
}
