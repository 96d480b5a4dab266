//! The gateway wires the others together: it alone knows them all.
//!
//! Two loops that never talk to each other meet at the database: mails are received and decided, letters
//! are handed out. A wake-up between them is only a hint; losing it costs time, never mail.

mod agreeing;
mod beforehand;
mod carrying;
mod daemon;
mod deciding;
pub mod digests;
mod due;
pub mod erasing;
mod ledger;
mod letters;
mod possession;
mod shelves;
mod wake;

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread;

use crate::clock::Clock;
use crate::config::ConfigErrors;
use crate::config::keywords;
use crate::config::keywords::KeywordsError;
use crate::config::recipes;
use crate::config::recommendations::{self, RecommendationsError};
use crate::config::settings::Settings;
use crate::desk::digest::advice::Rule;
use crate::desk::rules::{Periods, Rules};
use crate::desk::triage::keywords::{BadLists, LazyKeywords};
use crate::intake::ReadRules;
use crate::scribe::{Look, Scribe, TemplateError};
use crate::store::{Store, StoreError};

pub use agreeing::{agree, agree_some};
pub use beforehand::Beforehand;
pub use daemon::{Ended, once, run};
pub use deciding::{decided, handle, order, stub_of};
pub use due::tick;
pub use letters::write_letter;
pub use possession::{Possession, PossessionError, rotate_signing_key};
pub use shelves::Shelves;

/// The gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template.
    #[error("templates: {0}")]
    Template(#[from] TemplateError),
    /// A keyword file.
    #[error("keywords: {0}")]
    Keywords(#[from] KeywordsError),
    /// The rules of recommendations.
    #[error(transparent)]
    Recommendations(#[from] RecommendationsError),
    /// The folder of recipes.
    #[error("recipes: {0}")]
    Recipes(#[from] ConfigErrors),
    /// Recipes with more phrases than can be looked for.
    #[error("recipes: {0}")]
    Phrases(#[from] BadLists),
    /// A rule without its sentence.
    #[error(
        "recommendations: there is no sentence for the rule `{0}`; add it to [advice] of en/digest.toml in the folder of templates"
    )]
    NoSentence(String),
    /// The database would not take what had to be written.
    #[error("{0}; nothing is lost: the mail waits in its mailbox or in the database")]
    Stuck(String),
    /// The key or the lock beside the database.
    #[error(transparent)]
    Possession(#[from] PossessionError),
    /// The system does not let us listen to signals.
    #[error("signals cannot be listened to: {0}")]
    Signals(String),
    /// A new configuration names another database.
    #[error("[store] path is now {}; another database needs a restart", .0.display())]
    StoreMoved(PathBuf),
}

/// What every part of a running guichet shares.
pub struct Gateway {
    /// The configuration.
    pub settings: Settings,
    /// What the desk goes by.
    pub rules: Rules,
    /// Writes letters.
    pub scribe: Scribe,
    /// What digests recommend.
    pub recommendations: Vec<Rule>,
    /// The recipes in force.
    pub shelves: Shelves,
    /// Everything that is known.
    pub store: Store,
    /// How the mails of each desk are read.
    pub read_rules: BTreeMap<String, ReadRules>,
    /// What time it is.
    pub clock: Clock,
    /// This program, started again to read mails.
    pub program: PathBuf,
}

impl Gateway {
    /// Opens the database and loads templates, keywords and the signing key. Connects to nothing.
    pub fn open(settings: Settings, clock: Clock) -> Result<Arc<Gateway>, StartError> {
        let (scribe, rules) = content(&settings, &clock)?;
        let recommendations = advice(&settings, &scribe)?;
        let shelves = shelves(&settings)?;
        let store = Store::open(&settings.store)?;
        let program =
            std::env::current_exe().map_err(|error| PossessionError::Program(error.to_string()))?;
        Ok(Arc::new(Gateway {
            read_rules: read_rules(&settings),
            settings,
            rules,
            recommendations,
            shelves,
            scribe,
            store,
            clock,
            program,
        }))
    }

    /// The same gateway with another configuration, and with templates, keywords and key read anew. The database
    /// stays the one that is open.
    pub fn renewed(&self, settings: Settings) -> Result<Arc<Gateway>, StartError> {
        if settings.store != self.settings.store {
            return Err(StartError::StoreMoved(settings.store));
        }
        let (scribe, rules) = content(&settings, &self.clock)?;
        let recommendations = advice(&settings, &scribe)?;
        let shelves = shelves(&settings)?;
        Ok(Arc::new(Gateway {
            read_rules: read_rules(&settings),
            settings,
            rules,
            recommendations,
            shelves,
            scribe,
            store: self.store.clone(),
            clock: self.clock.clone(),
            program: self.program.clone(),
        }))
    }
}

/// What is loaded from files beside the configuration.
fn content(settings: &Settings, clock: &Clock) -> Result<(Scribe, Rules), StartError> {
    let key = possession::signing_key(
        &settings.store,
        settings.limits.commands_within,
        clock.now(),
    )?;
    // Templates and keywords are most of what a start takes, and neither needs the other.
    let (scribe, rules) = thread::scope(|scope| {
        let rules = scope.spawn(|| rules(settings, key));
        let scribe = Scribe::load(&look(settings));
        let rules = rules.join();
        (scribe, rules.unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let scribe = scribe?;
    let rules = Rules {
        questions: scribe.questions(),
        ..rules?
    };
    Ok((scribe, rules))
}

/// The recipes of the configured folder.
fn shelves(settings: &Settings) -> Result<Shelves, StartError> {
    let (folder, _) = recipes::load(settings.recipes.as_deref(), &settings.people)?;
    Ok(Shelves::new(folder)?)
}

/// What digests recommend: each rule with its sentence in the templates.
fn advice(settings: &Settings, scribe: &Scribe) -> Result<Vec<Rule>, StartError> {
    let rules = recommendations::load(settings.digests.recommendations.as_deref())?;
    match rules.iter().find(|rule| !scribe.has_advice(&rule.name)) {
        Some(rule) => Err(StartError::NoSentence(rule.name.clone())),
        None => Ok(rules),
    }
}

/// What letters look like, from the configuration.
pub fn look(settings: &Settings) -> Look<'_> {
    Look {
        folder: settings.templates.as_deref(),
        accent: settings.accent.as_deref(),
        logo: settings.logo.as_deref(),
    }
}

/// What the desk goes by, from the configuration. `key` signs reply addresses and Message-IDs.
pub fn rules(
    settings: &Settings,
    key: crate::desk::token::SigningKey,
) -> Result<Rules, KeywordsError> {
    let periods = settings.desks.iter().map(|(name, desk)| {
        let periods = Periods {
            close_after_business_days: desk.close_after_business_days,
            reopen_within: desk.reopen_within,
            asks_satisfaction: desk.asks_satisfaction,
            outage: desk.outage,
            patience: desk.patience,
        };
        (name.clone(), periods)
    });
    Ok(Rules {
        people: settings.people.clone(),
        keywords: words(settings.keywords.as_deref())?,
        questions: Arc::default(),
        periods: periods.collect(),
        agreements: settings.agreements.clone(),
        budgets: settings.limits.automatic.clone(),
        retry: settings.limits.retry.clone(),
        acknowledge: settings.limits.acknowledge,
        key,
        commands_within: settings.limits.commands_within,
    })
}

/// The keywords. Those that come with guichet are compiled once in a process, and only if it looks for words.
fn words(folder: Option<&Path>) -> Result<Arc<LazyKeywords>, KeywordsError> {
    static OURS: OnceLock<Arc<LazyKeywords>> = OnceLock::new();
    let ours = || keywords::load(None).expect("the tests read the lists that come with guichet");
    match folder {
        None => Ok(OURS
            .get_or_init(|| Arc::new(LazyLock::new(Box::new(ours))))
            .clone()),
        Some(folder) => {
            let read = keywords::load(Some(folder))?;
            Ok(Arc::new(LazyLock::new(Box::new(move || read))))
        }
    }
}

/// How the mails of each desk are read. The addresses of all desks are ours everywhere.
pub fn read_rules(settings: &Settings) -> BTreeMap<String, ReadRules> {
    let our_addresses: Vec<_> = settings
        .people
        .desks
        .values()
        .map(|desk| desk.address.clone())
        .collect();
    let rules = settings.desks.iter().map(|(name, desk)| {
        let trusted_authserv_ids = desk.trusted_authserv_ids.clone();
        (
            name.clone(),
            ReadRules {
                our_addresses: our_addresses.clone(),
                trusted_authserv_ids,
            },
        )
    });
    rules.collect()
}
