//! How bad is it: impact x urgency gives the priority, each with its reasons (`product.md` §6).
//!
//! The values are here. `fold.rs` makes spellings comparable, `phrase.rs` reads what is looked for,
//! `keywords.rs` finds it, `evidence.rs` keeps what was heard and says what it speaks for, `negation.rs` which words hold,
//! `hours.rs` what the clock makes of them,
//! `rank.rs` draws the conclusions; `sought.rs` recognises recipes in the same words. `like.rs` counts who reports the same, `claim.rs` hears what is said
//! later, `correction.rs` keeps what technicians find wrong, `replay.rs` ranks again, `clash.rs` finds
//! faults of the lists.

pub mod claim;
pub mod clash;
mod correction;
mod evidence;
mod fold;
mod hours;
pub mod keywords;
pub mod like;
mod negation;
mod phrase;
pub mod rank;
pub mod replay;
mod sought;

pub use correction::Correction;
pub(super) use correction::between as corrections_between;
pub use evidence::Heard;
pub use negation::Denial;
pub use sought::{ENOUGH, Phrase, Recognised, Sought};

use serde::{Deserialize, Serialize};

/// How many people or services are hit.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// One person.
    #[default]
    Low,
    /// A team or several people.
    Medium,
    /// A site, the company or a critical service.
    High,
}

/// How badly they are held up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// A question, or there is a way around.
    #[default]
    Low,
    /// Work goes on, badly.
    Medium,
    /// Blocked, losing money, or a matter of security.
    High,
}

impl Impact {
    /// `low`, `medium` or `high`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Urgency {
    /// `low`, `medium` or `high`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What is worked first. `P1` sorts before `P4`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[allow(missing_docs)] // the names say it
pub enum Priority {
    P1,
    P2,
    P3,
    #[default]
    P4,
}

impl Priority {
    /// Every priority, the most pressing first.
    pub const ALL: [Priority; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// The matrix: P1 = high/high; P2 = high/medium, medium/high; P3 = high/low, medium/medium, low/high; P4 = the rest.
    pub fn of(impact: Impact, urgency: Urgency) -> Priority {
        match impact as u8 + urgency as u8 {
            4 => Self::P1,
            3 => Self::P2,
            2 => Self::P3,
            _ => Self::P4,
        }
    }

    /// `P1` to `P4`.
    pub fn word(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }

    /// The priority a word such as `p2` names.
    pub fn parse(word: &str) -> Option<Priority> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.word().eq_ignore_ascii_case(word))
    }
}

/// One piece of evidence for a rank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What it speaks for.
    #[serde(rename = "for")]
    pub about: Subject,
    /// The level, category or team it speaks for: `low`, `medium`, `high`, `network`, `infra`, `P3`.
    pub level: String,
    /// The words found, or the fact: `tout le monde`, `4 reporters`.
    pub because: String,
    /// Where it was found.
    pub r#where: Place,
    /// How much it counts.
    pub weight: i32,
}

/// What stands behind the number where a reason is how many people report the same.
const REPORTERS: &str = " reporters";

impl Reason {
    /// How many people report the same, as it is kept, shown in JSON and in the history.
    fn of_reporters(count: u32) -> String {
        format!("{count}{REPORTERS}")
    }

    /// How many people report the same, when that is the reason: readers are told in their language.
    pub fn reporters(&self) -> Option<u32> {
        let number = self.because.strip_suffix(REPORTERS)?;
        let is_fact = self.r#where == Place::Tickets;
        is_fact.then(|| number.parse().ok()).flatten()
    }
}

/// What a reason speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Subject {
    Impact,
    Urgency,
    Priority,
    Category,
    Team,
}

impl Subject {
    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Impact => "impact",
            Self::Urgency => "urgency",
            Self::Priority => "priority",
            Self::Category => "category",
            Self::Team => "team",
        }
    }
}

/// Where evidence was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Place {
    Subject,
    Text,
    /// The sender's role or standing; with weight 0, what they claimed later (`claim.rs`).
    Sender,
    /// Other tickets.
    Tickets,
    /// A rule of the configuration.
    Rule,
    /// A technician's decision.
    Technician,
}
