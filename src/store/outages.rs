//! Outages: which run, what stands under them, which tickets are like another one.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::rows::{Columns, address, micros, moment, ticket_id};
use super::{Reader, StoreError, Tx};
use crate::desk::event::{Report, Snapshot};
use crate::desk::ids::TicketId;
use crate::desk::outage::{self, Outage, TICKETS_MAX};
use crate::desk::people::Organisation;
use crate::desk::rules::Rules;
use crate::desk::ticket::Ticket;
use crate::desk::triage::like::{self, Matter};

/// How many of an organisation's newest reports are compared with a new one. Like ones come together, and reading the
/// reasons of two hundred cost more than all else about a mail.
const REPORTS_MAX: usize = 30;

impl Tx<'_> {
    /// Adds what people of the organisation reported: of late, and to outages that run.
    pub(super) fn find_like(
        &self,
        rules: &Rules,
        organisation: &Organisation,
        seen: &mut Snapshot,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let windows = rules.periods.values().map(|periods| periods.outage.within);
        let window = windows.chain([like::WINDOW]).max().unwrap_or(like::WINDOW);
        let key = &organisation.key;
        seen.reports = self.reports(key, now - window, REPORTS_MAX)?;
        let mut query = self.connection.prepare_cached(
            // Sorted or made distinct here, it would look through every ticket that ever stood under an outage.
            "SELECT outage FROM tickets
              WHERE organisation = ?1 AND outage IS NOT NULL AND status NOT IN ('closed', 'merged') AND status <> 'resolved'",
        )?;
        let masters = query.query_map(params![key], |row| row.get::<_, String>(0))?;
        for master in masters.collect::<Result<BTreeSet<String>, _>>()? {
            self.add_outage(&ticket_id(&master)?, Some(key), seen)?;
        }
        Ok(())
    }

    /// Adds an outage with its master, but not the tickets under it. `organisation`: whose reports of it matter.
    fn add_outage(
        &self,
        master: &TicketId,
        organisation: Option<&str>,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let number = master.number();
        if !seen.outages.contains_key(&number)
            && let Some(outage) = outage(&self.connection, master, organisation)?
        {
            self.add_candidate(number, seen)?;
            seen.outages.insert(number, outage);
        }
        Ok(())
    }

    /// Adds the outages the candidates stand under; `with_tickets`: and all tickets of those whose master is a candidate.
    /// Gives those tickets, and those that may come under an outage now.
    pub(super) fn add_outages(
        &self,
        with_tickets: bool,
        seen: &mut Snapshot,
    ) -> Result<BTreeSet<NonZeroU32>, StoreError> {
        let candidates: BTreeSet<NonZeroU32> = seen.tickets.keys().copied().collect();
        let masters: BTreeSet<TicketId> = seen
            .tickets
            .values()
            .filter_map(|ticket| ticket.outage.clone())
            .collect();
        for master in masters {
            self.add_outage(&master, None, seen)?;
            if with_tickets && candidates.contains(&master.number()) {
                for ticket in tickets(&self.connection, &master)? {
                    self.add_candidate(ticket.number(), seen)?;
                }
            }
        }
        let is_crowd = |ticket: &&Ticket| {
            let master = ticket.master().map(TicketId::number);
            master.is_some_and(|master| candidates.contains(&master))
        };
        let crowd = seen.tickets.values().filter(is_crowd);
        let crowd = crowd.map(|ticket| ticket.id.number());
        let likes = seen.likes.values().flatten().map(TicketId::number);
        Ok(crowd.chain(likes).collect())
    }

    /// Adds the open tickets that are like the ticket with this number, behind the same wall.
    pub(super) fn add_likes(
        &self,
        rules: &Rules,
        number: NonZeroU32,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let Some(ticket) = seen.tickets.get(&number).cloned() else {
            return Ok(());
        };
        let Some(organisation) = &ticket.organisation else {
            return Ok(());
        };
        let periods = rules.periods.get(&ticket.desk).copied();
        let within: SignedDuration = periods.unwrap_or_default().outage.within;
        let from = ticket.created_at - outage::LOOK_BACK;
        let reports = self.reports(organisation, from, TICKETS_MAX)?;
        let like = outage::gathered(&ticket, &reports, within);
        for id in &like {
            self.add_candidate(id.number(), seen)?;
        }
        seen.likes.insert(number, like);
        Ok(())
    }

    /// The newest faults of an organisation that are not over, opened after `from`.
    fn reports(
        &self,
        organisation: &str,
        from: Timestamp,
        at_most: usize,
    ) -> Result<Vec<Report>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT prefix, number, created_at, requester, category, words, proposed, outage FROM tickets
              WHERE organisation = ?1 AND created_at > ?2 AND urgency <> 'low'
                AND status NOT IN ('closed', 'merged') AND status <> 'resolved'
              ORDER BY created_at DESC LIMIT ?3",
        )?;
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let mut rows = query.query(params![organisation, micros(from), limit])?;
        let mut reports = Vec::new();
        while let Some(row) = rows.next()? {
            let mut columns = Columns::of(row);
            reports.push(Report {
                ticket: TicketId::new(&columns.text()?, columns.next()?),
                at: moment(columns.next()?)?,
                requester: address(&columns.text()?)?,
                matter: matter(&mut columns)?,
                proposed: columns.next()?,
                in_outage: columns.next::<Option<String>>()?.is_some(),
            });
        }
        Ok(reports)
    }

    /// Whether everything that is due about `ticket` is dealt with together with its master.
    pub(super) fn is_led(&self, ticket: &Ticket, now: Timestamp) -> Result<bool, StoreError> {
        let Some(master) = ticket.master() else {
            return Ok(false);
        };
        let master = self.ticket(master.number())?;
        Ok(master.is_some_and(|master| outage::is_led(ticket, &master, now)))
    }
}

impl Reader {
    /// What is known of the outage of a master.
    pub fn outage(&self, master: &TicketId) -> Result<Option<Outage>, StoreError> {
        outage(&self.connection, master, None)
    }

    /// All tickets of an outage, the master included.
    pub fn outage_tickets(&self, master: &TicketId) -> Result<Vec<TicketId>, StoreError> {
        tickets(&self.connection, master)
    }
}

/// The outage with this master; `None` when nothing stands under it. `organisation`: whose reports of it matter.
fn outage(
    connection: &Connection,
    master: &TicketId,
    organisation: Option<&str>,
) -> Result<Option<Outage>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT requester, created_at, organisation, urgency, category, words FROM tickets WHERE outage = ?1",
    )?;
    let mut rows = query.query(params![master.to_string()])?;
    let mut found: Option<Outage> = None;
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let requester = address(&columns.text()?)?;
        let at = moment(columns.next()?)?;
        let outage = found.get_or_insert(Outage {
            since: at,
            people: BTreeSet::new(),
            tickets: 0,
            matters: Vec::new(),
        });
        outage.since = outage.since.min(at);
        outage.tickets += 1;
        outage.people.insert(requester);
        let is_theirs =
            columns.next::<Option<String>>()?.as_deref() == organisation && organisation.is_some();
        let is_fault = columns.text()? != "low";
        if is_theirs && is_fault {
            let matter = matter(&mut columns)?;
            if !outage.matters.contains(&matter) {
                outage.matters.push(matter);
            }
        }
    }
    Ok(found)
}

fn tickets(connection: &Connection, master: &TicketId) -> Result<Vec<TicketId>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT prefix || '-' || number FROM tickets WHERE outage = ?1 ORDER BY number",
    )?;
    let tickets = query.query_map(params![master.to_string()], |row| row.get::<_, String>(0))?;
    tickets.map(|id| ticket_id(&id?)).collect()
}

/// The columns `category` and `words`.
fn matter(columns: &mut Columns<'_, '_>) -> Result<Matter, StoreError> {
    Ok(Matter {
        category: columns.next()?,
        words: columns.next()?,
    })
}
