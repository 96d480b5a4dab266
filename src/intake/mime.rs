//! Takes a mail apart into its parts. The only file that knows the mail-parser crate's message types.
//!
//! The parser tells where parts begin and end; headers and contents are then read by our own readers, which
//! keep the raw bytes of attached texts. Bounds are checked *before* the parser runs: it has none. What is wrapped once more,
//! a `winmail.dat` or a mail signed with S/MIME, is opened here and stands in the tree like any other part.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use mail_parser::{Encoding, HeaderName, MessageParser, MessagePart, PartType};
use memchr::{memchr, memchr_iter, memmem};

use super::coding::decode_transfer;
use super::header::{Headers, likely_charset};
use super::wrapped::opened;

/// Postfix allows 100 levels, mailers need about six.
pub const DEPTH_MAX: usize = 30;
/// The largest honest mails (digests) have some hundred parts; a bomb has millions.
pub const PARTS_MAX: usize = 1000;

/// One part of a mail, or the mail itself.
#[derive(Debug, Default)]
pub struct Part<'a> {
    /// Its header.
    pub headers: Headers,
    /// `text/plain`, in lower case.
    pub content_type: String,
    /// Parameters of Content-Type, names in lower case.
    pub parameters: HashMap<String, String>,
    /// `attachment` or `inline`, in lower case, if stated.
    pub disposition: Option<String>,
    /// The file name from Content-Disposition, else from Content-Type.
    pub file_name: Option<String>,
    /// What it holds.
    pub content: Content<'a>,
}

/// What a part holds.
#[derive(Debug)]
pub enum Content<'a> {
    /// Bytes, decoded.
    Leaf(Cow<'a, [u8]>),
    /// A mail within the mail, with its own bytes.
    Mail(Box<Part<'a>>, Cow<'a, [u8]>),
    /// Other parts.
    Parts(Vec<Part<'a>>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Self::Leaf(Cow::default())
    }
}

impl Part<'_> {
    /// A parameter of Content-Type.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Whether its type begins so, `text/`.
    pub fn is(&self, prefix: &str) -> bool {
        self.content_type.starts_with(prefix)
    }

    /// This part and all below it, in the order of the mail, mails within the mail included.
    pub fn walk(&self) -> Vec<&Part<'_>> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(part) = open.pop() {
            found.push(part);
            match &part.content {
                Content::Leaf(_) => {}
                Content::Mail(mail, _) => open.push(mail),
                Content::Parts(parts) => open.extend(parts.iter().rev()),
            }
        }
        found
    }
}

/// Why a mail is not taken apart.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// More parts than the bound.
    #[error("more than {PARTS_MAX} parts, only the header was read")]
    TooManyParts,
    /// Deeper than the bound.
    #[error("parts are nested more than {DEPTH_MAX} deep, only the header was read")]
    TooDeep,
    /// The parser found nothing.
    #[error("no mail could be found in the bytes")]
    Nothing,
}

/// Takes `bytes` apart. May panic where the parser does: the caller catches it.
pub fn parts(bytes: &[u8]) -> Result<Part<'_>, NotTaken> {
    taken_apart(bytes, Some(bytes), 0)
}

/// The same for bytes that stand `depth` levels within a mail; `kept` when they outlive the tree and need no copy.
pub fn taken_apart<'a>(
    bytes: &[u8],
    kept: Option<&'a [u8]>,
    depth: usize,
) -> Result<Part<'a>, NotTaken> {
    check_bounds(bytes)?;
    let parser = match may_hold_mails(bytes) {
        true => &*DECODING,
        false => &*OUTLINE,
    };
    let message = parser.parse(bytes).ok_or(NotTaken::Nothing)?;
    let charset = likely_charset(bytes);
    let raw = Raw {
        bytes,
        kept,
        charset: charset.as_deref(),
    };
    part_of(message.parts, raw, depth)
}

/// Finds where parts begin and end. Headers and contents are read by our own code (`header.rs`, `coding.rs`), so the parser
/// need neither understand more fields nor decode: that was a quarter of all reading.
static OUTLINE: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .default_header_ignore()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
});

/// The same, and looks into encoded mails within the mail.
static DECODING: LazyLock<MessageParser> = LazyLock::new(|| {
    OUTLINE
        .clone()
        .header_text(HeaderName::ContentTransferEncoding)
});

/// Whether a mail may stand within the mail: by its type, or as a part of a digest (RFC 2046 5.1.5 and 5.2.1).
fn may_hold_mails(bytes: &[u8]) -> bool {
    ["essage/", "ESSAGE/", "igest", "IGEST"]
        .iter()
        .any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

/// Counts parts and levels by the boundary lines alone, without building anything.
fn check_bounds(bytes: &[u8]) -> Result<(), NotTaken> {
    let boundaries = declared_boundaries(bytes);
    let (mut parts, mut mails) = (0usize, 0usize);
    let mut open: Vec<&[u8]> = Vec::new();
    let starts = std::iter::once(0).chain(memchr_iter(b'\n', bytes).map(|end| end + 1));
    for start in starts {
        let rest = bytes.get(start..).unwrap_or_default();
        // Nearly all lines are neither: they are not looked at further.
        if starts_with_ignoring_case(rest, b"content-type: message/") {
            mails += 1;
        }
        let Some(rest) = rest.strip_prefix(b"--") else {
            continue;
        };
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or(rest).trim_ascii_end();
        let closing = name
            .strip_suffix(b"--")
            .filter(|name| boundaries.contains(name));
        if let Some(name) = closing {
            if let Some(at) = open.iter().rposition(|known| *known == name) {
                open.truncate(at);
            }
        } else if boundaries.contains(name) {
            parts += 1;
            match open.iter().rposition(|known| *known == name) {
                Some(at) => open.truncate(at + 1),
                None => open.push(name),
            }
        }
        if parts + mails > PARTS_MAX {
            return Err(NotTaken::TooManyParts);
        }
        if open.len() > DEPTH_MAX {
            return Err(NotTaken::TooDeep);
        }
    }
    if parts + mails > PARTS_MAX {
        return Err(NotTaken::TooManyParts);
    }
    Ok(())
}

/// The values of every `boundary=` in the bytes.
fn declared_boundaries(bytes: &[u8]) -> HashSet<&[u8]> {
    let mut found = HashSet::new();
    let mut rest = bytes;
    while let Some(at) = memchr(b'=', rest) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        rest = after.get(1..).unwrap_or_default();
        let name = before.trim_ascii_end();
        let name = name.get(name.len().saturating_sub(8)..).unwrap_or(name);
        if !name.eq_ignore_ascii_case(b"boundary") {
            continue;
        }
        let value = rest.trim_ascii_start();
        let end = match value.strip_prefix(b"\"") {
            Some(quoted) => quoted.split(|&b| b == b'"').next(),
            None => {
                let stop = |b: &u8| b.is_ascii_whitespace() || *b == b';';
                Some(value.split(stop).next().unwrap_or_default())
            }
        };
        // RFC 2046 5.1.1: at most 70 characters; more are seen.
        if let Some(boundary) = end.filter(|b| !b.is_empty() && b.len() <= 500) {
            found.insert(boundary);
        }
    }
    found
}

fn starts_with_ignoring_case(line: &[u8], start: &[u8]) -> bool {
    line.get(..start.len())
        .is_some_and(|line| line.eq_ignore_ascii_case(start))
}

/// The bytes that a mail's offsets count in. `kept` when they outlive the tree and need no copy.
#[derive(Clone, Copy)]
struct Raw<'r, 'a> {
    bytes: &'r [u8],
    kept: Option<&'a [u8]>,
    /// The charset of bytes in headers that no word says.
    charset: Option<&'r str>,
}

impl<'a> Raw<'_, 'a> {
    /// The bytes between two offsets; what lies outside is empty.
    fn range(self, from: u32, to: u32) -> Cow<'a, [u8]> {
        let range = from as usize..(to as usize).max(from as usize);
        match self.kept {
            Some(kept) => kept.get(range).unwrap_or_default().into(),
            None => self.bytes.get(range).unwrap_or_default().to_vec().into(),
        }
    }
}

/// Turns the parser's flat list into a tree.
fn part_of<'a>(
    parts: Vec<MessagePart<'_>>,
    raw: Raw<'_, 'a>,
    depth: usize,
) -> Result<Part<'a>, NotTaken> {
    let mut slots: Vec<Option<MessagePart<'_>>> = parts.into_iter().map(Some).collect();
    build(&mut slots, 0, raw, depth)
}

fn build<'a>(
    slots: &mut Vec<Option<MessagePart<'_>>>,
    id: usize,
    raw: Raw<'_, 'a>,
    depth: usize,
) -> Result<Part<'a>, NotTaken> {
    if depth > DEPTH_MAX {
        return Err(NotTaken::TooDeep);
    }
    let source = slots
        .get_mut(id)
        .and_then(Option::take)
        .ok_or(NotTaken::Nothing)?;
    let header = raw.range(source.offset_header, source.offset_body);
    let encoded = raw.range(source.offset_body, source.offset_end);
    let headers = Headers::read_with(&header, raw.charset);
    let content_type = source
        .headers
        .iter()
        .find(|h| h.name == HeaderName::ContentType)
        .and_then(|h| h.value.as_content_type());
    let disposition = source
        .headers
        .iter()
        .find(|h| h.name == HeaderName::ContentDisposition)
        .and_then(|h| h.value.as_content_type());
    let parameters: HashMap<String, String> = content_type
        .and_then(|c| c.attributes())
        .unwrap_or_default()
        .iter()
        .map(|a| (a.name.to_ascii_lowercase(), a.value.to_string()))
        .collect();
    let file_name = disposition
        .and_then(|d| d.attribute("filename"))
        .map(str::to_owned)
        .or_else(|| parameters.get("name").cloned())
        .map(|name| reread(name, &headers));
    let stated = content_type.map(|c| match c.subtype() {
        Some(subtype) => format!("{}/{subtype}", c.ctype()).to_ascii_lowercase(),
        None => c.ctype().to_ascii_lowercase(),
    });
    let transfer = headers
        .first("Content-Transfer-Encoding")
        .unwrap_or_default()
        .to_owned();
    let content = match source.body {
        PartType::Multipart(ids) => {
            let mut parts = Vec::with_capacity(ids.len());
            for id in ids {
                // A part named twice is taken once.
                match build(slots, id as usize, raw, depth + 1) {
                    Ok(part) => parts.push(part),
                    Err(NotTaken::Nothing) => {}
                    Err(error) => return Err(error),
                }
            }
            Content::Parts(parts)
        }
        PartType::Message(mail) => {
            let decoded = decode_transfer_owned(&encoded, &transfer);
            // An encoded mail was parsed from its own bytes; any other counts in ours.
            let inner = match source.encoding {
                Encoding::None => part_of(mail.parts, raw, depth + 1),
                _ => {
                    let own = mail.raw_message;
                    part_of(
                        mail.parts,
                        Raw {
                            bytes: &own,
                            kept: None,
                            charset: raw.charset,
                        },
                        depth + 1,
                    )
                }
            };
            match inner {
                Ok(mail) => Content::Mail(Box::new(mail), decoded),
                Err(NotTaken::Nothing) => Content::Leaf(decoded),
                Err(error) => return Err(error),
            }
        }
        _ => Content::Leaf(decode_transfer_owned(&encoded, &transfer)),
    };
    let default = match content {
        Content::Mail(..) => "message/rfc822",
        _ => "text/plain",
    };
    Ok(opened(
        Part {
            headers,
            content_type: stated.unwrap_or_else(|| default.to_owned()),
            parameters,
            disposition: disposition.map(|d| d.ctype().to_ascii_lowercase()),
            file_name,
            content,
        },
        depth,
    ))
}

/// A file name whose bytes the parser could not read, read again in the charset of the header.
fn reread(name: String, headers: &Headers) -> String {
    if !name.contains('\u{fffd}') {
        return name;
    }
    let fields = [
        ("Content-Disposition", "filename=\""),
        ("Content-Type", "name=\""),
    ];
    let again = fields.iter().find_map(|(field, start)| {
        let (_, value) = headers.first(field)?.split_once(start)?;
        let (value, _) = value.split_once('"')?;
        (!value.contains('\u{fffd}')).then(|| value.to_owned())
    });
    again.unwrap_or(name)
}

fn decode_transfer_owned<'a>(bytes: &Cow<'a, [u8]>, encoding: &str) -> Cow<'a, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => decode_transfer(bytes, encoding),
        Cow::Owned(bytes) => decode_transfer(bytes, encoding).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &[u8] = b"Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n\
        --x\r\n\r\nHello\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--x--\r\n";

    #[test]
    fn parts_come_in_order_and_decoded() {
        let mail = parts(MIXED).unwrap();
        let kinds: Vec<&str> = mail
            .walk()
            .iter()
            .map(|p| p.content_type.as_str())
            .collect();
        assert_eq!(kinds, ["multipart/mixed", "text/plain", "application/pdf"]);
        let pdf = mail.walk()[2];
        assert_eq!(pdf.file_name.as_deref(), Some("a.pdf"));
        assert!(matches!(&pdf.content, Content::Leaf(bytes) if &**bytes == b"Hi"));
    }

    #[test]
    fn a_mail_within_a_mail_keeps_its_header() {
        let outer = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n";
        let mail = parts(outer).unwrap();
        let inner = mail.walk()[1];
        assert_eq!(inner.headers.text("subject").as_deref(), Some("inner"));
    }

    #[test]
    fn bombs_are_counted_before_they_are_parsed() {
        let mut many = b"Content-Type: multipart/mixed; boundary=x\n\n".to_vec();
        many.extend(b"--x\n\n".repeat(PARTS_MAX + 1));
        assert_eq!(parts(&many).unwrap_err(), NotTaken::TooManyParts);
        let deep: String = (0..40)
            .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
            .collect();
        assert_eq!(parts(deep.as_bytes()).unwrap_err(), NotTaken::TooDeep);
    }
}
