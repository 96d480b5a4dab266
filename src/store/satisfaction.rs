//! Who was asked how content they are, and what they answered.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{get, micros, moment};
use super::{Reader, StoreError, Tx};
use crate::desk::ids::{Address, TicketId};
use crate::desk::satisfaction::{Asked, PAUSE, Rating};

/// The question about one ticket, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingView {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// 1 to 5; `None` before it is answered.
    pub score: Option<u8>,
    /// What stood beside the number.
    pub comment: String,
    /// When it was answered last.
    pub answered_at: Option<Timestamp>,
}

impl Tx<'_> {
    /// Notes that the requester was asked; once for each ticket.
    pub fn ask_satisfaction(
        &self,
        id: &TicketId,
        person: &Address,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO satisfaction (ticket, person, asked_at) VALUES (?1, ?2, ?3) ON CONFLICT (ticket) DO NOTHING",
            )?
            .execute(params![id.number().get(), person.as_str(), micros(now)])?;
        Ok(())
    }

    /// The letter of that moment with the question did not go out: nobody was asked.
    pub(super) fn not_asked(&self, id: &TicketId, asked_at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM satisfaction WHERE ticket = ?1 AND asked_at = ?2 AND answered_at IS NULL",
            )?
            .execute(params![id.number().get(), micros(asked_at)])?;
        Ok(())
    }

    /// Files an answer; a later one replaces it.
    pub fn rate(&self, id: &TicketId, rating: &Rating, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE satisfaction SET score = ?2, comment = ?3, answered_at = ?4 WHERE ticket = ?1",
            )?
            .execute(params![id.number().get(), rating.score, rating.comment, micros(now)])?;
        Ok(())
    }

    /// Whether the question was asked about a ticket, and its requester of late.
    pub fn satisfaction_asked(
        &self,
        number: NonZeroU32,
        requester: &Address,
        now: Timestamp,
    ) -> Result<Asked, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM satisfaction WHERE ticket = ?1),
                    EXISTS (SELECT 1 FROM satisfaction WHERE person = ?2 AND asked_at > ?3)",
        )?;
        Ok(query.query_row(
            params![number.get(), requester.as_str(), micros(now - PAUSE)],
            |row| {
                Ok(Asked {
                    here: row.get(0)?,
                    lately: row.get(1)?,
                })
            },
        )?)
    }
}

impl Reader {
    /// The question about a ticket with its answer; `None` when it was not asked.
    pub fn rating(&self, ticket: NonZeroU32) -> Result<Option<RatingView>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT asked_at, score, comment, answered_at FROM satisfaction WHERE ticket = ?1",
        )?;
        let mut rows = query.query(params![ticket.get()])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let answered: Option<i64> = get(row, "answered_at")?;
        Ok(Some(RatingView {
            asked_at: moment(get(row, "asked_at")?)?,
            score: get(row, "score")?,
            comment: get(row, "comment")?,
            answered_at: answered.map(moment).transpose()?,
        }))
    }
}
