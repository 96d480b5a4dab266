//! Reads the TOML file section by section and remembers where each value stands.
//!
//! serde stops at the first fault and forgets the lines. An operator wants all faults of the file
//! at once, so sections are asked for their keys here, every answer carries its place, and what
//! nobody asked for is an unknown key. What the values mean is left to `check`.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::findings::{Findings, Place, Placed};
use super::problem::{choices, nearest};
use super::units;

/// One section of the file. Every key that may stand in it is asked for once, then `done` is called.
pub(super) struct Section<'t, 'f> {
    pub place: Place,
    table: &'t DeTable<'t>,
    pub(super) findings: &'f Findings<'t>,
    asked: Vec<&'static str>,
}

impl<'t, 'f> Section<'t, 'f> {
    /// The whole file.
    pub fn root(table: &'t DeTable<'t>, findings: &'f Findings<'t>) -> Self {
        let place = Place {
            at: None,
            key: String::new(),
        };
        Self {
            place,
            table,
            findings,
            asked: Vec::new(),
        }
    }

    /// Where `name` stands, or where it would stand.
    pub fn place_of(&self, name: &str) -> Place {
        let found = self.entry(name).map(|(key, _)| key.span().start);
        Place {
            at: found.or(self.place.at),
            key: self.dotted(name),
        }
    }

    /// Whether the key is there. Counts as asked.
    pub fn has(&mut self, name: &'static str) -> bool {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        self.entry(name).is_some()
    }

    /// A text that is not empty and has no line breaks.
    pub fn text(&mut self, name: &'static str) -> Option<Placed<String>> {
        let (place, value) = self.ask(name)?;
        self.as_text(place, value)
    }

    /// Says so when the key is absent. `example` is the line to write.
    pub fn require(&mut self, name: &'static str, example: &str) {
        if !self.has(name) {
            self.findings.error(
                &self.place_of(name),
                format!("missing; write for example {example}"),
            );
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<Placed<String>>> {
        let (place, items) = self.list(name)?;
        let texts = items.iter().map(|item| {
            let place = Place {
                at: Some(item.span().start),
                key: place.key.clone(),
            };
            self.as_text(place, item.get_ref())
        });
        // All items are looked at before one wrong item spoils the list.
        let texts: Vec<_> = texts.collect();
        texts.into_iter().collect()
    }

    /// A list whose items are texts or sections.
    pub fn items(&mut self, name: &'static str) -> Option<Vec<TextOrSection<'t, 'f>>> {
        let (place, items) = self.list(name)?;
        let items = items.iter().filter_map(|item| {
            let place = Place {
                at: Some(item.span().start),
                key: place.key.clone(),
            };
            match item.get_ref() {
                DeValue::Table(_) => self
                    .as_section(place, item.get_ref())
                    .map(TextOrSection::Section),
                value => self.as_text(place, value).map(TextOrSection::Text),
            }
        });
        Some(items.collect())
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let (place, value) = self.ask(name)?;
        match value {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                self.wrong_type(&place, value, "true or false, without quotes");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let (place, value) = self.ask(name)?;
        let number = self.as_integer(&place, value)?;
        if bounds.contains(&number) {
            return Some(number);
        }
        let (least, most) = (bounds.start(), bounds.end());
        self.findings.error(
            &place,
            format!("{number} is out of range; write a number from {least} to {most}"),
        );
        None
    }

    /// A duration within bounds.
    pub fn duration(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let text = self.text(name)?;
        self.as_duration(&text, bounds)
    }

    /// One of the words a key knows.
    pub fn word<T: Copy>(&mut self, name: &'static str, known: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(name)?;
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text.value) {
            return Some(*value);
        }
        let words = || known.iter().map(|(word, _)| *word);
        let hint = match nearest(&text.value, words()) {
            Some(word) => format!("; did you mean `{word}`?"),
            None => String::new(),
        };
        self.findings.error(
            &text.place,
            format!(
                "`{}` is not known; write {}{hint}",
                text.value,
                choices(words())
            ),
        );
        None
    }

    /// A path; a relative one is relative to the folder of the configuration file.
    pub fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let text = self.text(name)?;
        Some(self.findings.resolve(&text.value))
    }

    /// A list of pairs, in the order of the file.
    pub fn numbers(&mut self, name: &'static str) -> Option<Vec<(Placed<String>, i64)>> {
        let (place, value) = self.ask(name)?;
        let DeValue::Table(table) = value else {
            self.wrong_type(&place, value, "windows and counts such as { \"1h\" = 6 }");
            return None;
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let numbers: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| {
                let place = Place {
                    at: Some(key.span().start),
                    key: format!("{}.{}", place.key, key.get_ref()),
                };
                let number = self.as_integer(&place, value.get_ref())?;
                let value = key.get_ref().to_string();
                Some((Placed { value, place }, number))
            })
            .collect();
        numbers.into_iter().collect()
    }

    /// A moment: text or a TOML date, returned as text.
    pub fn moment(&mut self, name: &'static str) -> Option<Placed<String>> {
        let (place, value) = self.ask(name)?;
        match value {
            DeValue::Datetime(moment) => Some(Placed {
                value: moment.to_string(),
                place,
            }),
            _ => self.as_text(place, value),
        }
    }

    /// A section below this one.
    pub fn section(&mut self, name: &'static str) -> Option<Section<'t, 'f>> {
        let (place, value) = self.ask(name)?;
        self.as_section(place, value)
    }

    /// The text or the section that `name` is.
    pub fn text_or_section(&mut self, name: &'static str) -> Option<TextOrSection<'t, 'f>> {
        let (place, value) = self.ask(name)?;
        match value {
            DeValue::Table(_) => self.as_section(place, value).map(TextOrSection::Section),
            _ => self.as_text(place, value).map(TextOrSection::Text),
        }
    }

    /// The sections below `name`, by their own names: those of `[technician.ann]` and `[technician.paul]`.
    pub fn named(&mut self, name: &'static str) -> Vec<(String, Section<'t, 'f>)> {
        let Some(parent) = self.section(name) else {
            return Vec::new();
        };
        let mut entries: Vec<_> = parent.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut sections = Vec::new();
        for (key, value) in entries {
            let place = Place {
                at: Some(key.span().start),
                key: parent.dotted(key.get_ref()),
            };
            if !is_name(key.get_ref()) {
                self.findings.error(
                    &place,
                    "the name of a section has 1 to 40 letters, digits, `-` or `_`; choose a shorter or simpler one",
                );
            } else if matches!(value.get_ref(), DeValue::Table(_)) {
                if let Some(section) = self.as_section(place, value.get_ref()) {
                    sections.push((key.get_ref().to_string(), section));
                }
            } else {
                self.findings.error(
                    &place,
                    format!("a key stands where a name is missing; write it below a line such as [{name}.example]"),
                );
            }
        }
        sections
    }

    /// Every key has been asked for: what is left is unknown.
    pub fn done(self) {
        for (key, _) in self.table.iter() {
            let word: &str = key.get_ref();
            if self.asked.contains(&word) {
                continue;
            }
            let place = Place {
                at: Some(key.span().start),
                key: self.dotted(word),
            };
            let message = match nearest(word, self.asked.iter().copied()) {
                Some(known) => format!("unknown key; did you mean `{known}`?"),
                None => format!(
                    "unknown key; known here: {}",
                    choices(self.asked.iter().copied())
                ),
            };
            self.findings.error(&place, message);
        }
    }

    /// Reads a duration that was found as text.
    pub fn as_duration(
        &self,
        text: &Placed<String>,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let Some(duration) = units::duration(&text.value) else {
            self.findings.error(
                &text.place,
                format!(
                    "`{}` is not a duration; write a whole number and s, m, h or d, such as 90s, 10m, 2h or 5d",
                    text.value
                ),
            );
            return None;
        };
        if bounds.contains(&duration) {
            return Some(duration);
        }
        self.findings.error(
            &text.place,
            format!(
                "{} is out of range; write {} to {}",
                text.value,
                units::write_duration(*bounds.start()),
                units::write_duration(*bounds.end())
            ),
        );
        None
    }

    fn list(&mut self, name: &'static str) -> Option<(Place, &'t [Spanned<DeValue<'t>>])> {
        let (place, value) = self.ask(name)?;
        match value {
            DeValue::Array(items) => Some((place, items)),
            _ => {
                self.wrong_type(&place, value, "a list such as [\"a\", \"b\"]");
                None
            }
        }
    }

    fn ask(&mut self, name: &'static str) -> Option<(Place, &'t DeValue<'t>)> {
        if !self.has(name) {
            return None;
        }
        let place = self.place_of(name);
        self.entry(name).map(|(_, value)| (place, value.get_ref()))
    }

    fn entry(&self, name: &str) -> Option<(&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>)> {
        self.table.iter().find(|(key, _)| key.get_ref() == name)
    }

    fn dotted(&self, name: &str) -> String {
        if self.place.key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place.key)
        }
    }

    fn as_section(&self, place: Place, value: &'t DeValue<'t>) -> Option<Section<'t, 'f>> {
        let DeValue::Table(table) = value else {
            let key = place.key.clone();
            self.wrong_type(
                &place,
                value,
                &format!("a section; begin it with a line [{key}]"),
            );
            return None;
        };
        Some(Section {
            place,
            table,
            findings: self.findings,
            asked: Vec::new(),
        })
    }

    fn as_text(&self, place: Place, value: &DeValue<'_>) -> Option<Placed<String>> {
        let DeValue::String(text) = value else {
            self.wrong_type(&place, value, "text in quotes");
            return None;
        };
        let message = if text.trim().is_empty() {
            "is empty; write a value or remove the line"
        } else if text.chars().any(char::is_control) {
            "holds a line break or another control character; write it on one line without"
        } else {
            let value = text.to_string();
            return Some(Placed { value, place });
        };
        self.findings.error(&place, message);
        None
    }

    fn as_integer(&self, place: &Place, value: &DeValue<'_>) -> Option<i64> {
        let DeValue::Integer(number) = value else {
            self.wrong_type(place, value, "a whole number without quotes");
            return None;
        };
        let read = i64::from_str_radix(number.as_str(), number.radix());
        if read.is_err() {
            self.findings
                .error(place, "the number is too large; write a smaller one");
        }
        read.ok()
    }

    fn wrong_type(&self, place: &Place, found: &DeValue<'_>, expected: &str) {
        self.findings
            .error(place, format!("expected {expected}, found {}", kind(found)));
    }
}

/// A value that may be written either way.
pub(super) enum TextOrSection<'t, 'f> {
    Text(Placed<String>),
    Section(Section<'t, 'f>),
}

/// Section names are typed in commands (`/assign ann`) and stored, so they stay simple.
fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// What a value is, never the value itself: it may be a password.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
