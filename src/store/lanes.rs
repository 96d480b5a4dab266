//! Which outside firms a ticket was handed to, and what they call it.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{get, micros, moment, ticket_id, to_json};
use super::{StoreError, Tx};
use crate::desk::ids::TicketId;
use crate::desk::provider::Lane;

impl Tx<'_> {
    /// Notes that a firm has a ticket.
    pub fn hand_over(
        &self,
        id: &TicketId,
        provider: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO lanes (ticket, provider, handed_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (ticket, provider) DO UPDATE SET handed_at = excluded.handed_at",
            )?
            .execute(params![id.number().get(), provider, micros(now)])?;
        Ok(())
    }

    /// Notes what a firm calls a ticket. One that a ticket was handed to before it was merged is noted as well.
    pub fn refer(&self, id: &TicketId, provider: &str, reference: &str) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE lanes SET reference = ?3 WHERE ticket = ?1 AND provider = ?2",
        )?;
        for member in self.family(id.number())? {
            update.execute(params![member.get(), provider, reference])?;
        }
        Ok(())
    }

    /// The firms a ticket and those that go on in it were handed to; the latest last.
    pub fn lanes(&self, family: &[NonZeroU32]) -> Result<Vec<Lane>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT provider, handed_at, reference FROM lanes WHERE ticket = ?1 ORDER BY provider",
        )?;
        let mut lanes = Vec::new();
        for member in family {
            let mut rows = query.query(params![member.get()])?;
            while let Some(row) = rows.next()? {
                lanes.push(Lane {
                    provider: get(row, "provider")?,
                    handed_at: moment(get(row, "handed_at")?)?,
                    reference: get(row, "reference")?,
                });
            }
        }
        lanes.sort_by_key(|lane: &Lane| lane.handed_at);
        Ok(lanes)
    }

    /// The tickets that a firm calls by one of these names.
    pub fn referred(&self, provider: &str, names: &[String]) -> Result<Vec<TicketId>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT DISTINCT prefix || '-' || number FROM lanes JOIN tickets ON tickets.number = lanes.ticket
              WHERE provider = ?1 AND reference IN (SELECT value FROM json_each(?2)) ORDER BY number",
        )?;
        let rows = query.query_map(params![provider, to_json(&names)?], |row| {
            row.get::<_, String>(0)
        })?;
        rows.map(|id| ticket_id(&id?)).collect()
    }
}
