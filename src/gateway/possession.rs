//! What lies beside the database: the signing key, and the lock that one running guichet holds.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::desk::token::SigningKey;

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

/// The key beside the database at `store`; drawn when there is none yet, readable by its owner only.
pub fn signing_key(store: &Path) -> Result<SigningKey, PossessionError> {
    let path = beside(store, "key");
    let wrong = |cause: String| PossessionError::Key {
        path: path.display().to_string(),
        cause,
    };
    match OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path)
    {
        Ok(mut file) => {
            let drawn = draw().map_err(|error| wrong(error.to_string()))?;
            file.write_all(&drawn)
                .and_then(|()| file.sync_all())
                .map_err(|error| wrong(error.to_string()))?;
            Ok(SigningKey::new(drawn))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let bytes = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
            let found = bytes.len();
            let key = bytes
                .try_into()
                .map_err(|_| wrong(format!("holds {found} bytes")))?;
            Ok(SigningKey::new(key))
        }
        Err(error) => Err(wrong(error.to_string())),
    }
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
