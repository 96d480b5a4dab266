//! Letters: queued with the change that caused them, claimed, carried, settled.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::bundles;
use super::rows::{address, get, message_id, micros, moment, moment_of, ticket_id, to_json};
use super::{Reader, StoreError, Tx};
use crate::desk::act::{Act, SentLetter};
use crate::desk::event::{CarriedLetter, Settlement};
use crate::desk::ids::{Address, TicketId};
use crate::desk::letter::{Due, Letter, LetterId, LetterState};
use crate::desk::notice::{FIRST, Hold, Notice, NoticeKind};
use crate::desk::ticket::Entry;

/// Which letters can still be stopped: they wait for a person or for their turn, so that no server has them yet. What a
/// technician wrote, to the requester or to a firm, goes out: commands are taken back, words are not.
const CAN_BE_STOPPED: &str = "state IN ('held', 'queued') AND notice NOT IN ('update', 'handoff')";

/// A letter as `outbox` shows it.
#[derive(Clone, Debug)]
pub struct LetterView {
    /// Its number.
    pub id: LetterId,
    /// Its ticket; none for a digest.
    pub ticket: Option<TicketId>,
    /// What it is, `acknowledgement`.
    pub notice: String,
    /// Its recipient.
    pub to: String,
    /// Its Message-ID.
    pub message_id: String,
    /// `queued`, `held`, `sending`, `sent`, `unknown`, `failed` or `cancelled`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it is held, or the server's last words.
    pub reason: String,
    /// When it was written.
    pub created_at: Timestamp,
}

impl LetterView {
    /// The ticket as people write it, `-` for a letter that is about none.
    pub fn about(&self) -> String {
        self.ticket
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string)
    }
}

/// What is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkLeft {
    /// Mails wait to be decided.
    pub mails: bool,
    /// Letters are due or under way.
    pub letters_now: bool,
}

/// Puts letters that were under way before the final dot back into the queue, to be tried at `?1`. That it is not sent is
/// said for the index.
pub(super) const TAKE_BACK: &str =
    "UPDATE outbox SET state = 'queued', phase = '', next_attempt_at = ?1
  WHERE state <> 'sent' AND state = 'sending' AND phase = 'connect'";
/// The letters under way.
pub(super) const UNDER_WAY: &str =
    "SELECT id FROM outbox WHERE state <> 'sent' AND state = 'sending' ORDER BY id";

impl Tx<'_> {
    /// Whether the letter this notice asks for exists already: one for each (ticket, kind, recipient, cause), for ever.
    pub fn is_written(&self, notice: &Notice) -> Result<bool, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT 1 FROM outbox WHERE ticket = ?1 AND notice = ?2 AND recipient = ?3 AND cause = ?4")?;
        let number = notice.ticket.id.number().get();
        Ok(query.exists(params![
            number,
            notice.kind.word(),
            notice.to.address.as_str(),
            notice.cause
        ])?)
    }

    /// The number of the letter that was written last; 0 before the first.
    pub fn last_letter(&self) -> Result<i64, StoreError> {
        self.counted("letter")
    }

    /// What a counter stands at.
    fn counted(&self, name: &str) -> Result<i64, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT value FROM counters WHERE name = ?1")?;
        Ok(query.query_row([name], |row| row.get(0))?)
    }

    /// Moves a counter on and gives what it stands at then. In two statements: for `RETURNING` SQLite makes a table.
    fn next(&self, name: &str) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached("UPDATE counters SET value = value + 1 WHERE name = ?1")?
            .execute([name])?;
        self.counted(name)
    }

    /// The number of the next letter, used up at once.
    pub fn next_letter(&self) -> Result<LetterId, StoreError> {
        self.next("letter").map(LetterId)
    }

    /// Puts a rendered letter into the outbox.
    pub fn queue_letter(
        &self,
        id: LetterId,
        notice: &Notice,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let counts = notice.is_counted();
        let budget = Budget::of(counts && notice.hold.is_none(), &letter.to, self)?;
        let state = if notice.hold.is_some() {
            LetterState::Held
        } else {
            LetterState::Queued
        };
        let due = notice.hold.is_none().then(|| micros(now));
        self.connection
            .prepare_cached(
                "INSERT INTO outbox (id, ticket, desk, notice, recipient, cause, envelope_from, message_id, state,
                                     next_attempt_at, reason, budget, budget_domain, budget_count, created_at, bundle)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                id.0,
                notice.ticket.id.number().get(),
                notice.ticket.desk,
                notice.kind.word(),
                letter.to.as_str(),
                notice.cause,
                letter.envelope_from.as_str(),
                letter.message_id.as_str(),
                state.word(),
                due,
                notice.hold.as_ref().map(Hold::reason).unwrap_or_default(),
                budget.as_ref().map(|budget| budget.address.as_str()),
                budget.as_ref().map(|budget| budget.address.domain()),
                budget.as_ref().map(|budget| budget.count),
                micros(now),
                bundles::state_of(notice),
            ])?;
        self.connection
            .prepare_cached("INSERT INTO contents (letter, bytes) VALUES (?1, ?2)")?
            .execute(params![id.0, letter.bytes])?;
        Ok(())
    }

    /// Takes letters whose moment has come, oldest first, and counts the attempt: from now on they are under way.
    pub fn claim_due(
        &self,
        desk: &str,
        count: usize,
        now: Timestamp,
    ) -> Result<Vec<Due>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, desk, envelope_from, recipient, message_id, attempts + 1 AS attempt, created_at,
                    (SELECT bytes FROM contents WHERE letter = outbox.id) AS bytes
               FROM outbox
              WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ?1 AND desk = ?2
              ORDER BY next_attempt_at, id LIMIT ?3",
        )?;
        let mut rows = query.query(params![
            micros(now),
            desk,
            i64::try_from(count).unwrap_or(i64::MAX)
        ])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            due.push(Due {
                id: LetterId(get(row, "id")?),
                desk: get(row, "desk")?,
                letter: Letter {
                    message_id: message_id(&get::<String>(row, "message_id")?)?,
                    to: address(&get::<String>(row, "recipient")?)?,
                    envelope_from: address(&get::<String>(row, "envelope_from")?)?,
                    bytes: get(row, "bytes")?,
                },
                attempt: get(row, "attempt")?,
                queued_at: moment(get(row, "created_at")?)?,
            });
        }
        let mut claim = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'sending', phase = 'connect', attempts = attempts + 1, next_attempt_at = NULL
              WHERE id = ?1",
        )?;
        for letter in &due {
            claim.execute(params![letter.id.0])?;
        }
        due.sort_by_key(|due| due.id);
        Ok(due)
    }

    /// Notes that the final dot is about to go out: from here on the server may have the letter.
    pub fn before_dot(&self, id: LetterId) -> Result<(), StoreError> {
        let changed = self
            .connection
            .prepare_cached("UPDATE outbox SET phase = 'dot' WHERE id = ?1 AND state = 'sending'")?
            .execute(params![id.0])?;
        if changed == 1 {
            Ok(())
        } else {
            Err(StoreError::Value(format!("letter {id} is not being sent")))
        }
    }

    /// What the desk is told about a letter that was carried.
    pub fn carried_letter(&self, id: LetterId) -> Result<Option<CarriedLetter>, StoreError> {
        self.letter_where("outbox.id = ?1", &[&id.0])
    }

    /// The same, by the letter's Message-ID.
    pub fn letter_called(&self, message_id: &str) -> Result<Option<CarriedLetter>, StoreError> {
        self.letter_where("outbox.message_id = ?1", &[&message_id])
    }

    /// The bytes of the letter with this number.
    pub fn bytes_of_letter(&self, id: LetterId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT bytes FROM contents WHERE letter = ?1")?
            .query_row(params![id.0], |row| row.get(0))
            .optional()?)
    }

    fn letter_where(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Option<CarriedLetter>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT outbox.id, prefix, ticket, notice, recipient, message_id, attempts, outbox.created_at
               FROM outbox LEFT JOIN tickets ON tickets.number = outbox.ticket
              WHERE {which}"
        ))?;
        query
            .query_row(values, |row| Ok(carried(row)))
            .optional()?
            .transpose()
    }

    /// Writes down what became of a letter. One that was cancelled while it was under way stays so.
    pub fn settle_letter(
        &self,
        id: LetterId,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, next, reason) = match settlement {
            Settlement::Sent(reply) => (LetterState::Sent, None, reply),
            Settlement::RetryAt(at, reply) => (LetterState::Queued, Some(micros(*at)), reply),
            Settlement::Failed(reply) => (LetterState::Failed, None, reply),
            Settlement::Unknown(at, reply) => (LetterState::Unknown, at.map(micros), reply),
        };
        self.connection
            .prepare_cached(
                "UPDATE outbox SET state = ?2, phase = '', next_attempt_at = ?3, reason = ?4, settled_at = ?5
                  WHERE id = ?1 AND state <> 'cancelled'",
            )?
            .execute(params![id.0, state.word(), next, reason, micros(now)])?;
        Ok(())
    }

    /// A delivery report says that a letter did not arrive.
    pub fn letter_undelivered(&self, id: LetterId, said: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET state = 'failed', reason = ?2, next_attempt_at = NULL WHERE id = ?1 AND state <> 'cancelled'",
            )?
            .execute(params![id.0, said])?;
        let to: String = self
            .connection
            .prepare_cached("SELECT recipient FROM outbox WHERE id = ?1")?
            .query_row(params![id.0], |row| row.get(0))?;
        self.mark_undelivered(&to, said)
    }

    /// Letters that were under way when the program ended. Those before the dot go back into the queue, where the
    /// server certainly has nothing; the others are given, because nobody knows.
    pub fn recover_letters(&self, now: Timestamp) -> Result<Vec<LetterId>, StoreError> {
        self.connection.execute(TAKE_BACK, params![micros(now)])?;
        let mut query = self.connection.prepare(UNDER_WAY)?;
        Ok(query
            .query_map([], |row| row.get(0).map(LetterId))?
            .collect::<Result<_, _>>()?)
    }

    /// What is left to do for these desks. Letters of a desk that left the configuration have nobody to carry them.
    pub fn work_left(&self, desks: &[String], now: Timestamp) -> Result<WorkLeft, StoreError> {
        let mails = self
            .connection
            .prepare_cached("SELECT 1 FROM mails WHERE state = 'received'")?
            .exists([])?;
        let letters_now = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM outbox
                  WHERE state <> 'sent' AND (state = 'sending' OR next_attempt_at <= ?1)
                    AND desk IN (SELECT value FROM json_each(?2))",
            )?
            .exists(params![micros(now), to_json(&desks)?])?;
        Ok(WorkLeft { mails, letters_now })
    }

    /// Sees to it that a held, failed or uncertain letter is never sent, and notes it in its ticket's history. `false` when there
    /// is no such letter.
    pub fn drop_letter(&self, id: LetterId, now: Timestamp) -> Result<bool, StoreError> {
        let dropped: Option<(String, String, Option<String>)> = self
            .connection
            .query_row(
                "UPDATE outbox SET state = 'cancelled', next_attempt_at = NULL, settled_at = ?2, reason = 'dropped by hand',
                        bundle = nullif(bundle, 'waiting')
                  WHERE id = ?1 AND state IN ('held', 'failed', 'unknown')
                 RETURNING notice, recipient, (SELECT prefix || '-' || number FROM tickets WHERE number = ticket)",
                params![id.0, micros(now)],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((notice, recipient, ticket)) = dropped else {
            return Ok(false);
        };
        if let Some(ticket) = ticket {
            let text = format!("{notice} to {recipient} was dropped and is not sent");
            let entry = Entry::delivery(now, "shell", text);
            self.append_entry(&ticket_id(&ticket)?, &entry)?;
        }
        Ok(true)
    }

    /// The number of a letter that an act wrote about `ticket`. An acknowledgement is told by its moment, as the cause of
    /// all is the same.
    pub(super) fn letter_of_act(
        &self,
        act: &Act,
        ticket: &TicketId,
        letter: &SentLetter,
    ) -> Result<Option<LetterId>, StoreError> {
        let is_first = letter.kind == NoticeKind::Acknowledgement.word();
        let (cause, at) = match is_first {
            true => (FIRST, Some(micros(act.at))),
            false => (act.cause.as_str(), None),
        };
        let mut query = self.connection.prepare_cached(
            "SELECT id FROM outbox
              WHERE ticket = ?1 AND notice = ?2 AND recipient = ?3 AND cause = ?4 AND created_at = coalesce(?5, created_at)",
        )?;
        let number = ticket.number().get();
        let to = letter.to.as_str();
        Ok(query
            .query_row(params![number, letter.kind, to, cause, at], |row| {
                row.get(0).map(LetterId)
            })
            .optional()?)
    }

    /// Sees to it that a letter is never sent, as long as it can be stopped. No address, ticket or domain has it in its
    /// budget any more; the budget of all, which is a difference of two counters, still has. Whoever was not acknowledged may be later.
    pub(super) fn stop(&self, id: LetterId, now: Timestamp) -> Result<(), StoreError> {
        let stopped = self
            .connection
            .prepare_cached(&format!(
                "UPDATE outbox SET state = 'cancelled', next_attempt_at = NULL, settled_at = ?2, reason = 'taken back',
                        budget = NULL, budget_domain = NULL, budget_count = NULL, bundle = NULL,
                        cause = iif(cause = '{FIRST}', 'taken back ' || id, cause)
                  WHERE id = ?1 AND {CAN_BE_STOPPED}
                 RETURNING id, (SELECT prefix FROM tickets WHERE number = ticket) AS prefix, ticket, notice, recipient,
                           message_id, attempts, created_at"
            ))?
            .query_row(params![id.0, micros(now)], |row| Ok(carried(row)))
            .optional()?;
        let Some(letter) = stopped.transpose()? else {
            return Ok(());
        };
        let Some(ticket) = &letter.ticket else {
            return Ok(());
        };
        if letter.kind == NoticeKind::Closed {
            self.not_asked(ticket, letter.queued_at)?;
        }
        // What nobody has seen is not referred to.
        self.forget_id(&letter.to, &letter.message_id)?;
        let (notice, recipient) = (letter.kind.word(), &letter.to);
        let text = format!("{notice} to {recipient} was taken back and is not sent");
        self.append_entry(ticket, &Entry::delivery(now, "guichet", text))
    }

    /// Whether a letter to the outside of an act that is taken back has gone out, perhaps, or goes out all the same. One that failed or was
    /// dropped reached nobody.
    pub(super) fn stays(&self, id: LetterId) -> Result<bool, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT 1 FROM outbox
              WHERE id = ?1 AND notice <> 'new-ticket'
                AND (state IN ('sending', 'sent', 'unknown') OR (state = 'queued' AND notice IN ('update', 'handoff')))",
        )?;
        Ok(query.exists(params![id.0])?)
    }

    /// Lets a held, failed or uncertain letter go out now. `false` when there is no such letter, or its bytes were erased.
    pub fn release_letter(&self, id: LetterId, now: Timestamp) -> Result<bool, StoreError> {
        let found: Option<(bool, String)> = self
            .connection
            .query_row(
                "SELECT state = 'held' AND bundle IS NULL, recipient FROM outbox
                  WHERE id = ?1 AND state IN ('held', 'failed', 'unknown') AND id IN (SELECT letter FROM contents)",
                params![id.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((counts, recipient)) = found else {
            return Ok(false);
        };
        self.connection.execute(
            "UPDATE outbox SET state = 'queued', next_attempt_at = ?2, created_at = ?2, attempts = 0, reason = '',
                    bundle = CASE bundle WHEN 'waiting' THEN 'single' ELSE bundle END
              WHERE id = ?1",
            params![id.0, micros(now)],
        )?;
        // Held letters to people outside begin to count now.
        if let Some(budget) = Budget::of(counts, &address(&recipient)?, self)? {
            self.connection.execute(
                "UPDATE outbox SET budget = ?2, budget_domain = ?3, budget_count = ?4 WHERE id = ?1",
                params![id.0, budget.address.as_str(), budget.address.domain(), budget.count],
            )?;
        }
        Ok(true)
    }
}

/// What a letter that counts against the budgets is counted by.
struct Budget {
    /// The recipient without variations.
    address: Address,
    /// How many letters had a budget by then.
    count: i64,
}

impl Budget {
    fn of(counts: bool, to: &Address, tx: &Tx<'_>) -> Result<Option<Budget>, StoreError> {
        if !counts {
            return Ok(None);
        }
        Ok(Some(Budget {
            address: to.canonical(),
            count: tx.next("budget")?,
        }))
    }
}

fn carried(row: &Row<'_>) -> Result<CarriedLetter, StoreError> {
    let kind: String = get(row, "notice")?;
    Ok(CarriedLetter {
        id: LetterId(get(row, "id")?),
        message_id: message_id(&get::<String>(row, "message_id")?)?,
        ticket: ticket(row)?,
        kind: NoticeKind::of(&kind)
            .ok_or_else(|| StoreError::Value(format!("the notice {kind}")))?,
        to: address(&get::<String>(row, "recipient")?)?,
        attempts: get(row, "attempts")?,
        queued_at: moment(get(row, "created_at")?)?,
    })
}

/// The ticket a letter is about.
fn ticket(row: &Row<'_>) -> Result<Option<TicketId>, StoreError> {
    let number: Option<u32> = get(row, "ticket")?;
    number
        .map(|number| ticket_id(&format!("{}-{number}", get::<String>(row, "prefix")?)))
        .transpose()
}

impl Reader {
    /// Letters, oldest first: those not sent, or `all`.
    pub fn letters(&self, all: bool) -> Result<Vec<LetterView>, StoreError> {
        let unsent = "state <> 'sent' AND state <> 'cancelled'";
        self.letters_where(if all { "1" } else { unsent }, &[])
    }

    /// The letters a mail caused, oldest first.
    pub fn letters_of_ticket(&self, number: u32) -> Result<Vec<LetterView>, StoreError> {
        self.letters_where("ticket = ?1", &[&number])
    }

    /// The letter with this Message-ID.
    pub fn letter_called(&self, message_id: &str) -> Result<Option<LetterView>, StoreError> {
        Ok(self.letters_where("message_id = ?1", &[&message_id])?.pop())
    }

    /// The bytes of a letter.
    pub fn letter_bytes(&self, id: LetterId) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.connection.query_row(
            "SELECT bytes FROM contents WHERE letter = ?1",
            params![id.0],
            |row| row.get(0),
        );
        Ok(found.optional()?)
    }

    fn letters_where(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<LetterView>, StoreError> {
        let mut query = self.connection.prepare(&format!(
            "SELECT outbox.id, prefix, ticket, notice, recipient, message_id, state, attempts, next_attempt_at, reason,
                    outbox.created_at
               FROM outbox LEFT JOIN tickets ON tickets.number = outbox.ticket
              WHERE {which} ORDER BY outbox.id"
        ))?;
        let mut rows = query.query(values)?;
        let mut letters = Vec::new();
        while let Some(row) = rows.next()? {
            letters.push(LetterView {
                id: LetterId(get(row, "id")?),
                ticket: ticket(row)?,
                notice: get(row, "notice")?,
                to: get(row, "recipient")?,
                message_id: get(row, "message_id")?,
                state: get(row, "state")?,
                attempts: get(row, "attempts")?,
                next_attempt_at: moment_of(get(row, "next_attempt_at")?)?,
                reason: get(row, "reason")?,
                created_at: moment(get(row, "created_at")?)?,
            });
        }
        Ok(letters)
    }
}
