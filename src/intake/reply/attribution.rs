//! The lines that mail programs put above a quote: "On Monday, Ann wrote:", in many languages and over several lines.

use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{Regex, RegexSet};

use super::words::{FORWARDS, OPENING, REPLY_ABOVE, SEPARATORS, WROTE};

/// Gmail and others wrap such a line; more than six pieces were not seen.
const PIECES_MAX: usize = 7;
/// A longer line is text.
const LENGTH_MAX: usize = 400;

/// Something that stands between the new text and the old one.
#[derive(Debug, PartialEq, Eq)]
pub struct Divider {
    /// The line behind its last one.
    pub end: usize,
    /// How many bytes of its first line are new text.
    pub before: usize,
    /// Whether what follows is surely old, quoted or not.
    pub sure: bool,
}

/// A date or a moment somewhere in the line.
const DATE: &str = r"(?:[0-9]{1,4}[-/. ]\s?[0-9]{1,2}[-/. ]\s?[0-9]{1,4}|[0-9]{1,2}[:.h][0-9]{2}|[0-9]{1,2}\.? ?(?:de |of )?LETTER{3,12}\.?,? (?:de )?[0-9]{2,4}|LETTER{3,10}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{2,4}|[0-9]{4})";
/// A letter, near enough. With the thousands of `\p{L}` the patterns grow over what can be asked at once.
const LETTER: &str = r"[^\s0-9<>@:,./()\[\]-]";
/// An address, with or without brackets.
const ADDRESS: &str = r"[^\s<>@]+@[^\s<>@]+";

// What follows avoids `\b` and large classes under counts: with them `regex` falls back to engines that take ten times as
// long, the first where letters have accents, the second by size. Lines are short (`LENGTH_MAX`), so `.*` is bounded too.

/// Lines that begin like a divider: with a word such as "On", or with a date.
static OPENED: LazyLock<RegexSet> = LazyLock::new(|| {
    all(&[
        // On Monday, 3 May 2021 at 10:00, Ann <a@b> wrote:
        r"^(?:OPENING)[ ,:].*DATE.*\W(?:WROTE)\s?(?:[:：]|-{2,}|>|$).{0,3}$",
        // Am 13.12.2017 schrieb Ann <a@b>:   Op 3 mei schreef Ann:   On 3 May you wrote:
        // Only names may stand behind the verb: "On 3 May the server wrote this:" is a sentence.
        r"^(?:OPENING)[ ,:].*DATE.*\W(?:WROTE) (?-i:(?:[ \x22'<(\[]*(?:\p{Lu}\S*|\S*@\S*|[-|/]|van|der|den|de|von|zu|via|di|da|du|het volgende geschreven)[ ,]*)+)[:：>-]*$",
        // At 6/16/2016 08:32 PM, you wrote:   In message <x@y>, Ann writes:
        r"^(?:at|in message|in article|quoting|zitat von|citando|citation de|selon) .*(?:DATE|ADDRESS).*[:：]$",
        // 2017-11-24 16:32 GMT+01:00 Ann <a@b>:   30.09.2017, 18:30, Ann <a@b>:   2013/7/20 ann <a@b>
        r"^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}.*<\s?(?:mailto:)?ADDRESS\s?>:?$",
        r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}.*ADDRESS\s?>?.{0,3}:$",
        r"^(?:LETTER{2,12}\.?,? )?[0-9]{1,2}\.? LETTER{3,12}\.? [0-9]{4}.*<ADDRESS>(?: (?:WROTE))?:?$",
        // A date, an address and a colon say enough in any language.
        r"^(?:[^\s0-9<>@:/()\[\]-]{1,15} ){0,4}DATE.*<\s?(?:mailto:)?ADDRESS\s?>\)?.{0,40}[:：]$",
        // ---- On Tue, 22 Dec 2015 Ann wrote ----
        r"^-{2,} ?on .{5,} (?:wrote|said)\s?:? ?-{2,}$",
    ])
});

/// Lines that begin with a name or an address.
static NAMED: LazyLock<RegexSet> = LazyLock::new(|| {
    all(&[
        // Ann <a@b> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:   Ann <a@b> wrote:
        r"^.*ADDRESS>?\)?[ ,]*(?:WROTE)(?:\W.{0,99})?[:：]$",
        r"^.{0,79}\W(?:WROTE)\W.{0,19}DATE.{0,60}[:：]$",
        // Mutt: Ann <a@b> [2021-05-03 10:00]:   GroupWise: >>> Ann Doe 5/3/2021 10:00 AM >>>
        r"^.+ADDRESS>? [\[(]?DATE.{0,30}[:：]$",
        r"^.{1,100} DATE.{0,30} >{3}$",
        // Ann (a@b) on <date>:
        r"^LETTER.{0,60} (?:<ADDRESS>|\(ADDRESS\)),? (?:on|le|am|il|el|op) .{0,40}DATE.{0,30}:$",
    ])
});

/// The first piece of a divider that was wrapped within its date: `On Mon, Nov 23, 2026`.
static BEGUN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = spelled_out(r"^(?:[> ]*)(?:OPENING)[ ,].{0,28}\d.{0,20}$");
    Regex::new(&pattern).expect("the pattern is fixed and tested")
});

/// Whether a line may be the beginning of the divider that goes on below it.
pub fn begins(line: &str) -> bool {
    line.len() <= 60 && !line.ends_with(['!', '?', ':']) && BEGUN.is_match(line)
}

fn all(patterns: &[&str]) -> RegexSet {
    let patterns = patterns.iter().map(|pattern| spelled_out(pattern));
    RegexSet::new(patterns).expect("the patterns are fixed and tested")
}

/// A divider behind text on the same line: `reply On Wed, Apr 4, 2012 at 3:59 PM, ann@acme.example wrote:`
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(.{1,200}?)[ \t-]+on (?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? |[0-9]{1,2}[ /.-]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? [0-9]).{0,200}\bwrote:$",
    )
});

/// `Ann Doe wrote:` names no date; it counts only above a quote.
static SHORT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^.{0,99}\W(?:WROTE)\s?[:：]$"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(&spelled_out(pattern)).expect("the patterns are fixed and tested")
}

fn spelled_out(pattern: &str) -> String {
    let pattern = pattern
        .replace("OPENING", OPENING)
        .replace("WROTE", WROTE)
        .replace("DATE", DATE)
        .replace("LETTER", LETTER)
        .replace("ADDRESS", ADDRESS);
    format!("(?i){pattern}")
}

/// What a line that names its writer first can end with. Asked before the patterns: they are slow, and most lines
/// end otherwise.
const ENDINGS: [char; 3] = [':', '：', '>'];

/// What a divider can end with: asked first, as it is asked of many lines.
static END: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?:[:：>-]|WROTE)\s?.{0,3}$"));

/// The divider that begins at line `start`.
pub fn at(lines: &[&str], start: usize) -> Option<Divider> {
    let line = bare(lines.get(start)?);
    if line.is_empty() || line.len() > LENGTH_MAX {
        return None;
    }
    separator(line, start).or_else(|| written(lines, start, line))
}

/// Words that open a divider beside those of `OPENING`.
const MORE_OPENING: [&str; 7] = [
    "at", "in", "quoting", "zitat", "citando", "citation", "selon",
];

/// The first words of what opens a divider, in lower case.
static OPENERS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let listed = OPENING.split('|').chain(MORE_OPENING);
    let first = listed.filter_map(|words| words.split(' ').next());
    first.map(|word| word.replace('\\', "")).collect()
});

/// Whether a divider can begin like this line: with a word such as "On", dashes, a date, or one to four words and a
/// date. By hand, as it is asked of every line of every mail (measured: a third of all reading as a pattern).
fn may_open(line: &str) -> bool {
    if line.starts_with("--") || line.starts_with('在') {
        return true;
    }
    // Up to three signs before a date.
    let first = line
        .chars()
        .take(4)
        .find(|c| c.is_alphanumeric() || *c == '_');
    if first.is_some_and(char::is_numeric) {
        return true;
    }
    let word = line.split([' ', ',', ':', '，']).next().unwrap_or_default();
    if word.len() <= OPENER_MAX && OPENERS.contains(&word.to_lowercase()) {
        return true;
    }
    let is_name = |word: &&str| {
        (1..=15).contains(&word.chars().count())
            && word
                .chars()
                .all(|c| c.is_alphabetic() || c == '.' || c == ',')
    };
    let names = line.split(' ').take(5).take_while(is_name).count();
    names > 0
        && line
            .split(' ')
            .nth(names.min(4))
            .is_some_and(|word| word.starts_with(char::is_numeric))
}

/// No opening word has more bytes.
const OPENER_MAX: usize = 16;

/// A line without what quoting, bold and rules put around it.
fn bare(line: &str) -> &str {
    let around = |c: char| c.is_whitespace() || c == '*' || c == '\u{200b}';
    line.trim_start_matches(|c: char| around(c) || c == '>' || c == '|')
        .trim_end_matches(around)
}

/// Any word of a separator, in either case: one pass before the closer look, which most lines do not need.
static SEPARATING: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let all = SEPARATORS.iter().chain(FORWARDS).chain(REPLY_ABOVE);
    in_either_case(all.flat_map(|words| [(*words).to_owned(), words.replace('\'', "’")]))
});

/// Any word for writing, in either case.
static WRITTEN: LazyLock<AhoCorasick> =
    LazyLock::new(|| in_either_case(WROTE.split('|').map(|word| word.replace('\\', ""))));

/// Finds any of `words`, which are in lower case, in text of either case.
fn in_either_case(words: impl Iterator<Item = String>) -> AhoCorasick {
    let either = words.flat_map(|words| [words.to_uppercase(), words]);
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA)) // asked of every line
        .ascii_case_insensitive(true)
        .build(either)
        .expect("the words are fixed and few")
}

/// `-----Original Message-----`, `Begin forwarded message:`, `-- reply above this line --`.
fn separator(line: &str, start: usize) -> Option<Divider> {
    if !SEPARATING.is_match(line) {
        return None;
    }
    let rule = |c: char| "-_=—–*#~+ <>\t".contains(c);
    let inner = line.trim_matches(rule);
    let dashes = line.len() - inner.len();
    let lower = inner.to_lowercase().replace('’', "'");
    let name = lower.trim_end_matches([':', ' ']);
    let framed = dashes >= 4 || line.starts_with("--");
    let is_separator = framed
        && SEPARATORS
            .iter()
            .any(|s| name == *s || name.starts_with(s) && name.len() < s.len() + 60);
    let is_forward = FORWARDS.iter().any(|f| name.starts_with(f)) && name.len() < 60;
    let is_border = lower.len() < 200 && REPLY_ABOVE.iter().any(|marker| lower.contains(marker));
    (is_separator || is_forward || is_border).then_some(Divider {
        end: start + 1,
        before: 0,
        sure: true,
    })
}

/// `On ... wrote:`, perhaps on several lines.
fn written(lines: &[&str], start: usize, first: &str) -> Option<Divider> {
    let found = opened(lines, start);
    if let Some(end) = found {
        // "I see." above "On Monday, Ann wrote:" begins like a divider itself: the last beginning counts.
        let is_later = (start + 1..end).any(|later| opened(lines, later) == Some(end));
        return (!is_later).then_some(Divider {
            end,
            before: 0,
            sure: true,
        });
    }
    let next = lines
        .get(start + 1)
        .map(|line| bare(line))
        .unwrap_or_default();
    let two = match next.trim_end_matches(['-', ' ']).ends_with(ENDINGS) {
        true => format!("{first} {next}"),
        false => String::new(), // none of the patterns below ends otherwise
    };
    for (end, joined) in [(start + 1, first), (start + 2, two.as_str())] {
        if joined.len() > LENGTH_MAX || joined.is_empty() {
            break;
        }
        if let Some(text) = Some(joined)
            .filter(|joined| joined.ends_with(':'))
            .and_then(|joined| WITHIN.captures(joined))
            .and_then(|found| found.get(1))
            .filter(|text| text.end() <= first.len())
        {
            let indent = lines
                .get(start)
                .and_then(|line| line.find(first))
                .unwrap_or(0);
            let before = first
                .get(..text.end())
                .map_or(0, |text| text.trim_end_matches(['-', ' ']).len());
            return Some(Divider {
                end,
                before: indent + before,
                sure: true,
            });
        }
        // Lotus Notes puts dashes on both sides.
        let joined = joined.trim_matches(['-', ' ']);
        // Over two lines only when the address has begun on the first: else the first is somebody's sentence.
        // Each of these patterns names an address or a date.
        if (end == start + 1 || first.contains(['@', '<']))
            && joined.ends_with(ENDINGS)
            && joined.contains(|c: char| c == '@' || c.is_numeric())
            && NAMED.is_match(joined)
        {
            return Some(Divider {
                end,
                before: 0,
                sure: true,
            });
        }
    }
    (first.ends_with(ENDINGS) && WRITTEN.is_match(first) && SHORT.is_match(first)).then_some(
        Divider {
            end: start + 1,
            before: 0,
            sure: false,
        },
    )
}

/// The end of a divider that begins at line `start` with a word or a date.
fn opened(lines: &[&str], start: usize) -> Option<usize> {
    let first = bare(lines.get(start)?);
    if !may_open(first.trim_start_matches(['-', ' ', '_'])) && !first.starts_with("--") {
        return None;
    }
    let mut joined = String::new();
    let mut blanks = 0;
    for (offset, line) in lines.get(start..)?.iter().take(PIECES_MAX).enumerate() {
        let piece = bare(line);
        if piece.is_empty() {
            blanks += 1;
            if offset == 0 || blanks > 2 {
                return None;
            }
            continue;
        }
        // Behind a blank line only the rest of an address goes on.
        if blanks > 0
            && !piece.starts_with('<')
            && !piece.contains('@')
            && !piece.starts_with("wrote")
        {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(piece);
        if joined.len() > LENGTH_MAX {
            return None;
        }
        let candidate = joined.trim_start_matches(['-', ' ', '_']);
        if candidate.bytes().any(|b| b.is_ascii_digit())
            && END.is_match(&joined)
            && (OPENED.is_match(candidate) || OPENED.is_match(&joined))
        {
            return Some(start + offset + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        at(&text.lines().collect::<Vec<_>>(), 0)
            .filter(|d| d.sure)
            .map(|d| d.end)
    }

    #[test]
    fn programs_and_languages() {
        for text in [
            "On Mon, Apr 2, 2012 at 6:26 PM, Ann One <ann@acme.example> wrote:",
            "Le 19 mars 2014 10:37, Ann <ann@acme.example> a écrit :",
            "Le lun. 3 mai 2021 à 10:00, Ann <ann@acme.example> a écrit :",
            "Am 13.12.2017 21:11 schrieb \"Ann <ann@acme.example>:",
            "Ann Doe <ann@acme.example> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:",
            "El 3 de mayo de 2021 a las 10:00, Ann escribió:",
            "Il 26 marzo 2016 alle 13.16 Ann <ann@acme.example> ha scritto:",
            "Op 13-02-2014 3:18 schreef Ann <ann@acme.example>:",
            "2017-11-24 16:32 GMT+01:00 Ann - Desk <ann@acme.example>:",
            "30.09.2017, 18.30, \"Ann - Doe\" <ann@acme.example>:",
            "---- On Tue, 22 Dec 2015 14:17:36 +0530 Ann<ann@acme.example> wrote ----",
            "At 6/16/2016 08:32 PM, you wrote:",
            "-----Original Message-----",
            "----- Ursprüngliche Nachricht -----",
            "Begin forwarded message:",
            "##- Please type your reply above this line -##",
        ] {
            assert_eq!(end(text), Some(1), "{text}");
        }
        assert_eq!(
            end("On Mon, Aug 26, 2019 at 4:37 PM Ann <\nann@acme.example> wrote:"),
            Some(2)
        );
        assert_eq!(
            end("On Thu, 31 Mar 2016 at 11:16 Ann\n\n<\nmailto:ann@acme.example\n> wrote:"),
            Some(5)
        );
    }

    #[test]
    fn sentences_are_no_dividers() {
        for text in [
            "On this day\n\nI wrote something\n\nwhich was interesting.",
            "On blah-blah-blah",
            "I wrote to you on Monday about this.",
            "Le 3 mai je suis absent.",
            "Original message was lost",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
    }

    #[test]
    fn text_on_the_same_line_is_kept() {
        let line = ["reply On Wed, Apr 4, 2012 at 3:59 PM, ann@acme.example wrote:"];
        assert_eq!(at(&line, 0).map(|d| d.before), Some(5));
    }
}
