//! Templates and keywords of the operator, through the real program: a right file counts, a wrong one is named and refused.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::folder::Folder;

const CONFIG: &str = r#"
[desk.support]
address = "support@example.org"
name = "Support"
locale = "fr-CA"
languages = ["fr-CA", "en"]
since = "2020-01-01T00:00:00Z"
[desk.support.mailbox]
kind = "maildir"
path = "in"
[desk.support.courier]
kind = "maildir"
path = "out"
[organisation.acme]
domains = ["acme.example"]
[templates]
path = "templates"
[keywords]
path = "keywords"
"#;

struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        let desk = Self(Folder::with(CONFIG));
        for folder in ["templates", "keywords"] {
            fs::create_dir_all(desk.path().join(folder)).unwrap();
        }
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, path: &str, text: &str) {
        self.0.put(path, text);
    }

    fn guichet(&self, arguments: &[&str]) -> Output {
        self.0.guichet(arguments).output().unwrap()
    }

    /// `run`, `templates check` and `check` all refuse to go on and say these words; nothing is read or sent.
    fn is_refused(&self, commands: &[&[&str]], words: &[&str]) {
        for command in commands {
            let output = self.guichet(command);
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(78), "{command:?}: {said}");
            for word in words {
                assert!(said.contains(word), "{command:?}: `{word}` in {said}");
            }
        }
        assert_eq!(fs::read_dir(self.path().join("in/new")).unwrap().count(), 1);
        assert!(!self.path().join("out/new").exists());
    }

    fn mail(&self) {
        self.put(
            "in/new/1",
            "From: marie@acme.example\nTo: support@example.org\nSubject: Scanner\nMessage-ID: <1@acme.example>\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\n\nBonjour, le scanner est en rade, c'est krakboum.\n",
        );
    }
}

const AT_START: &[&[&str]] = &[&["run", "--once"], &["templates", "check"]];

#[test]
fn an_override_counts_file_by_file_and_the_rest_is_ours() {
    let desk = Desk::new();
    desk.put(
        "templates/fr-CA/acknowledgement/subject.hbs",
        "[{{ticket.id}}] Bienvenue au guichet",
    );
    desk.put(
        "keywords/maison.toml",
        "language = \"fr\"\n[urgency.high]\nstrong = [\"krakboum\"]\n",
    );
    desk.mail();
    let output = desk.guichet(&["run", "--once"]);
    assert!(output.status.success(), "{output:?}");
    let letter = fs::read_dir(desk.path().join("out/new"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let letter = guichet::intake::read(&fs::read(letter.path()).unwrap(), &Default::default());
    assert_eq!(
        letter.subject.as_deref(),
        Some("[INC-1] Bienvenue au guichet")
    );
    // fr-CA has no text of its own: French has.
    assert!(
        letter.text.contains("Votre demande porte le numéro INC-1"),
        "{}",
        letter.text
    );
    let shown = desk.guichet(&["ticket", "show", "INC-1", "--json"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("\"because\":\"krakboum\""), "{shown}");
}

#[test]
fn a_wrong_template_is_refused_at_start() {
    for (path, text, words) in [
        (
            "fr/acknowledgement/text.hbs",
            "Bonjour\n{{#if ticket.idd}}x{{/if}}\n",
            &["fr/acknowledgement/text.hbs:2", "ticket.idd"][..],
        ),
        (
            "fr/acknowledgement/subject.hbs",
            "{{tickets.id}}",
            &["fr/acknowledgement/subject.hbs", "tickets"],
        ),
        (
            "fr/partials/greeting.hbs",
            "{{> greeting}}",
            &["greeting", "include"],
        ),
        (
            "en/update/html.hbs",
            "{{#> layout}}<p>{{{said.text}}}</p>{{/layout}}",
            &["en/update/html.hbs:1", "without escaping"],
        ),
        // Nothing is wrong with it until the styles are put into its tags.
        (
            "en/closed/html.hbs",
            "{{#> layout}}<p {{#if ticket.id}}class=\"near\"{{/if}}>x</p>{{/layout}}",
            &["en/closed/html.hbs", "within a tag"],
        ),
    ] {
        let desk = Desk::new();
        desk.mail();
        desk.put(&format!("templates/{path}"), text);
        desk.is_refused(AT_START, words);
    }
}

#[test]
fn a_wrong_keyword_file_is_refused_at_start() {
    for (text, words) in [
        (
            "[urgency.high]\nstrong = [\"a\"\n",
            &["maison.toml", "line 2", "unclosed"][..],
        ),
        (
            "language = \"fr\"\n[urgency.hihg]\nwords = [\"a\"]\n",
            &["maison.toml", "hihg"],
        ),
        (
            "language = \"fr\"\n[urgency.high]\nwords = [\"a*b\"]\n",
            &["maison.toml", "a*b"],
        ),
    ] {
        let desk = Desk::new();
        desk.mail();
        desk.put("keywords/maison.toml", text);
        desk.is_refused(&[&["run", "--once"], &["check"]], words);
    }
}
