//! Carries the desk's effects out: tickets, entries, letters and the mail's end in one transaction (I3).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZeroU32;

use jiff::Timestamp;

use super::mails::MailRow;
use super::{StoreError, Tx};
use crate::desk::event::Effect;
use crate::desk::ids::{MessageId, TicketId};
use crate::desk::letter::{Letter, LetterId};
use crate::desk::notice::Notice;
use crate::desk::ticket::{self, EntryKind, Ticket};

/// Makes the one letter of a notice. Given the number the letter will have.
pub type Render<'a> = &'a dyn Fn(&Notice, LetterId) -> Result<Letter, StoreError>;

impl Tx<'_> {
    /// Carries `effects` out. `mail` is the mail that caused them, if one did.
    pub fn record(
        &self,
        mail: Option<MailRow>,
        effects: &[Effect],
        render: Render<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut written = self.write_tickets(effects, now)?;
        for effect in effects {
            match effect {
                Effect::Open(_) | Effect::Change(..) => {} // written already
                Effect::Append(id, entry) => {
                    self.append_entry(id, entry)?;
                    written.touch(id, entry.at);
                }
                Effect::Remember(id, reader, ids) => self.remember_ids(id, reader, ids)?,
                Effect::Rethread(from, to, ids) => self.move_ids(from, to, ids)?,
                Effect::Act(act) => self.record_act(act)?,
                Effect::Undone(id) => self.mark_undone(*id, now)?,
                Effect::Sheet(sheet) => self.record_sheet(sheet, now)?,
                Effect::Answer(_) => {} // for whoever asked, not for the records
                Effect::Notify(notice) => {
                    if self.write_letter(notice, render, now)? {
                        written.touch(&notice.ticket.id, now);
                    }
                }
                Effect::Know(address, locale) => self.know(address, locale.as_ref(), now)?,
                Effect::Away(who, until) => self.away(who, *until, now)?,
                Effect::Reached(address) => self.mark_reached(address)?,
                Effect::Bundled(letters) => self.bundled(letters, now)?,
                Effect::HandOver(id, provider) => self.hand_over(id, provider, now)?,
                Effect::Refer(id, provider, reference) => self.refer(id, provider, reference)?,
                Effect::Told(id, said) => self.told(id, said.as_ref())?,
                Effect::Ask(id, questions) => self.ask(id, questions, now)?,
                Effect::Answered(id) => self.answered(id, now)?,
                Effect::AskSatisfaction(id, person) => self.ask_satisfaction(id, person, now)?,
                Effect::Rate(id, rating) => self.rate(id, rating, now)?,
                Effect::Offer(id, offered) => self.offer(id, offered, now)?,
                Effect::Tried(id, outcome) => self.offer_answered(id, *outcome, now)?,
                Effect::Fix(fix) => self.keep_fix(fix, now)?,
                Effect::Correct(id, correction) => self.correct(id, correction, now)?,
                Effect::Undelivered(id, said) => self.letter_undelivered(*id, said)?,
                Effect::StopDigest(stop) => self.stop_digest(&stop.reader, &stop.scope, now)?,
                Effect::Settle(id, settlement) => self.settle_letter(*id, settlement, now)?,
                Effect::File(filing) => match mail {
                    Some(mail) => self.file_mail(mail, filing)?,
                    None => return Err(StoreError::Value("a filing without a mail".to_owned())),
                },
            }
        }
        written
            .later
            .iter()
            .try_for_each(|(number, at)| self.touch_ticket(*number, *at))
    }

    /// Writes the tickets that are opened and those that change, each once however many changes it sees.
    fn write_tickets(&self, effects: &[Effect], now: Timestamp) -> Result<Written, StoreError> {
        let mut opened: BTreeMap<NonZeroU32, Ticket> = BTreeMap::new();
        let mut changed: BTreeMap<NonZeroU32, (Ticket, Ticket)> = BTreeMap::new();
        for effect in effects {
            match effect {
                Effect::Open(ticket) => {
                    opened.insert(ticket.id.number(), (**ticket).clone());
                }
                Effect::Change(id, change) => match opened.get_mut(&id.number()) {
                    Some(ticket) => ticket.apply(change, now),
                    None => {
                        let pair = match changed.entry(id.number()) {
                            Entry::Occupied(known) => known.into_mut(),
                            Entry::Vacant(place) => {
                                let before = self
                                    .ticket(id.number())?
                                    .ok_or_else(|| StoreError::Value(format!("the ticket {id}")))?;
                                place.insert((before.clone(), before))
                            }
                        };
                        pair.1.apply(change, now);
                    }
                },
                _ => {}
            }
        }
        let mut written = Written::default();
        for ticket in opened.values() {
            self.open_ticket(ticket)?;
            written.at.insert(ticket.id.number(), ticket.updated_at);
        }
        for (before, after) in changed.values() {
            self.rewrite_ticket(before, after)?;
            written.at.insert(after.id.number(), after.updated_at);
        }
        Ok(written)
    }

    /// Renders and queues the letter of a notice, unless it exists. Gives whether it did.
    fn write_letter(
        &self,
        notice: &Notice,
        render: Render<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.is_written(notice)? {
            return Ok(false);
        }
        let id = self.next_letter()?;
        let letter = render(notice, id)?;
        self.queue_letter(id, notice, &letter, now)?;
        // A letter about a whole list belongs to no ticket's thread, or answers to it would join that ticket.
        if notice.sheet().is_none() {
            self.remember_ids(
                &notice.ticket.id,
                &notice.to.address,
                std::slice::from_ref(&letter.message_id),
            )?;
        }
        let held = notice
            .hold
            .as_ref()
            .map(|hold| format!(", held: {}", hold.reason()))
            .unwrap_or_default();
        let text = format!("{} to {}{held}", notice.kind.word(), notice.to.address);
        self.append_entry(&notice.ticket.id, &told(now, text, &letter.message_id))?;
        Ok(true)
    }
}

/// When the tickets in hand were last written to.
#[derive(Default)]
struct Written {
    /// As their rows say.
    at: BTreeMap<NonZeroU32, Timestamp>,
    /// Later than their rows say.
    later: BTreeMap<NonZeroU32, Timestamp>,
}

impl Written {
    fn touch(&mut self, id: &TicketId, at: Timestamp) {
        if self
            .at
            .get(&id.number())
            .is_none_or(|written| *written < at)
        {
            let later = self.later.entry(id.number()).or_insert(at);
            *later = at.max(*later);
        }
    }
}

fn told(now: Timestamp, text: String, id: &MessageId) -> ticket::Entry {
    ticket::Entry {
        at: now,
        kind: EntryKind::Letter,
        by: "guichet".to_owned(),
        text,
        message_id: Some(id.clone()),
    }
}
