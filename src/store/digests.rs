//! Which digests were written, for whom, and who wants no more of them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{locale, micros};
use super::{Reader, StoreError, Tx};
use crate::desk::digest::Scope;
use crate::desk::digest::period::Period;
use crate::desk::ids::{Address, Locale};
use crate::desk::letter::{Letter, LetterId};

/// What is known of a digest that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestState {
    /// It was written, or left out on purpose.
    Done,
    /// The reader wants no more.
    Stopped,
    /// The reader is new: nothing was ever due before.
    FirstSeen,
    /// It is over since before the reader was first seen (a clock went back).
    TooOld,
    /// It is to be written.
    Wanted,
}

impl Reader {
    /// How somebody wrote last.
    pub fn locale_of(&self, address: &Address) -> Result<Option<Locale>, StoreError> {
        let known: Option<Option<String>> = self
            .connection
            .prepare_cached("SELECT locale FROM people WHERE address = ?1")?
            .query_row(params![address.as_str()], |row| row.get(0))
            .optional()?;
        known.flatten().as_deref().map(locale).transpose()
    }
}

impl Tx<'_> {
    /// How things stand with a digest.
    pub fn digest_state(
        &self,
        reader: &Address,
        scope: &Scope,
        period: &Period,
    ) -> Result<DigestState, StoreError> {
        let scope = scope.to_string();
        let known = |sql: &str| -> Result<bool, StoreError> {
            let mut query = self.connection.prepare_cached(sql)?;
            Ok(query.exists(params![reader.as_str(), scope])?)
        };
        if known("SELECT 1 FROM digest_stops WHERE reader = ?1 AND scope = ?2")? {
            return Ok(DigestState::Stopped);
        }
        if !known("SELECT 1 FROM digests WHERE reader = ?1 AND scope = ?2")? {
            return Ok(DigestState::FirstSeen);
        }
        let done = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM digests WHERE reader = ?1 AND scope = ?2 AND period = ?3",
            )?
            .exists(params![reader.as_str(), scope, period.label()])?;
        if done {
            return Ok(DigestState::Done);
        }
        let began: i64 = self
            .connection
            .prepare_cached(
                "SELECT ends_at FROM digests WHERE reader = ?1 AND scope = ?2 ORDER BY rowid LIMIT 1",
            )?
            .query_row(params![reader.as_str(), scope], |row| row.get(0))?;
        let is_old = micros(period.until()) <= began;
        Ok(if is_old {
            DigestState::TooOld
        } else {
            DigestState::Wanted
        })
    }

    /// Notes that a digest is dealt with. `false`, and nothing noted, when it was before.
    pub fn note_digest(
        &self,
        reader: &Address,
        scope: &Scope,
        period: &Period,
        letter: Option<LetterId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT OR IGNORE INTO digests (reader, scope, period, ends_at, letter, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                reader.as_str(),
                scope.to_string(),
                period.label(),
                micros(period.until()),
                letter.map(|letter| letter.0),
                micros(now),
            ])?;
        Ok(added == 1)
    }

    /// Notes that somebody wants no more digests about `scope`.
    pub fn stop_digest(
        &self,
        reader: &Address,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO digest_stops (reader, scope, at) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![reader.as_str(), scope.to_string(), micros(now)])?;
        Ok(())
    }

    /// Forgets that somebody wanted no more digests about `scope`. `false` when they never said so.
    pub fn resume_digest(&self, reader: &Address, scope: &Scope) -> Result<bool, StoreError> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM digest_stops WHERE reader = ?1 AND scope = ?2")?
            .execute(params![reader.as_str(), scope.to_string()])?;
        Ok(removed == 1)
    }

    /// Puts a letter that is about no ticket into the outbox. Whoever calls sees to it that it is written once.
    pub fn queue_general_letter(
        &self,
        id: LetterId,
        desk: &str,
        notice: &str,
        cause: &str,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO outbox (id, ticket, desk, notice, recipient, cause, envelope_from, message_id, state,
                                     next_attempt_at, created_at)
                 VALUES (?1, NULL, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8, ?8)",
            )?
            .execute(params![
                id.0,
                desk,
                notice,
                letter.to.as_str(),
                cause,
                letter.envelope_from.as_str(),
                letter.message_id.as_str(),
                micros(now),
            ])?;
        self.connection
            .prepare_cached("INSERT INTO contents (letter, bytes) VALUES (?1, ?2)")?
            .execute(params![id.0, letter.bytes])?;
        Ok(())
    }
}
