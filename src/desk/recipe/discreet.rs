//! Keeps a ticket's people out of what becomes a recipe: names, addresses, telephone numbers.
//!
//! What is left out is shown as an ellipsis, so that the technician who reads the draft sees where to write on. A
//! name that nobody of the ticket has cannot be known; the technician decides.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::desk::command::fold;
use crate::desk::discretion;
use crate::desk::ids::Address;

/// Stands for what was left out.
pub const LEFT_OUT: &str = "…";
/// A name of fewer letters is left out only as it is written: `May` is one, `may` is none.
const PLAIN_LETTERS: usize = 4;
/// The part of an address before the `@` holds names of so many letters; shorter parts are initials.
const LOCAL_LETTERS: usize = 3;
/// A telephone number has so many digits; dates and versions have fewer.
const PHONE_DIGITS: usize = 9;

static ADDRESSES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+")
        .expect("a fixed pattern")
});
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\+|\b)[0-9](?:[ .\-/()\u{a0}]{0,2}[0-9]){7,14}\b").expect("a fixed pattern")
});
static REPEATED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"…(?:[ \u{a0}]*…)+").expect("a fixed pattern"));

/// The people of a ticket, as words that must not be told.
#[derive(Debug, Default)]
pub struct People {
    /// Folded.
    names: Vec<String>,
    /// As written: too short to be told from other words.
    short: Vec<String>,
}

impl People {
    /// Adds what somebody is called.
    pub fn name(&mut self, name: &str) {
        let words = name.split(|c: char| !c.is_alphanumeric());
        for word in words.filter(|word| word.chars().count() > 1) {
            match word.chars().count() >= PLAIN_LETTERS {
                true => self.names.push(fold(word)),
                false => self.short.push(word.to_owned()),
            }
        }
    }

    /// Adds what an address tells of its owner.
    pub fn address(&mut self, address: &Address) {
        let words = address.local().split(|c: char| !c.is_alphabetic());
        for word in words.filter(|word| word.chars().count() >= LOCAL_LETTERS) {
            self.names.push(fold(word));
        }
    }

    /// Whether `text` tells any of them, an address or a telephone number.
    pub fn are_in(&self, text: &str) -> bool {
        self.left_out_of(text) != text
    }

    /// `text` without them, without addresses, telephone numbers and secrets of our letters.
    pub fn left_out_of(&self, text: &str) -> String {
        let text = discretion::without_secrets(text);
        let text = ADDRESSES.replace_all(&text, LEFT_OUT);
        self.names_left_out_of(&numbers_left_out_of(&text))
    }

    /// `text` without their names.
    pub fn names_left_out_of(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            let (before, behind) = rest.split_at(start);
            let end = behind.find(|c: char| !c.is_alphanumeric());
            let (word, behind) = behind.split_at(end.unwrap_or(behind.len()));
            kept.push_str(before);
            kept.push_str(if self.has(word) { LEFT_OUT } else { word });
            rest = behind;
        }
        kept.push_str(rest);
        REPEATED.replace_all(&kept, LEFT_OUT).into_owned()
    }

    fn has(&self, word: &str) -> bool {
        self.short.iter().any(|name| name == word) || self.names.contains(&fold(word))
    }
}

/// `text` without telephone numbers.
pub fn numbers_left_out_of(text: &str) -> Cow<'_, str> {
    NUMBERS.replace_all(text, |found: &regex::Captures<'_>| {
        let number = &found[0];
        match is_phone(number) {
            true => LEFT_OUT.to_owned(),
            false => number.to_owned(),
        }
    })
}

fn is_phone(number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    // `192.168.100.200`
    let parts: Vec<&str> = number.split('.').collect();
    let is_address = parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
    digits >= PHONE_DIGITS && !is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> String {
        let mut people = People::default();
        people.name("Marie Durand");
        people.name("Li Wu");
        people.address(&"m.lefevre@acme.example".parse().unwrap());
        people.left_out_of(text)
    }

    #[test]
    fn people_addresses_and_numbers_are_left_out() {
        for (text, kept) in [
            (
                "Rappeler Marie Durand au 06 12 34 56 78.",
                "Rappeler … au ….",
            ),
            (
                "Call +44 (0)20 7946 0958 or marie.durand@acme.example",
                "Call … or …",
            ),
            ("Le poste de M. LEFÈVRE", "Le poste de M. …"),
            ("Wu's PC, not the wu file", "…'s PC, not the wu file"),
            (
                "Supprimer 192.168.100.200 puis 2026-11-24",
                "Supprimer 192.168.100.200 puis 2026-11-24",
            ),
            (
                "Version 10.0.19045, erreur 0x80070005",
                "Version 10.0.19045, erreur 0x80070005",
            ),
            ("Redémarrer le boîtier.", "Redémarrer le boîtier."),
        ] {
            assert_eq!(left(text), kept);
        }
    }
}
