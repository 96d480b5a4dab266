//! Opens what is wrapped once more: a `winmail.dat`, a mail signed with S/MIME. What comes out stands in the tree of parts like
//! any other part; what cannot be opened stays the file it is.

use std::borrow::Cow;

use super::header::Headers;
use super::mime::{Content, DEPTH_MAX, PARTS_MAX, Part, taken_apart};
use super::{sealed, tnef};

/// Stands for a parameter of Content-Type on a text that came out of a `winmail.dat`.
pub const FROM_TNEF: &str = "x-guichet-from-tnef";
/// The type of a part whose content was signed with S/MIME and is opened.
pub const SMIME_SIGNED_TYPE: &str = "multipart/x-guichet-smime-signed";
/// The type of a part that is encrypted with S/MIME.
pub const SMIME_ENCRYPTED_TYPE: &str = "application/x-guichet-smime-encrypted";

/// Opens what is wrapped once more. What cannot be opened stays the file it is.
pub fn opened(mut part: Part<'_>, depth: usize) -> Part<'_> {
    let Content::Leaf(bytes) = &part.content else {
        return part;
    };
    if depth >= DEPTH_MAX {
        return part;
    }
    let smime = matches!(
        part.content_type.as_str(),
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
    ) || part.file_name.as_deref() == Some("smime.p7m");
    let inner = if tnef::is_tnef(bytes) {
        tnef::open(bytes).map(|message| of_tnef(message, depth + 1))
    } else if smime {
        // A damaged object is still named by what its header says it is (RFC 8551 3.2.2).
        let says_encrypted = part
            .parameter("smime-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().ends_with("enveloped-data"));
        match sealed::smime(bytes) {
            sealed::Smime::Signed(mail) => {
                taken_apart(&mail, None, depth + 1).ok().map(|p| vec![p])
            }
            sealed::Smime::Other if !says_encrypted => None,
            sealed::Smime::Encrypted | sealed::Smime::Other => {
                part.content_type = SMIME_ENCRYPTED_TYPE.to_owned();
                None
            }
        }
    } else {
        None
    };
    if let Some(parts) = inner {
        part.content_type = match smime {
            true => SMIME_SIGNED_TYPE,
            false => "multipart/mixed",
        }
        .to_owned();
        part.content = Content::Parts(parts);
    }
    part
}

/// The parts a `winmail.dat` stands for.
fn of_tnef<'a>(message: tnef::Message, depth: usize) -> Vec<Part<'a>> {
    let text = |content_type: &str, text: String| Part {
        content_type: content_type.to_owned(),
        parameters: [("charset", "utf-8"), (FROM_TNEF, "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        content: Content::Leaf(text.into_bytes().into()),
        ..Part::default()
    };
    let mut parts = Vec::new();
    match (message.html, message.text) {
        (Some(page), _) => parts.push(text("text/html", page)),
        (None, Some(words)) => parts.push(text("text/plain", words)),
        (None, None) => {}
    }
    let room = PARTS_MAX / 4; // several may be in one mail
    parts.extend(message.files.into_iter().take(room).map(|file| {
        let kind = infer::get(&file.bytes).map(|kind| kind.mime_type().to_owned());
        let inner = Some(&file.bytes)
            .filter(|_| file.is_message && depth < DEPTH_MAX)
            .and_then(|bytes| tnef::open(bytes));
        let mut part = Part {
            content_type: file
                .content_type
                .or(kind)
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
            disposition: Some(
                if file.is_shown {
                    "inline"
                } else {
                    "attachment"
                }
                .to_owned(),
            ),
            file_name: file.name,
            ..Part::default()
        };
        let bytes = Cow::Owned(file.bytes);
        part.content = match inner {
            Some(inner) => {
                part.content_type = "message/rfc822".to_owned();
                Content::Mail(Box::new(mail_of_tnef(inner, depth + 1)), bytes)
            }
            None => Content::Leaf(bytes),
        };
        part
    }));
    parts
}

/// A message within a `winmail.dat` as the mail it was.
fn mail_of_tnef<'a>(message: tnef::Message, depth: usize) -> Part<'a> {
    let on_a_line = |text: &str| text.replace(['\r', '\n'], " ");
    let subject = on_a_line(message.subject.as_deref().unwrap_or_default());
    let (name, address) = message.sender.clone().unwrap_or_default();
    let from = format!("\"{}\" <{}>", name.replace('"', ""), address);
    let header = format!("Subject: {subject}\nFrom: {}\n", on_a_line(&from));
    Part {
        headers: Headers::read(header.as_bytes()),
        content_type: "multipart/mixed".to_owned(),
        content: Content::Parts(of_tnef(message, depth)),
        ..Part::default()
    }
}
