//! What is printed for a person or a program, made harmless: what came in by mail may hold characters that a terminal obeys.
//!
//! Control characters, those that reorder or hide text, and ends of lines that are none for a shell come out as `\u001b`,
//! the way JSON writes them; so the same rule serves text and JSON, and JSON read again gives the words as they were.
//! Ends of lines and tabs are kept.

use std::io::{self, Write};

use crate::scribe::clean;

/// Prints through `inner`.
///
/// Gives `inner` what it can show: a character that is cut between two writes is put together again.
pub struct Screen<W> {
    inner: W,
    /// The beginning of a character, or a carriage return that may belong to an end of line.
    begun: Vec<u8>,
    kind: Kind,
}

/// What passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Event,
    Bytes,
}

impl<W: Write> Screen<W> {
    /// For results of commands.
    pub fn new(inner: W) -> Self {
        Self::of(Kind::Text, inner)
    }

    /// For a log whose every write is one event: ends of lines within it are shown too, so that nobody can add a line.
    pub fn for_events(inner: W) -> Self {
        Self::of(Kind::Event, inner)
    }

    /// Lets everything pass: for files and other programs that want a mail as it is.
    pub fn for_bytes(inner: W) -> Self {
        Self::of(Kind::Bytes, inner)
    }

    fn of(kind: Kind, inner: W) -> Self {
        Self {
            inner,
            begun: Vec::new(),
            kind,
        }
    }

    fn show(&mut self, text: &str) -> io::Result<()> {
        let (text, end) = match (self.kind, text.strip_suffix('\n')) {
            (Kind::Event, Some(event)) => (event, "\n"),
            _ => (text, ""),
        };
        // In one piece: the lines of two threads must not mix.
        let mut shown = String::with_capacity(text.len() + 1);
        let mut rest = text;
        while let Some(at) = rest.find(|c| self.is_harmful(c)) {
            let (plain, harmful) = rest.split_at(at);
            shown.push_str(plain);
            let mut chars = harmful.chars();
            match chars.next() {
                // Letters are carried with these ends of lines.
                Some('\r') if self.kind == Kind::Text && chars.as_str().starts_with('\n') => {}
                Some(c) => shown.push_str(&escaped(c)),
                None => {}
            }
            rest = chars.as_str();
        }
        shown.push_str(rest);
        shown.push_str(end);
        self.inner.write_all(shown.as_bytes())
    }

    fn is_harmful(&self, c: char) -> bool {
        match c {
            '\n' => self.kind == Kind::Event,
            '\t' => false,
            c => c.is_control() || clean::is_hidden(c) || matches!(c, '\u{2028}' | '\u{2029}'),
        }
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.kind == Kind::Bytes {
            return self.inner.write(bytes);
        }
        let joined;
        let mut rest = if self.begun.is_empty() {
            bytes
        } else {
            self.begun.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.begun);
            joined.as_slice()
        };
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    let ended = text.strip_suffix('\r').unwrap_or(text);
                    if ended.len() < text.len() {
                        self.begun.push(b'\r');
                    }
                    self.show(ended)?;
                    break;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    self.show(&String::from_utf8_lossy(good))?;
                    let Some(length) = error.error_len() else {
                        self.begun = bad.to_vec();
                        break;
                    };
                    self.inner.write_all("\u{fffd}".as_bytes())?;
                    rest = bad.get(length..).unwrap_or_default();
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> Screen<W> {
    /// What was printed, for tests and for who goes on writing bytes.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

/// As JSON writes it (RFC 8259, 7): outside the first plane as a pair.
pub fn escaped(c: char) -> String {
    let mut pair = [0; 2];
    let units = c.encode_utf16(&mut pair);
    units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(parts: &[&[u8]]) -> String {
        let mut screen = Screen::new(Vec::new());
        for part in parts {
            screen.write_all(part).unwrap();
        }
        String::from_utf8(screen.into_inner()).unwrap()
    }

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        let found =
            printed(&["a\u{1b}[31m\0\u{7f}\u{9b}\u{202e}b\u{e0041}\u{2028}é\t\n".as_bytes()]);
        assert_eq!(
            found,
            "a\\u001b[31m\\u0000\\u007f\\u009b\\u202eb\\udb40\\udc41\\u2028é\t\n"
        );
    }

    #[test]
    fn ends_of_lines_and_cut_characters_are_put_together() {
        assert_eq!(printed(&[b"a\r", b"\nb\rc\n"]), "a\nb\\u000dc\n");
        assert_eq!(printed(&[b"\xc3", b"\xa9\xff\x9b!"]), "é\u{fffd}\u{fffd}!");
    }

    #[test]
    fn json_read_again_gives_the_words_as_they_were() {
        let words = "\u{1b}]0;x\u{7} \u{202e}gpj.exe \u{7f}\u{85}\u{feff}\u{e0001} \\u0041";
        let mut screen = Screen::new(Vec::new());
        writeln!(screen, "{}", serde_json::json!({ "words": words })).unwrap();
        let line = String::from_utf8(screen.into_inner()).unwrap();
        assert!(
            line.trim_end().chars().all(|c| (' '..='~').contains(&c)),
            "{line}"
        );
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["words"], words);
    }

    #[test]
    fn an_event_is_one_line() {
        let mut screen = Screen::for_events(Vec::new());
        screen
            .write_all(b"WARN refused: 550\r\nERROR forged\n")
            .unwrap();
        let found = String::from_utf8(screen.into_inner()).unwrap();
        assert_eq!(found, "WARN refused: 550\\u000d\\u000aERROR forged\n");
    }
}
