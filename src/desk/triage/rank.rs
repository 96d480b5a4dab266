//! Draws conclusions from words and facts: impact, urgency, priority, category, team.
//!
//! Each conclusion carries its reasons, with the words as they stand in the mail. Words of the
//! subject count double. Facts (how many reported, who wrote) are floors and ceilings that no word
//! outvotes. Finding words is `keywords.rs`, asking whether they hold is `negation.rs`.

use std::collections::BTreeMap;

use super::fold::Folded;
use super::keywords::{About, Found, Keywords, Service, Sign};
use super::negation::{Sighting, Standing, weigh};
use super::{Impact, Place, Priority, Reason, Subject, Urgency};
use crate::desk::ids::Language;

/// What is known of a mail when it is ranked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'m> {
    /// The subject, decoded.
    pub subject: &'m str,
    /// The new part of the text: no quoted history, no signature.
    pub text: &'m str,
    /// The mail's language, if it could be told. Words of other languages count only when this one has none to say.
    pub language: Option<Language>,
    /// Whether the sender is known or authenticated. Nobody else raises anything above P3.
    pub vouched: bool,
    /// Whether the sender is on an organisation's list of important people.
    pub vip: bool,
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
/// Words of the subject count double (`product.md` §6).
const SUBJECT_FACTOR: i32 = 2;
/// Points that carry a level. One weak word does not, two do.
const POINTS_NEEDED: i32 = 2;
/// Like reports from so many people are a team's matter.
const REPORTERS_TEAM: u32 = 2;
/// Like reports from so many people are the company's matter (the example of `product.md` §6).
const REPORTERS_COMPANY: u32 = 4;
/// How far apart, in words, a service and its failure may stand: "le serveur du bureau de Lyon est en panne".
const FAILURE_REACH: usize = 4;
/// How far apart, in words, a phrase and the one it needs may stand: a long sentence.
const NEED_REACH: usize = 12;
/// Reasons kept for one conclusion; a reader stops sooner.
const REASONS_MAX: usize = 12;

/// One piece of evidence before it is counted.
struct Evidence<'k> {
    about: Level<'k>,
    /// The same words count once, wherever and in how many languages they are found.
    key: &'k str,
    because: String,
    place: Place,
    points: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level<'k> {
    Impact(Impact),
    Urgency(Urgency),
    Category(&'k str),
}

/// One part of the mail with what was found in it.
struct Part<'t> {
    place: Place,
    folded: Folded<'t>,
    found: Vec<Found>,
    /// Those of `found` that other phrases need.
    needed: Vec<Found>,
}

/// What the words say, before facts are asked.
#[derive(Default)]
struct Said<'k> {
    evidence: Vec<Evidence<'k>>,
    /// Critical services that are named, with the words.
    named: Vec<(&'k Service, String, Place)>,
}

/// Ranks a mail.
pub fn rank(keywords: &Keywords, facts: &Facts<'_>) -> Ranking {
    let parts =
        [(Place::Subject, facts.subject), (Place::Text, facts.text)].map(|(place, text)| {
            let folded = Folded::new(text);
            let found = keywords.find(&folded);
            let needed = |found: &&Found| {
                let entry = keywords.entries.get(found.entry);
                entry.is_some_and(|entry| entry.about.is_none())
            };
            Part {
                place,
                needed: found.iter().filter(needed).copied().collect(),
                folded,
                found,
            }
        });
    let mut said = listen(keywords, &parts, facts.language);
    let speaks = |evidence: &Evidence<'_>| !matches!(evidence.about, Level::Category(_));
    if facts.language.is_some() && !said.evidence.iter().any(speaks) {
        // The language of a short mail is easily mistaken.
        said = listen(keywords, &parts, None);
    }
    conclude(keywords, facts, said)
}

fn listen<'k>(
    keywords: &'k Keywords,
    parts: &[Part<'_>; 2],
    language: Option<Language>,
) -> Said<'k> {
    let mut said = Said::default();
    for part in parts {
        let speaks = |found: &&Found| {
            keywords.entries.get(found.entry).is_some_and(|entry| {
                language.is_none() || entry.language.is_none() || entry.language == language
            })
        };
        let found: Vec<Found> = part
            .found
            .iter()
            .filter(speaks)
            .filter(|found| has_what_it_needs(keywords, part, found, parts))
            .copied()
            .collect();
        hear(
            keywords,
            part,
            weigh(keywords, &part.folded, &found),
            &mut said,
        );
    }
    said
}

/// Whether one of the phrases an entry needs is near, or in the other part when one of the two is the subject.
fn has_what_it_needs(
    keywords: &Keywords,
    part: &Part<'_>,
    found: &Found,
    parts: &[Part<'_>; 2],
) -> bool {
    let needs = match keywords.entries.get(found.entry) {
        Some(entry) if !entry.needs.is_empty() => &entry.needs,
        _ => return true,
    };
    parts.iter().any(|other| {
        other.needed.iter().any(|need| {
            needs.contains(&need.entry)
                && (other.place != part.place || distance(found, need) <= NEED_REACH)
        })
    })
}

/// Words between two phrases; 0 when they touch or overlap.
fn distance(one: &Found, other: &Found) -> usize {
    let (before, after) = if one.first <= other.first {
        (one, other)
    } else {
        (other, one)
    };
    after.first.saturating_sub(before.last + 1)
}

/// Turns what was found in one part into evidence.
fn hear<'k>(
    keywords: &'k Keywords,
    part: &Part<'_>,
    sightings: Vec<Sighting>,
    said: &mut Said<'k>,
) {
    let factor = match part.place {
        Place::Subject => SUBJECT_FACTOR,
        _ => 1,
    };
    let quote = |first, last| part.folded.quote(first, last);
    // Failures that hold: where a service near one of them fails.
    let failures: Vec<Found> = sightings
        .iter()
        .filter(|sighting| sighting.standing != Standing::Denied)
        .map(|sighting| sighting.found)
        .filter(|found| {
            let entry = keywords.entries.get(found.entry);
            entry.is_some_and(|entry| entry.about == Some(About::Failure))
        })
        .collect();
    for Sighting { found, standing } in sightings {
        let Some(entry) = keywords.entries.get(found.entry) else {
            continue;
        };
        let mut add = |about, because: String, points: i32| {
            said.evidence.push(Evidence {
                about,
                key: &entry.key,
                because,
                place: part.place,
                points: points * factor,
            });
        };
        let words = quote(found.first, found.last);
        match entry.about.as_ref() {
            Some(About::Impact(level)) => {
                if let Some(level) = stand_impact(*level, standing) {
                    add(Level::Impact(level), words, entry.weight);
                }
            }
            Some(About::Urgency(level)) => {
                if let Some(level) = stand_urgency(*level, standing) {
                    add(Level::Urgency(level), words, entry.weight);
                }
            }
            Some(About::Failure) => {
                if let Some(level) = stand_urgency(Urgency::Medium, standing)
                    && standing != Standing::Denied
                {
                    add(Level::Urgency(level), words, entry.weight);
                }
            }
            Some(About::Category(name)) => add(Level::Category(name), words, entry.weight),
            Some(About::Service(name, sign)) => {
                let Some(service) = keywords.services.iter().find(|known| known.name == *name)
                else {
                    continue;
                };
                if let Some(category) = &service.category
                    && *sign != Sign::Unless
                {
                    add(Level::Category(category), words.clone(), entry.weight);
                }
                let failure = match sign {
                    Sign::Unless => {
                        add(Level::Impact(Impact::Low), words, 1);
                        continue;
                    }
                    Sign::Fails if standing == Standing::Denied => continue,
                    Sign::Fails => Some(words.clone()),
                    Sign::Named => beside(&part.folded, &found, &failures)
                        .map(|(first, last)| quote(first, last)),
                };
                match failure {
                    // A service that fails speaks for itself, with nobody needed to call it urgent.
                    Some(words) if service.critical => {
                        add(Level::Impact(Impact::High), words.clone(), 3);
                        add(Level::Urgency(Urgency::High), words, 2);
                    }
                    Some(words) => {
                        add(Level::Impact(Impact::Medium), words.clone(), 2);
                        add(Level::Urgency(Urgency::Medium), words, 1);
                    }
                    None if service.critical => said.named.push((service, words, part.place)),
                    None => {}
                }
            }
            Some(About::Denial(_)) | None => {}
        }
    }
}

/// The words from a service to the failure beside it, in one sentence.
fn beside(text: &Folded<'_>, service: &Found, failures: &[Found]) -> Option<(usize, usize)> {
    let near = |failure: &&Found| {
        let (first, last) = (
            service.first.min(failure.first),
            service.last.max(failure.last),
        );
        distance(service, failure) <= FAILURE_REACH
            && text
                .tokens
                .get(first + 1..=last)
                .is_some_and(|words| words.iter().all(|word| !word.pause.ends_sentence()))
    };
    let failure = failures
        .iter()
        .filter(near)
        .min_by_key(|failure| distance(service, failure))?;
    Some((
        service.first.min(failure.first),
        service.last.max(failure.last),
    ))
}

/// What a word about impact says once denied or hedged. A denied "just me" says nothing.
fn stand_impact(level: Impact, standing: Standing) -> Option<Impact> {
    match (standing, level) {
        (Standing::Said, level) => Some(level),
        (_, Impact::Low) => None,
        (Standing::Hedged, Impact::High) => Some(Impact::Medium),
        (Standing::Hedged | Standing::Denied, _) => Some(Impact::Low),
    }
}

/// What a word about urgency says once denied or hedged. A denied "no hurry" says nothing.
fn stand_urgency(level: Urgency, standing: Standing) -> Option<Urgency> {
    match (standing, level) {
        (Standing::Said, level) => Some(level),
        (_, Urgency::Low) => None,
        (Standing::Hedged, Urgency::High) => Some(Urgency::Medium),
        (Standing::Hedged | Standing::Denied, _) => Some(Urgency::Low),
    }
}

fn conclude<'k>(keywords: &'k Keywords, facts: &Facts<'_>, said: Said<'k>) -> Ranking {
    let mut counted = count(said.evidence);
    let urgency = [Urgency::Low, Urgency::Medium, Urgency::High];
    let urgency = level(urgency, &counted, Level::Urgency);
    let impacts = [Impact::Low, Impact::Medium, Impact::High];
    let mut impact = level(impacts, &counted, Level::Impact);
    let several = impact >= Impact::Medium || facts.reporters >= REPORTERS_TEAM;
    // One person's headset is not "telephony down" (`product.md` §18).
    if several
        && urgency >= Urgency::Medium
        && impact < Impact::High
        && let Some((service, words, place)) = said.named.into_iter().next()
    {
        counted.push(Evidence {
            about: Level::Impact(Impact::High),
            key: &service.name,
            because: words,
            place,
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
        let because = format!("{} reporters", facts.reporters);
        floor(level, because, Place::Tickets, 3);
    }
    if facts.vip {
        floor(Impact::Medium, "VIP".to_owned(), Place::Sender, 2);
    }

    let mut reasons = list(&counted, |about| match about {
        Level::Impact(level) => Some((Subject::Impact, word(level).to_owned(), level == impact)),
        _ => None,
    });
    reasons.append(&mut facts_said);
    reasons.extend(list(&counted, |about| match about {
        Level::Urgency(level) => {
            let name = urgency_word(level).to_owned();
            Some((Subject::Urgency, name, level == urgency))
        }
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
    reasons.extend(list(&counted, |about| match about {
        Level::Category(name) if name == category => {
            Some((Subject::Category, name.to_owned(), true))
        }
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

/// Each phrase once for each level, where it counts most.
fn count(evidence: Vec<Evidence<'_>>) -> Vec<Evidence<'_>> {
    let mut counted: Vec<Evidence<'_>> = Vec::new();
    let mut known: BTreeMap<(Level<'_>, &str), usize> = BTreeMap::new();
    for evidence in evidence {
        if evidence.points <= 0 {
            continue;
        }
        match known.get(&(evidence.about, evidence.key)) {
            Some(&at) => {
                if let Some(before) = counted.get_mut(at)
                    && before.points < evidence.points
                {
                    *before = evidence;
                }
            }
            None => {
                known.insert((evidence.about, evidence.key), counted.len());
                counted.push(evidence);
            }
        }
    }
    counted
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

/// The reasons of one conclusion: those that speak for it, then the others, each the weightiest first.
fn list(
    counted: &[Evidence<'_>],
    of: impl Fn(Level<'_>) -> Option<(Subject, String, bool)>,
) -> Vec<Reason> {
    let mut listed: Vec<(bool, Reason)> = counted
        .iter()
        .filter_map(|evidence| {
            let (subject, level, decides) = of(evidence.about)?;
            let because = evidence.because.clone();
            let made = reason(subject, &level, because, evidence.place, evidence.points);
            Some((!decides, made))
        })
        .collect();
    listed.sort_by_key(|(against, reason)| (*against, -reason.weight));
    listed.truncate(REASONS_MAX);
    listed.into_iter().map(|(_, reason)| reason).collect()
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
