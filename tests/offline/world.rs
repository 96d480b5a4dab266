//! A guichet of its own for each test: the real store, desk and scribe, a clock that stands, a fixed key.
//!
//! Mails go in at given moments, letters are taken out; no server and no second process is needed.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use guichet::clock::Clock;
use guichet::config;
use guichet::desk::event::{CarriedLetter, Effect, Event, Snapshot};
use guichet::desk::letter::{Delivery, LetterId};
use guichet::desk::mail::{Fetched, InboundMail, MailKey, Place};
use guichet::desk::ticket::{Entry, Ticket};
use guichet::desk::{self};
use guichet::gateway::{self, Gateway};
use guichet::intake::{self, ReadRules};
use guichet::store::{Hashed, LetterView, MailView, Reader, StoreError, Tx, Waiting};
use jiff::Timestamp;
use tempfile::TempDir;

/// The configuration of every test that brings none of its own.
pub const CONFIG: &str = include_str!("golden/desk.toml");
/// Not a secret: the same letters must come out each time.
const KEY: [u8; 32] = *b"a key for tests, never for mail.";

/// A mail on its way in.
#[derive(Clone)]
pub struct Arrival {
    /// The desk whose mailbox it is found in.
    pub desk: String,
    /// Which mail of that mailbox it is.
    pub place: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Arrival {
    /// A mail at the desk `support`.
    pub fn at_support(place: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            desk: "support".to_owned(),
            place: place.into(),
            bytes: bytes.into(),
        }
    }
}

/// A guichet with an empty store.
pub struct World {
    pub gateway: Arc<Gateway>,
    folder: TempDir,
}

impl World {
    /// With the configuration all tests share.
    pub fn new() -> Self {
        Self::with(CONFIG)
    }

    /// With a configuration of its own.
    pub fn with(config: &str) -> Self {
        Self::opened(config, tempfile::tempdir().expect("a temporary folder"))
    }

    /// The same store after a restart with another configuration.
    pub fn reopened(self, config: &str) -> Self {
        let Self { gateway, folder } = self;
        drop(gateway);
        Self::opened(config, folder)
    }

    fn opened(config: &str, folder: TempDir) -> Self {
        let file = folder.path().join("guichet.toml");
        fs::write(&file, config).expect("the configuration is written");
        fs::write(folder.path().join("guichet.db.key"), KEY).expect("the key is written");
        let (settings, _) = config::load(&file).unwrap_or_else(|errors| panic!("{errors}"));
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        let gateway = Gateway::open(settings, clock).unwrap_or_else(|error| panic!("{error}"));
        Self { gateway, folder }
    }

    /// Where its configuration and its database lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How the mails of a desk are read.
    pub fn read_rules(&self, desk: &str) -> ReadRules {
        self.gateway
            .read_rules
            .get(desk)
            .cloned()
            .unwrap_or_else(|| panic!("there is no desk `{desk}`"))
    }

    /// Receives one mail and deals with it. Gives its number and what was decided.
    pub fn receive(&self, arrival: Arrival, now: Timestamp) -> (i64, Vec<Effect>) {
        self.receive_all(vec![arrival], now).remove(0)
    }

    /// The same for many mails, in one transaction.
    pub fn receive_all(&self, arrivals: Vec<Arrival>, now: Timestamp) -> Vec<(i64, Vec<Effect>)> {
        self.gateway.clock.set(now);
        let shared = self.gateway.clone();
        self.write(move |tx| {
            arrivals
                .into_iter()
                .map(|arrival| receive(&shared, tx, arrival, now))
                .collect()
        })
    }

    /// Time has passed: what is due is dealt with.
    pub fn tick(&self, now: Timestamp) {
        self.gateway.clock.set(now);
        let shared = self.gateway.clone();
        self.write(move |tx| gateway::tick(&shared, tx, now));
    }

    /// Carries everything that is due and says what became of each letter.
    pub fn carry(
        &self,
        desk: &str,
        now: Timestamp,
        outcome: impl Fn(&CarriedLetter) -> Delivery + Send + 'static,
    ) -> Vec<LetterView> {
        let (shared, name) = (self.gateway.clone(), desk.to_owned());
        let ids = self.write(move |tx| {
            let mut ids = Vec::new();
            for due in tx.claim_due(&name, 100_000, now)? {
                let letter = tx.carried_letter(due.id)?.expect("it was claimed");
                let outcome = outcome(&letter);
                let event = Event::Carried { letter, outcome };
                let effects = desk::decide(&shared.rules, &Snapshot::empty(), &event, now);
                let render = |notice: &_, id| {
                    gateway::write_letter(&shared.rules, &shared.scribe, notice, id, now)
                };
                tx.record(None, &effects, &render, now)?;
                ids.push(due.id);
            }
            Ok(ids)
        });
        if ids.is_empty() {
            return Vec::new();
        }
        let mut letters = self.letters();
        letters.retain(|letter| ids.contains(&letter.id));
        letters
    }

    /// Does something within a transaction.
    pub fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> R {
        self.gateway
            .store
            .write_blocking(work)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every letter, oldest first.
    pub fn letters(&self) -> Vec<LetterView> {
        self.reader().letters(true).expect("the outbox can be read")
    }

    /// The bytes of a letter.
    pub fn letter_bytes(&self, id: LetterId) -> Vec<u8> {
        let bytes = self.reader().letter_bytes(id).expect("it can be read");
        bytes.expect("a letter that was listed has bytes")
    }

    /// A letter as its recipient's mail client shows it.
    pub fn letter(&self, id: LetterId) -> InboundMail {
        intake::read(&self.letter_bytes(id), &ReadRules::default())
    }

    /// Every ticket, by number.
    pub fn tickets(&self) -> Vec<Ticket> {
        self.reader().tickets(true).expect("tickets can be read")
    }

    /// A ticket's history.
    pub fn entries(&self, ticket: &Ticket) -> Vec<Entry> {
        let entries = self.reader().entries(ticket.id.number());
        entries.expect("entries can be read")
    }

    /// What recipes say that were made from tickets and approved, those that were taken away since included.
    pub fn recipes(&self) -> Vec<String> {
        let fixes = self.reader().fixes().expect("recipes can be read");
        let approved = fixes.into_iter().filter(|fix| fix.reviewed_at.is_some());
        approved.map(|fix| fix.text).collect()
    }

    /// What became of a mail.
    pub fn mail(&self, id: i64) -> MailView {
        let mail = self.reader().mail(id).expect("mails can be read");
        mail.expect("a mail that was received")
    }

    fn reader(&self) -> Reader {
        self.gateway.store.reader().expect("the store can be read")
    }
}

/// What the daemon does with a mail, reading in this process.
fn receive(
    gateway: &Gateway,
    tx: &Tx<'_>,
    arrival: Arrival,
    now: Timestamp,
) -> Result<(i64, Vec<Effect>), StoreError> {
    let rules = gateway.read_rules.get(&arrival.desk).cloned();
    let Some(waiting) = take(tx, arrival, now)? else {
        return Ok((tx.last_mail()?, Vec::new()));
    };
    let mail = intake::read(&waiting.bytes, &rules.expect("the desk is configured"));
    let effects = gateway::handle(gateway, tx, &waiting, mail, None, now)?;
    Ok((waiting.id, effects))
}

/// Records a mail and takes it; `None` when it was recorded and dealt with before.
pub fn take(tx: &Tx<'_>, arrival: Arrival, now: Timestamp) -> Result<Option<Waiting>, StoreError> {
    record(tx, arrival, now)?;
    let taken = tx.take_waiting(0, 1, u64::MAX)?;
    Ok(tx.fetch(taken)?.pop())
}

/// Records a mail; nobody looks at it yet.
pub fn record(tx: &Tx<'_>, arrival: Arrival, now: Timestamp) -> Result<(), StoreError> {
    let key = MailKey {
        desk: arrival.desk,
        folder: "INBOX".to_owned(),
        place: Place::Name(arrival.place),
    };
    let fetched = Fetched {
        key,
        bytes: arrival.bytes,
        received_at: now,
        cut_from: None,
    };
    tx.record_mails(&Hashed::of(vec![fetched]), now).map(drop)
}

/// `UPDATE_GOLDEN=1` writes what came out instead of comparing it.
pub fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Compares a file with what it should hold, or writes it. Gives what differs, with the place of the first difference.
pub fn compare(file: &Path, found: &[u8]) -> Result<(), String> {
    if is_updating() {
        let folder = file.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        return fs::write(file, found).map_err(|error| error.to_string());
    }
    let expected = fs::read(file).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(found),
    );
    let mut lines = (1..).zip(lines_of(&expected).zip(lines_of(&found)));
    let (number, (was, is)) = lines
        .find(|(_, (was, is))| was != is)
        .unwrap_or((0, ("(line ends)", "(line ends)")));
    Err(format!(
        "{}:{number}\n  expected: {was}\n  found:    {is}\n  (UPDATE_GOLDEN=1 writes what is found)",
        file.display()
    ))
}

/// The lines of a text, and then for ever its end.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
    lines.chain(std::iter::repeat_n("(the end)", 100_000))
}
