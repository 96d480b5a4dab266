//! Brings tickets' lives for the figures: one pass over the tickets, one over their entries.
//!
//! Entries are handed to the desk as they lie in the page; nothing is copied that is not counted.

use std::collections::HashMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::rows::{get, micros, moment, ticket_id};
use super::{Reader, StoreError};
use crate::desk::digest::Scope;
use crate::desk::digest::life::{Birth, Life};
use crate::desk::ticket::EntryKind;
use crate::desk::triage::Priority;

/// When more than one ticket in so many is wanted, the whole table is read in its own order instead of each ticket's entries by index.
const SCAN_FROM: usize = 3;

impl Reader {
    /// The lives, up to `until`, of the tickets of a scope that were open or moved since `from`; those of a team are told with all
    /// others, because a ticket's team is known only once its life is told.
    pub fn lives(
        &self,
        scope: &Scope,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Life>, StoreError> {
        lives(&self.connection, scope, from, until)
    }

    /// The category a ticket was opened with.
    pub fn opened_category(&self, number: NonZeroU32) -> Result<String, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT opened_category FROM tickets WHERE number = ?1")?;
        Ok(query.query_row(params![number.get()], |row| row.get(0))?)
    }
}

fn lives(
    connection: &rusqlite::Connection,
    scope: &Scope,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Life>, StoreError> {
    // A ticket that did not change since `from` stood still throughout: it matters only if it is open.
    let (which, key) = match scope {
        Scope::All | Scope::Team(_) => ("?3 = ''", ""),
        Scope::Organisation(key) => ("organisation = ?3", key.as_str()),
        Scope::Desk(key) => ("desk = ?3", key.as_str()),
    };
    let mut query = connection.prepare_cached(&format!(
        "SELECT number, prefix, subject, desk, organisation, outage, requester, name, created_at, opened_category, opened_team, opened_priority
           FROM tickets
          WHERE created_at < ?2 AND {which}
            AND (updated_at >= ?1 OR status NOT IN ('closed', 'merged') AND status <> 'resolved')
          ORDER BY number"
    ))?;
    let mut rows = query.query(params![micros(from), micros(until), key])?;
    let mut lives = Vec::new();
    while let Some(row) = rows.next()? {
        lives.push(Life::begin(birth(row)?, until));
    }
    let all: u32 = connection
        .prepare_cached("SELECT count(*) FROM tickets")?
        .query_row([], |row| row.get(0))?;
    if lives.len().saturating_mul(SCAN_FROM) > usize::try_from(all).unwrap_or(usize::MAX) {
        tell_all(connection, &mut lives)?;
    } else {
        tell_each(connection, &mut lives)?;
    }
    Ok(lives)
}

/// Reads the whole history in the order it was written.
fn tell_all(connection: &rusqlite::Connection, lives: &mut [Life]) -> Result<(), StoreError> {
    let places: HashMap<u32, usize> = (0..)
        .zip(lives.iter())
        .map(|(place, life)| (life.birth.id.number().get(), place))
        .collect();
    let mut query =
        connection.prepare_cached("SELECT at, kind, by, text, ticket FROM entries ORDER BY id")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let place = places.get(&row.get::<_, u32>(4)?);
        if let Some(life) = place.and_then(|place| lives.get_mut(*place)) {
            tell(life, row)?;
        }
    }
    Ok(())
}

/// Reads the history of each ticket.
fn tell_each(connection: &rusqlite::Connection, lives: &mut [Life]) -> Result<(), StoreError> {
    let mut query = connection
        .prepare_cached("SELECT at, kind, by, text FROM entries WHERE ticket = ?1 ORDER BY id")?;
    for life in lives {
        let mut rows = query.query(params![life.birth.id.number().get()])?;
        while let Some(row) = rows.next()? {
            tell(life, row)?;
        }
    }
    Ok(())
}

/// A row whose first columns are `at`, `kind`, `by` and `text`.
fn tell(life: &mut Life, row: &Row<'_>) -> Result<(), StoreError> {
    let text = |column: usize| {
        let value = row.get_ref(column)?;
        value
            .as_str()
            .map_err(|_| StoreError::Value(format!("an entry of {}", life.birth.id)))
    };
    let at: i64 = row.get(0)?;
    let (kind, by, words) = (text(1)?, text(2)?, text(3)?);
    if let Some(kind) = EntryKind::of(kind) {
        life.tell(moment(at)?, kind, by, words);
    }
    Ok(())
}

fn birth(row: &Row<'_>) -> Result<Birth, StoreError> {
    let number: u32 = get(row, "number")?;
    let priority: String = get(row, "opened_priority")?;
    Ok(Birth {
        id: ticket_id(&format!("{}-{number}", get::<String>(row, "prefix")?))?,
        subject: get(row, "subject")?,
        desk: get(row, "desk")?,
        organisation: get(row, "organisation")?,
        outage: get::<Option<String>>(row, "outage")?
            .as_deref()
            .map(ticket_id)
            .transpose()?,
        requester: get(row, "requester")?,
        requester_name: get(row, "name")?,
        at: moment(get(row, "created_at")?)?,
        category: get(row, "opened_category")?,
        team: get(row, "opened_team")?,
        priority: Priority::parse(&priority)
            .ok_or_else(|| StoreError::Value(format!("the priority {priority}")))?,
    })
}
