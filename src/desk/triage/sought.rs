//! Recognises recipes by their phrases in what was heard, with the denials of the keyword lists.
//!
//! Another set of words beside the lists, because it changes while guichet runs and the lists take a tenth of a
//! second to compile. The text is folded once for both. Which of those recognised is offered is not decided here.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Place;
use super::evidence::{Heard, has_what_it_needs};
use super::fold::Folded;
use super::keywords::{About, BadLists, Found, Keywords, Lists, Word};
use super::negation::{Denials, Standing, own_words};
use crate::desk::ids::Language;

/// What recognises a recipe: two phrases of the usual weight, or one that is given as much.
pub const ENOUGH: i32 = 4;

/// A phrase that speaks for something, or against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// In the syntax of the keyword lists.
    pub text: String,
    /// How much it counts; below 0 it speaks against.
    pub weight: i32,
    /// It counts only near one of these. Empty: always.
    pub needs: Vec<String>,
}

impl Phrase {
    /// What a phrase counts for which nothing else is said.
    pub const USUAL: i32 = 2;
    /// What one counts that speaks against.
    pub const AGAINST: i32 = -1;
}

/// What is looked for.
#[derive(Debug)]
pub struct Sought(Keywords);

/// Something that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Its number among what is looked for.
    pub number: usize,
    /// What its phrases count together, each once.
    pub points: i32,
    /// The words that say so, as the mail has them.
    pub words: Vec<String>,
}

/// A phrase where it stands.
#[derive(Clone, Copy)]
struct Hit<'h> {
    place: Place,
    text: &'h Folded,
    found: Found,
    weight: i32,
}

impl Sought {
    /// Compiles phrases of one language, each with the number of what it is about.
    ///
    /// # Errors
    /// A phrase is empty or misuses one of its signs, or there are too many.
    pub fn new(phrases: impl IntoIterator<Item = (usize, Phrase)>) -> Result<Self, BadLists> {
        let word = |(number, phrase): (usize, Phrase)| Word {
            phrase: phrase.text,
            about: About::Recipe(number),
            weight: phrase.weight,
            needs: phrase.needs,
            language: None,
        };
        let lists = Lists {
            words: phrases.into_iter().map(word).collect(),
            ..Lists::default()
        };
        Keywords::new(lists).map(Self)
    }

    /// What is recognised in a mail, by number. `keywords` are those it was heard with; what they deny counts in this language.
    pub fn recognised(
        &self,
        keywords: &Keywords,
        heard: &Heard,
        language: Language,
    ) -> Vec<Recognised> {
        let mut hits = self.hits(heard);
        let may_be = |hits: &Vec<Hit<'_>>| hits.iter().map(|hit| hit.weight.max(0)).sum::<i32>();
        hits.retain(|_, hits| may_be(hits) >= ENOUGH);
        if hits.is_empty() {
            return Vec::new(); // most mails: nothing more is asked of them
        }
        let mut denials = Vec::new();
        for ((place, text), found) in heard.parts().iter().zip(heard.found(language)) {
            let all = hits.values().flatten().filter(|hit| hit.place == *place);
            let all: Vec<Found> = all.map(|hit| hit.found).collect();
            denials.push((*place, Denials::beside(keywords, text, &found, &all)));
        }
        let holds = |hit: &Hit<'_>| {
            let denials = denials.iter().find(|(place, _)| *place == hit.place);
            denials.is_none_or(|(_, denials)| {
                denials.standing(hit.text, &hit.found) != Standing::Denied
            })
        };
        hits.into_iter()
            .filter_map(|(number, mut hits)| {
                hits.retain(holds);
                self.conclude(number, hits)
            })
            .collect()
    }

    /// The phrases found, by what they are about.
    fn hits<'h>(&self, heard: &'h Heard) -> BTreeMap<usize, Vec<Hit<'h>>> {
        let entry = |found: &Found| self.0.entries.get(found.entry);
        let parts = heard.parts();
        let [subject, text] = parts.map(|(_, text)| self.0.find(text, None));
        let needed = [&subject, &text].map(|found| {
            let needed = found.iter().filter(|found| found.is_need);
            needed.copied().collect::<Vec<Found>>()
        });
        let [(first, _), (second, _)] = parts;
        let needed = [
            (first, needed[0].as_slice()),
            (second, needed[1].as_slice()),
        ];
        let mut hits: BTreeMap<usize, Vec<Hit<'h>>> = BTreeMap::new();
        for ((place, text), found) in parts.into_iter().zip([subject, text]) {
            for found in found {
                let Some(entry) = entry(&found) else {
                    continue;
                };
                let Some(About::Recipe(number)) = entry.about else {
                    continue;
                };
                if has_what_it_needs(&self.0, place, &found, &needed) {
                    hits.entry(number).or_default().push(Hit {
                        place,
                        text,
                        found,
                        weight: entry.weight,
                    });
                }
            }
        }
        hits
    }

    /// Adds up: each phrase once, and each word of the mail for the longest phrase only.
    fn conclude(&self, number: usize, mut hits: Vec<Hit<'_>>) -> Option<Recognised> {
        if hits.iter().any(|hit| hit.weight < 0) {
            return None;
        }
        hits.sort_by_key(|hit| {
            (
                Reverse((hit.weight, own_words(&hit.found).count())),
                hit.found.first,
            )
        });
        let mut taken: Vec<(Place, usize)> = Vec::new();
        let mut counted: Vec<usize> = Vec::new();
        let mut recognised = Recognised {
            number,
            points: 0,
            words: Vec::new(),
        };
        for hit in hits {
            let is_free = own_words(&hit.found).all(|word| !taken.contains(&(hit.place, word)));
            if counted.contains(&hit.found.entry) || !is_free {
                continue;
            }
            counted.push(hit.found.entry);
            taken.extend(own_words(&hit.found).map(|word| (hit.place, word)));
            recognised.points = recognised.points.saturating_add(hit.weight);
            let words = hit.text.quote(hit.found.first, hit.found.last);
            recognised.words.push(words);
        }
        (recognised.points >= ENOUGH).then_some(recognised)
    }
}
