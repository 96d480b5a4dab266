//! The new part of a text: without quoted history, signature and footer.
//!
//! The structure of HTML comes first (`html` has marked it), then rules about lines: `history` drops what was written
//! before, with `attribution` ("On ... wrote:") and `block` (the header block of Outlook) as its eyes; `signature` cuts what
//! follows the text. Words of six languages and some neighbours stand in `words`. If nothing would be left, the whole text is
//! the reply: it is never empty when there is text. What we sent ourselves is taken out by `sent`, which needs to know it. The full text is kept elsewhere.

pub mod attribution;
pub mod block;
mod history;
pub mod sent;
mod signature;
pub mod words;

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::html::{HISTORY, HISTORY_END, SIGNATURE, SIGNATURE_END, has_marks, unmarked};

/// The new part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPart {
    /// What is new; everything when nothing is.
    pub text: String,
    /// Whether its writer added nothing to what was written before: no word but a signature, at most a picture.
    pub nothing_new: bool,
}

/// Looks for the new part. `marked`: the whole text, with marks where it came from HTML; `drawn`: the HTML twin of a plain
/// text, with marks, if there is one.
pub fn new_part(marked: &str, drawn: Option<&str>) -> NewPart {
    let whole = unmarked(marked);
    let reply = of_text(marked);
    // The plain form often shows no trace of a quote that the page wraps in an element.
    if let Some(drawn) = drawn
        && !has_marks(marked)
        && drawn.contains(HISTORY)
        && letters(&reply.text) == letters(&whole)
    {
        let reply = of_text(drawn);
        if reply.nothing_new || letters(&reply.text) < letters(&unmarked(drawn)) {
            return reply;
        }
    }
    reply
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn of_text(marked: &str) -> NewPart {
    let whole = unmarked(marked);
    let structural = without_marked(marked);
    let is_all_marked = structural.trim().is_empty();
    let source = if is_all_marked { &whole } else { &structural };
    let source = with_plain_spaces(source);
    let lines: Vec<&str> = source.lines().map(str::trim_end).collect();
    let fresh = history::without(&lines);
    // A signature below a quote hides that the quote stands at the end.
    let unsigned = signature::without(&fresh);
    let bare = match unsigned.len() == fresh.len() {
        true => unsigned,
        false => history::without(&unsigned),
    };
    let text = [&bare, &fresh]
        .into_iter()
        .map(|lines| trimmed(lines))
        .find(|text| has_content(text));
    let has_history =
        is_all_marked || structural != whole || letters_of(&fresh) < letters_of(&lines);
    let says_something = !is_all_marked
        && !signature::is_all(&bare)
        && has_content(&without_places(&trimmed(&bare)));
    NewPart {
        nothing_new: has_content(&whole) && has_history && !says_something,
        text: text.unwrap_or_else(|| trimmed(&lines)),
    }
}

/// How many letters and figures stand on these lines.
fn letters_of(lines: &[&str]) -> usize {
    lines.iter().map(|line| letters(line)).sum()
}

/// Without the words that programs put where a picture or a file is: `[image: photo.jpg]`, `[cid:...]`, `<IMG_1.jpeg>`.
fn without_places(text: &str) -> String {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\[(?:image|cid|inline image|image intégrée|bild|imagen|immagine|afbeelding)\b[^\]\n]{0,200}\]|<[^<>\n@]{1,200}\.(?:jpe?g|png|gif|heic|webp|pdf|mov|mp4)>",
        )
        .expect("the pattern is fixed")
    });
    PLACE.replace_all(text, "").into_owned()
}

/// Whether there is anything to read: a word, a figure, or a sign such as 👍.
fn has_content(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() && !"—–─ᐧ".contains(c))
        || text.contains(":-)")
        || text.contains(":)")
}

/// Lines as text, without blank lines at both ends.
fn trimmed(lines: &[&str]) -> String {
    lines.join("\n").trim_matches('\n').trim_end().to_owned()
}

/// French programs put a no-break space before each colon.
fn with_plain_spaces(text: &str) -> Cow<'_, str> {
    let octets = text.as_bytes();
    let is_there = |space: &str| memmem::find(octets, space.as_bytes()).is_some();
    match is_there("\u{a0}") || is_there("\u{202f}") {
        true => text.replace(['\u{a0}', '\u{202f}'], " ").into(),
        false => text.into(),
    }
}

/// Without what HTML marked as history or signature.
fn without_marked(marked: &str) -> Cow<'_, str> {
    if !has_marks(marked) {
        return marked.into();
    }
    let mut out = String::with_capacity(marked.len());
    let (mut history, mut signature) = (0usize, 0usize);
    for c in marked.chars() {
        match c {
            HISTORY => history += 1,
            HISTORY_END => history = history.saturating_sub(1),
            SIGNATURE => signature += 1,
            SIGNATURE_END => signature = signature.saturating_sub(1),
            c if history + signature == 0 => out.push(c),
            _ => {}
        }
    }
    out.into()
}

#[cfg(test)]
#[path = "tests.rs"]
mod stories;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_history_goes_and_text_below_stays() {
        let marked =
            format!("new\n{HISTORY}old{HISTORY_END}\nbelow\n{SIGNATURE}Ann{SIGNATURE_END}");
        assert_eq!(new_part(&marked, None).text, "new\n\nbelow");
    }

    #[test]
    fn it_is_never_empty_when_there_is_text() {
        for text in [
            "> all quoted",
            "-- \nAnn",
            "On Monday 3 May 2021, Bob wrote:\n> x",
            "Sent from my iPhone",
            "From: a@b.example\nSent: Monday\nTo: c\nSubject: d",
        ] {
            assert!(!new_part(text, None).text.is_empty(), "{text}");
        }
        assert_eq!(new_part("  \n", None), NewPart::default());
    }

    #[test]
    fn an_answer_without_a_word_is_known() {
        let quote = "Le lun. 23 nov. 2026 à 09:00, Desk <desk@acme.example> a écrit :\n> /resolu\n> Bonjour";
        for above in [
            "",
            "-- \nAnn Martin\nAcme\n",
            "Envoyé de mon iPhone\n",
            "[image: photo.jpg]\n",
            "<IMG_1234.jpeg>\n\n-- \nAnn",
        ] {
            assert!(
                new_part(&format!("{above}\n{quote}"), None).nothing_new,
                "{above}"
            );
        }
        for above in ["Merci", "ok\n-- \nAnn", "/resolu", "👍", "Cordialement"] {
            assert!(
                !new_part(&format!("{above}\n\n{quote}"), None).nothing_new,
                "{above}"
            );
        }
        let page = format!("{SIGNATURE}Ann{SIGNATURE_END}\n{HISTORY}old{HISTORY_END}");
        assert!(new_part(&page, None).nothing_new);
        assert!(!new_part("Bonjour, rien ne marche", None).nothing_new);
    }

    #[test]
    fn the_page_helps_where_the_plain_form_shows_nothing() {
        let drawn = format!("new words\n{HISTORY}old words{HISTORY_END}");
        assert_eq!(
            new_part("new words\nold words", Some(&drawn)).text,
            "new words"
        );
    }
}
