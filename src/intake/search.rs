//! Looks for words in a whole message without taking it apart: in its header, and in its body however that is encoded.
//!
//! For bytes that are kept and may be anything: nothing is decoded by what a message says of itself, so nothing it says can
//! hide a part of it. What is compressed or encrypted is not looked into.

use super::coding::{base64, quoted_printable};
use super::header::{Headers, decode_words};

/// A shorter line in the alphabet of base64 is a word.
const LINE_MIN: usize = 16;

/// Whether `is_in` says so of the bytes, of its header's fields, or of what its body stands for as quoted-printable or base64.
pub fn any(bytes: &[u8], is_in: impl Fn(&[u8]) -> bool) -> bool {
    is_in(bytes)
        || Headers::read(bytes)
            .all()
            .iter()
            .any(|field| is_in(decode_words(&field.value).as_bytes()))
        || bytes.contains(&b'=') && is_in(&quoted_printable(bytes))
        || base64_blocks(bytes).any(|block| is_in(&base64(&block)))
}

/// Lines in a row that look like base64, joined. The last one may be short.
fn base64_blocks(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    std::iter::from_fn(move || {
        let mut block = lines
            .by_ref()
            .find(|line| is_base64(line, LINE_MIN))?
            .to_vec();
        for line in lines.by_ref().take_while(|line| is_base64(line, 1)) {
            block.extend_from_slice(line);
        }
        Some(block)
    })
}

fn is_base64(line: &[u8], at_least: usize) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    line.len() >= at_least && line.iter().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(mail: &str) -> bool {
        any(mail.as_bytes(), |bytes| {
            String::from_utf8_lossy(bytes).contains("Zoé Quillfeather")
        })
    }

    #[test]
    fn words_are_found_however_they_are_encoded() {
        for mail in [
            "Subject: x\r\n\r\nasks Zoé Quillfeather",
            "Subject: x\r\n\r\nasks Zo=C3=A9 Quill=\r\nfeather",
            "From: =?utf-8?Q?Zo=C3=A9_Quillfeather?= <z@x>\r\n\r\nhello",
            "From: =?utf-8?B?Wm/DqSBRdWlsbGZlYXRoZXI=?= <z@x>\r\n\r\nhello",
            "Subject: x\r\n\r\nQXNrIFpvw6kgUXVpbGxm\r\nZWF0aGVyIGFnYWlu\r\n",
        ] {
            assert!(finds(mail), "{mail}");
        }
        assert!(!finds("Subject: x\r\n\r\nasks Zoé Quill"));
    }
}
