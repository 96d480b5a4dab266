//! Mails: their bytes, where they were found, what became of them.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::rows::{from_json, get, micros, moment, place, place_columns, to_json, unbroken};
use super::{Reader, StoreError, Tx};
use crate::desk::event::Filing;
use crate::desk::mail::{Fetched, InboundMail, MailKey, Recorded};

/// The number of a mail in the store.
pub type MailRow = i64;

/// A mail that waits to be decided, or may be tried once more: it needs its bytes.
pub(super) const NEEDS_BYTES: &str =
    "(state IN ('received', 'quarantined') OR outcome = 'set-aside')";

/// A mail that was taken to be read and decided: its attempt is counted. Its bytes are still to be fetched, which needs no
/// transaction: the writing thread is the one others wait for.
#[derive(Debug)]
pub struct Taken {
    id: MailRow,
    desk: String,
    attempt: u32,
    cut_from: Option<u64>,
    reason: String,
}

impl Taken {
    /// Its number.
    pub fn id(&self) -> MailRow {
        self.id
    }

    /// Which attempt this is, 1 for the first.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// A mail that waits to be read and decided. The attempt is counted already.
#[derive(Debug)]
pub struct Waiting {
    /// Its number.
    pub id: MailRow,
    /// The desk whose mailbox it came in at.
    pub desk: String,
    /// Which attempt this is, 1 for the first.
    pub attempt: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The full size when only the header was taken.
    pub cut_from: Option<u64>,
    /// Why the last try failed; empty at the first.
    pub reason: String,
}

/// A mail as `why` and `quarantine` show it.
#[derive(Clone, Debug)]
pub struct MailView {
    /// Its number.
    pub id: MailRow,
    /// `desk/folder`.
    pub mailbox: String,
    /// As read.
    pub message_id: Option<String>,
    /// As read.
    pub sender: Option<String>,
    /// As read.
    pub subject: Option<String>,
    /// When the server got it.
    pub received_at: Timestamp,
    /// `received`, `decided`, `quarantined` or `dropped`.
    pub state: String,
    /// Why the last try failed.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What became of it; `None` while it waits.
    pub outcome: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// The number of its ticket.
    pub ticket: Option<u32>,
}

/// Fetched mails with the hash by which equal bytes are stored once. Made outside of a transaction: hashing in it was a
/// sixteenth of what the writing thread does.
pub struct Hashed(Vec<(Fetched, [u8; 32])>);

impl Hashed {
    /// Hashes the bytes of `mails`.
    pub fn of(mails: Vec<Fetched>) -> Self {
        let hash = |mail: Fetched| {
            let sha256 = Sha256::digest(&mail.bytes).into();
            (mail, sha256)
        };
        Self(mails.into_iter().map(hash).collect())
    }
}

impl Tx<'_> {
    /// Records the bytes of mails. One that was recorded before changes nothing (I2).
    pub fn record_mails(
        &self,
        mails: &Hashed,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mails = mails.0.iter();
        let recorded = mails
            .map(|(mail, sha256)| self.record_mail(mail, sha256, now))
            .collect();
        fail::fail_point!("cp6", |_| crate::crash::now());
        recorded
    }

    fn record_mail(
        &self,
        mail: &Fetched,
        sha256: &[u8; 32],
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let (validity, uid, name) = place_columns(&mail.key.place);
        let key = params![mail.key.desk, mail.key.folder, validity, uid, name];
        let known = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM mails WHERE desk = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4 AND name = ?5",
            )?
            .exists(key)?;
        if !known {
            fail::fail_point!("cp4", |_| crate::crash::now());
            let raw = self.record_bytes(&mail.bytes, sha256)?;
            fail::fail_point!("cp5", |_| crate::crash::now());
            self.connection
                .prepare_cached(
                    "INSERT INTO mails (desk, folder, validity, uid, name, raw, cut_from, received_at, recorded_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    mail.key.desk,
                    mail.key.folder,
                    validity,
                    uid,
                    name,
                    raw,
                    mail.cut_from.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
                    micros(mail.received_at),
                    micros(now),
                ])?;
        }
        Ok(Recorded {
            key: mail.key.clone(),
        })
    }

    fn record_bytes(&self, bytes: &[u8], sha256: &[u8; 32]) -> Result<i64, StoreError> {
        let known = self
            .connection
            .prepare_cached("SELECT id FROM raw WHERE sha256 = ?1")?
            .query_row(params![sha256.as_slice()], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        self.connection
            .prepare_cached("INSERT INTO raw (sha256, bytes) VALUES (?1, ?2)")?
            .execute(params![sha256.as_slice(), bytes])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Recorded mails of a folder's epoch that are not tidied, oldest first, at most a thousand.
    pub fn untidied(
        &self,
        desk: &str,
        folder: &str,
        validity: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT validity, uid, name FROM mails
              WHERE desk = ?1 AND folder = ?2 AND validity = ?3 AND tidied = 0
              ORDER BY id LIMIT 1000",
        )?;
        let places = query.query_map(params![desk, folder, validity], |row| {
            Ok(place(row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let key = |place| MailKey {
            desk: desk.to_owned(),
            folder: folder.to_owned(),
            place,
        };
        Ok(places
            .map(|place| place.map(|place| Recorded { key: key(place) }))
            .collect::<Result<_, _>>()?)
    }

    /// Notes that these mails are tidied.
    pub fn tidied(&self, mails: &[Recorded]) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE mails SET tidied = 1 WHERE desk = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4 AND name = ?5",
        )?;
        for Recorded { key } in mails {
            let (validity, uid, name) = place_columns(&key.place);
            update.execute(params![key.desk, key.folder, validity, uid, name])?;
        }
        Ok(())
    }

    /// Takes the oldest waiting mails with a number above `after` and counts the attempt. At most
    /// `count` mails and about `bytes` bytes. A mail that failed before comes alone, so that it can
    /// only cost its own tries.
    pub fn take_waiting(
        &self,
        after: MailRow,
        count: usize,
        bytes: u64,
    ) -> Result<Vec<Taken>, StoreError> {
        self.take(after, count, bytes, false)
    }

    /// The same ahead of time, while those taken before are not done with: nothing where the next mail was tried before, or
    /// one that brings guichet down would cost its neighbour's tries too.
    pub fn take_fresh(
        &self,
        after: MailRow,
        count: usize,
        bytes: u64,
    ) -> Result<Vec<Taken>, StoreError> {
        self.take(after, count, bytes, true)
    }

    fn take(
        &self,
        after: MailRow,
        count: usize,
        bytes: u64,
        fresh_only: bool,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT mails.id, desk, attempts, cut_from, reason, length(raw.bytes)
               FROM mails JOIN raw ON raw.id = mails.raw
              WHERE state = 'received' AND mails.id > ?1
              ORDER BY mails.id",
        )?;
        let mut rows = query.query(params![after])?;
        let mut taken: Vec<Taken> = Vec::new();
        let mut size = 0;
        while let Some(row) = rows.next()? {
            let mail = taken_mail(row)?;
            size += u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0);
            let alone = mail.attempt > 1;
            if (fresh_only || !taken.is_empty()) && alone || !taken.is_empty() && size > bytes {
                break;
            }
            taken.push(mail);
            if alone || taken.len() >= count {
                break;
            }
        }
        let mut update = self
            .connection
            .prepare_cached("UPDATE mails SET attempts = attempts + 1 WHERE id = ?1")?;
        for mail in &taken {
            update.execute(params![mail.id])?;
        }
        Ok(taken)
    }

    /// Taken mails with their bytes, those recorded in this transaction too.
    pub fn fetch(&self, taken: Vec<Taken>) -> Result<Vec<Waiting>, StoreError> {
        with_bytes(&self.connection, taken)
    }

    /// The number of the mail recorded last.
    pub fn last_mail(&self) -> Result<MailRow, StoreError> {
        Ok(self
            .connection
            .query_row("SELECT max(id) FROM mails", [], |row| row.get(0))?)
    }

    /// Takes back the counted attempt of a mail that was not tried after all.
    pub fn untake(&self, id: MailRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE mails SET attempts = max(attempts - 1, 0) WHERE id = ?1")?
            .execute(params![id])?;
        Ok(())
    }

    /// Notes why the last try of a mail failed. It waits for the next one.
    pub fn mail_failed(&self, id: MailRow, reason: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE mails SET reason = ?2 WHERE id = ?1")?
            .execute(params![id, reason])?;
        Ok(())
    }

    /// Writes what a mail says about itself, so that later ones can be compared with it.
    pub fn describe_mail(&self, id: MailRow, mail: &InboundMail) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE mails SET message_id = ?2, sender = ?3, subject = ?4, fingerprint = ?5 WHERE id = ?1",
            )?
            .execute(params![
                id,
                mail.message_id.as_ref().map(|id| id.as_str()),
                mail.from.as_ref().map(|from| unbroken(&from.address)),
                mail.subject.as_ref().map(|subject| unbroken(subject)),
                mail.fingerprint,
            ])?;
        Ok(())
    }

    /// Writes what became of a mail. After this it is never tried again by itself.
    pub fn file_mail(&self, id: MailRow, filing: &Filing) -> Result<(), StoreError> {
        let state = match filing.outcome {
            crate::desk::event::Outcome::Quarantined => "quarantined",
            _ => "decided",
        };
        self.connection
            .prepare_cached("UPDATE mails SET state = ?2, outcome = ?3, reasons = ?4, ticket = ?5 WHERE id = ?1")?
            .execute(params![
                id,
                state,
                filing.outcome.word(),
                to_json(&filing.reasons)?,
                filing.ticket.as_ref().map(|ticket| ticket.number().get()),
            ])?;
        Ok(())
    }

    /// Lets a mail that was set aside or quarantined be tried anew. `false` when there is no such mail.
    pub fn retry_mail(&self, id: MailRow) -> Result<bool, StoreError> {
        let changed = self.connection.execute(
            "UPDATE mails SET state = 'received', attempts = 0, reason = '', outcome = NULL
              WHERE id = ?1 AND (state = 'quarantined' OR outcome = 'set-aside')",
            params![id],
        )?;
        Ok(changed > 0)
    }

    /// Takes a mail off the list of what is set aside. Its bytes are kept. `false` when there is no such mail.
    pub fn drop_mail(&self, id: MailRow) -> Result<bool, StoreError> {
        let changed = self.connection.execute(
            "UPDATE mails SET state = 'dropped', outcome = coalesce(outcome, 'quarantined') || ', dropped'
              WHERE id = ?1 AND (state = 'quarantined' OR outcome = 'set-aside')",
            params![id],
        )?;
        Ok(changed > 0)
    }
}

fn taken_mail(row: &Row<'_>) -> Result<Taken, StoreError> {
    Ok(Taken {
        id: row.get(0)?,
        desk: row.get(1)?,
        attempt: row.get::<_, u32>(2)?.saturating_add(1),
        cut_from: row
            .get::<_, Option<i64>>(3)?
            .and_then(|size| u64::try_from(size).ok()),
        reason: row.get(4)?,
    })
}

fn with_bytes(connection: &Connection, taken: Vec<Taken>) -> Result<Vec<Waiting>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT raw.bytes FROM mails JOIN raw ON raw.id = mails.raw WHERE mails.id = ?1",
    )?;
    let mut waiting = |taken: Taken| {
        Ok(Waiting {
            bytes: query.query_row(params![taken.id], |row| row.get(0))?,
            id: taken.id,
            desk: taken.desk,
            attempt: taken.attempt,
            cut_from: taken.cut_from,
            reason: taken.reason,
        })
    };
    taken.into_iter().map(&mut waiting).collect()
}

const VIEW: &str =
    "SELECT id, desk, folder, message_id, sender, subject, received_at, state, reason, attempts,
                           outcome, reasons, ticket
                      FROM mails";

impl Reader {
    /// What is set aside or in quarantine, oldest first.
    pub fn quarantine(&self) -> Result<Vec<MailView>, StoreError> {
        self.mails("WHERE (state = 'quarantined' OR outcome = 'set-aside') AND state <> 'dropped' ORDER BY id", &[])
    }

    /// The mail with this number.
    pub fn mail(&self, id: MailRow) -> Result<Option<MailView>, StoreError> {
        Ok(self.mails("WHERE id = ?1", &[&id])?.pop())
    }

    /// The mails with this Message-ID, oldest first.
    pub fn mails_called(&self, message_id: &str) -> Result<Vec<MailView>, StoreError> {
        self.mails("WHERE message_id = ?1 ORDER BY id", &[&message_id])
    }

    /// Taken mails with their bytes.
    pub fn fetch(&self, taken: Vec<Taken>) -> Result<Vec<Waiting>, StoreError> {
        with_bytes(&self.connection, taken)
    }

    /// The unchanged bytes of a mail.
    pub fn mail_bytes(&self, id: MailRow) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.connection.query_row(
            "SELECT raw.bytes FROM mails JOIN raw ON raw.id = mails.raw WHERE mails.id = ?1",
            params![id],
            |row| row.get(0),
        );
        Ok(found.optional()?)
    }

    /// How many mails wait to be decided, and how many are set aside or in quarantine.
    pub fn mail_counts(&self) -> Result<(u32, u32), StoreError> {
        let count = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, u32>(0))
        };
        Ok((
            count("SELECT count(*) FROM mails WHERE state = 'received'")?,
            count(
                "SELECT count(*) FROM mails WHERE (state = 'quarantined' OR outcome = 'set-aside') AND state <> 'dropped'",
            )?,
        ))
    }

    fn mails(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<MailView>, StoreError> {
        let mut query = self.connection.prepare(&format!("{VIEW} {which}"))?;
        let mut rows = query.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(MailView {
                id: get(row, "id")?,
                mailbox: format!(
                    "{}/{}",
                    get::<String>(row, "desk")?,
                    get::<String>(row, "folder")?
                ),
                message_id: get(row, "message_id")?,
                sender: get(row, "sender")?,
                subject: get(row, "subject")?,
                received_at: moment(get(row, "received_at")?)?,
                state: get(row, "state")?,
                reason: get(row, "reason")?,
                attempts: get(row, "attempts")?,
                outcome: get(row, "outcome")?,
                reasons: from_json(&get::<String>(row, "reasons")?)?,
                ticket: get(row, "ticket")?,
            });
        }
        Ok(found)
    }
}
