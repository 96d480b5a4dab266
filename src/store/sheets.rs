//! The daily queue letters: one for each technician and day.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{from_json, get, micros, to_json};
use super::{StoreError, Tx};
use crate::desk::sheet::{Sheet, SheetId};

impl Tx<'_> {
    /// The number of the next sheet.
    pub fn next_sheet(&self) -> Result<SheetId, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sheets'), 0) + 1",
        )?;
        Ok(SheetId(query.query_row([], |row| row.get(0))?))
    }

    /// Whether the queue of a day is dealt with.
    pub fn has_sheet(&self, technician: &str, day: jiff::civil::Date) -> Result<bool, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT 1 FROM sheets WHERE technician = ?1 AND day = ?2")?;
        Ok(query.exists(params![technician, day.to_string()])?)
    }

    /// Keeps a sheet. There is one for each technician and day.
    pub fn record_sheet(&self, sheet: &Sheet, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO sheets (id, technician, day, tickets, written_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                sheet.id.0,
                sheet.technician,
                sheet.day.to_string(),
                to_json(&sheet.tickets)?,
                micros(now),
            ])?;
        Ok(())
    }

    /// What the sheet with this number lists.
    pub fn sheet(&self, id: SheetId) -> Result<Option<Sheet>, StoreError> {
        let row = self
            .connection
            .prepare_cached("SELECT technician, day, tickets FROM sheets WHERE id = ?1")?
            .query_row(params![id.0], |row| {
                let values = (get(row, "technician"), get(row, "day"), get(row, "tickets"));
                Ok(values)
            })
            .optional()?;
        let Some((technician, day, tickets)) = row else {
            return Ok(None);
        };
        let (day, tickets): (String, String) = (day?, tickets?);
        Ok(Some(Sheet {
            id,
            technician: technician?,
            day: day
                .parse()
                .map_err(|_| StoreError::Value(format!("the day {day}")))?,
            tickets: from_json(&tickets)?,
        }))
    }
}
