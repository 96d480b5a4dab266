//! `guichet demo`, the whole story: what tickets it leaves, who got which letters, what each letter gives away.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use guichet::intake::{self, header::Headers};
use guichet::store::Reader;

/// Plays the demo into `folder` and gives what it printed.
fn play(folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["demo", "--output"])
        .arg(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    assert!(errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Files of a folder with their bytes.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

/// Who got which kinds of letters: `notice` or `notice x2`.
fn kinds(reader: &Reader) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for letter in reader.letters(true).unwrap() {
        assert_eq!(letter.state, "sent", "{letter:?}");
        *counts
            .entry(letter.to)
            .or_default()
            .entry(letter.notice)
            .or_default() += 1;
    }
    let line = |kinds: BTreeMap<String, usize>| {
        let kinds = kinds.into_iter().map(|(notice, count)| match count {
            1 => notice,
            count => format!("{notice} x{count}"),
        });
        kinds.collect::<Vec<_>>().join(", ")
    };
    counts
        .into_iter()
        .map(|(to, kinds)| (to, line(kinds)))
        .collect()
}

#[test]
fn the_story_comes_out_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let printed = play(folder.path());
    let reader = Reader::open(&folder.path().join("guichet.db")).unwrap();

    let tickets = reader.tickets(true).unwrap();
    let facts: Vec<String> = tickets
        .iter()
        .map(|ticket| {
            let (status, priority) = (ticket.status.word(), ticket.priority.word());
            let (who, locale) = (&ticket.requester.address, &ticket.requester.locale);
            format!("{} {priority} {status} {} {locale}", ticket.id, who.local())
        })
        .collect();
    assert_eq!(
        facts,
        [
            "INC-1 P1 closed marie.durand fr",
            "INC-2 P1 resolved karim.benali fr",
            "INC-3 P4 resolved john.smith en",
            "INC-4 P1 resolved tom.reed en",
            "INC-5 P1 resolved sarah.cole en",
            "INC-6 P1 resolved lucy.hall en",
            "INC-7 P4 closed emma.webb en",
        ]
    );
    assert_eq!(
        tickets[1].cause.as_deref(),
        Some("certificat expiré sur la passerelle de paiement")
    );
    // One fault of three people, and a recipe that spared a fourth the wait.
    let outages = tickets.iter().map(|ticket| ticket.outage.as_ref());
    let masters: Vec<String> = outages.flatten().map(ToString::to_string).collect();
    assert_eq!(masters, ["INC-6", "INC-6", "INC-6"]);
    assert_eq!(tickets[6].assignee, None);
    for told in [
        "> perhaps an outage: 3 people in 5 minutes, with INC-4, INC-5",
        "> an outage: Internet at Acme",
        "> letter `resolved` to Lucy Hall, Tom Reed and Sarah Cole",
        "> recipe approved for acme: Paper jam",
        "> recipe offered: INC-3: Paper jam",
        "> recipe helped: INC-3: Paper jam",
    ] {
        assert!(printed.contains(told), "{told}");
    }
    assert_eq!(reader.mail_counts().unwrap(), (0, 1), "waiting, set aside");

    let expected = [
        (
            "ann@example.org",
            "message, new-ticket x7, receipt x3, reminder",
        ),
        (
            "john.smith@acme.example",
            "acknowledgement, resolved, update x2",
        ),
        (
            "karim.benali@boutiques.example",
            "acknowledgement, progress, resolved, update",
        ),
        (
            "marie.durand@boutiques.example",
            "acknowledgement, closed, progress, resolved, update x2",
        ),
        (
            "paul@example.org",
            "message, new-ticket x7, receipt x5, recipe",
        ),
        ("emma.webb@acme.example", "acknowledgement, closed"),
        (
            "lucy.hall@acme.example",
            "acknowledgement, resolved, update x2",
        ),
        (
            "sarah.cole@acme.example",
            "acknowledgement, resolved, update x2",
        ),
        (
            "tom.reed@acme.example",
            "acknowledgement, resolved, update x2",
        ),
    ];
    let expected = expected.map(|(to, kinds)| (to.to_owned(), kinds.to_owned()));
    assert_eq!(kinds(&reader), BTreeMap::from(expected));

    let page = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    for ticket in &tickets {
        let id = ticket.id.to_string();
        assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
        assert!(printed.contains(&id), "{id}");
    }
    let letters = reader.letters(true).unwrap().len();
    assert_eq!(page.matches("<details class=\"letter\"").count(), letters);
    assert_eq!(files(&folder.path().join("letters/new")).len(), letters);
    for forbidden in ["http://", "https://", "<img", "<link"] {
        // What a mail or letter says is escaped text; a letter's markup is inside an attribute.
        let found = page.lines().find(|line| {
            line.contains(forbidden)
                && line.trim_start().starts_with('<')
                && !line.contains("srcdoc")
        });
        assert_eq!(found, None, "{forbidden}");
    }
}

#[test]
fn a_letter_names_only_what_its_recipient_has_seen() {
    let folder = tempfile::tempdir().unwrap();
    play(folder.path());
    let reader = Reader::open(&folder.path().join("guichet.db")).unwrap();
    let tickets = reader.tickets(true).unwrap();
    let roots: BTreeSet<String> = tickets.iter().map(|t| t.root.to_string()).collect();

    // What each person wrote themselves.
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in files(&folder.path().join("inbox/cur")) {
        let mail = intake::read(&mail, &Default::default());
        let from = mail.sender_identity().unwrap().to_string();
        seen.entry(from)
            .or_default()
            .insert(mail.message_id.unwrap().to_string());
    }
    let mut answers = 0;
    for letter in reader.letters(true).unwrap() {
        let bytes = reader.letter_bytes(letter.id).unwrap().unwrap();
        let header = Headers::read(&bytes);
        let theirs = seen.entry(letter.to.clone()).or_default();
        let named = header
            .ids("References")
            .into_iter()
            .chain(header.ids("In-Reply-To"));
        for id in named.map(|id| id.to_string()) {
            answers += usize::from(!roots.contains(&id));
            assert!(
                theirs.contains(&id) || roots.contains(&id),
                "{} to {} names {id}",
                letter.notice,
                letter.to
            );
        }
        theirs.insert(letter.message_id);
    }
    assert!(answers > 40, "the letters name {answers} mails and letters");
}

#[test]
fn a_requester_reads_their_language_and_nothing_internal() {
    let folder = tempfile::tempdir().unwrap();
    play(folder.path());
    let reader = Reader::open(&folder.path().join("guichet.db")).unwrap();
    let mut looked_at = 0;
    for letter in reader.letters(true).unwrap() {
        let bytes = reader.letter_bytes(letter.id).unwrap().unwrap();
        let language = Headers::read(&bytes).text("Content-Language").unwrap();
        let mail = intake::read(&bytes, &Default::default());
        // Who shares an outage, or has the recipe of another, reads nothing of the others.
        let is_other = |name: &&&str| !letter.to.starts_with(&name.to_lowercase());
        let colleagues = ["John", "Tom", "Sarah", "Lucy", "Emma"];
        let colleagues = colleagues.iter().filter(is_other);
        let (expected, others): (&str, &[&str]) = match letter.to.rsplit_once('@').unwrap().1 {
            "boutiques.example" => ("fr", &["acme"]),
            "acme.example" => ("en", &["boutiques", "Marie", "Karim"]),
            _ => continue,
        };
        looked_at += 1;
        if letter.notice == "progress" {
            // Both are holding letters; the one to Marie must not say that somebody takes her ticket now.
            assert!(mail.text.contains("pas encore de nouveau"), "{}", mail.text);
        }
        assert_eq!(language, expected, "{} to {}", letter.notice, letter.to);
        let commands = [
            "/prends",
            "/resolu",
            "/resolve",
            "/take",
            "/close",
            "/outage",
            "/recipe",
            "/cause",
            "/solution",
        ];
        for word in others.iter().chain(colleagues).chain(&commands) {
            assert!(
                !mail.text.contains(word),
                "{word} in {}:\n{}",
                letter.notice,
                mail.text
            );
        }
    }
    assert_eq!(looked_at, 28);
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "x").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["demo", "--output"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert_eq!(files(folder.path()), [b"x"]);
}
