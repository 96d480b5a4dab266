//! Wraps a text for `format=flowed` (RFC 3676): lines of at most 72 characters that a reader may join again.
//!
//! A line of the text that begins with `>` is a quotation and stays one on every line it is broken into.
//! Words are never broken. The result ends its lines with CRLF.

/// RFC 3676 4.2 asks for 78 at most; 72 leaves room for two levels of quoting in the answers.
const WIDTH: usize = 72;

/// Wraps `text`, whose lines end with `\n`.
pub fn flowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16 + 64);
    for line in text.trim_end().split('\n') {
        if line == "-- " {
            // RFC 3676 4.3: the signature line is never flowed, and the only one that keeps its space.
            out.push_str("-- \r\n");
        } else {
            wrap(line.trim_end_matches([' ', '\t', '\r']), &mut out);
        }
    }
    out
}

fn wrap(line: &str, out: &mut String) {
    let content = line.trim_start_matches('>');
    let (marks, _) = line.split_at(line.len() - content.len());
    let content = if marks.is_empty() {
        content
    } else {
        content.strip_prefix(' ').unwrap_or(content)
    };
    let room = WIDTH.saturating_sub(marks.len() + 1).max(24);
    let mut rest = content;
    loop {
        let (piece, tail) = rest.split_at(break_at(rest, room));
        out.push_str(marks);
        // RFC 3676 4.4: a space is put before what could be taken for a quotation, for stuffing, or for
        // the separator of an mbox. After quotation marks it is put always.
        let stuffed = !marks.is_empty() && !piece.is_empty()
            || piece.starts_with([' ', '>'])
            || piece.starts_with("From ");
        if stuffed {
            out.push(' ');
        }
        out.push_str(piece);
        out.push_str("\r\n");
        if tail.is_empty() {
            return;
        }
        rest = tail;
    }
}

/// Where to break `text` so that the piece, its last spaces apart, is at most `room` characters long:
/// after spaces, which stay on the line and say that it goes on. The whole length when it fits or cannot be broken.
fn break_at(text: &str, room: usize) -> usize {
    let mut last = None;
    let mut before_space = false;
    for (count, (at, c)) in text.char_indices().enumerate() {
        if before_space && c != ' ' && at > 0 {
            let (piece, _) = text.split_at(at);
            // A piece of spaces only would say nothing, and `-- ` would be a signature.
            if !piece.trim_end().is_empty() && piece != "-- " {
                last = Some(at);
            }
        }
        before_space = c == ' ';
        if count >= room
            && !before_space
            && let Some(last) = last
        {
            return last;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader that knows RFC 3676 sees.
    fn joined(flowed: &str) -> String {
        let mut out = String::new();
        for line in flowed.split_terminator("\r\n") {
            let content = line.trim_start_matches('>');
            let quoted = line.len() > content.len();
            let content = content.strip_prefix(' ').unwrap_or(content);
            let continues =
                !out.is_empty() && out.ends_with(' ') && !out.ends_with("-- ") && line != "-- ";
            if continues {
                out.push_str(content);
            } else {
                if !out.is_empty() {
                    out.push('\n');
                }
                if quoted {
                    out.push_str("> ");
                }
                out.push_str(content);
            }
        }
        out
    }

    #[test]
    fn what_is_wrapped_can_be_joined_again() {
        let long = "The printer of the accounts department has been printing blank pages since this morning, and paying day is tomorrow.";
        for text in [
            long.to_owned(),
            format!("> {long}"),
            format!("Hello,\n{long}\n-- \nAnn"),
            format!("From here on\n  indented {long}"),
            format!("-- {long}"),
        ] {
            let wrapped = flowed(&text);
            assert!(
                wrapped
                    .split("\r\n")
                    .all(|line| line.trim_end().chars().count() <= WIDTH),
                "{wrapped}"
            );
            assert_eq!(joined(&wrapped), text);
        }
    }

    #[test]
    fn a_word_is_never_broken_and_nothing_hangs() {
        let word = "x".repeat(100_000);
        assert_eq!(flowed(&word), format!("{word}\r\n"));
        let many = "x ".repeat(100_000);
        assert_eq!(joined(&flowed(&many)), many.trim_end());
    }

    #[test]
    fn what_looks_like_a_quotation_within_a_line_stays_text() {
        let text = format!("{} > not a quotation", "x".repeat(70));
        let wrapped = flowed(&text);
        assert!(wrapped.contains("\r\n > not"), "{wrapped}");
    }
}
