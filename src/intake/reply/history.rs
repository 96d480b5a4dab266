//! Drops what was written before: quoted lines, what stands below a divider or a header block.

use super::{attribution, block};

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
    let mut kept: Vec<(&'a str, Kind)> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let nothing_yet = kept.iter().all(|(_, kind)| *kind != Kind::Text);
        if is_quoted(line) {
            // A header block or a divider that was quoted itself is quoted text.
            kept.push((line, Kind::Quoted));
            at += 1;
            continue;
        }
        if let Some(found) = block::at(lines, at) {
            if nothing_yet && !starts_quote(lines, found.end) {
                // A block above everything belongs to a mail pasted whole: its text is the text.
                if lines
                    .get(found.end..)
                    .is_some_and(|rest| rest.iter().any(|l| !l.trim().is_empty()))
                    && kept.iter().all(|(_, k)| *k == Kind::Blank)
                {
                    at = found.end;
                    continue;
                }
            }
            if !nothing_yet || !kept.is_empty() {
                break;
            }
        }
        if let Some(found) = attribution::at(lines, at) {
            let quoted = starts_quote(lines, found.end);
            if found.sure || quoted {
                if let Some(before) = line.get(..found.before).filter(|before| !before.is_empty()) {
                    kept.push((before, Kind::Text));
                }
                if !quoted && found.sure {
                    break;
                }
                for line in lines.get(at..found.end).unwrap_or_default() {
                    kept.push((line, Kind::Divider));
                }
                at = found.end;
                continue;
            }
        }
        kept.push((
            line,
            if line.trim().is_empty() {
                Kind::Blank
            } else {
                Kind::Text
            },
        ));
        at += 1;
    }
    drop_quotes(kept)
}

/// Whether a line is marked as quoted.
fn is_quoted(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.starts_with('>')
        || line.starts_with('|') && !line.trim_end().ends_with('|')
        || line.starts_with("&gt;")
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
fn drop_quotes<'a>(mut kept: Vec<(&'a str, Kind)>) -> Vec<&'a str> {
    // What ends with a quote: the quote, and the line above it.
    while kept.last().is_some_and(|(_, kind)| *kind != Kind::Text) {
        kept.pop();
    }
    let groups = groups(&kept);
    let single = match groups.as_slice() {
        [(start, end)] => Some((*start, *end)),
        _ => None,
    };
    if let Some((start, end)) = single {
        let has_divider = kept
            .get(start..end)
            .is_some_and(|g| g.iter().any(|(_, k)| *k == Kind::Divider));
        let opens = kept
            .get(..start)
            .is_some_and(|above| above.iter().all(|(_, k)| *k == Kind::Blank));
        if has_divider || opens {
            kept.drain(start..end);
        }
    }
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
        assert_eq!(fresh(&format!("hello\n\n{quote}\n\nnew")), "hello\n\n\nnew");
        assert_eq!(fresh(">old\nnew"), "new");
    }

    #[test]
    fn answers_between_quotes_keep_the_quotes() {
        let text = "Ann wrote:\n> one?\nyes\n> two?\nno\n> three?";
        assert_eq!(fresh(text), "Ann wrote:\n> one?\nyes\n> two?\nno");
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
    }
}
