//! The words that answers to "does it work?" are made of: one file for each language, a line for each [`Role`].
//!
//! A language keeps to itself what makes a sentence; thanks, praise and greetings count in all of them, because
//! people mix those. Words are compared folded (see [`fold`]); an umlaut may also be written with an `e`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// No phrase of the files has more words.
pub const PHRASE_WORDS_MAX: usize = 7;

/// What ends a clause.
pub const ENDS: [char; 9] = ['.', ',', '!', ';', ':', '\n', '(', ')', '…'];

/// What is written together with the word behind it: `l'aide`, `dell'aiuto`.
const ELIDED: [&str; 19] = [
    "l", "d", "j", "c", "m", "n", "s", "t", "qu", "jusqu", "dell", "all", "un", "nell", "sull",
    "dall", "quell", "nient", "quest",
];

/// How words end that deny or ask: `doesn't`, `sera-t-il`.
const ASKING: [&str; 9] = [
    "n't", "-ce", "-il", "-elle", "-ils", "-elles", "-vous", "-tu", "-on",
];

/// One file for each language.
const FILES: [&str; 6] = [
    include_str!("fr.words"),
    include_str!("en.words"),
    include_str!("de.words"),
    include_str!("es.words"),
    include_str!("it.words"),
    include_str!("nl.words"),
];

/// What a word or phrase can be to an answer. `fr.words` says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An explicit yes.
    Yes,
    /// Thanks.
    Thanks,
    /// Praises or qualifies.
    Praise,
    /// Says by itself that all is well.
    Fine,
    /// The same, but of no thing that nobody knows: `my files are gone`.
    Alone,
    /// A verb of a thing that works.
    Works,
    /// The same, of a thing only with one of [`Role::Again`]: `the update runs`.
    Weak,
    /// `again`, `now`, `properly`.
    Again,
    /// Says of a thing that it came back; a problem comes back, too.
    Back,
    /// Joins a thing and its state.
    Be,
    /// The state of a thing that works.
    State,
    /// The state of a problem that is gone.
    Solved,
    /// A problem.
    Trouble,
    /// A ticket.
    Case,
    /// Denies a problem.
    Without,
    /// Begins what somebody is thanked for.
    For,
    /// What one always gives thanks for.
    Help,
    /// What one gives thanks for, or asks for.
    News,
    /// What the other has done.
    Helped,
    /// "I can".
    Able,
    /// What one can do again.
    Act,
    /// Says that it was tried.
    Tested,
    /// Greetings, wishes, assent.
    Greet,
    /// Small words.
    Glue,
    /// People, and the verbs they take: somebody does or did something.
    Who,
    /// Begins the name of a thing.
    Det,
    /// Goes on with it.
    Of,
    /// Something else may follow.
    Doubt,
}

const ROLES: [(&str, Role); 28] = [
    ("yes", Role::Yes),
    ("thanks", Role::Thanks),
    ("praise", Role::Praise),
    ("fine", Role::Fine),
    ("alone", Role::Alone),
    ("works", Role::Works),
    ("weak", Role::Weak),
    ("again", Role::Again),
    ("back", Role::Back),
    ("be", Role::Be),
    ("state", Role::State),
    ("solved", Role::Solved),
    ("trouble", Role::Trouble),
    ("case", Role::Case),
    ("without", Role::Without),
    ("for", Role::For),
    ("help", Role::Help),
    ("news", Role::News),
    ("helped", Role::Helped),
    ("able", Role::Able),
    ("act", Role::Act),
    ("tested", Role::Tested),
    ("greet", Role::Greet),
    ("glue", Role::Glue),
    ("who", Role::Who),
    ("det", Role::Det),
    ("of", Role::Of),
    ("doubt", Role::Doubt),
];

/// All that a phrase can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u32);

impl Roles {
    /// Whether `role` is one of them.
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u32) != 0
    }

    /// Whether one of `roles` is one of them.
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// Whether there is nothing in them but some of `roles`.
    pub fn are_among(self, roles: &[Role]) -> bool {
        let among = roles.iter().fold(0, |bits, role| bits | 1 << *role as u32);
        self.0 != 0 && self.0 & !among == 0
    }

    /// Whether there is nothing in them but doubt.
    pub fn is_only_doubt(self) -> bool {
        self == Self::of(Role::Doubt)
    }

    /// Whether nothing is known of it.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }

    fn of(role: Role) -> Self {
        Self(1 << role as u32)
    }

    fn add(&mut self, role: Role) {
        self.0 |= 1 << role as u32;
    }
}

/// The phrases of one language; the words of a phrase are joined by spaces.
pub type Phrases = HashMap<String, Roles>;

static OWN: LazyLock<Vec<Phrases>> =
    LazyLock::new(|| FILES.iter().map(|file| read(file)).collect());

/// The phrases of each language, with the thanks, praise and greetings of the others.
pub static LANGUAGES: LazyLock<Vec<Phrases>> = LazyLock::new(|| {
    let shared = [Role::Thanks, Role::Praise, Role::Greet];
    let mut languages = OWN.clone();
    for language in &mut languages {
        for (phrase, roles) in OWN.iter().flatten() {
            let is_doubted = language.get(phrase).is_some_and(|own| own.has(Role::Doubt));
            for role in shared
                .iter()
                .filter(|role| roles.has(**role) && !is_doubted)
            {
                language.entry(phrase.clone()).or_default().add(*role);
            }
        }
    }
    languages
});

/// Every phrase that raises a doubt, in any language.
static DOUBTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let phrases = OWN.iter().flatten();
    phrases
        .filter(|(_, roles)| roles.has(Role::Doubt))
        .map(|(phrase, _)| phrase.as_str())
        .collect()
});

/// Whether one of the words, or some of them together, may mean that something is left to do.
pub fn has_doubt(words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| ASKING.iter().any(|end| word.ends_with(end)))
        || (1..=3).any(|count| {
            words
                .windows(count)
                .any(|phrase| DOUBTS.contains(phrase.join(" ").as_str()))
        })
}

fn read(file: &str) -> Phrases {
    let mut phrases = Phrases::new();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    for (name, list) in lines.filter_map(|line| line.split_once(':')) {
        for (_, role) in ROLES.iter().filter(|(known, _)| *known == name) {
            for phrase in list.split(',').map(str::trim) {
                for spelt in [phrase.to_owned(), without_umlauts(phrase)] {
                    let folded = fold(&spelt);
                    phrases
                        .entry(words(&folded).join(" "))
                        .or_default()
                        .add(*role);
                }
            }
        }
    }
    phrases
}

/// As it is written where a keyboard has no umlauts.
fn without_umlauts(phrase: &str) -> String {
    phrase
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
}

/// The words of a folded text, without what ends clauses.
pub fn words(folded: &str) -> Vec<&str> {
    folded
        .split(|c: char| c.is_whitespace() || ENDS.contains(&c))
        .flat_map(split_elided)
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect()
}

/// `l'aide` as `l'` and `aide`; `it's` stays.
fn split_elided(word: &str) -> impl Iterator<Item = &str> {
    let cut = word
        .split_once('\'')
        .filter(|(first, rest)| ELIDED.contains(first) && !rest.is_empty())
        .map_or(0, |(first, _)| first.len() + 1);
    let (first, rest) = word.split_at_checked(cut).unwrap_or(("", word));
    [first, rest].into_iter()
}

/// Lower case, no accents, one kind of apostrophe; marks that end a clause stay, other signs become spaces.
pub fn fold(text: &str) -> String {
    text.replace('ß', "ss")
        .replace('œ', "oe")
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2019}' | '\u{02bc}' | '`' | '´' => '\'',
            c if c.is_alphanumeric() || "'-".contains(c) || ENDS.contains(&c) => c,
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_files_is_used() {
        for file in FILES {
            let mut names = Vec::new();
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                let (name, list) = line.split_once(':').unwrap();
                assert!(ROLES.iter().any(|(known, _)| *known == name), "{name}");
                names.push(name);
                for phrase in list.split(',').map(str::trim) {
                    let folded = fold(phrase);
                    let count = words(&folded).len();
                    assert!((1..=PHRASE_WORDS_MAX).contains(&count), "{phrase}");
                }
            }
            assert_eq!(names.len(), ROLES.len(), "every role has its words");
        }
    }

    #[test]
    fn umlauts_and_elisions_are_read_as_people_write_them() {
        let german = &LANGUAGES[2];
        assert!(german["viele gruesse"].has(Role::Greet));
        assert!(german["viele grusse"].has(Role::Greet));
        assert_eq!(
            words("l'aide d'ann it's"),
            ["l'", "aide", "d'", "ann", "it's"]
        );
        assert!(has_doubt(&["it", "doesn't"]));
        assert!(has_doubt(&["par", "contre"]));
    }
}
