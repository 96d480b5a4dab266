//! Takes out of people's words what could change the frame they are shown in (I19).
//!
//! Everything else stays as it was written. Escaping for HTML is the templates' own business.

/// Whether a character reorders what stands around it. Marks that only say in which direction a
/// letter runs (U+200E, U+200F) are harmless in a body and needed by Arabic and Hebrew.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character has no place on a line that people read: invisible, or with a direction of its own.
pub fn is_hidden(c: char) -> bool {
    reorders(c)
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

fn ends_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// One line of at most `length_max` characters, for headers and for values that templates show on a line:
/// no controls, no line ends, no bidirectional or invisible characters, single spaces.
pub fn line(text: &str, length_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(length_max * 4));
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c == ' ' || c.is_control() || ends_line(c) {
            gap = length > 0;
        } else if !is_hidden(c) {
            let room = length_max.saturating_sub(length + usize::from(gap));
            if room == 0 {
                break;
            }
            if room == 1 {
                out.push('…');
                break;
            }
            if gap {
                out.push(' ');
                length += 1;
                gap = false;
            }
            out.push(c);
            length += 1;
        }
    }
    out
}

/// Several lines: ends of lines become `\n`, other controls and what reorders text go, blanks at the end
/// of a line go (they would join it to the next in `format=flowed`, and make `-- ` a signature).
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if ends_line(c) {
            if c == '\r' && chars.peek() == Some(&'\n') {
                chars.next();
            }
            out.truncate(out.trim_end_matches([' ', '\t']).len());
            out.push('\n');
        } else if c == '\t' || !(c.is_control() || reorders(c) || c == '\u{feff}') {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    let start = out.len() - out.trim_start_matches('\n').len();
    out.drain(..start);
    out
}

/// The beginning of `text` that costs at most `budget`, a character costing what `cost` says, and whether
/// something was left out. Cut after a whole line when one ends near.
pub fn cut(text: &str, budget: usize, cost: impl Fn(char) -> usize) -> (&str, bool) {
    let mut spent = 0;
    for (at, c) in text.char_indices() {
        spent += cost(c);
        if spent > budget {
            let (kept, _) = text.split_at(at);
            let whole = kept
                .rfind('\n')
                .filter(|end| kept.len() - end < 200)
                .map_or(kept, |end| kept.split_at(end).0);
            return (whole.trim_end(), true);
        }
    }
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(line("a\r\nBcc: x@y\0z", 99), "a Bcc: x@y z");
        assert_eq!(line("\u{202e}gpj.exe\u{2028} b\u{200f}", 99), "gpj.exe b");
        assert_eq!(line("  réseau   lent ", 99), "réseau lent");
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(line("ab cdef", 3), "ab");
    }

    #[test]
    fn lines_keep_their_words_and_lose_their_controls() {
        assert_eq!(
            lines("a  \r\n\tb\u{b}c\0\u{202e}d\r\re\n"),
            "a\n\tb\ncd\n\ne"
        );
        assert_eq!(lines("-- \nAnn"), "--\nAnn");
        assert_eq!(lines("\n\n  x"), "  x");
    }

    #[test]
    fn a_cut_is_told() {
        assert_eq!(cut("abc", 3, |_| 1), ("abc", false));
        assert_eq!(cut("ab\ncd", 4, |_| 1), ("ab", true));
        assert_eq!(cut("ééé", 4, char::len_utf8), ("éé", true));
    }
}
