//! Reads the Markdown of recipes: headings, paragraphs, lists, bold and code. Everything else is shown as it is written.
//!
//! Links are shown with their address and nothing is fetched. Words stay data: templates escape them.

use serde::Serialize;

/// Lines after which a line break was made by an editor, not by a person.
const WRAPPED_FROM: usize = 60;

/// What belongs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// `heading`, `paragraph`, `steps` or `bullets`.
    pub kind: &'static str,
    /// The steps or points; of a paragraph its lines.
    pub items: Vec<Item>,
}

/// A step, a point, or a line of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What stands before it in plain text: `1. `, `- ` or nothing.
    pub mark: String,
    /// Whether another one follows.
    pub more: bool,
    /// The words, for the text part.
    pub text: String,
    /// The same in pieces, for the HTML part.
    pub spans: Vec<Span>,
}

/// Words that look alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Whether they are bold.
    pub strong: bool,
    /// Whether they are typed as they are.
    pub code: bool,
}

/// Takes a recipe apart.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<(&'static str, Vec<String>)> = Vec::new();
    let mut goes_on = false;
    let mut previous = "";
    for line in text.lines() {
        let bare = line.trim();
        let is_wrapped = previous.chars().count() >= WRAPPED_FROM;
        if bare.is_empty() {
            goes_on = false;
            previous = "";
            continue;
        }
        let (kind, words) = kind(bare);
        let is_list = |kind| matches!(kind, "steps" | "bullets");
        match blocks.last_mut() {
            // `   and wait` below `1. Close it`, or the rest of a line that an editor broke.
            Some((last, items))
                if kind == "paragraph"
                    && (goes_on && (is_wrapped || is_list(*last))
                        || is_list(*last) && line.starts_with(' ')) =>
            {
                if let Some(item) = items.last_mut() {
                    item.push(' ');
                    item.push_str(words);
                }
            }
            Some((last, items))
                if *last == kind && (is_list(kind) || goes_on && kind == "paragraph") =>
            {
                items.push(words.to_owned());
            }
            _ => blocks.push((kind, vec![words.to_owned()])),
        }
        goes_on = kind != "heading";
        previous = bare;
    }
    let item = |kind: &str, position: usize, count: usize, words: &str| {
        let spans = spans(words);
        Item {
            mark: match kind {
                "steps" => format!("{position}. "),
                "bullets" => "- ".to_owned(),
                _ => String::new(),
            },
            more: position < count,
            text: spans.iter().map(|span| span.text.as_str()).collect(),
            spans,
        }
    };
    let block = |(kind, lines): (&'static str, Vec<String>)| Block {
        kind,
        items: (1..)
            .zip(&lines)
            .map(|(position, words)| item(kind, position, lines.len(), words))
            .collect(),
    };
    blocks.into_iter().map(block).collect()
}

/// What a line is, and its words.
fn kind(line: &str) -> (&'static str, &str) {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() && heading.starts_with(' ') {
        return ("heading", heading.trim());
    }
    if let Some(words) = ["- ", "* ", "+ ", "• "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
    {
        return ("bullets", words.trim());
    }
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let (number, behind) = line.split_at(digits);
    let step = behind.strip_prefix(['.', ')']);
    match step.and_then(|step| step.strip_prefix(' ')) {
        Some(step) if (1..=2).contains(&number.len()) => ("steps", step.trim()),
        _ => ("paragraph", line),
    }
}

/// The words of a line with their looks: `**bold**`, `` `code` ``, `[words](address)`.
fn spans(line: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut push = |text: &str, strong: bool, code: bool| {
        if !text.is_empty() {
            let text = text.to_owned();
            spans.push(Span { text, strong, code });
        }
    };
    let mut rest = line;
    while let Some(at) = rest.find(['*', '`', '[']) {
        let (before, here) = rest.split_at(at);
        let marked = |mark: &str| {
            let inner = here.strip_prefix(mark)?;
            inner
                .split_once(mark)
                .filter(|(words, _)| !words.trim().is_empty())
        };
        push(before, false, false);
        rest = if let Some((words, behind)) = marked("**") {
            push(words, true, false);
            behind
        } else if let Some((words, behind)) = marked("`") {
            push(words, false, true);
            behind
        } else if let Some((words, address, behind)) = link(here) {
            push(&format!("{words} ({address})"), false, false);
            behind
        } else {
            let next = here.chars().next().map_or(0, char::len_utf8);
            let (sign, behind) = here.split_at(next);
            push(sign, false, false);
            behind
        };
    }
    push(rest, false, false);
    spans
}

fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (words, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    (!words.contains('[')).then_some((words, address, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let blocks = blocks(text);
        let line = |block: &Block| {
            let items = block.items.iter().map(|item| item.text.as_str());
            format!("{}: {}", block.kind, items.collect::<Vec<_>>().join(" | "))
        };
        blocks.iter().map(line).collect()
    }

    #[test]
    fn a_page_is_taken_apart() {
        let text = "# Before\n\nSave your work.\nClose it.\n\n1. Click **Stop**\n   and wait.\n\n2) Type `vpn`\n- one\n* two\n\nSee [the page](https://x.example).";
        assert_eq!(
            told(text),
            [
                "heading: Before",
                "paragraph: Save your work. | Close it.",
                "steps: Click Stop and wait. | Type vpn",
                "bullets: one | two",
                "paragraph: See the page (https://x.example).",
            ]
        );
        let long =
            "This line is as long as an editor makes them before it breaks one\nand goes on here.";
        assert_eq!(told(long).len(), 1);
        assert!(!told(long)[0].contains('|'));
    }

    #[test]
    fn looks_are_kept_and_signs_that_mean_nothing_stay() {
        let spans = |text: &str| -> Vec<(String, bool, bool)> {
            let spans = super::spans(text).into_iter();
            spans
                .map(|span| (span.text, span.strong, span.code))
                .collect()
        };
        let plain = |text: &str| (text.to_owned(), false, false);
        assert_eq!(
            spans("a **b** `c*` 2*3"),
            [
                plain("a "),
                ("b".to_owned(), true, false),
                plain(" "),
                ("c*".to_owned(), false, true),
                plain(" 2"),
                plain("*"),
                plain("3"),
            ]
        );
        let whole = |text: &str| {
            super::spans(text)
                .iter()
                .map(|span| span.text.clone())
                .collect::<String>()
        };
        for text in ["**", "`", "[a](b", "** **", "[", "a * b"] {
            assert_eq!(whole(text), text);
        }
        assert!(blocks("").is_empty());
    }
}
