//! Finds words in a mail: all of them in one pass, whatever their number.
//!
//! `Keywords` is made once from plain values and then only read. What a phrase may hold is told in
//! `phrase.rs`; `can't` is also found as `cant` and `can t`. The time a text takes grows with its
//! length only. The words of each language are looked for by themselves: most mails need no other language's.
//! Whether a word is denied is asked in `negation.rs`, what follows from it in `rank.rs`. Reading
//! the files of words is the configuration's part.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::LazyLock;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;

use super::fold::{Folded, Pause};
use super::negation::Denial;
pub use super::phrase::BadLists;
use super::phrase::{GAPS_MAX, Piece, key, pieces};
use super::{Impact, Urgency};
use crate::desk::ids::Language;

/// Everything that is looked for, as the configuration says it.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// The words. Of two equal phrases of one language about the same thing the later one holds.
    pub words: Vec<Word>,
    /// The services words speak of. Of a service named twice the later words about it hold.
    pub services: Vec<Service>,
    /// Which team a category goes to.
    pub routes: BTreeMap<String, String>,
}

/// A phrase and what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The phrase, in any spelling, with what `phrase.rs` allows.
    pub phrase: String,
    /// What it tells.
    pub about: About,
    /// How much it counts. Two points carry a level. Nothing at 0, where it only hides shorter phrases inside it.
    pub weight: i32,
    /// It counts only near one of these phrases, or with one of the two in the subject. Empty: always.
    pub needs: Vec<String>,
    /// The language it belongs to; `None`: any.
    pub language: Option<Language>,
}

/// What a word tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// How many are hit.
    Impact(Impact),
    /// How badly they are held up.
    Urgency(Urgency),
    /// That something does not work: urgency medium, and a service fails when it is named beside.
    Failure,
    /// What it is about, by the category's name.
    Category(String),
    /// A service, by its name.
    Service(String, Sign),
    /// That words beside it do not hold.
    Denial(Denial),
    /// That a recipe fits, by its number among those that are looked for (`sought.rs`).
    Recipe(usize),
}

/// What a word says of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It is one person's device or access: the service itself is not meant.
    Unless,
    /// It fails.
    Fails,
    /// It is named.
    Named,
}

/// Something many people depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name: `telephony`.
    pub name: String,
    /// Whether its failure is a matter of the whole company; `None`: as said before, else it is not.
    pub critical: Option<bool>,
    /// The category its words speak for.
    pub category: Option<String>,
}

impl Service {
    /// Whether its failure is a matter of the whole company.
    pub(super) fn is_critical(&self) -> bool {
        self.critical == Some(true)
    }
}

/// Keywords that are compiled when they are first asked for: ours take a twentieth of a second.
pub type LazyKeywords = LazyLock<Keywords, Box<dyn FnOnce() -> Keywords + Send>>;

/// How often one phrase is noted in one text; more of the same proves nothing and would cost memory.
const NOTED_MAX: u8 = 8;
/// All words, ready to be found.
#[derive(Debug)]
pub struct Keywords {
    /// The words of each language, and those of any.
    lexicons: Vec<Lexicon>,
    pub(super) entries: Vec<Entry>,
    pub(super) services: Vec<Service>,
    pub(super) routes: BTreeMap<String, String>,
    /// Categories in the order they were first named.
    pub(super) categories: Vec<String>,
}

/// What is looked for in one language; `None`: in any.
#[derive(Debug)]
struct Lexicon {
    language: Option<Language>,
    automaton: NFA,
    /// Which pieces of which phrases the patterns of the automaton are, pattern by pattern.
    uses: Vec<Use>,
    /// The patterns; one more for the end.
    patterns: Vec<Pattern>,
    /// How many phrases there are.
    phrases: u32,
    slots: u32,
}

/// One phrase that is looked for.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it tells; `None` for phrases that others need.
    pub(super) about: Option<About>,
    pub(super) weight: i32,
    /// The number of the phrase: equal ones have one, whatever they tell. With all that they may choose from, the phrases
    /// themselves are megabytes.
    pub(super) key: u32,
    /// Entries of which one must be near; empty: none.
    pub(super) needs: Vec<usize>,
}

/// A phrase found in a text; numbers count words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) entry: usize,
    /// The entry's language.
    pub(super) language: Option<Language>,
    /// It is only there for others that need it.
    pub(super) is_need: bool,
    pub(super) first: usize,
    pub(super) last: usize,
    /// What the dots of the phrase stood for, where that was something.
    pub(super) gaps: [Option<(usize, usize)>; GAPS_MAX],
}

/// A text the automaton looks for.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    /// How many words it goes on behind its first.
    more_words: u32,
    /// Where its uses begin.
    first_use: u32,
}

/// Where a pattern of the automaton belongs. Small, for there are tens of thousands.
#[derive(Clone, Copy, Debug)]
struct Use {
    entry: u32,
    /// The number of the phrase within its lexicon.
    phrase: u32,
    /// The slot with what must stand before this piece; `None` when the phrase begins with it.
    reads: Option<NonZeroU32>,
    /// The slot that waits for the next piece; `None` when the phrase ends with it.
    writes: Option<NonZeroU32>,
    /// The smallest number meant; 0 for words and for any number.
    least: u32,
    /// Words that may lie between this piece and the one before.
    gap: u8,
    star: bool,
    /// As in `Found`.
    is_need: bool,
}

impl Keywords {
    /// Compiles the lists.
    ///
    /// # Errors
    /// A phrase is empty or misuses one of its signs, or there are too many.
    pub fn new(lists: Lists) -> Result<Self, BadLists> {
        let mut builder = Builder::default();
        let mut services: Vec<Service> = Vec::new();
        for service in lists.services {
            match services.iter_mut().find(|known| known.name == service.name) {
                Some(known) => {
                    known.critical = service.critical.or(known.critical);
                    known.category = service.category.or(known.category.take());
                }
                None => services.push(service),
            }
        }
        for word in lists.words {
            builder.word(word)?;
        }
        let lexicons = builder.lexicons.into_iter();
        Ok(Self {
            lexicons: lexicons
                .map(|(language, built)| built.compiled(language))
                .collect::<Result<_, _>>()?,
            entries: builder.entries,
            services,
            routes: lists.routes,
            categories: builder.categories,
        })
    }

    /// The categories words speak of, in the order they were first named.
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The teams routes lead to, each with its category.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.routes
            .iter()
            .map(|(category, team)| (category.as_str(), team.as_str()))
    }

    /// Checks one phrase without compiling anything.
    ///
    /// # Errors
    /// It is empty, too long or misuses one of its signs.
    pub fn check(phrase: &str) -> Result<(), BadLists> {
        pieces(phrase).map(drop)
    }

    /// The phrases of one language and of any in the text; those of all languages for `None`. In the order their ends stand.
    pub(super) fn find(&self, text: &Folded, language: Option<Language>) -> Vec<Found> {
        let mut found = Vec::with_capacity(text.tokens.len());
        for lexicon in &self.lexicons {
            if language.is_none() || lexicon.language.is_none() || lexicon.language == language {
                lexicon.find(&self.entries, text, &mut found);
            }
        }
        found.sort_by_key(|(end, found)| (*end, found.first));
        found.into_iter().map(|(_, found)| found).collect()
    }
}

impl Lexicon {
    /// Adds every phrase in the text to `found`, each with where it ends in the folded text.
    ///
    /// Phrases begin where words begin, so each word is asked which phrases start there; most are left after a few
    /// letters. Looking for all phrases at every letter cost three times as much.
    fn find(&self, entries: &[Entry], text: &Folded, found: &mut Vec<(usize, Found)>) {
        let bytes = text.text.as_bytes();
        let words = &self.automaton;
        let Ok(root) = words.start_state(Anchored::Yes) else {
            return; // it was built for this
        };
        let mut search = Search {
            entries,
            language: self.language,
            text,
            found,
            noted: vec![0; self.phrases as usize],
            places: vec![None; self.slots as usize + 1],
            begun: Vec::new(),
        };
        for (first, token) in text.tokens.iter().enumerate() {
            let mut state = root;
            let letters = bytes.get(token.start..).unwrap_or_default();
            for (length, letter) in (1..).zip(letters) {
                state = words.next_state(Anchored::Yes, state, *letter);
                if !words.is_special(state) {
                    continue;
                }
                if !words.is_match(state) {
                    break; // dead: nothing goes on so
                }
                for number in 0..words.match_len(state) {
                    let pattern = words.match_pattern(state, number);
                    // Shorter ones that end here began at another word, or within one.
                    if words.pattern_len(pattern) != length {
                        continue;
                    }
                    let end = token.start + length;
                    let whole = bytes.get(end).is_none_or(|byte| Pause::is_sign(*byte));
                    let (more_words, uses) = self.uses_of(pattern.as_usize());
                    for used in uses {
                        if used.star || whole {
                            search.note(used, (first, first + more_words), end);
                        }
                    }
                }
            }
        }
    }

    /// How many words a pattern has behind its first, and where it belongs.
    fn uses_of(&self, pattern: usize) -> (usize, &[Use]) {
        let Some([this, next]) = self.patterns.get(pattern..pattern + 2) else {
            return (0, &[]);
        };
        let uses = self
            .uses
            .get(this.first_use as usize..next.first_use as usize);
        (this.more_words as usize, uses.unwrap_or_default())
    }
}

/// What was found of a phrase, with the next piece, if it stands where it should.
fn join(begin: Found, gap: usize, first: usize, last: usize, text: &Folded) -> Option<Found> {
    let between = first.checked_sub(begin.last + 1)?;
    let pauses = text.tokens.get(begin.last + 1..=first)?;
    let strongest = pauses.iter().map(|token| token.pause).max()?;
    let allowed = if gap == 0 {
        between == 0 && strongest <= Pause::Apostrophe
    } else {
        between <= gap && strongest < Pause::Stop
    };
    let mut gaps = begin.gaps;
    if between > 0
        && let Some(free) = gaps.iter_mut().find(|gap| gap.is_none())
    {
        *free = Some((begin.last + 1, first - 1));
    }
    allowed.then_some(Found {
        last,
        gaps,
        ..begin
    })
}

/// What one search has seen so far.
struct Search<'s> {
    entries: &'s [Entry],
    language: Option<Language>,
    text: &'s Folded,
    /// The phrases, each with where it ends in the folded text.
    found: &'s mut Vec<(usize, Found)>,
    /// How often each phrase was noted. A list, as the next one: hashing was a quarter of a search.
    noted: Vec<u8>,
    /// For each slot, where in `begun` it is, counted from 1. Common words are a part of many phrases, so this is asked
    /// far more often than there is an answer.
    places: Vec<Option<NonZeroU32>>,
    /// What was seen of phrases that are not complete.
    begun: Vec<Found>,
}

impl Search<'_> {
    /// Takes a piece of a phrase, words `first` to `last`, into account. `end`: where it ends in the folded text.
    fn note(&mut self, used: &Use, (first, last): (usize, usize), end: usize) {
        if used.least > 0 && self.text.number(last) < used.least {
            return;
        }
        let entry = used.entry as usize;
        let here = match used.reads {
            None => Some(Found {
                entry,
                language: self.language,
                is_need: used.is_need,
                first,
                last,
                gaps: [None; GAPS_MAX],
            }),
            Some(slot) => self
                .beginning(slot)
                .and_then(|begin| join(begin, usize::from(used.gap), first, last, self.text)),
        };
        let Some(here) = here else { return };
        if let Some(slot) = used.writes {
            // Of two ways to read the same words the longer one is kept.
            let longer = |known: &Found| known.last == here.last && known.first < here.first;
            if !self.beginning(slot).as_ref().is_some_and(longer) {
                self.begin(slot, here);
            }
            return;
        }
        let is_denial = self.is_denial(entry);
        if let Some(count) = self.noted.get_mut(used.phrase as usize)
            && (*count < NOTED_MAX || is_denial)
        {
            *count = count.saturating_add(1);
            self.found.push((end, here));
        }
    }

    fn is_denial(&self, entry: usize) -> bool {
        let about = self
            .entries
            .get(entry)
            .and_then(|entry| entry.about.as_ref());
        matches!(about, Some(About::Denial(_)))
    }

    fn beginning(&self, slot: NonZeroU32) -> Option<Found> {
        let place = (*self.places.get(slot.get() as usize)?)?;
        self.begun.get(place.get() as usize - 1).copied()
    }

    fn begin(&mut self, slot: NonZeroU32, found: Found) {
        let Some(place) = self.places.get_mut(slot.get() as usize) else {
            return;
        };
        match place.and_then(|place| self.begun.get_mut(place.get() as usize - 1)) {
            Some(begun) => *begun = found,
            None => {
                self.begun.push(found);
                *place = u32::try_from(self.begun.len())
                    .ok()
                    .and_then(NonZeroU32::new);
            }
        }
    }
}

#[derive(Default)]
struct Builder {
    entries: Vec<Entry>,
    /// Entries by what makes a later one replace an earlier one.
    known: HashMap<(About, Option<Language>, String), usize>,
    /// The numbers of phrases.
    keys: HashMap<String, u32>,
    lexicons: BTreeMap<Option<Language>, LexiconBuilder>,
    categories: Vec<String>,
}

#[derive(Default)]
struct LexiconBuilder {
    patterns: Vec<String>,
    ids: HashMap<String, usize>,
    /// Each with the number of its pattern.
    uses: Vec<(usize, Use)>,
    phrases: u32,
    slots: u32,
}

impl Builder {
    fn word(&mut self, word: Word) -> Result<(), BadLists> {
        if let About::Category(name) = &word.about
            && !self.categories.contains(name)
        {
            self.categories.push(name.clone());
        }
        let mut needs = Vec::new();
        for phrase in &word.needs {
            let pieces = pieces(phrase)?;
            needs.push(self.entry(key(&pieces), pieces, None, 0, word.language)?);
        }
        let pieces = pieces(&word.phrase)?;
        let place = (replaces(&word.about), word.language, key(&pieces));
        let entry = match self.known.get(&place) {
            Some(&entry) => entry,
            None => {
                let (about, key) = (Some(word.about.clone()), place.2.clone());
                let entry = self.entry(key, pieces, about, word.weight, word.language)?;
                self.known.insert(place, entry);
                entry
            }
        };
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.about = Some(word.about);
            entry.weight = word.weight;
            entry.needs = needs;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        key: String,
        pieces: Vec<Piece>,
        about: Option<About>,
        weight: i32,
        language: Option<Language>,
    ) -> Result<usize, BadLists> {
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let number = *self.keys.entry(key).or_insert(next);
        let entry = self.entries.len();
        let is_need = about.is_none();
        self.entries.push(Entry {
            about,
            weight,
            key: number,
            needs: Vec::new(),
        });
        let entry = small(entry)?;
        let lexicon = self.lexicons.entry(language).or_default();
        let mut reads = None;
        let count = pieces.len();
        for (number, piece) in pieces.into_iter().enumerate() {
            let writes = match number + 1 < count {
                true => {
                    lexicon.slots += 1;
                    NonZeroU32::new(lexicon.slots)
                }
                false => None,
            };
            for choice in piece.choices {
                let used = Use {
                    entry,
                    phrase: lexicon.phrases,
                    reads,
                    writes,
                    least: choice.least,
                    gap: u8::try_from(piece.gap).unwrap_or(u8::MAX),
                    star: choice.star,
                    is_need,
                };
                if choice.text.contains('\'') {
                    lexicon.pattern(choice.text.replace('\'', ""), used);
                    lexicon.pattern(choice.text.replace('\'', " "), used);
                }
                lexicon.pattern(choice.text, used);
            }
            reads = writes;
        }
        lexicon.phrases += 1;
        Ok(entry as usize)
    }
}

impl LexiconBuilder {
    fn pattern(&mut self, text: String, used: Use) {
        let id = *self.ids.entry(text.clone()).or_insert(self.patterns.len());
        if id == self.patterns.len() {
            self.patterns.push(text);
        }
        self.uses.push((id, used));
    }

    fn compiled(mut self, language: Option<Language>) -> Result<Lexicon, BadLists> {
        let automaton =
            NFA::new(&self.patterns).map_err(|error| BadLists::TooMany(error.to_string()))?;
        self.uses.sort_by_key(|(pattern, _)| *pattern);
        let mut uses = self.uses.iter().map(|(pattern, _)| *pattern).peekable();
        let mut first_use = 0;
        let mut patterns = Vec::with_capacity(self.patterns.len() + 1);
        for (number, text) in self.patterns.iter().enumerate() {
            let signs = text.bytes().filter(|byte| Pause::is_sign(*byte)).count();
            patterns.push(Pattern {
                more_words: small(signs)?,
                first_use,
            });
            while uses.next_if_eq(&number).is_some() {
                first_use += 1;
            }
        }
        patterns.push(Pattern {
            more_words: 0,
            first_use,
        });
        Ok(Lexicon {
            language,
            automaton,
            patterns,
            uses: self.uses.into_iter().map(|(_, used)| used).collect(),
            phrases: self.phrases,
            slots: self.slots,
        })
    }
}

fn small(number: usize) -> Result<u32, BadLists> {
    u32::try_from(number).map_err(|error| BadLists::TooMany(error.to_string()))
}

/// What an entry is about, as far as a later one with the same phrase replaces it: two levels of
/// urgency exclude each other, two categories do not.
fn replaces(about: &About) -> About {
    match about {
        About::Impact(_) => About::Impact(Impact::Low),
        About::Urgency(_) => About::Urgency(Urgency::Low),
        About::Denial(_) => About::Denial(Denial::Before),
        other => other.clone(),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
