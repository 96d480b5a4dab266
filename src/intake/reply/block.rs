//! The header block that Outlook and others put above a quoted mail: `From:`, `Sent:`, `To:`, `Subject:`.

use super::super::address::mailboxes;
use super::words::{NAMES, Name};
use crate::desk::mail::Mailbox;

/// How many lines a block has at most, folded ones included.
const LINES_MAX: usize = 14;

/// A header block within a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The line behind its last one.
    pub end: usize,
    /// Who wrote the mail below it.
    pub from: Option<Mailbox>,
}

/// The block that begins at line `start`; `None` when none does.
pub fn at(lines: &[&str], start: usize) -> Option<Block> {
    named(lines.get(start)?)?;
    let mut seen: Vec<Name> = Vec::new();
    let (mut from, mut end, mut blanks) = (None, start, 0);
    let window = lines.get(start..)?.iter().take(LINES_MAX);
    for (offset, line) in window.enumerate() {
        if bare(line).is_empty() {
            // Outlook for the Mac and pages drawn as text put a blank line behind each field.
            blanks += 1;
            if blanks > 1 || seen.len() >= 3 && seen.contains(&Name::Subject) {
                break;
            }
            continue;
        }
        match named(line) {
            Some((name, value)) => {
                if name == Name::From && from.is_none() {
                    from = sender(value);
                }
                seen.push(name);
                end = start + offset + 1;
            }
            // A folded address list; a line behind a blank one is text.
            None if blanks == 0 && offset < LINES_MAX - 1 && line.len() < 300 => {
                if seen.len() >= 4 && seen.contains(&Name::Subject) {
                    break;
                }
            }
            None => break,
        }
        blanks = 0;
    }
    let has = |name: Name| seen.contains(&name);
    let kinds = [Name::From, Name::Date, Name::To, Name::Subject]
        .into_iter()
        .filter(|n| has(*n))
        .count();
    let is_block = has(Name::From)
        && (kinds >= 3
            || kinds == 2
                && from.as_ref().is_some_and(|f| f.address.contains('@'))
                && !has(Name::To));
    is_block.then_some(Block { end, from })
}

/// The first block of a text.
pub fn first(lines: &[&str]) -> Option<Block> {
    (0..lines.len()).find_map(|start| at(lines, start))
}

/// A line without quote marks, bold signs and spaces around it.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '>' || c == '*' || c == '|')
}

/// What a line names and its value, if it is a field of a block.
fn named(line: &str) -> Option<(Name, &str)> {
    if line.len() > 2000 {
        return None;
    }
    let line = bare(line);
    let (word, value) = line.split_once([':', '：'])?;
    let word =
        word.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '_' || c == '\u{a0}');
    if word.chars().count() > 20 {
        return None;
    }
    let word = word.to_lowercase().replace('’', "'");
    let found = NAMES
        .iter()
        .find(|(_, names)| names.contains(&word.as_str()));
    found.map(|(name, _)| {
        (
            *name,
            value.trim_matches(|c: char| c.is_whitespace() || c == '*'),
        )
    })
}

/// The mailbox of a From line: `Ann <a@b>`, `Ann [mailto:a@b]`, `a@b<mailto:a@b>`.
fn sender(value: &str) -> Option<Mailbox> {
    let value = value
        .replace("[mailto:", "<")
        .replace(']', ">")
        .replace("<mailto:", "<");
    let mut found = mailboxes(&value).into_iter().next()?;
    if found.address.is_empty() && found.name.is_none() {
        return None;
    }
    // `a@b <a@b>`: the name says nothing new.
    found.name = found.name.filter(|name| !name.contains('@'));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Option<Block> {
        first(&text.lines().collect::<Vec<_>>())
    }

    #[test]
    fn outlook_in_several_languages() {
        for text in [
            "From: Ann <ann@acme.example>\nSent: Monday\nTo: Bob\nSubject: x\n\ntext",
            "De : Ann [mailto:ann@acme.example]\nEnvoyé : lundi\nÀ : Bob\nObjet : x",
            "*Von:* Ann <ann@acme.example>\n*Gesendet:* Montag\n*An:* Bob\n*Betreff:* x",
            "> Da: Ann <ann@acme.example>\n> Inviato: lunedì\n> A: Bob\n> Oggetto: x",
            "Date: Monday\nFrom: ann@acme.example\nTo: bob\nSubject: x",
        ] {
            let found = block(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.from.unwrap().address, "ann@acme.example", "{text}");
        }
    }

    #[test]
    fn a_sentence_with_a_colon_is_no_block() {
        assert_eq!(
            block("From: what I see it is broken.\nTo: be fixed soon"),
            None
        );
        assert_eq!(block("A: yes\nB: no\nTo: me"), None);
    }
}
