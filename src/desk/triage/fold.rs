//! Text in the one spelling in which words are compared.
//!
//! `Réseau  HS`, `RESEAU hs` and `reseau hs` fold to the same text. Compatibility forms are taken
//! apart (NFKD), marks and invisible characters go, letters become lower case, `œ` is `oe`, every
//! apostrophe is `'`. What stands between two words shrinks to one character that says how strong
//! the pause is. A word that begins with a digit gets a `#` in front, so that "any number" can be
//! looked for like a beginning. Each word remembers where it stood, for reasons quote the mail.
//! What the words mean is left to `keywords.rs`.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Text is folded up to here, in bytes, before and after. `reliability.md` F30 allows 1 MiB and 200 ms;
/// a quarter of it is more than anybody reads, and keeps the worst text found (digits, ligatures) below 100 ms.
pub const LENGTH_MAX: usize = 1 << 18;

/// Letters of a word with what follows it, at the fewest on average: there is room for all words from the start.
const LETTERS_A_WORD: usize = 4;
/// The longest quotation in a reason, in characters: a line of a letter.
const QUOTE_MAX: usize = 80;

/// What stands between a word and the one before, the strongest kind seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pause {
    /// A space, a hyphen, a slash, a colon.
    Space,
    /// An apostrophe with nothing around it.
    Apostrophe,
    /// A comma, a bracket, a quotation mark, a dash with spaces.
    Comma,
    /// The end of a sentence or paragraph; the begin of the text.
    Stop,
}

impl Pause {
    /// What the folded text shows for it.
    fn sign(self) -> char {
        match self {
            Self::Space => ' ',
            Self::Apostrophe => '\'',
            Self::Comma => ',',
            Self::Stop => '\n',
        }
    }

    /// Whether a sentence ends here.
    pub(super) fn ends_sentence(self) -> bool {
        self == Self::Stop
    }

    /// Whether a byte of folded text lies between words.
    pub(super) fn is_sign(byte: u8) -> bool {
        matches!(byte, b' ' | b'\'' | b',' | b'\n')
    }
}

/// A text in the spelling in which words are compared.
pub(super) fn folded(text: &str) -> String {
    match is_folded(text) {
        true => text.to_owned(),
        false => Folded::new(text).text,
    }
}

/// Whether a text is nothing but small letters without marks, in words with one space between them: most phrases are, and
/// there are tens of thousands of them.
fn is_folded(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    text.len() < LENGTH_MAX && text.split(' ').all(is_word)
}

/// One word of a folded text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// Where it begins in the folded text, in bytes.
    pub(super) start: usize,
    /// Where it begins in the original, in bytes.
    from: usize,
    /// Where it ends in the original, in bytes.
    to: usize,
    /// What separates it from the word before.
    pub(super) pause: Pause,
}

/// A text, folded.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    original: String,
    /// Words with one separating character between them.
    pub(super) text: String,
    /// Its words, in order.
    pub(super) tokens: Vec<Token>,
}

impl Folded {
    /// Folds the first `LENGTH_MAX` bytes of a text.
    pub(super) fn new(text: &str) -> Self {
        let original = beginning(text);
        let mut folded = Self {
            original: original.to_owned(),
            text: String::with_capacity(original.len() + original.len() / 8),
            tokens: Vec::with_capacity(original.len() / LETTERS_A_WORD),
        };
        // `None` while inside a word.
        let mut pause = Some(Pause::Stop);
        let mut newlines = 0;
        let mut previous = ' ';
        let mut at = 0;
        // One ligature may become eighteen letters.
        while folded.text.len() < LENGTH_MAX
            && let Some(c) = original.get(at..).and_then(|rest| rest.chars().next())
        {
            if c.is_ascii_alphanumeric() {
                at = folded.plain(original, at, &mut pause);
                newlines = 0;
                previous = c;
                continue;
            }
            let here = at;
            at += c.len_utf8();
            if !c.is_ascii() && (is_combining_mark(c) || is_invisible(c)) {
                continue;
            }
            if c.is_alphanumeric() {
                folded.letter(c, here, &mut pause);
                newlines = 0;
            } else {
                let next = original.get(at..).and_then(|rest| rest.chars().next());
                let mut kind = kind(c, previous, next.unwrap_or(' '));
                if c == '\n' {
                    newlines += 1;
                    if newlines > 1 {
                        kind = Pause::Stop;
                    }
                }
                // An apostrophe beside another separator is a quotation mark or dirt: no more than a space.
                pause = Some(match (pause, kind) {
                    (None, kind) => kind,
                    (Some(Pause::Apostrophe), Pause::Apostrophe) => Pause::Space,
                    (Some(Pause::Apostrophe), kind) => kind,
                    (Some(there), Pause::Apostrophe) => there,
                    (Some(there), kind) => there.max(kind),
                });
            }
            previous = c;
        }
        folded
    }

    /// Whether it was made of `text`.
    pub(super) fn is_of(&self, text: &str) -> bool {
        self.original == beginning(text)
    }

    /// Adds the plain letters and digits that stand from `at` on in the original, most of any text. Gives where they end.
    fn plain(&mut self, original: &str, at: usize, pause: &mut Option<Pause>) -> usize {
        let rest = original.get(at..).unwrap_or_default();
        let run = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let run = run.min(LENGTH_MAX - self.text.len());
        let mut letters = rest.get(..run).unwrap_or_default().chars();
        if let Some(first) = letters.next() {
            self.small(first.to_ascii_lowercase(), at, pause);
        }
        let from = self.text.len();
        self.text.push_str(letters.as_str());
        if let Some(added) = self.text.get_mut(from..) {
            added.make_ascii_lowercase();
        }
        self.ends(at + run);
        at + run
    }

    /// Adds what is left of another letter once its marks are gone.
    fn letter(&mut self, c: char, at: usize, pause: &mut Option<Pause>) {
        let before = self.text.len();
        decompose_compatible(c, |part| {
            if !is_combining_mark(part) {
                for small in part.to_lowercase().filter(|small| small.is_alphanumeric()) {
                    self.small(small, at, pause);
                }
            }
        });
        if self.text.len() > before {
            self.ends(at + c.len_utf8());
        }
    }

    /// The last word goes on to this byte of the original.
    fn ends(&mut self, to: usize) {
        if let Some(token) = self.tokens.last_mut() {
            token.to = to;
        }
    }

    /// Adds a letter or digit in its plain form. `at`: where it comes from in the original.
    fn small(&mut self, small: char, at: usize, pause: &mut Option<Pause>) {
        if let Some(kind) = pause.take() {
            if !self.text.is_empty() {
                self.text.push(kind.sign());
            }
            self.tokens.push(Token {
                start: self.text.len(),
                from: at,
                to: at,
                pause: kind,
            });
            if small.is_numeric() {
                self.text.push('#');
            }
        }
        match small {
            'œ' => self.text.push_str("oe"),
            'æ' => self.text.push_str("ae"),
            'ß' => self.text.push_str("ss"),
            'ø' => self.text.push('o'),
            'ł' => self.text.push('l'),
            'đ' => self.text.push('d'),
            'ı' => self.text.push('i'),
            _ => self.text.push(small),
        }
    }

    /// The number a word begins with; 0 for a word that begins with none.
    pub(super) fn number(&self, word: usize) -> u32 {
        let token = self.tokens.get(word).map(|token| token.start);
        let text = token.and_then(|start| self.text.get(start..));
        let digits = text.and_then(|text| text.strip_prefix('#')).unwrap_or("");
        let end = digits.bytes().take_while(u8::is_ascii_digit).count();
        let digits = digits.get(..end).unwrap_or("");
        // More digits than a count of anything has: the longest number there is.
        digits.parse().unwrap_or(if end > 0 { u32::MAX } else { 0 })
    }

    /// Words `first` to `last` as the mail has them, on one line, at most `QUOTE_MAX` characters.
    pub(super) fn quote(&self, first: usize, last: usize) -> String {
        let (Some(first), Some(last)) = (self.tokens.get(first), self.tokens.get(last)) else {
            return String::new();
        };
        let words = self.original.get(first.from..last.to).unwrap_or_default();
        // A word may be as long as the mail; four bytes hold any character.
        let end = words.floor_char_boundary(QUOTE_MAX * 4);
        let words = words.get(..end).unwrap_or_default();
        let mut line = String::with_capacity(words.len());
        for word in words.split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if let Some((end, _)) = line.char_indices().nth(QUOTE_MAX) {
            line.truncate(end);
        }
        line
    }
}

/// What is looked at of a text.
fn beginning(text: &str) -> &str {
    let end = text.floor_char_boundary(LENGTH_MAX);
    text.get(..end).unwrap_or_default()
}

/// Characters that show nothing and may stand inside a word: soft hyphen, zero-width ones, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// How strongly a character that belongs to no word separates.
fn kind(c: char, previous: char, next: char) -> Pause {
    match c {
        '\'' | '’' | '‘' | '‛' | 'ʼ' | '`' | '´' | '′' | '＇' => Pause::Apostrophe,
        // A dash with space around it is a pause; within `e-mail` it is none.
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => {
            if previous.is_whitespace() || next.is_whitespace() {
                Pause::Comma
            } else {
                Pause::Space
            }
        }
        // `mail.example.org`, `v2.1`
        '.' if next.is_alphanumeric() && previous.is_alphanumeric() => Pause::Space,
        '.' | '!' | '?' | '…' | ';' | '|' | '•' | '·' | '¡' | '¿' | '。' => Pause::Stop,
        ',' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '«' | '»' | '“' | '”' | '„' | '、' => {
            Pause::Comma
        }
        _ => Pause::Space,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        Folded::new(text).text
    }

    #[test]
    fn case_accents_and_compatibility_forms_are_one() {
        assert_eq!(folded("RÉSEAU"), "reseau");
        assert_eq!(folded("re\u{301}seau"), "reseau");
        assert_eq!(
            folded("ｕｒｇｅｎｔ œuvre ﬁn Straße"),
            "urgent oeuvre fin strasse"
        );
        assert_eq!(folded("ur\u{ad}gent ur\u{200b}gent"), "urgent urgent");
    }

    #[test]
    fn apostrophes_dashes_and_white_space_are_one() {
        for text in ["j'ai", "j’ai", "J´ai", "j‘ai", "j`ai"] {
            assert_eq!(folded(text), "j'ai", "{text}");
        }
        assert_eq!(folded("e-mail e‑mail e–mail"), "e mail e mail e mail");
        assert_eq!(folded("mot  de\n\tpasse"), "mot de passe");
        assert_eq!(folded("' quoted ' words'"), "quoted words");
    }

    #[test]
    fn pauses_are_kept() {
        assert_eq!(
            folded("non, merci. oui - ou (si)\n\nfin"),
            "non,merci\noui,ou,si\nfin"
        );
        assert_eq!(folded("urgent : oui; v2.1 a.b"), "urgent oui\nv2 #1 a b");
    }

    #[test]
    fn words_quote_the_original() {
        let text = "Bonjour,\nplus  PERSONNE n’a d’Internet au 2e";
        let folded = Folded::new(text);
        assert_eq!(folded.text, "bonjour,plus personne n'a d'internet au #2e");
        assert_eq!(folded.quote(1, 2), "plus PERSONNE");
        assert_eq!(folded.quote(6, 6), "Internet");
        assert_eq!(folded.quote(7, 99), "");
    }

    #[test]
    fn the_length_is_bounded() {
        for piece in ["é", "a", "1 ", "\u{fdfa}"] {
            let text = piece.repeat(LENGTH_MAX);
            let longest = LENGTH_MAX + 18 * 4;
            assert!(Folded::new(&text).text.len() <= longest, "{piece}");
        }
    }
}
