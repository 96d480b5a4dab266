//! Reads the sources and holds what `lib.rs` and the file heads promise: who may name whom, where the time is asked
//! and SQL is written, that a file says what it is for, and that notices and templates belong together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use guichet::desk::notice::NoticeKind;

/// Lines of a file without its tests. One that needs more tells more than one thing.
const LINES_MAX: usize = 600;

/// Where deadlines are kept, which needs a clock that never jumps: the only use of `Instant`.
const KEEPS_DEADLINES: [(&str, &str); 7] = [
    (
        "src/gateway/deciding.rs",
        "when a transaction takes no further mails",
    ),
    (
        "src/store/writer.rs",
        "when a transaction takes no further jobs",
    ),
    (
        "src/mailbox/maildir.rs",
        "when the whole folder was compared last",
    ),
    (
        "src/mailbox/watch.rs",
        "how long a connection lived, when a folder was compared last, logins of the last minutes",
    ),
    (
        "src/mailbox/checked.rs",
        "ends of IDLE and of the waits for the server's answers",
    ),
    ("src/courier/smtp.rs", "how long a connection has rested"),
    ("src/courier/line.rs", "how long a connection has rested"),
];

/// A source file, with what its tests and comments say left out where that matters.
struct Source {
    /// From the root of the project, `src/desk/mod.rs`.
    name: String,
    text: String,
}

impl Source {
    /// Its lines with their numbers, without its tests.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_tests = self.is_tests();
        let lines = self.text.lines().take_while(|line| *line != "#[cfg(test)]");
        (1..).zip(lines).filter(move |_| !is_tests)
    }

    /// The same without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// A sibling of the file it tests, or a part of one.
    fn is_tests(&self) -> bool {
        self.name.ends_with("/tests.rs")
            || self.name.contains("/tests/")
            || !self.name.starts_with("src/")
    }

    /// Where its code holds one of `words`.
    fn places_of(&self, words: &[&str]) -> Vec<String> {
        let hits = self
            .code()
            .filter(|(_, line)| words.iter().any(|word| holds(line, word)));
        hits.map(|(number, line)| format!("{}:{number}: {}", self.name, line.trim()))
            .collect()
    }
}

/// Whether `line` holds `word` and not a longer one.
fn holds(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open = word.ends_with(|c: char| !is_part(c)) || !after.is_some_and(is_part);
        let begins = word.starts_with(|c: char| !is_part(c)) || !before.is_some_and(is_part);
        open && begins
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("a readable folder").path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// Every Rust file below `folder`.
fn sources(folder: &str) -> Vec<Source> {
    let files = files_below(&root().join(folder)).into_iter();
    files
        .filter(|file| file.extension().is_some_and(|ending| ending == "rs"))
        .map(|file| Source {
            name: file
                .strip_prefix(root())
                .expect("it lies below the root")
                .to_string_lossy()
                .into_owned(),
            text: fs::read_to_string(&file).expect("sources are UTF-8"),
        })
        .collect()
}

fn assert_none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_desk_names_nobody_else() {
    let forbidden = [
        "rusqlite",
        "tokio",
        "async_imap",
        "lettre",
        "handlebars",
        "mail_parser",
        "serde_json",
        "toml",
        "std::fs",
        "std::io",
        "std::net",
        "std::thread",
        "std::env",
        "std::process",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "rand",
        "RandomState",
        "fail_point!",
        "println!",
        "tracing",
    ];
    let desk = sources("src/desk");
    assert!(desk.len() > 20, "the desk was found");
    let names: Vec<String> = desk
        .iter()
        .flat_map(|source| source.places_of(&forbidden))
        .collect();
    assert_none(
        names,
        "the desk knows no SQL, network, files, clock, chance or log (I6)",
    );
    let others = desk.iter().flat_map(|source| {
        let code = source.code();
        code.filter(|(_, line)| line.contains("crate::") && !line.contains("crate::desk"))
            .map(|(number, line)| format!("{}:{number}: {}", source.name, line.trim()))
    });
    assert_none(others.collect(), "the desk names no other module");
}

#[test]
fn edges_and_translators_do_not_name_one_another() {
    let layers: [(&str, &[&str]); 6] = [
        (
            "src/store",
            &[
                "mailbox", "courier", "gateway", "cli", "intake", "scribe", "reader", "clock",
            ],
        ),
        (
            "src/mailbox",
            &[
                "store", "courier", "gateway", "cli", "intake", "scribe", "reader", "clock",
            ],
        ),
        (
            "src/courier",
            &[
                "store", "mailbox", "gateway", "cli", "intake", "scribe", "reader", "clock",
            ],
        ),
        (
            "src/config",
            &[
                "store", "mailbox", "courier", "gateway", "cli", "scribe", "reader", "clock",
            ],
        ),
        (
            "src/intake",
            &[
                "store", "mailbox", "courier", "gateway", "cli", "scribe", "reader", "clock",
                "config",
            ],
        ),
        (
            "src/scribe",
            &[
                "store", "mailbox", "courier", "gateway", "cli", "reader", "clock", "config",
            ],
        ),
    ];
    for (folder, others) in layers {
        let paths: Vec<String> = others
            .iter()
            .map(|other| format!("crate::{other}"))
            .collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let named = sources(folder)
            .iter()
            .flat_map(|source| source.places_of(&paths))
            .collect();
        assert_none(
            named,
            &format!("only the gateway knows them all, {folder} does not"),
        );
    }
}

#[test]
fn only_the_clock_asks_the_time() {
    let all = sources("src");
    let asking = all
        .iter()
        .filter(|source| source.name != "src/clock.rs")
        .flat_map(|source| source.places_of(&["Timestamp::now", "Zoned::now", "SystemTime::now"]));
    assert_none(asking.collect(), "the time is asked in src/clock.rs alone");
    let counting: BTreeSet<&str> = all
        .iter()
        .filter(|source| !source.places_of(&["Instant::now"]).is_empty())
        .map(|source| source.name.as_str())
        .collect();
    let known: BTreeSet<&str> = KEEPS_DEADLINES.iter().map(|(file, _)| *file).collect();
    assert_eq!(
        counting, known,
        "files that keep deadlines stand in KEEPS_DEADLINES with the reason"
    );
}

#[test]
fn sql_stands_in_the_store_alone() {
    // With the space: SELECT alone is also a command of IMAP.
    let words = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE FROM",
        "PRAGMA",
        "rusqlite",
    ];
    let elsewhere = sources("src");
    let elsewhere = elsewhere
        .iter()
        .filter(|source| !source.name.starts_with("src/store/"))
        .flat_map(|source| source.places_of(&words));
    assert_none(elsewhere.collect(), "SQL is written below src/store");
}

#[test]
fn every_file_opens_with_its_purpose_and_tells_one_thing() {
    let mut wrong = Vec::new();
    for source in ["src", "tests", "benches"].into_iter().flat_map(sources) {
        if !source.text.starts_with("//! ") {
            wrong.push(format!("{} does not open with `//!`", source.name));
        }
        let lines = source.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!(
                "{} has {lines} lines without its tests",
                source.name
            ));
        }
        if source.name.contains("util") {
            wrong.push(format!("{}: the noun has not been found yet", source.name));
        }
    }
    assert_none(wrong, "style.md");
}

#[test]
fn nothing_is_unwrapped_or_left_undone() {
    let undone = ["TODO", "FIXME", "#[ignore"];
    let mut wrong = Vec::new();
    for source in ["src", "tests", "benches"].into_iter().flat_map(sources) {
        wrong.extend(source.places_of(&[".unwrap()"]));
        let is_this = source.name.ends_with("/tidy.rs");
        let lines = (1..).zip(source.text.lines()).filter(|_| !is_this);
        wrong.extend(
            lines
                .filter(|(_, line)| undone.iter().any(|word| holds(line, word)))
                .map(|(number, line)| format!("{}:{number}: {}", source.name, line.trim())),
        );
    }
    assert_none(wrong, "what can fail says so, what is begun is finished");
}

#[test]
fn every_notice_has_its_templates_and_every_template_its_notice() {
    let templates = root().join("templates");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries =
            fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries
            .map(|entry| {
                entry
                    .expect("a readable folder")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    };
    let set =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(ToString::to_string).collect() };
    // The short letter to addresses nobody vouches for is plain text, whatever the notice.
    let short = ("unverified", set(&["subject.hbs", "text.hbs"]));
    let kinds: Vec<NoticeKind> = NoticeKind::ALL
        .into_iter()
        .chain(NoticeKind::GENERAL)
        .collect();
    let mut folders: BTreeSet<String> = kinds.iter().map(|kind| kind.word().to_owned()).collect();
    folders.extend(set(&[
        short.0,
        "partials",
        "strings.toml",
        "digest.toml",
        "questions.toml",
    ]));
    let mut locales = names(&templates);
    assert!(locales.remove("partials"), "what all locales share");
    assert!(
        locales.is_superset(&set(&["de", "en", "es", "fr", "it", "nl"])),
        "{locales:?}"
    );
    // Receipts, bundles, queues and drafts of recipes are for technicians, who read French, English or the desk's language.
    let staff_only = [
        NoticeKind::Receipt,
        NoticeKind::Bundle,
        NoticeKind::Queue,
        NoticeKind::Recipe,
    ]
    .map(NoticeKind::word);
    let partials = names(&templates.join("fr/partials"));
    for locale in locales {
        let is_complete = ["en", "fr"].contains(&locale.as_str());
        let locale = templates.join(locale);
        let mut folders = folders.clone();
        if !is_complete {
            folders.retain(|folder| !staff_only.contains(&folder.as_str()));
        }
        assert_eq!(names(&locale), folders, "{}", locale.display());
        assert_eq!(
            names(&locale.join(short.0)),
            short.1,
            "{}",
            locale.display()
        );
        assert_eq!(
            names(&locale.join("partials")),
            partials,
            "{}",
            locale.display()
        );
        for kind in &kinds {
            if !folders.contains(kind.word()) {
                continue;
            }
            let folder = locale.join(kind.word());
            let parts = set(&["subject.hbs", "text.hbs", "html.hbs"]);
            assert_eq!(names(&folder), parts, "{}", folder.display());
        }
    }
}
