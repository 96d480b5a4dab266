//! Recipes made from tickets, offers, and what came of them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{from_json, get, micros, moment_of, ticket_id, to_json};
use super::{Reader, StoreError, Tx};
use crate::desk::ids::{Language, TicketId};
use crate::desk::recipe::fix::{Fix, State};
use crate::desk::recipe::score::Score;
use crate::desk::recipe::{Offered, Outcome, Recipe};

impl Tx<'_> {
    /// Which state of the approved recipes is in force.
    pub fn recipes_revision(&self) -> Result<i64, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT value FROM counters WHERE name = 'recipes'")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    /// The approved recipes.
    pub fn approved_recipes(&self) -> Result<Vec<Recipe>, StoreError> {
        let fixes = fixes(&self.connection)?;
        Ok(fixes.iter().filter_map(Fix::recipe).collect())
    }

    /// The recipe made from a ticket, if one was.
    pub fn fix(&self, ticket: NonZeroU32) -> Result<Option<Fix>, StoreError> {
        fix_of(&self.connection, ticket)
    }

    /// The titles of recipes made from other tickets that are drafts or in force.
    pub fn titles_beside(&self, ticket: NonZeroU32) -> Result<Vec<String>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT title FROM recipes WHERE ticket <> ?1 AND state <> 'dropped'",
        )?;
        let titles = query.query_map(params![ticket.get()], |row| row.get(0))?;
        Ok(titles.collect::<Result<_, _>>()?)
    }

    /// Keeps a recipe as it is now.
    pub fn keep_fix(&self, fix: &Fix, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO recipes (ticket, state, title, language, category, words, text, solution,
                                                 organisation, desk, everybody, reviewed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                fix.ticket.number().get(),
                fix.state.word(),
                fix.title,
                fix.language.code(),
                fix.category,
                to_json(&fix.words)?,
                fix.text,
                fix.solution,
                fix.organisation,
                fix.desk,
                fix.everybody,
                fix.reviewed_at.map(micros),
            ])?;
        self.mark_recipes_changed(now)
    }

    /// Recipes are another number from now on, one that was never there before, not even within a transaction that was undone:
    /// shelves are known by it.
    pub(super) fn mark_recipes_changed(&self, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE counters SET value = max(value + 1, ?1) WHERE name = 'recipes'",
            )?
            .execute(params![micros(now)])?;
        Ok(())
    }

    /// Notes that a recipe was offered with a ticket; once for each ticket.
    pub fn offer(
        &self,
        id: &TicketId,
        offered: &Offered,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO offers (ticket, recipe, title, offered_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (ticket) DO NOTHING",
            )?
            .execute(params![id.number().get(), offered.recipe, offered.title, micros(now)])?;
        Ok(())
    }

    /// Notes what came of an offer; a later outcome replaces it.
    pub fn offer_answered(
        &self,
        id: &TicketId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE offers SET outcome = ?2, answered_at = ?3 WHERE ticket = ?1")?
            .execute(params![id.number().get(), outcome.word(), micros(now)])?;
        Ok(())
    }

    /// What was offered with a ticket.
    pub fn offered(&self, ticket: NonZeroU32) -> Result<Option<Offered>, StoreError> {
        let row = self
            .connection
            .prepare_cached("SELECT recipe, title, outcome FROM offers WHERE ticket = ?1")?
            .query_row(params![ticket.get()], |row| {
                let outcome: Option<String> = row.get(2)?;
                Ok(Offered {
                    recipe: row.get(0)?,
                    title: row.get(1)?,
                    outcome: outcome.as_deref().and_then(Outcome::of),
                })
            })
            .optional()?;
        Ok(row)
    }
}

impl Reader {
    /// Every recipe made from a ticket, dropped ones included, by ticket.
    pub fn fixes(&self) -> Result<Vec<Fix>, StoreError> {
        fixes(&self.connection)
    }

    /// How each recipe did that was ever offered before `until`, by name.
    pub fn scores(&self, until: Timestamp) -> Result<BTreeMap<String, Score>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT recipe, count(*) AS offered, max(offered_at) AS last,
                    count(*) FILTER (WHERE outcome = 'helped' AND answered_at < ?1) AS helped,
                    count(*) FILTER (WHERE outcome = 'failed' AND answered_at < ?1) AS failed
               FROM offers WHERE offered_at < ?1 GROUP BY recipe",
        )?;
        let mut rows = query.query(params![micros(until)])?;
        let mut scores = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let score = Score {
                offered: get(row, "offered")?,
                helped: get(row, "helped")?,
                failed: get(row, "failed")?,
                last_offered_at: moment_of(get(row, "last")?)?,
            };
            scores.insert(get(row, "recipe")?, score);
        }
        Ok(scores)
    }
}

/// All recipes with the ids of their tickets. `CROSS JOIN` keeps the order: beginning with the tickets, all of them would be read.
pub(super) const FIXES: &str = "SELECT recipes.*, prefix || '-' || number AS id FROM recipes CROSS JOIN tickets ON number = ticket
  ORDER BY ticket";

fn fixes(connection: &Connection) -> Result<Vec<Fix>, StoreError> {
    let mut query = connection.prepare_cached(FIXES)?;
    let mut rows = query.query([])?;
    let mut fixes = Vec::new();
    while let Some(row) = rows.next()? {
        fixes.push(fix(row)?);
    }
    Ok(fixes)
}

fn fix_of(connection: &Connection, ticket: NonZeroU32) -> Result<Option<Fix>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT recipes.*, prefix || '-' || number AS id FROM recipes JOIN tickets ON number = ticket WHERE ticket = ?1",
    )?;
    let mut rows = query.query(params![ticket.get()])?;
    rows.next()?.map(fix).transpose()
}

fn fix(row: &Row<'_>) -> Result<Fix, StoreError> {
    let (state, language): (String, String) = (get(row, "state")?, get(row, "language")?);
    let unknown = |what: &str| StoreError::Value(format!("a recipe's {what}"));
    Ok(Fix {
        ticket: ticket_id(&get::<String>(row, "id")?)?,
        state: State::of(&state).ok_or_else(|| unknown("state"))?,
        title: get(row, "title")?,
        language: Language::of(&language).ok_or_else(|| unknown("language"))?,
        category: get(row, "category")?,
        words: from_json(&get::<String>(row, "words")?)?,
        text: get(row, "text")?,
        solution: get(row, "solution")?,
        organisation: get(row, "organisation")?,
        desk: get(row, "desk")?,
        everybody: get(row, "everybody")?,
        reviewed_at: moment_of(get(row, "reviewed_at")?)?,
    })
}
