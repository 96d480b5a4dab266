//! Puts letters into a Maildir on this machine.
//!
//! A letter is either there whole or not at all, and it survives a power cut once it is `Accepted`.
//! Its file is named after its Message-ID: carrying it twice leaves one file, as long as no reader
//! has moved the first from `new` to `cur`. Lines end as on Unix, as readers expect it there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::future::Future;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::desk::ids::MessageId;
use crate::desk::letter::{Delivery, Letter};

/// The folder that holds `new`, `cur` and `tmp`.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub(super) async fn carry<F, Fut>(&self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let name = file_name(&letter.message_id);
        let waiting = self.path.join("tmp").join(&name);
        let settled = self.path.join("new").join(&name);
        let deferred = |error: String| {
            let path = self.path.display();
            Delivery::Deferred(format!(
                "the letter could not be put into the Maildir {path}: {error}; check its owner and the free space"
            ))
        };

        let (folder, file) = (self.path.clone(), waiting.clone());
        let bytes = super::unix_lines(&letter.bytes);
        if let Err(error) = off_the_loop(move || write(&folder, &file, &bytes)).await {
            return deferred(error);
        }
        if let Err(reason) = before_dot().await {
            return Delivery::Deferred(reason);
        }
        // When the folder cannot be synced the letter may be there and may vanish in a power cut.
        // `Deferred` is right even so: the next attempt replaces the same file.
        let said = format!("new/{name}");
        match off_the_loop(move || settle(&waiting, &settled)).await {
            Ok(()) => Delivery::Accepted(said),
            Err(error) => deferred(error),
        }
    }
}

/// A name without `/` and `:` that differs for each Message-ID, whatever the id holds.
fn file_name(id: &MessageId) -> String {
    let hash = Sha256::digest(id.as_str().as_bytes());
    let short = hash.as_slice().get(..20).unwrap_or_default();
    format!("{}.guichet", data_encoding::HEXLOWER.encode(short))
}

async fn off_the_loop(
    work: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> Result<(), String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn write(folder: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    for name in ["tmp", "new", "cur"] {
        let path = folder.join(name);
        if !path.is_dir() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)?;
        }
    }
    // A file of this name can only be what an interrupted attempt left behind.
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn settle(waiting: &Path, settled: &Path) -> io::Result<()> {
    fs::rename(waiting, settled)?;
    match settled.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
