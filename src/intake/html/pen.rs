//! How an element looks as text: links with their target, lists with dashes, quotes with `>`, nothing else.

use html2text::render::TextDecorator;

/// Longer targets are tracking data that nobody reads.
const TARGET_BYTES_MAX: usize = 300;

/// Draws elements. Remembers the links it is in.
#[derive(Clone, Debug, Default)]
pub struct Pen {
    targets: Vec<String>,
}

impl TextDecorator for Pen {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.targets.push(url.trim().to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let target = self.targets.pop().unwrap_or_default();
        let is_page = target.starts_with("http://") || target.starts_with("https://");
        let is_short = target.len() <= TARGET_BYTES_MAX;
        if is_page && is_short && !target.contains(char::is_whitespace) {
            format!(" <{target}>")
        } else {
            String::new()
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    // What a picture is called says little, and logos are on every mail.
    fn decorate_image(&mut self, _src: &str, _title: &str) -> (String, ()) {
        (String::new(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }

    fn decorate_superscript_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }
}

/// The text without targets that say nothing new: behind a link whose text is the target, or alone on a line (the link
/// was a picture).
pub fn without_idle_targets(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(" <http") {
        let (before, link) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let end = link.find('>').map_or(link.len(), |end| end + 1);
        let (link, after) = link.split_at_checked(end).unwrap_or((link, ""));
        out.push_str(before);
        let target = link.trim().trim_matches(['<', '>']);
        let bare = |url: &str| {
            let url = url
                .trim_start_matches("https://")
                .trim_start_matches("http://");
            url.trim_start_matches("www.")
                .trim_end_matches('/')
                .to_lowercase()
        };
        let word = out.split_whitespace().next_back().unwrap_or_default();
        let alone = out
            .trim_matches(|c: char| c.is_whitespace() || c == '>')
            .is_empty();
        if !alone && bare(word) != bare(target) {
            out.push_str(link);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_where_they_say_something() {
        assert_eq!(
            without_idle_targets("see here <https://a.example/x>."),
            "see here <https://a.example/x>."
        );
        assert_eq!(
            without_idle_targets("see www.a.example <http://a.example/> now"),
            "see www.a.example now"
        );
        assert_eq!(without_idle_targets(" <https://a.example/pixel>"), "");
    }
}
