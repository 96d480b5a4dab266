//! The text of a mail: which parts it is made of, in which charset, as plain lines.
//!
//! Text parts are joined in the order of the mail; of alternatives the plain one is taken unless it is empty.
//! What is not text of the mail is left to `attachment`. Cutting history off is left to `reply`.

use super::coding::decode_text;
use super::mime::{Content, Part};
use super::{html, invitation, sealed, wrapped};

/// No human writes more; keywords and quotes are looked for in this much only (F30 in the fault catalogue).
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// One piece of the text.
#[derive(Debug, Default)]
pub struct Piece {
    /// Its plain form, lines ended by `\n`.
    pub plain: Option<String>,
    /// Its HTML form, drawn as text with the marks of `html`.
    pub drawn: Option<String>,
}

impl Piece {
    /// The form to be read: the plain one unless it is blank.
    fn text(&self) -> String {
        let plain = self.plain.as_deref().filter(|text| !text.trim().is_empty());
        match (plain, &self.drawn) {
            (Some(plain), _) => plain.to_owned(),
            (None, Some(drawn)) => html::unmarked(drawn).into_owned(),
            (None, None) => String::new(),
        }
    }

    /// The form in which history is looked for: as above, with marks.
    fn marked(&self) -> String {
        let plain = self.plain.as_deref().filter(|text| !text.trim().is_empty());
        plain
            .or(self.drawn.as_deref())
            .unwrap_or_default()
            .to_owned()
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Body<'a> {
    /// The pieces, in order.
    pub pieces: Vec<Piece>,
    /// The parts that are not text of the mail, in order; `true` when shown within the text.
    pub others: Vec<(&'a Part<'a>, bool)>,
    /// There is a plain form of the same text already: a page is of use only for the history it marks.
    beside_plain: bool,
    /// What calendar parts say.
    pub invitations: Vec<String>,
    /// What is to be said about signatures and encryption, in English.
    pub remarks: Vec<String>,
}

impl Body<'_> {
    /// The whole text.
    pub fn text(&self) -> String {
        join(self.pieces.iter().map(Piece::text))
    }

    /// The whole text with the marks that HTML gave.
    pub fn marked(&self) -> String {
        join(self.pieces.iter().map(Piece::marked))
    }

    /// Whether there is a text that is not blank.
    fn has_text(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| !piece.text().trim().is_empty())
    }

    fn remark(&mut self, remark: &str) {
        if self.remarks.iter().all(|known| known != remark) {
            self.remarks.push(remark.to_owned());
        }
    }

    /// Puts `words` in the place of a text that cannot be read.
    fn encrypted(&mut self, words: &str, remark: &str) {
        self.remark(remark);
        self.pieces.push(Piece {
            plain: Some(words.to_owned()),
            drawn: None,
        });
    }

    /// The text of the HTML forms, with marks; `None` where a piece has none.
    pub fn drawn(&self) -> Option<String> {
        let drawn: Option<Vec<String>> = self.pieces.iter().map(|p| p.drawn.clone()).collect();
        drawn.map(|all| join(all.into_iter()))
    }
}

fn join(pieces: impl Iterator<Item = String>) -> String {
    let pieces: Vec<String> = pieces.filter(|p| !p.trim().is_empty()).collect();
    let text = pieces
        .iter()
        .map(|piece| piece.trim_end())
        .collect::<Vec<_>>()
        .join("\n\n");
    cut(text)
}

/// At most `TEXT_BYTES_MAX`, cut between two characters.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

/// Looks for the text of a mail.
pub fn read<'a>(mail: &'a Part<'a>) -> Body<'a> {
    let mut body = Body::default();
    collect(mail, false, &mut body);
    body
}

/// `related`: the part stands beside a page that may show it.
fn collect<'a>(part: &'a Part<'a>, related: bool, body: &mut Body<'a>) {
    match &part.content {
        Content::Parts(parts) => match part.content_type.as_str() {
            "multipart/alternative" => alternative(parts, body),
            "multipart/related" => {
                for (at, part) in parts.iter().enumerate() {
                    if at == 0 {
                        collect(part, false, body);
                    } else {
                        body.others
                            .extend(leaves(part).into_iter().map(|leaf| (leaf, true)));
                    }
                }
            }
            "multipart/report" => {
                for (at, part) in parts.iter().enumerate() {
                    if at == 0 {
                        collect(part, false, body);
                    } else {
                        body.others.push((part, false));
                    }
                }
            }
            // RFC 1847 2.1: what was signed, then the signature.
            "multipart/signed" => {
                let kind = match part.parameter("protocol") {
                    Some(protocol) if protocol.to_ascii_lowercase().contains("pgp") => "PGP",
                    _ => "S/MIME",
                };
                body.remark(&format!(
                    "signed with {kind}; the signature was not checked"
                ));
                for (at, part) in parts.iter().enumerate() {
                    // A signature without a name is nobody's file.
                    if at == 0 || part.file_name.is_some() || !part.is("application/") {
                        collect(part, related, body);
                    }
                }
            }
            // RFC 1847 2.2
            "multipart/encrypted" => {
                body.encrypted(
                    sealed::PGP_ENCRYPTED,
                    "encrypted with PGP, not readable here",
                );
                body.others
                    .extend(leaves(part).into_iter().map(|leaf| (leaf, false)));
            }
            wrapped::SMIME_SIGNED_TYPE => {
                body.remark("signed with S/MIME; the signature was not checked");
                parts.iter().for_each(|part| collect(part, related, body));
            }
            _ => parts.iter().for_each(|part| collect(part, related, body)),
        },
        Content::Leaf(_) if part.content_type == wrapped::SMIME_ENCRYPTED_TYPE => {
            body.encrypted(
                sealed::SMIME_ENCRYPTED,
                "encrypted with S/MIME, not readable here",
            );
            body.others.push((part, false));
        }
        // Beside a text of its own, Outlook's copy of it says the same.
        Content::Leaf(_) if part.parameter(wrapped::FROM_TNEF).is_some() && body.has_text() => {}
        Content::Leaf(bytes)
            if body.beside_plain
                && part.content_type == "text/html"
                && is_text(part, body)
                && !html::may_hold_history(bytes) => {}
        Content::Leaf(bytes) if is_text(part, body) => {
            let mut piece = piece(part, bytes);
            if let Some((plain, remark)) = piece.plain.as_deref().and_then(sealed::without_armour) {
                piece.plain = Some(plain);
                body.remark(remark);
            }
            body.pieces.push(piece);
        }
        Content::Leaf(bytes) if part.content_type == "text/calendar" => {
            body.others.push((part, related));
            if body.invitations.is_empty() {
                let bytes = bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes);
                let calendar = decode_text(bytes, part.parameter("charset").or(Some("utf-8")));
                body.invitations
                    .extend(invitation::summary(&clean(&calendar)));
            }
        }
        _ => {
            let inline = related
                || part.disposition.as_deref() == Some("inline")
                || part.headers.has("Content-ID");
            body.others.push((part, inline));
        }
    }
}

/// Everything below a part that is no multipart.
fn leaves<'a>(part: &'a Part<'a>) -> Vec<&'a Part<'a>> {
    match &part.content {
        Content::Parts(parts) => parts.iter().flat_map(leaves).collect(),
        _ => vec![part],
    }
}

/// Whether a leaf is text of the mail rather than a file.
fn is_text(part: &Part<'_>, body: &Body<'_>) -> bool {
    let readable = matches!(
        part.content_type.as_str(),
        "text/plain" | "text/html" | "text" | "text/enriched" | "text/richtext"
    );
    let attached = part.disposition.as_deref() == Some("attachment");
    // A named text behind the first one is a file that some programs also show.
    let named = part.file_name.is_some() && !body.pieces.is_empty();
    // A multipart whose boundary never comes is read as it stands.
    let broken = part.is("multipart/");
    (readable || broken) && !attached && !named
}

/// Of several forms of one text the plain and the HTML one are kept together; what else they hold is attached.
fn alternative<'a>(parts: &'a [Part<'a>], body: &mut Body<'a>) {
    let mut chosen = Piece::default();
    for part in parts {
        let mut inner = Body {
            beside_plain: chosen
                .plain
                .as_deref()
                .is_some_and(|text| !text.trim().is_empty()),
            ..Body::default()
        };
        collect(part, false, &mut inner);
        body.others.append(&mut inner.others);
        body.invitations.append(&mut inner.invitations);
        body.remarks.append(&mut inner.remarks);
        if inner.pieces.is_empty() {
            continue;
        }
        let drawn_only = inner.pieces.iter().any(|p| p.plain.is_none());
        if drawn_only && chosen.drawn.is_none() {
            chosen.drawn = Some(inner.marked());
        } else if !drawn_only && chosen.plain.is_none() {
            chosen.plain = Some(inner.text());
        }
    }
    if chosen.plain.is_some() || chosen.drawn.is_some() {
        body.pieces.push(chosen);
    }
}

/// A text part, read.
fn piece(part: &Part<'_>, bytes: &[u8]) -> Piece {
    // Decoding first would cost more than reading for a text of 50 MiB.
    let bytes = bytes.get(..4 * TEXT_BYTES_MAX).unwrap_or(bytes);
    let text = decode_text(bytes, part.parameter("charset"));
    let mut text = cut(clean(&text));
    if part.is("multipart/") {
        text = without_frame(&text);
    }
    if part.content_type == "text/html" {
        return Piece {
            plain: None,
            drawn: Some(html::to_text(&text)),
        };
    }
    let flowed = part
        .parameter("format")
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    let joined_without_space = part
        .parameter("delsp")
        .is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
    Piece {
        plain: Some(if flowed {
            unflowed(&text, joined_without_space)
        } else {
            text
        }),
        drawn: None,
    }
}

/// The text of a multipart that could not be taken apart: without the boundary and header it begins with, and boundaries.
fn without_frame(text: &str) -> String {
    let framed = text.trim_start().starts_with("--");
    let inner = if framed {
        text.split_once("\n\n").map_or(text, |(_, inner)| inner)
    } else {
        text
    };
    let lines = inner
        .lines()
        .filter(|line| !(line.starts_with("--") && line.len() > 8 && !line.contains(' ')));
    lines.collect::<Vec<_>>().join("\n")
}

/// Line ends as `\n`; no controls but tabs, no marks of ours (F28: no database takes a NUL as text).
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\r' if signs.peek() == Some(&'\n') => {}
            '\r' => clean.push('\n'),
            '\n' | '\t' => clean.push(sign),
            _ if sign.is_control() || html::is_mark(sign) => {}
            _ => clean.push(sign),
        }
    }
    clean
}

/// Joins the lines of a paragraph again (RFC 3676): a line that ends in a space goes on in the next one of the same
/// quote depth.
fn unflowed(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let depth = line.chars().take_while(|&c| c == '>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if open == Some(depth) && !is_signature {
            out.push_str(content);
        } else {
            if !out.is_empty() || open.is_some() {
                out.push('\n');
            }
            out.push_str(&">".repeat(depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
            out.push_str(content);
        }
        open = (content.ends_with(' ') && !is_signature).then_some(depth);
        if open.is_some() && delete_space {
            out.pop();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::mime::parts;
    use super::*;

    fn text_of(mail: &str) -> String {
        read(&parts(mail.as_bytes()).unwrap()).text()
    }

    #[test]
    fn the_plain_form_is_taken_unless_it_is_blank() {
        let mail = |plain: &str| {
            format!(
                "Content-Type: multipart/alternative; boundary=x\n\n--x\n\n{plain}\n--x\n\
                 Content-Type: text/html\n\n<p>drawn</p>\n--x--\n"
            )
        };
        assert_eq!(text_of(&mail("plain")).trim(), "plain");
        assert_eq!(text_of(&mail(" ")).trim(), "drawn");
    }

    #[test]
    fn a_named_text_behind_the_first_is_a_file() {
        let mail = "Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\n\
             Content-Type: text/plain; name=log.txt\n\nlog\n--x--\n";
        let mail = parts(mail.as_bytes()).unwrap();
        let body = read(&mail);
        assert_eq!((body.text().trim(), body.others.len()), ("text", 1));
    }

    #[test]
    fn a_multipart_that_never_parts_is_text() {
        let mail = "Content-Type: multipart/mixed\nboundary=lost\n\n--boundary-lost\nContent-Type: text/plain\n\nhello\n--boundary-lost--\n";
        assert_eq!(text_of(mail).trim(), "hello");
    }

    #[test]
    fn flowed_paragraphs_are_joined() {
        assert_eq!(
            unflowed("one \ntwo\n> a \n> b\n-- \nme", false),
            "one two\n> a b\n-- \nme"
        );
        assert_eq!(unflowed("日本 \n語", true), "日本語");
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let mail = format!("\n{}", "é".repeat(TEXT_BYTES_MAX));
        assert!(text_of(&mail).len() <= TEXT_BYTES_MAX);
    }

    #[test]
    fn no_control_comes_through() {
        assert_eq!(clean("a\0b\r\nc\u{7f}\u{f8f0}"), "ab\nc");
    }
}
