//! A folder for what is nobody else's business: new or empty, and open to its owner alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{CANTCREAT, Failure, USAGE};

/// Makes folders that are open to their owner alone.
pub fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// The folder that was asked for, made where it is missing. One with something in it is left alone.
pub fn new_or_empty(wanted: &Path) -> Result<PathBuf, Failure> {
    let failed = |error: io::Error| unusable(wanted, &error);
    private().recursive(true).create(wanted).map_err(failed)?;
    let path = fs::canonicalize(wanted).map_err(failed)?;
    if fs::read_dir(&path).map_err(failed)?.next().is_some() {
        let message = format!(
            "{} is not empty; name a new folder with --output",
            wanted.display()
        );
        return Err(Failure::new(USAGE, message));
    }
    Ok(path)
}

/// Closes a folder that was there before to all but its owner.
pub fn close_to_others(folder: &Path) -> Result<(), Failure> {
    let permissions = fs::Permissions::from_mode(0o700);
    fs::set_permissions(folder, permissions).map_err(|error| unusable(folder, &error))
}

/// Writes a new file that its owner alone can read.
pub fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut opened = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    opened.write_all(bytes)
}

/// The failure for a folder in which nothing can be made.
pub fn unusable(path: &Path, error: &io::Error) -> Failure {
    let message = format!(
        "the folder {} cannot be used: {error}; name another one with --output",
        path.display()
    );
    Failure::new(CANTCREAT, message)
}
