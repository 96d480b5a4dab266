//! The recipes in force, ready to be recognised in mails.
//!
//! A shelf is made once and then only read. Recognising needs nothing that is stored, so that it can be done
//! beside the thread that records; whoever uses what was recognised asks for the same revision of the shelf.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Recipe;
use crate::desk::ids::Language;
use crate::desk::triage::keywords::{BadLists, Keywords};
use crate::desk::triage::{Heard, Phrase, Sought};

/// Recipes and their phrases, compiled.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Which state of the approved drafts it was made of.
    revision: i64,
    recipes: Vec<Arc<Recipe>>,
    /// By language: a mail is not searched for the words of others.
    sought: BTreeMap<Language, Sought>,
}

/// A recipe that fits a mail by its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Which one.
    pub recipe: Arc<Recipe>,
    /// How much its phrases count together.
    pub points: i32,
    /// The words that say so.
    pub words: Vec<String>,
}

/// What a shelf recognised in a mail beforehand.
#[derive(Clone, Debug)]
pub struct Recalled {
    revision: i64,
    fits: Vec<Fit>,
}

impl Shelf {
    /// Puts recipes on a shelf, and compiles their phrases.
    ///
    /// # Errors
    /// A phrase cannot be looked for, or there are too many.
    pub fn new(revision: i64, recipes: Vec<Recipe>) -> Result<Self, BadLists> {
        let mut phrases: BTreeMap<Language, Vec<(usize, Phrase)>> = BTreeMap::new();
        for (number, recipe) in recipes.iter().enumerate() {
            let of = phrases.entry(recipe.language).or_default();
            of.extend(recipe.phrases.iter().map(|phrase| (number, phrase.clone())));
        }
        let mut sought = BTreeMap::new();
        for (language, phrases) in phrases {
            sought.insert(language, Sought::new(phrases)?);
        }
        Ok(Self {
            revision,
            sought,
            recipes: recipes.into_iter().map(Arc::new).collect(),
        })
    }

    /// Which state of the approved drafts it was made of.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Every recipe on it.
    pub fn recipes(&self) -> &[Arc<Recipe>] {
        &self.recipes
    }

    /// What fits a mail by its words, in no order that matters. One whose language could not be told is looked at in each.
    pub fn recall(
        &self,
        keywords: &Keywords,
        heard: &Heard,
        language: Option<Language>,
    ) -> Recalled {
        let searched = self.sought.iter();
        let searched = searched.filter(|(of, _)| language.is_none_or(|language| language == **of));
        let recognised = searched.flat_map(|(of, sought)| sought.recognised(keywords, heard, *of));
        let fits = recognised.filter_map(|recognised| {
            Some(Fit {
                recipe: self.recipes.get(recognised.number)?.clone(),
                points: recognised.points,
                words: recognised.words,
            })
        });
        Recalled {
            revision: self.revision,
            fits: fits.collect(),
        }
    }
}

impl Recalled {
    /// What fits, if it was recognised by a shelf of this revision.
    pub fn of(&self, revision: i64) -> Option<&[Fit]> {
        (self.revision == revision).then_some(self.fits.as_slice())
    }
}
