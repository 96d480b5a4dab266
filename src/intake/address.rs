//! Reads address lists as RFC 5322 3.4 means them and as programs write them.
//!
//! Gives names and addresses as shown; whether they are anybody's identity is the desk's question.

use super::header::{clean_line, decode_words};
use crate::desk::mail::Mailbox;

/// 2,000 addresses of usual length; more of a field is not read.
const FIELD_BYTES_MAX: usize = 128 * 1024;
/// More recipients than any mail to a desk has; the rest is not read.
const MAILBOXES_MAX: usize = 2000;

/// Every mailbox of one field, groups opened.
pub fn mailboxes(value: &str) -> Vec<Mailbox> {
    let mut found = Vec::new();
    let value = value
        .get(..value.floor_char_boundary(FIELD_BYTES_MAX))
        .unwrap_or(value);
    for entry in entries(value) {
        if found.len() >= MAILBOXES_MAX {
            break;
        }
        found.extend(entry.mailbox());
    }
    found
}

/// One entry of the list, its pieces still encoded.
#[derive(Default)]
struct Entry {
    phrase: String,
    angle: Option<String>,
    comment: String,
    /// Whether the phrase holds an `@`; asked at every colon, so it is not looked for each time.
    has_at: bool,
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.phrase.trim().is_empty() && self.angle.is_none() && self.comment.trim().is_empty()
    }

    fn mailbox(self) -> Option<Mailbox> {
        let phrase = clean_line(&decode_words(&self.phrase));
        let comment = clean_line(&decode_words(&self.comment));
        if let Some(angle) = &self.angle {
            let name = match (phrase.is_empty(), comment.is_empty()) {
                (true, _) => comment,
                (false, true) => phrase,
                (false, false) => format!("{phrase} ({comment})"),
            };
            return Some(named(name, address(angle)));
        }
        // Some programs encode the whole mailbox, brackets and all.
        if self.phrase.contains("=?") && phrase.contains('<') && phrase.contains('@') {
            return mailboxes(&phrase.replace("=?", "")).into_iter().next();
        }
        if phrase.is_empty() {
            return None;
        }
        if phrase.contains('@') {
            let spaced = phrase.replace(" @", "@").replace("@ ", "@");
            let is_address = |word: &&str| word.contains('@');
            let word = spaced.split(' ').find(is_address).unwrap_or_default();
            let others: Vec<&str> = spaced.split(' ').filter(|w| *w != word).collect();
            let name = if others.is_empty() {
                comment
            } else {
                others.join(" ")
            };
            return Some(named(name, address(word)));
        }
        Some(if phrase.contains(' ') {
            named(phrase, String::new())
        } else {
            named(comment, phrase)
        })
    }
}

fn named(name: String, address: String) -> Mailbox {
    let name = name.trim_matches(['"', '\'']).trim();
    Mailbox {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address,
    }
}

/// What stands between the brackets, without spaces, a `mailto:` and the route of RFC 822 (`@a,@b:c@d`).
fn address(text: &str) -> String {
    let decoded = decode_words(text);
    // Folding leaves spaces around `@` and dots; within a word they say that it is no address.
    let words: Vec<&str> = decoded
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let text = words
        .join(" ")
        .replace(" @", "@")
        .replace("@ ", "@")
        .replace(" .", ".")
        .replace(". ", ".");
    let text = text.trim_matches(['<', '>', '\'', ',', ';']);
    let text = text
        .strip_prefix("mailto:")
        .or_else(|| text.strip_prefix("MAILTO:"))
        .unwrap_or(text);
    match text
        .strip_prefix('@')
        .and_then(|route| route.split_once(':'))
    {
        Some((_, address)) => address.to_owned(),
        None => text.to_owned(),
    }
}

/// Cuts a value at the commas and semicolons that separate mailboxes.
fn entries(value: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut entry = Entry::default();
    let mut rest = value;
    let mut quotes_close = true;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '"' if quotes_close => match quoted(tail, &mut entry.phrase) {
                // "Ann Doe"@example.org: a quoted local part.
                Some(after) if after.starts_with('@') && entry.angle.is_none() => {
                    let end = after
                        .find([' ', ',', ';', '<', '>', '('])
                        .unwrap_or(after.len());
                    let (domain, after) = after.split_at_checked(end).unwrap_or((after, ""));
                    let local = std::mem::take(&mut entry.phrase);
                    entry.angle = Some(format!("\"{local}\"{domain}"));
                    after
                }
                Some(after) => after,
                // Not asked again: a field full of lone quotation marks would be read through for each.
                None => {
                    quotes_close = false;
                    tail
                }
            },
            '(' => comment(tail, &mut entry.comment),
            '<' if entry.angle.is_none() || entry.angle.as_deref() == Some("") => {
                let (inner, after) = angle(tail);
                entry.angle = Some(inner);
                after
            }
            '=' if tail.starts_with('?') => word(rest, &mut entry.phrase),
            ',' | ';' => {
                close(&mut entry, &mut found);
                tail
            }
            // `Team: a@b, c@d;` is a group. Its name is of no use.
            ':' if entry.angle.is_none() && !entry.has_at && !is_scheme(&entry.phrase) => {
                entry = Entry::default();
                tail
            }
            _ => {
                entry.has_at |= c == '@';
                entry.phrase.push(c);
                tail
            }
        };
    }
    close(&mut entry, &mut found);
    found
}

fn is_scheme(phrase: &str) -> bool {
    let word = phrase.trim().trim_start_matches('[');
    ["mailto", "smtp", "http", "https"]
        .iter()
        .any(|s| word.eq_ignore_ascii_case(s))
}

fn close(entry: &mut Entry, found: &mut Vec<Entry>) {
    let done = std::mem::take(entry);
    if !done.is_empty() {
        found.push(done);
    }
}

/// A quoted string whose opening sign is gone; what follows its end. `None` when nothing closes it.
fn quoted<'a>(text: &'a str, phrase: &mut String) -> Option<&'a str> {
    let mut escaped = false;
    let mut inner = String::new();
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                inner.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => {
                phrase.push_str(&inner);
                return text.get(at + 1..);
            }
            _ => inner.push(c),
        }
    }
    None
}

/// A comment, perhaps with others inside, whose opening sign is gone; what follows its end.
fn comment<'a>(text: &'a str, comment: &mut String) -> &'a str {
    let (mut depth, mut escaped) = (1usize, false);
    if !comment.is_empty() {
        comment.push(' ');
    }
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => {
                escaped = true;
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
        comment.push(c);
    }
    ""
}

/// What stands up to the closing bracket, or up to the next comma if nothing closes it.
fn angle(text: &str) -> (String, &str) {
    let end = text.find('>').or_else(|| text.find([',', ';']));
    let inner = end.map_or(text, |end| text.get(..end).unwrap_or_default());
    let after = end.map_or("", |end| text.get(end..).unwrap_or_default());
    let after = after.strip_prefix('>').unwrap_or(after);
    (inner.to_owned(), after)
}

/// An encoded word is one piece: commas and brackets inside do not separate.
fn word<'a>(text: &'a str, phrase: &mut String) -> &'a str {
    let near = text.get(..text.floor_char_boundary(1000)).unwrap_or(text);
    let end = near
        .match_indices('?')
        .nth(2)
        .and_then(|(at, _)| near.get(at + 1..)?.find("?=").map(|end| at + 1 + end + 2));
    match end {
        Some(end) => {
            phrase.push_str(text.get(..end).unwrap_or_default());
            text.get(end..).unwrap_or_default()
        }
        _ => {
            phrase.push('=');
            text.get(1..).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<String> {
        mailboxes(value)
            .into_iter()
            .map(|m| format!("{}|{}", m.name.unwrap_or_default(), m.address))
            .collect()
    }

    #[test]
    fn the_usual_forms() {
        assert_eq!(
            read(r#""Doe, Ann" <ann@example.org>, bob@example.org (Bob), <c@example.org>"#),
            [
                "Doe, Ann|ann@example.org",
                "Bob|bob@example.org",
                "|c@example.org"
            ]
        );
    }

    #[test]
    fn groups_routes_and_encoded_commas() {
        assert_eq!(
            read("Team: a@b, c@d; =?utf-8?Q?Doe,_Ann?= <@x,@y:e@f>"),
            ["|a@b", "|c@d", "Doe, Ann|e@f"]
        );
        assert!(read("undisclosed-recipients:;").is_empty());
    }

    #[test]
    fn what_is_broken_gives_what_can_be_had() {
        assert_eq!(read("MAILER-DAEMON"), ["|MAILER-DAEMON"]);
        assert_eq!(
            read("\"Ann Doe\"@example.org"),
            ["|\"Ann Doe\"@example.org"]
        );
        assert_eq!(
            read("Ann <ann doe@example.org> (x)"),
            ["Ann (x)|ann doe@example.org"]
        );
        assert_eq!(
            read("\"Ann ann@example.org"),
            ["\"Ann|ann@example.org"].map(|s| s.replacen('"', "", 1))
        );
        assert_eq!(read("Ann <ann@example.org"), ["Ann|ann@example.org"]);
        assert_eq!(read("((((("), Vec::<String>::new());
    }
}
