//! Draws conclusions from words and facts: impact, urgency, priority, category, team.
//!
//! Each conclusion carries its reasons, with the words as they stand in the mail. Facts (how many
//! reported, who wrote) are floors and ceilings that no word outvotes. What the words say is
//! gathered in `evidence.rs`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::evidence::{Evidence, Heard, Level, Said, gather};
use super::hours;
use super::keywords::Keywords;
use super::{Impact, Place, Priority, Reason, Subject, Urgency};

/// What is known of a mail when it is ranked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'m> {
    /// Whether the sender is known or authenticated. Nobody else raises anything above P3.
    pub vouched: bool,
    /// Whether the sender is on an organisation's list of important people.
    pub vip: bool,
    /// What the sender does that others depend on, at this hour, and how many a fault of theirs hits at least.
    pub role: Option<(&'m str, Impact)>,
    /// The desk's clock when the mail came; `None`: deadlines are not compared with it.
    pub at: Option<DateTime>,
    /// How many different people reported the same, this sender included.
    pub reporters: u32,
    /// How many tickets above P4 this sender opened today, counted for senders nobody vouches for.
    pub raised_today: u32,
}

/// How bad it is, what it is about, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// How many are hit.
    pub impact: Impact,
    /// How badly.
    pub urgency: Urgency,
    /// What follows from both, within what the sender may cause.
    pub priority: Priority,
    /// The category's name; `other` when no word speaks for one.
    pub category: String,
    /// The team the category is routed to, if it is.
    pub team: Option<String>,
    /// The evidence: for impact, for urgency, a ceiling, for the category, for the team.
    pub reasons: Vec<Reason>,
}

/// The category of a mail no word speaks of.
pub const OTHER: &str = "other";

/// Raised tickets a sender nobody vouches for gets in a day (`reliability.md` T25).
const RAISED_PER_DAY: u32 = 5;
/// Points that carry a level. One weak word does not, two do.
const POINTS_NEEDED: i32 = 2;
/// Like reports from so many people are a team's matter.
const REPORTERS_TEAM: u32 = 2;
/// Like reports from so many people are the company's matter (the example of `product.md` §6).
const REPORTERS_COMPANY: u32 = 4;
/// Reasons kept for one conclusion; a reader stops sooner.
const REASONS_MAX: usize = 12;

/// Ranks a mail.
pub fn rank(keywords: &Keywords, heard: &Heard, facts: &Facts<'_>) -> Ranking {
    conclude(keywords, facts, &said(keywords, heard, facts))
}

/// Ranks a mail by itself, asks how many report the same, and ranks it with them. The number in `facts` does not count.
pub fn rank_among(
    keywords: &Keywords,
    heard: &Heard,
    facts: &Facts<'_>,
    reporters: impl FnOnce(&Ranking) -> u32,
) -> Ranking {
    let said = said(keywords, heard, facts);
    let with = |reporters| {
        conclude(
            keywords,
            &Facts {
                reporters,
                ..*facts
            },
            &said,
        )
    };
    let alone = with(1);
    match reporters(&alone) {
        0 | 1 => alone,
        more => with(more),
    }
}

/// What the words say, and what the clock makes of them.
fn said<'k>(keywords: &'k Keywords, heard: &Heard, facts: &Facts<'_>) -> Said<'k> {
    let mut said = gather(keywords, heard);
    if let Some(at) = facts.at {
        hours::weigh(&mut said.evidence, heard, at);
    }
    said
}

fn conclude<'k>(keywords: &'k Keywords, facts: &Facts<'_>, said: &Said<'k>) -> Ranking {
    let mut counted = said.evidence.clone();
    let urgency = [Urgency::Low, Urgency::Medium, Urgency::High];
    let urgency = level(urgency, &counted, Level::Urgency);
    let impacts = [Impact::Low, Impact::Medium, Impact::High];
    let mut impact = level(impacts, &counted, Level::Impact);
    // One person's headset is not "telephony down" (`product.md` §18); several people who say so are.
    if facts.reporters >= REPORTERS_TEAM
        && urgency >= Urgency::Medium
        && let Some((words, place)) = said.named.first()
    {
        counted.push(Evidence {
            about: Level::Impact(Impact::High),
            key: None,
            because: words.clone(),
            place: *place,
            points: 3,
        });
        impact = Impact::High;
    }
    let mut facts_said = Vec::new();
    let mut floor = |level: Impact, because: String, place, weight| {
        impact = impact.max(level);
        facts_said.push(reason(Subject::Impact, word(level), because, place, weight));
    };
    if facts.reporters >= REPORTERS_TEAM {
        let level = if facts.reporters >= REPORTERS_COMPANY {
            Impact::High
        } else {
            Impact::Medium
        };
        let because = Reason::of_reporters(facts.reporters);
        floor(level, because, Place::Tickets, 3);
    }
    if facts.vip {
        floor(Impact::Medium, "VIP".to_owned(), Place::Sender, 2);
    }

    // A till that asks a question is no fault of a till.
    if let Some((name, level)) = facts.role
        && urgency >= Urgency::Medium
    {
        floor(level, name.to_owned(), Place::Sender, 2);
    }

    let mut reasons = list(&counted, Subject::Impact, |about| match about {
        Level::Impact(level) => Some((word(level), level == impact)),
        _ => None,
    });
    reasons.append(&mut facts_said);
    reasons.extend(list(&counted, Subject::Urgency, |about| match about {
        Level::Urgency(level) => Some((urgency_word(level), level == urgency)),
        _ => None,
    }));
    let mut priority = Priority::of(impact, urgency);
    if let Some((ceiling, because)) = ceiling(facts)
        && priority < ceiling
    {
        priority = ceiling;
        let because = because.to_owned();
        reasons.push(reason(
            Subject::Priority,
            ceiling.word(),
            because,
            Place::Sender,
            0,
        ));
    }
    let category = category(keywords, &counted);
    reasons.extend(list(&counted, Subject::Category, |about| match about {
        Level::Category(name) if name == category => Some((name, true)),
        _ => None,
    }));
    let team = keywords.routes.get(category).cloned();
    if let Some(team) = &team {
        let because = category.to_owned();
        reasons.push(reason(Subject::Team, team, because, Place::Rule, 0));
    }
    Ranking {
        impact,
        urgency,
        priority,
        category: category.to_owned(),
        team,
        reasons,
    }
}

/// The highest priority a sender nobody vouches for gets, and why.
fn ceiling(facts: &Facts<'_>) -> Option<(Priority, &'static str)> {
    if facts.vouched {
        None
    } else if facts.raised_today >= RAISED_PER_DAY {
        Some((Priority::P4, "unknown sender, five raised tickets today"))
    } else {
        Some((Priority::P3, "unknown sender"))
    }
}

/// The level that points speak for. The highest needs two points and more than speak for the lowest;
/// with as many on both sides the truth is in the middle.
fn level<'k, T: Copy>(
    levels: [T; 3],
    counted: &[Evidence<'k>],
    about: impl Fn(T) -> Level<'k>,
) -> T {
    let [low, medium, high] = levels;
    let points = |level: T| -> i32 {
        let of = about(level);
        let here = counted.iter().filter(|evidence| evidence.about == of);
        here.map(|evidence| evidence.points)
            .fold(0, i32::saturating_add)
    };
    let (lows, mediums, highs) = (points(low), points(medium), points(high));
    if highs >= POINTS_NEEDED && highs > lows {
        high
    } else if highs.saturating_add(mediums) > lows || (highs >= POINTS_NEEDED && highs == lows) {
        medium
    } else {
        low
    }
}

/// The category with most points; then the one with the weightiest word; then the one named first in the lists.
fn category<'k>(keywords: &'k Keywords, counted: &[Evidence<'k>]) -> &'k str {
    let mut sums: BTreeMap<&str, (i32, i32)> = BTreeMap::new();
    for evidence in counted {
        if let Level::Category(name) = evidence.about {
            let (sum, heaviest) = sums.entry(name).or_default();
            *sum = sum.saturating_add(evidence.points);
            *heaviest = (*heaviest).max(evidence.points);
        }
    }
    let place = |name: &str| keywords.categories.iter().position(|known| known == name);
    let best = sums.into_iter().min_by_key(|(name, (sum, heaviest))| {
        let place = place(name).unwrap_or(usize::MAX);
        (std::cmp::Reverse((*sum, *heaviest)), place)
    });
    best.map_or(OTHER, |(name, _)| name)
}

/// The reasons of one conclusion: those that speak for it, then the others, each the weightiest first. `of`: the level that
/// evidence of this subject speaks for, and whether it is the one concluded.
fn list<'k>(
    counted: &[Evidence<'k>],
    subject: Subject,
    of: impl Fn(Level<'k>) -> Option<(&'k str, bool)>,
) -> Vec<Reason> {
    let mut listed: Vec<(bool, &str, &Evidence<'k>)> = counted
        .iter()
        .filter_map(|evidence| {
            of(evidence.about).map(|(level, decides)| (!decides, level, evidence))
        })
        .collect();
    listed.sort_by_key(|(against, _, evidence)| (*against, -evidence.points));
    // "down" may be a failure and a phrase of its own; a reader needs it once.
    let mut told = BTreeSet::new();
    let mut reasons = Vec::new();
    for (_, level, evidence) in listed {
        let because = evidence.because.shown();
        if told.insert((level, because.to_lowercase())) {
            reasons.push(reason(
                subject,
                level,
                because,
                evidence.place,
                evidence.points,
            ));
        }
        if reasons.len() == REASONS_MAX {
            break;
        }
    }
    reasons
}

fn reason(about: Subject, level: &str, because: String, place: Place, weight: i32) -> Reason {
    Reason {
        about,
        level: level.to_owned(),
        because,
        r#where: place,
        weight,
    }
}

fn word(level: Impact) -> &'static str {
    match level {
        Impact::Low => "low",
        Impact::Medium => "medium",
        Impact::High => "high",
    }
}

fn urgency_word(level: Urgency) -> &'static str {
    match level {
        Urgency::Low => "low",
        Urgency::Medium => "medium",
        Urgency::High => "high",
    }
}

impl Ranking {
    /// In one line of English: `P2: impact high ("tout le monde", 4 reporters) x urgency medium ("lent")`.
    pub fn sentence(&self) -> String {
        let impact = self.because(Subject::Impact, word(self.impact));
        let urgency = self.because(Subject::Urgency, urgency_word(self.urgency));
        let mut sentence = format!("{}: {impact} x {urgency}", self.priority.word());
        for reason in &self.reasons {
            if reason.about == Subject::Priority {
                sentence.push_str(&format!(", at most {} ({})", reason.level, reason.because));
            }
        }
        sentence
    }

    /// A level with what speaks for it, or, when it lies between what was said, with all of that.
    fn because(&self, subject: Subject, level: &str) -> String {
        let name = match subject {
            Subject::Impact => "impact",
            _ => "urgency",
        };
        let of_subject = || self.reasons.iter().filter(|reason| reason.about == subject);
        let mut deciding: Vec<&Reason> = of_subject().filter(|r| r.level == level).collect();
        if deciding.is_empty() {
            deciding = of_subject().collect();
        }
        let shown: Vec<String> = deciding
            .iter()
            .take(3)
            .map(|reason| match reason.r#where {
                Place::Subject | Place::Text => format!("\"{}\"", reason.because),
                _ => reason.because.clone(),
            })
            .collect();
        if shown.is_empty() {
            format!("{name} {level}")
        } else {
            format!("{name} {level} ({})", shown.join(", "))
        }
    }
}
