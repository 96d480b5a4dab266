//! Collects what is wrong or doubtful in the file, with the line of each.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::problem::{ConfigErrors, Problem};

/// Where something stands: byte offset in the file, and its dotted key.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub at: Option<usize>,
    pub key: String,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub value: T,
    pub place: Place,
}

/// What was found wrong or doubtful so far.
pub(super) struct Findings<'t> {
    file: &'t Path,
    text: &'t str,
    errors: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl<'t> Findings<'t> {
    pub fn new(file: &'t Path, text: &'t str) -> Self {
        Self {
            file,
            text,
            errors: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Parses the text. Faults of TOML itself are all returned; nothing else is looked at then,
    /// as half a table would only give false alarms.
    pub fn parse(&self) -> Result<DeTable<'t>, ConfigErrors> {
        let (table, faults) = DeTable::parse_recoverable(self.text);
        if faults.is_empty() {
            return Ok(table.into_inner());
        }
        let problems = faults
            .into_iter()
            .map(|fault| {
                let at = fault.span().map(|span| span.start);
                Problem {
                    file: self.file.to_owned(),
                    line: at.map(|at| self.line(at)),
                    key: String::new(),
                    message: format!("not valid TOML: {}", fault.message()),
                    excerpt: at.map(|at| self.excerpt(at)),
                }
            })
            .collect();
        Err(ConfigErrors { problems })
    }

    pub fn error(&self, place: &Place, message: impl Into<String>) {
        self.errors
            .borrow_mut()
            .push(self.problem(place, message.into()));
    }

    pub fn warning(&self, place: &Place, message: impl Into<String>) {
        self.warnings
            .borrow_mut()
            .push(self.problem(place, message.into()));
    }

    /// Whether anything was found wrong so far.
    pub fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// The errors and the warnings, each in the order of the file.
    pub fn into_lists(self) -> (Vec<Problem>, Vec<Problem>) {
        let mut lists = (self.errors.into_inner(), self.warnings.into_inner());
        lists.0.sort_by_key(|problem| problem.line);
        lists.1.sort_by_key(|problem| problem.line);
        lists
    }

    /// An absolute path as it is; a relative one below the folder of the configuration file.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("/")).join(path)
    }

    /// The line a place is in, from 1.
    pub fn line_of(&self, place: &Place) -> Option<usize> {
        place.at.map(|at| self.line(at))
    }

    fn problem(&self, place: &Place, message: String) -> Problem {
        Problem {
            file: self.file.to_owned(),
            line: self.line_of(place),
            key: place.key.clone(),
            message,
            excerpt: None,
        }
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn excerpt(&self, at: usize) -> String {
        let line_number = self.line(at);
        let start = self
            .text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1);
        let line = self
            .text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let column = self
            .text
            .get(start..at)
            .map_or(0, |before| before.chars().count());
        let bar = " ".repeat(line_number.to_string().len());
        // The excerpt may end up in a log or a bug report.
        if line.contains("password") {
            return format!(
                "{bar} |\n{line_number} | (a line with a password, not shown)\n{bar} | column {}",
                column + 1
            );
        }
        format!(
            "{bar} |\n{line_number} | {line}\n{bar} | {}^ column {}",
            " ".repeat(column),
            column + 1
        )
    }
}
