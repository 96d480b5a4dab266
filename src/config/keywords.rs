//! Keyword files: TOML in, the desk's `Keywords` out.
//!
//! Ours are part of the program. A folder of the operator's may hold more: a file named like one of
//! ours (`fr.toml`) replaces it, any other is read after them and adds to them. The format is
//! explained at the top of `config/keywords/en.toml`. Every fault names file, line and key.
//! What the words lead to is the desk's part.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::desk::ids::Language;
use crate::desk::triage::keywords::{About, BadLists, Keywords, Lists, Service, Sign, Word};
use crate::desk::triage::{Denial, Impact, Urgency};

/// The files that come with the program.
const OURS: [(&str, &str); 6] = [
    ("fr.toml", include_str!("../../config/keywords/fr.toml")),
    ("en.toml", include_str!("../../config/keywords/en.toml")),
    ("de.toml", include_str!("../../config/keywords/de.toml")),
    ("es.toml", include_str!("../../config/keywords/es.toml")),
    ("it.toml", include_str!("../../config/keywords/it.toml")),
    ("nl.toml", include_str!("../../config/keywords/nl.toml")),
];

/// The largest keyword file, in bytes; ours have some 40,000.
const FILE_SIZE_MAX: u64 = 1 << 20;

/// The keys under which a section lists phrases, with the weight each gives.
const LISTS: [(&str, i32); 4] = [("strong", 3), ("words", 2), ("weak", 1), ("silent", 0)];
/// The highest weight a phrase may be given: enough to outvote everything else in a mail.
const WEIGHT_MAX: i32 = 100;

/// Keyword files that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeywordsError {
    /// The folder or a file in it cannot be read.
    #[error("keywords: {path} cannot be read: {source}. Check `keywords.path` and its rights")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds something that is not understood.
    #[error("{file}, line {line}, `{key}`: {fault}")]
    Wrong {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The key, `urgency.high.words`.
        key: String,
        /// What is wrong and what to write instead.
        fault: String,
    },
    /// All files together are too much.
    #[error(transparent)]
    Lists(#[from] BadLists),
}

/// Reads our files and those of `folder`, and compiles them.
///
/// # Errors
/// The folder cannot be read, or a file is wrong; the first fault is told.
pub fn load(folder: Option<&Path>) -> Result<Keywords, KeywordsError> {
    let mut files: Vec<(String, String)> = OURS
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    for path in folder.map(toml_files).transpose()?.unwrap_or_default() {
        let text = read_file(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match files.iter_mut().find(|(ours, _)| *ours == name) {
            Some(ours) => *ours = (path.display().to_string(), text),
            None => files.push((path.display().to_string(), text)),
        }
    }
    let mut lists = Lists::default();
    for (name, text) in &files {
        read(name, text, &mut lists)?;
    }
    Ok(Keywords::new(lists)?)
}

/// The `.toml` files of a folder, by name.
fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, KeywordsError> {
    let unreadable = |source| KeywordsError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path) -> Result<String, KeywordsError> {
    let unreadable = |source| KeywordsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_SIZE_MAX {
        let fault = format!("{size} bytes, {FILE_SIZE_MAX} at most");
        return Err(unreadable(io::Error::new(
            io::ErrorKind::FileTooLarge,
            fault,
        )));
    }
    fs::read_to_string(path).map_err(unreadable)
}

/// Adds what one file says to the lists. `name` is for faults, and its stem (`fr.toml`) is the
/// language unless the file has a `language` key.
///
/// # Errors
/// It is no TOML, or holds a key, level or phrase that is not understood.
pub fn read(name: &str, text: &str, lists: &mut Lists) -> Result<(), KeywordsError> {
    let file = File { name, text };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        file.wrong(at, "", error.message())
    })?;
    let mut reader = Reader {
        file,
        language: None,
        lists,
    };
    reader.file(table.get_ref())
}

/// The file that is being read, for its faults.
#[derive(Clone, Copy)]
struct File<'f> {
    name: &'f str,
    text: &'f str,
}

impl File<'_> {
    fn wrong(&self, at: usize, key: &str, fault: impl fmt::Display) -> KeywordsError {
        let before = self.text.bytes().take(at);
        KeywordsError::Wrong {
            file: self.name.to_owned(),
            line: before.filter(|byte| *byte == b'\n').count() + 1,
            key: key.to_owned(),
            fault: fault.to_string(),
        }
    }

    fn unknown(&self, at: usize, key: &str, known: &[&str]) -> KeywordsError {
        let last = key.rsplit('.').next().unwrap_or(key);
        let nearest = known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(last, known), *known))
            .min()
            .filter(|(steps, _)| *steps <= 2);
        match nearest {
            Some((_, nearest)) => {
                self.wrong(at, key, format!("unknown; did you mean `{nearest}`?"))
            }
            None => self.wrong(
                at,
                key,
                format!("unknown; expected one of: {}", known.join(", ")),
            ),
        }
    }
}

type Value<'f> = Spanned<DeValue<'f>>;

struct Reader<'f, 'l> {
    file: File<'f>,
    language: Option<Language>,
    lists: &'l mut Lists,
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
        for (key, at, value) in in_order(table) {
            match key {
                "language" => {}
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
                        self.lists
                            .routes
                            .insert(category.to_owned(), team.to_owned());
                    }
                }
                _ => {
                    let known = [
                        "language", "impact", "urgency", "failure", "category", "service",
                        "negation", "route",
                    ];
                    return Err(self.file.unknown(at, key, &known));
                }
            }
        }
        Ok(())
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
            critical: false,
            category: None,
        };
        for (key, at, value) in in_order(table) {
            let key = format!("service.{key}");
            let about = |sign| About::Service(name.clone(), sign);
            match key.as_str() {
                "service.name" => {}
                "service.critical" => match value.get_ref().as_bool() {
                    Some(critical) => service.critical = critical,
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
        self.lists.services.push(service);
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
                    self.push(phrase, about, weight, Vec::new());
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
                        list.push(self.phrase(value, &key)?.to_owned());
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
        for phrase in words {
            self.push(&phrase, about, weight, needs.clone());
        }
        Ok(())
    }

    fn push(&mut self, phrase: &str, about: &About, weight: i32, needs: Vec<String>) {
        self.lists.words.push(Word {
            phrase: phrase.to_owned(),
            about: about.clone(),
            weight,
            needs,
            language: self.language,
        });
    }

    fn phrase<'v>(&self, value: &'v Value<'f>, key: &str) -> Result<&'v str, KeywordsError> {
        let phrase = self.text(value, key)?;
        Keywords::check(phrase).map_err(|fault| self.file.wrong(value.span().start, key, fault))?;
        Ok(phrase)
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

/// The keys of a table as the file orders them, each with its place in bytes: order decides ties.
fn in_order<'v, 'f>(table: &'v DeTable<'f>) -> Vec<(&'v str, usize, &'v Value<'f>)> {
    let mut keys: Vec<_> = table
        .iter()
        .map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
        .collect();
    keys.sort_by_key(|(_, at, _)| *at);
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::desk::triage::Priority;
    use crate::desk::triage::rank::{Facts, rank};

    fn fault(text: &str) -> String {
        let mut lists = Lists::default();
        match read("mine.toml", text, &mut lists) {
            Ok(()) => panic!("{text} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn faults_name_file_line_and_key() {
        let cases = [
            (
                "[impact.high]\nwords = [\n\"a\",\n3]",
                "line 4, `impact.high.words`: expected a text in quotes, found integer",
            ),
            (
                "\n[urgency.hihg]\nwords = []",
                "line 2, `urgency.hihg`: unknown; did you mean `high`?",
            ),
            (
                "[impact.low]\nwrods = []",
                "line 2, `impact.low.wrods`: unknown; did you mean `words`?",
            ),
            (
                "[failure]\nwords = [\"pan*ne\"]",
                "line 2, `failure.words`: the phrase `pan*ne` may hold `*` only at the end of a word",
            ),
            (
                "language = \"xx\"",
                "line 1, `language`: `xx` is not one of: fr, en",
            ),
            (
                "[[service]]\nwords = []",
                "line 1, `service`: has no `name`",
            ),
            (
                "[[service]]\nname = \"x\"\ncritical = 1",
                "line 3, `service.critical`: expected true or false",
            ),
            (
                "[failure]\nwords = [{ words = [\"a\"], weight = -1 }]",
                "`failure.words.weight`: expected a number from 0 to 100",
            ),
            (
                "[failure]\nwords = [{ weight = 1 }]",
                "`failure.words`: a group has no `words`",
            ),
            (
                "[route]\nnetwork = 3",
                "line 2, `route.network`: expected a text",
            ),
            (
                "colour = 1",
                "line 1, `colour`: unknown; expected one of: language, impact",
            ),
            ("[impact", "line 1"),
        ];
        for (text, expected) in cases {
            let fault = fault(text);
            assert!(fault.starts_with("mine.toml, line "), "{fault}");
            assert!(fault.contains(expected), "{text}\n{fault}");
        }
    }

    #[test]
    fn a_file_becomes_words() {
        let text = "language = \"en\"\n[category.z]\nstrong = [\"b\"]\n[category.a]\n\
            words = [\"c\", { words = [\"d\"], weight = 7, needs = [\"e\"] }]\n\
            [negation]\nafter = [\"no\"]\n[route]\nz = \"infra\"";
        let mut lists = Lists::default();
        read("mine.toml", text, &mut lists).unwrap();
        let short: Vec<_> = lists
            .words
            .iter()
            .map(|word| (word.phrase.as_str(), word.weight, word.needs.len()))
            .collect();
        assert_eq!(short, [("b", 3, 0), ("c", 2, 0), ("d", 7, 1), ("no", 1, 0)]);
        assert!(
            lists
                .words
                .iter()
                .all(|word| word.language == Some(Language::English))
        );
        assert_eq!(lists.routes["z"], "infra");
        let keywords = Keywords::new(lists).unwrap();
        assert_eq!(keywords.categories(), ["z", "a"]);
        assert_eq!(keywords.routes().collect::<Vec<_>>(), [("z", "infra")]);
    }

    #[test]
    fn our_files_hold_no_phrase_on_two_levels() {
        for (name, text) in OURS {
            let mut lists = Lists::default();
            read(name, text, &mut lists).unwrap();
            assert!(
                lists.words.len() > 400,
                "{name}: {} phrases",
                lists.words.len()
            );
            let mut known: HashMap<(u8, String), About> = HashMap::new();
            for word in lists.words {
                let kind = match word.about {
                    About::Impact(_) => 0,
                    About::Urgency(_) => 1,
                    _ => continue,
                };
                // A silent phrase takes a louder one of the same words out: that is its purpose.
                if word.weight == 0 || !word.needs.is_empty() {
                    continue;
                }
                let phrase = word.phrase.to_lowercase();
                if let Some(before) = known.insert((kind, phrase), word.about.clone()) {
                    assert_eq!(before, word.about, "{name}: `{}`", word.phrase);
                }
            }
        }
    }

    #[test]
    fn a_folder_replaces_ours_by_name_and_adds_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let ranked = |text| {
            let keywords = load(Some(folder.path())).unwrap();
            let facts = Facts {
                text,
                vouched: true,
                ..Facts::default()
            };
            rank(&keywords, &facts)
        };
        let text = "the frobnicator is down, urgent";
        assert_eq!(ranked(text).priority, Priority::P3);
        std::fs::write(
            folder.path().join("house.toml"),
            "[[service]]\nname = \"frob\"\ncritical = true\ncategory = \"frob\"\nwords = [\"frobnicator\"]\n[route]\nfrob = \"line\"",
        )
        .unwrap();
        let ranking = ranked(text);
        assert_eq!(ranking.priority, Priority::P1);
        assert_eq!(
            (ranking.category.as_str(), ranking.team.as_deref()),
            ("frob", Some("line"))
        );
        for (name, _) in OURS {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(ranked(text).priority, Priority::P4);
        std::fs::write(folder.path().join("house.toml"), "[x]").unwrap();
        let fault = load(Some(folder.path())).unwrap_err().to_string();
        assert!(fault.contains("house.toml, line 1, `x`"), "{fault}");
        let missing = load(Some(&folder.path().join("none")))
            .unwrap_err()
            .to_string();
        assert!(missing.contains("none"), "{missing}");
    }
}
