//! A Maildir on this machine: `new` and `cur` are read, `tmp` is left to those who deliver.
//!
//! Promises: a mail is named by the part of its file name before `:2,`, which stays the same when a
//! mail reader moves or flags it; its time is the file's modification time, which may lag; a file is
//! renamed only after it is recorded. A file that vanishes while it is looked at was moved and is found
//! again; one that cannot be read is set aside visibly and holds up no other.
//! Symbolic links and folders are not mail.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::{Folder, Ledger, LedgerError, MailboxError, News, Outcome, Watch};
use crate::config::settings::{After, MaildirSettings};
use crate::desk::mail::{Fetched, Place, Recorded};

/// The epoch of a Maildir: names are never used again.
const VALIDITY: u32 = 0;
/// Mails in a batch.
const BATCH: usize = 200;
/// Bytes in a batch, unless one mail alone is larger.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// How much of a mail over the size limit is searched for the end of its header.
const HEADER: u64 = 1024 * 1024;
/// How far the time of a file may lie before the moment it was written. Linux stamps files by the last tick of its clock, up
/// to 10 ms ago, and there are file systems that keep whole or even seconds alone. A mail that was there before the folder
/// was first opened is answered when it is younger than this; one that came just after is never taken for an older one.
const LAG: SignedDuration = SignedDuration::from_secs(2);
/// Longest file name taken; no file system in use allows longer ones.
const NAME: usize = 255;

/// A file that is a mail.
#[derive(Clone, Debug)]
struct Found {
    name: String,
    path: PathBuf,
    size: u64,
    received_at: Timestamp,
}

/// Keeps a Maildir read. Never returns; dropped to stop.
pub(super) async fn keep_read<L: Ledger>(settings: &MaildirSettings, watch: &Watch<L>) {
    let folder = folder(settings, watch);
    let mut reconciled: Option<Instant> = None;
    loop {
        let due = reconciled.is_none_or(|at| at.elapsed() >= watch.patience.reconcile);
        match pass(settings, watch, &folder, due).await {
            Ok(()) if due => reconciled = Some(Instant::now()),
            Ok(()) => {}
            Err(error) => {
                warn!(desk = watch.desk, "Mailbox: {error}");
                watch.tell(&folder.name, |state| {
                    state.connected = false;
                    state.last_error = Some(error.to_string());
                });
            }
        }
        sleep(settings.poll).await;
    }
}

/// Reads what is in the Maildir now.
///
/// # Errors
/// `Maildir` when a folder cannot be listed, `Ledger`.
pub(super) async fn once<L: Ledger>(
    settings: &MaildirSettings,
    watch: &Watch<L>,
) -> Result<(), MailboxError> {
    pass(settings, watch, &folder(settings, watch), true).await
}

fn folder<L>(settings: &MaildirSettings, watch: &Watch<L>) -> Folder {
    Folder {
        desk: watch.desk.clone(),
        name: settings.path.to_string_lossy().into_owned(),
    }
}

async fn pass<L: Ledger>(
    settings: &MaildirSettings,
    watch: &Watch<L>,
    folder: &Folder,
    all: bool,
) -> Result<(), MailboxError> {
    let now = (watch.now)();
    let epoch = watch
        .ledger
        .open(folder, VALIDITY, 1, watch.since.is_some(), now)
        .await?;
    let begins_at = watch.since.unwrap_or(epoch.first_opened_at - LAG);
    let path = settings.path.clone();
    let mut found = apart(move || list(&path)).await?;
    let places = found.iter().map(|mail| place(&mail.name)).collect();
    let missing = watch.ledger.missing(folder, places).await?;
    let missing: std::collections::HashSet<Place> = missing.into_iter().collect();
    found.retain(|mail| missing.contains(&place(&mail.name)));
    let (older, ours): (Vec<Found>, Vec<Found>) = found
        .into_iter()
        .partition(|mail| mail.received_at < begins_at);
    let older: Vec<_> = older
        .iter()
        .map(|mail| (place(&mail.name), Outcome::Older))
        .collect();
    if !older.is_empty() {
        watch.ledger.settle(folder, older).await?;
    }
    if all {
        let left = watch.ledger.untidied(folder, VALIDITY).await?;
        tidy(settings, watch, left).await?;
    }
    if !ours.is_empty() {
        (watch.hint)(News::Coming);
    }
    let mut vanished = 0;
    for batch in batches(ours, watch.message_size) {
        vanished += take(settings, watch, folder, batch).await?;
    }
    watch.tell(&folder.name, |state| {
        state.connected = true;
        state.last_error = None;
        state.last_pass_at = Some(now);
        state.difference = Some(vanished);
    });
    Ok(())
}

/// Takes a batch and says how many of its files were no longer where they were.
async fn take<L: Ledger>(
    settings: &MaildirSettings,
    watch: &Watch<L>,
    folder: &Folder,
    batch: Vec<Found>,
) -> Result<u64, MailboxError> {
    let most = watch.message_size;
    let read = apart(move || Ok(batch.into_iter().map(|mail| read(mail, most)).collect())).await?;
    let read: Vec<(Found, io::Result<Taken>)> = read;
    let (mut mails, mut unreadable, mut vanished) = (Vec::new(), Vec::new(), 0);
    for (mail, taken) in read {
        match taken {
            Ok((bytes, cut_from)) => mails.push(Fetched {
                key: folder.key(place(&mail.name)),
                bytes,
                received_at: mail.received_at,
                cut_from,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => vanished += 1,
            Err(error) => {
                let reason = Outcome::Unfetchable(format!("the file cannot be read: {error}"));
                unreadable.push((place(&mail.name), reason));
            }
        }
    }
    if !unreadable.is_empty() {
        watch.ledger.settle(folder, unreadable).await?;
    }
    if !mails.is_empty() {
        let recorded = watch.ledger.record(mails).await?;
        let now = (watch.now)();
        watch.tell(&folder.name, |state| state.last_mail_at = Some(now));
        (watch.hint)(News::Recorded);
        tidy(settings, watch, recorded).await?;
    }
    Ok(vanished)
}

async fn tidy<L: Ledger>(
    settings: &MaildirSettings,
    watch: &Watch<L>,
    mails: Vec<Recorded>,
) -> Result<(), LedgerError> {
    if mails.is_empty() {
        return Ok(());
    }
    let (path, after) = (settings.path.clone(), settings.after.clone());
    let names: Vec<String> = mails
        .iter()
        .filter_map(|mail| match &mail.key().place {
            Place::Name(name) => Some(name.clone()),
            Place::Uid { .. } => None,
        })
        .collect();
    match apart(move || rename(&path, &after, &names)).await {
        Ok(()) => watch.ledger.tidied(mails).await,
        Err(error) => {
            warn!(desk = watch.desk, "Recorded mail stays untidied: {error}");
            Ok(())
        }
    }
}

/// Runs file work where it may block.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MailboxError> + Send + 'static,
) -> Result<T, MailboxError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(MailboxError::Ledger(LedgerError(error.to_string()))))
}

fn place(name: &str) -> Place {
    Place::Name(name.to_owned())
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> MailboxError {
    let path = path.display().to_string();
    move |cause| MailboxError::Maildir { path, cause }
}

/// All mails, oldest first; among those of one moment by name.
fn list(maildir: &Path) -> Result<Vec<Found>, MailboxError> {
    let mut found = Vec::new();
    // `new` first: a mail that a reader moves meanwhile is then seen twice rather than not at all.
    for folder in ["new", "cur"] {
        let path = maildir.join(folder);
        for entry in fs::read_dir(&path).map_err(fault(&path))? {
            let entry = entry.map_err(fault(&path))?;
            found.extend(mail(&entry));
        }
    }
    found.sort_by(|a, b| (a.received_at, &a.name).cmp(&(b.received_at, &b.name)));
    found.dedup_by(|a, b| a.name == b.name);
    Ok(found)
}

/// The mail a file is; `None` for what is no mail or has just gone.
fn mail(entry: &fs::DirEntry) -> Option<Found> {
    let metadata = entry.metadata().ok()?; // of a link itself, not of what it points to
    let name = unique_name(&entry.file_name())?;
    let modified = metadata.modified().ok()?;
    metadata.is_file().then(|| Found {
        name,
        path: entry.path(),
        size: metadata.len(),
        received_at: Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

/// The part of a file name that stays. Bytes that are no UTF-8 are written as `\xNN` so that two
/// names never become one.
fn unique_name(name: &OsStr) -> Option<String> {
    let bytes = name.as_encoded_bytes();
    if bytes.starts_with(b".") || bytes.len() > NAME {
        return None;
    }
    let text = match name.to_str() {
        Some(text) => text.to_owned(),
        None => bytes.escape_ascii().to_string(),
    };
    Some(match text.split_once(":2,") {
        Some((unique, _)) => unique.to_owned(),
        None => text,
    })
}

fn batches(mails: Vec<Found>, message_size: u64) -> Vec<Vec<Found>> {
    let mut batches: Vec<Vec<Found>> = Vec::new();
    let mut bytes = 0;
    for mail in mails {
        let size = mail.size.min(message_size);
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && bytes + size <= BATCH_BYTES => {
                bytes += size;
                batch.push(mail);
            }
            _ => {
                bytes = size;
                batches.push(vec![mail]);
            }
        }
    }
    batches
}

/// The bytes, and the full size when only the header was taken.
type Taken = (Vec<u8>, Option<u64>);

fn read(mail: Found, message_size: u64) -> (Found, io::Result<Taken>) {
    let taken = take_file(&mail.path, mail.size, message_size);
    (mail, taken)
}

fn take_file(path: &Path, size: u64, message_size: u64) -> io::Result<Taken> {
    let mut file = fs::File::open(path)?;
    let most = if size > message_size {
        HEADER.min(message_size)
    } else {
        message_size
    };
    let mut bytes = Vec::new();
    file.by_ref().take(most).read_to_end(&mut bytes)?;
    // What counts is what the file holds now; it should not change, and might.
    let size = file.metadata()?.len().max(bytes.len() as u64);
    if size > bytes.len() as u64 {
        bytes.truncate(header_length(&bytes));
        return Ok((bytes, Some(size)));
    }
    Ok((bytes, None))
}

/// Where the header ends, the empty line included; everything when there is none.
fn header_length(bytes: &[u8]) -> usize {
    let ends: [&[u8]; 2] = [b"\n\n", b"\n\r\n"];
    let found = ends.iter().filter_map(|end| {
        let at = bytes.windows(end.len()).position(|window| window == *end)?;
        Some(at + end.len())
    });
    found.min().unwrap_or(bytes.len())
}

/// Does to recorded mails what the configuration asks for. Doing it twice changes nothing more.
fn rename(maildir: &Path, after: &After, names: &[String]) -> Result<(), MailboxError> {
    let names: std::collections::HashSet<&str> = names.iter().map(String::as_str).collect();
    let target = match after {
        After::Keyword | After::Seen => maildir.to_path_buf(),
        After::Move(target) => {
            let target = maildir.join(target);
            for folder in ["tmp", "new", "cur"] {
                let path = target.join(folder);
                fs::create_dir_all(&path).map_err(fault(&path))?;
            }
            target
        }
    };
    for folder in ["new", "cur"] {
        let path = maildir.join(folder);
        for entry in fs::read_dir(&path).map_err(fault(&path))? {
            let entry = entry.map_err(fault(&path))?;
            let Some(unique) = unique_name(&entry.file_name()) else {
                continue;
            };
            let file_name = entry.file_name();
            let (true, Some(now)) = (names.contains(unique.as_str()), file_name.to_str()) else {
                continue;
            };
            let to = target.join("cur").join(tidy_name(now, after));
            match fs::rename(entry.path(), &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(fault(&path)(error));
                }
                _ => {} // done, or somebody else moved it
            }
        }
    }
    Ok(())
}

/// The file name of a tidied mail: flags are kept, in ASCII order, and S is added for `Seen`.
fn tidy_name(name: &str, after: &After) -> String {
    let (unique, flags) = name.split_once(":2,").unwrap_or((name, ""));
    let mut flags: Vec<char> = flags.chars().collect();
    if *after == After::Seen && !flags.contains(&'S') {
        flags.push('S');
    }
    flags.sort_unstable();
    format!("{unique}:2,{}", String::from_iter(flags))
}
