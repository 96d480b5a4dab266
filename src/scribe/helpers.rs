//! What templates can call: `quote` and `lines` set people's words apart, `url` makes a value safe in a link,
//! `number` and `duration` (of minutes) write as the reader's language does.
//!
//! Helpers see only the value they are given: no clock, no files, no network (T14).

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason,
};

use super::language::Strings;
use crate::desk::ids::Address;

/// Makes `quote` (in text), `lines` (in HTML), `url`, `number` and `duration` known to a set of templates.
pub fn register(templates: &mut Handlebars<'static>, strings: &Strings) {
    register_words(templates);
    let (numbers, durations) = (strings.clone(), strings.clone());
    let number = move |helper: &Helper<'_>,
                       _: &Handlebars<'_>,
                       _: &Context,
                       _: &mut RenderContext<'_, '_>,
                       out: &mut dyn Output|
          -> HelperResult {
        let value = helper.param(0).and_then(|value| value.value().as_f64());
        let value = value.ok_or(RenderErrorReason::InvalidParamType("number"))?;
        Ok(out.write(&numbers.number(value))?)
    };
    let duration = move |helper: &Helper<'_>,
                         _: &Handlebars<'_>,
                         _: &Context,
                         _: &mut RenderContext<'_, '_>,
                         out: &mut dyn Output|
          -> HelperResult {
        let value = helper.param(0).and_then(|value| value.value().as_u64());
        let value = value.ok_or(RenderErrorReason::InvalidParamType("minutes"))?;
        Ok(out.write(&durations.duration(value))?)
    };
    templates.register_helper("number", Box::new(number));
    templates.register_helper("duration", Box::new(duration));
}

fn register_words(templates: &mut Handlebars<'static>) {
    templates.register_helper("quote", Box::new(quote));
    templates.register_helper("lines", Box::new(lines));
    templates.register_helper("url", Box::new(url));
}

/// Escapes what HTML gives a meaning to, within text and within quoted attributes.
/// Unlike the library's own it leaves `=` and the backtick alone, so that the source stays readable.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Percent-encodes everything but RFC 3986 2.3's unreserved characters: `%20` for a space as RFC 6068 wants,
/// `%0D%0A` for the end of a line.
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => {
                out.push('%');
                out.push(hexadecimal(byte >> 4));
                out.push(hexadecimal(byte & 15));
            }
        }
    }
    out
}

/// A digit below 16 as RFC 3986 2.1 wants it.
fn hexadecimal(digit: u8) -> char {
    char::from(match digit {
        0..10 => b'0' + digit,
        _ => b'A' + (digit - 10),
    })
}

/// RFC 6068 5: the address and the values percent-encoded, a line of the body ended by `%0D%0A`.
pub fn mailto(to: &Address, subject: &str, word: &str) -> String {
    // The `@` is left as it is: some clients do not decode it.
    let to = format!(
        "{}@{}",
        percent_encoded(to.local()),
        percent_encoded(to.domain())
    );
    let subject = percent_encoded(subject);
    if word.is_empty() {
        return format!("mailto:{to}?subject={subject}");
    }
    let body = percent_encoded(&format!("{word}\r\n"));
    format!("mailto:{to}?subject={subject}&body={body}")
}

/// `{{quote text}}`: each line with `> ` before it.
fn quote(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for (number, line) in text_of(helper, "quote")?.split('\n').enumerate() {
        if number > 0 {
            out.write("\n")?;
        }
        out.write(if line.is_empty() { ">" } else { "> " })?;
        out.write(line)?;
    }
    Ok(())
}

/// `{{lines text}}`: escaped, ends of lines kept as `<br>`, blanks at the beginning of a line kept.
fn lines(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for (number, line) in text_of(helper, "lines")?.split('\n').enumerate() {
        if number > 0 {
            out.write("<br>\n")?;
        }
        let content = line.trim_start_matches([' ', '\t']);
        let (blanks, _) = line.split_at(line.len() - content.len());
        for blank in blanks.chars() {
            out.write(if blank == '\t' {
                "&nbsp;&nbsp;&nbsp; "
            } else {
                "&nbsp;"
            })?;
        }
        out.write(&escape(content))?;
    }
    Ok(())
}

/// `{{url text}}`: percent-encoded.
fn url(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&percent_encoded(text_of(helper, "url")?))?;
    Ok(())
}

fn text_of<'a>(helper: &'a Helper<'_>, name: &'static str) -> Result<&'a str, RenderErrorReason> {
    let value = helper
        .param(0)
        .ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))?;
    value
        .value()
        .as_str()
        .ok_or(RenderErrorReason::InvalidParamType("text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str, text: &str) -> String {
        let mut templates = Handlebars::new();
        register_words(&mut templates);
        templates.register_escape_fn(escape);
        templates
            .render_template(template, &serde_json::json!({ "text": text }))
            .unwrap()
    }

    #[test]
    fn words_are_set_apart_line_by_line() {
        assert_eq!(rendered("{{quote text}}", "a\n\n> b"), "> a\n>\n> > b");
        assert_eq!(
            rendered("{{lines text}}", "<b>\n  l'été"),
            "&lt;b&gt;<br>\n&nbsp;&nbsp;l&#39;été"
        );
    }

    #[test]
    fn a_value_in_a_link_cannot_add_to_it() {
        assert_eq!(
            rendered("{{url text}}", "a&bcc=x é\r\n"),
            "a%26bcc%3Dx%20%C3%A9%0D%0A"
        );
    }
}
