//! Two hundred mails as real programs write them, French first, with what is to be read from each.
//!
//! Each line of a table is one mail: its header fields and text as the program gives them, put into one of the usual MIME
//! structures in turn. Machines must be known, people never taken for machines; signatures, forwards and languages are read
//! as a person would. What fails is listed mail by mail.

mod automatic;
mod forwards;
mod people;
mod replies;

use data_encoding::BASE64;
use guichet::desk::mail::{InboundMail, Verdict};
use guichet::intake::{ReadRules, read};

/// What is to be read from a mail. `None`: not asked.
#[derive(Default)]
struct Wanted<'a> {
    verdict: Option<Verdict>,
    answerable: Option<bool>,
    reply: Option<&'a str>,
    forwarded: Option<&'a str>,
    language: Option<&'a str>,
}

/// A mail of `fields` and `text` in the `form`-th of the usual structures.
fn message(fields: &str, text: &str, form: usize) -> Vec<u8> {
    let has = |name: &str| {
        fields
            .lines()
            .any(|line| line.to_ascii_lowercase().starts_with(name))
    };
    let mut head = String::new();
    for line in fields
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (name, value) = line.split_once(':').expect("a field");
        let value = value.trim();
        match value.is_ascii() {
            true => head.push_str(&format!("{name}: {value}\r\n")),
            false => head.push_str(&format!("{name}: {}\r\n", encoded(value))),
        }
    }
    for (name, value) in [
        ("from", "Marie Durand <marie@acme.example>"),
        ("to", "Support informatique <support@example.org>"),
        ("date", "Mon, 23 Nov 2026 09:00:00 +0100"),
        ("message-id", "<m1@acme.example>"),
        ("mime-version", "1.0"),
    ] {
        if !has(&format!("{name}:")) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let text = text.replace('\n', "\r\n");
    if has("content-type:") {
        return format!("{head}\r\n{text}\r\n").into_bytes();
    }
    let latin = text.chars().all(|c| u32::from(c) < 256);
    let plain = match (form % 4, latin) {
        (1, true) => {
            let bytes: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
            format!(
                "Content-Type: text/plain; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                quoted(&bytes)
            )
        }
        (2, _) => format!(
            "Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            folded(&BASE64.encode(text.as_bytes()))
        ),
        (3, _) => format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
            quoted(text.as_bytes())
        ),
        _ => format!(
            "Content-Type: text/plain; charset=UTF-8; format=fixed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}"
        ),
    };
    if form % 3 != 2 {
        return format!("{head}{plain}\r\n").into_bytes();
    }
    // Many programs send a picture of a logo beside each text.
    format!(
        "{head}Content-Type: multipart/mixed; boundary=\"=_b1\"\r\n\r\n--=_b1\r\n{plain}\r\n--=_b1\r\n\
         Content-Type: image/png; name=\"image001.png\"\r\nContent-ID: <image001.png@01D0>\r\n\
         Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--=_b1--\r\n"
    )
    .into_bytes()
}

/// Encoded words of RFC 2047, an address left as it is.
fn encoded(value: &str) -> String {
    let (words, address) = match value.split_once(" <") {
        Some((words, address)) => (words, format!(" <{address}")),
        None => (value, String::new()),
    };
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for c in words.chars() {
        if piece.len() + c.len_utf8() > 36 {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.push(c);
    }
    pieces.push(piece);
    let words: Vec<String> = pieces
        .iter()
        .map(|piece| format!("=?utf-8?B?{}?=", BASE64.encode(piece.as_bytes())))
        .collect();
    format!("{}{address}", words.join("\r\n "))
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut width = 0;
    for &byte in bytes {
        let sign = match byte {
            b'\r' | b'\n' => char::from(byte).to_string(),
            b'=' => "=3D".to_owned(),
            32..=126 => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if byte == b'\n' {
            width = 0;
        } else if width + sign.len() > 75 {
            out.push_str("=\r\n");
            width = 0;
        }
        width += sign.len();
        out.push_str(&sign);
    }
    out
}

fn folded(text: &str) -> String {
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    lines.join("\r\n")
}

/// What is wrong with what was read, if anything.
fn wrong(mail: &InboundMail, wanted: &Wanted<'_>) -> Vec<String> {
    let solid = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wrong = Vec::new();
    let mut check = |what: &str, right: bool, got: String| {
        if !right {
            wrong.push(format!("{what}: {got}"));
        }
    };
    let verdict = mail.origin.verdict;
    check(
        "verdict",
        wanted.verdict.is_none_or(|wanted| wanted == verdict),
        format!("{} ({:?})", verdict.word(), mail.origin.evidence),
    );
    check(
        "answerable",
        wanted
            .answerable
            .is_none_or(|wanted| wanted == mail.origin.answerable),
        format!("{} ({:?})", mail.origin.answerable, mail.origin.evidence),
    );
    check(
        "reply",
        wanted
            .reply
            .is_none_or(|wanted| solid(wanted) == solid(&mail.reply)),
        mail.reply.clone(),
    );
    let forwarded = mail
        .forwarded_from
        .as_ref()
        .map(|from| from.address.as_str());
    check(
        "forwarded from",
        wanted.forwarded.is_none_or(|wanted| {
            Some(wanted) == forwarded || wanted.is_empty() && forwarded.is_none()
        }),
        format!("{forwarded:?}"),
    );
    let language = mail.language.map(|language| language.code());
    check(
        "language",
        wanted
            .language
            .is_none_or(|wanted| Some(wanted) == language),
        format!("{language:?}"),
    );
    wrong
}

/// Collects what a table's mails are read as, and complains at the end.
#[derive(Default)]
struct Table {
    mails: usize,
    wrong: Vec<String>,
}

impl Table {
    fn mail(&mut self, name: &str, fields: &str, text: &str, wanted: Wanted<'_>) {
        let bytes = message(fields, text, self.mails);
        self.mails += 1;
        let mail = read(&bytes, &ReadRules::default());
        for wrong in wrong(&mail, &wanted) {
            self.wrong
                .push(format!("--- {name}: {wrong}\n{fields}\n{text}\n"));
        }
    }

    fn done(self) -> usize {
        assert!(
            self.wrong.is_empty(),
            "{} of {} mails are read wrongly:\n{}",
            self.wrong.len(),
            self.mails,
            self.wrong.join("\n")
        );
        self.mails
    }
}

#[test]
fn machines_are_known() {
    assert!(automatic::table().done() >= 70);
}

#[test]
fn no_person_is_taken_for_a_machine() {
    assert!(people::table().done() >= 50);
}

#[test]
fn what_was_written_now_is_found() {
    assert!(replies::table().done() >= 70);
}

#[test]
fn who_wrote_a_forwarded_mail_is_found() {
    assert!(forwards::table().done() >= 30);
}
