//! Takes a phrase apart: `bloqu*` is any word that begins so, `#` any number, and `...` stands for up
//! to five words of the same sentence.
//!
//! The rest are whole words in folded spelling (`fold.rs`). Finding them is the part of `keywords.rs`.

use super::fold::Folded;

/// A list of words that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLists {
    /// A phrase cannot be looked for.
    #[error("the phrase `{phrase}` {fault}")]
    Phrase {
        /// As it was written.
        phrase: String,
        /// What is wrong and what to write instead.
        fault: &'static str,
    },
    /// All words together are more than can be held.
    #[error("the words cannot be compiled, use fewer: {0}")]
    TooMany(String),
}

/// How many words `...` may stand for: a clause, not a story.
const GAP_WORDS: usize = 5;
/// The longest phrase, in characters: a sentence.
const PHRASE_MAX: usize = 120;

/// Words that follow one another, with `*` at most at their end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// The last word may go on.
    pub(super) star: bool,
    /// Words that may lie between the piece before and this one.
    pub(super) gap: usize,
}

/// A phrase in folded spelling, as one text.
pub(super) fn key(pieces: &[Piece]) -> String {
    let shown: Vec<String> = pieces
        .iter()
        .map(|piece| {
            let gap = if piece.gap > 0 { "... " } else { "" };
            let star = if piece.star { "*" } else { "" };
            format!("{gap}{}{star}", piece.text)
        })
        .collect();
    shown.join(" ")
}

/// Takes a phrase apart where `*`, `#` or `...` keep it from being one text.
pub(super) fn pieces(phrase: &str) -> Result<Vec<Piece>, BadLists> {
    let wrong = |fault| BadLists::Phrase {
        phrase: phrase.chars().take(PHRASE_MAX).collect(),
        fault,
    };
    if phrase.chars().count() > PHRASE_MAX {
        return Err(wrong("is too long: 120 characters at most"));
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let mut gap = 0;
    let mut gaps = 0;
    let flush = |words: &mut Vec<&str>, star: bool, gap: &mut usize, pieces: &mut Vec<Piece>| {
        let text = Folded::new(&words.join(" ")).text;
        if !words.is_empty() && text.is_empty() {
            return Err(wrong("has no letter or digit to look for"));
        }
        if star && text.chars().count() < 2 {
            return Err(wrong("needs two letters or more before `*`"));
        }
        if !text.is_empty() {
            let gap = std::mem::take(gap);
            pieces.push(Piece { text, star, gap });
        }
        words.clear();
        Ok(())
    };
    for word in phrase.split_whitespace() {
        if word == "..." || word == "…" {
            flush(&mut words, false, &mut gap, &mut pieces)?;
            gap = GAP_WORDS;
            gaps += 1;
            if pieces.is_empty() || gaps > 1 {
                return Err(wrong("may hold `...` once, with words on both sides"));
            }
        } else if word == "#" {
            flush(&mut words, false, &mut gap, &mut pieces)?;
            pieces.push(Piece {
                text: "#".to_owned(),
                star: true,
                gap: std::mem::take(&mut gap),
            });
        } else if let Some(begin) = word.strip_suffix('*') {
            if begin.contains('*') {
                return Err(wrong("may hold `*` only at the end of a word"));
            }
            words.push(begin);
            flush(&mut words, true, &mut gap, &mut pieces)?;
        } else if word.contains('*') {
            return Err(wrong("may hold `*` only at the end of a word"));
        } else {
            words.push(word);
        }
    }
    flush(&mut words, false, &mut gap, &mut pieces)?;
    if gap > 0 {
        return Err(wrong("may hold `...` once, with words on both sides"));
    }
    if pieces.is_empty() {
        return Err(wrong("is empty"));
    }
    Ok(pieces)
}
