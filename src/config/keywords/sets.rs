//! Named sets of words: `@customers` in a phrase stands for any word of `[set] customers = [..]`.
//!
//! A set is known in its own file only, and may use those written above it. In the desk's phrases
//! there are no names any more: `@customers wait*` becomes `(customer*|client*) wait*`.

use std::collections::BTreeMap;

/// The sets of one file.
#[derive(Default)]
pub(super) struct Sets(BTreeMap<String, Vec<String>>);

impl Sets {
    /// Adds a set.
    ///
    /// # Errors
    /// Its name cannot be written in a phrase, or it is empty.
    pub(super) fn add(&mut self, name: &str, choices: Vec<String>) -> Result<(), String> {
        if name.is_empty() || !name.chars().all(is_of_name) {
            return Err("the name of a set has letters, digits, `-` and `_` only".to_owned());
        }
        if choices.is_empty() {
            return Err("a set holds one phrase or more".to_owned());
        }
        self.0.insert(name.to_owned(), choices);
        Ok(())
    }

    /// What a line of a set stands for: itself, or another set.
    pub(super) fn choices(&self, written: &str) -> Result<Vec<String>, String> {
        match written.strip_prefix('@') {
            Some(name) => self.get(name).map(<[String]>::to_vec),
            None if written.contains(['@', '(', ')', '|']) => Err(format!(
                "`{written}` may hold no `@`, `(`, `)` or `|`; `@name` alone brings another set in"
            )),
            None => Ok(vec![written.to_owned()]),
        }
    }

    /// A phrase with what its sets stand for.
    pub(super) fn expand(&self, written: &str) -> Result<String, String> {
        let mut phrase = String::new();
        let mut rest = written;
        let mut depth = 0;
        while let Some(at) = rest.find(['@', '(', ')']) {
            let (before, sign) = rest.split_at(at);
            phrase.push_str(before);
            let mut signs = sign.chars();
            match signs.next() {
                Some('@') => {
                    let behind = signs.as_str();
                    let end = behind.find(|c| !is_of_name(c)).unwrap_or(behind.len());
                    let (name, behind) = behind.split_at(end);
                    let choices = self.get(name)?.join("|");
                    match depth {
                        0 => phrase.push_str(&format!("({choices})")),
                        _ => phrase.push_str(&choices),
                    }
                    rest = behind;
                    continue;
                }
                Some('(') => depth += 1,
                _ => depth -= 1,
            }
            phrase.extend(sign.chars().next());
            rest = signs.as_str();
        }
        phrase.push_str(rest);
        Ok(phrase)
    }

    fn get(&self, name: &str) -> Result<&[String], String> {
        self.0.get(name).map(Vec::as_slice).ok_or_else(|| {
            let known: Vec<String> = self.0.keys().map(|name| format!("@{name}")).collect();
            match known.is_empty() {
                true => format!("there is no set `{name}` above: this file has no [set]"),
                false => format!(
                    "there is no set `{name}` above; there are {}",
                    known.join(", ")
                ),
            }
        })
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}
