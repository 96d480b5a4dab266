//! The words of the commands, in French and English, synonyms included. Case and accents do not matter.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::desk::triage::Priority;

/// What a command's first word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Take,
    Assign,
    Team,
    Priority(Priority),
    Wait,
    Open,
    Resolve,
    Close,
    Note,
    Watch,
    Unwatch,
    Requester,
    Cause,
    Solution,
    Time,
    Category,
    Link,
}

/// Each word with its meaning; the first of a meaning is proposed when something like it was written.
const WORDS: &[(&str, Verb)] = &[
    ("/take", Verb::Take),
    ("/prends", Verb::Take),
    ("/prendre", Verb::Take),
    ("/mine", Verb::Take),
    ("/assign", Verb::Assign),
    ("/assigner", Verb::Assign),
    ("/attribuer", Verb::Assign),
    ("/team", Verb::Team),
    ("/equipe", Verb::Team),
    ("/p1", Verb::Priority(Priority::P1)),
    ("/p2", Verb::Priority(Priority::P2)),
    ("/p3", Verb::Priority(Priority::P3)),
    ("/p4", Verb::Priority(Priority::P4)),
    ("/wait", Verb::Wait),
    ("/attente", Verb::Wait),
    ("/attendre", Verb::Wait),
    ("/open", Verb::Open),
    ("/reopen", Verb::Open),
    ("/rouvrir", Verb::Open),
    ("/ouvrir", Verb::Open),
    ("/resolve", Verb::Resolve),
    ("/resolved", Verb::Resolve),
    ("/resolu", Verb::Resolve),
    ("/resoudre", Verb::Resolve),
    ("/solved", Verb::Resolve),
    ("/close", Verb::Close),
    ("/closed", Verb::Close),
    ("/clos", Verb::Close),
    ("/clore", Verb::Close),
    ("/fermer", Verb::Close),
    ("/cloturer", Verb::Close),
    ("/note", Verb::Note),
    ("/watch", Verb::Watch),
    ("/suivre", Verb::Watch),
    ("/unwatch", Verb::Unwatch),
    ("/oublier", Verb::Unwatch),
    ("/requester", Verb::Requester),
    ("/demandeur", Verb::Requester),
    ("/cause", Verb::Cause),
    ("/solution", Verb::Solution),
    ("/time", Verb::Time),
    ("/temps", Verb::Time),
    ("/category", Verb::Category),
    ("/categorie", Verb::Category),
    ("/link", Verb::Link),
    ("/lier", Verb::Link),
];

/// What a word means.
pub fn find(word: &str) -> Option<Verb> {
    let word = fold(word);
    WORDS
        .iter()
        .find(|(known, _)| bare(known) == word)
        .map(|(_, verb)| *verb)
}

/// The command that was probably meant by a word that is none, with its slash. One wrong letter in
/// short words, two in longer ones; `None` when nothing is that near.
pub fn nearest(word: &str) -> Option<&'static str> {
    let word = fold(word);
    let allowed = if word.len() <= 4 { 1 } else { 2 };
    let distance = |known: &str| strsim::damerau_levenshtein(bare(known), &word);
    WORDS
        .iter()
        .map(|(known, _)| (distance(known), *known))
        .filter(|(distance, _)| *distance > 0 && *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn bare(known: &str) -> &str {
    known.trim_start_matches('/')
}

fn fold(word: &str) -> String {
    word.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
