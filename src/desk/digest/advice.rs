//! Recommendations: rules over the figures, each with the tickets that speak for it.
//!
//! Rules are data (`config/recommendations.toml`), sentences are templates. At most three, so that they are read.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::life::Life;
use super::period::Period;
use super::recurring::{self, Cluster};
use crate::desk::recipe::Outcome;
use crate::desk::recipe::score::Kept;

/// More than three are not acted upon.
pub const ADVICE_MAX: usize = 3;
/// Tickets that are cited.
const CITED_MAX: usize = 4;

/// When something is recommended.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, and that of its sentence in the templates (`advice.NAME`).
    pub name: String,
    /// What it is about: backups, updates, awareness, firewall, security-tools, equipment or recipes.
    pub theme: String,
    /// Tickets of these categories count; empty: of all.
    pub categories: Vec<String>,
    /// Tickets whose subject, cause or solution has one of these words count; folded to lower case; a trailing `*` stands for any
    /// ending. Empty: all do.
    pub words: Vec<String>,
    /// So many must count.
    pub at_least: u32,
    /// Those opened within so long before the end of the period.
    pub within: SignedDuration,
    /// Whether they must be like one another (the same printer, the same fault).
    pub alike: bool,
    /// Nothing is recommended when a ticket of this span tells one of these words: it has been done.
    pub unless: Vec<String>,
    /// What is more pressing comes first.
    pub weight: u32,
    /// It is about recipes that should be looked at again, not about tickets.
    pub recipes: Option<Review>,
}

/// Why a recipe should be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It helps too seldom.
    Failing,
    /// Nobody has looked at it for a year.
    Old,
}

/// Something to do, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The rule it follows from.
    pub rule: String,
    /// What it is about.
    pub theme: String,
    /// How many tickets speak for it.
    pub count: u32,
    /// Within how many days.
    pub days: i64,
    /// The newest of them.
    pub tickets: Vec<String>,
    /// What like tickets are about: the subject of the newest. Of a recipe its title.
    pub subject: String,
}

/// What the rules recommend at the end of the period, the most pressing first. Each theme once. Only what a ticket of the period
/// itself speaks for: a digest does not repeat last month's advice. `recipes` are those the reader may know of.
pub fn recommended(
    rules: &[Rule],
    lives: &[Life],
    clusters: &[Cluster],
    recipes: &[Kept],
    period: &Period,
) -> Vec<Advice> {
    let faults = recurring::faults(&lives.iter().collect::<Vec<_>>());
    let mut ordered: Vec<&Rule> = rules.iter().collect();
    ordered.sort_by(|a, b| (b.weight, &a.name).cmp(&(a.weight, &b.name)));
    let mut advice: Vec<Advice> = Vec::new();
    for rule in ordered {
        if advice.len() == ADVICE_MAX {
            break;
        }
        if advice.iter().any(|given| given.theme == rule.theme) {
            continue;
        }
        advice.extend(match rule.recipes {
            Some(why) => review(rule, why, lives, recipes, period),
            None => follow(rule, &faults, clusters, period),
        });
    }
    advice
}

fn follow(rule: &Rule, lives: &[&Life], clusters: &[Cluster], period: &Period) -> Option<Advice> {
    let until = period.until();
    let since = until.checked_sub(rule.within).unwrap_or(Timestamp::MIN);
    let recent = || {
        lives
            .iter()
            .copied()
            .filter(|life| since <= life.birth.at && life.birth.at < until)
    };
    if recent().any(|life| !rule.unless.is_empty() && tells(life, &rule.unless)) {
        return None;
    }
    let counts = |life: &&Life| {
        (rule.categories.is_empty() || rule.categories.contains(&life.category))
            && (rule.words.is_empty() || tells(life, &rule.words))
    };
    let counted: BTreeMap<String, &Life> = recent()
        .filter(counts)
        .map(|life| (life.birth.id.to_string(), life))
        .collect();
    let mut members: Vec<&Life> = if rule.alike {
        let like = clusters.iter().find(|cluster| {
            cluster.count >= rule.at_least && cluster.members().all(|id| counted.contains_key(&id))
        })?;
        like.members()
            .filter_map(|id| counted.get(&id).copied())
            .collect()
    } else {
        counted.into_values().collect()
    };
    members.sort_by_key(|life| std::cmp::Reverse((life.birth.at, life.birth.id.number())));
    let newest = members
        .first()
        .filter(|life| life.birth.at >= period.from())?;
    let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
    (count >= rule.at_least).then(|| Advice {
        rule: rule.name.clone(),
        theme: rule.theme.clone(),
        count,
        days: rule.within.as_hours() / 24,
        tickets: members
            .iter()
            .take(CITED_MAX)
            .map(|life| life.birth.id.to_string())
            .collect(),
        subject: newest.birth.subject.clone(),
    })
}

/// The recipe that most needs somebody to look at it, and the tickets that say so.
fn review(
    rule: &Rule,
    why: Review,
    lives: &[Life],
    recipes: &[Kept],
    period: &Period,
) -> Option<Advice> {
    let (from, until) = (period.from(), period.until());
    let since = until.checked_sub(rule.within).unwrap_or(Timestamp::MIN);
    // The tickets a recipe was offered with; those it failed, when it fails.
    let evidence = |kept: &Kept| -> Vec<(Timestamp, &Life)> {
        let moments = lives.iter().filter_map(|life| {
            let (offered, name, _) = life.recipe.as_ref()?;
            let at = match why {
                Review::Old => Some(*offered),
                Review::Failing => life
                    .tried
                    .filter(|(_, outcome)| *outcome == Outcome::Failed)
                    .map(|(at, _)| at),
            };
            at.filter(|at| *name == kept.name && since <= *at && *at < until)
                .map(|at| (at, life))
        });
        let mut found: Vec<_> = moments.collect();
        found.sort_by_key(|(at, life)| std::cmp::Reverse((*at, life.birth.id.number())));
        found
    };
    // Once when it comes of age, and whenever it was used in the period.
    let is_news = |kept: &Kept| {
        let is_used = evidence(kept).first().is_some_and(|(at, _)| *at >= from);
        is_used || why == Review::Old && !kept.is_old(from)
    };
    let mut wanted: Vec<&Kept> = recipes
        .iter()
        .filter(|kept| match why {
            Review::Failing => kept.score.fails(),
            Review::Old => kept.is_old(until),
        })
        .filter(|kept| is_news(kept))
        .collect();
    wanted.sort_by_key(|kept| match why {
        Review::Failing => (-i64::from(kept.score.failed), &kept.name),
        Review::Old => (kept.reviewed_at.map_or(0, Timestamp::as_second), &kept.name),
    });
    let worst = *wanted.first()?;
    let count = match why {
        Review::Failing => worst.score.failed,
        Review::Old => u32::try_from(wanted.len()).unwrap_or(u32::MAX),
    };
    let tickets = evidence(worst).into_iter().take(CITED_MAX);
    (count >= rule.at_least).then(|| Advice {
        rule: rule.name.clone(),
        theme: rule.theme.clone(),
        count,
        days: rule.within.as_hours() / 24,
        tickets: tickets.map(|(_, life)| life.birth.id.to_string()).collect(),
        subject: worst.title.clone(),
    })
}

/// Whether one of the words stands in the ticket's subject, cause or solution.
fn tells(life: &Life, words: &[String]) -> bool {
    let cause = life
        .cause
        .iter()
        .chain(&life.solution)
        .map(|(_, text)| text.as_str());
    std::iter::once(life.birth.subject.as_str())
        .chain(cause)
        .any(|text| {
            let text = recurring::folded(text);
            let found = |wanted: &String| match wanted.strip_suffix('*') {
                _ if wanted.contains(' ') => text.contains(wanted.trim_end_matches('*')),
                Some(begin) => text.split(' ').any(|word| word.starts_with(begin)),
                None => text.split(' ').any(|word| word == wanted),
            };
            words.iter().any(found)
        })
}
