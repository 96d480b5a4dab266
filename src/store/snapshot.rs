//! Brings the desk everything it needs to know about an event.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::mails::MailRow;
use super::rows::{address, message_id, micros, moment, ticket_id};
use super::{StoreError, Tx};
use crate::desk;
use crate::desk::bundle::Waiting;
use crate::desk::command::Needs;
use crate::desk::event::{AnsweredLetter, Snapshot};
use crate::desk::ids::{Address, MessageId, TicketId};
use crate::desk::mail::InboundMail;
use crate::desk::manners;
use crate::desk::notice::NoticeKind;
use crate::desk::outage;
use crate::desk::promise;
use crate::desk::queue;
use crate::desk::reference;
use crate::desk::rules::Rules;
use crate::desk::thread::{self, Found, Keys};
use crate::desk::ticket::Ticket;

/// How many ids of a ticket are looked at for References; the newest ones matter.
const SEEN_IDS_MAX: usize = 400;
/// How many due tickets one tick deals with; the next tick goes on.
const DUE_MAX: usize = 100;
/// How many open tickets of one technician are looked at for a queue letter.
const QUEUE_MAX: usize = 1_000;

/// The tickets whose moment has come at `?1`. The indexes are named: of a hundred thousand tickets SQLite believes that a quarter
/// must be due and would read them all, every few seconds.
pub(super) const DUE: &str = "SELECT number FROM tickets INDEXED BY tickets_news
  WHERE next_news_at <= ?1 AND status NOT IN ('closed', 'merged') AND status <> 'resolved'
 UNION
 SELECT number FROM tickets INDEXED BY tickets_resolved WHERE status = 'resolved' AND ended_at <= ?1
 UNION
 SELECT number FROM tickets INDEXED BY tickets_waking
  WHERE wakes_at <= ?1 AND status IN ('snoozed', 'waiting-requester', 'waiting-provider')
 UNION
 SELECT number FROM tickets INDEXED BY tickets_reminding
  WHERE reminds_at <= ?1 AND status IN ('waiting-requester', 'waiting-provider')
 UNION
 SELECT number FROM tickets INDEXED BY tickets_nudging WHERE nudges_at <= ?1 AND status IN ('new', 'open')
 ORDER BY number";

impl Tx<'_> {
    /// What the desk needs to know about a mail that arrived.
    pub fn snapshot_for_mail(
        &self,
        rules: &Rules,
        id: MailRow,
        mail: &InboundMail,
        now: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let mut seen = self.blank_snapshot(now)?;
        seen.copy_of = self.copy_of(id, mail)?;
        if seen.copy_of.is_some() {
            return Ok(seen);
        }
        let keys = thread::keys(rules, mail);
        self.find_candidates(rules, &keys, &mut seen)?;
        self.find_referred(rules, mail, &mut seen)?;
        self.find_needs(rules, &keys, mail, &mut seen, now)?;
        if let Some(original) = mail
            .bounce
            .as_ref()
            .and_then(|bounce| bounce.original_message_id.as_ref())
        {
            seen.reported_letter = self.letter_called(original.as_str())?;
        }
        if let Some(letter) = seen.reported_letter.clone() {
            if let Some(ticket) = &letter.ticket {
                self.add_candidate(ticket.number(), &mut seen)?;
            }
            self.add_people(rules, vec![letter.to], &BTreeSet::new(), &mut seen, now)?;
        }
        if let Some(sender) = mail.sender_identity() {
            seen.same_request = self.same_request(id, mail, now)?;
            if let Some(ticket) = &seen.same_request {
                self.add_candidate(ticket.number(), &mut seen)?;
            }
            // What others report matters to a new ticket only.
            if let Some(organisation) = rules.people.organisation(&sender)
                && desk::may_open(rules, &seen, mail, now)
            {
                self.find_like(rules, organisation, &mut seen, now)?;
            }
            if rules.people.technician(&sender).is_some() {
                seen.repeats = self.repeats(id, mail, &seen, now)?;
            }
            let crowd = self.add_outages(outage::is_for_all(rules, &seen, &sender), &mut seen)?;
            let mut concerned = manners::named(&mail.text);
            concerned.retain(|_| rules.people.technician(&sender).is_some());
            concerned.push(sender.clone());
            self.add_people(rules, concerned, &crowd, &mut seen, now)?;
            // Nobody counts the tickets of somebody who is vouched for; they may have thousands.
            if !desk::is_vouched(rules, &seen, mail, &sender) {
                seen.raised_today = self.raised_today(&sender, now)?;
            }
        }
        seen.staff_notices = self.staff_notices(now)?;
        if rules.people.teams.values().any(|team| team.round_robin) {
            seen.load = self.load()?;
        }
        Ok(seen)
    }

    /// What the desk needs to know about orders given at the shell; `None` when there is no such ticket.
    pub fn snapshot_for_orders(
        &self,
        rules: &Rules,
        ticket: NonZeroU32,
        needs: &Needs,
        now: Timestamp,
    ) -> Result<Option<Snapshot>, StoreError> {
        let mut seen = self.blank_snapshot(now)?;
        self.add_candidate(ticket, &mut seen)?;
        if !seen.tickets.contains_key(&ticket) {
            return Ok(None);
        }
        self.bring(rules, ticket, needs, None, &mut seen)?;
        let crowd = self.add_outages(true, &mut seen)?;
        self.add_people(rules, Vec::new(), &crowd, &mut seen, now)?;
        Ok(Some(seen))
    }

    /// What the desk needs to know for the queue letter of a technician.
    pub fn snapshot_for_queue(
        &self,
        technician: &str,
        now: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let mut seen = self.blank_snapshot(now)?;
        seen.next_sheet = self.next_sheet()?;
        let mut query = self.connection.prepare_cached(
            "SELECT number FROM tickets
              WHERE assignee = ?1 AND status NOT IN ('closed', 'merged') AND status <> 'resolved' ORDER BY number LIMIT ?2",
        )?;
        let limit = i64::try_from(QUEUE_MAX).unwrap_or(i64::MAX);
        let numbers: Vec<u32> = query
            .query_map(params![technician, limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for number in numbers.into_iter().filter_map(NonZeroU32::new) {
            if let Some(ticket) = self.ticket(number)? {
                seen.tickets.insert(number, ticket);
            }
        }
        self.add_outages(false, &mut seen)?;
        Ok(seen)
    }

    /// The technicians whose queue letter is due at `now`, with the day.
    pub fn due_queues(
        &self,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Vec<(String, Date)>, StoreError> {
        let desk = rules.people.desks.values().next();
        let zone = desk.map_or(TimeZone::UTC, |desk| desk.timezone.clone());
        let mut due = Vec::new();
        for technician in rules.people.technicians.values() {
            if let Some(day) = queue::day_due(technician, &zone, now)
                && !self.has_sheet(&technician.key, day)?
            {
                due.push((technician.key.clone(), day));
            }
        }
        Ok(due)
    }

    /// The tickets whose moment has come, by number.
    pub fn due_tickets(
        &self,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Vec<NonZeroU32>, StoreError> {
        let mut query = self.connection.prepare_cached(DUE)?;
        let numbers: Vec<u32> = query
            .query_map(params![micros(now)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut due = Vec::new();
        for number in numbers.into_iter().filter_map(NonZeroU32::new) {
            let Some(ticket) = self.ticket(number)? else {
                continue;
            };
            let closes = promise::closes_at(rules, &ticket);
            if closes.is_none_or(|at| at <= now) && !self.is_led(&ticket, now)? {
                due.push(number);
            }
            if due.len() >= DUE_MAX {
                break;
            }
        }
        Ok(due)
    }

    /// What the desk needs to know about a ticket whose moment has come.
    pub fn snapshot_for_tick(
        &self,
        rules: &Rules,
        number: NonZeroU32,
        now: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let mut seen = self.blank_snapshot(now)?;
        seen.holding_letters
            .insert(number, self.holding_letters(number)?);
        self.add_candidate(number, &mut seen)?;
        let crowd = self.add_outages(true, &mut seen)?;
        self.add_people(rules, Vec::new(), &crowd, &mut seen, now)?;
        seen.due.insert(number);
        Ok(seen)
    }

    /// The tickets of notices that are told together.
    pub fn snapshot_for_bundle(
        &self,
        waiting: &[Waiting],
        now: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let mut seen = self.blank_snapshot(now)?;
        for one in waiting {
            if !seen.tickets.contains_key(&one.ticket)
                && let Some(ticket) = self.ticket(one.ticket)?
            {
                seen.tickets.insert(one.ticket, ticket);
            }
        }
        Ok(seen)
    }

    fn blank_snapshot(&self, now: Timestamp) -> Result<Snapshot, StoreError> {
        let last: u32 = self
            .connection
            .prepare_cached("SELECT value FROM counters WHERE name = 'ticket'")?
            .query_row([], |row| row.get(0))?;
        let next_ticket = NonZeroU32::MIN.saturating_add(last);
        Ok(Snapshot {
            next_ticket,
            away: self.absences(now)?,
            ..Snapshot::empty()
        })
    }

    fn find_candidates(
        &self,
        rules: &Rules,
        keys: &Keys,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let mut numbers: Vec<NonZeroU32> = keys.tickets().map(TicketId::number).collect();
        let signed = keys
            .parents
            .iter()
            .filter_map(|parent| rules.key.letter_of(parent));
        numbers.extend(signed.map(|(ticket, _)| ticket.number()));
        let mut query = self.connection.prepare_cached(
            "SELECT ticket, prefix FROM thread_ids JOIN tickets ON tickets.number = ticket WHERE message_id = ?1",
        )?;
        for parent in &keys.parents {
            let rows = query.query_map(params![parent.as_str()], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?))
            })?;
            for row in rows {
                let (number, prefix) = row?;
                let ticket = ticket_id(&format!("{prefix}-{number}"))?;
                let known = (parent.clone(), ticket);
                // Once for each reader who has seen it.
                if !seen.known_ids.contains(&known) {
                    numbers.push(known.1.number());
                    seen.known_ids.push(known);
                }
            }
        }
        self.add_answered(rules, keys, seen)?;
        numbers
            .into_iter()
            .try_for_each(|number| self.add_candidate(number, seen))
    }

    /// Adds the tickets for which the subject has a reference of the outside firm that writes.
    fn find_referred(
        &self,
        rules: &Rules,
        mail: &InboundMail,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let Some(sender) = mail.sender_identity() else {
            return Ok(());
        };
        let providers = rules.people.providers.values();
        let names = reference::words(mail.subject.as_deref().unwrap_or_default());
        for provider in providers.filter(|provider| provider.owns(&sender)) {
            for id in self.referred(&provider.key, &names)? {
                self.add_candidate(id.number(), seen)?;
                seen.referred.push(id);
            }
        }
        Ok(())
    }

    /// Looks up what the orders in a technician's mail need, and the queue letter it answers.
    fn find_needs(
        &self,
        rules: &Rules,
        keys: &Keys,
        mail: &InboundMail,
        seen: &mut Snapshot,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(sheet) = keys.sheet {
            seen.sheet = self.sheet(sheet)?;
        }
        let mut needs = Needs::of_mail(rules, mail, seen.sheet.as_ref(), now);
        // Words that answer a draft are its new text.
        let answered = seen.answered_by(mail).cloned();
        needs.recipe |= matches!(&answered, Some(letter) if letter.kind == NoticeKind::Recipe);
        if needs == Needs::default() {
            return Ok(());
        }
        let ticket = match (&seen.sheet, thread::find(rules, seen, mail)) {
            (Some(sheet), _) => sheet.tickets.first().map(TicketId::number),
            (None, Found::Ticket(ticket, _)) => Some(ticket.number()),
            (None, Found::New { .. }) => None,
        };
        match ticket {
            Some(ticket) => self.bring(rules, ticket, &needs, answered.as_ref(), seen),
            None => Ok(()),
        }
    }

    /// Adds the letters of ours that the mail answers.
    fn add_answered(
        &self,
        rules: &Rules,
        keys: &Keys,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT recipient, created_at, notice FROM outbox WHERE message_id = ?1",
        )?;
        let ours = |parent: &&MessageId| rules.key.letter_of(parent).is_some();
        for parent in keys.parents.iter().filter(ours) {
            let row = query
                .query_row(params![parent.as_str()], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                    ))
                })
                .optional()?;
            if let Some((to, at, kind)) = row {
                seen.answered.push(AnsweredLetter {
                    message_id: parent.clone(),
                    to: address(&to)?,
                    at: moment(at)?,
                    kind: NoticeKind::of(&kind)
                        .ok_or_else(|| StoreError::Value(format!("the notice {kind}")))?,
                });
            }
        }
        Ok(())
    }

    /// Adds a ticket and, where it was merged, those it goes on in.
    pub(super) fn add_candidate(
        &self,
        number: NonZeroU32,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let mut next = Some(number);
        while let Some(number) = next.filter(|number| !seen.tickets.contains_key(number)) {
            let Some(ticket) = self.ticket(number)? else {
                break;
            };
            let family = self.family(number)?;
            seen.seen_ids.insert(number, self.seen_ids(&family)?);
            seen.asked.insert(number, self.open_questions(number)?);
            let lanes = self.lanes(&family)?;
            if !lanes.is_empty() {
                seen.lanes.insert(number, lanes);
            }
            if let Some(said) = self.last_said(number)? {
                seen.last_said.insert(number, said);
            }
            if let Some(offered) = self.offered(number)? {
                seen.offered.insert(number, offered);
            }
            if let Some(course) = self.course(number)? {
                seen.courses.insert(number, course);
            }
            next = ticket.merged_into.as_ref().map(TicketId::number);
            seen.tickets.insert(number, ticket);
        }
        Ok(())
    }

    /// What has been seen of a ticket and those that were merged into it, itself first.
    fn seen_ids(&self, family: &[NonZeroU32]) -> Result<Vec<(Address, MessageId)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT reader, message_id FROM thread_ids WHERE ticket = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(SEEN_IDS_MAX).unwrap_or(i64::MAX);
        let mut ids = Vec::new();
        // What was seen of tickets that were merged into it was seen of it.
        for member in family.iter().rev() {
            let rows = query.query_map(params![member.get(), limit], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            let before = ids.len();
            for row in rows {
                let (reader, id) = row?;
                ids.push((address(&reader)?, message_id(&id)?));
            }
            if let Some(own) = ids.get_mut(before..) {
                own.reverse();
            }
        }
        Ok(ids)
    }

    /// What is known of and has been sent to the people concerned: `more`, and everybody of the candidate tickets. Those of
    /// the `crowd`, tickets that stand under a master, are written to about their own alone.
    fn add_people(
        &self,
        rules: &Rules,
        more: Vec<Address>,
        crowd: &BTreeSet<NonZeroU32>,
        seen: &mut Snapshot,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (number, ticket) in &seen.tickets {
            let asked = self.satisfaction_asked(*number, &ticket.requester.address, now)?;
            seen.satisfaction.insert(*number, asked);
        }
        let parties = |ticket: &Ticket| {
            std::iter::once(ticket.requester.address.clone()).chain(ticket.watchers.clone())
        };
        // Whom a letter may go to, and about which tickets: two hundred people and their tickets make no forty thousand pairs.
        let mut about: BTreeMap<Address, BTreeSet<u32>> = BTreeMap::new();
        let candidates: BTreeSet<u32> = seen
            .tickets
            .keys()
            .filter(|number| !crowd.contains(number))
            .chain([&seen.next_ticket])
            .map(|number| number.get())
            .collect();
        for (number, ticket) in &seen.tickets {
            for person in parties(ticket) {
                let tickets = about.entry(person).or_default();
                match crowd.contains(number) {
                    true => tickets.extend([number.get()]),
                    false => tickets.extend(&candidates),
                }
            }
        }
        for (number, lanes) in &seen.lanes {
            let firms = lanes.iter().map(|lane| &lane.provider);
            let firms = firms.filter_map(|firm| rules.people.providers.get(firm));
            for firm in firms.filter_map(|firm| firm.address.clone()) {
                about.entry(firm).or_default().insert(number.get());
            }
        }
        for person in more {
            about.entry(person).or_default().extend(&candidates);
        }
        for person in about.keys() {
            if let Some(known) = self.person(person)? {
                seen.known_people.insert(person.clone(), known);
            }
            if self.is_known_domain(person.domain())? {
                seen.known_domains.push(person.domain().to_owned());
            }
        }
        seen.spent = self.spent(rules, &about, &seen.known_domains, now)?;
        Ok(())
    }

    fn raised_today(&self, sender: &Address, now: Timestamp) -> Result<u32, StoreError> {
        let day = SignedDuration::from_hours(24).as_secs();
        let midnight = Timestamp::from_second(now.as_second().div_euclid(day) * day).unwrap_or(now);
        let mut query = self
            .connection
            .prepare_cached("SELECT count(*) FROM tickets WHERE requester = ?1 AND created_at >= ?2 AND priority <> 'P4'")?;
        Ok(query.query_row(params![sender.as_str(), micros(midnight)], |row| row.get(0))?)
    }

    fn load(&self) -> Result<BTreeMap<String, u32>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT assignee, count(*) FROM tickets
              WHERE status NOT IN ('closed', 'merged') AND status <> 'resolved' AND assignee IS NOT NULL GROUP BY assignee",
        )?;
        Ok(query
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?)
    }

    /// Holding letters since a technician last wrote to the requester.
    fn holding_letters(&self, number: NonZeroU32) -> Result<u32, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT count(DISTINCT cause) FROM outbox
              WHERE ticket = ?1 AND cause LIKE 'news promised%'
                AND id > coalesce((SELECT max(id) FROM outbox WHERE ticket = ?1 AND notice = 'update'), 0)",
        )?;
        Ok(query.query_row(params![number.get()], |row| row.get(0))?)
    }
}
