//! Keyword files: TOML in, the desk's `Keywords` out.
//!
//! Ours are part of the program. A folder of the operator's may hold more: a file named like one of
//! ours (`fr.toml`) replaces it, any other is read after them and adds to them. The format is
//! explained at the top of `config/keywords/en.toml` and read in `read.rs`.
//! What the words lead to is the desk's part.

mod read;
mod sets;
mod source;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::desk::triage::clash::{self, Clash};
use crate::desk::triage::keywords::{BadLists, Keywords};
use read::{Collected, read};

/// The files that come with the program.
const OURS: [(&str, &str); 6] = [
    ("fr.toml", include_str!("../../../config/keywords/fr.toml")),
    ("en.toml", include_str!("../../../config/keywords/en.toml")),
    ("de.toml", include_str!("../../../config/keywords/de.toml")),
    ("es.toml", include_str!("../../../config/keywords/es.toml")),
    ("it.toml", include_str!("../../../config/keywords/it.toml")),
    ("nl.toml", include_str!("../../../config/keywords/nl.toml")),
];

/// The largest keyword file, in bytes; ours have some 40,000.
const FILE_SIZE_MAX: u64 = 1 << 20;

/// Keyword files that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeywordsError {
    /// The folder or a file in it cannot be read.
    #[error("keywords: {path} cannot be read: {source}. Check `keywords.path` and its rights")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds something that is not understood.
    #[error("{file}, line {line}{}: {fault}", at(.key))]
    Wrong {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The key, `urgency.high.words`.
        key: String,
        /// What is wrong and what to write instead.
        fault: String,
    },
    /// All files together are too much.
    #[error(transparent)]
    Lists(#[from] BadLists),
}

/// The key in a sentence; a file that is no TOML has none.
fn at(key: &str) -> String {
    match key {
        "" => String::new(),
        key => format!(", `{key}`"),
    }
}

/// Reads our files and those of `folder`, and compiles them. Nothing is kept of an earlier set, so
/// that whoever has one goes on with it when this fails.
///
/// # Errors
/// The folder cannot be read, or a file is wrong; the first fault is told.
pub fn load(folder: Option<&Path>) -> Result<Keywords, KeywordsError> {
    Ok(Keywords::new(collect(folder)?.lists)?)
}

/// Phrases that contradict or hide one another, one sentence each, in the order of the files.
///
/// # Errors
/// As `load`.
pub fn clashes(folder: Option<&Path>) -> Result<Vec<String>, KeywordsError> {
    let Collected { lists, places } = collect(folder)?;
    let place = |word: usize| places.get(word);
    let mut told = Vec::new();
    for clash in clash::find(&lists.words)? {
        let (Some(one), Some(other)) = (place(clash.word()), place(clash.other())) else {
            continue;
        };
        // A phrase of the operator's in place of ours is what the folder is for.
        if one.file != other.file && is_ours(&other.file) != is_ours(&one.file) {
            continue;
        }
        let what = match clash {
            Clash::Replaced { .. } => "replaces the same phrase in",
            Clash::Hidden { .. } => "never counts, because the same words are always also",
        };
        told.push(format!(
            "{}, line {}, `{}`: `{}` {what} `{}` (`{}`, {}, line {})",
            one.file,
            one.line,
            one.key,
            one.phrase,
            other.key,
            other.phrase,
            other.file,
            other.line
        ));
    }
    Ok(told)
}

fn is_ours(file: &str) -> bool {
    OURS.iter().any(|(name, _)| *name == file)
}

fn collect(folder: Option<&Path>) -> Result<Collected, KeywordsError> {
    let mut files: Vec<(String, String)> = OURS
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    for path in folder.map(toml_files).transpose()?.unwrap_or_default() {
        let text = read_file(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match files.iter_mut().find(|(ours, _)| *ours == name) {
            Some(ours) => *ours = (path.display().to_string(), text),
            None => files.push((path.display().to_string(), text)),
        }
    }
    let mut collected = Collected::default();
    for (name, text) in &files {
        read(name, text, &mut collected)?;
    }
    Ok(collected)
}

/// The `.toml` files of a folder, by name.
fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, KeywordsError> {
    let unreadable = |source| KeywordsError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path) -> Result<String, KeywordsError> {
    let unreadable = |source| KeywordsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_SIZE_MAX {
        let fault = format!("{size} bytes, {FILE_SIZE_MAX} at most");
        return Err(unreadable(io::Error::new(
            io::ErrorKind::FileTooLarge,
            fault,
        )));
    }
    fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests;
