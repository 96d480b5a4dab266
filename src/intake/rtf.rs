//! Reads the rich text that Outlook puts into `winmail.dat`: unpacks it (MS-OXRTFCP) and gives its words, or the page that was
//! hidden in it (MS-OXRTFEX). Looks and pictures are dropped. Bounded by what it is told and by its input.

use super::coding::decode_text;

/// What the dictionary of the packer begins with (MS-OXRTFCP 2.1.3.1.2).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// Its size.
const WINDOW: usize = 4096;
/// Groups within groups; deeper ones are read as one.
const DEPTH_MAX: usize = 200;
/// Groups that hold no text of the mail.
const SILENT: [&str; 14] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "headerl",
    "footnote",
    "xe",
    "themedata",
    "generator",
    "listtable",
];

/// What a rich text holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Rich {
    /// A page that was wrapped into it.
    Page(String),
    /// Plain words.
    Text(String),
}

/// Unpacks a rich text, at most `max` bytes of it; `None` when it is packed in no known way.
pub fn unpacked(packed: &[u8], max: usize) -> Option<Vec<u8>> {
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(packed.get(at..at + 4)?.try_into().ok()?))
    };
    let size = (number(4)? as usize).min(max);
    let body = packed.get(16..)?;
    match &number(8)?.to_le_bytes() {
        b"MELA" => return Some(body.get(..size).unwrap_or(body).to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut window = [b' '; WINDOW];
    window
        .iter_mut()
        .zip(DICTIONARY)
        .for_each(|(slot, byte)| *slot = *byte);
    let mut at = DICTIONARY.len();
    let mut out = Vec::with_capacity(size.min(64 * 1024));
    let mut put = |out: &mut Vec<u8>, window: &mut [u8; WINDOW], byte: u8| {
        out.push(byte);
        if let Some(slot) = window.get_mut(at % WINDOW) {
            *slot = byte;
        }
        at = (at + 1) % WINDOW;
        at
    };
    let mut position = DICTIONARY.len();
    let mut bytes = body.iter().copied();
    'packed: while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= size {
                break 'packed;
            }
            if flags >> bit & 1 == 0 {
                let Some(byte) = bytes.next() else {
                    break 'packed;
                };
                position = put(&mut out, &mut window, byte);
                continue;
            }
            let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
                break 'packed;
            };
            let reference = u16::from_be_bytes([high, low]);
            let offset = usize::from(reference >> 4);
            if offset == position {
                break 'packed; // the end, as the packer marks it
            }
            for step in 0..usize::from(reference & 0xf) + 2 {
                let byte = window
                    .get((offset + step) % WINDOW)
                    .copied()
                    .unwrap_or_default();
                position = put(&mut out, &mut window, byte);
            }
        }
    }
    out.truncate(size);
    Some(out)
}

/// How a group is read.
#[derive(Clone, Copy)]
struct State {
    /// Nothing of it is shown.
    silent: bool,
    /// It is a piece of the wrapped page.
    tag: bool,
    /// It is looks that the page does not have.
    looks: bool,
    /// How many signs stand for one `\u` to those who do not know it.
    skip: usize,
}

/// Reads a rich text.
pub fn read(rtf: &[u8]) -> Rich {
    let is_page = find(rtf, b"\\fromhtml");
    let charset = codepage(rtf);
    let mut out = Pen {
        text: String::new(),
        bytes: Vec::new(),
        charset,
    };
    let mut states = vec![State {
        silent: false,
        tag: false,
        looks: false,
        skip: 1,
    }];
    let (mut rest, mut to_skip) = (rtf, 0usize);
    while let Some((&byte, tail)) = rest.split_first() {
        let state = states.last().copied().unwrap_or(State {
            silent: true,
            tag: false,
            looks: false,
            skip: 1,
        });
        let is_shown = !state.silent && !state.looks;
        rest = tail;
        match byte {
            b'{' => {
                if states.len() < DEPTH_MAX {
                    states.push(state);
                }
                to_skip = 0;
            }
            b'}' => {
                if states.len() > 1 {
                    states.pop();
                }
                to_skip = 0;
            }
            b'\r' | b'\n' => {}
            b'\\' => {
                let (word, after) = control(tail);
                rest = after;
                if let (Control::Sign(_) | Control::Hex(_), true) = (&word, to_skip > 0) {
                    to_skip -= 1;
                    continue;
                }
                match word {
                    Control::Hex(byte) if is_shown => out.byte(byte),
                    Control::Sign(sign) if is_shown => out.sign(sign),
                    Control::Word(b"u", Some(code)) => {
                        if is_shown {
                            out.unicode(code);
                        }
                        to_skip = state.skip;
                    }
                    Control::Word(name, number) => {
                        if let Some(state) = states.last_mut() {
                            set(state, name, number);
                        }
                        if is_shown && !(is_page && state.tag) {
                            out.word(name, is_page);
                        }
                    }
                    Control::Star => {
                        if let Some(state) = states.last_mut() {
                            state.tag = rest.starts_with(b"\\htmltag");
                            state.silent = !(state.tag && is_page) || state.silent;
                        }
                    }
                    _ => {}
                }
            }
            _ if to_skip > 0 => to_skip -= 1,
            _ if is_shown => out.byte(byte),
            _ => {}
        }
    }
    out.flush();
    match is_page {
        true => Rich::Page(out.text),
        false => Rich::Text(out.text),
    }
}

fn set(state: &mut State, name: &[u8], number: Option<i32>) {
    match name {
        b"htmlrtf" => state.looks = number != Some(0),
        b"uc" => state.skip = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(10),
        _ if SILENT.iter().any(|silent| silent.as_bytes() == name) => state.silent = true,
        _ => {}
    }
}

/// What follows a backslash.
enum Control<'a> {
    Word(&'a [u8], Option<i32>),
    Hex(u8),
    Sign(u8),
    Star,
}

fn control(text: &[u8]) -> (Control<'_>, &[u8]) {
    let Some((&first, tail)) = text.split_first() else {
        return (Control::Word(b"", None), &[]);
    };
    if first == b'\'' {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        return match byte {
            Some(byte) => (Control::Hex(byte), tail.get(2..).unwrap_or_default()),
            None => (Control::Word(b"", None), tail),
        };
    }
    if first == b'*' {
        return (Control::Star, tail);
    }
    if !first.is_ascii_alphabetic() {
        return (Control::Sign(first), tail);
    }
    let letters = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (name, rest) = text.split_at_checked(letters).unwrap_or((text, &[]));
    let digits = rest
        .iter()
        .enumerate()
        .take_while(|(at, b)| b.is_ascii_digit() || *at == 0 && **b == b'-')
        .count()
        .min(11);
    let (number, rest) = rest.split_at_checked(digits).unwrap_or((&[], rest));
    let number = std::str::from_utf8(number)
        .ok()
        .and_then(|n| n.parse().ok());
    (
        Control::Word(name, number),
        rest.strip_prefix(b" ").unwrap_or(rest),
    )
}

/// Writes text; bytes wait until it is known that no more of their character follow.
struct Pen {
    text: String,
    bytes: Vec<u8>,
    charset: Option<String>,
}

impl Pen {
    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            self.text
                .push_str(&decode_text(&self.bytes, self.charset.as_deref()));
            self.bytes.clear();
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn push(&mut self, c: char) {
        self.flush();
        self.text.push(c);
    }

    fn sign(&mut self, sign: u8) {
        match sign {
            b'\\' | b'{' | b'}' => self.byte(sign),
            b'~' => self.push(' '),
            b'_' => self.push('-'),
            b'\r' | b'\n' => self.push('\n'),
            _ => {}
        }
    }

    fn unicode(&mut self, code: i32) {
        let code = if code < 0 { code + 0x1_0000 } else { code };
        // Beyond the first plane two follow each other; what the first half means is lost.
        let sign = u32::try_from(code).ok().and_then(char::from_u32);
        self.push(sign.unwrap_or('\u{fffd}'));
    }

    fn word(&mut self, name: &[u8], is_page: bool) {
        let c = match name {
            b"par" | b"line" | b"row" | b"sect" | b"page" => '\n',
            b"tab" | b"cell" => '\t',
            b"emdash" => '—',
            b"endash" => '–',
            b"lquote" => '‘',
            b"rquote" => '’',
            b"ldblquote" => '“',
            b"rdblquote" => '”',
            b"bullet" => '•',
            _ => return,
        };
        // A page says itself where its lines end.
        if !(is_page && c == '\t') {
            self.push(c);
        }
    }
}

/// `\ansicpg1252`.
fn codepage(rtf: &[u8]) -> Option<String> {
    let head = rtf.get(..rtf.len().min(2000))?;
    let at = head.windows(8).position(|word| word == b"\\ansicpg")? + 8;
    let digits: String = head
        .get(at..)?
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .collect();
    Some(match digits.as_str() {
        "65001" => "utf-8".to_owned(),
        "932" => "shift_jis".to_owned(),
        "936" => "gbk".to_owned(),
        "949" => "euc-kr".to_owned(),
        "950" => "big5".to_owned(),
        other => format!("windows-{other}"),
    })
}

fn find(text: &[u8], wanted: &[u8]) -> bool {
    let head = text.get(..2000).unwrap_or(text);
    head.windows(wanted.len()).any(|word| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_unpacked() {
        // MS-OXRTFCP 4.1.1 and 4.1.2
        let hello = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        let text = unpacked(&hello, 1000).unwrap();
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(read(&text), Rich::Text("hello world".to_owned()));
        assert_eq!(unpacked(&hello, 5).unwrap(), b"{\\rtf");
        for end in 0..hello.len() {
            unpacked(&hello[..end], 1000);
        }
    }

    #[test]
    fn words_come_out_and_looks_stay_in() {
        let rtf = br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard L'\'e9cran\par est noir \u8364?\{1\}}";
        assert_eq!(read(rtf), Rich::Text("L'écran\nest noir €{1}".to_owned()));
    }

    #[test]
    fn the_page_that_was_wrapped_comes_out() {
        let rtf = br"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 l'\'e9cran {\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 noir\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}";
        let Rich::Page(page) = read(rtf) else {
            panic!("it is a page");
        };
        assert_eq!(page, "<p>l'écran <b>noir</b></p>");
    }

    #[test]
    fn what_is_broken_ends() {
        for rtf in [
            &b"{{{{"[..],
            b"}}}}\\",
            b"\\'",
            b"\\'zz",
            b"\\u-99999999999 x",
            b"\\bin99999 x",
        ] {
            read(rtf);
        }
        read(&b"{".repeat(10_000));
    }
}
