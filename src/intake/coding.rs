//! Bytes to bytes and bytes to text: transfer encodings (RFC 2045 6) and charsets.
//!
//! Nothing here fails: what is no base64 is skipped, what is no known charset is read as UTF-8 or, if it is
//! not that either, as windows-1252 (RFC 7103 7.6 and 7.7 advise to guess rather than to refuse).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// The bytes that a `Content-Transfer-Encoding` stands for. An unknown encoding leaves them as they are.
pub fn decode_transfer<'a>(bytes: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(bytes).into(),
        "quoted-printable" => quoted_printable(bytes).into(),
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => {
            uuencoded(bytes).map_or(bytes.into(), Cow::from)
        }
        _ => bytes.into(),
    }
}

/// What each byte stands for in base64, in both alphabets (RFC 4648 4 and 5); others are `NO_DIGIT`.
const DIGITS: [u8; 256] = digits();
const NO_DIGIT: u8 = 0xff;

const fn digits() -> [u8; 256] {
    let alphabet = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < alphabet.len() {
        digits[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    digits[b'-' as usize] = 62;
    digits[b'_' as usize] = 63;
    digits
}

/// Base64 with whatever is no base64 left out. Padding ends a group, so several encoded pieces in a row are read too.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut group, mut count) = (0u32, 0u32);
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        // Whole groups, nearly all of a mail: four digits at a time.
        if count == 0
            && let Some((four, behind)) = rest.split_first_chunk::<4>()
        {
            let [a, b, c, d] = four.map(|byte| DIGITS[usize::from(byte)]);
            if (a | b | c | d) < 64 {
                let [a, b, c, d] = [a, b, c, d].map(u32::from);
                let [_, x, y, z] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
                out.extend_from_slice(&[x, y, z]);
                rest = behind;
                continue;
            }
        }
        rest = behind;
        let value = DIGITS[usize::from(byte)];
        if byte == b'=' {
            finish_group(&mut out, group, count);
            (group, count) = (0, 0);
        } else if value != NO_DIGIT {
            group = group << 6 | u32::from(value);
            count += 1;
            if count == 4 {
                let [_, a, b, c] = group.to_be_bytes();
                out.extend_from_slice(&[a, b, c]);
                (group, count) = (0, 0);
            }
        }
    }
    finish_group(&mut out, group, count);
    out
}

/// Writes the one or two bytes of a group that ended early.
fn finish_group(out: &mut Vec<u8>, group: u32, count: u32) {
    match count {
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => {}
    }
}

/// Quoted-printable (RFC 2045 6.7). An `=` that begins nothing stays as it is.
pub fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let (text, end) = split_line_end(line);
        let kept = text.trim_ascii_end();
        let (kept, soft) = match kept.strip_suffix(b"=") {
            Some(kept) => (kept, true),
            None => (kept, false),
        };
        unquote(kept, b'=', &mut out);
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

/// The data of an encoded word with encoding `Q` (RFC 2047 4.2).
pub fn q_word(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    unquote(bytes, b'=', &mut out);
    for byte in &mut out {
        if *byte == b'_' {
            *byte = b' ';
        }
    }
    out
}

/// `%41` to `A`, as in RFC 2231 4.
pub fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    unquote(bytes, b'%', &mut out);
    out
}

/// Replaces `<mark>XX` by the byte it stands for.
fn unquote(mut rest: &[u8], mark: u8, out: &mut Vec<u8>) {
    while let Some((&first, tail)) = rest.split_first() {
        let byte = match tail {
            [high, low, ..] if first == mark => hex(*high).zip(hex(*low)).map(|(h, l)| h << 4 | l),
            _ => None,
        };
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// A line without its end, and the end.
fn split_line_end(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    (text, line.get(text.len()..).unwrap_or_default())
}

/// The first file of a uuencoded text (`begin 644 name` to `end`); `None` when there is none.
pub fn uuencoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut lines = bytes
        .split(|&b| b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.find(|line| line.starts_with(b"begin "))?;
    let mut out = Vec::new();
    for line in lines.take_while(|line| *line != b"end") {
        let Some((&count, data)) = line.split_first() else {
            continue;
        };
        let count = usize::from(count.wrapping_sub(b' ') & 0x3f);
        let mut decoded = Vec::with_capacity(data.len() / 4 * 3 + 3);
        for group in data.chunks(4) {
            let bits = (0..4).fold(0u32, |bits, i| {
                bits << 6 | u32::from(group.get(i).map_or(0, |b| b.wrapping_sub(b' ') & 0x3f))
            });
            decoded.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
        }
        decoded.truncate(count);
        out.extend_from_slice(&decoded);
    }
    Some(out)
}

/// Text in the charset `label`, or in the charset it turns out to be.
pub fn decode_text(bytes: &[u8], label: Option<&str>) -> String {
    let label = label.map(|l| l.trim().trim_matches('"').to_ascii_lowercase());
    let named = label
        .as_deref()
        .and_then(|l| Encoding::for_label(l.as_bytes()));
    // ASCII and Latin-1 are the labels of programs that do not know what they send.
    let weak = matches!(
        label.as_deref(),
        None | Some(
            "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "default" | "utf8" | "utf-8"
        )
    );
    if weak || named == Some(UTF_8) {
        return utf8_or_western(bytes);
    }
    if let Some(encoding) = named {
        let (text, broken) = encoding.decode_with_bom_removal(bytes);
        // Text in a western charset that happens to be valid UTF-8 is UTF-8 with a wrong label; so is text
        // that its own charset cannot make sense of.
        let doubtful = broken || encoding == WINDOWS_1252;
        return match std::str::from_utf8(bytes) {
            Ok(right) if doubtful && !bytes.is_ascii() => right.to_owned(),
            _ => text.into_owned(),
        };
    }
    match label.as_deref().and_then(|l| charset_decoder(l.as_bytes())) {
        Some(decoder) => decoder(bytes),
        None => utf8_or_western(bytes),
    }
}

/// UTF-8 unless more of it is broken than right; then windows-1252.
pub fn utf8_or_western(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let text = String::from_utf8_lossy(bytes);
            let broken = text.chars().filter(|&c| c == '\u{fffd}').count();
            let right = text.chars().filter(|c| !c.is_ascii()).count() - broken;
            if broken > right {
                WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
                    .into_owned()
            } else {
                text.into_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_survives_noise_and_missing_padding() {
        assert_eq!(base64(b"SGVs\r\n bG8="), b"Hello");
        assert_eq!(base64(b"SGVsbG8"), b"Hello");
        assert_eq!(base64(b"SGk=SGk="), b"HiHi");
        assert_eq!(base64(b"!!"), b"");
    }

    #[test]
    fn quoted_printable_joins_soft_lines_and_keeps_odd_signs() {
        assert_eq!(quoted_printable(b"caf=E9 =\r\nnoir=\n!"), b"caf\xe9 noir!");
        assert_eq!(quoted_printable(b"1=2 \r\n=4G"), b"1=2\r\n=4G");
    }

    #[test]
    fn a_uuencoded_file_is_read() {
        assert_eq!(
            uuencoded(b"begin 644 a.txt\n#0V%T\n`\nend\n").unwrap(),
            b"Cat"
        );
    }

    #[test]
    fn text_is_read_whatever_its_label_says() {
        assert_eq!(decode_text(b"caf\xe9", Some("iso-8859-1")), "café");
        assert_eq!(decode_text(b"caf\xe9", Some("utf-8")), "café");
        assert_eq!(decode_text("café".as_bytes(), Some("us-ascii")), "café");
        assert_eq!(decode_text(b"caf\xe9", Some("x-nonsense")), "café");
        assert_eq!(decode_text("café".as_bytes(), Some("iso-8859-1")), "café");
        assert_eq!(decode_text("您好".as_bytes(), Some("big5")), "您好");
        assert_eq!(decode_text(b"+AOk-", Some("utf-7")), "é");
    }
}
