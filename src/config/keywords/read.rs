//! One keyword file: TOML in, phrases with their places out. Every fault names file, line and key.
//!
//! The format is explained at the top of `config/keywords/en.toml`. `@names` are replaced in
//! `sets.rs`; whether the phrases fit together is asked in `mod.rs`.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::KeywordsError;
use super::sets::Sets;
use super::source::File;
use crate::desk::ids::Language;
use crate::desk::triage::keywords::{About, Keywords, Lists, Service, Sign, Word};
use crate::desk::triage::{Denial, Impact, Urgency};

/// The keys under which a section lists phrases, with the weight each gives.
const LISTS: [(&str, i32); 4] = [("strong", 3), ("words", 2), ("weak", 1), ("silent", 0)];
/// The highest weight a phrase may be given: enough to outvote everything else in a mail.
const WEIGHT_MAX: i32 = 100;

/// What was read so far.
#[derive(Default)]
pub(super) struct Collected {
    /// For the desk.
    pub(super) lists: Lists,
    /// Where each of `lists.words` stands.
    pub(super) places: Vec<Place>,
}

/// Where a phrase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The file.
    pub(super) file: String,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The key, `urgency.high.words`.
    pub(super) key: String,
    /// The phrase as written, names of sets and all.
    pub(super) phrase: String,
}

/// Adds what one file says. `name` is for faults, and its stem (`fr.toml`) is the language unless
/// the file has a `language` key.
///
/// # Errors
/// It is no TOML, or holds a key, level, set or phrase that is not understood.
pub(super) fn read(name: &str, text: &str, collected: &mut Collected) -> Result<(), KeywordsError> {
    // Every phrase remembers its line; counting from the top for each would take seconds.
    let newlines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let file = File {
        name,
        newlines: &newlines,
    };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        file.wrong(at, "", error.message())
    })?;
    let mut reader = Reader {
        file,
        language: None,
        sets: Sets::default(),
        collected,
    };
    reader.file(table.get_ref())
}

type Value<'f> = Spanned<DeValue<'f>>;

struct Reader<'f, 'c> {
    file: File<'f>,
    language: Option<Language>,
    sets: Sets,
    collected: &'c mut Collected,
}

impl<'f> Reader<'f, '_> {
    fn file(&mut self, table: &DeTable<'f>) -> Result<(), KeywordsError> {
        self.language = match table.get("language") {
            Some(value) => {
                let code = self.text(value, "language")?;
                let known = || {
                    let codes = Language::ALL.map(Language::code).join(", ");
                    self.file.wrong(
                        value.span().start,
                        "language",
                        format!("`{code}` is not one of: {codes}"),
                    )
                };
                Some(Language::of(code).ok_or_else(known)?)
            }
            None => {
                let stem = Path::new(self.file.name).file_stem().unwrap_or_default();
                Language::of(&stem.to_string_lossy())
            }
        };
        if let Some(value) = table.get("set") {
            for (name, at, value) in in_order(self.table(value, "set")?) {
                self.set(name, at, value)?;
            }
        }
        for (key, at, value) in in_order(table) {
            match key {
                "language" | "set" => {}
                "impact" => {
                    let levels = [Impact::Low, Impact::Medium, Impact::High];
                    self.levels(key, value, levels.map(About::Impact))?;
                }
                "urgency" => {
                    let levels = [Urgency::Low, Urgency::Medium, Urgency::High];
                    self.levels(key, value, levels.map(About::Urgency))?;
                }
                "failure" => self.section(key, value, &About::Failure)?,
                "category" => {
                    for (name, _, value) in in_order(self.table(value, key)?) {
                        let about = About::Category(name.to_owned());
                        self.section(&format!("category.{name}"), value, &about)?;
                    }
                }
                "service" => {
                    for value in self.array(value, key)? {
                        self.service(self.table(value, key)?, value.span().start)?;
                    }
                }
                "negation" => self.negation(self.table(value, key)?)?,
                "route" => {
                    for (category, _, value) in in_order(self.table(value, key)?) {
                        let team = self.text(value, &format!("route.{category}"))?;
                        let routes = &mut self.collected.lists.routes;
                        routes.insert(category.to_owned(), team.to_owned());
                    }
                }
                _ => {
                    let known = [
                        "language", "set", "impact", "urgency", "failure", "category", "service",
                        "negation", "route",
                    ];
                    return Err(self.file.unknown(at, key, &known));
                }
            }
        }
        Ok(())
    }

    /// `who = ["customer*", "@guests"]` in `[set]`.
    fn set(&mut self, name: &str, at: usize, value: &Value<'f>) -> Result<(), KeywordsError> {
        let key = format!("set.{name}");
        let mut choices = Vec::new();
        for value in self.array(value, &key)? {
            let choice = self.text(value, &key)?;
            let added = self.sets.choices(choice);
            choices
                .extend(added.map_err(|fault| self.file.wrong(value.span().start, &key, fault))?);
        }
        let kept = self.sets.add(name, choices);
        kept.map_err(|fault| self.file.wrong(at, &key, fault))
    }

    /// `[impact.high]` and the like.
    fn levels(
        &mut self,
        key: &str,
        value: &Value<'f>,
        [low, medium, high]: [About; 3],
    ) -> Result<(), KeywordsError> {
        for (level, at, value) in in_order(self.table(value, key)?) {
            let key = format!("{key}.{level}");
            let about = match level {
                "low" => &low,
                "medium" => &medium,
                "high" => &high,
                _ => return Err(self.file.unknown(at, &key, &["low", "medium", "high"])),
            };
            self.section(&key, value, about)?;
        }
        Ok(())
    }

    /// A table whose keys list phrases by weight.
    fn section(
        &mut self,
        key: &str,
        value: &Value<'f>,
        about: &About,
    ) -> Result<(), KeywordsError> {
        for (name, at, value) in in_order(self.table(value, key)?) {
            let key = format!("{key}.{name}");
            match LISTS.iter().find(|(list, _)| *list == name) {
                Some((_, weight)) => self.phrases(&key, value, about, *weight)?,
                None => return Err(self.file.unknown(at, &key, &LISTS.map(|(list, _)| list))),
            }
        }
        Ok(())
    }

    fn service(&mut self, table: &DeTable<'f>, at: usize) -> Result<(), KeywordsError> {
        let Some(name) = table.get("name") else {
            return Err(self.file.wrong(at, "service", "has no `name`"));
        };
        let name = self.text(name, "service.name")?.to_owned();
        let mut service = Service {
            name: name.clone(),
            critical: None,
            category: None,
        };
        for (key, at, value) in in_order(table) {
            let key = format!("service.{key}");
            let about = |sign| About::Service(name.clone(), sign);
            match key.as_str() {
                "service.name" => {}
                "service.critical" => match value.get_ref().as_bool() {
                    Some(critical) => service.critical = Some(critical),
                    None => return Err(self.expected(value, &key, "true or false")),
                },
                "service.category" => {
                    service.category = Some(self.text(value, &key)?.to_owned());
                }
                "service.words" => self.phrases(&key, value, &about(Sign::Named), 2)?,
                "service.fails" => self.phrases(&key, value, &about(Sign::Fails), 2)?,
                "service.unless" => self.phrases(&key, value, &about(Sign::Unless), 2)?,
                _ => {
                    let known = ["name", "critical", "category", "words", "fails", "unless"];
                    return Err(self.file.unknown(at, &key, &known));
                }
            }
        }
        self.collected.lists.services.push(service);
        Ok(())
    }

    fn negation(&mut self, table: &DeTable<'f>) -> Result<(), KeywordsError> {
        for (name, at, value) in in_order(table) {
            let key = format!("negation.{name}");
            let denial = match name {
                "before" => Denial::Before,
                "close" => Denial::Close,
                "after" => Denial::After,
                "hedge" => Denial::Hedge,
                _ => {
                    let known = ["before", "close", "after", "hedge"];
                    return Err(self.file.unknown(at, &key, &known));
                }
            };
            self.phrases(&key, value, &About::Denial(denial), 1)?;
        }
        Ok(())
    }

    /// A list of phrases, or of `{ words, weight, needs }`.
    fn phrases(
        &mut self,
        key: &str,
        value: &Value<'f>,
        about: &About,
        weight: i32,
    ) -> Result<(), KeywordsError> {
        for value in self.array(value, key)? {
            match value.get_ref() {
                DeValue::Table(table) => self.group(key, value, table, about, weight)?,
                _ => {
                    let phrase = self.phrase(value, key)?;
                    self.push(phrase, key, about, weight, Vec::new());
                }
            }
        }
        Ok(())
    }

    /// `{ words = [..], weight = 3, needs = [..] }`
    fn group(
        &mut self,
        key: &str,
        value: &Value<'f>,
        table: &DeTable<'f>,
        about: &About,
        mut weight: i32,
    ) -> Result<(), KeywordsError> {
        let mut words = Vec::new();
        let mut needs = Vec::new();
        for (name, at, value) in in_order(table) {
            let key = format!("{key}.{name}");
            match name {
                "words" | "needs" => {
                    let list = if name == "words" {
                        &mut words
                    } else {
                        &mut needs
                    };
                    for value in self.array(value, &key)? {
                        list.push(self.phrase(value, &key)?);
                    }
                }
                "weight" => {
                    let number = value.get_ref().as_integer().map(|number| number.as_str());
                    weight = number
                        .and_then(|number| number.parse().ok())
                        .filter(|weight| (0..=WEIGHT_MAX).contains(weight))
                        .ok_or_else(|| self.expected(value, &key, "a number from 0 to 100"))?;
                }
                _ => return Err(self.file.unknown(at, &key, &["words", "weight", "needs"])),
            }
        }
        if words.is_empty() {
            return Err(self
                .file
                .wrong(value.span().start, key, "a group has no `words`"));
        }
        let needs: Vec<String> = needs.into_iter().map(|need| need.text).collect();
        for phrase in words {
            self.push(phrase, key, about, weight, needs.clone());
        }
        Ok(())
    }

    fn push(&mut self, phrase: Phrase, key: &str, about: &About, weight: i32, needs: Vec<String>) {
        self.collected.places.push(Place {
            file: self.file.name.to_owned(),
            line: phrase.line,
            key: key.to_owned(),
            phrase: phrase.written,
        });
        self.collected.lists.words.push(Word {
            phrase: phrase.text,
            about: about.clone(),
            weight,
            needs,
            language: self.language,
        });
    }

    fn phrase(&self, value: &Value<'f>, key: &str) -> Result<Phrase, KeywordsError> {
        let written = self.text(value, key)?;
        let at = value.span().start;
        let text = self.sets.expand(written);
        let text = text.map_err(|fault| self.file.wrong(at, key, fault))?;
        Keywords::check(&text).map_err(|fault| self.file.wrong(at, key, fault))?;
        Ok(Phrase {
            written: written.to_owned(),
            text,
            line: self.file.line(at),
        })
    }

    fn text<'v>(&self, value: &'v Value<'f>, key: &str) -> Result<&'v str, KeywordsError> {
        let text = value.get_ref().as_str();
        text.ok_or_else(|| self.expected(value, key, "a text in quotes"))
    }

    fn array<'v>(&self, value: &'v Value<'f>, key: &str) -> Result<&'v [Value<'f>], KeywordsError> {
        let array = value.get_ref().as_array().map(|array| &**array);
        array.ok_or_else(|| self.expected(value, key, "a list in `[ ]`"))
    }

    fn table<'v>(&self, value: &'v Value<'f>, key: &str) -> Result<&'v DeTable<'f>, KeywordsError> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.expected(value, key, "a table"))
    }

    fn expected(&self, value: &Value<'f>, key: &str, what: &str) -> KeywordsError {
        let found = value.get_ref().type_str();
        self.file.wrong(
            value.span().start,
            key,
            format!("expected {what}, found {found}"),
        )
    }
}

/// A phrase of the file.
struct Phrase {
    /// As the file has it.
    written: String,
    /// With what its sets stand for.
    text: String,
    /// Where.
    line: usize,
}

/// The keys of a table as the file orders them, each with its place in bytes: order decides ties.
fn in_order<'v, 'f>(table: &'v DeTable<'f>) -> Vec<(&'v str, usize, &'v Value<'f>)> {
    let mut keys: Vec<_> = table
        .iter()
        .map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
        .collect();
    keys.sort_by_key(|(_, at, _)| *at);
    keys
}
