//! What orders need to know beside their ticket: other tickets, the last act, the last words of somebody outside.

use std::num::NonZeroU32;

use rusqlite::{OptionalExtension, Row, params};

use super::rows::{get, message_id, moment};
use super::{StoreError, Tx};
use crate::desk::command::Needs;
use crate::desk::event::{AnsweredLetter, LastWords, Snapshot};
use crate::desk::ids::{Address, MessageId};
use crate::desk::rules::Rules;

/// How many of a ticket's mails are looked at for one that no technician wrote.
const MAILS_MAX: i64 = 50;

impl Tx<'_> {
    /// Brings what orders about `ticket` need. `answered`: the letter of ours their mail answers.
    pub(super) fn bring(
        &self,
        rules: &Rules,
        ticket: NonZeroU32,
        needs: &Needs,
        answered: Option<&AnsweredLetter>,
        seen: &mut Snapshot,
    ) -> Result<(), StoreError> {
        let answered = answered.map(|letter| &letter.message_id);
        for number in &needs.tickets {
            self.add_candidate(*number, seen)?;
        }
        if needs.links {
            let links = seen.tickets.get(&ticket).map(|ticket| ticket.links.clone());
            for link in links.unwrap_or_default() {
                self.add_candidate(link.number(), seen)?;
            }
        }
        if needs.likes {
            let named = needs.tickets.iter().copied();
            for number in named.chain([ticket]).collect::<Vec<_>>() {
                self.add_likes(rules, number, seen)?;
            }
        }
        if let Some(by) = &needs.undo_of {
            seen.to_undo = self.act_to_undo(ticket, by, answered)?;
            let concerned = seen.to_undo.as_ref().map(|past| past.act.concerned());
            for id in concerned.unwrap_or_default() {
                self.add_candidate(id.number(), seen)?;
            }
        }
        if needs.first_words {
            let numbers: Vec<NonZeroU32> = seen.tickets.keys().copied().collect();
            for number in numbers {
                if let Some(words) = self.first_words(rules, number)? {
                    seen.first_words.insert(number, words);
                }
            }
        }
        if needs.recipe || needs.undo_of.is_some() {
            for number in seen.tickets.keys() {
                if let Some(fix) = self.fix(*number)? {
                    seen.fixes.insert(*number, fix);
                }
            }
            seen.fix_titles = self.titles_beside(ticket)?;
        }
        if needs.last_words
            && let Some(words) = self.last_words(rules, ticket, answered)?
        {
            seen.last_words.insert(ticket, words);
        }
        Ok(())
    }

    /// The mail that opened a ticket, unless a technician wrote it.
    fn first_words(
        &self,
        rules: &Rules,
        ticket: NonZeroU32,
    ) -> Result<Option<LastWords>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, at, by, text, message_id, NULL AS subject,
                    (SELECT name FROM tickets WHERE number = ?1 AND requester = entries.by) AS name
               FROM entries WHERE ticket = ?1 AND kind = 'mail' ORDER BY entries.id LIMIT 1",
        )?;
        let mut rows = query.query(params![ticket.get()])?;
        match rows.next()? {
            Some(row) => words(rules, row, true),
            None => Ok(None),
        }
    }

    /// The last mail about a ticket that no technician wrote; the last before the letter `answered`, when that is one about it.
    fn last_words(
        &self,
        rules: &Rules,
        ticket: NonZeroU32,
        answered: Option<&MessageId>,
    ) -> Result<Option<LastWords>, StoreError> {
        let before: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM entries WHERE ticket = ?1 AND kind = 'letter' AND message_id = ?2",
            )?
            .query_row(
                params![ticket.get(), answered.map(MessageId::as_str)],
                |row| row.get(0),
            )
            .optional()?;
        let first: Option<i64> = self
            .connection
            .prepare_cached("SELECT min(id) FROM entries WHERE ticket = ?1 AND kind = 'mail'")?
            .query_row(params![ticket.get()], |row| row.get(0))?;
        let mut query = self.connection.prepare_cached(
            "SELECT id, at, by, text, message_id,
                    (SELECT subject FROM mails WHERE mails.message_id = entries.message_id ORDER BY id LIMIT 1) AS subject,
                    (SELECT name FROM tickets WHERE number = ?1 AND requester = entries.by) AS name
               FROM entries WHERE ticket = ?1 AND kind = 'mail' AND id < ?2 ORDER BY entries.id DESC LIMIT ?3",
        )?;
        let mut rows = query.query(params![ticket.get(), before.unwrap_or(i64::MAX), MAILS_MAX])?;
        while let Some(row) = rows.next()? {
            let is_first = first == Some(get(row, "id")?);
            if let Some(words) = words(rules, row, is_first)? {
                return Ok(Some(words));
            }
        }
        Ok(None)
    }
}

/// What a row of `entries` says, unless a technician wrote it.
fn words(rules: &Rules, row: &Row<'_>, is_first: bool) -> Result<Option<LastWords>, StoreError> {
    let Ok(by) = get::<String>(row, "by")?.parse::<Address>() else {
        return Ok(None);
    };
    if rules.people.technician(&by).is_some() {
        return Ok(None);
    }
    Ok(Some(LastWords {
        by,
        name: get(row, "name")?,
        at: moment(get(row, "at")?)?,
        text: get(row, "text")?,
        subject: get::<Option<String>>(row, "subject")?.unwrap_or_default(),
        message_id: get::<Option<String>>(row, "message_id")?
            .as_deref()
            .map(message_id)
            .transpose()?,
        is_first,
    }))
}
