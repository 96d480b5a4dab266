//! What came with a mail: names made safe, sizes, types by claim and by content, hashes.
//!
//! Contents are looked at, never unpacked, opened or run; they stay in the mail's raw bytes.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::header::{decode_words, is_hidden};
use super::mime::{Content, Part};
use super::wrapped::SMIME_ENCRYPTED_TYPE;
use crate::desk::mail::Attachment;

/// What most file systems take (`NAME_MAX`).
const NAME_BYTES_MAX: usize = 255;
/// Names that mean a device on Windows, whatever follows the first dot.
const RESERVED: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Describes a part that is no text of the mail. `inline`: it is shown within the text.
pub fn describe(part: &Part<'_>, inline: bool) -> Attachment {
    let bytes: &[u8] = match &part.content {
        Content::Leaf(bytes) | Content::Mail(_, bytes) => bytes,
        Content::Parts(_) => &[],
    };
    Attachment {
        name: part.file_name.as_deref().and_then(safe_name),
        content_type: match part.content_type.as_str() {
            SMIME_ENCRYPTED_TYPE => "application/pkcs7-mime".to_owned(),
            stated => stated.to_owned(),
        },
        detected_type: infer::get(bytes).map(|kind| kind.mime_type().to_owned()),
        size: bytes.len() as u64,
        inline,
        sha256: HEXLOWER.encode(&Sha256::digest(bytes)),
        repeated: false,
    }
}

/// A name that can stand in a folder, a header or a page: the last part of a path, without controls, signs that some
/// system forbids, marks that turn the writing direction, or a leading dot. `None` when nothing is left.
pub fn safe_name(claimed: &str) -> Option<String> {
    let decoded = decode_words(claimed);
    let last = decoded
        .rsplit(['/', '\\'])
        .find(|part| !part.trim().is_empty())?;
    let name: String = last
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(|c: char| c == '.' || c == ' ');
    if name.is_empty() {
        return None;
    }
    let stem = name.split('.').next().unwrap_or(name).to_ascii_uppercase();
    let is_port = |port: &str| {
        stem.strip_prefix(port)
            .is_some_and(|n| n.len() == 1 && n.chars().all(|c| c.is_ascii_digit()))
    };
    let reserved = RESERVED.contains(&stem.as_str()) || is_port("COM") || is_port("LPT");
    let name = if reserved {
        format!("_{name}")
    } else {
        name.to_owned()
    };
    Some(shortened(&name))
}

/// At most `NAME_BYTES_MAX`, the extension kept.
fn shortened(name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 20 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let room = stem.floor_char_boundary(NAME_BYTES_MAX - extension.len());
    format!("{}{extension}", stem.get(..room).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_path() {
        for (claimed, safe) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\temp\\a.doc", Some("a.doc")),
            ("a\0b\r\n.txt", Some("a b .txt")),
            ("nul.txt", Some("_nul.txt")),
            ("COM1", Some("_COM1")),
            ("..", None),
            ("/", None),
            ("invoice\u{202e}fdp.exe", Some("invoicefdp.exe")),
            ("=?utf-8?Q?d=C3=A9j=C3=A0?=.pdf", Some("déjà.pdf")),
        ] {
            assert_eq!(safe_name(claimed).as_deref(), safe, "{claimed:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe_name(&format!("{}.pdf", "é".repeat(400))).unwrap();
        assert!(name.len() <= NAME_BYTES_MAX && name.ends_with("é.pdf"));
    }

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        let mail = b"Content-Type: text/x-odd; name=a.txt\nContent-Disposition: attachment\n\n\x89PNG\r\n\x1a\n";
        let mail = super::super::mime::parts(mail).unwrap();
        let found = describe(&mail, false);
        assert_eq!(found.detected_type.as_deref(), Some("image/png"));
        assert_eq!((found.size, found.sha256.len()), (8, 64));
    }
}
