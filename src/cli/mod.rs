//! The commands: one file for each. Thin: they ask the library and print text or JSON.
//!
//! Exit codes are those of `sysexits.h`, because mail servers and supervisors know them.

pub mod check;
pub mod config;
pub mod confirm;
pub mod demo;
pub mod digest;
pub mod erase;
pub mod export;
pub mod folder;
pub mod order;
pub mod outbox;
pub mod parse;
pub mod pipe;
pub mod quarantine;
pub mod recipes;
pub mod rehearse;
pub mod rotate_key;
pub mod run;
pub mod screen;
pub mod simulate;
pub mod status;
pub mod templates;
pub mod tickets;
pub mod triage;
pub mod why;

use std::path::{Path, PathBuf};

use crate::config::settings::Settings;
use crate::config::{self as configuration, Warning};
use crate::gateway::{PossessionError, StartError};
use crate::store::{Reader, StoreError};

/// Everything was done.
pub const OK: u8 = 0;
/// Nothing is known of what was asked for.
pub const NOT_FOUND: u8 = 1;
/// The arguments make no sense (EX_USAGE).
pub const USAGE: u8 = 64;
/// The data make no sense (EX_DATAERR).
pub const DATA: u8 = 65;
/// A fault in guichet or its surroundings (EX_SOFTWARE).
pub const SOFTWARE: u8 = 70;
/// A file cannot be written (EX_CANTCREAT).
pub const CANTCREAT: u8 = 73;
/// Try again later (EX_TEMPFAIL).
pub const TEMPORARY: u8 = 75;
/// The configuration is wrong (EX_CONFIG).
pub const CONFIG: u8 = 78;

/// Where the configuration is looked for when `--config` does not say.
const USUAL_PLACES: [&str; 2] = ["guichet.toml", "/etc/guichet/guichet.toml"];

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What is said on standard error.
    pub message: String,
}

impl Failure {
    /// A failure with this exit code and these words.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Corrupt { .. } | StoreError::Schema { .. } => SOFTWARE,
            _ => TEMPORARY,
        };
        Self::new(code, error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Template(_)
            | StartError::Keywords(_)
            | StartError::Recommendations(_)
            | StartError::Recipes(_)
            | StartError::Phrases(_)
            | StartError::NoSentence(_) => Self::new(CONFIG, error.to_string()),
            StartError::Possession(PossessionError::Key { .. }) => {
                Self::new(CONFIG, error.to_string())
            }
            StartError::Possession(_) | StartError::Stuck(_) | StartError::Signals(_) => {
                Self::new(TEMPORARY, error.to_string())
            }
            StartError::StoreMoved(_) => Self::new(CONFIG, error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(SOFTWARE, error.to_string())
    }
}

/// The configuration file that is meant: the one given, else the first usual place where one lies.
pub fn config_file(given: Option<&Path>) -> PathBuf {
    let usual = USUAL_PLACES
        .iter()
        .map(Path::new)
        .find(|path| path.exists());
    given
        .or(usual)
        .unwrap_or(Path::new("guichet.toml"))
        .to_owned()
}

/// Reads the configuration. Every problem of it is in the failure, one a line.
pub fn settings(given: Option<&Path>) -> Result<(Settings, Vec<Warning>), Failure> {
    let file = config_file(given);
    configuration::load(&file)
        .map_err(|errors| Failure::new(CONFIG, errors.to_string().trim_end().to_owned()))
}

/// The database of the configuration, to read from. A missing one is said to be missing.
pub fn reader(given: Option<&Path>) -> Result<Reader, Failure> {
    let (settings, _) = settings(given)?;
    if !settings.store.exists() {
        let message = format!(
            "there is no database at {} yet; `guichet run` makes it when the first mail comes",
            settings.store.display()
        );
        return Err(Failure::new(NOT_FOUND, message));
    }
    Ok(Reader::open(&settings.store)?)
}

/// `1 mail`, `2 mails`, `1 try`, `2 tries`.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match (count, what.strip_suffix("ry")) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{count} {stem}ries"),
        (_, None) => format!("{count} {what}s"),
    }
}

/// Text from a mail for one line of a table: a line end in it is shown, not obeyed. What else a terminal would obey is the
/// matter of [`screen`].
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => shown.push_str(&screen::escaped(c)),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_not_several() {
        let said = [
            (0_u32, "mail"),
            (1, "mail"),
            (2, "mail"),
            (1, "try"),
            (3, "try"),
        ];
        let said = said.map(|(count, what)| counted(count, what));
        assert_eq!(said, ["0 mails", "1 mail", "2 mails", "1 try", "3 tries"]);
    }
}
