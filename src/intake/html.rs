//! HTML to text, with the quoted history marked.
//!
//! The structure of a page says more surely than its words where history begins: each mail program wraps it in
//! an element of its own. Such elements are marked before the page is drawn as text, and the text rules of
//! `reply` see the marks. Nothing is loaded, no script or style is looked at.

mod pen;

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use html2text::config;
use html2text::{Element, Handle, RcDom};
use memchr::memchr;
use regex::Regex;

use pen::{Pen, without_idle_targets};

/// Stands before quoted history. From the private use area; taken out of every text that comes in.
pub const HISTORY: char = '\u{f8f0}';
/// Stands after a quoted piece that has an end.
pub const HISTORY_END: char = '\u{f8f1}';
/// Stands before a signature.
pub const SIGNATURE: char = '\u{f8f2}';
/// Stands after it.
pub const SIGNATURE_END: char = '\u{f8f3}';
/// The first octet of each mark in UTF-8.
const MARK_OCTET: u8 = 0xef;

/// Deeper pages are stripped of their tags instead of drawn: drawing recurses.
const DEPTH_MAX: usize = 400;
/// And so are pages that open more elements than they close: building their tree takes time by the square.
const OPEN_MAX: usize = 2000;
/// And so are pages of more elements: each costs a kilobyte while it is drawn. Long threads have some ten thousand tags.
const TAGS_MAX: usize = 60_000;
/// Elements that HTML closes by itself.
const CLOSED_ALONE: [&str; 26] = [
    "area", "base", "body", "br", "col", "dd", "dt", "embed", "head", "hr", "html", "img", "input",
    "li", "link", "meta", "option", "p", "source", "tbody", "td", "tfoot", "th", "thead", "tr",
    "wbr",
];
/// Lines are wrapped by readers, not here; a bound is needed for rules and tables.
const WIDTH: usize = 2000;

/// At most how many elements are open at once, by counting tags.
fn open_at_once(html: &str) -> usize {
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut now, mut most) = (0usize, 0usize);
    for tag in html.split('<').skip(1) {
        let (closing, tag) = tag
            .strip_prefix('/')
            .map_or((false, tag), |tag| (true, tag));
        let name: String = tag
            .chars()
            .take(12)
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || CLOSED_ALONE.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if !closing {
            *count += 1;
            now += 1;
            most = most.max(now);
        } else if *count > 0 {
            *count -= 1;
            now -= 1;
        }
    }
    most
}

/// Whether a sign is one of the marks above.
pub fn is_mark(c: char) -> bool {
    (HISTORY..=SIGNATURE_END).contains(&c)
}

/// Whether a text has marks. Most have none, and the first octet of a mark is found faster than the mark.
pub fn has_marks(text: &str) -> bool {
    memchr(MARK_OCTET, text.as_bytes()).is_some() && text.contains(is_mark)
}

/// The text without the marks.
pub fn unmarked(text: &str) -> Cow<'_, str> {
    match has_marks(text) {
        true => text.replace(is_mark, "").into(),
        false => text.into(),
    }
}

/// Whether a page can hold an element that `role` takes for history. Asked before a page is drawn that stands beside a plain
/// text: drawing takes longer than all the rest.
pub fn may_hold_history(page: &[u8]) -> bool {
    static SIGNS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA)) // asked of whole pages
            .ascii_case_insensitive(true)
            .build([
                "quote",
                "divRplyFwdMsg",
                "reference-message",
                "OLK_SRC_BODY",
                "reply-intro",
                "isReplyContent",
                "stopSpelling",
                "zwchr",
                "__DIVIDER__",
                "gmail_extra",
                "moz-cite-prefix",
                "zmail_extra",
                "history_container",
                "messageReplySection",
                "border-top",
            ])
            .expect("the words are fixed")
    });
    // UTF-16 is not looked into.
    page.contains(&0) || SIGNS.is_match(page)
}

/// The page as text with marks.
pub fn to_text(html: &str) -> String {
    // Raised figures are prices; the library would draw `<sup>90</sup>` in letters of its own.
    static RAISED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)<(/?)sup\b").expect("the pattern is fixed"));
    let html = html.replace(is_mark, "");
    let html = RAISED.replace_all(&html, "<${1}span");
    let tags = html.bytes().filter(|&b| b == b'<').count();
    let page = Some(&html).filter(|html| tags <= TAGS_MAX && open_at_once(html) <= OPEN_MAX);
    // The library has panicked on odd tables; a page without its structure is better than none.
    let text = page.and_then(|html| catch_unwind(|| drawn(html)).ok().flatten());
    text.map_or_else(|| stripped(&html), |text| tidied(&text))
}

fn drawn(html: &str) -> Option<String> {
    let settings = config::with_decorator(Pen::default())
        .raw_mode(true)
        .allow_width_overflow()
        .no_link_wrapping()
        .link_footnotes(false);
    let dom = settings.parse_html(html.as_bytes()).ok()?;
    let marks = Marks::new(&settings)?;
    mark(&dom, &marks)?;
    let tree = settings.dom_to_render_tree(&dom).ok()?;
    settings.render_to_string(tree, WIDTH).ok()
}

/// Nodes holding a mark each, taken from a page of their own: the library makes none on demand. The page is kept, as
/// one that is dropped takes the text out of its nodes.
struct Marks {
    nodes: Vec<Handle>,
    _page: RcDom,
}

impl Marks {
    fn new(settings: &config::Config<Pen>) -> Option<Self> {
        let page: String = (HISTORY..=SIGNATURE_END)
            .map(|sign| format!("<p>{sign}</p>"))
            .collect();
        let page = settings.parse_html(page.as_bytes()).ok()?;
        let nodes = find(&page.document, "body")?.children.borrow().clone();
        Some(Self { nodes, _page: page })
    }

    fn get(&self, sign: char) -> Option<Handle> {
        let index = (sign as u32).checked_sub(HISTORY as u32)?;
        self.nodes.get(index as usize).cloned()
    }
}

/// The first element of that name, depth first.
fn find(node: &Handle, name: &str) -> Option<Handle> {
    let mut open = vec![node.clone()];
    while let Some(node) = open.pop() {
        if element_name(&node).as_deref() == Some(name) {
            return Some(node);
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    None
}

fn element_name(node: &Handle) -> Option<String> {
    node.element_name()
}

fn attribute(node: &Handle, wanted: &str) -> String {
    if let Element { attrs, .. } = &node.data {
        for attribute in attrs.borrow().iter() {
            if &*attribute.name.local == wanted {
                return attribute.value.to_string();
            }
        }
    }
    String::new()
}

/// What an element is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// History from here to the end of the element.
    Quote,
    /// History from here to the end of the page.
    Rest,
    Signature,
    Plain,
}

/// Puts the marks in. `None` when the page is too deep to be drawn.
fn mark(dom: &RcDom, marks: &Marks) -> Option<()> {
    let mut open = vec![(dom.document.clone(), 0usize)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEPTH_MAX {
            return None;
        }
        forget_spans(&node);
        let children = node.children.borrow().clone();
        let mut kept = Vec::with_capacity(children.len());
        for child in children {
            let role = role(&child);
            let (before, after) = match role {
                Role::Quote => (Some(HISTORY), Some(HISTORY_END)),
                Role::Rest => (Some(HISTORY), None),
                Role::Signature => (Some(SIGNATURE), Some(SIGNATURE_END)),
                Role::Plain => (None, None),
            };
            kept.extend(before.and_then(|sign| marks.get(sign)));
            kept.push(child.clone());
            kept.extend(after.and_then(|sign| marks.get(sign)));
            open.push((child, depth + 1));
        }
        *node.children.borrow_mut() = kept;
    }
    Some(())
}

/// Every cell is drawn on a line of its own, so it does not matter how many columns and rows it spans; some values make the
/// library panic or count to a thousand million.
fn forget_spans(node: &Handle) {
    if let Element { attrs, .. } = &node.data {
        attrs
            .borrow_mut()
            .retain(|attribute| !matches!(&*attribute.name.local, "colspan" | "rowspan"));
    }
}

/// Which mail program's mark an element carries.
fn role(node: &Handle) -> Role {
    let Some(name) = element_name(node) else {
        return Role::Plain;
    };
    let (id, class) = (attribute(node, "id"), attribute(node, "class"));
    let has = |wanted: &str| {
        class
            .split_whitespace()
            .any(|c| c.eq_ignore_ascii_case(wanted))
    };
    let id = id.trim_start_matches("x_");
    // Outlook on the web and on the phone: everything behind this line is history.
    if id.eq_ignore_ascii_case("divRplyFwdMsg")
        || id.eq_ignore_ascii_case("mail-editor-reference-message-container")
        || id == "OLK_SRC_BODY_SECTION"
        || id == "reply-intro"
        || id == "isReplyContent"
        || id == "stopSpelling"
        || id == "hmQuote"
        || id == "zwchr" // Zimbra's rule
        || id == "wmQuoteWrapper" // WorkMail
        || attribute(node, "data-marker") == "__DIVIDER__"
    {
        return Role::Rest;
    }
    let quotes = [
        "gmail_quote", // Gmail
        "gmail_quote_container",
        "gmail_extra",      // and its older versions
        "yahoo_quoted",     // Yahoo
        "protonmail_quote", // Proton
        "moz-cite-prefix",  // Thunderbird: the line before the quote
        "zmail_extra",      // Zoho
        "quoted-plain-text",
        "freebirdReplyQuote",
        "history_container",
        "tutanota_quote",
        "ik_mail_quote", // Infomaniak
        "front-blockquote",
        "sh-quoted-content", // Superhuman
    ];
    let named = attribute(node, "name");
    let by_attribute = named == "messageReplySection" // Spark
        || named == "quote" && name == "div" // GMX, web.de
        || attribute(node, "data-marker") == "__QUOTED_TEXT__"; // Zimbra
    if by_attribute || quotes.iter().any(|quote| has(quote)) {
        return Role::Quote;
    }
    if name == "blockquote" && is_cited(node) {
        return Role::Quote;
    }
    if is_outlook_border(node, &name) {
        return Role::Rest;
    }
    let signatures = [
        "gmail_signature",
        "moz-signature",
        "protonmail_signature_block",
        "zmail_signature_below",
    ];
    if signatures.iter().any(|signature| has(signature))
        || id == "Signature"
        || id == "ms-outlook-mobile-signature"
        || id == "AppleMailSignature"
        || id == "_rc_sig" // Roundcube
        || named == "messageSignatureSection"
        || attribute(node, "data-marker").starts_with("__SIG_")
    {
        return Role::Signature;
    }
    Role::Plain
}

/// A `blockquote` that a mail program made to quote. Indented paragraphs are made of it too, but with a style.
fn is_cited(node: &Handle) -> bool {
    let style = attribute(node, "style");
    let plain = style.is_empty() && attribute(node, "class").is_empty();
    plain
        || attribute(node, "type").eq_ignore_ascii_case("cite")
        || !attribute(node, "cite").is_empty()
        || style.contains("border-left")
}

/// Outlook on the desktop draws a thin line above the header block of the history.
fn is_outlook_border(node: &Handle, name: &str) -> bool {
    if name != "div" {
        return false;
    }
    let style: String = attribute(node, "style")
        .to_ascii_lowercase()
        .split_whitespace()
        .collect();
    let colour = style.contains("border-top:solid#b5c4df1.0pt")
        || style.contains("border-top:solid#e1e1e11.0pt");
    // Windows Mail
    let windows = style.contains("border-top-color:rgb(229,229,229)")
        && style.contains("border-top-style:solid");
    let plain = style.starts_with("border:none;border-top:solid")
        && (style.contains("padding:3.0pt0cm0cm0cm") || style.contains("padding:3.0pt0in0in0in"));
    colour || plain || windows
}

/// Blank lines in a row become one, rules short, no-break spaces plain, ends of lines bare.
fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        let line = line.replace('\u{a0}', " ");
        let line = without_idle_targets(line.trim_end());
        let line = line.trim_end();
        let rule = line.len() > 60 && line.chars().all(|c| c == '─' || c == '-');
        let bare = line.trim_matches(|c: char| c.is_whitespace() || c == '>');
        if bare.is_empty() {
            blank += 1;
            if blank > 1 {
                continue;
            }
        } else {
            blank = 0;
        }
        out.push_str(if rule { "--------" } else { line });
        out.push('\n');
    }
    out.trim_matches('\n').to_owned()
}

/// The page without its tags, for pages that cannot be drawn.
fn stripped(html: &str) -> String {
    static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?is)<!--.*?-->|<(?:style|script|title)\b.*?</(?:style|script|title)\s*>")
            .expect("the pattern is fixed")
    });
    let html = UNSEEN.replace_all(html, " ");
    let mut out = String::with_capacity(html.len() / 2);
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                out.push(' ');
            }
            _ if !in_tag => out.push(c),
            _ => {}
        }
    }
    out.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_do_not_stick_together() {
        let text = to_text(
            "<table><tr><td>one</td><td>two</td></tr></table><p>caf&eacute;</p>3,<sup>90</sup>",
        );
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["one", "two", "café", "3,90"]
        );
    }

    #[test]
    fn history_is_marked_and_the_marks_come_off() {
        let text = to_text("<div>new</div><div class=\"gmail_quote\">old</div><p>below</p>");
        let history = text.split(HISTORY).nth(1).unwrap();
        assert!(history.contains("old") && text.starts_with("new"));
        assert!(history.split(HISTORY_END).nth(1).unwrap().contains("below"));
        assert!(!unmarked(&text).contains(is_mark));
    }

    #[test]
    fn no_page_with_history_is_left_undrawn() {
        for page in [
            "<div class=gmail_quote>",
            "<blockquote type=cite>",
            "<div id=x_divRplyFwdMsg>",
            "<div id=mail-editor-reference-message-container>",
            "<div class=yahoo_quoted>",
            "<div class=moz-cite-prefix>",
            "<p id=reply-intro>",
            "<hr id=zwchr>",
            "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>",
            "<div name=quote>",
            "<div name=messageReplySection>",
            "<div data-marker=__DIVIDER__>",
            "<div id=hmQuote>",
            "<div class=zmail_extra>",
            "<div class=ik_mail_quote>",
            "<div id=isReplyContent>",
        ] {
            assert!(
                to_text(&format!("new{page}old")).contains(HISTORY),
                "{page}"
            );
            assert!(may_hold_history(page.as_bytes()), "{page}");
        }
        assert!(!may_hold_history(b"<p>Bonjour</p>"));
    }

    #[test]
    fn marks_cannot_be_sent_in() {
        assert_eq!(to_text("a\u{f8f0}b"), "ab");
    }

    #[test]
    fn a_page_too_deep_to_draw_is_stripped() {
        let deep = format!("{}text{}", "<div>".repeat(5000), "</div>".repeat(5000));
        assert_eq!(to_text(&deep).trim(), "text");
        assert_eq!(
            stripped("<style>p{}</style><p>a &amp; b</p><!-- c -->").trim(),
            "a & b"
        );
    }

    #[test]
    fn cells_that_contradict_each_other_are_drawn() {
        let table = "<table><tr><td colspan=4>a<td rowspan=999999999>b</tr><tr><td colspan=999999999>c</table>";
        assert_eq!(to_text(table).split_whitespace().collect::<String>(), "abc");
    }
}
