//! `guichet export`: all that is a person's and nothing that is somebody else's, in files their owner alone can read.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use guichet::desk::letter::Delivery;
use serde_json::Value;

use crate::talk::{ANN, LUC, MARIE, Talk, guichet};
use crate::world::CONFIG;

/// What Marie must not read.
const NOT_HERS: [&str; 7] = [
    "note-for-staff",
    "cause-for-staff",
    "reason-for-staff",
    "luc-secret",
    LUC,
    "words-of-luc",
    "reason-of-luc",
];

/// Marie reports and rates; Luc reports, she watches; Luc has a ticket of his own.
fn story() -> Talk {
    let mut talk = Talk::new(CONFIG);
    talk.writes(
        "Marie Durand <marie@acme.example>",
        "The till",
        "words-of-marie: the till is dead.",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-1",
        "/watch luc@acme.example\r\n/cause cause-for-staff\r\n/p3 because reason-for-staff\r\n\r\nDid you restart it?",
    );
    talk.answers(ANN, "new-ticket about INC-1", "/note\r\nnote-for-staff");
    talk.answers(LUC, "update about INC-1", "luc-secret");
    talk.answers(MARIE, "update about INC-1", "words-of-marie again");
    talk.answers(ANN, "message about INC-1", "/close");
    talk.answers(MARIE, "closed", "5\r\n\r\nrated-by-marie");
    talk.writes(
        LUC,
        "The screen",
        "words-of-luc, reason-of-luc: everybody is blocked",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/watch marie@acme.example\r\n\r\nIs it on?",
    );
    talk.writes(LUC, "Mine", "words-of-luc");
    let now = talk.now;
    talk.world
        .carry("support", now, |_| Delivery::Accepted("250 ok".to_owned()));
    talk
}

fn export(talk: &Talk, output: &Path, more: &[&str]) -> (i32, String, String) {
    let output = output.to_str().unwrap();
    let arguments = [&["export", MARIE, "--output", output], more].concat();
    let (done, text) = guichet(talk.world.folder(), &arguments);
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code().unwrap(), text, errors)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect();
    files.sort();
    files
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_person_gets_what_is_theirs_and_nothing_else() {
    let talk = story();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (code, text, errors) = export(&talk, folder.path(), &["--yes", "--json"]);
    assert_eq!(code, 0, "{errors}");
    let counts: Value = serde_json::from_str(&text).unwrap();
    let to_marie = talk
        .world
        .letters()
        .iter()
        .filter(|letter| letter.to == MARIE)
        .count();
    assert_eq!(
        (&counts["tickets"], &counts["mails"], &counts["letters"]),
        (&2.into(), &3.into(), &to_marie.into())
    );

    let found = files(folder.path());
    assert_eq!(found.len(), 2 + 3 + to_marie);
    assert!(found.iter().all(|file| mode(file) == 0o600));
    let folders = [
        folder.path().to_owned(),
        folder.path().join("mails"),
        folder.path().join("letters"),
    ];
    assert!(folders.iter().all(|folder| mode(folder) == 0o700));
    // Whose ticket she watches she was told in letters; what Luc wrote there and there alone she was not.
    for file in found
        .iter()
        .filter(|file| !file.starts_with(folder.path().join("letters")))
    {
        let content = fs::read_to_string(file).unwrap();
        for other in NOT_HERS {
            assert!(!content.contains(other), "{other} in {}", file.display());
        }
    }

    let about: Value =
        serde_json::from_slice(&fs::read(folder.path().join("person.json")).unwrap()).unwrap();
    assert_eq!(about["names"], serde_json::json!(["Marie Durand"]));
    assert_eq!(about["known"][0]["address"], MARIE);
    assert_eq!(
        (
            &about["satisfaction"][0]["score"],
            &about["satisfaction"][0]["comment"]
        ),
        (&5.into(), &"rated-by-marie".into())
    );
    let lines = fs::read_to_string(folder.path().join("tickets.jsonl")).unwrap();
    let tickets: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&tickets[0]["id"], &tickets[0]["requester"]),
        (&"INC-1".into(), &MARIE.into())
    );
    assert_eq!(
        (&tickets[1]["id"], &tickets[1]["requester"]),
        (&"INC-2".into(), &Value::Null)
    );
    assert_eq!(tickets[1]["watchers"], serde_json::json!([MARIE]));
    let entries = tickets[0]["entries"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry["text"] == "words-of-marie: the till is dead.")
    );
    assert!(
        entries
            .iter()
            .any(|entry| entry["text"] == format!("acknowledgement to {MARIE}"))
    );
    // Byte for byte what she sent, and what was sent to her.
    let mail = fs::read(folder.path().join("mails/1.eml")).unwrap();
    assert!(mail.starts_with(b"From: Marie Durand"));
    let first = talk
        .world
        .letters()
        .into_iter()
        .find(|letter| letter.to == MARIE)
        .unwrap();
    let letter = fs::read(folder.path().join(format!("letters/{}.eml", first.id))).unwrap();
    assert_eq!(letter, talk.world.letter_bytes(first.id));
}

#[test]
fn nothing_is_written_where_it_should_not_be() {
    let talk = story();
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    let (code, _, errors) = export(&talk, &new, &[]);
    assert!(code == 64 && errors.contains("add --yes"), "{errors}");
    assert!(!new.exists());

    let full = folder.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("mine"), "x").unwrap();
    let (code, _, errors) = export(&talk, &full, &["--yes"]);
    assert!(code == 64 && errors.contains("is not empty"), "{errors}");
    assert_eq!(files(&full).len(), 1);

    // Below a file nothing can be made, whoever asks.
    let (code, _, errors) = export(&talk, &full.join("mine/below"), &["--yes"]);
    assert!(code == 73 && errors.contains("cannot be used"), "{errors}");

    let refused = |addresses: &[&str], status: i32, words: &str| {
        let arguments = [&["export"], addresses, &["--output", "x", "--yes"]].concat();
        let (output, _) = guichet(talk.world.folder(), &arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(status) && errors.contains(words),
            "{errors}"
        );
    };
    let unknown = "nothing is known of nobody@acme.example;";
    refused(&["nobody@acme.example"], 1, unknown);
    refused(&[MARIE, "nobody@acme.example"], 1, unknown);
    refused(&[ANN], 65, "stands in [technician.ann]");
}
