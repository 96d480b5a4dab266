//! What commands did, kept so that it can be taken back.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::rows::{from_json, get, micros, moment, ticket_id, to_json};
use super::{StoreError, Tx, tickets};
use crate::desk::act::{Act, ActId, PastAct, SentLetter};
use crate::desk::ids::MessageId;
use crate::desk::letter::LetterId;

/// A letter of an act, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    letter: SentLetter,
    /// Its number in the outbox. Acts of before this was kept do not say it.
    #[serde(default)]
    id: Option<i64>,
}

impl Tx<'_> {
    /// Keeps what commands did. Its letters must be written already.
    pub fn record_act(&self, act: &Act) -> Result<(), StoreError> {
        let mut letters = Vec::new();
        for letter in &act.letters {
            let ticket = letter.ticket.as_ref().unwrap_or(&act.ticket);
            // One that was there before is none of this act.
            if let Some(id) = self.letter_of_act(act, ticket, letter)? {
                letters.push(Kept {
                    letter: letter.clone(),
                    id: Some(id.0),
                });
            }
        }
        self.connection
            .prepare_cached(
                "INSERT INTO acts (ticket, by, at, cause, lines, moves, opened, letters)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                act.ticket.number().get(),
                act.by,
                micros(act.at),
                act.cause,
                to_json(&act.lines)?,
                to_json(&act.moves)?,
                act.opened.as_ref().map(ToString::to_string),
                to_json(&letters)?,
            ])?;
        Ok(())
    }

    /// Marks an act as taken back, with those letters of it that can still be stopped. It must not be already.
    pub fn mark_undone(&self, id: ActId, now: Timestamp) -> Result<(), StoreError> {
        let marked = self
            .connection
            .prepare_cached("UPDATE acts SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL")?
            .execute(params![id.0, micros(now)])?;
        let act = self
            .connection
            .prepare_cached("SELECT * FROM acts WHERE id = ?1")?
            .query_row([id.0], |row| Ok(self.read_act(row)))
            .optional()?;
        if let Some((act, letters)) = act.transpose()? {
            for (letter, _) in self.letters_of(&act, &letters)? {
                self.stop(letter, now)?;
            }
        }
        match marked {
            1 => Ok(()),
            _ => Err(StoreError::Value(format!(
                "taking back the act {} once more",
                id.0
            ))),
        }
    }

    /// The act a mail takes back: the one whose receipt, or the draft it made, is the letter `answered`, else the last of `by`
    /// about `ticket` and those merged into it that still stands and changed something.
    pub fn act_to_undo(
        &self,
        ticket: NonZeroU32,
        by: &str,
        answered: Option<&MessageId>,
    ) -> Result<Option<PastAct>, StoreError> {
        if let Some(letter) = answered {
            let act = self
                .connection
                .prepare_cached(
                    "SELECT acts.* FROM outbox JOIN acts ON acts.cause = outbox.cause
                      WHERE outbox.message_id = ?1 AND outbox.notice IN ('receipt', 'recipe') AND acts.by = ?2",
                )?
                .query_row(params![letter.as_str(), by], |row| Ok(self.past_act(row)))
                .optional()?;
            if act.is_some() {
                return act.transpose();
            }
            // Of whom it was about nothing is left, and something else is not meant.
            let mut erased = self.connection.prepare_cached(
                "SELECT 1 FROM outbox
                  WHERE message_id = ?1 AND notice IN ('receipt', 'recipe') AND cause LIKE 'erased %'",
            )?;
            if erased.exists(params![letter.as_str()])? {
                return Ok(None);
            }
        }
        let mut last = self.connection.prepare_cached(
            "SELECT * FROM acts WHERE ticket = ?1 AND by = ?2 AND undone_at IS NULL AND (moves <> '[]' OR opened IS NOT NULL)
              ORDER BY id DESC LIMIT 1",
        )?;
        let mut newest: Option<PastAct> = None;
        for member in self.family(ticket)? {
            let row = last
                .query_row(params![member.get(), by], |row| Ok(self.past_act(row)))
                .optional()?;
            if let Some(act) = row.transpose()?
                && newest.as_ref().is_none_or(|newest| newest.id.0 < act.id.0)
            {
                newest = Some(act);
            }
        }
        Ok(newest)
    }

    /// The ticket and those that were merged into it, by whatever detour.
    pub fn family(&self, ticket: NonZeroU32) -> Result<Vec<NonZeroU32>, StoreError> {
        tickets::family(&self.connection, ticket, tickets::FAMILY_MAX)
    }

    fn past_act(&self, row: &Row<'_>) -> Result<PastAct, StoreError> {
        let (act, letters) = self.read_act(row)?;
        // Those that have not gone out are taken back as well, but for a person's own words.
        let mut stays = Vec::new();
        for (id, letter) in self.letters_of(&act, &letters)? {
            if self.stays(id)? {
                stays.push(letter);
            }
        }
        Ok(PastAct {
            id: ActId(get(row, "id")?),
            act,
            stays,
            is_undone: get::<Option<i64>>(row, "undone_at")?.is_some(),
        })
    }

    fn read_act(&self, row: &Row<'_>) -> Result<(Act, Vec<Kept>), StoreError> {
        let number: u32 = get(row, "ticket")?;
        let known = NonZeroU32::new(number)
            .map(|number| self.ticket(number))
            .transpose()?
            .flatten();
        let ticket = known.ok_or_else(|| StoreError::Value(format!("the ticket {number}")))?;
        let letters: Vec<Kept> = from_json(&get::<String>(row, "letters")?)?;
        let act = Act {
            ticket: ticket.id,
            by: get(row, "by")?,
            at: moment(get(row, "at")?)?,
            cause: get(row, "cause")?,
            lines: from_json(&get::<String>(row, "lines")?)?,
            moves: from_json(&get::<String>(row, "moves")?)?,
            opened: get::<Option<String>>(row, "opened")?
                .as_deref()
                .map(ticket_id)
                .transpose()?,
            letters: letters.iter().map(|kept| kept.letter.clone()).collect(),
        };
        Ok((act, letters))
    }

    /// The letters of an act with their numbers in the outbox.
    fn letters_of(
        &self,
        act: &Act,
        letters: &[Kept],
    ) -> Result<Vec<(LetterId, SentLetter)>, StoreError> {
        let mut found = Vec::new();
        for kept in letters {
            if let Some(id) = kept.id {
                found.push((LetterId(id), kept.letter.clone()));
                continue;
            }
            // Kept before numbers were: they are about the tickets that the act is about.
            for ticket in act.concerned() {
                if let Some(id) = self.letter_of_act(act, &ticket, &kept.letter)? {
                    let letter = SentLetter {
                        ticket: Some(ticket),
                        ..kept.letter.clone()
                    };
                    found.push((id, letter));
                }
            }
        }
        Ok(found)
    }
}
