//! The words of the commands, and of the dates and reasons in them, read from one file for each language.
//!
//! Every language is understood everywhere: a French technician may write `/take`. Another language is one
//! more file beside `words/fr.words` and one more line in `FILES`. Case, accents and marks that cannot be
//! seen do not matter.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::desk::triage::Priority;

/// What a command's first words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Take,
    Assign,
    Team,
    Priority(Priority),
    Impact,
    Urgency,
    Wait,
    Snooze,
    Open,
    Resolve,
    Close,
    Cause,
    Solution,
    Note,
    Watch,
    Unwatch,
    Requester,
    Escalate,
    Handoff,
    Merge,
    Split,
    Link,
    Outage,
    Time,
    Category,
    Recipe,
    Undo,
    Dry,
    Help,
    Chase,
    Confirm,
    Erase,
    Export,
}

/// Each meaning by the name it has in the files.
const VERBS: &[(&str, Verb)] = &[
    ("take", Verb::Take),
    ("assign", Verb::Assign),
    ("team", Verb::Team),
    ("p1", Verb::Priority(Priority::P1)),
    ("p2", Verb::Priority(Priority::P2)),
    ("p3", Verb::Priority(Priority::P3)),
    ("p4", Verb::Priority(Priority::P4)),
    ("impact", Verb::Impact),
    ("urgency", Verb::Urgency),
    ("wait", Verb::Wait),
    ("snooze", Verb::Snooze),
    ("open", Verb::Open),
    ("resolve", Verb::Resolve),
    ("close", Verb::Close),
    ("cause", Verb::Cause),
    ("solution", Verb::Solution),
    ("note", Verb::Note),
    ("watch", Verb::Watch),
    ("unwatch", Verb::Unwatch),
    ("requester", Verb::Requester),
    ("escalate", Verb::Escalate),
    ("handoff", Verb::Handoff),
    ("merge", Verb::Merge),
    ("split", Verb::Split),
    ("link", Verb::Link),
    ("outage", Verb::Outage),
    ("time", Verb::Time),
    ("category", Verb::Category),
    ("recipe", Verb::Recipe),
    ("undo", Verb::Undo),
    ("dry", Verb::Dry),
    ("help", Verb::Help),
    ("chase", Verb::Chase),
    ("confirm", Verb::Confirm),
    ("erase", Verb::Erase),
    ("export", Verb::Export),
];

/// One file for each language.
const FILES: &[&str] = &[
    include_str!("words/fr.words"),
    include_str!("words/en.words"),
];

/// The most words one phrase has: `the day after tomorrow`, and one to spare.
pub const PHRASE_WORDS_MAX: usize = 5;

/// One file, read.
struct Language {
    /// Everything that is written for a command, as it stands in the file, with what it means.
    commands: Vec<(&'static str, Verb)>,
    /// The other phrases, folded, with the names of their meanings.
    phrases: HashMap<String, Vec<&'static str>>,
}

static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| FILES.iter().map(|file| Language::read(file)).collect());

/// Folded phrase to command, over all languages.
static COMMANDS: LazyLock<HashMap<String, Verb>> = LazyLock::new(|| {
    let all = LANGUAGES.iter().flat_map(|language| &language.commands);
    all.map(|(phrase, verb)| (fold(phrase), *verb)).collect()
});

impl Language {
    fn read(file: &'static str) -> Self {
        let mut language = Self {
            commands: Vec::new(),
            phrases: HashMap::new(),
        };
        let lines = file.lines().filter(|line| !line.starts_with('#'));
        for (name, phrases) in lines.filter_map(|line| line.split_once(':')) {
            let verb = VERBS.iter().find(|(known, _)| *known == name);
            for phrase in phrases.split(',').map(str::trim) {
                match verb {
                    Some((_, verb)) => language.commands.push((phrase, *verb)),
                    None => language.phrases.entry(fold(phrase)).or_default().push(name),
                }
            }
        }
        language
    }
}

/// What a folded phrase of one or several words means as a command.
pub fn command(phrase: &str) -> Option<Verb> {
    COMMANDS.get(phrase).copied()
}

/// Whether a folded phrase has this meaning in any language: `means("demain", "tomorrow")`.
pub fn means(phrase: &str, name: &str) -> bool {
    LANGUAGES.iter().any(|language| {
        language
            .phrases
            .get(phrase)
            .is_some_and(|names| names.contains(&name))
    })
}

/// The command that was probably meant by a word that is none, with its slash. One wrong letter in
/// short words, two in longer ones; `None` when nothing is that near.
pub fn nearest(word: &str) -> Option<String> {
    let word = fold(word);
    let allowed = match word.chars().count() {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    };
    let all = LANGUAGES.iter().flat_map(|language| &language.commands);
    all.filter(|(phrase, _)| !phrase.contains(' '))
        .map(|(phrase, _)| (fold(phrase), *phrase))
        .map(|(known, phrase)| {
            let distance = strsim::damerau_levenshtein(&known, &word);
            // Of two that are as near, the one that was broken off.
            ((distance, !known.starts_with(&word)), phrase)
        })
        .filter(|((distance, _), _)| (1..=allowed).contains(distance))
        .min_by_key(|(near, _)| *near)
        .map(|(_, phrase)| format!("/{phrase}"))
}

/// Lower case, without accents and marks that cannot be seen, one kind of apostrophe, hyphen and space.
pub fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_unseen(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2019}' | '\u{2018}' | '\u{02bc}' | '`' | '\u{00b4}' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

/// Marks that clients put between letters and nobody sees: soft hyphen, zero-width space and joiners,
/// direction marks, byte order mark.
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_command_and_no_word_means_two() {
        for language in LANGUAGES.iter() {
            for (name, verb) in VERBS {
                assert!(
                    language.commands.iter().any(|(_, known)| known == verb),
                    "{name}"
                );
            }
        }
        let all = LANGUAGES.iter().flat_map(|language| &language.commands);
        for (phrase, verb) in all {
            assert_eq!(command(&fold(phrase)), Some(*verb), "{phrase}");
            assert!(phrase.split(' ').count() <= PHRASE_WORDS_MAX, "{phrase}");
        }
    }

    #[test]
    fn a_wrong_letter_leads_to_the_word_meant() {
        for (written, meant) in [
            ("resolv", "/resolve"),
            ("prend", "/prends"),
            ("asigner", "/assigner"),
            ("fusioner", "/fusionner"),
        ] {
            assert_eq!(nearest(written).as_deref(), Some(meant));
        }
        for text in ["home", "etc", "x", "usr", "bonjour"] {
            assert_eq!(nearest(text), None, "{text}");
        }
    }
}
