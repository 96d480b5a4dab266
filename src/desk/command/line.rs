//! One line of commands: which words open it, and where the next command begins.

use super::argument::command;
use super::when::Here;
use super::words::{self, Verb};

/// A line with more commands is no line of a person; the rest of it is argument.
const COMMANDS_MAX: usize = 50;
/// Signs of a command line that are looked through for a second command.
pub const LINE_MAX: usize = 2_000;
/// What opens a quotation, and what ends it.
const QUOTES: [(char, &[char]); 5] = [
    ('"', &['"', '”', '“']),
    ('“', &['”', '"', '“']),
    ('”', &['”', '"']),
    ('„', &['“', '”', '"']),
    ('«', &['»']),
];

/// The word behind `/` or `#`. A path goes on with a slash, a command with a space, a mark or nothing.
pub fn word_of(line: &str) -> Option<&str> {
    let line = line.strip_prefix(['/', '#'])?;
    let is_end = |c: char| !(c.is_alphanumeric() || "-_'’?".contains(c) || is_combining(c));
    let (word, rest) = line.split_at_checked(line.find(is_end).unwrap_or(line.len()))?;
    let ends = rest.is_empty() || rest.starts_with(|c: char| c == ' ' || ":;,.!=".contains(c));
    // `/etc.d/x`, `#1.2`
    let ends = ends
        && !rest.get(1..).is_some_and(|more| {
            !rest.starts_with(' ')
                && more.starts_with(char::is_alphanumeric)
                && !more.contains(' ')
                && rest.starts_with('.')
        });
    (!word.is_empty() && ends).then_some(word)
}

fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The command a line opens with, in its longest form, and what follows it.
pub fn opening(line: &str) -> Option<(Verb, &str)> {
    word_of(line)?;
    let line = line.strip_prefix(['/', '#'])?;
    let mut found = None;
    let mut at = 0;
    for _ in 0..words::PHRASE_WORDS_MAX {
        let rest = line.get(at..)?;
        let start = rest.len() - rest.trim_start_matches(' ').len();
        let length = rest
            .get(start..)?
            .find(|c: char| c == ' ' || ":;,!=".contains(c))
            .unwrap_or(rest.len() - start);
        let end = at + start + length;
        let phrase = words::fold(line.get(..end)?);
        let phrase = phrase.trim_end_matches('.');
        let single: String = phrase
            .split(' ')
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if let Some(verb) = words::command(&single) {
            found = Some((verb, line.get(end..)?));
        }
        at = end;
        if line.get(at..)?.chars().next().is_none_or(|c| c != ' ') {
            break;
        }
    }
    let (verb, rest) = found?;
    Some((
        verb,
        rest.trim_start_matches([' ', ':', ';', ',', '.', '!', '=']),
    ))
}

/// Whether the command on this line takes a sentence.
pub fn takes_words(line: &str) -> bool {
    let verb = opening(line).map(|(verb, _)| verb);
    verb.is_some_and(|verb| {
        matches!(
            verb,
            Verb::Note
                | Verb::Cause
                | Verb::Solution
                | Verb::Resolve
                | Verb::Close
                | Verb::Escalate
                | Verb::Handoff
                | Verb::Priority(_)
                | Verb::Impact
                | Verb::Urgency
        )
    })
}

/// Cuts a line before each command in it. Within quotation marks and behind `/note` everything is words.
/// Behind a command that takes words only what is a whole command, argument and all, begins another.
pub fn parts<'l>(line: &'l str, here: &Here) -> Vec<&'l str> {
    let mut kept = Vec::new();
    let mut end = line.len();
    let starts = starts(line);
    for (nth, start) in starts.iter().enumerate().rev() {
        let Some((verb, argument)) = line.get(*start..end).and_then(opening) else {
            continue;
        };
        let before = starts.get(..nth).unwrap_or_default();
        let after_words = before
            .last()
            .and_then(|previous| line.get(*previous..*start))
            .is_some_and(|part| {
                takes_words(part) && opening(part).is_some_and(|(_, a)| !a.is_empty())
            });
        let is_closed = before
            .last()
            .and_then(|previous| line.get(*previous..*start))
            .is_some_and(|part| part.trim_end().ends_with(['"', '”', '“', '»']));
        if nth == 0 || !after_words || is_closed || command(verb, argument, here).is_ok() {
            kept.push((*start, end));
            end = *start;
        }
    }
    kept.reverse();
    // A note goes on to the end of its line, unless it is in quotation marks.
    let note = kept.iter().position(|(start, end)| {
        let part = line.get(*start..*end).unwrap_or_default();
        opening(part).is_some_and(|(verb, argument)| {
            verb == Verb::Note
                && !argument.is_empty()
                && !argument.trim_end().ends_with(['"', '”', '“', '»'])
        })
    });
    if let Some(note) = note {
        kept.truncate(note + 1);
        if let Some(last) = kept.last_mut() {
            last.1 = line.len();
        }
    }
    kept.into_iter()
        .filter_map(|(start, end)| line.get(start..end))
        .collect()
}

/// Where a known command begins in a line: at its beginning, and behind a space outside quotation marks.
fn starts(line: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut quoted: Option<&[char]> = None;
    let mut before = ' ';
    for (at, c) in line.char_indices().take(LINE_MAX) {
        match quoted {
            Some(ends) if ends.contains(&c) => quoted = None,
            Some(_) => {}
            None if before == ' ' || before == ':' => {
                let rest = line.get(at..).unwrap_or_default();
                quoted = QUOTES
                    .iter()
                    .find(|(open, ends)| {
                        *open == c && rest.chars().skip(1).any(|c| ends.contains(&c))
                    })
                    .map(|(_, ends)| *ends);
                if at > 0 && matches!(c, '/' | '#') && opening(rest).is_some() {
                    starts.push(at);
                }
            }
            None => {}
        }
        if starts.len() > COMMANDS_MAX {
            break;
        }
        before = c;
    }
    starts
}

/// Whether a quotation is opened on this line and not ended.
pub fn has_open_quote(line: &str) -> bool {
    let mut quoted: Option<&[char]> = None;
    let mut before = ' ';
    for c in line.chars() {
        match quoted {
            Some(ends) if ends.contains(&c) => quoted = None,
            Some(_) => {}
            None if before == ' ' => {
                let open = QUOTES.iter().find(|(open, _)| *open == c);
                quoted = open.map(|(_, ends)| *ends);
            }
            None => {}
        }
        before = c;
    }
    quoted.is_some()
}
