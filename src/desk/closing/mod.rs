//! What an answer to "does it work?" means: yes, only thanks, or something to work on.
//!
//! It is courtesy when every word of it is accounted for by the words of one language ([`vocabulary`]) in the places
//! where they are harmless ([`grammar`], [`thing`]). A question mark, a "but", a frown, a file or any other word keeps the ticket
//! alive, because taking a real request for thanks is the worse mistake.

mod grammar;
mod thing;
mod vocabulary;

use grammar::Said;
use vocabulary::{ENDS, LANGUAGES, Phrases, fold, has_doubt, words};

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
const COURTESY_WORDS_MAX: usize = 60;
/// More words than this below a yes may be anything.
const MORE_WORDS_MAX: usize = 30;
/// A shorter line was not broken by a mail program.
const BROKEN_LINE_MIN: usize = 50;

/// Pictures that mean well.
const GLAD: &[char] = &[
    '👍', '🙏', '❤', '😊', '🙂', '👌', '🎉', '😀', '😃', '😄', '😁', '😉', '💪', '👏', '🥳', '🤩',
    '😍', '✅', '✔', '☀', '🌞', '🍀', '💐', '🌹', '🌸', '✨', '⭐', '🌟', '🙌', '🤗', '😘', '💯',
    '😎', '🎊', '♥', '💖', '💙', '💚', '😇', '😅', '🤝', '👋', '🏆', '🥇', '🚀', '☺', '😌',
];
/// The same, typed.
const GLAD_TYPED: [&str; 14] = [
    ":-)", ":)", ";-)", ";)", ":-D", ":D", "^^", "<3", ":-))", ":))", "=)", "xx", ":-*", ":]",
];
/// Pictures that do not.
const SAD_TYPED: [&str; 8] = [":-(", ":(", ":-/", ":/", ":'(", ":-|", ":|", ">:("];

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
    let words = words(&folded);
    as_courtesy(first, names) == Answer::Yes
        && !more.contains('?')
        && words.len() <= MORE_WORDS_MAX
        && !has_doubt(&words)
}

/// What `text` says when one language accounts for every word.
fn as_courtesy(text: &str, names: &[String]) -> Answer {
    if text.contains('?') || SAD_TYPED.iter().any(|sad| text.contains(sad)) {
        return Answer::Other;
    }
    let is_glad = text.contains(GLAD);
    let text = GLAD_TYPED
        .iter()
        .fold(text.to_owned(), |text, picture| text.replace(picture, " "));
    if text.chars().any(is_picture) {
        return Answer::Other;
    }
    let folded = fold(&unbroken(&text));
    if words(&folded).len() > COURTESY_WORDS_MAX {
        return Answer::Other;
    }
    let answers: Vec<Answer> = LANGUAGES
        .iter()
        .filter_map(|phrases| in_language(phrases, &folded, names))
        .map(|said| meaning(said, is_glad))
        .collect();
    // What is a small word in one language may be the yes of another.
    [Answer::Yes, Answer::Thanks]
        .into_iter()
        .find(|answer| answers.contains(answer))
        .unwrap_or(Answer::Other)
}

fn in_language(phrases: &Phrases, folded: &str, names: &[String]) -> Option<Said> {
    let mut said = Said::default();
    folded
        .split(ENDS)
        .all(|clause| grammar::takes(phrases, names, &words(clause), &mut said))
        .then_some(said)
}

fn meaning(said: Said, is_glad: bool) -> Answer {
    if said.tested && !said.works {
        Answer::Other // what came of it is not said
    } else if said.yes {
        Answer::Yes
    } else if said.works || said.thanks || said.assent || is_glad {
        Answer::Thanks
    } else {
        Answer::Other
    }
}

/// Whether it is a picture that nobody is known to be glad with.
fn is_picture(c: char) -> bool {
    let is_part = ('\u{1f3fb}'..='\u{1f3ff}').contains(&c); // the colour of a hand
    ('\u{2600}'..='\u{27bf}').contains(&c) && !GLAD.contains(&c)
        || ('\u{1f300}'..='\u{1faff}').contains(&c) && !GLAD.contains(&c) && !is_part
}

/// The text without the line breaks that a mail program put into its sentences.
fn unbroken(text: &str) -> String {
    let mut joined = String::new();
    let mut previous = "";
    for line in text.lines() {
        let is_long = previous.chars().count() >= BROKEN_LINE_MIN;
        let goes_on = line.starts_with(char::is_lowercase) && !previous.ends_with(ENDS);
        joined.push(if is_long && goes_on { ' ' } else { '\n' });
        joined.push_str(line);
        previous = line;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_on_the_first_line_may_be_followed_by_words() {
        for (text, answer) in [
            (
                "Oui\n\nLes quatre caisses encaissent de nouveau, merci beaucoup !",
                Answer::Yes,
            ),
            (
                "Oui\n\nJulie l'a montré à toute la boutique, merci beaucoup !",
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
}
