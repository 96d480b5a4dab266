//! What targets are reckoned from, and by which configuration they were last.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{entry, micros};
use super::{StoreError, Tx};
use crate::desk::event::Snapshot;
use crate::desk::targets::Course;

impl Tx<'_> {
    /// What has happened to a ticket as far as its targets are concerned; `None` when there is no such ticket.
    pub fn course(&self, number: NonZeroU32) -> Result<Option<Course>, StoreError> {
        // What `Course::of` reads, and the first entry, which says when the ticket was opened. Of the letters only the
        // first answer matters; texts of mails are not looked at, for they may be long.
        let mut query = self.connection.prepare_cached(
            "SELECT at, kind, by, CASE WHEN kind = 'mail' THEN '' ELSE text END AS text, message_id
               FROM entries
              WHERE ticket = ?1
                AND (kind = 'status' OR kind = 'priority' OR kind = 'target'
                     OR id = (SELECT id FROM entries WHERE ticket = ?1 ORDER BY id LIMIT 1)
                     OR id = (SELECT id FROM entries
                               WHERE ticket = ?1 AND kind = 'letter' AND text LIKE 'update to %' ORDER BY id LIMIT 1))
              ORDER BY id",
        )?;
        let mut rows = query.query(params![number.get()])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry(row)?);
        }
        Ok(Course::of(&entries))
    }

    /// The numbers of tickets whose targets matter, from `after` on, `count` at most.
    pub fn open_after(&self, after: u32, count: usize) -> Result<Vec<NonZeroU32>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT number FROM tickets WHERE status NOT IN ('closed', 'merged') AND number > ?1 ORDER BY number LIMIT ?2",
        )?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let numbers = query.query_map(params![after, count], |row| row.get::<_, u32>(0))?;
        let numbers: Vec<u32> = numbers.collect::<Result<_, _>>()?;
        Ok(numbers.into_iter().filter_map(NonZeroU32::new).collect())
    }

    /// What the desk needs to know to set a ticket's targets anew.
    pub fn snapshot_for_targets(&self, number: NonZeroU32) -> Result<Snapshot, StoreError> {
        let mut seen = Snapshot::empty();
        if let Some(ticket) = self.ticket(number)? {
            seen.tickets.insert(number, ticket);
            if let Some(course) = self.course(number)? {
                seen.courses.insert(number, course);
            }
        }
        Ok(seen)
    }

    /// Whether the targets of all tickets were last reckoned by this configuration.
    pub fn is_agreed(&self, fingerprint: &str) -> Result<bool, StoreError> {
        let last: Option<String> = self
            .connection
            .prepare_cached("SELECT fingerprint FROM agreed")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(last.as_deref() == Some(fingerprint))
    }

    /// Notes that they are now.
    pub fn note_agreed(&self, fingerprint: &str, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO agreed (id, fingerprint, at) VALUES (1, ?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at",
            )?
            .execute(params![fingerprint, micros(now)])?;
        Ok(())
    }
}
