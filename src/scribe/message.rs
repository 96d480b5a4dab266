//! Puts a letter together: headers and MIME parts, as bytes that can be carried as they are.
//!
//! Promises 7-bit lines of at most 998 octets ended by CRLF, one To, no Bcc, and the same bytes for the same
//! input: lettre would draw a boundary and a date, so both are given. Values are cleaned by the caller's
//! views and once more here, because a header is where a mistake costs most (T12).

use data_encoding::{BASE64, HEXLOWER};
use jiff::Zoned;
use jiff::fmt::rfc2822;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
    Headers, MIME_VERSION_1_0,
};
use lettre::message::{Body, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::WriteError;
use super::clean;
use super::flowed::flowed;
use super::theme::Logo;
use crate::desk::ids::{Address, MessageId};

/// RFC 2047 2: an encoded word has at most 75 characters. 42 octets make 56 of base64, plus 12 around them.
const ENCODED_OCTETS: usize = 42;
/// A header line is folded before it gets longer than this (RFC 5322 2.1.1 asks for 78).
const LINE: usize = 76;
/// Longer ids would not fit on a line with their brackets and are left out of References (RFC 5322 2.1.1).
const ID_MAX: usize = 900;
/// How HTML names the logo (RFC 2392): it is the only picture, and it is in the letter.
pub const LOGO_SRC: &str = "cid:logo@guichet.invalid";
/// Characters of a display name and of a subject that are kept.
const NAME_MAX: usize = 120;
const SUBJECT_MAX: usize = 250;

/// Everything the header of a letter is made of.
pub struct Head<'a> {
    /// Who it comes from: a name, and the desk's address.
    pub from: (&'a str, &'a Address),
    /// Who it goes to, by name if it may be shown.
    pub to: (Option<&'a str>, &'a Address),
    /// Where answers go.
    pub reply_to: &'a Address,
    /// What it is about.
    pub subject: &'a str,
    /// Its own id.
    pub message_id: &'a MessageId,
    /// When it was written.
    pub date: &'a Zoned,
    /// The mail it answers.
    pub answers: Option<&'a MessageId>,
    /// The thread, oldest first.
    pub references: &'a [MessageId],
    /// How many octets of References are written at most; the root and the newest are kept.
    pub references_max: usize,
    /// Whether no person wrote it.
    pub automatic: bool,
    /// The desk's address, by which our own letters are recognised when they come back.
    pub loop_mark: &'a Address,
    /// The language it is written in, as BCP 47 has it.
    pub language: &'a str,
    /// Set for what somebody gets regularly.
    pub list: Option<&'a List>,
}

/// What a regular letter says about itself (RFC 2919, RFC 2369).
pub struct List {
    /// `<all.digest.example.org>`.
    pub id: String,
    /// The `mailto:` link that ends it.
    pub unsubscribe: String,
}

/// A file that goes with a letter.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, in plain ASCII.
    pub name: String,
    /// Its content type.
    pub kind: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a letter says.
pub enum Said {
    /// Plain text only.
    Text(String),
    /// The same in plain text and in HTML.
    Both {
        /// Plain text.
        text: String,
        /// A whole HTML document.
        html: String,
    },
    /// The same with images that the HTML shows, and files beside.
    Full {
        /// Plain text.
        text: String,
        /// A whole HTML document.
        html: String,
        /// Images by their Content-ID, without brackets.
        images: Vec<(String, File)>,
        /// Files.
        files: Vec<File>,
    },
}

/// The letter as bytes. The logo goes with HTML only.
pub fn build(head: &Head<'_>, said: &Said, logo: Option<&Logo>) -> Result<Vec<u8>, WriteError> {
    let headers = headers(head)?;
    let mut bytes = headers.to_string().into_bytes();
    bytes.extend_from_slice(&match said {
        Said::Text(text) => text_part(text)?.formatted(),
        Said::Both { text, html } => {
            let html = html_part(html)?;
            let both = multipart("alternative", head.message_id)?.singlepart(text_part(text)?);
            match logo {
                None => both.singlepart(html).formatted(),
                Some(logo) => {
                    let related = multipart("related", head.message_id)?;
                    both.multipart(related.singlepart(html).singlepart(picture(logo)?))
                        .formatted()
                }
            }
        }
        Said::Full {
            text,
            html,
            images,
            files,
        } => {
            // RFC 2387: the images belong to the HTML alone, so only that is related to them.
            let mut shown = multipart("related", head.message_id)?.singlepart(html_part(html)?);
            if let Some(logo) = logo {
                shown = shown.singlepart(picture(logo)?);
            }
            for (id, image) in images {
                shown = shown.singlepart(file_part(image, Some(id))?);
            }
            let alternative = multipart("alternative", head.message_id)?
                .singlepart(text_part(text)?)
                .multipart(shown);
            let mut mixed = multipart("mixed", head.message_id)?.multipart(alternative);
            for file in files {
                mixed = mixed.singlepart(file_part(file, None)?);
            }
            mixed.formatted()
        }
    });
    Ok(bytes)
}

fn headers(head: &Head<'_>) -> Result<Headers, WriteError> {
    let mut headers = Headers::with_capacity(16);
    let mut put = |name: &'static str, value: String| {
        headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
            HeaderName::new_from_ascii_str(name),
            String::new(),
            value,
        ));
    };
    let date =
        rfc2822::to_string(head.date).map_err(|_| WriteError::Date(head.date.timestamp()))?;
    put("Date", date);
    put("From", mailbox("From", Some(head.from.0), head.from.1)?);
    put("To", mailbox("To", head.to.0, head.to.1)?);
    put("Reply-To", mailbox("Reply-To", None, head.reply_to)?);
    put("Subject", unstructured("Subject", head.subject));
    let own = usable(head.message_id)
        .ok_or_else(|| WriteError::MessageId(head.message_id.clone()))?
        .bracketed();
    put("Message-ID", own);
    // A letter that answers no mail still follows what its reader saw last of the ticket.
    let parent = head.answers.into_iter().chain(head.references.iter().rev());
    if let Some(parent) = parent.filter_map(usable).next() {
        put("In-Reply-To", parent.bracketed());
    }
    let references = references(head);
    if !references.is_empty() {
        put("References", references.join("\r\n "));
    }
    if head.automatic {
        // RFC 3834 5.2: a direct answer must not call itself generated.
        let how = if head.answers.is_some() {
            "auto-replied"
        } else {
            "auto-generated"
        };
        put("Auto-Submitted", how.to_owned());
        put("X-Auto-Response-Suppress", "All".to_owned());
    }
    if let Some(list) = head.list {
        put("List-Id", list.id.clone());
        put("List-Unsubscribe", format!("<{}>", list.unsubscribe));
    }
    put("X-Guichet-Loop", address(head.loop_mark)?.to_owned());
    put("Content-Language", clean::line(head.language, 35));
    headers.set(MIME_VERSION_1_0);
    Ok(headers)
}

/// The thread as References has it: the root first, then as many of the newest as there is room for.
fn references(head: &Head<'_>) -> Vec<String> {
    let mut thread: Vec<&MessageId> = Vec::with_capacity(head.references.len() + 1);
    for id in head.references.iter().chain(head.answers) {
        if usable(id).is_some() && !thread.contains(&id) {
            thread.push(id);
        }
    }
    let Some((root, rest)) = thread.split_first() else {
        return Vec::new();
    };
    let mut room = head.references_max.saturating_sub(root.as_str().len());
    let newest = rest.iter().rev().take_while(|id| {
        let fits = id.as_str().len() + 5 <= room;
        room = room.saturating_sub(id.as_str().len() + 5);
        fits
    });
    let mut kept: Vec<String> = newest.map(|id| id.bracketed()).collect();
    kept.push(root.bracketed());
    kept.reverse();
    kept
}

/// An id that can stand in a header: some mailers write ids in UTF-8, which 7-bit headers cannot repeat.
fn usable(id: &MessageId) -> Option<&MessageId> {
    let fits = id.as_str().len() <= ID_MAX && id.as_str().bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(id)
}

/// An address as a header shows it. RFC 5322 3.2.3: atoms and dots before the `@`; doubled dots are tolerated
/// because old mobile providers gave such addresses out.
fn address(address: &Address) -> Result<&str, WriteError> {
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let domain = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
    if address.local().bytes().all(atom) && address.domain().bytes().all(domain) {
        Ok(address.as_str())
    } else {
        Err(WriteError::Address(address.clone()))
    }
}

/// `"Ann Martin (Support)" <support@example.org>`, the name encoded when it has to be.
fn mailbox(header: &str, name: Option<&str>, who: &Address) -> Result<String, WriteError> {
    let who = address(who)?;
    let name = clean::line(name.unwrap_or_default(), NAME_MAX);
    if name.is_empty() {
        return Ok(who.to_owned());
    }
    let start = header.len() + 2;
    // Many readers decode encoded words within quotation marks although RFC 2047 5 forbids it.
    let quotable = is_plain(&name) && start + name.len() + 4 <= LINE;
    let shown = if quotable {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        encoded(&name, start)
    };
    let last = shown.rsplit("\r\n").next().unwrap_or_default().len();
    let used = if last == shown.len() {
        start + last
    } else {
        last
    };
    let gap = if used + who.len() + 3 > LINE {
        "\r\n "
    } else {
        " "
    };
    Ok(format!("{shown}{gap}<{who}>"))
}

/// A value for people: as it is when it is short plain ASCII, else in encoded words.
fn unstructured(header: &str, value: &str) -> String {
    let value = clean::line(value, SUBJECT_MAX);
    let start = header.len() + 2;
    if !is_plain(&value) {
        // What stands before the first odd word stays readable in the source: `[INC-1042]`.
        return match value.split_once(' ') {
            Some((tag, rest)) if tag.starts_with('[') && is_plain(tag) && tag.len() < 40 => {
                format!("{tag} {}", encoded(rest, start + tag.len() + 1))
            }
            _ => encoded(&value, start),
        };
    }
    let mut out = String::with_capacity(value.len() + 8);
    let mut used = start;
    for word in value.split(' ') {
        if !out.is_empty() {
            if used + word.len() + 1 > LINE {
                out.push_str("\r\n");
                used = 0;
            }
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += word.len();
    }
    out
}

/// Whether a value means the same to every reader as it stands: printable ASCII, nothing that looks like an encoded word.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) && !value.contains("=?")
}

/// RFC 2047 encoded words, one a line; the first line has `start` characters before it.
fn encoded(value: &str, start: usize) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let room = if words.is_empty() {
            (LINE.saturating_sub(start + 12) / 4 * 3).clamp(6, ENCODED_OCTETS)
        } else {
            ENCODED_OCTETS
        };
        // RFC 2047 5: a character is never divided between two words.
        let mut end = room.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (word, tail) = rest.split_at(end);
        words.push(format!("=?utf-8?b?{}?=", BASE64.encode(word.as_bytes())));
        rest = tail;
    }
    words.join("\r\n ")
}

fn multipart(kind: &str, id: &MessageId) -> Result<MultiPart, WriteError> {
    let boundary = boundary(id, kind);
    let kind = content_type(&format!("multipart/{kind}; boundary=\"{boundary}\""))?;
    Ok(MultiPart::builder().header(kind).build())
}

/// The logo as a part that HTML can name.
fn picture(logo: &Logo) -> Result<SinglePart, WriteError> {
    let body = Body::new_with_encoding(logo.bytes.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| WriteError::Encoding)?;
    let id = LOGO_SRC.trim_start_matches("cid:");
    Ok(SinglePart::builder()
        .header(content_type("image/png; name=\"logo.png\"")?)
        .header(ContentId::from(format!("<{id}>")))
        .header(ContentDisposition::inline())
        .body(body))
}

/// The same for the same letter and part, different for others. `=_` cannot occur in quoted-printable (RFC 2045 6.7),
/// so no line of a part is ever taken for it.
fn boundary(id: &MessageId, kind: &str) -> String {
    let digest = match kind {
        "alternative" => Sha256::digest(id.as_str().as_bytes()),
        inner => Sha256::digest(format!("{inner} {}", id.as_str()).as_bytes()),
    };
    let (head, _) = digest.split_at(12);
    format!("=_{}", HEXLOWER.encode(head))
}

fn html_part(html: &str) -> Result<SinglePart, WriteError> {
    part("text/html; charset=utf-8", crlf(html))
}

/// A file in base 64: shown where the HTML names its id, or beside the text.
fn file_part(file: &File, shown_as: Option<&str>) -> Result<SinglePart, WriteError> {
    let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| WriteError::Encoding)?;
    let part = SinglePart::builder().header(content_type(file.kind)?);
    let part = match shown_as {
        Some(id) => part
            .header(ContentId::from(format!("<{id}>")))
            .header(ContentDisposition::inline_with_name(&file.name)),
        None => part.header(ContentDisposition::attachment(&file.name)),
    };
    Ok(part.body(body))
}

fn text_part(text: &str) -> Result<SinglePart, WriteError> {
    part("text/plain; charset=utf-8; format=flowed", flowed(text))
}

/// `content` has its lines ended as mail wants them: as bytes, for lettre would look through a text for ends it may mend.
fn part(kind: &str, content: String) -> Result<SinglePart, WriteError> {
    let content = content.into_bytes();
    let body = Body::new_with_encoding(content, ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| WriteError::Encoding)?;
    Ok(SinglePart::builder().header(content_type(kind)?).body(body))
}

fn content_type(text: &str) -> Result<ContentType, WriteError> {
    ContentType::parse(text).map_err(|_| WriteError::Encoding)
}

/// Ends of lines as mail wants them. lettre would do it too, in a time that grows with the square of the lines.
fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        out.push_str(line);
        out.push_str("\r\n");
    }
    out
}
