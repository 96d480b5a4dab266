//! What the desk goes by: the part of the configuration that decides things.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::agreement::Agreements;
use super::manners::{Acknowledge, Budgets};
use super::missing::Questions;
use super::outage::Threshold;
use super::people::People;
use super::token::SigningKey;
use super::triage::keywords::LazyKeywords;

/// Everything `decide` goes by beside the snapshot and the moment.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who is who.
    pub people: People,
    /// The words that tell impact, urgency and category.
    pub keywords: Arc<LazyKeywords>,
    /// What a report should say; the scribe brings it with the templates.
    pub questions: Arc<Questions>,
    /// How long things may take, for each desk.
    pub periods: BTreeMap<String, Periods>,
    /// When somebody works, and how soon an answer comes.
    pub agreements: Agreements,
    /// How many automatic letters may go out.
    pub budgets: Budgets,
    /// Pauses before each further attempt to carry a letter; the last one repeats.
    pub retry: Vec<Duration>,
    /// Whose first mail is acknowledged.
    pub acknowledge: Acknowledge,
    /// Signs reply addresses and Message-IDs.
    pub key: SigningKey,
    /// A letter can be answered with commands for so long.
    pub commands_within: Duration,
}

/// How long things may take at a desk, and when it asks.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// A resolved ticket closes after so many business days without a word.
    pub close_after_business_days: u32,
    /// A reply reopens a closed ticket so long after it was closed; later it opens a new one.
    pub reopen_within: Duration,
    /// Whether requesters are asked how content they are when their ticket closes.
    pub asks_satisfaction: bool,
    /// When like reports are proposed as an outage.
    pub outage: Threshold,
    /// How long a requester's silence is borne while their answer is awaited; for ever when absent.
    pub patience: Option<Patience>,
}

/// How long somebody's silence is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Business days before each reminder.
    pub remind_after_business_days: u32,
    /// Business days from the last reminder until the ticket is closed.
    pub give_up_after_business_days: u32,
}

impl Default for Patience {
    /// A week of working days and more: whoever is ill for some days still gets the second reminder.
    fn default() -> Self {
        Self {
            remind_after_business_days: 3,
            give_up_after_business_days: 5,
        }
    }
}

impl Default for Periods {
    /// The defaults of `product.md` §2: 5 business days, 14 days.
    fn default() -> Self {
        Self {
            close_after_business_days: 5,
            reopen_within: Duration::from_secs(14 * 86_400),
            asks_satisfaction: true,
            outage: Threshold::default(),
            patience: Some(Patience::default()),
        }
    }
}
