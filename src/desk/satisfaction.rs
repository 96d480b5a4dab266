//! "How did we do?": asked when a ticket closes, answered with a number from 1 to 5 (`product.md` §7).
//!
//! One question for each ticket, and none to somebody who was asked within thirty days. An answer is data: it never
//! reopens the ticket, however late it comes and whatever stands beside the number; words beside it are passed on
//! to whoever had the ticket.

use std::num::NonZeroU32;

use jiff::SignedDuration;

use super::closing::{self, Answer};
use super::event::Snapshot;
use super::ids::Address;
use super::ticket::Ticket;

/// Nobody is asked twice within this time: who is asked every week stops answering.
pub const PAUSE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Characters of a comment that are kept with the number; the mail itself keeps them all.
const COMMENT_MAX: usize = 2_000;
/// The best.
pub const BEST: u8 = 5;

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// 1 (poor) to 5 (very good).
    pub score: u8,
    /// What stands beside the number; may be empty.
    pub comment: String,
}

/// What is known when a ticket is about to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The question was asked about this ticket.
    pub here: bool,
    /// Its requester was asked about any ticket within `PAUSE`.
    pub lately: bool,
}

/// The answer in `text`, the new part of what `sender` wrote about `ticket`, if it was asked and this is one.
pub fn answer(seen: &Snapshot, ticket: &Ticket, sender: &Address, text: &str) -> Option<Rating> {
    let asked = asked(seen, ticket.id.number());
    (asked.here && ticket.status.is_over() && *sender == ticket.requester.address)
        .then(|| read(text))
        .flatten()
}

/// What is known of a ticket.
pub fn asked(seen: &Snapshot, ticket: NonZeroU32) -> Asked {
    seen.satisfaction.get(&ticket).copied().unwrap_or_default()
}

/// Whether a comment says anything beside thanks and greetings. `names`: of the people who write to each other.
pub fn says_more(comment: &str, names: &[&str]) -> bool {
    // A greeting alone answers nothing; after thanks it is courtesy like them.
    !comment.is_empty() && closing::read(&format!("merci\n{comment}"), names) == Answer::Other
}

/// Words that may stand before the number.
const BEFORE: [&str; 22] = [
    "note",
    "ma",
    "la",
    "score",
    "je",
    "mets",
    "mettrais",
    "donne",
    "vous",
    "un",
    "une",
    "rating",
    "my",
    "i",
    "give",
    "you",
    "a",
    "nota",
    "voto",
    "punteggio",
    "cijfer",
    "note:",
];
/// Words between the number and the best: "4 sur 5".
const OF: [&str; 6] = ["sur", "out of", "von", "de", "su", "van de"];
/// What the number may count.
const COUNTED: [&str; 8] = [
    "étoiles",
    "étoile",
    "stars",
    "star",
    "sterne",
    "stern",
    "estrellas",
    "stelle",
];
/// The scales people use by habit.
const SCALES: [u32; 3] = [5, 10, 20];

/// Reads `4`, `4/5 très bien`, `4 sur 5`, `★★★★`, `Note : 4`. A number with something after it that is no scale and no
/// new sentence counts things ("4 PC ne démarrent plus") and is no answer.
pub fn read(text: &str) -> Option<Rating> {
    let text = text.trim();
    let (first, more) = text.split_once('\n').unwrap_or((text, ""));
    let (score, rest) = score(first.trim())?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ".,;:!-–—)*".contains(c));
    let comment = format!("{rest}\n{}", more.trim());
    Some(Rating {
        score,
        comment: comment.trim().chars().take(COMMENT_MAX).collect(),
    })
}

/// The score at the beginning of a line, and what follows it.
fn score(line: &str) -> Option<(u8, &str)> {
    let stars = line.chars().take_while(|c| matches!(c, '★' | '⭐')).count();
    if (1..=5).contains(&stars) {
        let rest = line.trim_start_matches(['★', '⭐', '☆', '\u{fe0f}']);
        return u8::try_from(stars).ok().map(|stars| (stars, rest));
    }
    let mut line = line.trim_start_matches(['*', '"', '«', '(', ' ', '\u{a0}']);
    while let Some((word, rest)) = line.split_once(|c: char| c.is_whitespace() || c == ':') {
        let is_before = BEFORE.contains(&word.to_lowercase().as_str()) || word.is_empty();
        if !is_before {
            break;
        }
        line = rest;
    }
    let (number, rest) = number(line)?;
    let close = rest.trim_start();
    let scale = close.strip_prefix('/').or_else(|| {
        OF.iter().find_map(|of| {
            let after = close.get(..of.len())?.eq_ignore_ascii_case(of);
            after
                .then(|| close.get(of.len()..))
                .flatten()
                .filter(|rest| rest.starts_with(' '))
        })
    });
    if let Some((best, rest)) = scale.and_then(|scale| number_of(scale.trim_start())) {
        let fits = SCALES.contains(&best) && (1..=best).contains(&number) && !joins(rest);
        let score = (number * u32::from(BEST)).div_ceil(best);
        return u8::try_from(score)
            .ok()
            .filter(|_| fits)
            .map(|score| (score, rest));
    }
    let score = u8::try_from(number)
        .ok()
        .filter(|score| (1..=BEST).contains(score))?;
    for word in COUNTED {
        if let Some(head) = close.get(..word.len())
            && head.to_lowercase() == word
        {
            return Some((score, close.get(word.len()..).unwrap_or_default()));
        }
    }
    let ends = |c: char| ".,;!*)".contains(c);
    // "4.2" and "4,5" are versions or half marks, not four.
    let mut after = rest.chars();
    let is_end = match after.next() {
        None => true,
        Some(c) if ends(c) => !after.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => {
            c.is_whitespace()
                && (close.is_empty() || close.starts_with(['-', '–', '—', ':', '!', '(']))
        }
    };
    is_end.then_some((score, rest))
}

fn number(line: &str) -> Option<(u32, &str)> {
    number_of(line).filter(|(_, rest)| !joins(rest))
}

/// The digits at the beginning, two at most.
fn number_of(line: &str) -> Option<(u32, &str)> {
    let end = line
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(line.len());
    let (digits, rest) = line.split_at(end);
    let number = digits.parse().ok().filter(|_| (1..=2).contains(&end))?;
    Some((number, rest))
}

/// Whether the next character makes it part of a word: `4g`, `5e`.
fn joins(rest: &str) -> bool {
    rest.chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || c == '%' || c == '€')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, score, comment) in [
            ("4", 4, ""),
            ("4/5", 4, ""),
            ("5 / 5 !", 5, ""),
            ("4/5 très bien", 4, "très bien"),
            ("4 sur 5, rapide", 4, "rapide"),
            ("3 out of 5", 3, ""),
            ("Note : 2", 2, ""),
            ("je mets 4", 4, ""),
            ("I give you a 5!", 5, ""),
            ("5 étoiles merci", 5, "merci"),
            ("★★★★☆", 4, ""),
            ("8/10", 4, ""),
            ("18/20 bravo", 5, "bravo"),
            ("1 : toujours en panne", 1, "toujours en panne"),
            ("4 - merci à Paul", 4, "merci à Paul"),
            ("5\n\nMerci Paul !", 5, "Merci Paul !"),
            ("4 de 5", 4, ""),
            ("4 von 5", 4, ""),
        ] {
            let comment = comment.to_owned();
            assert_eq!(read(text), Some(Rating { score, comment }), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_answer() {
        for text in [
            "",
            "4 PC ne démarrent plus",
            "42",
            "0",
            "6",
            "6/5",
            "4g coupée",
            "4.2 ne marche pas",
            "4,5",
            "100%",
            "5e étage sans wifi",
            "4h plus tard, toujours rien",
            "non",
            "le 4/5",
            "2 imprimantes",
            "4/7",
            "5 personnes bloquées",
            "1€",
            "é",
            "4 deux",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn thanks_beside_a_number_need_no_reader() {
        assert!(!says_more("", &[]));
        assert!(!says_more("merci", &[]));
        assert!(!says_more("Merci Paul, bonne journée", &["Paul"]));
        assert!(says_more("mais le wifi coupe encore", &[]));
    }
}
