//! The mailbox: mail comes in, from an IMAP account or a Maildir.
//!
//! Promises: nothing is changed where the mail lies before its bytes are committed (I1); each mail
//! has its own outcome, so a bad one never holds up the next; what a server leaves out is asked for
//! again and, in the end, visible (I8). Every wait and every size has a bound (I7).
//! What is already known is asked of a [`Ledger`], which the store implements. Reading the bytes is
//! left to `intake`, deciding to the desk.

pub mod checked;
pub mod imap;
mod login;
pub mod maildir;
mod memory;
mod pass;
mod pause;
mod step;
mod syntax;
pub mod watch;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::desk::mail::{Fetched, MailKey, Place, Recorded};
use crate::net::ConnectError;

/// A folder whose mail is read: what the keys of its mails have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Folder {
    /// The desk whose mailbox it is, by its name in the configuration.
    pub desk: String,
    /// IMAP: the folder's name as configured. Maildir: its path.
    pub name: String,
}

impl Folder {
    /// The key of the mail at `place` in this folder.
    pub fn key(&self, place: Place) -> MailKey {
        MailKey {
            desk: self.desk.clone(),
            folder: self.name.clone(),
            place,
        }
    }
}

/// What is remembered of one UIDVALIDITY of a folder (RFC 9051 2.3.1.1). A Maildir has one, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The cursor: every smaller UID has a final outcome. A hint that saves work, never the truth.
    pub low_uid: u32,
    /// `next_uid` as given when this epoch was opened: these UIDs and later ones arrived after the
    /// folder was first opened, whatever date they carry (a mail moved here keeps its old date).
    pub fresh_uid: u32,
    /// When the folder was first opened, in whatever epoch.
    pub first_opened_at: Timestamp,
    /// Whether this call made the epoch.
    pub is_new: bool,
}

/// A final outcome of a mail whose bytes were not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is no longer in the mailbox: the server said so on a second connection.
    Gone,
    /// It was received before the desk began.
    Older,
    /// It is listed and cannot be had. Must be shown to somebody; the text says why.
    Unfetchable(String),
}

/// What the loops need to remember. The store implements it; each call is one transaction.
///
/// The same call twice must have the effect of one: after a crash it is made again.
pub trait Ledger: Clone + Send + Sync + 'static {
    /// Opens an epoch of a folder, or goes on with it.
    ///
    /// `next_uid` is one more than the greatest UID in the folder now. The very first epoch of a
    /// folder starts with its cursor there ("the first day is safe": only what comes later is
    /// answered) unless `from_start`; every other epoch starts at 1, so that after a change of
    /// UIDVALIDITY everything is looked at again and copies are linked by the store.
    fn open(
        &self,
        folder: &Folder,
        validity: u32,
        next_uid: u32,
        from_start: bool,
        now: Timestamp,
    ) -> impl Future<Output = Result<Epoch, LedgerError>> + Send;

    /// Those of `places` without a final outcome, in the order given. What is `Gone` and asked
    /// about again counts as missing: the server shows it, so it is there.
    fn missing(
        &self,
        folder: &Folder,
        places: Vec<Place>,
    ) -> impl Future<Output = Result<Vec<Place>, LedgerError>> + Send;

    /// Commits the bytes, all or none. A mail recorded before changes nothing and is answered too.
    fn record(
        &self,
        mails: Vec<Fetched>,
    ) -> impl Future<Output = Result<Vec<Recorded>, LedgerError>> + Send;

    /// Notes final outcomes without bytes. One that is recorded already stays recorded.
    fn settle(
        &self,
        folder: &Folder,
        outcomes: Vec<(Place, Outcome)>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Raises the cursor of an epoch; a smaller one than before changes nothing.
    fn advance(
        &self,
        folder: &Folder,
        validity: u32,
        low_uid: u32,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Recorded mails of the epoch not yet tidied, oldest first, at most a thousand.
    /// Those of earlier epochs never are: their UIDs name other mails now (RFC 7162 6).
    fn untidied(
        &self,
        folder: &Folder,
        validity: u32,
    ) -> impl Future<Output = Result<Vec<Recorded>, LedgerError>> + Send;

    /// Notes that these are tidied.
    fn tidied(&self, mails: Vec<Recorded>) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// The ledger could not be read or written. Nothing of the call happened; it is made again later.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store refused: {0}; the mail stays in the mailbox and is read again")]
pub struct LedgerError(pub String);

/// Reads a password from its source: it may have changed since the last connection. It may block.
pub type Password = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// What a loop is given beside the settings of its mailbox.
#[derive(Clone)]
pub struct Watch<L> {
    /// The desk, by its name in the configuration.
    pub desk: String,
    /// Mail received before is settled as `Older`; `None`: the moment the folder was first opened.
    pub since: Option<Timestamp>,
    /// Of a larger mail only the header is taken, in bytes.
    pub message_size: u64,
    /// What is remembered.
    pub ledger: L,
    /// Tells the present moment, in UTC.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Called so that others make ready for mail, or look at it now.
    pub hint: Arc<dyn Fn(News) + Send + Sync>,
    /// Where the loop tells how it is.
    pub state: SharedState,
    /// How long is waited for what.
    pub patience: Patience,
}

impl<L> Watch<L> {
    pub(crate) fn tell(&self, folder: &str, change: impl FnOnce(&mut FolderState)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(state.folders.entry(folder.to_owned()).or_default());
    }
}

/// What others are told of the mail in a folder. One that is lost costs time, never mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// There is mail that is not recorded yet.
    Coming,
    /// Mail was recorded.
    Recorded,
}

/// How a mailbox is, shared with whoever shows it.
pub type SharedState = Arc<Mutex<MailboxState>>;

/// How a mailbox is.
#[derive(Clone, Debug, Default)]
pub struct MailboxState {
    /// Its folders by name.
    pub folders: BTreeMap<String, FolderState>,
}

/// How a folder is.
#[derive(Clone, Debug, Default)]
pub struct FolderState {
    /// Whether the server is connected and the folder open.
    pub connected: bool,
    /// When mail was last recorded.
    pub last_mail_at: Option<Timestamp>,
    /// When the folder was last read through to its end.
    pub last_pass_at: Option<Timestamp>,
    /// Listed mails without a final outcome after the last reconciliation. Anything but 0 for long
    /// is a fault.
    pub difference: Option<u64>,
    /// Why the last connection ended, until a pass succeeds.
    pub last_error: Option<String>,
}

/// How long is waited for what. `default()` is what a running mailbox uses; tests are less patient.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the next answer to a command. A slice of 1 MiB passes in it at 9 KB/s.
    pub answer: Duration,
    /// For a whole command, so that a trickle of answers ends too.
    pub command: Duration,
    /// Until IDLE is accepted. Servers that refuse it may say nothing (reliability.md 0.2).
    pub idle_accept: Duration,
    /// Until IDLE is renewed. RFC 2177 asks for less than 29 minutes, NAT for less than 10.
    pub idle: Duration,
    /// Until DONE is answered.
    pub done: Duration,
    /// Before the first new connection; doubled each time.
    pub first_pause: Duration,
    /// Before a new connection at most, suggestions of the server apart.
    pub longest_pause: Duration,
    /// At least after the server refused a command.
    pub refused: Duration,
    /// At least after the server refused the login. RFC 5530: do not retry the same password.
    pub denied: Duration,
    /// Between two full comparisons of folder and ledger.
    pub reconcile: Duration,
    /// The window in which at most `LOGINS` fruitless logins are made.
    pub login_window: Duration,
    /// A connection that lived this long was a good one: the pauses start anew.
    pub settled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(120),
            command: Duration::from_secs(900),
            idle_accept: Duration::from_secs(30),
            idle: Duration::from_secs(9 * 60),
            done: Duration::from_secs(15),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
            refused: Duration::from_secs(60),
            denied: Duration::from_secs(300),
            reconcile: Duration::from_secs(3600),
            login_window: Duration::from_secs(3600),
            settled: Duration::from_secs(300),
        }
    }
}

/// Why a mailbox could not be read just now. Nothing is lost: the mail stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server does not offer STARTTLS. No login was sent.
    #[error(
        "{host} does not offer STARTTLS, so nothing was sent in clear; set tls = \"implicit\" and its port, or ask its operator"
    )]
    NoStartTls {
        /// As configured.
        host: String,
    },
    /// The password could not be read.
    #[error("the mailbox password cannot be read: {0}")]
    Password(String),
    /// The server refused the login.
    #[error("the server refused the login: {text}; check user and password")]
    Denied {
        /// What it said.
        text: String,
        /// How long it asked to wait.
        wait: Option<Duration>,
        /// Whether it named the credentials as the cause.
        credentials: bool,
    },
    /// The server refused a command or said good-bye.
    #[error("the server refused {command}: {text}; tried again later")]
    Refused {
        /// Which one.
        command: &'static str,
        /// What it said.
        text: String,
        /// How long it asked to wait.
        wait: Option<Duration>,
        /// Whether it said that it is busy, over a quota or broken for a while.
        passing: bool,
    },
    /// The connection ended.
    #[error("the connection was lost during {during}; connecting again")]
    Lost {
        /// Which command.
        during: &'static str,
    },
    /// No answer in time.
    #[error("no answer to {during} within {seconds} s; connecting again")]
    Silent {
        /// Which command.
        during: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// An answer that cannot be understood.
    #[error("the answer to {during} is not IMAP as we know it; connecting again")]
    Garbled {
        /// Which command.
        during: &'static str,
    },
    /// The folder has got a new UIDVALIDITY.
    #[error("the folder was rebuilt by the server; reading it anew")]
    EpochChanged,
    /// The store.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A Maildir cannot be read.
    #[error(
        "Maildir {path}: {cause}; it needs the folders new, cur and tmp, readable and writable"
    )]
    Maildir {
        /// Which folder or file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl MailboxError {
    /// The least pause before the next connection because of this error.
    pub(crate) fn least_pause(&self, patience: &Patience) -> Duration {
        match self {
            Self::Denied {
                wait, credentials, ..
            } => {
                let least = if *credentials {
                    patience.denied
                } else {
                    patience.refused
                };
                wait.map_or(least, |wait| wait.max(least))
            }
            Self::Refused { wait, .. } => {
                wait.map_or(patience.refused, |wait| wait.max(patience.refused))
            }
            Self::NoStartTls { .. } => patience.denied,
            _ => Duration::ZERO,
        }
    }
}
