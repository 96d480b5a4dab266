//! Notices to technicians: how many went out of late, which wait to be told together.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::rows::{address, micros};
use super::{StoreError, Tx};
use crate::desk::bundle::{LINES_MAX, WINDOW_MINUTES, Waiting, is_bundled};
use crate::desk::ids::Address;
use crate::desk::letter::LetterId;
use crate::desk::notice::{Hold, Notice, NoticeKind};

/// What the column `bundle` says of a new letter.
pub(super) fn state_of(notice: &Notice) -> Option<&'static str> {
    match &notice.hold {
        Some(Hold::Bundle) => Some("waiting"),
        _ => is_bundled(notice.kind, notice.to.role, &notice.ticket).then_some("single"),
    }
}

fn window_begins(now: Timestamp) -> i64 {
    let window = SignedDuration::from_mins(WINDOW_MINUTES);
    micros(now.checked_sub(window).unwrap_or(Timestamp::MIN))
}

impl Tx<'_> {
    /// How many notices each technician got one by one in the last ten minutes.
    pub(super) fn staff_notices(
        &self,
        now: Timestamp,
    ) -> Result<BTreeMap<Address, u32>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT recipient, count(*) FROM outbox WHERE bundle = 'single' AND created_at > ?1 GROUP BY recipient",
        )?;
        let mut rows = query.query(params![window_begins(now)])?;
        let mut counts = BTreeMap::new();
        while let Some(row) = rows.next()? {
            counts.insert(address(&row.get::<_, String>(0)?)?, row.get(1)?);
        }
        Ok(counts)
    }

    /// Technicians whose oldest waiting notice has waited for ten minutes, with all that wait, oldest first.
    pub fn gathered(&self, now: Timestamp) -> Result<Vec<(Address, Vec<Waiting>)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT recipient FROM outbox WHERE bundle = 'waiting' GROUP BY recipient HAVING min(created_at) <= ?1",
        )?;
        let due: Vec<String> = query
            .query_map(params![window_begins(now)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut query = self.connection.prepare_cached(
            "SELECT id, ticket, notice FROM outbox WHERE bundle = 'waiting' AND recipient = ?1 ORDER BY id LIMIT ?2",
        )?;
        let limit = i64::try_from(LINES_MAX).unwrap_or(i64::MAX);
        let mut gathered = Vec::new();
        for recipient in due {
            let mut rows = query.query(params![recipient, limit])?;
            let mut waiting = Vec::new();
            while let Some(row) = rows.next()? {
                let (number, kind): (u32, String) = (row.get(1)?, row.get(2)?);
                let unknown = || StoreError::Value(format!("the notice {kind}"));
                waiting.push(Waiting {
                    letter: LetterId(row.get(0)?),
                    ticket: NonZeroU32::new(number).ok_or_else(unknown)?,
                    kind: NoticeKind::of(&kind).ok_or_else(unknown)?,
                });
            }
            gathered.push((address(&recipient)?, waiting));
        }
        Ok(gathered)
    }

    /// These letters were told in the one that was queued last. One that was released by hand meanwhile is on its way.
    pub(super) fn bundled(&self, letters: &[LetterId], now: Timestamp) -> Result<(), StoreError> {
        let mut query = self.connection.prepare_cached(
            "UPDATE outbox SET bundle = 'told', state = 'sent', settled_at = ?2,
                               reason = 'told with others in letter ' || (SELECT value FROM counters WHERE name = 'letter')
              WHERE id = ?1 AND bundle = 'waiting'",
        )?;
        for letter in letters {
            query.execute(params![letter.0, micros(now)])?;
        }
        Ok(())
    }
}
