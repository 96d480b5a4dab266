//! The rules of recommendations: TOML in, the desk's `Rule`s out. Every fault names file and rule.
//!
//! The format is explained at the top of `config/recommendations.toml`. What rules lead to is the desk's part.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;

use super::units;
use crate::desk::digest::advice::{Review, Rule};

/// The file that comes with the program.
const OURS: &str = include_str!("../../config/recommendations.toml");
/// What advice may be about.
const THEMES: [&str; 8] = [
    "backups",
    "updates",
    "awareness",
    "firewall",
    "security-tools",
    "equipment",
    "recipes",
    "recipe-review",
];
/// A larger file is the wrong one; ours has 4 KiB.
const FILE_MAX: usize = 256 * 1024;

/// The rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("recommendations: {}: {fault}", .file.display())]
pub struct RecommendationsError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong and what to write instead.
    pub fault: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    theme: String,
    #[serde(default)]
    weight: u32,
    at_least: u32,
    within: String,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    alike: bool,
    #[serde(default)]
    unless: Vec<String>,
    recipes: Option<String>,
}

/// Reads our rules, or those of `file` in their place.
pub fn load(file: Option<&Path>) -> Result<Vec<Rule>, RecommendationsError> {
    let named = file.unwrap_or(Path::new("config/recommendations.toml"));
    let failed = |fault: String| RecommendationsError {
        file: named.to_owned(),
        fault,
    };
    let text = match file {
        Some(file) => fs::read_to_string(file).map_err(|error| {
            failed(format!(
                "cannot be read: {error}; check `digest.recommendations` and its rights"
            ))
        })?,
        None => OURS.to_owned(),
    };
    if text.len() > FILE_MAX {
        return Err(failed(
            "is larger than 256 KiB; name a file of rules".to_owned(),
        ));
    }
    let entries: File = toml::from_str(&text).map_err(|error| failed(error.to_string()))?;
    entries
        .rule
        .into_iter()
        .map(|entry| rule(entry).map_err(&failed))
        .collect()
}

fn rule(entry: Entry) -> Result<Rule, String> {
    let name = entry.name;
    if !THEMES.contains(&entry.theme.as_str()) {
        return Err(format!(
            "rule `{name}`: theme `{}` is not known; write one of {}",
            entry.theme,
            THEMES.join(", ")
        ));
    }
    let within = units::duration(&entry.within)
        .and_then(|within| SignedDuration::try_from(within).ok())
        .filter(|within| *within <= SignedDuration::from_hours(24 * 366));
    let within = within.ok_or_else(|| {
        format!(
            "rule `{name}`: `{}` is not a span; write for example within = \"30d\", 366d at most",
            entry.within
        )
    })?;
    if entry.at_least == 0 {
        return Err(format!(
            "rule `{name}`: at_least is 0, which would always hold; write 1 or more"
        ));
    }
    let recipes = match entry.recipes.as_deref() {
        None => None,
        Some("failing") => Some(Review::Failing),
        Some("old") => Some(Review::Old),
        Some(other) => {
            return Err(format!(
                "rule `{name}`: recipes = \"{other}\" is not known; write \"failing\" or \"old\""
            ));
        }
    };
    Ok(Rule {
        name,
        recipes,
        theme: entry.theme,
        categories: entry.categories,
        words: entry.words,
        at_least: entry.at_least,
        within,
        alike: entry.alike,
        unless: entry.unless,
        weight: entry.weight,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_read_and_wrong_ones_are_named() {
        let rules = load(None).unwrap();
        let themes: std::collections::BTreeSet<&str> =
            rules.iter().map(|rule| rule.theme.as_str()).collect();
        assert_eq!(themes.len(), THEMES.len(), "each theme has a rule");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.toml");
        for (text, said) in [
            (
                "[[rule]]\nname = \"a\"\ntheme = \"x\"\nat_least = 1\nwithin = \"3d\"",
                "theme `x` is not known",
            ),
            (
                "[[rule]]\nname = \"a\"\ntheme = \"backups\"\nat_least = 0\nwithin = \"3d\"",
                "at_least is 0",
            ),
            (
                "[[rule]]\nname = \"a\"\ntheme = \"backups\"\nat_least = 1\nwithin = \"soon\"",
                "`soon` is not a span",
            ),
            ("[[rule]]\nnam = \"a\"", "nam"),
        ] {
            fs::write(&file, text).unwrap();
            let error = load(Some(&file)).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.contains("rules.toml"),
                "{error}"
            );
        }
    }
}
