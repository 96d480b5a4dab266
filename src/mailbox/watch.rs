//! The loops that keep a mailbox read, and the single pass of `run --once`.
//!
//! Promises: a lost connection is made again after a growing pause; at most two connections an
//! account; the first folder waits in IDLE where the server has it, the others share a connection
//! and are polled; a folder is compared with the ledger as a whole at the start and every hour.
//! The loop ends at once when told to: an interrupted command is simply forgotten.
//! What happens over an open folder is told in `pass.rs`, a Maildir's loop in `maildir.rs`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::checked::Idled;
use super::imap::{Connection, connect};
use super::maildir;
use super::memory::Memory;
use super::pass::{Pass, Passed, Scope};
use super::pause::{Logins, Pauses};
use super::{Epoch, Folder, Ledger, MailboxError, Password, Watch};
use crate::config::settings::{After, ImapSettings, MailboxSettings};

/// Surprises in IDLE, one after another, before the folder is polled instead (reliability.md F21).
const SURPRISES: u32 = 3;
/// Failed connections, one after another and without any progress, before `once` gives up.
const TRIES: u32 = 4;

/// Keeps a mailbox read until `shutdown` says true or its sender is gone. `password` is asked at
/// each connection; a Maildir needs none.
pub async fn keep_read<L: Ledger>(
    settings: &MailboxSettings,
    password: Password,
    watch: &Watch<L>,
    mut shutdown: Receiver<bool>,
) {
    let reading = async {
        match settings {
            MailboxSettings::Imap(settings) => keep_account(settings, password, watch).await,
            MailboxSettings::Maildir(settings) => maildir::keep_read(settings, watch).await,
        }
    };
    tokio::select! {
        () = reading => {}
        // An error means that nobody is left to say stop: then it is time to stop.
        _ = shutdown.wait_for(|stop| *stop) => {}
    }
    for state in watch
        .state
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .folders
        .values_mut()
    {
        state.connected = false;
    }
}

/// Reads everything that is in the mailbox now, once.
///
/// # Errors
/// The first that could not be got over; what was recorded until then stays so.
pub async fn once<L: Ledger>(
    settings: &MailboxSettings,
    password: Password,
    watch: &Watch<L>,
) -> Result<(), MailboxError> {
    match settings {
        MailboxSettings::Imap(settings) => {
            let folders: Vec<&String> = settings.folders.iter().collect();
            let mut lane = Lane::new(settings, password, watch, folders, Logins::default());
            lane.once().await
        }
        MailboxSettings::Maildir(settings) => maildir::once(settings, watch).await,
    }
}

async fn keep_account<L: Ledger>(settings: &ImapSettings, password: Password, watch: &Watch<L>) {
    let logins = Logins::default();
    let lane = |folders| Lane::new(settings, password.clone(), watch, folders, logins.clone());
    let mut folders = settings.folders.iter();
    let mut first = lane(folders.by_ref().take(1).collect());
    let mut rest = lane(folders.collect());
    tokio::join!(first.keep(), rest.keep());
}

/// One connection after another, and the folders read over it.
struct Lane<'a, L> {
    settings: &'a ImapSettings,
    password: Password,
    watch: &'a Watch<L>,
    folders: Vec<Folder>,
    memories: HashMap<String, Memory>,
    logins: Logins,
    pauses: Pauses,
    surprises: u32,
    /// Mails that got a final outcome over the present connection.
    progress: u64,
}

/// What the folder is like on the present connection.
struct Standing {
    validity: u32,
    epoch: Epoch,
    next_uid: u32,
}

impl<'a, L: Ledger> Lane<'a, L> {
    fn new(
        settings: &'a ImapSettings,
        password: Password,
        watch: &'a Watch<L>,
        folders: Vec<&String>,
        logins: Logins,
    ) -> Self {
        let seed = folders
            .first()
            .map_or("", |folder| folder.as_str())
            .to_owned();
        Self {
            settings,
            password,
            watch,
            folders: folders
                .into_iter()
                .map(|name| Folder {
                    desk: watch.desk.clone(),
                    name: name.clone(),
                })
                .collect(),
            memories: HashMap::new(),
            logins,
            pauses: Pauses::new(watch.patience, &format!("{}/{seed}", watch.desk)),
            surprises: 0,
            progress: 0,
        }
    }

    /// Connects again and again. Returns only when there is no folder to read.
    async fn keep(&mut self) {
        if self.folders.is_empty() {
            return;
        }
        loop {
            let began = Instant::now();
            let ended = self.connection().await;
            self.end_of_connection(began);
            let pause = match ended {
                // Something was left out; asking again is no failure.
                Ok(()) => self.watch.patience.first_pause,
                Err(error) => {
                    let pause = self
                        .pauses
                        .next(error.least_pause(&self.watch.patience))
                        .max(self.wait_for_login());
                    warn!(
                        desk = self.watch.desk,
                        pause = pause.as_secs(),
                        "Mailbox: {error}"
                    );
                    self.tell_error(&error);
                    pause
                }
            };
            sleep(pause.max(self.wait_for_login())).await;
        }
    }

    async fn once(&mut self) -> Result<(), MailboxError> {
        let mut failures = 0;
        loop {
            let began = Instant::now();
            let ended = self.pass_each().await;
            let progress = self.progress > 0;
            self.end_of_connection(began);
            match ended {
                Ok(Passed::Complete) => return Ok(()),
                Ok(Passed::AskAgain) => {}
                Err(error) => {
                    failures = if progress { 0 } else { failures + 1 };
                    self.tell_error(&error);
                    // A mail that breaks connections is worth another one: the others may be had.
                    let again = progress || self.memories.values().any(Memory::suspects_any);
                    let patient = error.least_pause(&self.watch.patience)
                        <= self.watch.patience.first_pause
                        || matches!(error, MailboxError::Refused { passing: false, .. });
                    let changed = matches!(error, MailboxError::EpochChanged);
                    if failures >= TRIES || !(changed || again && patient) {
                        return Err(error);
                    }
                }
            }
            sleep(self.watch.patience.first_pause).await;
        }
    }

    fn wait_for_login(&self) -> Duration {
        self.logins
            .wait(Instant::now(), self.watch.patience.login_window)
    }

    /// A connection that brought mail or lived for a while was worth its login.
    fn end_of_connection(&mut self, began: Instant) {
        if self.progress > 0 || began.elapsed() >= self.watch.patience.settled {
            self.pauses.forget();
            self.logins.fruitful();
        }
        self.progress = 0;
        for folder in &self.folders {
            self.watch
                .tell(&folder.name, |state| state.connected = false);
        }
    }

    fn tell_error(&self, error: &MailboxError) {
        let text = error.to_string();
        for folder in &self.folders {
            self.watch.tell(&folder.name, |state| {
                state.last_error = Some(text.clone());
            });
        }
    }

    async fn connect(&self) -> Result<Connection, MailboxError> {
        let read = Arc::clone(&self.password);
        // It may run a program or read a file.
        let password = tokio::task::spawn_blocking(move || read())
            .await
            .map_err(|error| MailboxError::Password(error.to_string()))?
            .map_err(MailboxError::Password)?;
        let connection = connect(self.settings, &password, &self.watch.patience, || {
            self.logins.made(Instant::now());
        })
        .await?;
        info!(desk = self.watch.desk, "Mailbox connected");
        Ok(connection)
    }

    /// Every folder once, over one connection.
    async fn pass_each(&mut self) -> Result<Passed, MailboxError> {
        let mut connection = self.connect().await?;
        let mut after = self.tidying();
        let mut all = Passed::Complete;
        for folder in self.folders.clone() {
            let mut standing = self.open(&mut connection, &folder).await?;
            let passed = self
                .pass(
                    &mut connection,
                    &folder,
                    &mut standing,
                    &mut after,
                    Scope::All,
                )
                .await?;
            if passed == Passed::AskAgain {
                all = Passed::AskAgain;
            }
        }
        Ok(all)
    }

    /// Lives as long as the connection. `Ok` means that something has to be asked for again on
    /// another one.
    async fn connection(&mut self) -> Result<(), MailboxError> {
        let mut connection = self.connect().await?;
        let mut after = self.tidying();
        let mut reconciled: HashMap<String, Instant> = HashMap::new();
        let mut standings: HashMap<String, Standing> = HashMap::new();
        let folders = self.folders.clone();
        let alone = folders.len() == 1;
        loop {
            for folder in &folders {
                // Several folders take turns, and each time it is asked whether it is the same one.
                let mut standing = match standings.remove(&folder.name) {
                    Some(standing) if alone => standing,
                    _ => self.open(&mut connection, folder).await?,
                };
                let due = reconciled
                    .get(&folder.name)
                    .is_none_or(|at| at.elapsed() >= self.watch.patience.reconcile);
                let scope = if due { Scope::All } else { Scope::New };
                if due {
                    let before = reconciled.insert(folder.name.clone(), Instant::now());
                    if before.is_some() {
                        self.surprises = 0; // this connection is well: IDLE may be tried again
                    }
                    after = after.or_else(|| self.tidying());
                }
                let passed = self
                    .pass(&mut connection, folder, &mut standing, &mut after, scope)
                    .await?;
                if passed == Passed::AskAgain {
                    return Ok(());
                }
                standings.insert(folder.name.clone(), standing);
            }
            if !(alone && self.idle(&mut connection).await?) {
                sleep(self.settings.poll).await;
                connection.noop().await?;
            }
        }
    }

    /// Waits for news in IDLE. False when that cannot be had.
    async fn idle(&mut self, connection: &mut Connection) -> Result<bool, MailboxError> {
        if !connection.offers_idle() || self.surprises >= SURPRISES {
            return Ok(false);
        }
        match connection.idle(self.settings.poll).await {
            Ok(Idled::News | Idled::TimeUp) => {
                self.surprises = 0;
                Ok(true)
            }
            Ok(Idled::Refused) => {
                self.surprises = SURPRISES; // no more of it on this connection for an hour
                Ok(false)
            }
            Err(error) => {
                self.surprises += 1;
                Err(error)
            }
        }
    }

    async fn open(
        &mut self,
        connection: &mut Connection,
        folder: &Folder,
    ) -> Result<Standing, MailboxError> {
        let opened = connection.open(&folder.name, false).await?;
        let next_uid = connection.next_uid().await?;
        let from_start = self.watch.since.is_some();
        let now = (self.watch.now)();
        let epoch = self
            .watch
            .ledger
            .open(folder, opened.validity, next_uid, from_start, now)
            .await?;
        if epoch.is_new {
            info!(
                desk = folder.desk,
                folder = folder.name,
                "Mailbox folder opened for the first time, or rebuilt by its server"
            );
        }
        self.watch
            .tell(&folder.name, |state| state.connected = true);
        Ok(Standing {
            validity: opened.validity,
            epoch,
            next_uid,
        })
    }

    async fn pass(
        &mut self,
        connection: &mut Connection,
        folder: &Folder,
        standing: &mut Standing,
        after: &mut Option<After>,
        scope: Scope,
    ) -> Result<Passed, MailboxError> {
        let memory = self.memories.entry(folder.name.clone()).or_default();
        Pass {
            connection,
            watch: self.watch,
            folder,
            validity: standing.validity,
            epoch: &mut standing.epoch,
            next_uid: standing.next_uid,
            after,
            memory: memory.of(standing.validity),
            progress: &mut self.progress,
            open: BTreeSet::new(),
            pending: Vec::new(),
        }
        .run(scope)
        .await
    }

    /// How recorded mail is tidied. Moving to a folder that is read would bring it back for ever.
    fn tidying(&self) -> Option<After> {
        let circle = |target: &String| {
            let same = |folder: &String| folder.eq_ignore_ascii_case(target);
            self.settings.folders.iter().any(same)
        };
        match &self.settings.after {
            After::Move(target) if circle(target) => None,
            after => Some(after.clone()),
        }
    }
}
