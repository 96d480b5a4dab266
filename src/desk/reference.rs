//! Finds what an outside firm calls a ticket: `[Orange #4512]`, `votre dossier n° 4512`, `case number CS0012345`.
//!
//! Such a name has digits and follows a word that announces it, or stands in brackets in the subject. Numbers of telephones,
//! dates and sums follow no such word. What is our own id or contract number is left out by whoever asks.

use std::sync::LazyLock;

use regex::Regex;

/// Shorter names are found in too many subjects; longer ones are no names.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=30;
/// So many words of a subject are looked up at most.
const WORDS_MAX: usize = 20;
/// A receipt is short; whoever writes more than that says something.
const RECEIPT_MAX: usize = 1_500;

/// A name in brackets: what stands before its digits may be the firm's own name.
static BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\[(](?:[\p{L}][\p{L} .&_-]{0,30}[ :#]+)?#? ?([A-Za-z]{0,8}[-_/]?[0-9][0-9A-Za-z_/-]{2,29})[\])]")
        .expect("a fixed pattern, tried by the tests below")
});

/// A name behind a word that announces it, in six languages.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:
            dossier | r[ée]f[ée]rences? | r[ée]f | ticket | case | incident | request | demande | reference | ref
          | vorgang | vorgangsnummer | ticketnummer | aktenzeichen | fallnummer | st[öo]rungsnummer
          | expediente | caso | incidencia | referencia | solicitud
          | pratica | riferimento | segnalazione | richiesta
          | dossiernummer | meldingsnummer | referentie | zaaknummer | melding
        )\b
        (?:\s+(?:number|no|num[ée]ro|nummer|nr|n[úu]mero|num|id|is|est|ist|es|è)){0,2}
        \s*(?:[:\#.]|n[°ºo]\.?|\#)*\s*
        \#?([A-Z]{0,8}[-_/]?[0-9][0-9A-Z_/-]{2,29})\b",
    )
    .expect("a fixed pattern, tried by the tests below")
});

/// What only says that a letter arrived, folded, in six languages.
const RECEIPTS: [&str; 24] = [
    "avons bien recu votre",
    "a bien ete recu",
    "a bien ete enregistre",
    "a ete enregistre",
    "a bien ete pris en compte",
    "accuse de reception",
    "accusons reception",
    "have received your",
    "has been received",
    "has been registered",
    "has been logged",
    "has been created",
    "thank you for contacting",
    "haben ihre anfrage erhalten",
    "ist bei uns eingegangen",
    "eingangsbestatigung",
    "hemos recibido su",
    "ha sido registrada",
    "acuse de recibo",
    "abbiamo ricevuto la",
    "e stata registrata",
    "hebben uw bericht ontvangen",
    "hebben uw melding ontvangen",
    "is geregistreerd",
];

/// The name a mail gives: in brackets of the subject, else announced in the subject, else in the text. `is_ours` tells our
/// own names apart.
pub fn find(subject: &str, text: &str, is_ours: impl Fn(&str) -> bool) -> Option<String> {
    let subject_bracketed = BRACKETS.captures_iter(subject);
    let announced = |text| ANNOUNCED.captures_iter(text);
    let mut names = subject_bracketed
        .chain(announced(subject))
        .chain(announced(text))
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str())
        .filter(|name| is_name(name) && !is_ours(name));
    names.next().map(str::to_uppercase)
}

/// The words of a subject that may be such names, as `find` spells them.
pub fn words(subject: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let words = subject.split(|c: char| !is_part(c));
    let words = words.filter(|word| is_name(word));
    words.take(WORDS_MAX).map(str::to_uppercase).collect()
}

/// Whether a text only says that something arrived.
pub fn is_receipt(text: &str) -> bool {
    let folded = super::command::fold(text);
    let asks = folded.contains('?');
    text.len() <= RECEIPT_MAX && !asks && RECEIPTS.iter().any(|phrase| folded.contains(phrase))
}

/// Whether it has the form of a name: long enough, with digits, and no date.
fn is_name(word: &str) -> bool {
    let is_date = word
        .split(['-', '/'])
        .filter(|part| !part.is_empty())
        .count()
        == 3
        && word.chars().all(|c| c.is_ascii_digit() || "-/".contains(c));
    NAME_CHARS.contains(&word.chars().count())
        && word.chars().any(|c| c.is_ascii_digit())
        && !is_date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_where_firms_put_it() {
        let ours = |word: &str| word.to_uppercase().starts_with("INC-");
        let cases = [
            ("Re: [INC-42] Ligne coupée [Orange #4512]", "", Some("4512")),
            ("[#4512] Your request", "", Some("4512")),
            (
                "RE: [INC-42] Ligne",
                "Votre dossier n° 4512 est ouvert.",
                Some("4512"),
            ),
            (
                "RE: Ligne",
                "Référence : GTR-2026/0815",
                Some("GTR-2026/0815"),
            ),
            (
                "[INC-42] line",
                "Your case number is CS0012345.",
                Some("CS0012345"),
            ),
            ("Ticket#20261124000017 line", "", Some("20261124000017")),
            (
                "AW: [INC-42]",
                "Ihre Vorgangsnummer: 77-4512",
                Some("77-4512"),
            ),
            (
                "Re: [INC-42]",
                "Su número de expediente 99812",
                Some("99812"),
            ),
            ("Re: [INC-42]", "Numero di pratica: 4512B", Some("4512B")),
            ("Re: [INC-42]", "Uw dossiernummer 4512-A", Some("4512-A")),
            (
                "Re: [INC-42] Ligne",
                "Rappelez le 04 72 00 00 00 demain",
                None,
            ),
            ("Re: [INC-42] Ligne", "Votre référence INC-42", None),
            ("Re: [INC-42] Ligne", "votre demande du 2026-11-24", None),
            ("Re: [INC-42] Ligne", "le dossier est clos", None),
        ];
        for (subject, text, name) in cases {
            assert_eq!(
                find(subject, text, ours).as_deref(),
                name,
                "{subject} {text}"
            );
        }
        assert_eq!(words("RE: [Orange #4512] Ligne 4G"), ["4512"]);
    }

    #[test]
    fn a_receipt_is_told_from_an_answer() {
        for text in [
            "Bonjour, nous avons bien reçu votre demande. Dossier n° 4512.",
            "Your request has been received under number 4512.",
            "Wir haben Ihre Anfrage erhalten.",
        ] {
            assert!(is_receipt(text), "{text}");
        }
        for text in [
            "Un technicien passe demain à 9 h.",
            "We have received your request. Which box is it, please?",
            "The line is repaired.",
        ] {
            assert!(!is_receipt(text), "{text}");
        }
    }
}
