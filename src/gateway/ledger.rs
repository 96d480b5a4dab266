//! What the mailboxes remember, kept in the store.

use std::path::Path;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::desk::mail::{Fetched, Place, Recorded};
use crate::mailbox::{Epoch, Folder, Ledger, LedgerError, Outcome};
use crate::store::{Hashed, Miss, Store, StoreError};

/// Below this the intake pauses, so that what is in hand can still be finished: mail waits in its
/// mailbox, where it is safe (`reliability.md` I18).
const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// The store as a ledger of mailboxes.
#[derive(Clone)]
pub struct StoreLedger {
    store: Store,
    clock: Clock,
}

impl StoreLedger {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

impl Ledger for StoreLedger {
    async fn open(
        &self,
        folder: &Folder,
        validity: u32,
        next_uid: u32,
        from_start: bool,
        now: Timestamp,
    ) -> Result<Epoch, LedgerError> {
        let folder = folder.clone();
        let work = move |tx: &crate::store::Tx<'_>| {
            tx.open_source(
                &folder.desk,
                &folder.name,
                validity,
                next_uid,
                from_start,
                now,
            )
        };
        let epoch = self.store.write(work).await.map_err(refused)?;
        Ok(Epoch {
            low_uid: epoch.low_uid,
            fresh_uid: epoch.fresh_uid,
            first_opened_at: epoch.first_opened_at,
            is_new: epoch.is_new,
        })
    }

    async fn missing(
        &self,
        folder: &Folder,
        places: Vec<Place>,
    ) -> Result<Vec<Place>, LedgerError> {
        let folder = folder.clone();
        self.store
            .write(move |tx| tx.missing(&folder.desk, &folder.name, places))
            .await
            .map_err(refused)
    }

    async fn record(&self, mails: Vec<Fetched>) -> Result<Vec<Recorded>, LedgerError> {
        let free = free_bytes(self.store.path());
        let wanted = mails
            .iter()
            .map(|mail| mail.bytes.len() as u64)
            .sum::<u64>()
            .saturating_mul(3);
        if free.is_some_and(|free| free < FREE_BYTES_MIN.saturating_add(wanted)) {
            let free = free.unwrap_or(0) >> 20;
            return Err(LedgerError(format!(
                "only {free} MiB are free on the disk of the database; make room"
            )));
        }
        let now = self.clock.now();
        let mails = Hashed::of(mails);
        let recorded = self
            .store
            .write(move |tx| tx.record_mails(&mails, now))
            .await
            .map_err(refused)?;
        fail::fail_point!("cp7", |_| crate::crash::now());
        Ok(recorded)
    }

    async fn settle(
        &self,
        folder: &Folder,
        outcomes: Vec<(Place, Outcome)>,
    ) -> Result<(), LedgerError> {
        let folder = folder.clone();
        let outcomes: Vec<_> = outcomes
            .into_iter()
            .map(|(place, outcome)| miss(place, outcome))
            .collect();
        let now = self.clock.now();
        let work = move |tx: &crate::store::Tx<'_>| {
            tx.settle_misses(&folder.desk, &folder.name, &outcomes, now)
        };
        self.store.write(work).await.map_err(refused)
    }

    async fn advance(
        &self,
        folder: &Folder,
        validity: u32,
        low_uid: u32,
    ) -> Result<(), LedgerError> {
        let folder = folder.clone();
        self.store
            .write(move |tx| tx.advance(&folder.desk, &folder.name, validity, low_uid))
            .await
            .map_err(refused)
    }

    async fn untidied(&self, folder: &Folder, validity: u32) -> Result<Vec<Recorded>, LedgerError> {
        let folder = folder.clone();
        self.store
            .write(move |tx| tx.untidied(&folder.desk, &folder.name, validity))
            .await
            .map_err(refused)
    }

    async fn tidied(&self, mails: Vec<Recorded>) -> Result<(), LedgerError> {
        self.store
            .write(move |tx| tx.tidied(&mails))
            .await
            .map_err(refused)
    }
}

fn refused(error: StoreError) -> LedgerError {
    LedgerError(error.to_string())
}

fn miss(place: Place, outcome: Outcome) -> (Place, Miss, String) {
    match outcome {
        Outcome::Gone => (place, Miss::Gone, String::new()),
        Outcome::Older => (place, Miss::Older, String::new()),
        Outcome::Unfetchable(reason) => (place, Miss::Unfetchable, reason),
    }
}

/// What the file system of `path` has left; `None` when it does not say.
fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
