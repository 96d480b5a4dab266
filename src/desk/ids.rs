//! Names that are parsed once and then trusted: ticket numbers, Message-IDs, addresses, locales.
//!
//! Every constructor normalises, so two values that mean the same thing compare equal.
//! Signing of ids and reply tokens is in `token.rs`.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A ticket's number with the prefix it was opened under; people write it `INC-42`.
///
/// The number alone is unique in a store. The prefix is kept with it so that changing the
/// configuration later does not rename old tickets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TicketId {
    number: NonZeroU32,
    prefix: Arc<str>,
}

impl TicketId {
    /// The ticket `number` of a desk whose prefix is `prefix` (letters and digits, see `is_prefix`).
    pub fn new(prefix: &str, number: NonZeroU32) -> Self {
        Self {
            number,
            prefix: prefix.to_ascii_uppercase().into(),
        }
    }

    /// The number that is unique in the store.
    pub fn number(&self) -> NonZeroU32 {
        self.number
    }

    /// The letters before the dash, in upper case.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether `text` can stand before the dash: 2 to 10 ASCII letters or digits, a letter first.
    pub fn is_prefix(text: &str) -> bool {
        (2..=10).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric())
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.prefix, self.number)
    }
}

impl From<TicketId> for String {
    fn from(id: TicketId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TicketId {
    type Error = NotATicketId;

    fn try_from(text: String) -> Result<Self, NotATicketId> {
        text.parse()
    }
}

/// The text is not a ticket number such as `INC-42`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a ticket number such as INC-42")]
pub struct NotATicketId(String);

impl FromStr for TicketId {
    type Err = NotATicketId;

    fn from_str(text: &str) -> Result<Self, NotATicketId> {
        let wrong = || NotATicketId(text.to_owned());
        let (prefix, number) = text.trim().rsplit_once('-').ok_or_else(wrong)?;
        if !Self::is_prefix(prefix) || !number.chars().all(|c| c.is_ascii_digit()) {
            return Err(wrong());
        }
        Ok(Self::new(prefix, number.parse().map_err(|_| wrong())?))
    }
}

/// What a Message-ID header names. Brackets come off in `parse` and go on where a header is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(Box<str>);

impl MessageId {
    /// RFC 5322 2.1.1: no header line is longer than 998 octets, so no usable id is either.
    const LENGTH_MAX: usize = 996;

    /// Takes an id with or without brackets and surrounding space. `None` when nothing usable is left:
    /// empty, too long, or with white space or control characters inside.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>')
            .trim();
        let usable = !text.is_empty()
            && text.len() <= Self::LENGTH_MAX
            && !text
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
        usable.then(|| Self(text.into()))
    }

    /// The id without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header shows it.
    pub fn bracketed(&self) -> String {
        format!("<{}>", self.0)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address that identifies somebody: one `@`, both sides filled, lower case throughout.
///
/// RFC 5321 2.4 allows case to matter before the `@`; no provider in use treats it so, and people
/// type their address both ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address(Box<str>);

/// The text is not a mail address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mail address such as ann@example.org")]
pub struct NotAnAddress(String);

impl Address {
    /// The address, all in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The text between the first `+` and the `@`, if any: the place of our reply tokens.
    pub fn plus(&self) -> Option<&str> {
        self.local().split_once('+').map(|(_, plus)| plus)
    }

    /// The address without its plus part: what budgets are counted on and desks are recognised by.
    pub fn canonical(&self) -> Address {
        match self.local().split_once('+') {
            Some((base, _)) if !base.is_empty() => {
                Address(format!("{base}@{}", self.domain()).into())
            }
            _ => self.clone(),
        }
    }

    /// The same address with `plus` between its local part and the `@`.
    pub fn with_plus(&self, plus: &str) -> Address {
        let base = self.canonical();
        Address(
            format!("{}+{plus}@{}", base.local(), base.domain())
                .to_lowercase()
                .into(),
        )
    }
}

/// The domain of the addresses that stand for those of people who were erased. No mail ever goes there (RFC 2606 2).
const ERASED_DOMAIN: &str = "erased.invalid";

impl Address {
    /// What stands for the address number `nth` of the person of an erasure: distinct, so that figures still count people,
    /// and drawn from nothing that is theirs.
    pub fn stand_in(erasure: i64, nth: usize) -> Address {
        Address(format!("erased-{erasure}.{nth}@{ERASED_DOMAIN}").into())
    }

    /// Whether it stands for somebody who was erased. Nobody is written to there, and whoever writes from there is a stranger.
    pub fn is_erased(&self) -> bool {
        self.domain() == ERASED_DOMAIN
    }
}

/// Whether no address we write to holds this character. Asked of every address that is read or loaded.
fn is_foreign(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '.' | '-' | '_' | '@' => false, // nearly all, and asked the soonest
        '<' | '>' | ',' | ';' | '"' | '\\' | '(' | ')' => true,
        c => c.is_whitespace() || c.is_control(),
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let clean = text.trim().trim_start_matches('<').trim_end_matches('>');
        let wrong = || NotAnAddress(text.to_owned());
        let (local, domain) = clean.rsplit_once('@').ok_or_else(wrong)?;
        // RFC 5321 4.5.3.1: 64 and 255 octets. Longer local parts exist (VERP), so only the whole is bounded.
        let usable = !local.is_empty()
            && !domain.is_empty()
            && clean.len() <= 320
            && !domain.starts_with('.')
            && !clean.chars().any(is_foreign)
            && !local.contains('@');
        if usable {
            Ok(Self(clean.to_lowercase().into()))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A language guichet reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)] // the names say it
pub enum Language {
    French,
    English,
    German,
    Spanish,
    Italian,
    Dutch,
}

impl Language {
    /// Every language, in the order of our readers.
    pub const ALL: [Language; 6] = [
        Self::French,
        Self::English,
        Self::German,
        Self::Spanish,
        Self::Italian,
        Self::Dutch,
    ];

    /// The ISO 639-1 code: `fr`, `en`, `de`, `es`, `it`, `nl`.
    pub fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Dutch => "nl",
        }
    }

    /// The language of a code or of a locale such as `fr-CA`; `None` for one we do not know.
    pub fn of(locale: &str) -> Option<Language> {
        let base = locale.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|language| language.code() == base)
    }
}

/// How somebody is written to: a language with an optional region, `fr` or `fr-CA`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Locale(Box<str>);

impl Locale {
    /// Takes `fr`, `fr-CA` or `fr_CA`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (language, region) = match text.split_once(['-', '_']) {
            Some((language, region)) => (language, Some(region)),
            None => (text, None),
        };
        let letters =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
        if !(2..=3).contains(&language.len())
            || !letters(language)
            || region.is_some_and(|r| !letters(r))
        {
            return None;
        }
        let language = language.to_ascii_lowercase();
        Some(Self(match region {
            Some(region) => format!("{language}-{}", region.to_ascii_uppercase()).into(),
            None => language.into(),
        }))
    }

    /// `fr` or `fr-CA`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The locale without its region: `fr-CA` gives `fr`.
    pub fn base(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        Self(language.code().into())
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_number_reads_back_what_it_prints() {
        let id: TicketId = "inc-42".parse().unwrap();
        assert_eq!(id.to_string(), "INC-42");
        for wrong in [
            "INC",
            "INC-",
            "INC-0",
            "INC-x",
            "4-4",
            "-4",
            "INC-99999999999",
        ] {
            assert!(wrong.parse::<TicketId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_id_loses_its_brackets_once() {
        assert_eq!(MessageId::parse(" <a@b> ").unwrap().bracketed(), "<a@b>");
        assert_eq!(MessageId::parse("a b"), None);
        assert_eq!(MessageId::parse("<>"), None);
    }

    #[test]
    fn an_address_is_compared_without_case_and_plus_part() {
        let address: Address = "<Support+INC-4.abc@Example.ORG>".parse().unwrap();
        assert_eq!(address.plus(), Some("inc-4.abc"));
        assert_eq!(address.canonical().as_str(), "support@example.org");
        assert!("nobody".parse::<Address>().is_err());
    }

    #[test]
    fn a_locale_keeps_its_region() {
        let locale = Locale::parse("fr_ca").unwrap();
        assert_eq!((locale.as_str(), locale.base()), ("fr-CA", "fr"));
        assert_eq!(Locale::parse("french!"), None);
    }
}
