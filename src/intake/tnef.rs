//! Opens `winmail.dat`: what Outlook packs a mail into for other Outlooks (TNEF, MS-OXTNEF).
//!
//! Gives the text in the best form there is, the files and the messages within. Every length is checked against the bytes
//! there are, so nothing is larger than what came; a packed rich text has a bound of its own. What is broken ends the
//! reading, and what was found before stays.

use super::coding::decode_text;
use super::rtf;

/// The first four bytes (MS-OXTNEF 2.1.3.2).
const SIGNATURE: u32 = 0x223e_9f78;
/// Attributes and properties; honest files have some hundred.
const PIECES_MAX: usize = 20_000;
/// A packed rich text is not unpacked beyond this.
const RTF_BYTES_MAX: usize = 4 * 1024 * 1024;

// Attributes (MS-OXTNEF 2.1.3.3).
const ATT_SUBJECT: u32 = 0x0001_8004;
const ATT_BODY: u32 = 0x0002_800c;
const ATT_CODEPAGE: u32 = 0x0006_9007;
const ATT_MAPI: u32 = 0x0006_9003;
const ATT_FILE_BEGINS: u32 = 0x0006_9002;
const ATT_FILE_NAME: u32 = 0x0001_8010;
const ATT_FILE_DATA: u32 = 0x0006_800f;
const ATT_FILE_MAPI: u32 = 0x0006_9005;

// Properties (MS-OXPROPS).
const PR_SUBJECT: u16 = 0x0037;
const PR_BODY: u16 = 0x1000;
const PR_RTF: u16 = 0x1009;
const PR_HTML: u16 = 0x1013;
const PR_SENDER_NAME: u16 = 0x0c1a;
const PR_SENDER_ADDRESS: u16 = 0x5d01;
const PR_CODEPAGE: u16 = 0x3fde;
const PR_FILE_DATA: u16 = 0x3701;
const PR_SHORT_NAME: u16 = 0x3704;
const PR_LONG_NAME: u16 = 0x3707;
const PR_TYPE: u16 = 0x370e;
const PR_CONTENT_ID: u16 = 0x3712;
const PR_DISPLAY_NAME: u16 = 0x3001;

/// What was packed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its subject, when it states one.
    pub subject: Option<String>,
    /// Its sender: name and address, as far as stated.
    pub sender: Option<(String, String)>,
    /// Its text, as a page.
    pub html: Option<String>,
    /// Its text, plain.
    pub text: Option<String>,
    /// What is attached.
    pub files: Vec<File>,
}

/// A file, or a message, within.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The longest name stated.
    pub name: Option<String>,
    /// The type stated.
    pub content_type: Option<String>,
    /// Whether the page refers to it.
    pub is_shown: bool,
    /// Its bytes; those of another TNEF when it is a message.
    pub bytes: Vec<u8>,
    /// Whether it is a message.
    pub is_message: bool,
}

/// Whether bytes begin as TNEF does.
pub fn is_tnef(bytes: &[u8]) -> bool {
    Bytes(bytes).u32() == Some(SIGNATURE)
}

/// Opens it; `None` when it is no TNEF.
pub fn open(bytes: &[u8]) -> Option<Message> {
    let mut bytes = Bytes(bytes);
    if bytes.u32()? != SIGNATURE {
        return None;
    }
    bytes.u16()?;
    let mut found = Reading::default();
    for _ in 0..PIECES_MAX {
        if attribute(&mut bytes, &mut found).is_none() {
            break;
        }
    }
    Some(found.finished())
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    message: Message,
    codepage: Option<u32>,
    rtf: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
    page: Option<Vec<u8>>,
}

impl Reading {
    fn finished(mut self) -> Message {
        let codepage = self.codepage;
        let of_page = self.page.map(|page| in_codepage(&page, codepage));
        let body = self.body.map(|body| in_codepage(&body, codepage));
        let unpacked = self
            .rtf
            .and_then(|packed| rtf::unpacked(&packed, RTF_BYTES_MAX));
        let message = &mut self.message;
        message.html = message
            .html
            .take()
            .or(of_page)
            .filter(|page| !page.trim().is_empty());
        message.text = message
            .text
            .take()
            .or(body)
            .filter(|text| !text.trim().is_empty());
        match unpacked.map(|rtf| rtf::read(&rtf)) {
            Some(rtf::Rich::Page(page)) if message.html.is_none() => message.html = Some(page),
            Some(rtf::Rich::Text(text)) if message.html.is_none() && message.text.is_none() => {
                message.text = Some(text).filter(|text| !text.trim().is_empty());
            }
            _ => {}
        }
        self.message
    }
}

/// Reads one attribute. `None` at the end, or where the bytes do not hold what they promise.
fn attribute(bytes: &mut Bytes<'_>, found: &mut Reading) -> Option<()> {
    let _level = bytes.take(1)?;
    let tag = bytes.u32()?;
    let length = bytes.u32()? as usize;
    // A file that was cut short is given as far as it goes.
    let data = bytes.take(length.min(bytes.0.len()))?;
    let _checksum = bytes.take(2.min(bytes.0.len()))?;
    let files = &mut found.message.files;
    match tag {
        ATT_CODEPAGE => found.codepage = Bytes(data).u32(),
        ATT_SUBJECT => {
            found.message.subject = Some(in_codepage(data, found.codepage));
        }
        ATT_BODY => found.body = Some(data.to_vec()),
        ATT_MAPI => {
            properties(data, |id, value| message_property(id, value, found));
        }
        ATT_FILE_BEGINS => files.push(File::default()),
        ATT_FILE_NAME => {
            let name = in_codepage(data, found.codepage);
            let file = files.last_mut()?;
            file.name.get_or_insert(name);
        }
        ATT_FILE_DATA => files.last_mut()?.bytes = data.to_vec(),
        ATT_FILE_MAPI => {
            let codepage = found.codepage;
            let file = files.last_mut()?;
            properties(data, |id, value| file_property(id, value, codepage, file));
        }
        _ => {}
    }
    Some(())
}

/// The value of a property that is of use here.
enum Value<'a> {
    Number(u32),
    /// Text in the code page, or bytes.
    Bytes(&'a [u8]),
    /// Text in UTF-16.
    Wide(&'a [u8]),
    /// An object: 16 bytes that say what, then the thing.
    Object(&'a [u8]),
}

impl Value<'_> {
    fn text(&self, codepage: Option<u32>) -> String {
        match self {
            Value::Bytes(bytes) => in_codepage(bytes, codepage),
            Value::Wide(bytes) => wide(bytes),
            Value::Number(_) | Value::Object(_) => String::new(),
        }
    }
}

fn message_property(id: u16, value: Value<'_>, found: &mut Reading) {
    let codepage = found.codepage;
    let message = &mut found.message;
    match (id, &value) {
        (PR_CODEPAGE, Value::Number(number)) => found.codepage = Some(*number),
        (PR_SUBJECT, _) => message.subject = Some(value.text(codepage)),
        (PR_BODY, Value::Wide(bytes)) => message.text = Some(wide(bytes)),
        (PR_BODY, Value::Bytes(bytes)) => found.body = Some(bytes.to_vec()),
        (PR_HTML, Value::Wide(bytes)) => message.html = Some(wide(bytes)),
        (PR_HTML, Value::Bytes(bytes)) => found.page = Some(bytes.to_vec()),
        (PR_RTF, Value::Bytes(bytes)) => found.rtf = Some(bytes.to_vec()),
        (PR_SENDER_NAME, _) => {
            message.sender.get_or_insert_default().0 = value.text(codepage);
        }
        (PR_SENDER_ADDRESS, _) => {
            message.sender.get_or_insert_default().1 = value.text(codepage);
        }
        _ => {}
    }
}

fn file_property(id: u16, value: Value<'_>, codepage: Option<u32>, file: &mut File) {
    match (id, &value) {
        (PR_LONG_NAME, _) => file.name = Some(value.text(codepage)),
        (PR_SHORT_NAME | PR_DISPLAY_NAME, _) => {
            let name = value.text(codepage);
            file.name.get_or_insert(name);
        }
        (PR_TYPE, _) => file.content_type = Some(value.text(codepage).to_ascii_lowercase()),
        (PR_CONTENT_ID, _) => file.is_shown = true,
        (PR_FILE_DATA, Value::Object(bytes)) => {
            let inner = bytes.get(16..).unwrap_or_default();
            file.is_message = is_tnef(inner);
            file.bytes = inner.to_vec();
        }
        (PR_FILE_DATA, Value::Bytes(bytes)) => file.bytes = bytes.to_vec(),
        _ => {}
    }
}

/// Shows each property of a list to `visit` (MS-OXTNEF 2.1.3.4). Ends at what is not understood.
fn properties<'a>(data: &'a [u8], mut visit: impl FnMut(u16, Value<'a>)) -> Option<()> {
    let mut bytes = Bytes(data);
    let count = bytes.u32()? as usize;
    for _ in 0..count.min(PIECES_MAX) {
        let (kind, id) = (bytes.u16()?, bytes.u16()?);
        if id >= 0x8000 {
            name_of_property(&mut bytes)?;
        }
        let many = kind & 0x1000 != 0;
        let kind = kind & 0x0fff;
        let sized = matches!(kind, 0x000d | 0x001e | 0x001f | 0x0102);
        let values = if many || sized { bytes.u32()? } else { 1 };
        for _ in 0..values {
            if !sized {
                let width = match kind {
                    0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => 4,
                    0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                    0x0048 => 16,
                    0x0001 => 0,
                    _ => return None,
                };
                let value = bytes.take(width)?;
                if kind == 0x0003 {
                    visit(id, Value::Number(Bytes(value).u32()?));
                }
                // Values without a width would be counted without an end.
                if width == 0 {
                    break;
                }
                continue;
            }
            let length = bytes.u32()? as usize;
            let value = bytes.take(length)?;
            bytes.take(
                length
                    .next_multiple_of(4)
                    .saturating_sub(length)
                    .min(bytes.0.len()),
            )?;
            visit(
                id,
                match kind {
                    0x001f => Value::Wide(value),
                    0x000d => Value::Object(value),
                    _ => Value::Bytes(value),
                },
            );
        }
    }
    Some(())
}

/// Steps over the name of a named property.
fn name_of_property(bytes: &mut Bytes<'_>) -> Option<()> {
    bytes.take(16)?;
    if bytes.u32()? == 0 {
        bytes.take(4)?;
    } else {
        let length = bytes.u32()? as usize;
        bytes.take(length.checked_next_multiple_of(4)?)?;
    }
    Some(())
}

fn in_codepage(bytes: &[u8], codepage: Option<u32>) -> String {
    let bytes = bytes.split(|&b| b == 0).next().unwrap_or_default();
    let label = match codepage {
        None | Some(0) => None,
        Some(65001) => Some("utf-8".to_owned()),
        Some(20127) => Some("us-ascii".to_owned()),
        Some(28591) => Some("iso-8859-1".to_owned()),
        Some(28605) => Some("iso-8859-15".to_owned()),
        Some(932) => Some("shift_jis".to_owned()),
        Some(936) => Some("gbk".to_owned()),
        Some(949) => Some("euc-kr".to_owned()),
        Some(950) => Some("big5".to_owned()),
        Some(other) => Some(format!("windows-{other}")),
    };
    decode_text(bytes, label.as_deref())
}

fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes))
        .take_while(|unit| *unit != 0)
        .collect();
    String::from_utf16_lossy(&units)
}

/// Bytes that are taken from the front. Every taking can fail.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn attribute(level: u8, tag: u32, data: &[u8]) -> Vec<u8> {
        let sum = data
            .iter()
            .fold(0u16, |sum, b| sum.wrapping_add(u16::from(*b)));
        let length = data.len() as u32;
        [
            &[level][..],
            &tag.to_le_bytes(),
            &length.to_le_bytes(),
            data,
            &sum.to_le_bytes(),
        ]
        .concat()
    }

    fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        bytes.extend(1u32.to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn list(properties: &[Vec<u8>]) -> Vec<u8> {
        [
            (properties.len() as u32).to_le_bytes().to_vec(),
            properties.concat(),
        ]
        .concat()
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect()
    }

    /// A `winmail.dat` with a page, a named file and a message that holds another file.
    pub fn sample() -> Vec<u8> {
        let head = [SIGNATURE.to_le_bytes().to_vec(), vec![1, 0]].concat();
        let inner = [
            head.clone(),
            attribute(1, ATT_SUBJECT, b"inner\0"),
            attribute(1, ATT_BODY, b"inner text\0"),
        ]
        .concat();
        let object = [vec![7; 16], inner].concat();
        [
            head,
            attribute(1, ATT_CODEPAGE, &[0xe4, 4, 0, 0, 0, 0, 0, 0]), // 1252
            attribute(
                1,
                ATT_MAPI,
                &list(&[property(
                    0x0102,
                    PR_HTML,
                    b"<p>Bonjour, l'\xe9cran est noir.</p>",
                )]),
            ),
            attribute(2, ATT_FILE_BEGINS, &[0; 14]),
            attribute(2, ATT_FILE_NAME, b"FACTUR~1.PDF\0"),
            attribute(2, ATT_FILE_DATA, b"%PDF-1.4"),
            attribute(
                2,
                ATT_FILE_MAPI,
                &list(&[property(0x001f, PR_LONG_NAME, &utf16("Facture été.pdf"))]),
            ),
            attribute(2, ATT_FILE_BEGINS, &[0; 14]),
            attribute(
                2,
                ATT_FILE_MAPI,
                &list(&[property(0x000d, PR_FILE_DATA, &object)]),
            ),
        ]
        .concat()
    }

    #[test]
    fn text_files_and_messages_come_out() {
        let message = open(&sample()).unwrap();
        assert_eq!(
            message.html.as_deref(),
            Some("<p>Bonjour, l'écran est noir.</p>")
        );
        assert_eq!(message.files[0].name.as_deref(), Some("Facture été.pdf"));
        assert_eq!(message.files[0].bytes, b"%PDF-1.4");
        assert!(message.files[1].is_message);
        let inner = open(&message.files[1].bytes).unwrap();
        assert_eq!(
            (inner.subject.as_deref(), inner.text.as_deref()),
            (Some("inner"), Some("inner text"))
        );
    }

    #[test]
    fn cut_or_changed_anywhere_it_ends() {
        let whole = sample();
        for end in 0..whole.len() {
            open(&whole[..end]);
            let mut changed = whole.clone();
            changed[end] = changed[end].wrapping_add(0x7f);
            open(&changed);
            changed[end] = 0xff;
            open(&changed);
        }
        assert_eq!(open(b"PK\x03\x04"), None);
    }
}
