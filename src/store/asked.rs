//! What requesters were asked with the acknowledgement and have not answered yet.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{from_json, micros, to_json};
use super::{StoreError, Tx};
use crate::desk::ids::TicketId;

impl Tx<'_> {
    /// Notes what was asked.
    pub fn ask(
        &self,
        id: &TicketId,
        questions: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO asked (ticket, questions, asked_at) VALUES (?1, ?2, ?3) ON CONFLICT (ticket) DO NOTHING",
            )?
            .execute(params![id.number().get(), to_json(&questions)?, micros(now)])?;
        Ok(())
    }

    /// Notes that the requester wrote again: what was asked counts as answered.
    pub fn answered(&self, id: &TicketId, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE asked SET answered_at = ?2 WHERE ticket = ?1 AND answered_at IS NULL",
            )?
            .execute(params![id.number().get(), micros(now)])?;
        Ok(())
    }

    /// What was asked about a ticket and is not answered.
    pub fn open_questions(&self, number: NonZeroU32) -> Result<Vec<String>, StoreError> {
        let questions: Option<String> = self
            .connection
            .prepare_cached(
                "SELECT questions FROM asked WHERE ticket = ?1 AND answered_at IS NULL",
            )?
            .query_row(params![number.get()], |row| row.get(0))
            .optional()?;
        questions.map_or(Ok(Vec::new()), |questions| from_json(&questions))
    }
}
