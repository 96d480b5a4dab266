//! Tickets, their watchers and their history.

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::rows::{
    Columns, address, entry, from_json, locale, message_id, micros, moment, moment_of, ticket_id,
    to_json, unbroken,
};
use super::{Reader, StoreError, Tx};
use crate::desk::ids::{Address, MessageId, TicketId};
use crate::desk::ticket::{Entry, Reminding, Requester, Status, Ticket};
use crate::desk::triage::like;
use crate::desk::triage::{Impact, Priority, Urgency};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// How many merged tickets are looked at beside the one they were merged into.
pub(super) const FAMILY_MAX: usize = 200;

impl Tx<'_> {
    /// The ticket with this number.
    pub fn ticket(&self, number: NonZeroU32) -> Result<Option<Ticket>, StoreError> {
        load(&self.connection, number)
    }

    /// Writes a new ticket and uses its number up.
    pub fn open_ticket(&self, ticket: &Ticket) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE counters SET value = max(value, ?1) WHERE name = 'ticket'")?
            .execute(params![ticket.id.number().get()])?;
        let own = [
            ticket.id.prefix().into(),
            ticket.desk.as_str().into(),
            unbroken(&ticket.subject).into_owned().into(),
            ticket.root.as_str().into(),
            micros(ticket.created_at).into(),
        ];
        self.connection
            .prepare_cached(
                "INSERT INTO tickets (number, status, impact, urgency, priority, reasons, category, words, requester, name,
                                      locale, assignee, team, organisation, cause, solution, minutes, links, merged_into,
                                      updated_at, next_news_at, ended_at, first_answer_due_at, resolution_due_at, wakes_at,
                                      outage, outage_name, proposed, reminders, reminds_at, nudges_at,
                                      prefix, desk, subject, root, created_at, opened_category, opened_team, opened_priority)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                         ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31,
                         ?32, ?33, ?34, ?35, ?36, ?7, ?13, ?5)",
            )?
            .execute(params_from_iter(changing(ticket, true)?.into_iter().chain(own)))?;
        for watcher in &ticket.watchers {
            self.watch(ticket.id.number(), watcher)?;
        }
        Ok(())
    }

    /// Writes a ticket anew that was `before`.
    pub fn rewrite_ticket(&self, before: &Ticket, ticket: &Ticket) -> Result<(), StoreError> {
        let number = ticket.id.number();
        let left = |address: &&Address| !ticket.watchers.contains(address);
        for address in before.watchers.iter().filter(left) {
            self.unwatch(number, address)?;
        }
        let joined = |address: &&Address| !before.watchers.contains(address);
        for address in ticket.watchers.iter().filter(joined) {
            self.watch(number, address)?;
        }
        // Most changes are others, and the reasons are most of a ticket.
        let is_ranked_anew = before.reasons != ticket.reasons || before.category != ticket.category;
        self.connection
            .prepare_cached(
                "UPDATE tickets
                    SET status = ?2, impact = ?3, urgency = ?4, priority = ?5, reasons = coalesce(?6, reasons), category = ?7,
                        words = coalesce(?8, words), requester = ?9, name = ?10, locale = ?11, assignee = ?12, team = ?13,
                        organisation = ?14, cause = ?15, solution = ?16, minutes = ?17, links = ?18, merged_into = ?19,
                        updated_at = ?20, next_news_at = ?21, ended_at = ?22, first_answer_due_at = ?23,
                        resolution_due_at = ?24, wakes_at = ?25, outage = ?26, outage_name = ?27, proposed = ?28,
                        reminders = ?29, reminds_at = ?30, nudges_at = ?31
                  WHERE number = ?1",
            )?
            .execute(params_from_iter(changing(ticket, is_ranked_anew)?))?;
        Ok(())
    }

    /// Adds a line to a ticket's history.
    pub fn append_entry(&self, id: &TicketId, entry: &Entry) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO entries (ticket, at, kind, by, text, message_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                id.number().get(),
                micros(entry.at),
                entry.kind.word(),
                entry.by,
                unbroken(&entry.text),
                entry.message_id.as_ref().map(MessageId::as_str),
            ])?;
        Ok(())
    }

    /// Notes that something happened to a ticket.
    pub fn touch_ticket(&self, number: NonZeroU32, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE tickets SET updated_at = ?2 WHERE number = ?1 AND updated_at < ?2",
            )?
            .execute(params![number.get(), micros(at)])?;
        Ok(())
    }

    /// Notes that `reader` has seen `ids`, and that they belong to the ticket.
    pub fn remember_ids(
        &self,
        id: &TicketId,
        reader: &Address,
        ids: &[MessageId],
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO thread_ids (message_id, ticket, reader) VALUES (?1, ?2, ?3)",
        )?;
        for message_id in ids {
            insert.execute(params![
                message_id.as_str(),
                id.number().get(),
                reader.as_str()
            ])?;
        }
        Ok(())
    }

    /// Notes that `reader` has not seen a letter after all.
    pub(super) fn forget_id(&self, reader: &Address, id: &MessageId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM thread_ids WHERE message_id = ?1 AND reader = ?2")?
            .execute(params![id.as_str(), reader.as_str()])?;
        Ok(())
    }

    /// Notes that `ids` belong to the ticket `to` and no longer to `from`.
    pub fn move_ids(
        &self,
        from: &TicketId,
        to: &TicketId,
        ids: &[MessageId],
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE OR REPLACE thread_ids SET ticket = ?3 WHERE ticket = ?1 AND message_id = ?2",
        )?;
        for id in ids {
            update.execute(params![from.number().get(), id.as_str(), to.number().get()])?;
        }
        Ok(())
    }

    fn watch(&self, number: NonZeroU32, address: &Address) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO watchers (ticket, address) VALUES (?1, ?2)")?
            .execute(params![number.get(), address.as_str()])?;
        Ok(())
    }

    fn unwatch(&self, number: NonZeroU32, address: &Address) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM watchers WHERE ticket = ?1 AND address = ?2")?
            .execute(params![number.get(), address.as_str()])?;
        Ok(())
    }
}

impl Reader {
    /// The ticket with this number.
    pub fn ticket(&self, number: NonZeroU32) -> Result<Option<Ticket>, StoreError> {
        load(&self.connection, number)
    }

    /// Tickets by number; `all`: closed and merged ones too.
    pub fn tickets(&self, all: bool) -> Result<Vec<Ticket>, StoreError> {
        let which = if all {
            ""
        } else {
            "WHERE status NOT IN ('closed', 'merged')"
        };
        let mut query = self.connection.prepare(&format!(
            "SELECT number FROM tickets {which} ORDER BY number"
        ))?;
        let numbers: Vec<u32> = query
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let numbers = numbers.into_iter().filter_map(NonZeroU32::new);
        numbers
            .filter_map(|number| load(&self.connection, number).transpose())
            .collect()
    }

    /// A ticket's history, oldest first.
    pub fn entries(&self, number: NonZeroU32) -> Result<Vec<Entry>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT at, kind, by, text, message_id FROM entries WHERE ticket = ?1 ORDER BY id",
        )?;
        let mut rows = query.query(params![number.get()])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry(row)?);
        }
        Ok(entries)
    }

    /// The history of a ticket and of those that were merged into it, oldest first; each entry with its ticket.
    pub fn history(&self, number: NonZeroU32) -> Result<Vec<(TicketId, Entry)>, StoreError> {
        let mut history = Vec::new();
        for member in family(&self.connection, number, FAMILY_MAX)? {
            if let Some(ticket) = self.ticket(member)? {
                let entries = self.entries(member)?.into_iter();
                history.extend(entries.map(|entry| (ticket.id.clone(), entry)));
            }
        }
        history.sort_by_key(|(_, entry)| entry.at); // stable: entries of one moment stay in their order
        Ok(history)
    }

    /// How many tickets are not closed, and how many there are in all.
    pub fn ticket_counts(&self) -> Result<(u32, u32), StoreError> {
        let count = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, u32>(0))
        };
        Ok((
            count("SELECT count(*) FROM tickets WHERE status NOT IN ('closed', 'merged')")?,
            count("SELECT count(*) FROM tickets")?,
        ))
    }
}

/// A ticket and those that were merged into it, by whatever detour; itself first, `at_most` so many.
pub(super) fn family(
    connection: &Connection,
    ticket: NonZeroU32,
    at_most: usize,
) -> Result<Vec<NonZeroU32>, StoreError> {
    let mut members = vec![ticket];
    let mut query = connection.prepare_cached(
        "SELECT loser.number FROM tickets AS winner JOIN tickets AS loser
             ON loser.merged_into = winner.prefix || '-' || winner.number
          WHERE winner.number = ?1 ORDER BY loser.number",
    )?;
    let mut next = 0;
    while let Some(member) = members
        .get(next)
        .copied()
        .filter(|_| members.len() < at_most)
    {
        let losers = query.query_map(params![member.get()], |row| row.get::<_, u32>(0))?;
        for loser in losers {
            let loser = NonZeroU32::new(loser?);
            members.extend(loser.filter(|loser| !members.contains(loser)));
        }
        next += 1;
    }
    members.truncate(at_most);
    Ok(members)
}

fn load(connection: &Connection, number: NonZeroU32) -> Result<Option<Ticket>, StoreError> {
    let ticket = connection
        .prepare_cached(
            "SELECT prefix, desk, subject, status, impact, urgency, priority, reasons, category, requester, name, locale,
                    assignee, team, organisation, cause, solution, minutes, links, merged_into, outage, outage_name,
                    proposed, root, created_at, updated_at, next_news_at, ended_at, first_answer_due_at,
                    resolution_due_at, wakes_at, reminds_at, reminders, nudges_at
               FROM tickets WHERE number = ?1",
        )?
        .query_row(params![number.get()], |row| Ok(ticket(row, number)))
        .optional()?
        .transpose()?;
    let Some(mut ticket) = ticket else {
        return Ok(None);
    };
    let mut query =
        connection.prepare_cached("SELECT rowid, address FROM watchers WHERE ticket = ?1")?;
    let watchers = query.query_map(params![number.get()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let watchers = watchers.collect::<Result<BTreeMap<i64, String>, _>>()?;
    for watcher in watchers.values() {
        ticket.watchers.push(address(watcher)?);
    }
    Ok(Some(ticket))
}

/// The columns in the order in which `load` asks for them.
fn ticket(row: &Row<'_>, number: NonZeroU32) -> Result<Ticket, StoreError> {
    let mut columns = Columns::of(row);
    let prefix = columns.text()?;
    let unknown = |what: &str, word: &str| StoreError::Value(format!("the {what} {word}"));
    Ok(Ticket {
        id: TicketId::new(&prefix, number),
        desk: columns.next()?,
        subject: columns.next()?,
        status: {
            let word = columns.text()?;
            Status::of(&word).ok_or_else(|| unknown("status", &word))?
        },
        impact: from_json::<Impact>(&format!("\"{}\"", columns.text()?))?,
        urgency: from_json::<Urgency>(&format!("\"{}\"", columns.text()?))?,
        priority: {
            let word = columns.text()?;
            Priority::parse(&word).ok_or_else(|| unknown("priority", &word))?
        },
        reasons: from_json(&columns.text()?)?,
        category: columns.next()?,
        requester: Requester {
            address: address(&columns.text()?)?,
            name: columns.next()?,
            locale: locale(&columns.text()?)?,
        },
        watchers: Vec::new(),
        assignee: columns.next()?,
        team: columns.next()?,
        organisation: columns.next()?,
        cause: columns.next()?,
        solution: columns.next()?,
        minutes_spent: columns.next()?,
        links: from_json::<Vec<String>>(&columns.text()?)?
            .iter()
            .map(|id| ticket_id(id))
            .collect::<Result<_, _>>()?,
        merged_into: ticket_of(columns.next()?)?,
        outage: ticket_of(columns.next()?)?,
        outage_name: columns.next()?,
        proposed: columns.next()?,
        root: message_id(&columns.text()?)?,
        created_at: moment(columns.next()?)?,
        updated_at: moment(columns.next()?)?,
        next_news_at: moment_of(columns.next()?)?,
        ended_at: moment_of(columns.next()?)?,
        first_answer_due_at: moment_of(columns.next()?)?,
        resolution_due_at: moment_of(columns.next()?)?,
        wakes_at: moment_of(columns.next()?)?,
        reminding: {
            let next_at = moment_of(columns.next()?)?;
            let sent = columns.next()?;
            next_at.map(|next_at| Reminding { sent, next_at })
        },
        nudges_at: moment_of(columns.next()?)?,
    })
}

/// The ticket a column may name.
fn ticket_of(id: Option<String>) -> Result<Option<TicketId>, StoreError> {
    id.as_deref().map(ticket_id).transpose()
}

/// The number of a ticket and all of it that may change, in the order in which both statements that write it have it.
/// `reasons` and `words` are NULL unless it `is_ranked`.
fn changing(ticket: &Ticket, is_ranked: bool) -> Result<[ToSqlOutput<'_>; 31], StoreError> {
    let reasons = is_ranked.then(|| to_json(&ticket.reasons)).transpose()?;
    let words = is_ranked.then(|| like::words(&ticket.reasons, &ticket.category));
    let name = ticket.requester.name.as_ref();
    let name = name.map(|name| unbroken(name).into_owned());
    let links: Vec<String> = ticket.links.iter().map(ToString::to_string).collect();
    let id = |id: &Option<TicketId>| maybe(id.as_ref().map(ToString::to_string));
    let moment = |at: Option<Timestamp>| maybe(at.map(micros));
    Ok([
        ticket.id.number().get().into(),
        ticket.status.word().into(),
        ticket.impact.word().into(),
        ticket.urgency.word().into(),
        ticket.priority.word().into(),
        maybe(reasons),
        ticket.category.as_str().into(),
        maybe(words),
        ticket.requester.address.as_str().into(),
        maybe(name),
        ticket.requester.locale.as_str().into(),
        maybe(ticket.assignee.as_deref()),
        maybe(ticket.team.as_deref()),
        maybe(ticket.organisation.as_deref()),
        maybe(ticket.cause.as_deref()),
        maybe(ticket.solution.as_deref()),
        ticket.minutes_spent.into(),
        to_json(&links)?.into(),
        id(&ticket.merged_into),
        micros(ticket.updated_at).into(),
        moment(ticket.next_news_at),
        moment(ticket.ended_at),
        moment(ticket.first_answer_due_at),
        moment(ticket.resolution_due_at),
        moment(ticket.wakes_at),
        id(&ticket.outage),
        maybe(ticket.outage_name.as_deref()),
        ticket.proposed.into(),
        ticket
            .reminding
            .map_or(0, |reminding| reminding.sent)
            .into(),
        moment(ticket.reminding.map(|reminding| reminding.next_at)),
        moment(ticket.nudges_at),
    ])
}

/// A value, or NULL.
fn maybe<'t>(value: Option<impl Into<ToSqlOutput<'t>>>) -> ToSqlOutput<'t> {
    value.map_or(ToSqlOutput::Owned(Value::Null), Into::into)
}
