//! Finds phrases that contradict or hide one another, for whoever writes the lists.
//!
//! Two levels of one kind (impact, urgency) exclude each other, so a phrase can be on one only. A
//! phrase `bloquage` never counts where `bloqu*` says something else with more weight. Exceptions
//! that count are no clash: a longer phrase, a heavier one, one that needs others.

use std::collections::HashMap;

use super::keywords::{About, BadLists, Word};
use super::phrase::{key, pieces};
use crate::desk::ids::Language;

/// Two phrases of which one takes the other's effect away. Numbers count the words of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// `word` is the same phrase as the earlier `other`, with another meaning, and holds instead.
    Replaced {
        /// The later one.
        word: usize,
        /// The earlier one.
        other: usize,
    },
    /// `word` never counts, because `other` is found wherever it is, and weighs more or stands behind it.
    Hidden {
        /// The one that never counts.
        word: usize,
        /// The one that takes its place.
        other: usize,
    },
}

impl Clash {
    /// The word whose effect is in question.
    pub fn word(self) -> usize {
        match self {
            Self::Replaced { word, .. } | Self::Hidden { word, .. } => word,
        }
    }

    /// The one it clashes with.
    pub fn other(self) -> usize {
        match self {
            Self::Replaced { other, .. } | Self::Hidden { other, .. } => other,
        }
    }
}

/// Every clash, by the number of its first word.
///
/// # Errors
/// A phrase cannot be read.
pub fn find(words: &[Word]) -> Result<Vec<Clash>, BadLists> {
    let mut clashes = Vec::new();
    let mut known: HashMap<(u8, Option<Language>, String), usize> = HashMap::new();
    // One-piece phrases with a star, by what stands before it.
    let mut stars: HashMap<(u8, String), Vec<usize>> = HashMap::new();
    let mut plain: Vec<(usize, u8, String)> = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let Some(kind) = kind(&word.about) else {
            continue;
        };
        let pieces = pieces(&word.phrase)?;
        let place = (kind, word.language, key(&pieces));
        if let Some(other) = known.insert(place, number)
            && words
                .get(other)
                .is_some_and(|other| other.about != word.about)
        {
            clashes.push(Clash::Replaced {
                word: number,
                other,
            });
            continue;
        }
        if let [piece] = pieces.as_slice() {
            for choice in piece.choices.iter().filter(|choice| choice.text != "#") {
                if choice.star {
                    let of = stars.entry((kind, choice.text.clone())).or_default();
                    of.push(number);
                }
                plain.push((number, kind, choice.text.clone()));
            }
        }
    }
    for (number, kind, text) in plain {
        let word = text.rfind([' ', '\'']).map_or(0, |at| at + 1);
        let begins = (word..=text.len()).filter_map(|end| text.get(..end));
        let covers = begins.filter_map(|begin| stars.get(&(kind, begin.to_owned())));
        let hidden = covers
            .flatten()
            .find(|other| hides(words, **other, number))
            .map(|other| Clash::Hidden {
                word: number,
                other: *other,
            });
        clashes.extend(hidden);
    }
    clashes.sort_by_key(|clash| (clash.word(), clash.other()));
    clashes.dedup();
    Ok(clashes)
}

/// Whether `other`, found at the same words, keeps `word` from saying something else.
fn hides(words: &[Word], other: usize, word: usize) -> bool {
    let (Some(one), Some(over)) = (words.get(word), words.get(other)) else {
        return false;
    };
    let heard_together =
        one.language.is_none() || over.language.is_none() || one.language == over.language;
    let stronger = over.weight > one.weight || over.weight == one.weight && other > word;
    other != word && one.about != over.about && heard_together && over.needs.is_empty() && stronger
}

/// Kinds whose levels exclude each other.
fn kind(about: &About) -> Option<u8> {
    match about {
        About::Impact(_) => Some(0),
        About::Urgency(_) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Impact, Urgency};
    use super::*;

    fn word(phrase: &str, about: About, weight: i32) -> Word {
        Word {
            phrase: phrase.to_owned(),
            about,
            weight,
            needs: Vec::new(),
            language: None,
        }
    }

    #[test]
    fn what_contradicts_or_hides_is_found_and_exceptions_are_not() {
        let high = || About::Urgency(Urgency::High);
        let low = || About::Urgency(Urgency::Low);
        let words = vec![
            word("bloqu*", high(), 3),
            word("bloquage", low(), 2),
            word("bloqué par le pare-feu", low(), 2),
            word("bloquer", low(), 4),
            word("Demain", high(), 2),
            word("demain", low(), 2),
            word("bloqués", About::Impact(Impact::High), 1),
            word("debloqué", low(), 1),
        ];
        let found = find(&words).unwrap();
        let hidden = Clash::Hidden { word: 1, other: 0 };
        let replaced = Clash::Replaced { word: 5, other: 4 };
        assert_eq!(found, [hidden, replaced]);
    }
}
