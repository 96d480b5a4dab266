//! What the rest of the program is told by the configuration file.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::digests::Digests;
use crate::desk::agreement::Agreements;
use crate::desk::manners::{Acknowledge, Budgets};
use crate::desk::outage::Threshold;
use crate::desk::people::People;
use crate::desk::rules::Patience;

/// Everything the configuration file says, checked: names refer to something, paths are absolute.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file it was read from.
    pub file: PathBuf,
    /// The SQLite file.
    pub store: PathBuf,
    /// Who is who.
    pub people: People,
    /// When somebody works, and how soon an answer comes.
    pub agreements: Agreements,
    /// How each desk gets and sends its mail, by the desk's name.
    pub desks: BTreeMap<String, DeskSettings>,
    /// Who reads digests, and what they recommend.
    pub digests: Digests,
    /// Bounds.
    pub limits: Limits,
    /// How the log is written.
    pub log: LogFormat,
    /// Where metrics and health are shown; `None`: nowhere.
    pub http: Option<SocketAddr>,
    /// Folder whose templates replace ours file by file.
    pub templates: Option<PathBuf>,
    /// The colour of links and buttons in letters, `#rrggbb`; `None`: ours.
    pub accent: Option<String>,
    /// A PNG that is shown above every letter.
    pub logo: Option<PathBuf>,
    /// Folder whose keyword files add to ours.
    pub keywords: Option<PathBuf>,
    /// Folder of recipes; `None`: there are only those made from tickets.
    pub recipes: Option<PathBuf>,
}

/// How one desk gets and sends its mail.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// Mail received before is never answered; `None`: the moment the mailbox was first opened.
    pub since: Option<Timestamp>,
    /// Servers whose `Authentication-Results` are believed.
    pub trusted_authserv_ids: Vec<String>,
    /// How long a resolved ticket waits for a word before it closes, in business days.
    pub close_after_business_days: u32,
    /// How long after closing a reply reopens a ticket instead of opening a new one.
    pub reopen_within: Duration,
    /// Whether requesters are asked how content they are when their ticket closes.
    pub asks_satisfaction: bool,
    /// When like reports are proposed as an outage.
    pub outage: Threshold,
    /// How long a requester's silence is borne while their answer is awaited; for ever when absent.
    pub patience: Option<Patience>,
    /// Where mail comes from. `None`: only through `guichet pipe`.
    pub mailbox: Option<MailboxSettings>,
    /// How letters go out.
    pub courier: CourierSettings,
}

/// Where mail comes from.
#[derive(Clone, Debug)]
pub enum MailboxSettings {
    /// An IMAP account.
    Imap(ImapSettings),
    /// A folder on this machine.
    Maildir(MaildirSettings),
}

/// An IMAP account.
#[derive(Clone, Debug)]
pub struct ImapSettings {
    /// Where and how to connect.
    pub server: Server,
    /// The login name.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The folders to read, `INBOX` for the main one.
    pub folders: Vec<String>,
    /// What becomes of a mail on the server once it is stored.
    pub after: After,
    /// The sweep that finds what IDLE missed.
    pub poll: Duration,
}

/// A Maildir to read.
#[derive(Clone, Debug)]
pub struct MaildirSettings {
    /// The folder that holds `new`, `cur` and `tmp`.
    pub path: PathBuf,
    /// What becomes of a mail once it is stored.
    pub after: After,
    /// How often it is looked at.
    pub poll: Duration,
}

/// What becomes of a mail in its mailbox once it is stored. It can fail without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Marked with the keyword `$Guichet` (Maildir: moved from `new` to `cur`).
    Keyword,
    /// Marked as seen.
    Seen,
    /// Moved to another folder.
    Move(String),
}

/// How letters go out.
#[derive(Clone, Debug)]
pub enum CourierSettings {
    /// A submission server.
    Smtp(SmtpSettings),
    /// A program with sendmail's command line.
    Sendmail {
        /// Path of the program.
        program: PathBuf,
    },
    /// A folder on this machine.
    Maildir {
        /// The folder that holds `new`, `cur` and `tmp`; made when missing.
        path: PathBuf,
    },
}

/// A submission server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Where and how to connect.
    pub server: Server,
    /// Login name and password; `None`: no login.
    pub login: Option<(String, Secret)>,
    /// How many connections at most.
    pub connections: usize,
}

/// Where and how to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Certificates trusted beside the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// How a connection is protected. There is no silent fall-back from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After a STARTTLS command; without it the connection is given up.
    StartTls,
    /// Not at all: loopback only.
    None,
}

/// A password. It is never printed, and read again from its source at each connection so that it can change.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Written in the configuration itself (warned about).
    Literal(String),
    /// The first line of a file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// The first line a program prints.
    Command(Vec<String>),
    /// A systemd credential: a file in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("\"***\""),
            Self::File(path) => write!(f, "{{ file = {path:?} }}"),
            Self::Env(name) => write!(f, "{{ env = {name:?} }}"),
            Self::Command(command) => write!(f, "{{ command = [{:?}, ..] }}", command.first()),
            Self::Credential(name) => write!(f, "{{ credential = {name:?} }}"),
        }
    }
}

/// Bounds of the whole installation.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A larger mail becomes a stub with its header, in bytes.
    pub message_size: u64,
    /// Automatic letters to requesters, watchers and outsiders.
    pub automatic: Budgets,
    /// Pauses before each further attempt; the last one repeats.
    pub retry: Vec<Duration>,
    /// Whose first mail is acknowledged.
    pub acknowledge: Acknowledge,
    /// A letter to a technician can be answered with commands for so long.
    pub commands_within: Duration,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
