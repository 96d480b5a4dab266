//! Letters as wholes: every notice in every language, headers, hostile words.

use super::*;

#[test]
fn every_notice_renders_in_every_language() {
    let scribe = Scribe::load(None).unwrap();
    let locales: Vec<_> = scribe.locales().map(Locale::as_str).collect();
    assert_eq!(locales, ["en", "fr"]);
}
