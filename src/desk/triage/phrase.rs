//! Takes a phrase apart: `bloqu*` is any word that begins so, `#` any number, `#10+` a number from ten
//! on, `(a|b c|d*)` one of several, `..` up to two and `...` up to five words of the same sentence.
//!
//! The rest are whole words in folded spelling (`fold.rs`). Finding them is the part of `keywords.rs`.

use super::fold::folded;

/// A list of words that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLists {
    /// A phrase cannot be looked for.
    #[error("the phrase `{phrase}` {fault}")]
    Phrase {
        /// As it was written, cut where it is long.
        phrase: String,
        /// What is wrong and what to write instead.
        fault: &'static str,
    },
    /// All words together are more than can be held.
    #[error("the words cannot be compiled, use fewer: {0}")]
    TooMany(String),
}

/// How many words `..` may stand for: an adverb, an article and a noun.
const STEP_WORDS: usize = 2;
/// How many words `...` may stand for: a clause, not a story.
const GAP_WORDS: usize = 5;
/// Gaps in one phrase: who ... what ... how.
pub(super) const GAPS_MAX: usize = 3;
/// The longest phrase, in characters, with everything it may choose from: a page.
const PHRASE_MAX: usize = 20_000;
/// How much of a phrase a fault shows, in characters.
const SHOWN_MAX: usize = 120;

/// Words that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What may stand here, one or several.
    pub(super) choices: Vec<Choice>,
    /// Words that may lie between the piece before and this one.
    pub(super) gap: usize,
}

/// One way a piece may read, with `*` at most at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) text: String,
    /// The last word may go on.
    pub(super) star: bool,
    /// For `#10+`: the smallest number meant; 0 for any, and for words.
    pub(super) least: u32,
}

/// A phrase in folded spelling, as one text.
pub(super) fn key(pieces: &[Piece]) -> String {
    let shown: Vec<String> = pieces
        .iter()
        .map(|piece| {
            let gap = match piece.gap {
                0 => "",
                STEP_WORDS => ".. ",
                _ => "... ",
            };
            let choices: Vec<String> = piece.choices.iter().map(Choice::shown).collect();
            match choices.as_slice() {
                [only] => format!("{gap}{only}"),
                _ => format!("{gap}({})", choices.join("|")),
            }
        })
        .collect();
    shown.join(" ")
}

impl Choice {
    fn shown(&self) -> String {
        let star = if self.star && self.text != "#" {
            "*"
        } else {
            ""
        };
        match self.least {
            0 => format!("{}{star}", self.text),
            least => format!("{}{least}+", self.text),
        }
    }
}

/// Takes a phrase apart where `*`, `#`, `(|)` or dots keep it from being one text.
pub(super) fn pieces(phrase: &str) -> Result<Vec<Piece>, BadLists> {
    if phrase.chars().count() > PHRASE_MAX {
        return Err(wrong(phrase, "is too long: 20000 characters at most"));
    }
    let mut reading = Reading {
        phrase,
        pieces: Vec::new(),
        words: Vec::new(),
        gap: 0,
        gaps: 0,
    };
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('(') {
        reading.words(before)?;
        let Some((choices, behind)) = after.split_once(')') else {
            return Err(wrong(phrase, "opens `(` and does not close it"));
        };
        reading.choices(choices)?;
        rest = behind;
    }
    if rest.contains([')', '|']) {
        return Err(wrong(phrase, "may hold `|` and `)` only behind `(`"));
    }
    reading.words(rest)?;
    reading.flush(false)?;
    if reading.gap > 0 {
        return Err(wrong(phrase, GAPS));
    }
    if reading.pieces.is_empty() {
        return Err(wrong(phrase, "is empty"));
    }
    Ok(reading.pieces)
}

const GAPS: &str = "may hold `..` or `...` three times, with words on both sides";
const STARS: &str = "may hold `*` only at the end of a word";

fn wrong(phrase: &str, fault: &'static str) -> BadLists {
    BadLists::Phrase {
        phrase: phrase.chars().take(SHOWN_MAX).collect(),
        fault,
    }
}

struct Reading<'p> {
    phrase: &'p str,
    pieces: Vec<Piece>,
    /// Words since the last piece.
    words: Vec<&'p str>,
    /// What may lie before the next piece.
    gap: usize,
    gaps: usize,
}

impl<'p> Reading<'p> {
    /// What stands outside of `( )`.
    fn words(&mut self, words: &'p str) -> Result<(), BadLists> {
        for word in words.split_whitespace() {
            match word {
                ".." => self.gap(STEP_WORDS)?,
                "..." | "…" => self.gap(GAP_WORDS)?,
                _ => match number(word) {
                    Some(choice) => {
                        self.flush(false)?;
                        self.push(vec![choice]);
                    }
                    None if word.strip_suffix('*').unwrap_or(word).contains('*') => {
                        return Err(wrong(self.phrase, STARS));
                    }
                    None => {
                        let begin = word.strip_suffix('*');
                        self.words.push(begin.unwrap_or(word));
                        if begin.is_some() {
                            self.flush(true)?;
                        }
                    }
                },
            }
        }
        Ok(())
    }

    /// What stands between `(` and `)`.
    fn choices(&mut self, choices: &'p str) -> Result<(), BadLists> {
        self.flush(false)?;
        let mut read = Vec::new();
        for choice in choices.split('|').map(str::trim) {
            if let Some(number) = number(choice) {
                read.push(number);
                continue;
            }
            if choice.contains(['(', '#', '…']) || choice.contains("..") {
                let fault =
                    "may hold between `(` and `)` only words, `*` behind the last, or a number";
                return Err(wrong(self.phrase, fault));
            }
            let begin = choice.strip_suffix('*');
            if begin.unwrap_or(choice).contains('*') {
                return Err(wrong(self.phrase, STARS));
            }
            read.push(self.choice(begin.unwrap_or(choice), begin.is_some())?);
        }
        self.push(read);
        Ok(())
    }

    fn choice(&self, words: &str, star: bool) -> Result<Choice, BadLists> {
        let text = folded(words);
        if text.is_empty() {
            return Err(wrong(self.phrase, "has no letter or digit to look for"));
        }
        if star && text.chars().count() < 2 {
            return Err(wrong(self.phrase, "needs two letters or more before `*`"));
        }
        Ok(Choice {
            text,
            star,
            least: 0,
        })
    }

    fn gap(&mut self, words: usize) -> Result<(), BadLists> {
        self.flush(false)?;
        self.gaps += 1;
        if self.pieces.is_empty() || self.gap > 0 || self.gaps > GAPS_MAX {
            return Err(wrong(self.phrase, GAPS));
        }
        self.gap = words;
        Ok(())
    }

    /// Makes a piece of the words read so far.
    fn flush(&mut self, star: bool) -> Result<(), BadLists> {
        if self.words.is_empty() {
            return match star {
                true => Err(wrong(self.phrase, "needs two letters or more before `*`")),
                false => Ok(()),
            };
        }
        let choice = self.choice(&self.words.join(" "), star)?;
        self.words.clear();
        self.push(vec![choice]);
        Ok(())
    }

    fn push(&mut self, choices: Vec<Choice>) {
        let gap = std::mem::take(&mut self.gap);
        self.pieces.push(Piece { choices, gap });
    }
}

/// `#` or `#10+`.
fn number(word: &str) -> Option<Choice> {
    let behind = word.strip_prefix('#')?;
    let least = match behind {
        "" => 0,
        _ => behind.strip_suffix('+')?.parse().ok()?,
    };
    Some(Choice {
        text: "#".to_owned(),
        star: true,
        least,
    })
}
