//! Finds the commands in the new text of a technician's mail (`product.md` §8 and §18).
//!
//! Commands stand in the block of lines that opens or ends the text; everything else is text for the
//! requester. A line that resembles no command, such as `/home/paul/x`, is text. What stands below a
//! lone `/note` is for technicians, wherever that line is: taking a note for an answer is the worse mistake.
//! Never panics, whatever the text.

use super::argument::command;
use super::line::{LINE_MAX, has_open_quote, opening, parts, takes_words, word_of};
use super::when::Here;
use super::words::{self, Verb};
use super::{Command, Order, Orders};
use crate::desk::notice::{No, Refusal};

/// A mail with more orders is no mail of a person; the rest of them is refused.
const ORDERS_MAX: usize = 50;
/// Lines that a quoted argument may run on for.
const QUOTED_LINES_MAX: usize = 20;
/// Clients that send plain text break lines at 72 to 78 signs.
const WRAP_FROM: usize = 60;
const WRAP_AT: usize = 72;
const WRAP_TO: usize = 80;

/// Takes the new text of a mail apart. Dates are understood as seen from `here`. `names`: how its writer signs; such
/// a line at the end hides no command above it, and is no message alone.
pub fn read(reply: &str, here: &Here, names: &[&str]) -> Orders {
    let (reply, signed) = without_name(reply, names);
    let cleaned: Vec<String> = reply.lines().map(clean).collect();
    let lines: Vec<&str> = cleaned.iter().map(String::as_str).collect();
    let kinds = kinds(&lines);
    let is_ours = |kind: &&Kind| !matches!(kind, Kind::Text);
    let head = kinds.iter().take_while(is_ours).count();
    let tail = match head == lines.len() {
        true => 0,
        false => kinds.iter().rev().take_while(is_ours).count(),
    };
    let tail = lines.len() - tail;
    let mut found = Orders::default();
    let mut notes_below = Vec::new();
    for range in [0..head, tail..lines.len()] {
        for order in spans(&lines, &kinds, range) {
            match is_lone_note(&order) {
                true => notes_below.push(order),
                false => read_line(&order, here, &mut found),
            }
        }
    }
    let body = reply.lines().collect::<Vec<_>>();
    let body = body.get(head..tail).unwrap_or_default();
    divide(body, notes_below, &mut found);
    if !found.text.is_empty() && !signed.is_empty() {
        found.text = format!("{}\n\n{signed}", found.text);
    }
    found
}

/// The text without the name its writer put on the last line, and that name.
fn without_name<'t>(reply: &'t str, names: &[&str]) -> (&'t str, &'t str) {
    let text = reply.trim_end();
    let (above, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let is_name = |line: &str| {
        let line = words::fold(line);
        let line = line.trim_matches(|c: char| !c.is_alphanumeric());
        !line.is_empty()
            && names
                .iter()
                .map(|name| words::fold(name))
                .any(|name| name == line || name.split(' ').next() == Some(line))
    };
    match is_name(last) {
        true => (above, last.trim()),
        false => (reply, ""),
    }
}

/// What a line is to the block it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Blank,
    /// A command begins.
    Start,
    /// The command above goes on.
    More,
    Text,
}

fn kinds(lines: &[&str]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = lines
        .iter()
        .map(|line| match line {
            &"" => Kind::Blank,
            line if is_command(line) => Kind::Start,
            _ => Kind::Text,
        })
        .collect();
    for at in 0..lines.len() {
        if kinds.get(at) != Some(&Kind::Start) {
            continue;
        }
        let more = goes_on(lines.get(at..).unwrap_or_default());
        for kind in kinds.iter_mut().skip(at + 1).take(more) {
            *kind = Kind::More;
        }
    }
    kinds
}

/// How many of the following lines belong to the command on the first one: those up to the closing quote, and
/// those that a client broke off at its right margin.
fn goes_on(lines: &[&str]) -> usize {
    let Some(first) = lines.first() else {
        return 0;
    };
    if first.chars().count() <= LINE_MAX && has_open_quote(first) {
        let below = lines.iter().skip(1).take(QUOTED_LINES_MAX);
        let below = below.take_while(|line| !line.is_empty());
        let ends = |line: &str| line.contains(['"', '”', '“', '»']);
        if let Some(at) = below.clone().position(|line| ends(line)) {
            return at + 1;
        }
    }
    if !takes_words(first) {
        return 0;
    }
    let pairs = lines.iter().zip(lines.iter().skip(1));
    pairs
        .take(QUOTED_LINES_MAX)
        .take_while(|(line, next)| is_broken(line, next))
        .count()
}

/// Whether `next` looks like the rest of `line`: it did not fit, and it begins in the middle of a sentence.
fn is_broken(line: &str, next: &str) -> bool {
    let length = line.chars().count();
    let word = next
        .split(' ')
        .next()
        .map_or(0, |word| word.chars().count());
    (WRAP_FROM..=WRAP_TO).contains(&length)
        && length + 1 + word > WRAP_AT
        && next.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit())
        && !is_command(next)
}

/// The commands of a block, each on one line.
fn spans(lines: &[&str], kinds: &[Kind], range: std::ops::Range<usize>) -> Vec<String> {
    let mut spans: Vec<String> = Vec::new();
    let block = lines.iter().zip(kinds).take(range.end).skip(range.start);
    for (line, kind) in block {
        match (kind, spans.last_mut()) {
            (Kind::Start, _) => spans.push((*line).to_owned()),
            (Kind::More, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => {}
        }
    }
    spans
}

/// A `/note` with nothing behind it.
fn is_lone_note(line: &str) -> bool {
    opening(line).is_some_and(|(verb, rest)| verb == Verb::Note && rest.is_empty())
}

/// Divides the text between the commands into words for the requester and words for technicians.
/// `notes` are the lone `/note` lines among the commands.
fn divide(body: &[&str], notes: Vec<String>, found: &mut Orders) {
    let inside = body.iter().position(|line| is_lone_note(&clean(line)));
    let (public, internal) = match (inside, notes.is_empty()) {
        (_, false) => (&[][..], body),
        (Some(at), true) => (
            body.get(..at).unwrap_or_default(),
            body.get(at + 1..).unwrap_or_default(),
        ),
        (None, true) => (body, &[][..]),
    };
    found.text = public.join("\n").trim().to_owned();
    let line = notes.into_iter().next();
    let line = line.or_else(|| inside.and_then(|at| body.get(at)).map(|line| clean(line)));
    let Some(line) = line else {
        return;
    };
    let internal = internal.iter().filter(|line| !is_lone_note(&clean(line)));
    let words = internal.copied().collect::<Vec<_>>().join("\n");
    match words.trim() {
        "" => found.refused.push(No::from(Refusal::Missing).of(&line)),
        words => found.orders.push(Order {
            line,
            command: Command::Note(words.to_owned()),
        }),
    }
}

/// A line as it was meant: without marks nobody sees, without the bullets and stars that clients put before it.
fn clean(line: &str) -> String {
    let seen: String = line
        .chars()
        .filter(|c| !words::is_unseen(*c))
        .map(|c| match c {
            '\u{ff0f}' | '\u{2044}' | '\u{2215}' => '/',
            '\u{ff03}' => '#',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    let bare = seen.trim();
    let after_bullet = bare.trim_start_matches(['*', '_', '-', '•', '·', '–', '—', '◦', '▪', ' ']);
    match after_bullet.starts_with(['/', '#']) && after_bullet.len() < bare.len() {
        true => after_bullet.trim_end_matches(['*', '_', ' ']).to_owned(),
        false => bare.to_owned(),
    }
}

/// Whether a line begins with a word that is, or resembles, a command; or is nothing but a slash and a word, which nobody
/// writes to a requester.
fn is_command(line: &str) -> bool {
    let word = word_of(line);
    let resembles = |word: &str| words::nearest(word).is_some();
    let is_alone =
        |word: &str| line.strip_prefix('/') == Some(word) && word.starts_with(char::is_alphabetic);
    opening(line).is_some() || word.is_some_and(|word| resembles(word) || is_alone(word))
}

/// Reads the commands of one line, in order.
fn read_line(line: &str, here: &Here, found: &mut Orders) {
    if found.orders.len() + found.refused.len() >= ORDERS_MAX {
        return found.refused.push(No::from(Refusal::TooMany).of(line));
    }
    let Some((_, _)) = opening(line) else {
        let near = word_of(line).and_then(words::nearest);
        let no = No {
            did_you_mean: near,
            ..Refusal::Unknown.into()
        };
        return found.refused.push(no.of(line));
    };
    for part in parts(line, here) {
        let part = part.trim();
        let Some((verb, argument)) = opening(part) else {
            continue;
        };
        match command(verb, argument, here) {
            Ok(command) => found.orders.push(Order {
                line: part.to_owned(),
                command,
            }),
            Err(no) => found.refused.push(no.of(part)),
        }
    }
}
