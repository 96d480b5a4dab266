//! Who is away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{address, micros, moment};
use super::{StoreError, Tx};
use crate::desk::ids::Address;

impl Tx<'_> {
    /// Notes that somebody is away until `until`. Absences that are over are forgotten.
    pub fn away(&self, who: &Address, until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM absences WHERE until <= ?1")?
            .execute(params![micros(now)])?;
        self.connection
            .prepare_cached(
                "INSERT INTO absences (address, until, noted_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (address) DO UPDATE SET until = excluded.until, noted_at = excluded.noted_at",
            )?
            .execute(params![who.as_str(), micros(until), micros(now)])?;
        Ok(())
    }

    /// Everybody who is away at `now`, and until when.
    pub fn absences(&self, now: Timestamp) -> Result<BTreeMap<Address, Timestamp>, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT address, until FROM absences WHERE until > ?1")?;
        let rows = query.query_map(params![micros(now)], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })?;
        let mut away = BTreeMap::new();
        for row in rows {
            let (who, until) = row?;
            away.insert(address(&who)?, moment(until)?);
        }
        Ok(away)
    }
}
