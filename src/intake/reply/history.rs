//! Drops what was written before: quoted lines, what stands below a divider or a header block.

use super::{attribution, block};

/// Nobody writes more lines into one mail; logs pasted into it have more, and are kept in the whole text.
const LINES_MAX: usize = 10_000;

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    Blank,
    Quoted,
    /// Belongs to an "On ... wrote:".
    Divider,
}

/// The lines without history. What a writer put below or between quotes stays; quotes between two answers stay with
/// them, as nobody could read the answers otherwise.
pub fn without<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<(&'a str, Kind)> = Vec::new();
    let mut at = 0;
    let mut nothing_yet = true;
    while let Some(line) = lines.get(at).filter(|_| at < LINES_MAX) {
        // GroupWise frames its divider with quote marks.
        let framed = line.ends_with(" >>>") && attribution::at(lines, at).is_some();
        if is_quoted(line) && !framed {
            // A header block or a divider that was quoted itself is quoted text.
            kept.push((line, Kind::Quoted));
            at += 1;
            continue;
        }
        if let Some(found) = block::at(lines, at) {
            if !nothing_yet {
                break;
            }
            // A block above everything belongs to a mail that was pasted or forwarded whole: its text is the text.
            if !starts_quote(lines, found.end) {
                at = found.end;
                continue;
            }
        }
        if let Some(found) = attribution::at(lines, at) {
            let quoted = starts_quote(lines, found.end);
            if found.sure || quoted {
                // A narrow page wraps within the date: "On Mon, Nov 23, 2026" stands on the line above.
                if let Some((_, kind)) = kept
                    .last_mut()
                    .filter(|(line, kind)| *kind == Kind::Text && attribution::begins(line))
                {
                    *kind = Kind::Divider;
                }
                if let Some(before) = line.get(..found.before).filter(|before| !before.is_empty()) {
                    kept.push((before, Kind::Text));
                    nothing_yet = false;
                }
                let is_forward_whole =
                    nothing_yet && found.before == 0 && above_block(lines, found.end);
                if !quoted && found.sure && !is_forward_whole {
                    break;
                }
                for line in lines.get(at..found.end).unwrap_or_default() {
                    kept.push((line, Kind::Divider));
                }
                at = found.end;
                continue;
            }
        }
        let kind = if line.trim().is_empty() {
            Kind::Blank
        } else {
            Kind::Text
        };
        nothing_yet &= kind == Kind::Blank;
        kept.push((line, kind));
        at += 1;
    }
    drop_quotes(kept)
}

/// Whether a line is marked as quoted.
fn is_quoted(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.starts_with('>')
        || line.starts_with('|') && (line.trim_end() == "|" || !line.trim_end().ends_with('|'))
        || line.starts_with("&gt;")
}

/// Whether a header block is the next thing from `start` on.
fn above_block(lines: &[&str], start: usize) -> bool {
    let rest = lines.get(start..).unwrap_or_default();
    let next = rest.iter().take(4).position(|line| !line.trim().is_empty());
    next.is_some_and(|next| block::at(lines, start + next).is_some())
}

/// Whether the first line that is not blank from `start` on is quoted.
fn starts_quote(lines: &[&str], start: usize) -> bool {
    let rest = lines.get(start..).unwrap_or_default();
    rest.iter()
        .take(8)
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| is_quoted(line))
}

/// Takes the quotes out that only repeat: the one at the end, and the only one if text follows it.
fn drop_quotes(mut kept: Vec<(&str, Kind)>) -> Vec<&str> {
    // What ends with a quote: the quote, and the line above it.
    while kept.last().is_some_and(|(_, kind)| *kind != Kind::Text) {
        kept.pop();
    }
    // A quote without such a line was put in by hand, to speak of.
    let groups = groups(&kept);
    if let [(start, end)] = groups.as_slice()
        && kept
            .get(*start..*end)
            .is_some_and(|group| group.iter().any(|(_, kind)| *kind == Kind::Divider))
    {
        kept.drain(*start..*end);
    }
    kept.retain(|(_, kind)| *kind != Kind::Divider);
    kept.into_iter().map(|(line, _)| line).collect()
}

/// Where quotes begin and end; blank lines do not part them.
fn groups(kept: &[(&str, Kind)]) -> Vec<(usize, usize)> {
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for (at, (_, kind)) in kept.iter().enumerate() {
        match kind {
            Kind::Quoted | Kind::Divider => {
                match groups.last_mut().filter(|_| open) {
                    Some(last) => last.1 = at + 1,
                    None => groups.push((at, at + 1)),
                }
                open = true;
            }
            Kind::Text => open = false,
            Kind::Blank => {}
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(text: &str) -> String {
        without(&text.lines().collect::<Vec<_>>())
            .join("\n")
            .trim()
            .to_owned()
    }

    #[test]
    fn answers_above_below_and_around() {
        let quote = "On Mon, Apr 2, 2012 at 6:26 PM, Ann <ann@acme.example> wrote:\n> old\n> older";
        assert_eq!(fresh(&format!("new\n\n{quote}")), "new");
        assert_eq!(fresh(&format!("{quote}\nnew")), "new");
        let narrow = quote.replace("2012 at", "2012\nat");
        assert_eq!(fresh(&format!("new\n\n{narrow}")), "new");
        assert_eq!(fresh(&format!("hello\n\n{quote}\n\nnew")), "hello\n\n\nnew");
        assert_eq!(fresh("> a\nabout this"), "> a\nabout this");
    }

    #[test]
    fn answers_between_quotes_keep_the_quotes() {
        let text = "Ann wrote:\n> one?\nyes\n> two?\nno\n> three?";
        assert_eq!(fresh(text), "> one?\nyes\n> two?\nno");
        assert_eq!(fresh("look:\n>>> a <<<\nthat"), "look:\n>>> a <<<\nthat");
    }

    #[test]
    fn what_stands_below_a_divider_is_old_even_unquoted() {
        assert_eq!(
            fresh("new\n\nLe 19 mars 2014 10:37, Ann <ann@acme.example> a écrit :\n\nold"),
            "new"
        );
        assert_eq!(fresh("new\n-----Original Message-----\nold"), "new");
        assert_eq!(
            fresh("new\n\nFrom: Ann <ann@acme.example>\nSent: Monday\nTo: Bob\nSubject: x\n\nold"),
            "new"
        );
    }

    #[test]
    fn a_mail_pasted_whole_keeps_its_text() {
        assert_eq!(fresh("From: Ann\nSent: Monday\nSubject: x\n\ntext"), "text");
        assert_eq!(
            fresh(
                "---------- Forwarded message ----------\nFrom: Ann\nDate: Monday\nSubject: x\n\ntext"
            ),
            "text"
        );
    }
}
