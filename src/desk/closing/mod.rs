//! What an answer to "does it work?" means: yes, only thanks, or something to work on.
//!
//! Told by taking known phrases away, sentence by sentence: if nothing with a meaning of its own is left, it was
//! only courtesy. A question mark, a "but" or any other word keeps the ticket alive, because taking a real request
//! for thanks is the worse mistake. The phrases are one file for each language; people mix languages, so all
//! count everywhere.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What somebody says to a resolved ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It works: the ticket can be closed.
    Yes,
    /// The same on the first line, as our letter asks for it, and more words below: the ticket can be
    /// closed, the words are for the technician.
    YesAndMore,
    /// Thanks and nothing else.
    Thanks,
    /// Anything else.
    Other,
}

/// More words than this are never only courtesy.
const COURTESY_WORDS_MAX: usize = 30;
/// What somebody says thanks for takes no more words; a longer sentence says more.
const THANKED_WORDS_MAX: usize = 7;
/// What works again is named in no more words: `the printer on the second floor`.
const THING_WORDS_MAX: usize = 5;
/// No phrase of the files has more words.
const PHRASE_WORDS_MAX: usize = 7;

/// What ends a clause.
const ENDS: [char; 9] = ['.', ',', '!', ';', ':', '\n', '(', ')', '…'];

/// One file for each language.
const FILES: &[&str] = &[
    include_str!("fr.words"),
    include_str!("en.words"),
    include_str!("de.words"),
    include_str!("es.words"),
    include_str!("it.words"),
    include_str!("nl.words"),
];

/// What a phrase is to an answer. Of two meanings the first one here wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Role {
    /// An explicit yes.
    Yes,
    /// Says that it works.
    Works,
    /// Thanks.
    Thanks,
    /// Begins thanks for something.
    For,
    /// Begins thanks, or a request: `merci de votre aide`, `merci de votre réponse`.
    Perhaps,
    /// Greetings, wishes, praise.
    Polite,
    /// Joins the others.
    Joins,
    /// Says of a thing that it works.
    Verb,
    /// What people are thanked for when something was wrong.
    Solved,
    /// Something may be left to do.
    Doubt,
}

const ROLES: [(&str, Role); 10] = [
    ("yes", Role::Yes),
    ("works", Role::Works),
    ("thanks", Role::Thanks),
    ("for", Role::For),
    ("perhaps", Role::Perhaps),
    ("polite", Role::Polite),
    ("joins", Role::Joins),
    ("verb", Role::Verb),
    ("solved", Role::Solved),
    ("doubt", Role::Doubt),
];

/// Every phrase with its roles.
static PHRASES: LazyLock<HashMap<&'static str, Vec<Role>>> = LazyLock::new(|| {
    let lines = FILES.iter().flat_map(|file| file.lines());
    let mut phrases: HashMap<&'static str, Vec<Role>> = HashMap::new();
    for (name, list) in lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
    {
        for (_, role) in ROLES.iter().filter(|(known, _)| *known == name) {
            for phrase in list.split(',').map(str::trim) {
                phrases.entry(phrase).or_default().push(*role);
            }
        }
    }
    phrases
});

/// What `text`, the new part of an answer, says. `names`: of the people who write to each other, as they are
/// called; their names alone say nothing.
pub fn read(text: &str, names: &[&str]) -> Answer {
    let names: Vec<String> = names.iter().flat_map(|name| name_words(name)).collect();
    match as_courtesy(text, &names) {
        Answer::Other if is_yes_and_more(text, &names) => Answer::YesAndMore,
        answer => answer,
    }
}

/// The parts of a name or an address that somebody may sign with.
fn name_words(name: &str) -> Vec<String> {
    let local = name.split('@').next().unwrap_or_default();
    fold(local)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .map(str::to_owned)
        .collect()
}

/// Whether the first line is a plain yes and nothing below it raises a doubt. A sentence that begins with
/// yes is no such answer: it may go on as "yes, I tried that".
fn is_yes_and_more(text: &str, names: &[String]) -> bool {
    let text = text.trim_start();
    let (first, more) = text.split_once('\n').unwrap_or((text, ""));
    let folded = fold(more);
    let words: Vec<&str> = words(&folded);
    as_courtesy(first, names) == Answer::Yes
        && !more.contains('?')
        && words.len() <= COURTESY_WORDS_MAX
        && !has_doubt(&words)
}

fn words(folded: &str) -> Vec<&str> {
    folded
        .split(|c: char| c.is_whitespace() || ENDS.contains(&c))
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect()
}

fn is(words: &[&str], role: Role) -> bool {
    PHRASES
        .get(words.join(" ").as_str())
        .is_some_and(|roles| roles.contains(&role))
}

/// Whether one of the words, or two of them together, may mean that something is left to do.
fn has_doubt(words: &[&str]) -> bool {
    // `l'erreur` is `erreur`.
    let one = words.iter().any(|word| {
        let bare = word.rsplit('\'').next().unwrap_or(word);
        is(&[word], Role::Doubt)
            || is(&[bare], Role::Doubt)
            || word.ends_with("n't")
            || word.starts_with("n'")
    });
    one || words.windows(2).any(|pair| is(pair, Role::Doubt))
}

/// What `text` says when there is nothing in it but known phrases.
fn as_courtesy(text: &str, names: &[String]) -> Answer {
    let text = without_pictures(text);
    let folded = fold(&text);
    if text.contains('?') || words(&folded).len() > COURTESY_WORDS_MAX {
        return Answer::Other;
    }
    let mut said = Said::default();
    for clause in folded.split(ENDS) {
        if !said.take(&words(clause), names) {
            return Answer::Other;
        }
    }
    said.thanks |= text.contains(['👍', '🙏', '❤', '😊', '🙂', '👌', '🎉']);
    match (said.yes, said.works || said.thanks) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::Thanks,
        (false, false) => Answer::Other,
    }
}

/// What has been said so far.
#[derive(Debug, Default)]
struct Said {
    yes: bool,
    works: bool,
    thanks: bool,
}

impl Said {
    /// Takes a clause; `false` when it says something of its own.
    fn take(&mut self, clause: &[&str], names: &[String]) -> bool {
        let mut rest = clause;
        while let Some(first) = rest.first() {
            let longest = (1..=PHRASE_WORDS_MAX.min(rest.len()))
                .rev()
                .find_map(|count| {
                    let roles = PHRASES.get(rest.get(..count)?.join(" ").as_str())?;
                    let role = roles.iter().filter(|role| **role <= Role::Joins).min()?;
                    Some((count, *role))
                });
            let taken = match longest {
                Some((count, role)) => {
                    let after = rest.get(count..).unwrap_or_default();
                    match role {
                        Role::Yes => self.yes = true,
                        Role::Works => self.works = true,
                        Role::Thanks => self.thanks = true,
                        Role::For | Role::Perhaps => {
                            let is_sure = role == Role::For || is_about_help(after);
                            self.thanks |= is_sure && is_thanked_for(after);
                            return is_sure && is_thanked_for(after);
                        }
                        _ => {}
                    }
                    count
                }
                None if names.iter().any(|name| name == first) => 1,
                None => {
                    self.works = thing_that_works(rest);
                    return self.works;
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        true
    }
}

/// Whether the words name something that one says thanks for, to the end of the clause. `the problem` counts
/// only when its solution is spoken of.
fn is_thanked_for(words: &[&str]) -> bool {
    let is_solved = is_about_help(words);
    let is_problem = |word: &&&str| {
        [
            "probleme", "problem", "issue", "souci", "problema", "probleem",
        ]
        .contains(*word)
    };
    let doubtful: Vec<&str> = words
        .iter()
        .filter(|word| !(is_solved && is_problem(word)))
        .copied()
        .collect();
    words.len() <= THANKED_WORDS_MAX
        && !has_doubt(&doubtful)
        && !words
            .iter()
            .any(|word| word.chars().any(|c| c.is_ascii_digit()))
}

/// Whether help or a solution is among the words.
fn is_about_help(words: &[&str]) -> bool {
    words.iter().any(|word| is(&[word], Role::Solved))
}

/// Whether the words say that some thing works, and nothing more: `the printer works again`.
fn thing_that_works(words: &[&str]) -> bool {
    let end = words
        .iter()
        .rposition(|word| !is(&[word], Role::Joins) && !is(&[word], Role::Thanks))
        .map_or(0, |last| last + 1);
    let bare = words.get(..end).unwrap_or_default();
    let whole = [bare, words];
    whole.iter().any(|said| {
        (1..said.len().min(THING_WORDS_MAX + 1)).any(|split| {
            let (thing, verb) = said.split_at_checked(split).unwrap_or_default();
            is_verb(verb) && !has_doubt(thing)
        })
    })
}

/// A verb of the files, perhaps with words such as `again` behind it.
fn is_verb(words: &[&str]) -> bool {
    (1..=words.len()).rev().any(|count| {
        let (verb, more) = words.split_at_checked(count).unwrap_or_default();
        is(verb, Role::Verb) && joins_only(more)
    })
}

fn joins_only(words: &[&str]) -> bool {
    words.is_empty()
        || (1..=3.min(words.len())).any(|count| {
            let (first, rest) = words.split_at_checked(count).unwrap_or_default();
            is(first, Role::Joins) && joins_only(rest)
        })
}

/// The text without `:-)` and its like.
fn without_pictures(text: &str) -> String {
    [":-)", ":)", ";-)", ";)", ":-D", ":D", "^^", "<3"]
        .iter()
        .fold(text.to_owned(), |text, picture| text.replace(picture, " "))
}

/// Lower case, no accents, one kind of apostrophe; marks that end a clause stay, other signs become spaces.
fn fold(text: &str) -> String {
    text.replace('ß', "ss")
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2019}' | '\u{02bc}' | '`' => '\'',
            c if c.is_alphanumeric() || "'-".contains(c) || ENDS.contains(&c) => c,
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_on_the_first_line_may_be_followed_by_words() {
        for (text, answer) in [
            (
                "Oui\n\nLes quatre caisses encaissent de nouveau, merci beaucoup !",
                Answer::YesAndMore,
            ),
            ("Yes\nAll four tills take cards again", Answer::YesAndMore),
            ("Oui, j'ai redémarré la caisse", Answer::Other),
            ("Oui\n\nmais la caisse 2 reste lente", Answer::Other),
            ("Oui\nEt la caisse 2 ?", Answer::Other),
            ("Yes\n\nthe second till doesn't print", Answer::Other),
            ("", Answer::Other),
            ("Marie", Answer::Other),
        ] {
            assert_eq!(read(text, &["Marie"]), answer, "{text}");
        }
    }

    #[test]
    fn names_say_nothing_and_strangers_do() {
        let names = ["Marie Durand", "jean.petit@acme.example"];
        assert_eq!(read("Merci,\nMarie", &names), Answer::Thanks);
        assert_eq!(read("Merci\nJean Petit", &names), Answer::Thanks);
        assert_eq!(read("Merci\nBertrand", &names), Answer::Other);
    }

    #[test]
    fn every_line_of_the_files_is_used() {
        for file in FILES {
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                let (name, list) = line.split_once(':').unwrap();
                assert!(ROLES.iter().any(|(known, _)| *known == name), "{name}");
                for phrase in list.split(',').map(str::trim) {
                    assert_eq!(fold(phrase), phrase, "folded as mails are");
                    assert!(phrase.split(' ').count() <= PHRASE_WORDS_MAX, "{phrase}");
                }
            }
        }
    }
}
