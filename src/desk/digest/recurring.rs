//! Like tickets: the same fault again and again, and faults that came back after they had been solved.
//!
//! Two tickets are alike when they are of one organisation and category and their subjects share two words that mean something
//! (or the only one they have). The largest group is taken first and its tickets are not counted again, so the outcome does not
//! depend on an order, and the words say why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use jiff::Timestamp;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::life::Life;
use super::period::Period;
use crate::desk::ids::TicketId;

/// Fewer like tickets are chance.
const LIKE_MIN: usize = 3;
/// Groups that are shown.
const CLUSTERS_MAX: usize = 5;
/// Tickets that are cited for each.
const CITED_MAX: usize = 4;
/// Words of a subject that are looked at: pairs grow with the square.
const WORDS_MAX: usize = 8;
/// Characters of a text in which words are looked for.
const TEXT_MAX: usize = 400;

/// Words that say nothing about a fault, in the six languages, folded.
const EMPTY_WORDS: [&str; 112] = [
    "a", "ai", "al", "an", "and", "are", "au", "aus", "aux", "avec", "bei", "bij", "bonjour",
    "can", "ce", "cette", "con", "da", "dans", "das", "de", "dei", "del", "dem", "den", "der",
    "des", "die", "die", "does", "don", "du", "een", "ein", "eine", "el", "elle", "en", "encore",
    "est", "et", "for", "from", "fur", "geht", "has", "have", "hello", "het", "hier", "hilfe", "i",
    "ich", "il", "im", "in", "is", "it", "je", "kann", "la", "le", "les", "los", "ma", "mais",
    "marche", "mein", "met", "mit", "mon", "my", "ne", "nicht", "niet", "no", "non", "not", "nous",
    "of", "on", "op", "ou", "our", "para", "pas", "per", "plus", "por", "pour", "probleme",
    "problem", "qui", "sa", "ses", "sich", "son", "sur", "the", "to", "un", "une", "und", "van",
    "vom", "von", "with", "works", "work", "working", "you", "zum",
];

/// Like tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// The words they share.
    pub words: Vec<String>,
    /// Their category.
    pub category: String,
    /// Their organisation, by its name in the configuration.
    pub organisation: Option<String>,
    /// How many of the last four weeks.
    pub count: u32,
    /// How many of them in the period itself.
    pub in_period: u32,
    /// Seconds of business time for which they were open.
    pub lost_seconds: i64,
    /// Minutes technicians recorded on them.
    pub minutes: i64,
    /// The newest ones, by number.
    pub tickets: Vec<String>,
    /// The subject of the newest.
    pub subject: String,
    #[serde(skip)]
    members: Vec<(u32, String)>,
}

impl Cluster {
    /// Three like tickets, for samples.
    pub fn sample() -> Cluster {
        Cluster {
            words: vec!["bloquee".to_owned(), "imprimante".to_owned()],
            category: "printing".to_owned(),
            organisation: Some("acme".to_owned()),
            count: 3,
            in_period: 1,
            lost_seconds: 90_000,
            minutes: 95,
            tickets: ["INC-1031", "INC-1012", "INC-1009"]
                .map(str::to_owned)
                .to_vec(),
            subject: "Imprimante de la comptabilité bloquée".to_owned(),
            members: Vec::new(),
        }
    }

    /// All of its tickets, as people write them.
    pub fn members(&self) -> impl Iterator<Item = String> {
        self.members.iter().map(|(_, id)| id.clone())
    }
}

/// A fault that came back: its newest return, and how often it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CameBack {
    /// The ticket that had been solved.
    pub id: String,
    /// The ticket it came back in; the same one when it was opened again.
    pub again: String,
    /// Its organisation, by its name in the configuration.
    pub organisation: Option<String>,
    /// What it is about.
    pub subject: String,
    /// What had been thought to help.
    pub solution: String,
    /// How long it had been solved, in seconds.
    pub after_seconds: i64,
    /// How often it came back in the period; `id` and `again` are of the last time.
    pub times: u32,
}

/// One life for each fault, in their order: of the tickets of an outage its master, or the first where the master is
/// not among them (another organisation's). Forty people without Internet are no fault that came back forty times.
pub fn faults<'a>(lives: &[&'a Life]) -> Vec<&'a Life> {
    let masters: BTreeSet<&TicketId> = lives
        .iter()
        .filter(|life| life.birth.outage.as_ref() == Some(&life.birth.id))
        .map(|life| &life.birth.id)
        .collect();
    let mut told: BTreeSet<&TicketId> = BTreeSet::new();
    let stands_for = |life: &&&'a Life| match &life.birth.outage {
        None => true,
        Some(master) if masters.contains(master) => *master == life.birth.id,
        Some(master) => told.insert(master),
    };
    lives.iter().filter(stands_for).copied().collect()
}

/// Groups of like tickets that were opened in the period or the four weeks before its end, the largest first. Only groups with a
/// ticket in the period.
pub fn clusters(lives: &[&Life], period: &Period) -> Vec<Cluster> {
    let (from, until) = (period.from(), period.until());
    let since = period.reference_from().max(four_weeks_before(period));
    let recent: Vec<&Life> = lives
        .iter()
        .copied()
        .filter(|life| since <= life.birth.at && life.birth.at < until)
        .collect();
    let mut groups: BTreeMap<Key, Vec<&Life>> = BTreeMap::new();
    for life in &recent {
        for words in shared(&life.birth.subject) {
            let key = Key {
                organisation: life.birth.organisation.as_deref(),
                category: &life.category,
                words,
            };
            groups.entry(key).or_default().push(life);
        }
    }
    // The largest first; of equal ones the one with more words, then as the words sort. A group loses the tickets of a larger one, so
    // its size is looked at again when its turn comes.
    let mut waiting: BinaryHeap<(usize, usize, Reverse<Key<'_>>)> = groups
        .iter()
        .filter(|(_, members)| members.len() >= LIKE_MIN)
        .map(|(key, members)| (members.len(), key.words.len(), Reverse(key.clone())))
        .collect();
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    let mut found = Vec::new();
    while let Some((size, words, Reverse(key))) = waiting.pop() {
        let members = groups.get(&key).map(Vec::as_slice).unwrap_or_default();
        let number = |life: &Life| life.birth.id.number().get();
        let members: Vec<&Life> = members
            .iter()
            .copied()
            .filter(|life| !taken.contains(&number(life)))
            .collect();
        if members.len() < size {
            if members.len() >= LIKE_MIN {
                waiting.push((members.len(), words, Reverse(key)));
            }
            continue;
        }
        taken.extend(members.iter().map(|life| number(life)));
        let in_period = members.iter().filter(|life| life.birth.at >= from).count();
        if in_period > 0 {
            found.push(cluster(&key, &members, in_period));
        }
    }
    found
}

/// Those that a digest has room for.
pub fn shown(mut clusters: Vec<Cluster>) -> Vec<Cluster> {
    clusters.truncate(CLUSTERS_MAX);
    clusters
}

/// Faults that came back in the period although something had helped: a solved ticket opened again, or a like one that followed.
/// Each fault once, the most frequent first, then the newest.
pub fn came_back(lives: &[&Life], clusters: &[Cluster], period: &Period) -> Vec<CameBack> {
    let (from, until) = (period.from(), period.until());
    let within = |at: Timestamp| from <= at && at < until;
    let by_number: BTreeMap<u32, &Life> = lives
        .iter()
        .map(|life| (life.birth.id.number().get(), *life))
        .collect();
    let mut found: Vec<CameBack> = Vec::new();
    for life in lives {
        let moments: Vec<Timestamp> = life.reopened().filter(|at| within(*at)).collect();
        let again = moments.last().copied();
        let ended = again.and_then(|again| life.solved_at(again));
        if let (Some(again), Some(ended), Some((_, solution))) = (again, ended, &life.solution) {
            let back = told(life, life, solution, again, ended);
            found.push(CameBack {
                times: u32::try_from(moments.len()).unwrap_or(u32::MAX),
                ..back
            });
        }
    }
    for cluster in clusters {
        let members = cluster
            .members
            .iter()
            .filter_map(|(number, _)| by_number.get(number).copied());
        let members: Vec<&Life> = members.collect();
        let mut last: Option<CameBack> = None;
        for pair in members.windows(2) {
            let [before, after] = pair else { continue };
            let again = after.birth.at;
            let ended = before.solved_at(again);
            if let (true, Some(ended), Some((at, solution))) =
                (within(again), ended, &before.solution)
                && *at < again
            {
                let back = told(before, after, solution, again, ended);
                let times = last.map_or(1, |last| last.times + 1);
                last = Some(CameBack { times, ..back });
            }
        }
        found.extend(last);
    }
    let number = |back: &CameBack| back.again.rsplit_once('-').map(|(_, n)| n.parse::<u32>());
    found.sort_by_cached_key(|back| {
        (
            Reverse(back.times),
            Reverse(number(back).and_then(Result::ok)),
        )
    });
    found
}

fn told(
    before: &Life,
    after: &Life,
    solution: &str,
    again: Timestamp,
    ended: Timestamp,
) -> CameBack {
    CameBack {
        id: before.birth.id.to_string(),
        again: after.birth.id.to_string(),
        organisation: after.birth.organisation.clone(),
        subject: after.birth.subject.clone(),
        solution: solution.to_owned(),
        after_seconds: again.duration_since(ended).as_secs(),
        times: 1,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    organisation: Option<&'a str>,
    category: &'a str,
    words: Vec<String>,
}

fn cluster(key: &Key<'_>, members: &[&Life], in_period: usize) -> Cluster {
    let lost = members.iter().map(|life| life.trouble_seconds());
    let minutes = members.iter().flat_map(|life| &life.worked);
    let newest = members.iter().rev().take(CITED_MAX);
    Cluster {
        words: key.words.clone(),
        category: key.category.to_owned(),
        organisation: key.organisation.map(str::to_owned),
        count: u32::try_from(members.len()).unwrap_or(u32::MAX),
        in_period: u32::try_from(in_period).unwrap_or(u32::MAX),
        lost_seconds: lost.sum(),
        minutes: minutes.map(|(_, _, minutes)| minutes).sum(),
        tickets: newest.map(|life| life.birth.id.to_string()).collect(),
        subject: members
            .last()
            .map(|life| life.birth.subject.clone())
            .unwrap_or_default(),
        members: members
            .iter()
            .map(|life| (life.birth.id.number().get(), life.birth.id.to_string()))
            .collect(),
    }
}

fn four_weeks_before(period: &Period) -> Timestamp {
    let week = period.weeks().into_iter().nth(4);
    week.map_or(period.from(), |(_, from, _)| from)
        .min(period.from())
}

/// The pairs of words by which a subject can be like another; its only word when it has one.
fn shared(subject: &str) -> Vec<Vec<String>> {
    let words: Vec<String> = words(subject).into_iter().take(WORDS_MAX).collect();
    if words.len() < 2 {
        return words.into_iter().map(|word| vec![word]).collect();
    }
    let mut pairs = Vec::new();
    for (at, first) in words.iter().enumerate() {
        for second in words.iter().skip(at + 1) {
            let mut pair = vec![first.clone(), second.clone()];
            pair.sort();
            pairs.push(pair);
        }
    }
    pairs
}

/// A text in lower case without accents, its words with one space between them.
pub fn folded(text: &str) -> String {
    let text: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .take(TEXT_MAX)
        .collect();
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words of a subject that mean something: folded, each once, numbers and empty words left out.
fn words(subject: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in folded(subject).split(' ') {
        let means_nothing = word.chars().count() < 2
            || word.chars().all(|c| c.is_ascii_digit())
            || EMPTY_WORDS.contains(&word);
        if !means_nothing && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}
