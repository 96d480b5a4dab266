//! Reads the header of a mail or of a part, however broken it is.
//!
//! Own work instead of the parser's, because it must also serve when the parser has given up, and because
//! it keeps the order and the raw form of the fields that proofs and verdicts rest on. Knows no meaning of
//! single fields beyond words, addresses, ids and dates.

use std::borrow::Cow;

use jiff::Timestamp;

use super::coding::{base64, decode_text, q_word, utf8_or_western};
use crate::desk::ids::MessageId;

/// No sane header is longer; Postfix cuts at 100 KiB. More is not looked at.
const HEADER_BYTES_MAX: usize = 1024 * 1024;
/// The longest encoded word that is looked for.
const WORD_BYTES_MAX: usize = 8192;
/// Nor has one more fields.
const FIELDS_MAX: usize = 1000;

/// The fields of one header, top to bottom.
#[derive(Debug, Default)]
pub struct Headers {
    fields: Vec<Field>,
    /// What was odd about it, in English.
    pub defects: Vec<String>,
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// Its name as written.
    pub name: String,
    /// Its value on one line, encoded words as they are.
    pub value: String,
    /// Its bytes, when they are not ASCII; for the time of reading.
    raw: Option<Vec<u8>>,
}

impl Headers {
    /// Reads the header that `bytes` begin with, up to the first empty line.
    pub fn read(bytes: &[u8]) -> Self {
        Self::read_with(bytes, None)
    }

    /// The same. Bytes above ASCII whose charset the header does not name are read in `charset`.
    pub fn read_with(bytes: &[u8], charset: Option<&str>) -> Self {
        let mut headers = Self::default();
        let cut = bytes.get(..HEADER_BYTES_MAX).unwrap_or(bytes);
        let mut pending: Option<(String, Vec<u8>)> = None;
        for line in cut.split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if line.first().is_some_and(|b| *b == b' ' || *b == b'\t') {
                if let Some((_, value)) = &mut pending {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
                continue;
            }
            headers.keep(pending.take());
            if headers.fields.len() >= FIELDS_MAX {
                headers.defects.push(format!(
                    "more than {FIELDS_MAX} header fields, the rest was not read"
                ));
                return headers;
            }
            match name_and_value(line) {
                Some((name, value)) => pending = Some((name, value.trim_ascii().to_vec())),
                None => headers
                    .defects
                    .push("a header line has no field name".to_owned()),
            }
        }
        headers.keep(pending);
        headers.defects.dedup();
        headers.read_bytes_in(declared_charset(cut), charset);
        headers
    }

    fn keep(&mut self, field: Option<(String, Vec<u8>)>) {
        if let Some((name, raw)) = field {
            let value = utf8_or_western(&raw).replace(['\r', '\0'], "");
            let raw = (!raw.is_ascii()).then_some(raw);
            self.fields.push(Field { name, value, raw });
        }
    }

    /// Bytes above ASCII without a label are most likely in the charset of the text below (RFC 7103 7.7), or in the only
    /// uncommon one that the mail names.
    fn read_bytes_in(&mut self, declared: Option<String>, likely: Option<&str>) {
        for field in &mut self.fields {
            let Some(raw) = field
                .raw
                .take()
                .filter(|raw| std::str::from_utf8(raw).is_err())
            else {
                continue;
            };
            let fits = |charset: &&str| {
                let encoding = encoding_rs::Encoding::for_label(charset.as_bytes());
                encoding.is_some_and(|encoding| !encoding.decode_without_bom_handling(&raw).1)
            };
            if let Some(charset) = likely.filter(fits).or(declared.as_deref()) {
                field.value = decode_text(&raw, Some(charset)).replace(['\r', '\0'], "");
            }
        }
    }

    /// Every field, top to bottom.
    pub fn all(&self) -> &[Field] {
        &self.fields
    }

    /// The raw values of every field of that name, top to bottom.
    pub fn every<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.as_str())
    }

    /// The raw value of the top-most field of that name.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.every(name).next()
    }

    /// Whether there is a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.every(name).next().is_some()
    }

    /// The decoded value of the top-most field of that name, on one line, without controls.
    pub fn text(&self, name: &str) -> Option<String> {
        self.first(name)
            .map(|value| clean_line(&decode_words(value)))
            .filter(|text| !text.is_empty())
    }

    /// The Message-IDs in every field of that name, in order.
    pub fn ids(&self, name: &str) -> Vec<MessageId> {
        self.every(name).flat_map(message_ids).collect()
    }

    /// The moment of the Date field.
    pub fn date(&self) -> Option<Timestamp> {
        self.every("Date").find_map(moment)
    }
}

/// How much of a mail is searched for the charset of its header.
const SEARCHED_BYTES: usize = 256 * 1024;

/// The charset that a mail's unlabelled header bytes are most likely in: the first one its parts name that is not the usual
/// label of programs that do not know. `None` when there are no such bytes near its start.
pub fn likely_charset(mail: &[u8]) -> Option<String> {
    let near = mail.get(..SEARCHED_BYTES).unwrap_or(mail);
    let header = near
        .windows(2)
        .position(|pair| pair == b"\n\n" || pair == b"\n\r");
    let looked_at = near.get(..header.unwrap_or(near.len()).max(64 * 1024).min(near.len()))?;
    if looked_at.is_ascii() || std::str::from_utf8(looked_at).is_ok() {
        return None;
    }
    let usual = [
        "us-ascii",
        "ascii",
        "utf-8",
        "iso-8859-1",
        "windows-1252",
        "utf8",
    ];
    let text = String::from_utf8_lossy(near).to_ascii_lowercase();
    let labels = text
        .match_indices("charset=")
        .filter_map(|(at, found)| label(text.get(at + found.len()..)?));
    let words = text
        .match_indices("=?")
        .filter_map(|(at, found)| label(text.get(at + found.len()..)?));
    labels.chain(words).take(1000).find(|label| {
        !usual.contains(&label.as_str())
            && encoding_rs::Encoding::for_label(label.as_bytes()).is_some()
    })
}

/// The first charset that a header names.
fn declared_charset(header: &[u8]) -> Option<String> {
    let end = header
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .unwrap_or(header.len().min(64 * 1024));
    let text = String::from_utf8_lossy(header.get(..end)?).to_ascii_lowercase();
    let (_, value) = text.split_once("charset=")?;
    label(value)
}

/// The charset that a text begins with.
fn label(text: &str) -> Option<String> {
    let name: String = text
        .trim_start_matches(['"', '\''])
        .chars()
        .take(40)
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// `Name: value`; `None` for a line that is no field.
fn name_and_value(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|&b| b == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let usable = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic());
    let name = String::from_utf8(name.to_vec()).ok().filter(|_| usable)?;
    Some((name, value.get(1..).unwrap_or_default()))
}

/// A moment as RFC 5322 writes it, or nearly so.
fn moment(value: &str) -> Option<Timestamp> {
    let exact = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(moment) = exact.parse_timestamp(value.trim()) {
        return Some(moment);
    }
    let loose = mail_parser::DateTime::parse_rfc822(value)?;
    let usable = loose.is_valid() && loose.year >= 1970;
    usable
        .then(|| Timestamp::from_second(loose.to_timestamp()).ok())
        .flatten()
}

/// Every `<id>` in a value; where none has brackets, every word that looks like an id.
pub fn message_ids(value: &str) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for piece in value.split('<').skip(1) {
        if let Some((id, _)) = piece.split_once('>') {
            ids.extend(MessageId::parse(&id.replace(char::is_whitespace, "")));
        }
    }
    if ids.is_empty() {
        let words = value.split_whitespace().filter(|word| word.contains('@'));
        ids.extend(words.filter_map(MessageId::parse));
    }
    if ids.is_empty() {
        ids.extend(MessageId::parse(value));
    }
    ids
}

/// The text with its encoded words decoded (RFC 2047). Words that stand in a row are joined before their bytes are
/// read as text: many programs cut in the middle of a character.
pub fn decode_words(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut run: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, at) = rest.split_at_checked(start).unwrap_or((rest, ""));
        match encoded_word(at) {
            Some((charset, bytes, after)) => {
                // RFC 2047 6.2: white space between two encoded words is not shown.
                let joined = run.is_some() && before.trim().is_empty();
                if !joined || run.as_ref().is_some_and(|(open, _)| *open != charset) {
                    flush(&mut run, &mut out);
                }
                if !joined {
                    out.push_str(before);
                }
                run.get_or_insert_with(|| (charset, Vec::new()))
                    .1
                    .extend_from_slice(&bytes);
                rest = after;
            }
            None => {
                flush(&mut run, &mut out);
                out.push_str(before);
                out.push_str("=?");
                rest = at.get(2..).unwrap_or_default();
            }
        }
    }
    flush(&mut run, &mut out);
    out.push_str(rest);
    out
}

fn flush(run: &mut Option<(String, Vec<u8>)>, out: &mut String) {
    if let Some((charset, bytes)) = run.take() {
        out.push_str(&decode_text(&bytes, Some(&charset)));
    }
}

/// The encoded word that `text` begins with: its charset, its bytes and what follows.
fn encoded_word(text: &str) -> Option<(String, Vec<u8>, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    if charset.is_empty() || charset.len() > 60 || charset.contains(char::is_whitespace) {
        return None;
    }
    // RFC 2047 2 allows 75 characters; some programs write a whole subject in one word. Without a bound a field full
    // of beginnings would be searched to its end for each of them.
    let near = rest
        .get(..rest.floor_char_boundary(WORD_BYTES_MAX))
        .unwrap_or(rest);
    let end = near.find("?=")?;
    let (data, after) = (rest.get(..end)?, rest.get(end + 2..)?);
    let bytes = match encoding {
        "B" | "b" => base64(data.as_bytes()),
        "Q" | "q" => q_word(data.as_bytes()),
        _ => return None,
    };
    // RFC 2231 5: a language may follow the charset.
    let charset = charset.split('*').next().unwrap_or(charset);
    Some((charset.to_ascii_lowercase(), bytes, after))
}

/// One line fit for people: controls, line ends and marks that turn the writing direction become spaces or vanish.
pub fn clean_line(text: &str) -> String {
    let shown: Cow<'_, str> = if text.chars().any(|c| c.is_control() || is_hidden(c)) {
        text.chars()
            .filter(|c| !is_hidden(*c))
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    };
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks that only serve to mislead in a line: direction overrides, line and paragraph separators, invisible joiners.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_kept_in_order() {
        let headers =
            Headers::read(b"Subject: a\r\n b\r\nX-Odd : 1\r\nno field\r\nx-odd: 2\r\n\r\nX-Odd: 3");
        assert_eq!(headers.text("subject").as_deref(), Some("a b"));
        assert_eq!(headers.every("X-ODD").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers.defects, ["a header line has no field name"]);
    }

    #[test]
    fn words_in_a_row_are_joined_before_they_are_decoded() {
        assert_eq!(
            decode_words("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9_noir?= !"),
            "café noir !"
        );
        assert_eq!(decode_words("=?iso-8859-1*fr?B?6Q==?= =?"), "é =?");
    }

    #[test]
    fn ids_are_found_with_and_without_brackets() {
        let ids = message_ids("<a@b> junk <c\t@d>");
        assert_eq!(
            ids.iter().map(MessageId::as_str).collect::<Vec<_>>(),
            ["a@b", "c@d"]
        );
        assert_eq!(message_ids("a@b")[0].as_str(), "a@b");
    }

    #[test]
    fn a_subject_cannot_turn_the_line_around() {
        assert_eq!(clean_line("a\u{202e}b\r\nc\0"), "ab c");
    }

    #[test]
    fn odd_dates_are_read() {
        let at = |value: &str| moment(value).map(|m| m.to_string());
        assert_eq!(
            at("Sun, 22 Nov 2026 15:25:00 +0000").as_deref(),
            Some("2026-11-22T15:25:00Z")
        );
        assert_eq!(
            at("22 Nov 2026 16:25 +0100 (CET)").as_deref(),
            Some("2026-11-22T15:25:00Z")
        );
        assert_eq!(at("yesterday"), None);
    }
}
