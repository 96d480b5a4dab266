//! One IMAP connection with a folder open: list, take, tidy.
//!
//! Promises: mail is named by UID only, and each answer is matched by its UID, never by its order;
//! reading changes nothing on the server (EXAMINE, BODY.PEEK); big mails come in slices; plain
//! EXPUNGE is never sent. After any error the connection is thrown away by whoever holds it.
//! Which mail is wanted and when it may be tidied is left to `pass.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};
use jiff::Timestamp;

use super::checked::{Checked, Idled};
use super::login::{Capabilities, login};
use super::syntax::{day_before, quoted, received_at, set};
use super::{MailboxError, Patience};
use crate::config::settings::{After, ImapSettings};

/// The keyword that marks a mail as taken.
pub const KEYWORD: &str = "$Guichet";

/// Largest piece of a mail asked for at once: bounds what one answer holds in memory, since
/// async-imap buffers a whole answer (reliability.md 0.3).
pub const SLICE: u32 = 1024 * 1024;

/// UIDs in one listing. The parser starts over whenever a line is longer than what was read so
/// far, so a line with a million UIDs would cost minutes.
const LISTING: u32 = 50_000;

/// A connection with or without a folder open.
#[derive(Debug)]
pub struct Connection {
    checked: Checked,
    capabilities: Capabilities,
    open: Option<Opened>,
}

/// An open folder.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The folder as configured.
    pub folder: String,
    /// Its UIDVALIDITY.
    pub validity: u32,
    /// Whether flags may be changed in it.
    pub writable: bool,
    /// Whether the server keeps our keyword.
    pub keeps_keyword: bool,
}

/// What is asked about a mail before its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// RFC822.SIZE in bytes; some servers only estimate it.
    pub bytes: u32,
    /// INTERNALDATE; `None` when the server's date cannot be read.
    pub received_at: Option<Timestamp>,
}

/// Connects and logs in. `at_login` is called right before the login is sent.
///
/// # Errors
/// Those of connecting, of TLS and of the login; see `MailboxError`.
pub async fn connect(
    settings: &ImapSettings,
    password: &str,
    patience: &Patience,
    at_login: impl FnOnce(),
) -> Result<Connection, MailboxError> {
    let (checked, capabilities) = login(settings, password, patience, at_login).await?;
    Ok(Connection {
        checked,
        capabilities,
        open: None,
    })
}

impl Connection {
    /// Opens `folder`, read-only unless `writable`. Opening it again as it is does nothing.
    ///
    /// # Errors
    /// `EpochChanged` when the folder was open on this connection and has another UIDVALIDITY now.
    pub async fn open(&mut self, folder: &str, writable: bool) -> Result<Opened, MailboxError> {
        let same = |open: &&Opened| open.folder == folder && (open.writable || !writable);
        if let Some(open) = self.open.as_ref().filter(same) {
            return Ok(open.clone());
        }
        let name = if writable { "SELECT" } else { "EXAMINE" };
        let before = self.open.take().filter(|open| open.folder == folder);
        let mut opened = Opened {
            folder: folder.to_owned(),
            validity: 0,
            writable,
            keeps_keyword: true, // a server that lists no PERMANENTFLAGS keeps all (RFC 9051 6.3.2)
        };
        self.checked
            .run(name, &format!("{name} {}", quoted(folder)), |answer| {
                if let Response::Data { outcome, .. } | Response::Done { outcome, .. } = answer {
                    match &outcome.code {
                        Some(ResponseCode::UidValidity(validity)) => opened.validity = *validity,
                        Some(ResponseCode::PermanentFlags(flags)) => {
                            opened.keeps_keyword = flags
                                .iter()
                                .any(|flag| flag == "\\*" || flag.eq_ignore_ascii_case(KEYWORD));
                        }
                        Some(ResponseCode::ReadOnly) => opened.writable = false,
                        _ => {}
                    }
                }
            })
            .await?;
        if before.is_some_and(|before| before.validity != opened.validity) {
            return Err(MailboxError::EpochChanged);
        }
        self.open = Some(opened.clone());
        Ok(opened)
    }

    /// One more than the greatest UID in the folder. UIDNEXT is not asked: servers send it too
    /// high, too low or not at all (reliability.md F06, F08).
    ///
    /// # Errors
    /// Those of a command.
    pub async fn next_uid(&mut self) -> Result<u32, MailboxError> {
        if self.checked.exists() == 0 {
            return Ok(1);
        }
        let found = self.search("UID *").await?;
        Ok(found
            .last()
            .map_or(1, |greatest| greatest.saturating_add(1)))
    }

    /// The UIDs from `low` on, ascending.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn list_from(&mut self, low: u32) -> Result<Vec<u32>, MailboxError> {
        let mut found = self.search(&format!("UID {low}:*")).await?;
        // `n:*` names the last mail even when its UID is smaller (RFC 9051 6.4.9).
        found.retain(|uid| *uid >= low);
        Ok(found)
    }

    /// All UIDs received at `since` or later, or from `fresh` on, ascending. The day before
    /// `since` is included: SEARCH SINCE compares days and disregards the time zone.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn list_all(
        &mut self,
        since: Option<Timestamp>,
        fresh: Option<u32>,
        next_uid: u32,
    ) -> Result<Vec<u32>, MailboxError> {
        let day = since.and_then(day_before);
        let wanted = match (day, fresh) {
            (None, _) => "ALL".to_owned(),
            (Some(day), None) => format!("SINCE {day}"),
            (Some(day), Some(fresh)) => format!("OR SINCE {day} UID {fresh}:*"),
        };
        if self.checked.exists() <= LISTING {
            return self.search(&wanted).await;
        }
        // By windows of UIDs that widen where few mails are: gaps may be huge (F06).
        let mut found = Vec::new();
        let (mut from, mut width) = (1_u32, LISTING);
        while let Some(to) = from
            .checked_add(width)
            .map(|end| end - 1)
            .filter(|to| *to < next_uid)
        {
            let before = found.len();
            found.extend(
                self.search(&format!("UID {from}:{to} {wanted}"))
                    .await?
                    .into_iter()
                    .filter(|uid| (from..=to).contains(uid)),
            );
            let got = found.len() - before;
            if got < LISTING as usize / 4 {
                width = width.saturating_mul(2);
            } else if got > LISTING as usize {
                width = LISTING;
            }
            from = to + 1;
        }
        let last = self.search(&format!("UID {from}:* {wanted}")).await?;
        found.extend(last.into_iter().filter(|uid| *uid >= from));
        Ok(found)
    }

    /// Which of `uids` are in the folder. What the tagged OK does not come with is gone.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn still_there(&mut self, uids: &[u32]) -> Result<Vec<u32>, MailboxError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.search(&format!("UID {}", set(uids))).await?;
        Ok(found.into_iter().filter(|uid| uids.contains(uid)).collect())
    }

    async fn search(&mut self, wanted: &str) -> Result<Vec<u32>, MailboxError> {
        self.checked.take_news();
        let mut found = Vec::new();
        self.checked
            .run("UID SEARCH", &format!("UID SEARCH {wanted}"), |answer| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = answer {
                    found.extend(uids.iter().copied().filter(|uid| *uid > 0));
                }
            })
            .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Sizes and dates of `uids`. A UID the server left out is not in the result.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Size>, MailboxError> {
        let mut sizes: BTreeMap<u32, Size> = BTreeMap::new();
        let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids));
        self.fetch("UID FETCH of sizes", &command, uids, |uid, attributes| {
            let bytes = attributes.iter().find_map(|attribute| match attribute {
                AttributeValue::Rfc822Size(bytes) => Some(*bytes),
                _ => None,
            });
            let received_at = attributes.iter().find_map(|attribute| match attribute {
                AttributeValue::InternalDate(date) => received_at(date),
                _ => None,
            });
            // Lines nobody asked for carry flags only (RFC 9051 7.5.2).
            if let Some(bytes) = bytes {
                sizes.insert(uid, Size { bytes, received_at });
            }
        })
        .await?;
        fail::fail_point!("cp2", |_| crate::crash::now());
        Ok(sizes)
    }

    /// The bytes of `uids`, which should be small. A UID the server left out is not in the result.
    ///
    /// # Errors
    /// Those of a command; nothing of what came before the error may be used.
    pub async fn bodies(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, MailboxError> {
        let command = format!("UID FETCH {} (UID BODY.PEEK[])", set(uids));
        self.sections("UID FETCH of mails", &command, uids).await
    }

    /// The bytes of one mail slice by slice, at most `most`; `None` when the server left it out.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn sliced(&mut self, uid: u32, most: u64) -> Result<Option<Vec<u8>>, MailboxError> {
        let mut bytes = Vec::new();
        // RFC822.SIZE may be an estimate, so a short slice is the end and not the size.
        while (bytes.len() as u64) <= most {
            let from = bytes.len();
            let command = format!("UID FETCH {uid} (UID BODY.PEEK[]<{from}.{SLICE}>)");
            let mut got = self
                .sections("UID FETCH of a slice", &command, &[uid])
                .await?;
            match got.remove(&uid) {
                None => return Ok(None), // all of it is asked for again
                Some(slice) => {
                    // A longer one is the whole: the server does not know slices.
                    let last = slice.len() != SLICE as usize;
                    fail::fail_point!("cp3", |_| crate::crash::now());
                    bytes.extend(slice);
                    if last {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
        Ok(Some(bytes))
    }

    /// The header of one mail, its first MiB at most; `None` when the server left it out.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn header(&mut self, uid: u32) -> Result<Option<Vec<u8>>, MailboxError> {
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{SLICE}>)");
        let mut got = self
            .sections("UID FETCH of a header", &command, &[uid])
            .await?;
        Ok(got.remove(&uid))
    }

    async fn sections(
        &mut self,
        name: &'static str,
        command: &str,
        uids: &[u32],
    ) -> Result<BTreeMap<u32, Vec<u8>>, MailboxError> {
        let mut found = BTreeMap::new();
        self.fetch(name, command, uids, |uid, attributes| {
            for attribute in attributes {
                if let AttributeValue::BodySection {
                    data: Some(data), ..
                } = attribute
                {
                    found.entry(uid).or_insert_with(|| data.to_vec());
                }
            }
        })
        .await?;
        Ok(found)
    }

    /// Runs a FETCH and hands over each line that has a UID we asked for. Shuffled, doubled and
    /// foreign lines are legal and happen (reliability.md F10).
    async fn fetch(
        &mut self,
        name: &'static str,
        command: &str,
        uids: &[u32],
        mut take: impl FnMut(u32, &[AttributeValue<'_>]),
    ) -> Result<(), MailboxError> {
        let ended = self
            .checked
            .run(name, command, |answer| {
                let Response::Fetch(_, attributes) = answer else {
                    return;
                };
                let uid = attributes.iter().find_map(|attribute| match attribute {
                    AttributeValue::Uid(uid) => Some(*uid),
                    _ => None,
                });
                if let Some(uid) = uid.filter(|uid| uids.binary_search(uid).is_ok()) {
                    take(uid, attributes);
                }
            })
            .await;
        match ended {
            // RFC 5530: all went well, but for mails that were removed meanwhile. What is missing
            // in the answer is treated as left out.
            Err(MailboxError::Refused { text, .. }) if text.contains("[EXPUNGEISSUED]") => Ok(()),
            ended => ended,
        }
    }

    /// Does to recorded mails what the configuration asks for. The folder must be open for writing.
    ///
    /// # Errors
    /// `Refused` leaves the connection usable; with any other it is gone.
    pub async fn tidy(&mut self, uids: &[u32], after: &After) -> Result<(), MailboxError> {
        let uids = set(uids);
        match after {
            After::Keyword => self.store(&uids, KEYWORD).await,
            After::Seen => self.store(&uids, "\\Seen").await,
            After::Move(target) => self.move_to(&uids, target).await,
        }
    }

    async fn store(&mut self, uids: &str, flag: &str) -> Result<(), MailboxError> {
        let command = format!("UID STORE {uids} +FLAGS.SILENT ({flag})");
        self.checked.run("UID STORE", &command, |_| {}).await
    }

    async fn move_to(&mut self, uids: &str, target: &str) -> Result<(), MailboxError> {
        let target = quoted(target);
        let moves = self.capabilities.contains("MOVE");
        let name = if moves { "UID MOVE" } else { "UID COPY" };
        let command = format!("{name} {uids} {target}");
        match self.checked.run(name, &command, |_| {}).await {
            Err(MailboxError::Refused { passing: false, .. }) => {
                // Perhaps the folder is missing. Servers tell so in many ways, and if it exists
                // already CREATE is refused without harm.
                let create = format!("CREATE {target}");
                self.checked.run("CREATE", &create, |_| {}).await?;
                self.checked.run(name, &command, |_| {}).await?;
            }
            other => other?,
        }
        if moves {
            return Ok(());
        }
        fail::fail_point!("cp11", |_| crate::crash::now());
        self.store(uids, "\\Deleted").await?;
        // Without UIDPLUS the mail stays, marked as deleted: EXPUNGE would take away what others
        // have marked (RFC 4315 2.1).
        if self.capabilities.contains("UIDPLUS") {
            let command = format!("UID EXPUNGE {uids}");
            self.checked.run("UID EXPUNGE", &command, |_| {}).await?;
        }
        Ok(())
    }

    /// Whether the server offers IDLE.
    pub fn offers_idle(&self) -> bool {
        self.capabilities.contains("IDLE")
    }

    /// Waits in IDLE for news, at most `most`.
    ///
    /// # Errors
    /// Those of `Checked::idle`.
    pub async fn idle(&mut self, most: Duration) -> Result<Idled, MailboxError> {
        self.checked.idle(most).await
    }

    /// Asks whether the connection is well.
    ///
    /// # Errors
    /// Those of a command.
    pub async fn noop(&mut self) -> Result<(), MailboxError> {
        self.checked.run("NOOP", "NOOP", |_| {}).await
    }
}
