//! What lies beside the database: the signing keys, and the lock that one running guichet holds.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustix::fs::{FlockOperation, flock};

use crate::desk::token::{FormerKey, SigningKey};

const KEY_BYTES: usize = 32;

/// Something beside the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PossessionError {
    /// The signing key.
    #[error(
        "the signing key {path}: {cause}; it must hold 32 bytes and belong to guichet. Without it, answers to letters already sent are no longer recognised by their address"
    )]
    Key {
        /// The file.
        path: String,
        /// What was wrong.
        cause: String,
    },
    /// Another guichet runs on this database.
    #[error(
        "another guichet is running on this database (it holds {path}); stop it first, or let it do the work"
    )]
    Taken {
        /// The lock file.
        path: String,
    },
    /// The lock file cannot be used.
    #[error("the lock file {path}: {cause}; check that the folder belongs to guichet")]
    Lock {
        /// The lock file.
        path: String,
        /// What was wrong.
        cause: String,
    },
    /// The program's own path is unknown.
    #[error("cannot find out where this program lies: {0}")]
    Program(String),
}

/// Held by the one guichet that fetches and sends. Given back when dropped, or by the system at any end.
#[derive(Debug)]
pub struct Possession {
    _lock: File,
}

impl Possession {
    /// Takes the lock of the database at `store`, without waiting.
    pub fn take(store: &Path) -> Result<Possession, PossessionError> {
        let path = beside(store, "lock");
        let shown = path.display().to_string();
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path);
        let lock = lock.map_err(|error| PossessionError::Lock {
            path: shown.clone(),
            cause: error.to_string(),
        })?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Possession { _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(PossessionError::Taken { path: shown }),
            Err(error) => Err(PossessionError::Lock {
                path: shown,
                cause: error.to_string(),
            }),
        }
    }
}

/// The key beside the database at `store`; drawn when there is none yet, readable by its owner only. Keys it
/// had before are known for `life` after they were replaced.
pub fn signing_key(
    store: &Path,
    life: Duration,
    now: Timestamp,
) -> Result<SigningKey, PossessionError> {
    let path = beside(store, "key");
    let wrong = |cause: String| PossessionError::Key {
        path: path.display().to_string(),
        cause,
    };
    let present = match create(&path) {
        Ok(mut file) => {
            let drawn = draw().map_err(|error| wrong(error.to_string()))?;
            file.write_all(&drawn)
                .and_then(|()| file.sync_all())
                .map_err(|error| wrong(error.to_string()))?;
            drawn
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let bytes = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
            let found = bytes.len();
            bytes
                .try_into()
                .map_err(|_| wrong(format!("holds {found} bytes")))?
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    let former = former_keys(store, life, now)?;
    Ok(SigningKey::with_former(present, former))
}

/// Puts another key in the place of the present one, which is kept among the former ones. Takes the lock: a
/// guichet that runs would go on signing with the old key.
pub fn rotate_signing_key(
    store: &Path,
    life: Duration,
    now: Timestamp,
) -> Result<(), PossessionError> {
    let _lock = Possession::take(store)?;
    let path = beside(store, "key");
    let wrong = |cause: std::io::Error| PossessionError::Key {
        path: path.display().to_string(),
        cause: cause.to_string(),
    };
    let present = std::fs::read(&path).map_err(wrong)?;
    let bytes = present.try_into().map_err(|bytes: Vec<u8>| {
        wrong(std::io::Error::other(format!(
            "holds {} bytes",
            bytes.len()
        )))
    })?;
    let mut former = former_keys(store, life, now)?;
    former.push(FormerKey {
        bytes,
        retired_at: now,
    });
    let lines: Vec<u8> = former
        .iter()
        .flat_map(|key| {
            let at = key.retired_at.as_second().to_be_bytes();
            key.bytes.into_iter().chain(at)
        })
        .collect();
    // The old key is among the former ones before it stops being the present one: at no moment is it lost.
    replace(&beside(store, "key.former"), &lines).map_err(wrong)?;
    replace(&path, &draw().map_err(wrong)?).map_err(wrong)
}

/// The former keys that are still known, from the file of 40 bytes for each: the key and the second it was
/// replaced in, as a big-endian number.
fn former_keys(
    store: &Path,
    life: Duration,
    now: Timestamp,
) -> Result<Vec<FormerKey>, PossessionError> {
    let path = beside(store, "key.former");
    let wrong = |cause: String| PossessionError::Key {
        path: path.display().to_string(),
        cause,
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(error.to_string())),
    };
    let (records, rest) = bytes.as_chunks::<{ KEY_BYTES + 8 }>();
    if !rest.is_empty() {
        return Err(wrong(format!(
            "holds {} bytes, which is no multiple of 40",
            bytes.len()
        )));
    }
    let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
    let keys = records.iter().filter_map(|record| {
        let (bytes, second) = record.split_first_chunk::<KEY_BYTES>()?;
        let second = i64::from_be_bytes(second.try_into().ok()?);
        let retired_at = Timestamp::from_second(second).ok()?;
        (now.duration_since(retired_at) <= life).then_some(FormerKey {
            bytes: *bytes,
            retired_at,
        })
    });
    Ok(keys.collect())
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

/// Writes a file that is never seen half: beside it first, then in its place.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn draw() -> std::io::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    Ok(key)
}

/// `guichet.db` -> `guichet.db.key`.
fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".");
    path.push(ending);
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::token::ReplyToken;

    #[test]
    fn a_rotated_key_is_known_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("guichet.db");
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let month = Duration::from_secs(30 * 86_400);
        let (before, rotated) = (at("2026-11-20T10:00:00Z"), at("2026-11-22T10:00:00Z"));
        let first = signing_key(&store, month, before).unwrap();
        let ann = "ann@example.org".parse().unwrap();
        let text = first.reply_token(&"INC-1".parse().unwrap(), &ann, before);
        let token = ReplyToken::parse(&text).unwrap();
        let is_known = |now| {
            let key = signing_key(&store, month, now).unwrap();
            key.reader_of(&token, [&ann].into_iter()).is_some()
        };
        rotate_signing_key(&store, month, rotated).unwrap();
        rotate_signing_key(&store, month, at("2026-12-01T10:00:00Z")).unwrap();
        assert!(is_known(at("2026-12-20T10:00:00Z")));
        assert!(!is_known(at("2026-12-23T10:00:00Z")));
        let running = Possession::take(&store).unwrap();
        assert!(rotate_signing_key(&store, month, rotated).is_err());
        drop(running);
    }
}
