//! Turns the words that hold into evidence: points for a level or a category, each phrase once.
//!
//! Words of the subject count double. A service fails when a failure stands beside its name.
//! Which words hold is asked in `negation.rs`; adding up is the part of `rank.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fold::Folded;
use super::keywords::{About, Found, Keywords, Sign};
use super::negation::{Sighting, Standing, weigh};
use super::{Impact, Place, Urgency};
use crate::desk::ids::Language;

/// Words of the subject count double (`product.md` §6).
const SUBJECT_FACTOR: i32 = 2;
/// How far apart, in words, a service and its failure may stand: "le serveur du bureau de Lyon est en panne".
const FAILURE_REACH: usize = 4;
/// How far apart, in words, a phrase and the one it needs may stand: a long sentence.
const NEED_REACH: usize = 12;
/// One piece of evidence before it is counted.
#[derive(Clone)]
pub(super) struct Evidence<'k> {
    pub(super) about: Level<'k>,
    /// The same words count once, wherever and in how many languages they are found.
    /// `None` where it is not counted any more.
    pub(super) key: Option<u32>,
    pub(super) because: Words,
    pub(super) place: Place,
    pub(super) points: i32,
}

/// What speaks: words of the mail, copied only for what is told in the end. Most evidence is the same again.
#[derive(Clone)]
pub(super) enum Words {
    /// The words of a text from one to another.
    Quoted(Arc<Folded>, usize, usize),
    /// As it was made up.
    Said(String),
}

impl Words {
    /// As a reason shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Quoted(text, first, last) => text.quote(*first, *last),
            Self::Said(text) => text.clone(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level<'k> {
    Impact(Impact),
    Urgency(Urgency),
    Category(&'k str),
}

/// The words of a mail with the phrases found in them, whatever else is known of it. Finding them is most of the work of
/// ranking, and needs nothing that is stored.
#[derive(Clone, Debug)]
pub struct Heard {
    subject: Arc<Part>,
    text: Arc<Part>,
    /// What the mail is written in, if it could be told. Words of other languages count only when this one has none to say.
    language: Option<Language>,
}

/// One part of the mail with what was found in it.
#[derive(Clone, Debug)]
struct Part {
    place: Place,
    folded: Arc<Folded>,
    /// Whose words were looked for; `None`: those of all languages.
    searched: Option<Language>,
    found: Vec<Found>,
    /// Those of `found` that other phrases need.
    needed: Vec<Found>,
}

impl Heard {
    /// Looks for phrases in a decoded subject and in the new part of a text: no quoted history, no signature.
    pub fn of(keywords: &Keywords, subject: &str, text: &str, language: Option<Language>) -> Self {
        let part = |place, text| Part::of(keywords, place, Arc::new(Folded::new(text)), language);
        let heard = Self {
            subject: Arc::new(part(Place::Subject, subject)),
            text: Arc::new(part(Place::Text, text)),
            language,
        };
        let parts = [&heard.subject, &heard.text];
        match parts.iter().any(|part| part.may_speak(keywords)) {
            true => heard,
            false => heard.in_all(keywords),
        }
    }

    /// The same with the words of all languages.
    fn in_all(&self, keywords: &Keywords) -> Self {
        let widened = |part: &Arc<Part>| match part.searched {
            None => part.clone(),
            Some(_) => {
                let folded = part.folded.clone();
                Arc::new(Part::of(keywords, part.place, folded, None))
            }
        };
        Self {
            subject: widened(&self.subject),
            text: widened(&self.text),
            language: self.language,
        }
    }

    /// Whether it is what `of` makes of these words.
    pub fn is_of(&self, subject: &str, text: &str) -> bool {
        self.subject.folded.is_of(subject) && self.text.folded.is_of(text)
    }

    /// Subject and text.
    pub(super) fn parts(&self) -> [(Place, &Folded); 2] {
        [&self.subject, &self.text].map(|part| (part.place, &*part.folded))
    }

    /// The phrases found in subject and text, those of one language and of none.
    pub(super) fn found(&self, language: Language) -> [Vec<Found>; 2] {
        [&self.subject, &self.text].map(|part| {
            let found = part.found_in(Some(language));
            found.copied().collect()
        })
    }

    /// The same without the subject. That of a reply is an old one.
    pub(super) fn without_subject(&self) -> Self {
        Self {
            subject: Arc::new(Part {
                place: Place::Subject,
                folded: Arc::new(Folded::new("")),
                searched: None,
                found: Vec::new(),
                needed: Vec::new(),
            }),
            text: self.text.clone(),
            language: self.language,
        }
    }
}

impl Part {
    fn of(
        keywords: &Keywords,
        place: Place,
        folded: Arc<Folded>,
        language: Option<Language>,
    ) -> Self {
        let found = keywords.find(&folded, language);
        Self {
            place,
            needed: found
                .iter()
                .filter(|found| found.is_need)
                .copied()
                .collect(),
            folded,
            searched: language,
            found,
        }
    }

    /// What was found of one language and of none; of all for `None`.
    fn found_in(&self, language: Option<Language>) -> impl Iterator<Item = &Found> {
        let speaks = move |found: &&Found| {
            language.is_none() || found.language.is_none() || found.language == language
        };
        self.found.iter().filter(speaks)
    }

    /// Whether one of the phrases found could tell how bad it is, if it holds.
    fn may_speak(&self, keywords: &Keywords) -> bool {
        let about = |found: &Found| keywords.entries.get(found.entry)?.about.as_ref();
        let mut about = self.found.iter().filter_map(about);
        about.any(|about| {
            !matches!(
                about,
                About::Category(_) | About::Denial(_) | About::Recipe(_)
            )
        })
    }
}

/// What the words say, before facts are asked.
#[derive(Default)]
pub(super) struct Said<'k> {
    pub(super) evidence: Vec<Evidence<'k>>,
    /// The words with which critical services are named.
    pub(super) named: Vec<(Words, Place)>,
}

/// What a mail says in its language; as though written in any, where that one has nothing to say.
pub(super) fn gather<'k>(keywords: &'k Keywords, heard: &Heard) -> Said<'k> {
    let mut said = listen(keywords, heard, heard.language);
    let speaks = |evidence: &Evidence<'_>| !matches!(evidence.about, Level::Category(_));
    if heard.language.is_some() && !said.evidence.iter().any(speaks) {
        // The language of a short mail is easily mistaken.
        said = listen(keywords, &heard.in_all(keywords), None);
    }
    said.evidence = count(said.evidence);
    said
}

fn listen<'k>(keywords: &'k Keywords, words: &Heard, language: Option<Language>) -> Said<'k> {
    let parts: [&Part; 2] = [&words.subject, &words.text];
    let mut heard = Vec::new();
    let needed = parts.map(|part| (part.place, part.needed.as_slice()));
    for part in parts {
        let found: Vec<Found> = part
            .found_in(language)
            .filter(|found| has_what_it_needs(keywords, part.place, found, &needed))
            .copied()
            .collect();
        heard.push((part, weigh(keywords, &part.folded, &found)));
    }
    let sightings = || heard.iter().flat_map(|(_, sightings)| sightings);
    let own: BTreeSet<&str> = sightings()
        .filter(|sighting| sighting.standing != Standing::Denied)
        .filter_map(|sighting| own_service(keywords, &sighting.found))
        .collect();
    let mut said = Said::default();
    for (part, sightings) in &heard {
        hear(keywords, part, sightings, &own, &mut said);
    }
    said
}

/// The service a phrase says to be one person's: "mon téléphone", "from home".
fn own_service<'k>(keywords: &'k Keywords, found: &Found) -> Option<&'k str> {
    match keywords.entries.get(found.entry)?.about.as_ref()? {
        About::Service(name, Sign::Unless) => Some(name),
        _ => None,
    }
}

/// Whether one of the phrases an entry needs is near, or in the other part when one of the two is the subject. `needed`: those
/// of each part.
pub(super) fn has_what_it_needs(
    keywords: &Keywords,
    place: Place,
    found: &Found,
    needed: &[(Place, &[Found]); 2],
) -> bool {
    let needs = match keywords.entries.get(found.entry) {
        Some(entry) if !entry.needs.is_empty() => &entry.needs,
        _ => return true,
    };
    needed.iter().any(|(other, needed)| {
        needed.iter().any(|need| {
            needs.contains(&need.entry) && (*other != place || distance(found, need) <= NEED_REACH)
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

/// Turns what was found in one part into evidence. `own`: services that are said to be one person's
/// somewhere in the mail. "VPN down" and then "at home" is no failure of the company's VPN.
fn hear<'k>(
    keywords: &'k Keywords,
    part: &Part,
    sightings: &[Sighting],
    own: &BTreeSet<&str>,
    said: &mut Said<'k>,
) {
    let factor = match part.place {
        Place::Subject => SUBJECT_FACTOR,
        _ => 1,
    };
    let quote = |first, last| Words::Quoted(part.folded.clone(), first, last);
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
    for Sighting { found, standing } in sightings.iter().copied() {
        let Some(entry) = keywords.entries.get(found.entry) else {
            continue;
        };
        let mut add = |about, because: Words, points: i32| {
            said.evidence.push(Evidence {
                about,
                key: Some(entry.key),
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
                let is_own = own.contains(name.as_str());
                let failure = match sign {
                    Sign::Unless => {
                        add(Level::Impact(Impact::Low), words, 1);
                        continue;
                    }
                    Sign::Fails if standing == Standing::Denied => continue,
                    Sign::Fails => Some(words.clone()),
                    Sign::Named if is_own => continue,
                    Sign::Named => beside(&part.folded, &found, &failures)
                        .map(|(first, last)| quote(first, last)),
                };
                match failure {
                    // A service that fails speaks for itself, with nobody needed to call it urgent.
                    Some(words) if service.is_critical() && !is_own => {
                        add(Level::Impact(Impact::High), words.clone(), 3);
                        add(Level::Urgency(Urgency::High), words, 2);
                    }
                    Some(words) => {
                        // What somebody says to be theirs is hardly a team's.
                        let points = if is_own { 1 } else { 2 };
                        add(Level::Impact(Impact::Medium), words.clone(), points);
                        add(Level::Urgency(Urgency::Medium), words, 1);
                    }
                    None if service.is_critical() => said.named.push((words, part.place)),
                    None => {}
                }
            }
            Some(About::Denial(_) | About::Recipe(_)) | None => {}
        }
    }
}

/// The words from a service to the failure beside it, in one sentence.
fn beside(text: &Folded, service: &Found, failures: &[Found]) -> Option<(usize, usize)> {
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

/// What a word about urgency says once denied or hedged. A denied "no hurry" says nothing, and neither does a denied
/// hindrance: in "without network since the storm" the "without" stands before "since the" by chance.
fn stand_urgency(level: Urgency, standing: Standing) -> Option<Urgency> {
    match (standing, level) {
        (Standing::Said, level) => Some(level),
        (_, Urgency::Low) | (Standing::Denied, Urgency::Medium) => None,
        (Standing::Hedged, Urgency::High) => Some(Urgency::Medium),
        (Standing::Hedged | Standing::Denied, _) => Some(Urgency::Low),
    }
}

/// Each phrase once for each level, where it counts most.
fn count(evidence: Vec<Evidence<'_>>) -> Vec<Evidence<'_>> {
    let mut counted: Vec<Evidence<'_>> = Vec::new();
    let mut known: BTreeMap<(Level<'_>, Option<u32>), usize> = BTreeMap::new();
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
