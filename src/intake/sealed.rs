//! Mails that were signed or encrypted: S/MIME (RFC 8551) and PGP (RFC 4880, RFC 3156).
//!
//! What was signed is readable and is read; no signature is checked, so none proves anything. What was encrypted is named
//! as such, so that a person sees why there is no text.

/// Stands in the text for an S/MIME mail that cannot be read.
pub const SMIME_ENCRYPTED: &str =
    "[S/MIME: this mail is encrypted for somebody else's key and cannot be read here]";
/// Stands in the text for a PGP mail that cannot be read.
pub const PGP_ENCRYPTED: &str =
    "[PGP: this mail is encrypted for somebody else's key and cannot be read here]";

/// What a block of armour begins with.
const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";
const ENCRYPTED: &str = "-----BEGIN PGP MESSAGE-----";
const ENCRYPTED_END: &str = "-----END PGP MESSAGE-----";

/// Elements within elements before the content of a signed mail; chunks of chunks are not made by anybody.
const DEPTH_MAX: usize = 8;

/// What an S/MIME part is.
#[derive(Debug, PartialEq, Eq)]
pub enum Smime {
    /// The mail that was signed, with its header.
    Signed(Vec<u8>),
    /// Encrypted.
    Encrypted,
    /// Signatures or certificates alone, or nothing that is understood.
    Other,
}

/// Looks into a CMS object (RFC 5652 3).
pub fn smime(bytes: &[u8]) -> Smime {
    inside(bytes).unwrap_or(Smime::Other)
}

fn inside(bytes: &[u8]) -> Option<Smime> {
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
    const SMIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01];
    let info = enter(bytes, 0x30)?;
    let (kind, rest) = primitive(info, 0x06)?;
    match (kind.strip_prefix(DATA), kind.strip_prefix(SMIME)) {
        (Some([2]), _) => {}
        (Some([3]), _) | (_, Some([23])) => return Some(Smime::Encrypted),
        _ => return Some(Smime::Other),
    }
    let signed = enter(enter(rest, 0xa0)?, 0x30)?;
    let after_version = primitive(signed, 0x02)?.1;
    let after_digests = skip(after_version, 0)?;
    let inner = enter(after_digests, 0x30)?;
    let after_type = primitive(inner, 0x06)?.1;
    let mut content = Vec::new();
    octets(enter(after_type, 0xa0)?, 0, &mut content)?;
    (!content.is_empty()).then_some(Smime::Signed(content))
}

/// Tag and length of the element that `bytes` begin with, and what follows them. Without a length the element goes on to
/// an end mark (X.690 8.1.3.6).
fn head(bytes: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    match first {
        0x80 => Some((tag, None, rest)),
        0..0x80 => Some((tag, Some(usize::from(first)), rest)),
        _ => {
            let count = usize::from(first & 0x7f);
            let (digits, rest) = rest.split_at_checked(count)?;
            let length = digits.iter().try_fold(0usize, |length, digit| {
                length.checked_mul(256)?.checked_add(usize::from(*digit))
            })?;
            Some((tag, Some(length), rest))
        }
    }
}

/// What is in the element of this tag. Its end does not matter: what is looked for stands at its beginning.
fn enter(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, _, rest) = head(bytes)?;
    (found == tag).then_some(rest)
}

/// The value of the element of this tag and what follows it.
fn primitive(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, length, rest) = head(bytes)?;
    (found == tag)
        .then(|| rest.split_at_checked(length?))
        .flatten()
}

/// What follows the element.
fn skip(bytes: &[u8], depth: usize) -> Option<&[u8]> {
    let (_, length, mut rest) = head(bytes)?;
    if let Some(length) = length {
        return rest.get(length..);
    }
    if depth > DEPTH_MAX {
        return None;
    }
    while !rest.starts_with(&[0, 0]) {
        rest = skip(rest, depth + 1)?;
    }
    rest.get(2..)
}

/// The bytes of an octet string, in one piece or in several; what follows it.
fn octets<'a>(bytes: &'a [u8], depth: usize, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (tag, length, rest) = head(bytes)?;
    match (tag, length) {
        (0x04, Some(length)) => {
            // What was cut off is read as far as it came.
            let (value, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            out.extend_from_slice(value);
            Some(rest)
        }
        (0x24, _) if depth < DEPTH_MAX => {
            let (mut pieces, after) = match length {
                Some(length) => rest.split_at_checked(length).unwrap_or((rest, &[])),
                None => (rest, &[][..]),
            };
            while !pieces.is_empty() && !pieces.starts_with(&[0, 0]) {
                pieces = octets(pieces, depth + 1, out)?;
            }
            Some(match length {
                Some(_) => after,
                None => pieces.get(2..).unwrap_or_default(),
            })
        }
        _ => None,
    }
}

/// A text without the armour of PGP, and what is to be said about it. A signed text stays as it was written; an encrypted
/// one is named.
pub fn without_armour(text: &str) -> Option<(String, &'static str)> {
    if let Some((before, rest)) = text.split_once(SIGNED) {
        // Armour headers ("Hash: SHA256") end with an empty line (RFC 4880 7).
        let (_, rest) = rest.split_once("\n\n")?;
        let (signed, after) = rest.split_once(SIGNATURE)?;
        let after = after
            .split_once(SIGNATURE_END)
            .map_or("", |(_, after)| after);
        let signed: Vec<&str> = signed
            .lines()
            .map(|line| line.strip_prefix("- ").unwrap_or(line))
            .collect();
        let text = format!("{before}{}\n{after}", signed.join("\n"));
        return Some((text, "signed with PGP; the signature was not checked"));
    }
    let (before, rest) = text.split_once(ENCRYPTED)?;
    let (_, after) = rest.split_once(ENCRYPTED_END)?;
    let text = format!("{before}{PGP_ENCRYPTED}{after}");
    Some((text, "encrypted with PGP, not readable here"))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn element(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = value.len() as u16;
        [&[tag, 0x82][..], &length.to_be_bytes(), value].concat()
    }

    /// A CMS object that holds `content` signed, without signers.
    pub fn signed(content: &[u8]) -> Vec<u8> {
        let oid = |last: u8| {
            [
                &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07][..],
                &[last],
            ]
            .concat()
        };
        let inner = [oid(1), element(0xa0, &element(0x04, content))].concat();
        let data = [vec![2, 1, 1], element(0x31, &[]), element(0x30, &inner)].concat();
        let info = [oid(2), element(0xa0, &element(0x30, &data))].concat();
        element(0x30, &info)
    }

    #[test]
    fn what_was_signed_is_found() {
        let object = signed(b"Content-Type: text/plain\n\nBonjour");
        let Smime::Signed(content) = smime(&object) else {
            panic!("it is signed");
        };
        assert!(content.ends_with(b"Bonjour"));
        for end in 0..object.len() {
            smime(&object[..end]);
        }
    }

    #[test]
    fn pieces_without_a_length_are_joined() {
        // As OpenSSL writes what it streams.
        let mut object = vec![
            0x30, 0x80, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2,
        ];
        object.extend([0xa0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0x80, 0x30, 0, 0, 0]);
        object.extend([
            0x30, 0x80, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1,
        ]);
        object.extend([
            0xa0, 0x80, 0x24, 0x80, 0x04, 2, b'a', b'b', 0x04, 1, b'c', 0, 0, 0, 0,
        ]);
        assert_eq!(smime(&object), Smime::Signed(b"abc".to_vec()));
    }

    #[test]
    fn armour_comes_off_and_encryption_is_named() {
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour\n- -- \nAnn\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n";
        assert_eq!(
            without_armour(signed).unwrap().0.trim(),
            "Bonjour\n-- \nAnn"
        );
        let sealed = "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----";
        assert_eq!(without_armour(sealed).unwrap().0, PGP_ENCRYPTED);
        assert_eq!(without_armour("no armour"), None);
    }
}
