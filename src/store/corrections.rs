//! Corrections of rankings, as technicians made them.

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{from_json, get, micros, moment, to_json};
use super::{Reader, StoreError, Tx};
use crate::desk::ids::TicketId;
use crate::desk::triage::{Correction, Subject};

/// A correction with its ticket and moment.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrectionView {
    /// Which ticket, by number.
    pub ticket: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub correction: Correction,
}

impl Tx<'_> {
    /// Keeps a correction.
    pub fn correct(
        &self,
        id: &TicketId,
        correction: &Correction,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO corrections (ticket, at, about, was, now, by, reasons) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id.number().get(),
                micros(now),
                correction.about.word(),
                correction.from,
                correction.to,
                correction.by,
                to_json(&correction.reasons)?,
            ])?;
        Ok(())
    }
}

impl Reader {
    /// Every correction from `since` on, oldest first.
    pub fn corrections(&self, since: Timestamp) -> Result<Vec<CorrectionView>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT ticket, at, about, was, now, by, reasons FROM corrections WHERE at >= ?1 ORDER BY id",
        )?;
        let mut rows = query.query(params![micros(since)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let about: String = get(row, "about")?;
            let about = from_json::<Subject>(&to_json(&about)?)?;
            found.push(CorrectionView {
                ticket: get(row, "ticket")?,
                at: moment(get(row, "at")?)?,
                correction: Correction {
                    about,
                    from: get(row, "was")?,
                    to: get(row, "now")?,
                    by: get(row, "by")?,
                    reasons: from_json(&get::<String>(row, "reasons")?)?,
                },
            });
        }
        Ok(found)
    }
}
