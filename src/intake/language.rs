//! In which language a text is written: one of the six we answer in, or none that we know.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use crate::desk::ids::Language;

/// Fewer letters than this say nothing: "Ok merci" is three languages.
const LETTERS_MIN: usize = 12;
/// More adds no certainty and only costs time.
const LETTERS_MAX: usize = 4000;
/// So many words, a page of them, tell whose they are.
const WORDS_MAX: usize = 400;

/// Frequent short words, the surest sign in a text of a few lines. Only words that are rare in the other five.
const WORDS: [(Language, &[&str]); 6] = [
    (
        Language::French,
        &[
            "le",
            "la",
            "les",
            "des",
            "est",
            "une",
            "pas",
            "je",
            "vous",
            "nous",
            "pour",
            "avec",
            "bonjour",
            "merci",
            "sur",
            "dans",
            "mon",
            "ma",
            "mes",
            "votre",
            "ce",
            "cette",
            "et",
            "au",
            "du",
            "plus",
            "suis",
            "ai",
            "qui",
            "sont",
            "cordialement",
            "ça",
            "chez",
            "moi",
            "ne",
            "marche",
            "fonctionne",
            "depuis",
            "toujours",
            "aussi",
            "très",
            "bien",
            "fait",
            "faire",
            "peux",
            "pouvez",
            "j",
            "qu",
            "où",
            "leur",
            "aucun",
            "aucune",
        ],
    ),
    (
        Language::English,
        &[
            "the", "is", "are", "and", "you", "my", "we", "to", "of", "this", "that", "have",
            "not", "with", "for", "please", "hello", "hi", "thanks", "thank", "it", "be", "your",
            "was", "what", "can", "from", "regards", "on", "at", "if", "but", "or", "will",
            "there", "has", "using", "reply", "above", "does", "works", "work", "working", "now",
            "still", "when", "how", "don", "isn", "doesn", "been", "they", "its", "any",
        ],
    ),
    (
        Language::German,
        &[
            "der",
            "die",
            "das",
            "und",
            "ist",
            "nicht",
            "ich",
            "wir",
            "sie",
            "mit",
            "bitte",
            "hallo",
            "ein",
            "eine",
            "zu",
            "auf",
            "den",
            "von",
            "für",
            "danke",
            "mein",
            "meine",
            "kann",
            "gruß",
            "grüße",
            "sehr",
            "haben",
            "es",
            "vielen",
            "wie",
            "funktioniert",
            "geht",
            "noch",
            "seit",
            "auch",
            "aber",
            "oder",
            "nur",
            "wenn",
            "im",
            "dem",
            "wieder",
            "kein",
            "keine",
            "nichts",
            "guten",
            "tag",
            "heute",
        ],
    ),
    (
        Language::Spanish,
        &[
            "el", "los", "las", "una", "es", "por", "para", "con", "hola", "gracias", "que", "mi",
            "está", "no", "su", "del", "muy", "pero", "tengo", "puedo", "saludos", "buenos",
            "como", "más", "se", "lo", "esta", "este", "ya", "funciona", "cuando", "desde",
            "buenas", "días", "nada", "hay", "favor", "otra", "vez", "ayuda", "puede", "todavía",
        ],
    ),
    (
        Language::Italian,
        &[
            "il",
            "lo",
            "gli",
            "una",
            "è",
            "non",
            "per",
            "con",
            "che",
            "ciao",
            "grazie",
            "sono",
            "di",
            "del",
            "della",
            "mio",
            "mia",
            "buongiorno",
            "questo",
            "ho",
            "si",
            "nel",
            "alla",
            "anche",
            "più",
            "saluti",
            "come",
            "adesso",
            "funziona",
            "ancora",
            "nessun",
            "perché",
            "alle",
            "ora",
            "stampante",
            "posso",
            "molto",
            "sempre",
            "dal",
        ],
    ),
    (
        Language::Dutch,
        &[
            "de", "het", "een", "is", "niet", "ik", "wij", "we", "van", "met", "voor", "dat",
            "hallo", "bedankt", "graag", "op", "mijn", "kan", "zijn", "aan", "te", "geen", "wat",
            "beste", "groet", "groeten", "maar", "ook", "bij", "naar", "werkt", "weer", "nog",
            "heeft", "heb", "kunnen", "goed", "dank", "wel", "om", "meer", "deze", "sinds", "kunt",
            "erg",
        ],
    ),
];

/// In which of the lists above each word stands.
static LISTED: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut listed: HashMap<&str, Vec<usize>> = HashMap::new();
    for (list, (_, words)) in WORDS.iter().enumerate() {
        for word in *words {
            listed.entry(word).or_default().push(list);
        }
    }
    listed
});

/// The language of a text, `None` when it is too short, mixed, or one of the languages we do not write.
pub fn of(text: &str) -> Option<Language> {
    let words = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX);
    let mut tally = Tally::default();
    let mut lower = String::new(); // one for all words: a string for each was most of the time this takes
    for word in words {
        lower.clear();
        lower.extend(word.chars().flat_map(char::to_lowercase));
        tally.add(&lower);
    }
    if tally.letters < LETTERS_MIN {
        return None;
    }
    tally.leader().or_else(|| by_letters(text))
}

/// What is counted of a text's words.
#[derive(Default)]
struct Tally {
    words: usize,
    letters: usize,
    /// How many stand in each list of `WORDS`.
    listed: [usize; WORDS.len()],
}

impl Tally {
    /// Counts a word in lower case.
    fn add(&mut self, word: &str) {
        self.words += 1;
        self.letters += word.chars().count();
        for list in LISTED.get(word).into_iter().flatten() {
            if let Some(count) = self.listed.get_mut(*list) {
                *count += 1;
            }
        }
    }

    /// The language most of whose short words stand in the text, if it leads clearly.
    fn leader(&self) -> Option<Language> {
        let languages = WORDS.iter().map(|(language, _)| *language);
        let mut counts: Vec<(usize, Language)> =
            self.listed.iter().copied().zip(languages).collect();
        counts.sort_by_key(|(count, _)| Reverse(*count));
        match counts.as_slice() {
            // At least every tenth word, or it is a language we do not know that shares a few words.
            [(best, language), (second, _), ..]
                if *best >= 2 && *best * 3 > second * 4 && *best * 10 >= self.words =>
            {
                Some(*language)
            }
            _ => None,
        }
    }
}

/// The language by its letter groups, among all that whatlang knows.
fn by_letters(text: &str) -> Option<Language> {
    let cut = text
        .get(..text.floor_char_boundary(LETTERS_MAX))
        .unwrap_or(text);
    let found = Detector::new().detect(cut)?;
    let language = match found.lang() {
        Lang::Fra => Language::French,
        Lang::Eng => Language::English,
        Lang::Deu => Language::German,
        Lang::Spa => Language::Spanish,
        Lang::Ita => Language::Italian,
        Lang::Nld => Language::Dutch,
        _ => return None,
    };
    found.is_reliable().then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_or_two_is_enough() {
        for (text, code) in [
            (
                "Bonjour, mon imprimante ne marche plus depuis ce matin.",
                "fr",
            ),
            (
                "Hello, my printer has stopped working since this morning.",
                "en",
            ),
            (
                "Hallo, mein Drucker geht seit heute Morgen nicht mehr.",
                "de",
            ),
            (
                "Hola, la impresora no funciona desde esta mañana, gracias.",
                "es",
            ),
            (
                "Buongiorno, la mia stampante non funziona più da stamattina.",
                "it",
            ),
            (
                "Hallo, mijn printer doet het niet meer sinds vanmorgen.",
                "nl",
            ),
        ] {
            assert_eq!(of(text).map(Language::code), Some(code), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_none() {
        assert_eq!(of("Ok"), None);
        assert_eq!(
            of("Dzień dobry, moja drukarka nie działa od dzisiejszego poranka."),
            None
        );
        assert_eq!(of("🎉 12345 67890"), None);
    }
}
