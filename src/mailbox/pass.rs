//! One pass over an IMAP folder: what is listed and not yet known is taken, recorded, then tidied.
//!
//! Promises: the cursor moves only over UIDs with a final outcome; a UID the server leaves out of an
//! answer is asked for again on a new connection and given up only after three; a mail that breaks
//! the connection is taken alone and last, so it costs the others nothing; no mail is touched before
//! the ledger said it is recorded. The next batch is fetched while the one before is recorded.
//! Connecting and waiting are left to `watch.rs`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tracing::warn;

use super::imap::{Connection, Size};
use super::memory::Memory;
use super::step::{BATCH, Step, fetch, plan};
use super::{Epoch, Folder, Ledger, LedgerError, MailboxError, News, Outcome, Watch};
use crate::config::settings::After;
use crate::desk::mail::{Fetched, Place, Recorded};

/// UIDs whose sizes are asked for at once: keeps the command under the 8 KiB every server takes.
const WINDOW: usize = 500;
/// UIDs the ledger is asked about at once.
const PAGE: usize = 50_000;
/// Connections on which a UID may be left out before it is given up (reliability.md F05).
const ROUNDS: u32 = 3;

/// How much of the folder is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that was received since the desk began.
    All,
    /// From the cursor on.
    New,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Everything listed has a final outcome.
    Complete,
    /// The server left something out: to be asked for again on a new connection.
    AskAgain,
}

/// One pass, and what it needs.
pub(super) struct Pass<'a, L> {
    pub(super) connection: &'a mut Connection,
    pub(super) watch: &'a Watch<L>,
    pub(super) folder: &'a Folder,
    pub(super) validity: u32,
    pub(super) epoch: &'a mut Epoch,
    pub(super) next_uid: u32,
    /// How to tidy; `None`: not at all on this connection.
    pub(super) after: &'a mut Option<After>,
    pub(super) memory: &'a mut Memory,
    /// Counts mails that got a final outcome.
    pub(super) progress: &'a mut u64,
    /// Listed UIDs without a final outcome.
    pub(super) open: BTreeSet<u32>,
    /// Fetched, not yet recorded.
    pub(super) pending: Vec<Fetched>,
}

impl<L: Ledger> Pass<'_, L> {
    /// Goes over the folder once.
    ///
    /// # Errors
    /// After any error the connection is useless; what was fetched before it is recorded.
    pub(super) async fn run(&mut self, scope: Scope) -> Result<Passed, MailboxError> {
        let passed = self.all(scope).await;
        if passed.is_err() {
            let pending = std::mem::take(&mut self.pending);
            self.note(self.record(pending).await?);
        }
        passed
    }

    async fn all(&mut self, scope: Scope) -> Result<Passed, MailboxError> {
        if scope == Scope::All {
            let left = self
                .watch
                .ledger
                .untidied(self.folder, self.validity)
                .await?;
            self.tidy(left).await?;
        }
        let listed = self.list(scope).await?;
        for page in listed.chunks(PAGE) {
            let missing = self.missing(page).await?;
            self.open.extend(missing);
        }
        if !self.open.is_empty() {
            (self.watch.hint)(News::Coming);
        }
        self.look_for_left_out().await?;
        let todo: Vec<u32> = self.open.iter().copied().collect();
        let (suspects, good): (Vec<u32>, Vec<u32>) =
            todo.into_iter().partition(|uid| self.memory.suspects(*uid));
        for window in good.chunks(WINDOW) {
            self.window(window).await?;
            self.checkpoint(None).await?;
        }
        let mut suspects: Vec<(u32, u32)> = suspects
            .into_iter()
            .map(|uid| (self.memory.failures(uid), uid))
            .collect();
        suspects.sort_unstable(); // least suspected first
        for (_, uid) in suspects {
            self.window(&[uid]).await?;
            self.flush().await?;
        }
        self.flush().await?;
        self.give_up_left_out().await?;
        let end = match scope {
            Scope::All => self.next_uid,
            Scope::New => self.epoch.low_uid,
        };
        let end = listed
            .last()
            .map_or(end, |last| end.max(last.saturating_add(1)));
        self.checkpoint(Some(end)).await?;
        let left = self.open.len() as u64;
        let now = (self.watch.now)();
        self.watch.tell(&self.folder.name, |state| {
            state.last_pass_at = Some(now);
            state.last_error = None;
            if scope == Scope::All {
                state.difference = Some(left);
            }
        });
        Ok(if self.open.is_empty() {
            Passed::Complete
        } else {
            Passed::AskAgain
        })
    }

    async fn list(&mut self, scope: Scope) -> Result<Vec<u32>, MailboxError> {
        let listed = match scope {
            Scope::New => self.connection.list_from(self.epoch.low_uid).await,
            Scope::All => {
                let (since, fresh) = (self.begins_at(), self.fresh());
                self.connection
                    .list_all(Some(since), fresh, self.next_uid)
                    .await
            }
        };
        fail::fail_point!("cp1", |_| crate::crash::now());
        listed
    }

    /// Mail received before is not ours to answer.
    fn begins_at(&self) -> Timestamp {
        self.watch.since.unwrap_or(self.epoch.first_opened_at)
    }

    /// UIDs from here on count whatever their date says. A configured `since` speaks of dates alone.
    fn fresh(&self) -> Option<u32> {
        self.watch.since.is_none().then_some(self.epoch.fresh_uid)
    }

    fn is_older(&self, uid: u32, size: &Size) -> bool {
        let fresh = self.fresh().is_some_and(|fresh| uid >= fresh);
        !fresh && size.received_at.is_some_and(|at| at < self.begins_at())
    }

    async fn missing(&self, uids: &[u32]) -> Result<Vec<u32>, LedgerError> {
        let places = uids.iter().map(|uid| self.place(*uid)).collect();
        let missing = self.watch.ledger.missing(self.folder, places).await?;
        Ok(missing
            .iter()
            .filter_map(|place| match place {
                Place::Uid { uid, .. } => Some(*uid),
                Place::Name(_) => None,
            })
            .collect())
    }

    fn place(&self, uid: u32) -> Place {
        Place::Uid {
            validity: self.validity,
            uid,
        }
    }

    async fn settle(&mut self, outcomes: Vec<(u32, Outcome)>) -> Result<(), LedgerError> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let uids: Vec<u32> = outcomes.iter().map(|(uid, _)| *uid).collect();
        let outcomes = outcomes
            .into_iter()
            .map(|(uid, outcome)| (self.place(uid), outcome))
            .collect();
        self.watch.ledger.settle(self.folder, outcomes).await?;
        *self.progress += uids.len() as u64;
        for uid in uids {
            self.open.remove(&uid);
            self.memory.forget(uid);
        }
        Ok(())
    }

    /// What an earlier connection left out: asks this one whether it is still there.
    async fn look_for_left_out(&mut self) -> Result<(), MailboxError> {
        let uids = self.memory.left_out(1);
        for some in uids.chunks(WINDOW) {
            let there = self.connection.still_there(some).await?;
            let gone = some.iter().filter(|uid| !there.contains(uid));
            let gone = gone.map(|uid| (*uid, Outcome::Gone)).collect();
            self.settle(gone).await?;
        }
        Ok(())
    }

    /// Three connections have left it out. Either it is gone, or somebody has to look.
    async fn give_up_left_out(&mut self) -> Result<(), MailboxError> {
        let uids = self.memory.left_out(ROUNDS);
        for some in uids.chunks(WINDOW) {
            let there = self.connection.still_there(some).await?;
            let outcomes = some.iter().map(|uid| {
                let outcome = if there.contains(uid) {
                    Outcome::Unfetchable(format!(
                        "the server lists it, and left it out of {ROUNDS} answers"
                    ))
                } else {
                    Outcome::Gone
                };
                (*uid, outcome)
            });
            self.settle(outcomes.collect()).await?;
        }
        Ok(())
    }

    async fn window(&mut self, uids: &[u32]) -> Result<(), MailboxError> {
        let sizes = match self.connection.sizes(uids).await {
            Ok(sizes) => sizes,
            Err(error) => {
                self.blame(uids, &error).await?;
                return Err(error);
            }
        };
        for uid in uids.iter().filter(|uid| !sizes.contains_key(uid)) {
            self.memory.leave_out(*uid);
        }
        let (older, ours): (BTreeMap<u32, Size>, BTreeMap<u32, Size>) = sizes
            .into_iter()
            .partition(|(uid, size)| self.is_older(*uid, size));
        let older = older.into_keys().map(|uid| (uid, Outcome::Older)).collect();
        self.settle(older).await?;
        for step in plan(&ours, self.watch.message_size) {
            self.step(&step, &ours).await?;
        }
        Ok(())
    }

    /// Fetches one step while the one before is recorded.
    async fn step(&mut self, step: &Step, sizes: &BTreeMap<u32, Size>) -> Result<(), MailboxError> {
        let pending = std::mem::take(&mut self.pending);
        let record = record(self.watch, pending);
        let take = fetch(self.connection, step, sizes, self.watch.message_size);
        let (recorded, taken) = tokio::join!(record, take);
        let recorded = recorded?;
        self.note(recorded.clone());
        let mut taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                self.blame(&step.uids, &error).await?;
                return Err(error);
            }
        };
        self.tidy(recorded).await?;
        for uid in &step.uids {
            match (taken.remove(uid), sizes.get(uid)) {
                (Some((bytes, cut_from)), Some(size)) => self.pending.push(Fetched {
                    key: self.folder.key(self.place(*uid)),
                    bytes,
                    received_at: size.received_at.unwrap_or_else(|| (self.watch.now)()),
                    cut_from,
                }),
                _ => self.memory.leave_out(*uid),
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), MailboxError> {
        let pending = std::mem::take(&mut self.pending);
        let recorded = self.record(pending).await?;
        self.note(recorded.clone());
        self.tidy(recorded).await
    }

    async fn record(&self, mails: Vec<Fetched>) -> Result<Vec<Recorded>, LedgerError> {
        record(self.watch, mails).await
    }

    /// Takes note of mails that are recorded now.
    fn note(&mut self, recorded: Vec<Recorded>) {
        if recorded.is_empty() {
            return;
        }
        *self.progress += recorded.len() as u64;
        self.memory.had(recorded.len() as u64);
        for mail in recorded {
            if let Place::Uid { uid, .. } = mail.key().place {
                self.open.remove(&uid);
                self.memory.forget(uid);
            }
        }
        let now = (self.watch.now)();
        self.watch
            .tell(&self.folder.name, |state| state.last_mail_at = Some(now));
        (self.watch.hint)(News::Recorded);
    }

    /// The connection broke over these mails.
    async fn blame(&mut self, uids: &[u32], error: &MailboxError) -> Result<(), LedgerError> {
        match self.memory.blame(uids, error) {
            Some((uid, reason)) => {
                let outcome = Outcome::Unfetchable(reason);
                self.settle(vec![(uid, outcome)]).await
            }
            None => Ok(()),
        }
    }

    /// Moves the cursor up to the first UID without a final outcome, after a NOOP has shown that
    /// the connection still answers (reliability.md 0.1).
    async fn checkpoint(&mut self, end: Option<u32>) -> Result<(), MailboxError> {
        let Some(low) = self.open.first().copied().or(end) else {
            return Ok(());
        };
        if low > self.epoch.low_uid {
            self.connection.noop().await?;
            self.watch
                .ledger
                .advance(self.folder, self.validity, low)
                .await?;
            self.epoch.low_uid = low;
        }
        Ok(())
    }

    /// Tidies recorded mails. A refusal is noted and forgiven; they are tried again at the next
    /// reconciliation.
    async fn tidy(&mut self, mails: Vec<Recorded>) -> Result<(), MailboxError> {
        for some in mails.chunks(BATCH) {
            let Some(after) = self.after.clone() else {
                return Ok(());
            };
            match self.tidy_some(some, &after).await {
                Ok(()) => self.watch.ledger.tidied(some.to_vec()).await?,
                Err(error @ MailboxError::Refused { .. }) => {
                    warn!(
                        desk = self.watch.desk,
                        "Recorded mail stays untidied: {error}"
                    );
                    *self.after = None;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn tidy_some(&mut self, mails: &[Recorded], after: &After) -> Result<(), MailboxError> {
        let mut uids: Vec<u32> = mails
            .iter()
            .filter_map(|mail| match mail.key().place {
                Place::Uid { validity, uid } if validity == self.validity => Some(uid),
                _ => None,
            })
            .collect();
        uids.sort_unstable();
        let opened = self.connection.open(&self.folder.name, true).await?;
        if uids.is_empty() || (*after == After::Keyword && !opened.keeps_keyword) {
            return Ok(()); // nothing can be marked here, so nothing is left to do
        }
        self.connection.tidy(&uids, after).await
    }
}

async fn record<L: Ledger>(
    watch: &Watch<L>,
    mails: Vec<Fetched>,
) -> Result<Vec<Recorded>, LedgerError> {
    if mails.is_empty() {
        return Ok(Vec::new());
    }
    watch.ledger.record(mails).await
}
