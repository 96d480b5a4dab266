//! Cuts what follows the text: signature, lines of phones and programs, small print, rules.
//!
//! Works on lines without history. Only cuts towards the end, never everything.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{CLOSING, DEVICE, FOOTER_TOPICS, FOOTERS, SENT_FROM, SERVICE_LINES};

/// A signature behind a closing phrase has few lines; what is longer is text.
const SIGNATURE_LINES_MAX: usize = 14;
/// And short ones.
const SIGNATURE_LINE_BYTES_MAX: usize = 120;
/// A rule of this many signs begins the footer of a list.
const RULE_MIN: usize = 20;

static SENT: LazyLock<Regex> = LazyLock::new(|| compiled(&SENT_FROM.replace("DEVICE", DEVICE)));
static CLOSE: LazyLock<Regex> = LazyLock::new(|| compiled(CLOSING));
/// `-Ann`, `--Ann Doe`: a name behind a dash. With a space between it is an item of a list.
static DASHED_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-{1,2}\p{Lu}\p{L}+(?: [\p{Lu}\p{L}.-]+){0,3}$").expect("the pattern is fixed")
});
/// Contact details: a page, an address, a telephone number.
static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:https?://|www\.|[\w.+-]+@[\w-]+\.[\w.-]+|(?:tel|fax|mobile?|phone|t[ée]l[ée]phone|gsm|skype|port)(?:\W|$)|[+(]?\d[\d .()/-]{7,}\d)",
    )
});

fn compiled(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}")).expect("the patterns are fixed and tested")
}

/// How far above the end a signature can begin: small print in three languages has some hundred lines.
const LOOKED_AT_LINES: usize = 200;
/// Signature, small print, footer of a list and line of a phone follow one another; more pieces were not seen.
const PIECES_MAX: usize = 8;

/// The lines without what follows the text.
pub fn without<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<&'a str> = lines.to_vec();
    for _ in 0..PIECES_MAX {
        drop_rules(&mut kept);
        let Some(cut) = start_of_signature(&kept) else {
            break;
        };
        kept.truncate(cut);
    }
    drop_rules(&mut kept);
    kept
}

/// Whether the lines are a signature and nothing else: a delimiter or the line of a phone comes first.
pub fn is_all(lines: &[&str]) -> bool {
    let mut filled = lines
        .iter()
        .map(|line| line.trim())
        .skip_while(|line| line.is_empty());
    let first = filled.next().unwrap_or_default();
    let below: Vec<&str> = filled.collect();
    is_delimiter(first, &below) || is_sent_from(first)
}

/// Blank lines and lines of rules at the end say nothing.
fn drop_rules(kept: &mut Vec<&str>) {
    let says_nothing = |line: &str| {
        line.chars()
            .all(|c| c.is_whitespace() || "-_=*~#+ᐧ─—–|>\u{200b}\u{a0}".contains(c))
    };
    while kept.last().is_some_and(|line| says_nothing(line)) {
        kept.pop();
    }
}

/// The first line of the signature, if there is one and text stands above it.
fn start_of_signature(lines: &[&str]) -> Option<usize> {
    let first_text = lines
        .iter()
        .position(|line| line.chars().any(|c| c.is_alphanumeric() || !c.is_ascii()))?;
    let starts = |at: &usize| {
        let line = lines.get(*at).map(|line| line.trim()).unwrap_or_default();
        let above = lines.get(..*at).unwrap_or_default();
        let below = lines.get(at + 1..).unwrap_or_default();
        is_delimiter(line, below)
            || is_sent_from(line)
            || is_footer(line, below)
            || is_list_rule(line, below)
            || is_closing(line, below)
            || is_dashed_name(line, above, below)
    };
    let near = lines
        .len()
        .saturating_sub(LOOKED_AT_LINES)
        .max(first_text + 1);
    (near..lines.len())
        .find(starts)
        .or_else(|| contact_card(lines))
}

/// The first line of a last paragraph that only says who somebody is: a name, then mostly contact details. Not
/// when the text announces it: "please add this user:".
fn contact_card(lines: &[&str]) -> Option<usize> {
    let start = lines.iter().rposition(|line| line.trim().is_empty())? + 1;
    let card = lines.get(start..)?;
    let above = lines
        .get(..start)?
        .iter()
        .rev()
        .find(|line| !line.trim().is_empty())?;
    let details = card.iter().filter(|line| CONTACT.is_match(line)).count();
    let short = card.iter().all(|line| line.len() <= 70);
    let named = card
        .first()
        .is_some_and(|line| !CONTACT.is_match(line) && !line.ends_with(['.', '?', '!', ':']));
    let announced = above.trim_end().ends_with([':', ',']);
    (named && short && !announced && (3..=8).contains(&card.len()) && details + 1 >= card.len())
        .then_some(start)
}

/// How many lines say something.
fn filled(lines: &[&str]) -> usize {
    lines.iter().filter(|line| !line.trim().is_empty()).count()
}

/// `-- ` and what people use for it. What is longer than a signature was divided by its writer.
fn is_delimiter(line: &str, below: &[&str]) -> bool {
    matches!(line, "--" | "—" | "–" | "__" | "---") && filled(below) <= 2 * SIGNATURE_LINES_MAX
}

fn is_sent_from(line: &str) -> bool {
    line.len() <= SIGNATURE_LINE_BYTES_MAX && SENT.is_match(line)
}

/// Small print.
fn is_footer(line: &str, below: &[&str]) -> bool {
    let bare = line.trim_start_matches(['*', '_', ' ', '>', '"', '“', '«', '[', '(']);
    let lower = bare
        .get(..bare.floor_char_boundary(600))
        .unwrap_or(bare)
        .to_lowercase()
        .replace('’', "'");
    if SERVICE_LINES.iter().any(|start| lower.starts_with(start)) {
        return true;
    }
    if !FOOTERS.iter().any(|start| lower.starts_with(start)) {
        return false;
    }
    let rest = below
        .iter()
        .take_while(|line| !line.trim().is_empty())
        .take(5);
    let rest = rest
        .map(|line| line.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ");
    FOOTER_TOPICS
        .iter()
        .any(|topic| lower.contains(topic) || rest.contains(topic))
}

/// A long rule with contact details or the name of a list below it.
fn is_list_rule(line: &str, below: &[&str]) -> bool {
    let is_rule = line.len() >= 10 && line.chars().all(|c| "_-=*~".contains(c));
    if !is_rule || filled(below) > 2 * SIGNATURE_LINES_MAX {
        return false;
    }
    let details = below.iter().filter(|line| CONTACT.is_match(line)).count();
    let of_list = below
        .iter()
        .any(|line| line.to_lowercase().contains("mailing list"));
    details >= 2 || of_list || line.starts_with('_') && line.len() >= RULE_MIN
}

/// "Kind regards" with a name below it, and nothing that still wants to be read: a postscript, a question, a command.
fn is_closing(line: &str, below: &[&str]) -> bool {
    if line.len() > SIGNATURE_LINE_BYTES_MAX
        || !CLOSE.is_match(line)
        || filled(below) > SIGNATURE_LINES_MAX
    {
        return false;
    }
    below.iter().all(|line| {
        let line = line.trim();
        let lower = line
            .get(..line.floor_char_boundary(4))
            .unwrap_or(line)
            .to_lowercase();
        let is_postscript = ["ps:", "ps ", "p.s", "n.b", "nb:", "nb "]
            .iter()
            .any(|start| lower.starts_with(start));
        line.len() <= SIGNATURE_LINE_BYTES_MAX
            && !line.ends_with('?')
            && !line.starts_with('/')
            && !is_postscript
    })
}

fn is_dashed_name(line: &str, above: &[&str], below: &[&str]) -> bool {
    let in_list = above
        .iter()
        .rev()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| line.trim_start().starts_with('-'));
    line.len() <= 40 && !in_list && filled(below) <= 2 && DASHED_NAME.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> String {
        without(&text.lines().collect::<Vec<_>>()).join("\n")
    }

    #[test]
    fn signatures_of_all_kinds() {
        for tail in [
            "-- \nAnn",
            "--\nAnn",
            "—\nAnn",
            "Sent from my iPhone",
            "Envoyé de mon iPhone",
            "Von meinem iPhone gesendet",
            "Enviado desde mi iPhone",
            "Inviato da iPhone",
            "Verstuurd vanaf mijn iPhone",
            "Get Outlook for iOS",
            "Sent from Outlook Mobile<https://a.example>",
            "Gesendet von Outlook für Android<https://a.example>",
            "Envoyé avec la messagerie sécurisée Proton Mail.",
            "Please consider the environment before printing.",
            "Kind regards,\nAnn Doe\nAcme",
            "Cordialement,\nAnn",
            "Mit freundlichen Grüßen\nAnn",
            "Met vriendelijke groet,\nAnn",
            "Cordiali saluti\nAnn",
            "Saludos,\nAnn",
            "Ce message et ses pièces jointes sont confidentiels.",
            "This e-mail and any attachments are confidential.",
            "-Ann Doe",
            "_______________________________________________\nusers mailing list",
            "----------",
            "***\n####",
        ] {
            assert_eq!(
                bare(&format!("text\nmore\n\n{tail}")),
                "text\nmore",
                "{tail}"
            );
        }
    }

    #[test]
    fn text_stays() {
        for text in [
            "And here is a fix -- this is not a signature.",
            "Kind regards",
            "a\n-- b --\nc",
            "I sent from my office the files\nthanks",
            "Please add:\n\nAnn Doe\nann@acme.example\n+33 1 23 45 67 89",
            "text\n1. one\n----------\n2. two",
        ] {
            assert_eq!(bare(text), text);
        }
    }
}
