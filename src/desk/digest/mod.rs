//! The digest: what a manager reads about a day, a week or a month.
//!
//! Figures come from tickets' histories alone: what was written down before the period's end, replayed. The same
//! period and scope therefore give the same figures for ever, whatever happens to the tickets afterwards. The one exception is
//! meant: a ticket counts with the organisation it belongs to *now*, because a wall stands between organisations.
//! Leaves to others: bringing histories (`store`), words and charts (`scribe`), sending (`gateway`).

pub mod advice;
pub mod figures;
pub mod life;
pub mod notes;
pub mod period;
pub mod readers;
pub mod recurring;
pub mod targets;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

/// Which tickets a digest is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// All of them.
    All,
    /// Those of a client company, by its name in the configuration.
    Organisation(String),
    /// Those a team had at the end of the period, by its name in the configuration.
    Team(String),
    /// Those of a desk, by its name in the configuration.
    Desk(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Organisation(key) => write!(f, "organisation:{key}"),
            Self::Team(key) => write!(f, "team:{key}"),
            Self::Desk(key) => write!(f, "desk:{key}"),
        }
    }
}

/// The text is no scope.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no scope; write all, organisation:NAME, team:NAME or desk:NAME")]
pub struct NotAScope(String);

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let wrong = || NotAScope(text.to_owned());
        if text == "all" {
            return Ok(Self::All);
        }
        let (kind, key) = text.split_once(':').ok_or_else(wrong)?;
        let key = Some(key.to_owned()).filter(|key| !key.is_empty());
        let key = key.ok_or_else(wrong)?;
        match kind {
            "organisation" => Ok(Self::Organisation(key)),
            "team" => Ok(Self::Team(key)),
            "desk" => Ok(Self::Desk(key)),
            _ => Err(wrong()),
        }
    }
}
