//! Puts the style sheet of an HTML template into its tags, once, when the templates of a language are compiled.
//!
//! Many mail clients ignore `<style>`, so each tag has to carry its own style. css-inline does that for whole
//! documents; here the document is a template: what handlebars fills in later is replaced by marks before
//! and put back after. Colours of the theme are filled in on the way, because a style sheet has to be whole.
//! Rules within `@media` (dark mode) cannot be in a tag and stay in the sheet.

use css_inline::{CSSInliner, InlineError};
use handlebars::Template;
use handlebars::template::{HelperTemplate, TemplateElement};

use super::theme::Theme;

/// Private-use characters: no template has a reason to contain them, HTML and CSS take them for letters.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The template with its style sheet in its tags. The error is a sentence.
pub fn inline(template: &Template, theme: &Theme) -> Result<Template, String> {
    let mut page = Page {
        theme,
        html: String::new(),
        place: Place::Text,
        marks: Vec::new(),
    };
    page.template(template)?;
    let inliner = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(false)
        .keep_at_rules(true)
        .build();
    let html = inliner.inline(&page.html).map_err(|error| match error {
        InlineError::ParseError(reason) => format!("the style sheet: {reason}"),
        other => format!("the style sheet: {other}"),
    })?;
    let html = sheet_last(html);
    let mut rest = Rest {
        html: &html,
        marks: page.marks.into_iter().map(Some).collect(),
    };
    let (mut whole, end) = rest.template()?;
    if end.is_some() || rest.marks.iter().any(Option::is_some) {
        return Err(MISPLACED.to_owned());
    }
    whole.name.clone_from(&template.name);
    Ok(whole)
}

/// css-inline puts what it keeps of the sheet before all else in the head, where it would push the declaration of
/// the character set behind the 1,024 octets in which browsers look for it.
fn sheet_last(html: String) -> String {
    let parts = html.split_once("<head><style>").and_then(|(before, rest)| {
        let (sheet, rest) = rest.split_once("</style>")?;
        let (head, rest) = rest.split_once("</head>")?;
        let head = head.trim();
        Some(format!(
            "{before}<head>\n{head}\n<style>{}\n</style>\n</head>{rest}",
            sheet.trim()
        ))
    });
    parts.unwrap_or(html)
}

/// What a mark stands for.
enum Mark {
    /// A value or a partial.
    Leaf(TemplateElement),
    /// The beginning of a block.
    Block(Box<HelperTemplate>),
    /// The `{{else}}` of the block with this number.
    Else(usize),
    /// The end of the block with this number.
    End(usize),
}

/// Where in the HTML we are; the little that is needed to know how a mark has to look.
#[derive(Clone, PartialEq)]
enum Place {
    Text,
    /// `<...`, with the name of the tag so far.
    Tag(String),
    /// Within quotation marks of a tag.
    Value(String, char),
    /// Within `<title>` or `<style>`, which know no tags but their own end.
    Raw(String),
    Comment,
}

/// The template as a document with marks.
struct Page<'a> {
    theme: &'a Theme,
    html: String,
    place: Place,
    marks: Vec<Mark>,
}

impl Page<'_> {
    fn template(&mut self, template: &Template) -> Result<(), String> {
        for element in &template.elements {
            match element {
                TemplateElement::RawString(text) => self.text(text),
                TemplateElement::Comment(_) => {}
                TemplateElement::HelperBlock(block) => {
                    let mut opened = block.clone();
                    let (inner, inverse) = (opened.template.take(), opened.inverse.take());
                    let (begin, number) = (self.place.clone(), self.marks.len());
                    self.mark(Mark::Block(opened))?;
                    inner.iter().try_for_each(|inner| self.template(inner))?;
                    if let Some(inverse) = &inverse {
                        self.same_place(&begin)?;
                        self.mark(Mark::Else(number))?;
                        self.template(inverse)?;
                    }
                    self.same_place(&begin)?;
                    self.mark(Mark::End(number))?;
                }
                TemplateElement::Expression(expression) => {
                    let name = expression.name.as_name().unwrap_or_default();
                    match name.strip_prefix("theme.") {
                        Some(name) => {
                            let value = self.theme.value(name);
                            let value =
                                value.ok_or_else(|| format!("there is no `theme.{name}`"))?;
                            self.text(value);
                        }
                        None => self.mark(Mark::Leaf(element.clone()))?,
                    }
                }
                other => self.mark(Mark::Leaf(other.clone()))?,
            }
        }
        Ok(())
    }

    fn same_place(&self, begin: &Place) -> Result<(), String> {
        if self.place == *begin {
            Ok(())
        } else {
            Err(
                "a tag or value that begins within {{#if}} or {{#each}} has to end there"
                    .to_owned(),
            )
        }
    }

    fn mark(&mut self, mark: Mark) -> Result<(), String> {
        let number = self.marks.len();
        self.marks.push(mark);
        let mark = format!("{OPEN}{number}{CLOSE}");
        match self.place {
            // A comment may stand where text would be pushed out of a table.
            Place::Text => self.html.push_str(&format!("<!--{mark}-->")),
            Place::Value(..) | Place::Raw(_) | Place::Comment => self.html.push_str(&mark),
            Place::Tag(_) => {
                return Err(
                    "{{...}} within a tag has to stand within the quotation marks of a value"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let start = self.html.len();
        for (at, c) in text.char_indices() {
            if [OPEN, CLOSE].contains(&c) {
                continue;
            }
            self.html.push(c);
            let recent = self
                .html
                .get(start.max(self.html.len().saturating_sub(12))..);
            let ends = |what: &str| recent.is_some_and(|recent| recent.ends_with(what));
            self.place = match std::mem::replace(&mut self.place, Place::Text) {
                Place::Text if c == '<' => Place::Tag(String::new()),
                Place::Text => Place::Text,
                Place::Tag(name) if name.is_empty() && ends("<!--") => Place::Comment,
                Place::Tag(name) => {
                    if c == '>' && name.trim_end() == "table" {
                        self.rows_begin(text.get(at + 1..).unwrap_or_default());
                    }
                    tag(name, c)
                }
                Place::Value(name, quote) if c == quote => Place::Tag(name),
                Place::Raw(name) if c == '>' && ends(&format!("</{name}>")) => Place::Text,
                Place::Comment if ends("-->") => Place::Text,
                other => other,
            };
        }
    }

    /// HTML puts a `<tbody>` before the first row, which may be within an `{{#each}}`; here it comes before that.
    fn rows_begin(&mut self, after: &str) {
        let after = after.trim_start().to_ascii_lowercase();
        let others = ["<tbody", "<thead", "<caption", "<colgroup"];
        if !others.iter().any(|other| after.starts_with(other)) {
            self.html.push_str("<tbody>");
        }
    }
}

/// The place after one more character of a tag. The name ends with a space that no name has.
fn tag(mut name: String, c: char) -> Place {
    match c {
        '"' | '\'' => Place::Value(name, c),
        '>' if ["title", "style"].contains(&name.trim_end()) => {
            Place::Raw(name.trim_end().to_owned())
        }
        '>' => Place::Text,
        _ if name.ends_with(' ') => Place::Tag(name),
        c if c.is_ascii_alphanumeric() || c == '/' => {
            name.push(c.to_ascii_lowercase());
            Place::Tag(name)
        }
        '!' | '-' => Place::Tag(name),
        _ => {
            name.push(' ');
            Place::Tag(name)
        }
    }
}

/// What is left of the finished document, and the marks that must still come. css-inline sorts the values of a
/// tag, so only blocks have an order.
struct Rest<'a> {
    html: &'a str,
    marks: Vec<Option<Mark>>,
}

impl Rest<'_> {
    /// Up to the mark that ends the block we are in, or to the end of the document.
    fn template(&mut self) -> Result<(Template, Option<Mark>), String> {
        let mut whole = Template::default();
        while let Some((number, mark)) = self.next(&mut whole)? {
            match mark {
                Mark::Leaf(element) => whole.elements.push(element),
                Mark::Block(mut block) => {
                    let (inner, mut end) = self.template()?;
                    block.template = Some(inner);
                    if matches!(end, Some(Mark::Else(of)) if of == number) {
                        let (inverse, end_of_inverse) = self.template()?;
                        block.inverse = Some(inverse);
                        end = end_of_inverse;
                    }
                    if !matches!(end, Some(Mark::End(of)) if of == number) {
                        return Err(MISPLACED.to_owned());
                    }
                    whole.elements.push(TemplateElement::HelperBlock(block));
                }
                end => return Ok((whole, Some(end))),
            }
        }
        Ok((whole, None))
    }

    /// Moves what stands before the next mark to `whole`; gives the mark.
    fn next(&mut self, whole: &mut Template) -> Result<Option<(usize, Mark)>, String> {
        let (before, after) = self.html.split_once(OPEN).unwrap_or((self.html, ""));
        let is_last = before.len() == self.html.len();
        let (number, after) = match is_last {
            true => ("", ""),
            false => after.split_once(CLOSE).ok_or(MISPLACED)?,
        };
        let (before, after) = match (before.strip_suffix("<!--"), after.strip_prefix("-->")) {
            (Some(before), Some(after)) => (before, after),
            _ => (before, after),
        };
        self.html = after;
        if !before.is_empty() {
            let text = TemplateElement::RawString(before.to_owned());
            whole.elements.push(text);
        }
        if is_last {
            return Ok(None);
        }
        let number: usize = number.parse().map_err(|_| MISPLACED)?;
        let mark = self.marks.get_mut(number).and_then(Option::take);
        Ok(Some((number, mark.ok_or(MISPLACED)?)))
    }
}

/// HTML moves what stands in the wrong place, and css-inline writes it where it was moved to.
const MISPLACED: &str = "tags are not closed in the order in which they were opened, or stand where HTML does not allow them";

#[cfg(test)]
mod tests {
    use super::*;

    fn inlined(source: &str) -> Result<String, String> {
        let theme = Theme::load(None, None).unwrap();
        let template = inline(&Template::compile(source).unwrap(), &theme)?;
        let mut templates = handlebars::Handlebars::new();
        templates.register_template("x", template);
        let seen =
            serde_json::json!({ "yes": true, "no": false, "list": ["a", "b"], "word": "<w>" });
        Ok(templates.render("x", &seen).unwrap())
    }

    #[test]
    fn a_sheet_goes_into_the_tags_and_the_template_stays_one() {
        let html = inlined(
            "<!DOCTYPE html>\n<html><head><title>{{word}}</title><style>\n\
             p { margin: 0 }\n.soft { color: {{theme.accent}} }\n\
             @media (prefers-color-scheme: dark) {\n.soft { color: #fff !important }\n}\n</style></head><body>\
             <table>{{#each list}}<tr><td class=\"soft\" title=\"{{this}}\">{{this}}</td></tr>{{/each}}</table>\
             {{#if no}}<p>no</p>{{else if yes}}<p>yes &amp; {{word}}</p>{{else}}<p>else</p>{{/if}}</body></html>",
        )
        .unwrap();
        for part in [
            "<!DOCTYPE html>",
            "<title>&lt;w&gt;</title>",
            "@media (prefers-color-scheme: dark)",
            "#fff !important",
            "<tr><td class=\"soft\" title=\"a\" style=\"color: #1a5f9e",
            ">a</td></tr><tr>",
            "yes &amp; &lt;w&gt;</p>",
            "<p style=\"margin: 0",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        for part in [
            ">no<",
            ">else<",
            "<!--",
            "\u{e000}",
            ".soft { color: #1a5f9e",
        ] {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn what_html_would_move_is_refused() {
        for (source, words) in [
            (
                "<table><tr><td>{{#if yes}}</td></tr></table>{{/if}}<table>{{word}}<tr>x",
                "",
            ),
            ("<p {{#if yes}}class=\"a\"{{/if}}>x</p>", "quotation marks"),
            ("<p class=\"{{#if yes}}a\">{{/if}}x</p>", "has to end there"),
        ] {
            match inlined(source) {
                Ok(html) => assert!(words.is_empty(), "{html}"),
                Err(error) => assert!(error.contains(words), "{error}"),
            }
        }
    }
}
