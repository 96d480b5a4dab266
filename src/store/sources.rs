//! What is known of each folder: its epochs, its cursor, and the messages that ended without bytes.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{micros, moment, place_columns};
use super::{StoreError, Tx};
use crate::desk::mail::Place;

/// One UIDVALIDITY of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Every smaller UID has a final outcome.
    pub low_uid: u32,
    /// The next UID when this epoch was opened.
    pub fresh_uid: u32,
    /// When the folder was first opened, in whatever epoch.
    pub first_opened_at: Timestamp,
    /// Whether this call made the epoch.
    pub is_new: bool,
}

/// Why a message ended without bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// No longer in the mailbox.
    Gone,
    /// Received before the desk began.
    Older,
    /// Listed, and cannot be had.
    Unfetchable,
}

impl Miss {
    /// The word kept in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Older => "older",
            Self::Unfetchable => "unfetchable",
        }
    }
}

impl Tx<'_> {
    /// Opens an epoch of a folder, or goes on with it. The very first epoch of a folder begins at
    /// `next_uid` unless `from_start`; every other one begins at 1.
    pub fn open_source(
        &self,
        desk: &str,
        folder: &str,
        validity: u32,
        next_uid: u32,
        from_start: bool,
        now: Timestamp,
    ) -> Result<Epoch, StoreError> {
        let known = self
            .connection
            .prepare_cached(
                "SELECT low_uid, fresh_uid, opened_at FROM sources
                  WHERE desk = ?1 AND folder = ?2 AND validity = ?3",
            )?
            .query_row(params![desk, folder, validity], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        if let Some((low_uid, fresh_uid, opened_at)) = known {
            return Ok(Epoch {
                low_uid,
                fresh_uid,
                first_opened_at: moment(opened_at)?,
                is_new: false,
            });
        }
        let first: Option<i64> = self
            .connection
            .prepare_cached("SELECT min(opened_at) FROM sources WHERE desk = ?1 AND folder = ?2")?
            .query_row(params![desk, folder], |row| row.get(0))?;
        let low_uid = if first.is_none() && !from_start {
            next_uid
        } else {
            1
        };
        let opened_at = first.unwrap_or_else(|| micros(now));
        self.connection
            .prepare_cached(
                "INSERT INTO sources (desk, folder, validity, low_uid, fresh_uid, opened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                desk, folder, validity, low_uid, next_uid, opened_at
            ])?;
        Ok(Epoch {
            low_uid,
            fresh_uid: next_uid,
            first_opened_at: moment(opened_at)?,
            is_new: true,
        })
    }

    /// Those of `places` that have no final outcome, in the order given. What was noted as gone counts as missing.
    pub fn missing(
        &self,
        desk: &str,
        folder: &str,
        places: Vec<Place>,
    ) -> Result<Vec<Place>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT 1 FROM mails WHERE desk = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4 AND name = ?5
             UNION ALL
             SELECT 1 FROM misses WHERE desk = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4 AND name = ?5
                AND outcome <> 'gone'",
        )?;
        let mut missing = Vec::new();
        for place in places {
            let (validity, uid, name) = place_columns(&place);
            if !query.exists(params![desk, folder, validity, uid, name])? {
                missing.push(place);
            }
        }
        Ok(missing)
    }

    /// Notes messages that ended without bytes.
    pub fn settle_misses(
        &self,
        desk: &str,
        folder: &str,
        outcomes: &[(Place, Miss, String)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO misses (desk, folder, validity, uid, name, outcome, reason, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, at = excluded.at",
        )?;
        for (place, miss, reason) in outcomes {
            let (validity, uid, name) = place_columns(place);
            insert.execute(params![
                desk,
                folder,
                validity,
                uid,
                name,
                miss.word(),
                reason,
                micros(now)
            ])?;
        }
        Ok(())
    }

    /// Raises the cursor of an epoch, and forgets what lies below it.
    pub fn advance(
        &self,
        desk: &str,
        folder: &str,
        validity: u32,
        low_uid: u32,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE sources SET low_uid = max(low_uid, ?4) WHERE desk = ?1 AND folder = ?2 AND validity = ?3",
            )?
            .execute(params![desk, folder, validity, low_uid])?;
        Ok(())
    }
}
