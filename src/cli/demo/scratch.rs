//! The scratch folder of the demo: a configuration, a Maildir that mails are put into, room for the rest.
//!
//! It is made anew, belongs to its user alone, and is never removed: looking around in it is what the demo is for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::cli::folder::{new_or_empty, private, unusable};
use crate::cli::{Failure, TEMPORARY};

/// How often another name is tried when a folder of an earlier demo has the one wanted.
const NAMES: u32 = 100;

/// The configuration of the demo, by the names of `product.md` §17.
const CONFIG: &str = include_str!("guichet.toml");

/// The folder.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes the folder: `wanted`, which must be new or empty, or one below the system's folder for temporary files.
    pub fn make(wanted: Option<&Path>) -> Result<Scratch, Failure> {
        let path = match wanted {
            Some(wanted) => new_or_empty(wanted)?,
            None => unused(&std::env::temp_dir())?,
        };
        let scratch = Scratch { path };
        scratch
            .furnish()
            .map_err(|error| unusable(&scratch.path, &error))?;
        Ok(scratch)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path.join("guichet.toml")
    }

    /// The Maildir that guichet reads.
    pub fn inbox(&self) -> PathBuf {
        self.path.join("inbox")
    }

    /// The Maildir that letters are put into.
    pub fn letters(&self) -> PathBuf {
        self.path.join("letters")
    }

    /// Where the digest lies: letter, page, text, table and charts.
    pub fn digest(&self) -> PathBuf {
        self.path.join("digest")
    }

    /// The page to look at.
    pub fn page(&self) -> PathBuf {
        self.path.join("index.html")
    }

    /// Delivers a mail to the inbox, as if it had arrived at `at`.
    pub fn deliver(&self, name: &str, mail: &str, at: Timestamp) -> Result<(), Failure> {
        let deliver = || {
            let waiting = self.inbox().join("tmp").join(name);
            let mut file = File::create_new(&waiting)?;
            file.write_all(mail.as_bytes())?;
            // A Maildir mail has arrived when its file was last written.
            file.set_modified(at.into())?;
            fs::rename(waiting, self.inbox().join("new").join(name))
        };
        deliver().map_err(|error| unusable(&self.path, &error))
    }

    fn furnish(&self) -> io::Result<()> {
        for folder in ["tmp", "new", "cur"] {
            private()
                .recursive(true)
                .create(self.inbox().join(folder))?;
        }
        fs::write(self.config(), CONFIG)
    }
}

/// A new folder below `parent`. Whoever may write there too cannot have made it: an existing one is not taken.
fn unused(parent: &Path) -> Result<PathBuf, Failure> {
    let process = std::process::id();
    for number in 1..=NAMES {
        let name = match number {
            1 => format!("guichet-demo-{process}"),
            number => format!("guichet-demo-{process}-{number}"),
        };
        let path = parent.join(name);
        match private().create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unusable(&path, &error)),
        }
    }
    let message = format!(
        "{} is full of demo folders; remove some, or name a folder with --output",
        parent.display()
    );
    Err(Failure::new(TEMPORARY, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::USAGE;

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine"), "x").unwrap();
        let refused = Scratch::make(Some(folder.path())).err().unwrap();
        assert_eq!(refused.code, USAGE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_taken_name_is_not_used_again() {
        let parent = tempfile::tempdir().unwrap();
        let (first, second) = (
            unused(parent.path()).unwrap(),
            unused(parent.path()).unwrap(),
        );
        assert!(first != second && first.is_dir() && second.is_dir());
    }

    #[test]
    fn the_configuration_is_right() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::make(Some(folder.path())).unwrap();
        let (_, warnings) = crate::config::load(&scratch.config()).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}
