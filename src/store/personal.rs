//! What is stored about a person: where it is looked for when somebody asks what is known of them, or wants it gone.
//!
//! Tickets and letters are found by the columns that hold addresses, and histories and bytes are read one by one for what
//! no column tells. Nothing here holds the database for longer than a page of rows takes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::mails::{MailRow, NEEDS_BYTES};
use super::rows::{from_json, get, moment, moment_of, ticket_id, to_json};
use super::{Reader, StoreError};
use crate::desk::erasure::Person;
use crate::desk::ids::{Address, TicketId};
use crate::desk::letter::LetterId;

/// Rows that are read at once when all are looked through.
const PAGE: i64 = 64;

/// What is known of an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Acquaintance {
    /// How they wrote last.
    pub locale: Option<String>,
    /// When they first wrote and were vouched for.
    pub first_seen_at: Timestamp,
    /// What the last report said when letters to them come back.
    pub undelivered: Option<String>,
    /// Until when they said they are away.
    pub away_until: Option<Timestamp>,
    /// Digests they want no more of.
    pub stopped_digests: Vec<String>,
}

/// How content somebody said to be, about a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Rated {
    /// The ticket.
    pub ticket: TicketId,
    /// When they were asked.
    pub asked_at: Timestamp,
    /// 1 to 5; `None` before it is answered.
    pub score: Option<u8>,
    /// What stood beside the number.
    pub comment: String,
}

/// Bytes that are looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// Of mails that are decided.
    Mails,
    /// Of letters.
    Letters,
}

impl Reader {
    /// What somebody is recognised by beside their addresses; tickets that name them in words alone are not looked for.
    pub fn person(&self, addresses: &[Address]) -> Result<Person, StoreError> {
        let who = to_json(&addresses)?;
        let mut person = Person {
            addresses: addresses.to_vec(),
            ..Person::default()
        };
        let mut query = self.connection.prepare(
            "SELECT name, subject FROM tickets
              WHERE requester IN (SELECT value FROM json_each(?1))
                 OR EXISTS (SELECT 1 FROM entries
                             WHERE id = (SELECT min(id) FROM entries WHERE ticket = tickets.number AND kind = 'mail')
                               AND lower(by) IN (SELECT value FROM json_each(?1)))",
        )?;
        let mut rows = query.query(params![who])?;
        while let Some(row) = rows.next()? {
            person.names.extend(get::<Option<String>>(row, "name")?);
            person.subjects.insert(get(row, "subject")?);
        }
        let mut query = self.connection.prepare(
            "WITH quoting AS (SELECT number FROM tickets WHERE requester IN (SELECT value FROM json_each(?1))
                              UNION
                              SELECT ticket FROM entries WHERE lower(by) IN (SELECT value FROM json_each(?1))
                              UNION
                              SELECT ticket FROM mails WHERE lower(sender) IN (SELECT value FROM json_each(?1)))
             SELECT prefix || '-' || number AS id, created_at, number IN quoting AS quotes FROM tickets
              WHERE number IN (SELECT number FROM quoting
                               UNION
                               SELECT ticket FROM watchers WHERE address IN (SELECT value FROM json_each(?1))
                               UNION
                               SELECT ticket FROM outbox WHERE recipient IN (SELECT value FROM json_each(?1))
                               UNION
                               SELECT ticket FROM thread_ids WHERE reader IN (SELECT value FROM json_each(?1))
                               UNION
                               SELECT ticket FROM satisfaction WHERE person IN (SELECT value FROM json_each(?1)))",
        )?;
        let mut rows = query.query(params![who])?;
        let mut since: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            let id = ticket_id(&get::<String>(row, "id")?)?;
            if get(row, "quotes")? {
                person.quoted_in.insert(id.clone());
            }
            person.tickets.insert(id);
            since.push(get(row, "created_at")?);
        }
        let first_mail: Option<i64> = self.connection.query_row(
            "SELECT min(recorded_at) FROM mails WHERE lower(sender) IN (SELECT value FROM json_each(?1))",
            params![who],
            |row| row.get(0),
        )?;
        since.extend(first_mail);
        person.since = moment_of(since.into_iter().min())?;
        Ok(person)
    }

    /// How many mails that are not decided yet `names` somebody.
    pub fn waiting_mails_naming(&self, names: impl Fn(&[u8]) -> bool) -> Result<usize, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT bytes FROM raw WHERE id IN (SELECT raw FROM mails WHERE state = 'received')",
        )?;
        let mut rows = query.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += usize::from(names(row.get_ref(0)?.as_blob().unwrap_or_default()));
        }
        Ok(count)
    }

    /// How many mails and letters go with a person: theirs, and those of the tickets in which they may be quoted.
    pub fn bytes_about(&self, person: &Person) -> Result<(usize, usize), StoreError> {
        let tickets = person.quoted_in.iter().map(|id| id.number().get());
        let tickets = to_json(&tickets.collect::<Vec<_>>())?;
        let known = params![tickets, to_json(&person.addresses)?];
        let mails: u32 = self.connection.query_row(
            "SELECT count(*) FROM mails JOIN raw ON raw.id = mails.raw
              WHERE length(raw.bytes) > 0
                AND (ticket IN (SELECT value FROM json_each(?1)) OR lower(sender) IN (SELECT value FROM json_each(?2)))",
            known,
            |row| row.get(0),
        )?;
        let letters: u32 = self.connection.query_row(
            "SELECT count(*) FROM outbox JOIN contents ON letter = outbox.id
              WHERE ticket IN (SELECT value FROM json_each(?1)) OR recipient IN (SELECT value FROM json_each(?2))",
            known,
            |row| row.get(0),
        )?;
        Ok((mails as usize, letters as usize))
    }

    /// Tickets whose subject or history `names` somebody; it is given a text, and whether the ticket is of an organisation that a ticket
    /// of `person` is of.
    pub fn tickets_naming(
        &self,
        person: &Person,
        names: impl Fn(&[u8], bool) -> bool,
    ) -> Result<Vec<TicketId>, StoreError> {
        let numbers = person.tickets.iter().map(|id| id.number().get());
        let organisations: String = self.connection.query_row(
            "SELECT json_group_array(DISTINCT organisation) FROM tickets
              WHERE organisation IS NOT NULL AND number IN (SELECT value FROM json_each(?1))",
            params![to_json(&numbers.collect::<Vec<_>>())?],
            |row| row.get(0),
        )?;
        // Nobody knows of whose organisation a ticket of none is.
        let mut query = self.connection.prepare(
            "SELECT text, prefix || '-' || number AS id,
                    organisation IS NULL OR organisation IN (SELECT value FROM json_each(?1)) AS near
               FROM entries JOIN tickets ON number = ticket
             UNION ALL
             SELECT subject, prefix || '-' || number,
                    organisation IS NULL OR organisation IN (SELECT value FROM json_each(?1))
               FROM tickets",
        )?;
        let mut rows = query.query(params![organisations])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = row.get_ref("text")?.as_bytes().unwrap_or_default();
            if names(text, get(row, "near")?) {
                found.push(ticket_id(&get::<String>(row, "id")?)?);
            }
        }
        Ok(found)
    }

    /// The mails somebody sent whose bytes are still there, oldest first.
    pub fn mails_of(&self, addresses: &[Address]) -> Result<Vec<MailRow>, StoreError> {
        self.numbers(
            "SELECT mails.id FROM mails JOIN raw ON raw.id = mails.raw
              WHERE lower(sender) IN (SELECT value FROM json_each(?1)) AND length(bytes) > 0 ORDER BY mails.id",
            addresses,
        )
    }

    /// The letters that were sent to somebody, oldest first.
    pub fn letters_to(&self, addresses: &[Address]) -> Result<Vec<LetterId>, StoreError> {
        let numbers = self.numbers(
            "SELECT id FROM outbox JOIN contents ON letter = id
              WHERE recipient IN (SELECT value FROM json_each(?1)) AND state IN ('sent', 'unknown') ORDER BY id",
            addresses,
        )?;
        Ok(numbers.into_iter().map(LetterId).collect())
    }

    fn numbers(&self, sql: &str, addresses: &[Address]) -> Result<Vec<i64>, StoreError> {
        let mut query = self.connection.prepare(sql)?;
        let numbers = query.query_map(params![to_json(&addresses)?], |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }

    /// What is known of an address; `None` when nobody was vouched for who wrote from it.
    pub fn acquaintance(&self, address: &Address) -> Result<Option<Acquaintance>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT locale, first_seen_at, undelivered, (SELECT until FROM absences WHERE absences.address = ?1) AS until,
                    (SELECT json_group_array(scope) FROM digest_stops WHERE reader = ?1) AS stops
               FROM people WHERE people.address = ?1",
        )?;
        let found = query.query_row(params![address.as_str()], |row| {
            let read = || {
                Ok(Acquaintance {
                    locale: get(row, "locale")?,
                    first_seen_at: moment(get(row, "first_seen_at")?)?,
                    undelivered: get(row, "undelivered")?,
                    away_until: moment_of(get(row, "until")?)?,
                    stopped_digests: from_json(&get::<String>(row, "stops")?)?,
                })
            };
            Ok(read())
        });
        found.optional()?.transpose()
    }

    /// How content somebody said to be, by ticket.
    pub fn ratings_of(&self, addresses: &[Address]) -> Result<Vec<Rated>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT prefix || '-' || number AS id, asked_at, score, comment
               FROM satisfaction JOIN tickets ON number = ticket
              WHERE person IN (SELECT value FROM json_each(?1)) ORDER BY number",
        )?;
        let mut rows = query.query(params![to_json(&addresses)?])?;
        let mut ratings = Vec::new();
        while let Some(row) = rows.next()? {
            ratings.push(Rated {
                ticket: ticket_id(&get::<String>(row, "id")?)?,
                asked_at: moment(get(row, "asked_at")?)?,
                score: get(row, "score")?,
                comment: get(row, "comment")?,
            });
        }
        Ok(ratings)
    }

    /// An erasure of this person that was begun and not ended.
    pub fn unfinished_erasure(&self, addresses: &[Address]) -> Result<Option<Person>, StoreError> {
        let begun = self.unfinished_erasures()?.into_iter();
        let mut people = begun.map(|(_, person)| person);
        let is_it = |person: &Person| addresses.iter().any(|address| person.is(address.as_str()));
        Ok(people.find(is_it))
    }

    /// The erasures that were begun and not ended: since when, and of whom.
    pub fn unfinished_erasures(&self) -> Result<Vec<(Timestamp, Person)>, StoreError> {
        let mut query = self
            .connection
            .prepare("SELECT begun_at, person FROM erasures WHERE ended_at IS NULL ORDER BY id")?;
        let begun = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut erasures = Vec::new();
        for row in begun {
            let (begun_at, person): (i64, String) = row?;
            erasures.push((moment(begun_at)?, from_json(&person)?));
        }
        Ok(erasures)
    }

    /// The numbers of those mails or letters whose bytes `names` somebody; it is told whether they belong to a ticket that is
    /// `near`. What still waits to be decided, or may be decided once more, is left alone.
    pub fn bytes_naming(
        &self,
        what: Scanned,
        near: &BTreeSet<TicketId>,
        names: impl Fn(&[u8], bool) -> bool,
    ) -> Result<Vec<i64>, StoreError> {
        let page = match what {
            Scanned::Mails => &format!(
                "SELECT id, bytes,
                        EXISTS (SELECT 1 FROM mails WHERE raw = raw.id AND ticket IN (SELECT value FROM json_each(?3)))
                   FROM raw
                  WHERE id > ?1 AND NOT EXISTS (SELECT 1 FROM mails WHERE raw = raw.id AND {NEEDS_BYTES})
                  ORDER BY id LIMIT ?2"
            ),
            Scanned::Letters => {
                "SELECT letter, bytes,
                        (SELECT ticket FROM outbox WHERE id = letter) IN (SELECT value FROM json_each(?3))
                   FROM contents WHERE letter > ?1 ORDER BY letter LIMIT ?2"
            }
        };
        let near: Vec<u32> = near.iter().map(|id| id.number().get()).collect();
        let near = to_json(&near)?;
        let mut query = self.connection.prepare(page)?;
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let mut rows = query.query(params![after, PAGE, near])?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                (after, seen) = (row.get(0)?, seen + 1);
                let near = row.get::<_, Option<bool>>(2)? == Some(true);
                if names(row.get_ref(1)?.as_blob().unwrap_or_default(), near) {
                    found.push(after);
                }
            }
            if seen < PAGE {
                return Ok(found);
            }
        }
    }
}
