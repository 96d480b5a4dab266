//! What a technician last wrote to each requester.

use std::num::NonZeroU32;

use rusqlite::{OptionalExtension, params};

use super::rows::{get, micros, moment, unbroken};
use super::{StoreError, Tx};
use crate::desk::ids::TicketId;
use crate::desk::notice::Said;

impl Tx<'_> {
    /// Notes what the requester was told, in place of what they were told before; `None`: nothing.
    pub fn told(&self, id: &TicketId, said: Option<&Said>) -> Result<(), StoreError> {
        let Some(said) = said else {
            self.connection
                .prepare_cached("DELETE FROM last_said WHERE ticket = ?1")?
                .execute(params![id.number().get()])?;
            return Ok(());
        };
        self.connection
            .prepare_cached(
                "INSERT INTO last_said (ticket, by, at, words) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (ticket) DO UPDATE SET by = excluded.by, at = excluded.at, words = excluded.words",
            )?
            .execute(params![
                id.number().get(),
                said.by,
                micros(said.at),
                unbroken(&said.text)
            ])?;
        Ok(())
    }

    /// What the requester of a ticket was last told.
    pub fn last_said(&self, number: NonZeroU32) -> Result<Option<Said>, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT by, at, words FROM last_said WHERE ticket = ?1")?;
        let said = query.query_row(params![number.get()], |row| {
            Ok((get(row, "by"), get::<i64>(row, "at"), get(row, "words")))
        });
        let Some((by, at, text)) = said.optional()? else {
            return Ok(None);
        };
        Ok(Some(Said {
            by: by?,
            by_technician: true,
            at: moment(at?)?,
            text: text?,
            attachments: Vec::new(),
        }))
    }
}
