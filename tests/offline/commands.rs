//! Technicians' mails as their clients write them: every command is found, nothing else is taken for one.
//!
//! `commands/CLIENT-LANGUAGE-CASE.eml` is a mail; `commands/expected.txt` says for each language and case which
//! commands it holds (`does`) and what the requester is told (`says`, with line breaks and typography left aside).
//! Each mail with an HTML form is read a second time without its plain one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use guichet::desk::command::{self, when::Here};
use guichet::intake::{self, ReadRules};
use jiff::tz::TimeZone;

/// What a case holds.
#[derive(Default)]
struct Expected {
    does: Vec<String>,
    says: String,
}

fn expected(text: &str) -> BTreeMap<String, Expected> {
    let mut all: BTreeMap<String, Expected> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("==", case)) => name = case.to_owned(),
            Some(("does", order)) => all.entry(name.clone()).or_default().does.push(order.into()),
            Some(("says", words)) => {
                let says = &mut all.entry(name.clone()).or_default().says;
                says.push_str(words);
                says.push(' ');
            }
            _ => panic!("`{line}` is not understood"),
        }
        all.entry(name.clone()).or_default();
    }
    all
}

/// Words without line breaks and with plain typography.
fn plain(text: &str) -> String {
    let text = text
        .replace('’', "'")
        .replace(['\u{feff}', '\u{200b}'], "")
        .replace('\u{a0}', " ")
        .replace(" ?", "?");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A mail without the first of its two forms; `None` when it has one only.
fn without_plain(mail: &str) -> Option<String> {
    let (_, rest) = mail.split_once("boundary=\"")?;
    let (boundary, _) = rest.split_once('"')?;
    let line = format!("--{boundary}\r\n");
    let (head, parts) = mail.split_once(&line)?;
    let (_, page) = parts.split_once(&line)?;
    Some(format!("{head}{line}{page}"))
}

/// What differs from `expected` in what is found in `mail`.
fn differs(mail: &str, expected: &Expected) -> Option<String> {
    let read = intake::read(mail.as_bytes(), &ReadRules::default());
    let here = Here {
        now: "2026-11-24T09:20:00Z".parse().expect("a moment"),
        zone: TimeZone::get("Europe/Paris").expect("a zone everybody has"),
    };
    let found = command::read(&read.reply, &here, &["Ann Martin"]);
    let orders = found.orders.iter();
    let does: Vec<String> = orders
        .map(|order| format!("{:?}", order.command).replace('’', "'"))
        .map(|order| order.replace("\\n\\n", "\\n")) // some clients put a blank line between all others
        .collect();
    if does != expected.does || !found.refused.is_empty() {
        return Some(format!(
            "found {does:?}, refused {:?}, expected {:?}, in\n{}",
            found.refused, expected.does, read.reply
        ));
    }
    let (says, wanted) = (plain(&found.text), plain(&expected.says));
    (says != wanted).then(|| format!("says  {says}\n  not  {wanted}"))
}

#[test]
fn every_command_is_found_in_the_mails_of_every_client() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/commands");
    let expected = expected(&fs::read_to_string(folder.join("expected.txt")).expect("readable"));
    let mut failures = Vec::new();
    let mut read = 0;
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of the mails")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    files.sort();
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let (rest, case) = name.rsplit_once('-').expect("CLIENT-LANGUAGE-CASE");
        let (_, language) = rest.rsplit_once('-').expect("CLIENT-LANGUAGE-CASE");
        let wanted = expected
            .get(&format!("{language}-{case}"))
            .unwrap_or_else(|| panic!("{name}: nothing is said of it in expected.txt"));
        let mail = fs::read_to_string(&file).expect("the mails are UTF-8");
        for mail in [Some(mail.clone()), without_plain(&mail)]
            .into_iter()
            .flatten()
        {
            read += 1;
            if let Some(difference) = differs(&mail, wanted) {
                failures.push(format!("{name}: {difference}"));
            }
        }
    }
    assert!(read >= 120, "only {read} mails");
    assert!(
        failures.is_empty(),
        "{} of {read}\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// What `/help` lists are commands, with an argument where one is needed.
#[test]
fn what_help_lists_can_be_written_like_that() {
    let here = Here {
        now: "2026-11-24T09:20:00Z".parse().expect("a moment"),
        zone: TimeZone::get("Europe/Paris").expect("a zone everybody has"),
    };
    for (language, count) in [("en", 29), ("fr", 29)] {
        let file = format!("templates/{language}/receipt/text.hbs");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(file).expect("a template of ours");
        let list = text.lines().find(|line| line.contains(" · "));
        let list = list.and_then(|line| Some(line.get(line.find('/')?..)?.to_owned()));
        let list = list.expect("the list");
        let commands: Vec<&str> = list.split(" · ").collect();
        assert_eq!(commands.len(), count, "{language}");
        for line in commands {
            let line = line.replace("address", "a@b.example");
            let line = line.replace("adresse", "a@b.example");
            // A note is what stands below it.
            let found = command::read(&format!("{line}\n\nwords"), &here, &[]);
            assert!(!found.orders.is_empty(), "{line}");
            assert_eq!(found.refused, [], "{line}");
        }
    }
}
