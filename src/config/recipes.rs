//! The folder of recipes: Markdown files in, the desk's recipes out. Every fault names file, line, key and the next step.
//!
//! A file is called `vpn-disconnects.fr.md`: a name, a language. It begins with a few lines of TOML between two lines
//! `+++`, in the manner of the configuration; what to do stands below. Which recipe fits a mail is the desk's part.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::check::bytes_of;
use super::file::{Section, TextOrSection};
use super::findings::{Findings, Place, Placed};
use super::problem::{ConfigErrors, Problem, Warning, nearest};
use crate::desk::ids::Language;
use crate::desk::people::People;
use crate::desk::recipe::fix::TEXT_MAX;
use crate::desk::recipe::{Audience, Recipe};
use crate::desk::triage::keywords::Keywords;
use crate::desk::triage::{ENOUGH, Phrase};

/// A recipe is a page; whatever is larger is the wrong file.
const FILE_MAX: u64 = 64 << 10;
/// More recipes than anybody looks after.
const FILES_MAX: usize = 2_000;
/// The highest weight of a phrase.
const WEIGHT_MAX: i64 = 100;
/// What stands before and behind the TOML.
const FENCE: &str = "+++";

/// Reads every recipe of `folder`, by name. Nothing is kept of an earlier set, so that whoever has one goes on with it
/// when this fails.
///
/// # Errors
/// The folder or a file cannot be read, or a file is wrong; every fault of every file is told.
pub fn load(
    folder: Option<&Path>,
    people: &People,
) -> Result<(Vec<Recipe>, Vec<Warning>), ConfigErrors> {
    let Some(folder) = folder else {
        return Ok((Vec::new(), Vec::new()));
    };
    let failed = |message: String| ConfigErrors {
        problems: vec![whole(folder, message)],
    };
    let files = markdown_files(folder).map_err(|error| {
        failed(format!(
            "cannot be read: {error}; check `recipes.path` and its rights"
        ))
    })?;
    if files.len() > FILES_MAX {
        return Err(failed(format!(
            "holds {} recipes, {FILES_MAX} at most; move those that are no longer needed away",
            files.len()
        )));
    }
    let (mut recipes, mut problems, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for file in &files {
        let text = match text_of(file) {
            Ok(text) => text,
            Err(fault) => {
                problems.push(whole(file, fault));
                continue;
            }
        };
        let (recipe, mut wrong, mut doubtful) = read(file, &text, people);
        problems.append(&mut wrong);
        warnings.append(&mut doubtful);
        recipes.extend(recipe.map(|recipe| (file, recipe)));
    }
    for (number, (file, recipe)) in recipes.iter().enumerate() {
        let mut before = recipes.iter().take(number);
        let same = before.find(|(_, other)| {
            other.language == recipe.language && other.title.eq_ignore_ascii_case(&recipe.title)
        });
        if let Some((other, _)) = same {
            problems.push(whole(
                file,
                format!(
                    "has the title of {}; give one of the two another title, or remove it",
                    other.display()
                ),
            ));
        }
    }
    match problems.is_empty() {
        true => Ok((
            recipes.into_iter().map(|(_, recipe)| recipe).collect(),
            warnings,
        )),
        false => Err(ConfigErrors { problems }),
    }
}

fn whole(file: &Path, message: String) -> Problem {
    Problem {
        file: file.to_owned(),
        line: None,
        key: String::new(),
        message,
        excerpt: None,
    }
}

/// The files of a folder that may be recipes, by name.
fn markdown_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_recipe = path.extension().is_some_and(|ending| ending == "md")
            && path.file_name().is_some_and(|name| name != "README.md");
        if is_recipe {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text_of(file: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}; check its rights");
    let bytes = bytes_of(file, FILE_MAX).map_err(cannot)?;
    let bytes = bytes.ok_or_else(|| "is larger than 64 KiB; a recipe is a page".to_owned())?;
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8; save it as UTF-8".to_owned())?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// Reads one file. Gives the recipe when nothing is wrong, and what is wrong or doubtful.
fn read(file: &Path, text: &str, people: &People) -> (Option<Recipe>, Vec<Problem>, Vec<Warning>) {
    let failed = |message: &str| (None, vec![whole(file, message.to_owned())], Vec::new());
    let Some((front, body)) = parts(text) else {
        return failed(
            "does not begin with TOML between two lines `+++`; see the recipes in the README of guichet",
        );
    };
    let findings = Findings::new(file, &front);
    let table = match findings.parse() {
        Ok(table) => table,
        Err(errors) => return (None, errors.problems, Vec::new()),
    };
    let recipe = recipe(
        file,
        Section::root(&table, &findings),
        body,
        people,
        &findings,
    );
    let (problems, warnings) = findings.into_lists();
    (recipe.filter(|_| problems.is_empty()), problems, warnings)
}

/// The TOML with its lines where the file has them, and what stands below it.
fn parts(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix(FENCE)?.strip_prefix('\n')?;
    let end = rest
        .match_indices(FENCE)
        .find(|(at, _)| {
            rest.get(..*at)
                .is_some_and(|before| before.is_empty() || before.ends_with('\n'))
        })?
        .0;
    let (front, behind) = rest.split_at(end);
    let body = behind.strip_prefix(FENCE)?;
    (body.is_empty() || body.starts_with('\n')).then(|| (format!("#\n{front}"), body.trim()))
}

fn recipe(
    file: &Path,
    mut section: Section<'_, '_>,
    body: &str,
    people: &People,
    findings: &Findings<'_>,
) -> Option<Recipe> {
    let whole_file = section.place.clone();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let language = language(&stem, &whole_file, findings);
    section.require("title", "title = \"The VPN disconnects\"");
    let title = section.text("title");
    let category = section.text("category").map(|category| category.value);
    section.require("words", "words = [\"vpn\", \"disconnect*\"]");
    let mut phrases = phrases(&mut section, findings);
    phrases.extend(against(&mut section, findings));
    let organisation = known(
        &mut section,
        "organisation",
        people.organisations.keys(),
        findings,
    );
    let desk = known(&mut section, "desk", people.desks.keys(), findings);
    let reviewed_at = reviewed(&mut section, findings);
    if !section.has("reviewed") {
        let place = section.place_of("reviewed");
        findings.warning(
            &place,
            "missing: nobody is reminded to look at this recipe again; write for example reviewed = 2026-11-24",
        );
    }
    section.done();
    body_is_right(body, &whole_file, findings);
    Some(Recipe {
        name: stem.into_owned(),
        title: title?.value,
        language: language?,
        category,
        phrases,
        text: body.to_owned(),
        audience: match organisation {
            Some(organisation) => Audience::Only(Some(organisation)),
            None => Audience::Everybody,
        },
        desk,
        reviewed_at,
    })
}

/// `vpn-disconnects.fr` is French.
fn language(stem: &str, place: &Place, findings: &Findings<'_>) -> Option<Language> {
    let is_name = |name: &str| {
        let is_of_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        (1..=80).contains(&name.len()) && name.chars().all(is_of_name)
    };
    let parts = stem.rsplit_once('.').filter(|(name, _)| is_name(name));
    let language = parts.and_then(|(_, code)| {
        let mut all = Language::ALL.into_iter();
        all.find(|language| language.code() == code)
    });
    if language.is_none() {
        let codes = Language::ALL.map(Language::code).join(", ");
        findings.error(
            place,
            format!(
                "`{stem}.md` does not name a recipe and its language; call the file for example vpn-disconnects.fr.md, with one of {codes}"
            ),
        );
    }
    language
}

/// `words`: texts, or `{ words, weight, needs }` as in keyword files.
fn phrases(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<Phrase> {
    let place = section.place_of("words");
    let mut phrases = Vec::new();
    for item in section.items("words").unwrap_or_default() {
        match item {
            TextOrSection::Text(text) => phrases.extend(phrase(text, Phrase::USUAL, &[], findings)),
            TextOrSection::Section(mut group) => {
                group.require("words", "words = [\"vpn\"]");
                let words = group.texts("words").unwrap_or_default();
                let weight = group.integer("weight", 1..=WEIGHT_MAX);
                let weight = weight.and_then(|weight| i32::try_from(weight).ok());
                let needs = group.texts("needs").unwrap_or_default();
                let needs: Vec<String> = needs
                    .into_iter()
                    .filter_map(|need| phrase(need, 0, &[], findings))
                    .map(|need| need.text)
                    .collect();
                for word in words {
                    phrases.extend(phrase(
                        word,
                        weight.unwrap_or(Phrase::USUAL),
                        &needs,
                        findings,
                    ));
                }
                group.done();
            }
        }
    }
    let most = phrases.iter().map(|phrase| phrase.weight).sum::<i32>();
    // What is wrong already is not told twice.
    if section.has("words") && most < ENOUGH && !findings.has_errors() {
        findings.error(
            &place,
            format!(
                "count {most} together and {ENOUGH} are needed, so the recipe would never be offered; add another phrase (each counts 2), \
                 or write {{ words = [\"...\"], weight = {ENOUGH} }} for one that is enough alone"
            ),
        );
    }
    phrases
}

/// `unless`: where one of these stands, the recipe is not meant.
fn against(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<Phrase> {
    let unless = section.texts("unless").unwrap_or_default().into_iter();
    unless
        .filter_map(|text| phrase(text, Phrase::AGAINST, &[], findings))
        .collect()
}

fn phrase(
    text: Placed<String>,
    weight: i32,
    needs: &[String],
    findings: &Findings<'_>,
) -> Option<Phrase> {
    let fault = match Keywords::check(&text.value) {
        _ if text.value.contains('@') => Some(format!(
            "the phrase `{}` names a set; those are known in keyword files only: write (one|other)",
            text.value
        )),
        Err(fault) => Some(fault.to_string()),
        Ok(()) => None,
    };
    match fault {
        Some(fault) => {
            findings.error(&text.place, fault);
            None
        }
        None => Some(Phrase {
            text: text.value,
            weight,
            needs: needs.to_vec(),
        }),
    }
}

/// A name that must be one of the configuration.
fn known<'n>(
    section: &mut Section<'_, '_>,
    key: &'static str,
    names: impl Iterator<Item = &'n String> + Clone,
    findings: &Findings<'_>,
) -> Option<String> {
    let text = section.text(key)?;
    if names.clone().any(|name| *name == text.value) {
        return Some(text.value);
    }
    let hint = match nearest(&text.value, names.map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("add a section [{key}.{}], or remove the line", text.value),
    };
    findings.error(
        &text.place,
        format!(
            "there is no [{key}.{}] in the configuration; {hint}",
            text.value
        ),
    );
    None
}

fn reviewed(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Timestamp> {
    let text = section.moment("reviewed")?;
    let day: Option<Date> = text.value.parse().ok();
    let at = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    if at.is_none() {
        findings.error(
            &text.place,
            format!(
                "`{}` is not a day; write for example 2026-11-24",
                text.value
            ),
        );
    }
    at.map(|at| at.timestamp())
}

fn body_is_right(body: &str, place: &Place, findings: &Findings<'_>) {
    if body.is_empty() {
        findings.error(
            place,
            "says nothing below the second `+++`; write there what to do",
        );
    }
    let length = body.chars().count();
    if length > TEXT_MAX {
        findings.error(
            place,
            format!("has {length} characters, {TEXT_MAX} at most: a recipe is for a small fault; shorten it"),
        );
    }
    for (what, sign) in [("a picture", "!["), ("a table", "\n|"), ("HTML", "</")] {
        if body.contains(sign) {
            findings.warning(
                place,
                format!("holds {what}, which letters show as it is written; use paragraphs, lists, **bold** and `code`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> (Option<Recipe>, Vec<String>) {
        let mut people = People::default();
        let organisation = crate::desk::people::Organisation {
            key: "acme".to_owned(),
            name: "Acme".to_owned(),
            domains: Vec::new(),
            addresses: Vec::new(),
            managers: Vec::new(),
            contact: None,
            vip: Vec::new(),
            roles: Vec::new(),
        };
        people.organisations.insert("acme".to_owned(), organisation);
        let (recipe, problems, _) = read(Path::new(name), text, &people);
        (recipe, problems.iter().map(ToString::to_string).collect())
    }

    const RIGHT: &str = "+++\ntitle = \"Le VPN se coupe\"\ncategory = \"network\"\nwords = [\"vpn\", { words = [\"coup*\"], weight = 3, needs = [\"vpn\"] }]\n\
                         unless = [\"internet\"]\norganisation = \"acme\"\nreviewed = 2026-11-24\n+++\n\n1. Fermez **tout**.\n2. Ouvrez.\n";

    #[test]
    fn a_file_is_read() {
        let (recipe, problems) = told("/r/vpn-coupe.fr.md", RIGHT);
        assert_eq!(problems, Vec::<String>::new());
        let recipe = recipe.unwrap();
        assert_eq!(
            (recipe.name.as_str(), recipe.language),
            ("vpn-coupe.fr", Language::French)
        );
        assert_eq!(recipe.text, "1. Fermez **tout**.\n2. Ouvrez.");
        assert_eq!(recipe.audience, Audience::Only(Some("acme".to_owned())));
        let weights: Vec<i32> = recipe.phrases.iter().map(|phrase| phrase.weight).collect();
        assert_eq!(weights, [2, 3, Phrase::AGAINST]);
        assert_eq!(recipe.reviewed_at, "2026-11-24T00:00:00Z".parse().ok());
    }

    #[test]
    fn each_fault_names_file_line_key_and_what_to_write() {
        let changed = |from: &str, to: &str| RIGHT.replace(from, to);
        for (name, text, said) in [
            (
                "/r/a.fr.md",
                changed("title", "titel"),
                "/r/a.fr.md:2: titel: unknown key; did you mean `title`?",
            ),
            (
                "/r/a.fr.md",
                changed("title =", "#"),
                "title: missing; write for example",
            ),
            (
                "/r/a.fr.md",
                changed("weight = 3", "wieght = 3"),
                "/r/a.fr.md:4: words.wieght: unknown key; did you mean `weight`?",
            ),
            (
                "/r/a.fr.md",
                changed("\"vpn\", {", "\"v*n\", {"),
                "/r/a.fr.md:4: words: the phrase `v*n` may hold `*` only",
            ),
            (
                "/r/a.fr.md",
                changed("\"vpn\", {", "\"@vpn\", {"),
                "names a set",
            ),
            (
                "/r/a.fr.md",
                changed("weight = 3", "weight = 1"),
                "words: count 3 together and 4 are needed",
            ),
            (
                "/r/a.fr.md",
                changed("\"acme\"", "\"acmee\""),
                "/r/a.fr.md:6: organisation: there is no [organisation.acmee] in the configuration; did you mean `acme`?",
            ),
            (
                "/r/a.fr.md",
                changed("2026-11-24", "\"soon\""),
                "/r/a.fr.md:7: reviewed: `soon` is not a day",
            ),
            (
                "/r/a.fr.md",
                changed("title = \"", "title = "),
                "not valid TOML",
            ),
            (
                "/r/a.fr.md",
                changed("\n1. Fermez **tout**.\n2. Ouvrez.\n", ""),
                "says nothing below the second `+++`",
            ),
            (
                "/r/a.fr.md",
                "Fermez tout.".to_owned(),
                "/r/a.fr.md: does not begin with TOML",
            ),
            (
                "/r/a.md",
                RIGHT.to_owned(),
                "call the file for example vpn-disconnects.fr.md",
            ),
            (
                "/r/a.xx.md",
                RIGHT.to_owned(),
                "with one of fr, en, de, es, it, nl",
            ),
        ] {
            let (recipe, problems) = told(name, &text);
            assert!(recipe.is_none(), "{said}");
            assert!(
                problems.iter().any(|problem| problem.contains(said)),
                "{said}\n{problems:?}"
            );
        }
    }

    #[test]
    fn a_folder_is_read_by_name_and_one_title_stands_once() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::default();
        let open = RIGHT.replace("organisation = \"acme\"\n", "");
        for name in ["b.fr.md", "a.en.md", "README.md", "notes.txt"] {
            fs::write(folder.path().join(name), &open).unwrap();
        }
        let (recipes, warnings) = load(Some(folder.path()), &people).unwrap();
        let names: Vec<&str> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
        assert_eq!((names, warnings.len()), (vec!["a.en", "b.fr"], 0));
        fs::write(folder.path().join("c.fr.md"), &open).unwrap();
        fs::write(folder.path().join("d.fr.md"), "no").unwrap();
        let errors = load(Some(folder.path()), &people).unwrap_err().to_string();
        assert!(
            errors.contains("has the title of") && errors.contains("d.fr.md"),
            "{errors}"
        );
        assert!(load(Some(&folder.path().join("none")), &people).is_err());
        assert!(load(None, &people).unwrap().0.is_empty());
    }
}
