//! Addresses, mail domains and locales as values of a section.

use std::str::FromStr;

use super::file::Section;
use super::findings::Placed;
use super::problem::choices;
use crate::desk::ids::{Address, Language, Locale};

impl Section<'_, '_> {
    /// A mail address.
    pub fn address(&mut self, name: &'static str) -> Option<Placed<Address>> {
        let text = self.text(name)?;
        self.as_address(text)
    }

    /// A list of mail addresses; empty when the key is absent.
    pub fn addresses(&mut self, name: &'static str) -> Vec<Placed<Address>> {
        let texts = self.texts(name).unwrap_or_default();
        texts
            .into_iter()
            .filter_map(|text| self.as_address(text))
            .collect()
    }

    /// A list of mail domains, in lower case; empty when the key is absent.
    pub fn domains(&mut self, name: &'static str) -> Vec<Placed<String>> {
        let texts = self.texts(name).unwrap_or_default();
        texts
            .into_iter()
            .filter_map(|text| {
                // What can stand after the `@` of an address is a domain.
                if format!("x@{}", text.value).parse::<Address>().is_ok() && !text.value.contains('@')
                {
                    let value = text.value.to_lowercase();
                    return Some(Placed {
                        value,
                        place: text.place,
                    });
                }
                self.findings.error(
                    &text.place,
                    format!(
                        "`{}` is not a mail domain; write what stands after the @, such as acme.example",
                        text.value
                    ),
                );
                None
            })
            .collect()
    }

    /// A locale guichet can write.
    pub fn locale(&mut self, name: &'static str) -> Option<Locale> {
        let text = self.text(name)?;
        self.as_locale(&text)
    }

    /// A list of locales.
    pub fn locales(&mut self, name: &'static str) -> Option<Vec<Locale>> {
        let texts = self.texts(name)?;
        Some(
            texts
                .iter()
                .filter_map(|text| self.as_locale(text))
                .collect(),
        )
    }

    fn as_address(&self, text: Placed<String>) -> Option<Placed<Address>> {
        match Address::from_str(&text.value) {
            Ok(value) => Some(Placed {
                value,
                place: text.place,
            }),
            Err(error) => {
                self.findings.error(
                    &text.place,
                    format!("{error}; write the address alone, without a name"),
                );
                None
            }
        }
    }

    fn as_locale(&self, text: &Placed<String>) -> Option<Locale> {
        let locale = Locale::parse(&text.value).filter(|l| Language::of(l.as_str()).is_some());
        if locale.is_none() {
            let codes = Language::ALL.into_iter().map(Language::code);
            self.findings.error(
                &text.place,
                format!(
                    "`{}` is not a language guichet writes; write {}, with a region if you like: fr-CA",
                    text.value,
                    choices(codes)
                ),
            );
        }
        locale
    }
}
