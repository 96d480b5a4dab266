//! Where in a keyword file something stands, and how a fault there is told.

use std::fmt;

use super::KeywordsError;

/// The file that is being read, for its faults.
#[derive(Clone, Copy)]
pub(super) struct File<'f> {
    pub(super) name: &'f str,
    /// Where its lines end, in bytes.
    pub(super) newlines: &'f [usize],
}

impl File<'_> {
    pub(super) fn line(&self, at: usize) -> usize {
        self.newlines.partition_point(|newline| *newline < at) + 1
    }

    pub(super) fn wrong(&self, at: usize, key: &str, fault: impl fmt::Display) -> KeywordsError {
        KeywordsError::Wrong {
            file: self.name.to_owned(),
            line: self.line(at),
            key: key.to_owned(),
            fault: fault.to_string(),
        }
    }

    pub(super) fn unknown(&self, at: usize, key: &str, known: &[&str]) -> KeywordsError {
        let last = key.rsplit('.').next().unwrap_or(key);
        let nearest = known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(last, known), *known))
            .min()
            .filter(|(steps, _)| *steps <= 2);
        match nearest {
            Some((_, nearest)) => {
                self.wrong(at, key, format!("unknown; did you mean `{nearest}`?"))
            }
            None => self.wrong(
                at,
                key,
                format!("unknown; expected one of: {}", known.join(", ")),
            ),
        }
    }
}
