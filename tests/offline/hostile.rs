//! Mails whose words try to be more than words, through the real program: its lists, its JSON, its log and its letters.
//!
//! What a terminal would obey must come out as it would be written in JSON (`\u001b`), and JSON must give the words back.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use guichet::intake;
use serde_json::Value;

use crate::folder::Folder;

const CONFIG: &str = r#"
[desk.support]
address = "support@example.org"
name = "Support"
locale = "fr"
team = "infra"
since = "2020-01-01T00:00:00Z"
[desk.support.mailbox]
kind = "maildir"
path = "in"
[desk.support.courier]
kind = "maildir"
path = "out"
[team.infra]
members = ["ann"]
[technician.ann]
name = "Ann Martin"
address = "ann@example.org"
[organisation.acme]
domains = ["acme.example"]
managers = ["boss@acme.example"]
"#;

/// What every word of a hostile mail is made of: templates, markup, a terminal's commands, a title, hidden and reversed text.
const EVIL: &str = "{{7*7}} {{{said.text}}} {{> layout}} {{#each this}}x{{/each}} <script>alert(1)</script> \
    <img src=x onerror=alert(1)> </td></table> &lt;b&gt; ${7*7} %s%n %0D%0A \u{1b}[31mred\u{1b}[2J \u{1b}]0;owned\u{7} \u{9b}31m \
    \u{202e}gpj.exe\u{202c} \u{2066}x\u{2069} \u{200b}\u{feff} \u{7f} \u{e0041} \\u0041 'quote\" `id` $(id)";

struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        Self(Folder::with(CONFIG))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn guichet(&self, arguments: &[&str]) -> Output {
        let output = self
            .0
            .guichet(arguments)
            .env("RUST_LOG", "debug")
            .output()
            .unwrap();
        for (stream, bytes) in [("out", &output.stdout), ("err", &output.stderr)] {
            let text = std::str::from_utf8(bytes)
                .unwrap_or_else(|error| panic!("{arguments:?} std{stream}: {error}"));
            let found = text.lines().find(|line| line.contains(is_obeyed));
            assert_eq!(found, None, "{arguments:?} std{stream}");
        }
        output
    }

    /// The lines a command prints as JSON.
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.guichet(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {line}"))
        });
        lines.collect()
    }
}

/// What a terminal obeys, what turns text round and what nobody sees.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A word of a header in base64, so that it can say anything.
fn encoded(words: &str) -> String {
    let words = data_encoding::BASE64.encode(words.as_bytes());
    format!("=?utf-8?B?{words}?=")
}

fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let head = |name: &str, from: &str, subject: &str| {
        format!(
            "From: {from}\r\nTo: support@example.org\r\nSubject: {subject}\r\nMessage-ID: <{name}@acme.example>\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        )
    };
    let marie = "Marie <marie@acme.example>";
    let injected = format!("{EVIL}\r\nBcc: eve@evil.example\r\n\r\n.\r\n");
    let text = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let plain = head(
        "plain",
        &format!("{} <marie@acme.example>", encoded(&injected)),
        &encoded(&injected),
    ) + text
        + &format!(
            "Bonjour, l'imprimante est en panne.\r\n{EVIL}\0\r\n.\r\n-- \u{8}\r\n/close\r\nBcc: eve@evil.example\r\n"
        );
    let html = head("html", "Paul <paul@acme.example>", EVIL)
        + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + &format!(
            "<style>body{{x:y}}</style><p>panne &#27;[31m &#x202e;abc &#xD800; &#0; &lt;script&gt;alert(2)&lt;/script&gt; {EVIL}</p>\r\n"
        );
    let files = head("files", "Zoe <zoe@acme.example>", "fichiers")
        + &format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}voir le fichier {EVIL}\r\n--b\r\n\
             Content-Type: application/pdf; name=\"{}\"\r\nContent-Disposition: attachment; filename*=utf-8''..%2F%1B%5B31m%0D%0A%E2%80%AEfdp.exe\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n",
            encoded(EVIL)
        );
    let long = head(
        "long",
        "Leo <leo@acme.example>",
        &format!("long {}", "é".repeat(5_000)),
    ) + text
        + &"<b>{{x}}\u{202e}".repeat(1 << 16)
        + "\r\n";
    let mut broken = head(
        "broken",
        "Luc <luc@acme.example>",
        "=?utf-8?Q?=ED=A0=80=1B[31m_=C0=80?= \u{d7ff}",
    )
    .into_bytes();
    broken.extend(text.as_bytes());
    broken.extend(
        b"surrogates \xed\xa0\x80 \xed\xbf\xbf, overlong \xc0\x80, alone \x9b31m \xff\xfe\r\n",
    );
    let mut wide = head("wide", "Ines <ines@acme.example>", "wide").into_bytes();
    wide.extend(
        b"Content-Type: text/plain; charset=utf-16be\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    );
    // "a", a lone high surrogate, ESC, a bidi override, "b".
    wide.extend(
        data_encoding::BASE64
            .encode(b"\0a\xd8\0\0\x1b\x20\x2e\0b")
            .bytes(),
    );
    let seven = head(
        "seven",
        "Hugo <hugo@acme.example>",
        "=?utf-7?Q?+AAoAQgBjAGMAOg-?=",
    ) + "Content-Type: text/plain; charset=utf-7\r\n\r\n+ABs-[31m +IC4-abc +ADw-script+AD4-\r\n";
    let nobody = head("nobody", &encoded(&injected), &encoded(&injected))
        .replace("From: ", "X-From: ")
        + text
        + EVIL;
    let news = head(
        "news",
        &format!("{} <news@shop.example>", encoded(EVIL)),
        &encoded(EVIL),
    ) + "List-Id: <news.shop.example>\r\nList-Unsubscribe: <mailto:x@shop.example>\r\nPrecedence: bulk\r\n"
        + text
        + EVIL;
    let stranger = head(
        "stranger",
        &format!("{} <eve@evil.example>", encoded(EVIL)),
        &encoded(EVIL),
    ) + text
        + EVIL;
    let mut all: Vec<(&str, Vec<u8>)> = vec![
        ("plain", plain.into()),
        ("html", html.into()),
        ("files", files.into()),
        ("long", long.into()),
        ("broken", broken),
        ("wide", wide),
        ("seven", seven.into()),
        ("nobody", nobody.into()),
        ("news", news.into()),
        ("stranger", stranger.into()),
    ];
    let id = head("id", marie, "id").replace("<id@", "<i\u{1b}[31md\u{202e}@");
    all.push(("id", (id + text + "panne").into()));
    all
}

#[test]
fn hostile_mails_are_words_in_every_command() {
    let desk = Desk::new();
    let mut files = Vec::new();
    for (name, bytes) in mails() {
        fs::write(desk.path().join("in/new").join(name), &bytes).unwrap();
        let file = desk.path().join(format!("{name}.eml"));
        fs::write(&file, bytes).unwrap();
        files.push(file.to_string_lossy().into_owned());
    }
    let with_files = |command: &[&'static str]| {
        let mut arguments: Vec<&str> = command.to_vec();
        arguments.extend(files.iter().map(String::as_str));
        arguments
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    for command in [
        &["parse"][..],
        &["parse", "--json"],
        &["triage"],
        &["triage", "--json"],
        &["simulate"],
    ] {
        let arguments = with_files(command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = desk.guichet(&arguments);
        assert!(output.status.success(), "{command:?}: {output:?}");
        if command.contains(&"--json") {
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(text.lines().count(), files.len(), "one object a line");
            for line in text.lines() {
                serde_json::from_str::<Value>(line).unwrap();
            }
        }
    }
    // What was written is given back by JSON, to the letter.
    let parsed = desk.json(&["parse", "--json", &files[0]]);
    let (said, reply) = (&parsed[0], parsed[0]["reply"].as_str().unwrap());
    for piece in [
        "{{7*7}} {{{said.text}}} {{> layout}}",
        "<script>alert(1)</script>",
        "\u{202e}gpj.exe",
        "\\u0041 'quote\"",
    ] {
        assert!(reply.contains(piece), "{piece}: {reply}");
    }
    assert!(
        said["subject"]
            .as_str()
            .unwrap()
            .contains("{{{said.text}}}")
    );

    // The log: one event a line, each with its level.
    let run = desk.guichet(&["run", "--once"]);
    assert!(run.status.success(), "{run:?}");
    let log = String::from_utf8(run.stderr).unwrap();
    for line in log.lines() {
        let levels = ["DEBUG", " INFO", " WARN", "ERROR"];
        assert!(
            line.starts_with("20") && levels.iter().any(|level| line.contains(level)),
            "{line}"
        );
        assert!(
            !line.contains("alert(1)") && !line.contains("evil"),
            "no words of a mail: {line}"
        );
    }

    let tickets = desk.json(&["tickets", "--all", "--json"]);
    assert!(tickets.len() >= 8, "{tickets:?}");
    for ticket in &tickets {
        let id = ticket["id"].as_str().unwrap();
        let subject = ticket["subject"].as_str().unwrap();
        let obeyed = |c: char| is_obeyed(c) && c != '\u{e0041}';
        assert!(!subject.contains(obeyed), "{subject:?}");
        desk.guichet(&["ticket", "show", id]);
        let shown = desk.json(&["ticket", "show", id, "--json"]);
        assert!(!shown[0]["entries"].as_array().unwrap().is_empty());
    }
    let subjects: Vec<&str> = tickets
        .iter()
        .filter_map(|ticket| ticket["subject"].as_str())
        .collect();
    let literal = subjects
        .iter()
        .filter(|subject| subject.contains("{{7*7}} {{{said.text}}} {{> layout}}"));
    assert!(literal.count() >= 3, "{subjects:?}");
    desk.guichet(&["tickets", "--all"]);

    for command in [
        &["outbox", "--all"][..],
        &["outbox"],
        &["outbox", "--held"],
        &["status"],
    ] {
        desk.guichet(command);
    }
    for letter in desk.json(&["outbox", "--all", "--json"]) {
        desk.guichet(&["outbox", "show", &letter["id"].to_string()]);
    }
    let aside = desk.json(&["quarantine", "list", "--json"]);
    assert!(!aside.is_empty(), "the mail of nobody and the newsletter");
    desk.guichet(&["quarantine", "list"]);
    for mail in &aside {
        let id = mail["id"].to_string();
        let shown = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .arg("--config")
            .arg(desk.path().join("guichet.toml"))
            .args(["quarantine", "show", &id])
            .output()
            .unwrap();
        assert!(
            mails().iter().any(|(_, bytes)| *bytes == shown.stdout),
            "to a file or a program go the unchanged bytes"
        );
    }
    for (name, _) in mails() {
        desk.guichet(&["why", &format!("<{name}@acme.example>")]);
        desk.guichet(&["why", &format!("<{name}@acme.example>"), "--json"]);
    }

    letters_are_harmless(&desk.path().join("out/new"));

    let digest = desk.path().join("digest");
    let output = digest.to_string_lossy();
    let made = desk.guichet(&["digest", "--day", &today(), "--output", &output]);
    assert!(made.status.success(), "{made:?}");
    let mut seen = 0;
    for file in fs::read_dir(&digest).unwrap() {
        let path = file.unwrap().path();
        let Some("html" | "txt" | "csv") = path.extension().and_then(|name| name.to_str()) else {
            continue;
        };
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let text = text.trim_start_matches('\u{feff}');
        let hidden = |c: char| is_obeyed(c) && !"\r\n\u{200b}\u{e0041}".contains(c);
        assert!(!text.contains(hidden), "{}", path.display());
        let markup = path.extension().is_some_and(|name| name == "html");
        assert!(
            !markup || !text.contains("<script>alert"),
            "{}",
            path.display()
        );
    }
    assert!(seen >= 3, "{seen} files");
}

fn today() -> String {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}

/// Headers are ours alone, and neither part shows or runs anything but words.
fn letters_are_harmless(folder: &Path) {
    let mut told = 0;
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let source = String::from_utf8(bytes.clone()).unwrap();
        assert!(source.lines().all(|line| line.len() <= 998));
        let head = source.split("\r\n\r\n").next().unwrap();
        assert!(
            !head
                .lines()
                .any(|line| line.to_lowercase().starts_with("bcc")),
            "{head}"
        );
        assert!(
            !head.contains(|c: char| c != '\r' && c != '\n' && is_obeyed(c)),
            "{head}"
        );
        let letter = intake::read(&bytes, &Default::default());
        let subject = letter.subject.clone().unwrap_or_default();
        assert!(!subject.contains(is_obeyed), "{subject:?}");
        let visible = |c: char| is_obeyed(c) && !"\r\n\u{200b}\u{e0041}".contains(c);
        assert!(!letter.text.contains(visible), "{subject}: {}", letter.text);
        let html = mail_parser::MessageParser::default()
            .parse(&bytes)
            .and_then(|mail| {
                let part = mail
                    .html_body
                    .first()
                    .copied()
                    .and_then(|part| mail.parts.get(part as usize));
                match &part?.body {
                    mail_parser::PartType::Html(html) => Some(html.to_string()),
                    _ => None,
                }
            });
        if let Some(html) = html {
            for bad in ["<script>alert", "onerror=alert(1)>", "49 {{"] {
                assert!(!html.contains(bad), "{bad} in {subject}");
            }
            assert!(
                !html.contains(|c| visible(c) && c != '\u{200e}'),
                "{subject}"
            );
            assert!(html.len() < 80 * 1024, "{subject}: {} bytes", html.len());
        }
        told += usize::from(letter.text.contains("{{7*7}} {{{said.text}}} {{> layout}}"));
    }
    assert!(told >= 3, "technicians read what was written: {told}");
}

/// A person at a terminal sees the commands that a mail holds; none of them runs.
#[test]
fn unchanged_bytes_are_shown_harmlessly_to_a_terminal() {
    let desk = Desk::new();
    let (_, nobody) = mails()
        .into_iter()
        .find(|(name, _)| *name == "nobody")
        .unwrap();
    fs::write(desk.path().join("in/new/nobody"), nobody).unwrap();
    assert!(desk.guichet(&["run", "--once"]).status.success());
    let command = format!(
        "{} --config {} quarantine show 1",
        env!("CARGO_BIN_EXE_guichet"),
        desk.path().join("guichet.toml").display()
    );
    // util-linux: runs it at a terminal of its own.
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("\\u001b[31mred") && shown.contains("\\u202egpj.exe"),
        "{shown}"
    );
    assert!(
        !shown.contains(|c| c != '\r' && c != '\n' && is_obeyed(c)),
        "{shown:?}"
    );
}

/// Mails are decided together. One for which no letter can be written costs its own tries; its neighbours keep their order.
#[test]
fn a_mail_that_fails_costs_its_neighbours_nothing() {
    let desk = Desk::new();
    for (number, from) in ["ann", "bob", "j\u{f6}rg", "eve", "tom"].iter().enumerate() {
        // Its address cannot be put into the header of an acknowledgement (SMTPUTF8).
        let mail = format!(
            "From: {from}@acme.example\r\nTo: support@example.org\r\nSubject: printer {number}\r\n\
             Message-ID: <{number}@acme.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nThe printer of room {number} is jammed."
        );
        desk.0.put(&format!("in/new/{number}.host"), mail);
    }
    desk.guichet(&["run", "--once"]);
    let tickets = desk.json(&["tickets", "--json"]);
    let subjects: Vec<&str> = tickets
        .iter()
        .filter_map(|ticket| ticket["subject"].as_str())
        .collect();
    let stub_last = [
        "printer 0",
        "printer 1",
        "printer 3",
        "printer 4",
        "printer 2",
    ];
    assert_eq!(subjects, stub_last);
    let aside = desk.json(&["quarantine", "list", "--json"]);
    let failed: Vec<_> = aside
        .iter()
        .map(|mail| (mail["subject"].as_str(), mail["tries"].as_u64()))
        .collect();
    assert_eq!(failed, [(Some("printer 2"), Some(3))]);
    let letters = desk.json(&["outbox", "--all", "--json"]);
    let acknowledged = letters
        .iter()
        .filter(|letter| letter["notice"] == "acknowledgement");
    assert_eq!(acknowledged.count(), 4);
}
