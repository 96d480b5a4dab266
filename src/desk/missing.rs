//! What a first report leaves out, and what is asked about it: three questions at most, once.
//!
//! Questions are data, for each category and language (`templates/<locale>/questions.toml`). One is asked when
//! none of the words that would answer it stand in the mail. Asking for what was said is worse than not asking, so
//! any hint counts as an answer. What the answers say is for people to read.

use std::collections::BTreeMap;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::ids::Locale;

/// More would be a form to fill in.
pub const ASKED_MAX: usize = 3;
/// Who writes so many words has said what there is to say.
const WORDS_MAX: usize = 150;
/// Characters of a mail that are looked at.
const TEXT_MAX: usize = 20_000;

/// The questions of every language.
#[derive(Clone, Debug, Default)]
pub struct Questions(BTreeMap<String, Vec<(Question, Vec<Answer>)>>);

/// What answers a question, ready to be looked for.
#[derive(Clone, Debug)]
enum Answer {
    /// Any number.
    Number,
    /// These words in folded text, with the space before them, and the one after them unless any ending will do.
    Words(String),
}

/// Something a report should say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The categories it is asked for.
    pub categories: Vec<String>,
    /// The question, as the requester reads it.
    pub ask: String,
    /// Words and phrases of which any one answers it; `*` at the end stands for any ending, `#` for any number.
    pub known_by: Vec<String>,
    /// Whether a file that came with the mail answers it: most are pictures of the screen.
    pub file_answers: bool,
}

/// What a mail says, as far as questions go.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The category it was given.
    pub category: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// The new part of its text.
    pub text: &'a str,
    /// Whether files came with it.
    pub has_files: bool,
}

impl Questions {
    /// Adds the questions of a language, in the order in which they are asked.
    pub fn insert(&mut self, locale: &Locale, questions: Vec<Question>) {
        let with_answers = |question: Question| {
            let answers = question.known_by.iter().filter_map(|said| Answer::of(said));
            let answers = answers.collect();
            (question, answers)
        };
        let questions = questions.into_iter().map(with_answers).collect();
        self.0.insert(locale.to_string(), questions);
    }

    /// What to ask about a report, in the reporter's language. Nothing where that language has no questions.
    pub fn missing(&self, locale: &Locale, report: &Report<'_>) -> Vec<String> {
        let ours = self
            .0
            .get(locale.as_str())
            .or_else(|| self.0.get(locale.base()));
        let of_this = |question: &Question| {
            let mut categories = question.categories.iter();
            categories.any(|category| category == report.category)
                && !(question.file_answers && report.has_files)
        };
        let mut open = ours
            .into_iter()
            .flatten()
            .filter(|(question, _)| of_this(question))
            .peekable();
        let words = report.text.split_ascii_whitespace().take(WORDS_MAX);
        if open.peek().is_none() || words.count() == WORDS_MAX {
            return Vec::new();
        }
        let said: String = report.text.chars().take(TEXT_MAX).collect();
        let said = folded(&format!("{} {said}", report.subject));
        open.filter(|(_, answers)| !answers.iter().any(|answer| answer.is_in(&said)))
            .take(ASKED_MAX)
            .map(|(question, _)| question.ask.clone())
            .collect()
    }
}

impl Answer {
    /// Reads a phrase of `known_by`; `None` for one without letters.
    fn of(phrase: &str) -> Option<Answer> {
        if phrase == "#" {
            return Some(Answer::Number);
        }
        let mut words = folded(phrase);
        if phrase.ends_with('*') {
            words.pop();
        }
        (words.trim() != "").then_some(Answer::Words(words))
    }

    /// Whether folded text has it.
    fn is_in(&self, said: &str) -> bool {
        match self {
            Answer::Number => said
                .split(' ')
                .any(|word| word.starts_with(|c: char| c.is_ascii_digit())),
            Answer::Words(words) => said.contains(words),
        }
    }
}

/// Small letters and digits without accents, one space around each word.
fn folded(text: &str) -> String {
    let mut out = String::from(" ");
    let mut add = |c: char| {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    };
    for c in text.chars() {
        if c.is_ascii() {
            // Nearly all of a mail.
            add(c.to_ascii_lowercase());
        } else {
            decompose_compatible(c, |part| {
                if !is_combining_mark(part) {
                    part.to_lowercase().for_each(&mut add);
                }
            });
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(category: &str, text: &str, has_files: bool) -> Vec<String> {
        let question = |ask: &str, known_by: &[&str], file_answers| Question {
            categories: vec!["network".to_owned()],
            ask: ask.to_owned(),
            known_by: known_by.iter().map(ToString::to_string).collect(),
            file_answers,
        };
        let mut questions = Questions::default();
        let list = vec![
            question("since?", &["depuis", "ce matin"], false),
            question("who?", &["tout le monde", "collegue*"], false),
            question("message?", &["erreur"], true),
            question("room?", &["#"], false),
        ];
        questions.insert(&Locale::parse("fr").unwrap(), list);
        let report = Report {
            category,
            subject: "Wifi",
            text,
            has_files,
        };
        questions.missing(&Locale::parse("fr-CA").unwrap(), &report)
    }

    #[test]
    fn only_what_is_missing_is_asked_and_three_at_most() {
        assert_eq!(
            asked("network", "ça rame", false),
            ["since?", "who?", "message?"]
        );
        assert_eq!(
            asked("network", "ça rame", true),
            ["since?", "who?", "room?"]
        );
        assert_eq!(
            asked(
                "network",
                "Depuis hier, mes collègues aussi, bureau 12",
                false
            ),
            ["message?"]
        );
        assert_eq!(
            asked(
                "network",
                "L'erreur de CE  MATIN touche tout le monde au 12e",
                false
            ),
            [""; 0]
        );
        assert_eq!(asked("printing", "ça rame", false), [""; 0]);
        assert_eq!(asked("network", &"mot ".repeat(200), false), [""; 0]);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(
            asked("network", "erreurs depuisque collegues", false),
            ["since?", "message?", "room?"]
        );
    }
}
