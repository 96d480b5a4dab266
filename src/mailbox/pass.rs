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

use super::imap::{Connection, SLICE, Size};
use super::{Epoch, Folder, Ledger, LedgerError, MailboxError, Outcome, Watch};
use crate::config::settings::After;
use crate::desk::mail::{Fetched, Place, Recorded};

/// Mails in a batch: from 100 on the round trips no longer count (performance.md 1b).
const BATCH: usize = 200;
/// Bytes in a batch, unless one mail alone is larger.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// UIDs whose sizes are asked for at once: keeps the command under the 8 KiB every server takes.
const WINDOW: usize = 500;
/// UIDs the ledger is asked about at once.
const PAGE: usize = 50_000;
/// Connections on which a UID may be left out before it is given up (reliability.md F05).
const ROUNDS: u32 = 3;
/// Times a mail alone may be refused or arrive garbled before it is given up, others being had.
const REFUSALS: u32 = 3;
/// The same when connections just end, or when no other mail shows that it is not the server:
/// networks and servers fail too.
const LOSSES: u32 = 10;

/// What is remembered of a folder from one connection to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    validity: u32,
    /// How often a UID was left out of an answer, once a connection.
    left_out: BTreeMap<u32, u32>,
    /// UIDs whose fetch failed.
    suspects: BTreeMap<u32, Suspect>,
    /// How many mails were had.
    had: u64,
}

/// A mail whose fetch failed.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    /// How often, when it was asked for alone.
    failures: u32,
    /// How many mails were had when it failed first.
    had: u64,
}

impl Memory {
    /// Forgets everything when the UIDs of the folder mean other mails now.
    pub(super) fn of(&mut self, validity: u32) -> &mut Self {
        if self.validity != validity {
            *self = Self {
                validity,
                ..Self::default()
            };
        }
        self
    }

    fn forget(&mut self, uid: u32) {
        self.left_out.remove(&uid);
        self.suspects.remove(&uid);
    }

    fn failures(&self, uid: u32) -> u32 {
        self.suspects
            .get(&uid)
            .map_or(0, |suspect| suspect.failures)
    }

    /// Whether some mail waits for another try, so that a failed pass is worth repeating.
    pub(super) fn suspects_any(&self) -> bool {
        !self.suspects.is_empty()
    }
}

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

/// Some mails that are fetched in one way.
struct Step {
    uids: Vec<u32>,
    how: How,
    bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Whole,
    Slices,
    Header,
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
        self.look_for_left_out().await?;
        let todo: Vec<u32> = self.open.iter().copied().collect();
        let (suspects, good): (Vec<u32>, Vec<u32>) = todo
            .into_iter()
            .partition(|uid| self.memory.suspects.contains_key(uid));
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
        match scope {
            Scope::New => self.connection.list_from(self.epoch.low_uid).await,
            Scope::All => {
                let (since, fresh) = (self.begins_at(), self.fresh());
                self.connection
                    .list_all(Some(since), fresh, self.next_uid)
                    .await
            }
        }
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
        let uids: Vec<u32> = self.memory.left_out.keys().copied().collect();
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
        let tired = |(uid, rounds): (&u32, &u32)| (*rounds >= ROUNDS).then_some(*uid);
        let uids: Vec<u32> = self.memory.left_out.iter().filter_map(tired).collect();
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

    fn leave_out(&mut self, uid: u32) {
        *self.memory.left_out.entry(uid).or_insert(0) += 1;
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
            self.leave_out(*uid);
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
                _ => self.leave_out(*uid),
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
        self.memory.had += recorded.len() as u64;
        for mail in recorded {
            if let Place::Uid { uid, .. } = mail.key().place {
                self.open.remove(&uid);
                self.memory.forget(uid);
            }
        }
        let now = (self.watch.now)();
        self.watch
            .tell(&self.folder.name, |state| state.last_mail_at = Some(now));
        (self.watch.hint)();
    }

    /// The connection broke over these: from now on they are asked for one at a time, after all
    /// others. One that did it alone several times is given up.
    async fn blame(&mut self, uids: &[u32], error: &MailboxError) -> Result<(), LedgerError> {
        let most = match error {
            MailboxError::Refused { passing: true, .. } => return Ok(()),
            MailboxError::Refused { .. } | MailboxError::Garbled { .. } => REFUSALS,
            _ => LOSSES,
        };
        let had = self.memory.had;
        let first = Suspect { failures: 0, had };
        for uid in uids {
            self.memory.suspects.entry(*uid).or_insert(first);
        }
        let [uid] = uids else {
            return Ok(());
        };
        let suspect = self.memory.suspects.entry(*uid).or_insert(first);
        suspect.failures += 1;
        let failures = suspect.failures;
        let others_are_had = had > suspect.had;
        if failures >= LOSSES || (failures >= most && others_are_had) {
            let reason = format!("asked for alone {failures} times, and each time: {error}");
            let outcome = Outcome::Unfetchable(reason);
            self.settle(vec![(*uid, outcome)]).await?;
        }
        Ok(())
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

/// Sorts mails into steps, smallest UID first: oldest mail first.
fn plan(sizes: &BTreeMap<u32, Size>, message_size: u64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (uid, size) in sizes {
        let bytes = u64::from(size.bytes);
        let how = if bytes > message_size {
            How::Header
        } else if bytes > u64::from(SLICE) {
            How::Slices
        } else {
            How::Whole
        };
        match steps.last_mut() {
            Some(step)
                if how == How::Whole
                    && step.how == How::Whole
                    && step.uids.len() < BATCH
                    && step.bytes + bytes <= BATCH_BYTES =>
            {
                step.uids.push(*uid);
                step.bytes += bytes;
            }
            _ => steps.push(Step {
                uids: vec![*uid],
                how,
                bytes,
            }),
        }
    }
    steps
}

/// Bytes by UID, and the full size where only the header was taken.
type Taken = BTreeMap<u32, (Vec<u8>, Option<u64>)>;

async fn fetch(
    connection: &mut Connection,
    step: &Step,
    sizes: &BTreeMap<u32, Size>,
    message_size: u64,
) -> Result<Taken, MailboxError> {
    let mut taken = Taken::new();
    match (step.how, step.uids.as_slice()) {
        (How::Slices, [uid]) => match connection.sliced(*uid, message_size).await? {
            // The server said it was smaller.
            Some(bytes) if bytes.len() as u64 > message_size => {
                if let Some(header) = connection.header(*uid).await? {
                    taken.insert(*uid, (header, Some(bytes.len() as u64)));
                }
            }
            Some(bytes) => drop(taken.insert(*uid, (bytes, None))),
            None => {}
        },
        (How::Header, [uid]) => {
            if let Some(header) = connection.header(*uid).await? {
                let full = sizes.get(uid).map(|size| u64::from(size.bytes));
                taken.insert(*uid, (header, full));
            }
        }
        (_, uids) => {
            let bodies = connection.bodies(uids).await?;
            // An empty answer for a mail that has a size is no answer.
            taken.extend(
                bodies
                    .into_iter()
                    .filter(|(uid, bytes)| {
                        !bytes.is_empty() || sizes.get(uid).is_some_and(|size| size.bytes == 0)
                    })
                    .map(|(uid, bytes)| (uid, (bytes, None))),
            );
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bytes: &[u32]) -> BTreeMap<u32, Size> {
        let size = |bytes| Size {
            bytes,
            received_at: None,
        };
        (1..).zip(bytes.iter().copied().map(size)).collect()
    }

    #[test]
    fn batches_are_bounded_by_count_and_by_bytes_and_keep_the_order() {
        let steps = plan(&sizes(&[1000; 450]), u64::MAX);
        let counts: Vec<usize> = steps.iter().map(|step| step.uids.len()).collect();
        assert_eq!(counts, [200, 200, 50]);
        let steps = plan(&sizes(&[1024 * 1024; 20]), u64::MAX);
        assert!(steps.iter().all(|step| step.bytes <= BATCH_BYTES));
        let order: Vec<u32> = steps.into_iter().flat_map(|step| step.uids).collect();
        assert_eq!(order, (1..=20).collect::<Vec<u32>>());
    }

    #[test]
    fn a_big_mail_is_sliced_and_a_bigger_one_is_cut() {
        let steps = plan(
            &sizes(&[10, SLICE + 1, 5 * SLICE, 10]),
            u64::from(4 * SLICE),
        );
        let hows: Vec<How> = steps.iter().map(|step| step.how).collect();
        assert!(hows == [How::Whole, How::Slices, How::Header, How::Whole]);
    }
}
