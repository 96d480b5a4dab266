//! Letters as wholes: every notice in every language, headers.

mod hostile;
mod templates;

use std::fs;
use std::path::Path;

use mail_parser::{HeaderName, Message, MessageParser};

use super::*;
use crate::desk::notice::{Refusal, Refused, Role};
use crate::desk::ticket::Status;
use samples::{Office, empty, full};

pub(super) fn locale(text: &str) -> Locale {
    Locale::parse(text).unwrap()
}

fn scribe() -> Scribe {
    Scribe::load(&Look::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Ours, with the files of a folder in place of some.
fn in_folder(folder: &Path) -> Look<'_> {
    Look {
        folder: Some(folder),
        ..Look::default()
    }
}

pub(super) fn written(scribe: &Scribe, notice: &Notice) -> Vec<u8> {
    let office = Office::new(&locale("fr")).unwrap();
    scribe
        .write(notice, &office.envelope().unwrap())
        .unwrap_or_else(|error| panic!("{error}"))
        .bytes
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

fn text_of(mail: &Message<'_>) -> String {
    mail.body_text(0).unwrap().replace("\r\n", "\n")
}

fn html_of(mail: &Message<'_>) -> String {
    mail.body_html(0).unwrap().replace("\r\n", "\n")
}

/// The names of the headers, in their order.
fn names(mail: &Message<'_>) -> Vec<String> {
    mail.headers()
        .iter()
        .map(|header| header.name().to_owned())
        .collect()
}

fn header<'a>(mail: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    mail.header_raw(HeaderName::Other(name.into()))
        .or_else(|| mail.header_raw(name))
        .map(str::trim)
}

/// What a server may be given: 7 bit, CRLF only, no line over 998.
fn is_carriable(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap();
    let bare = text.replace("\r\n", "");
    text.is_ascii()
        && text.ends_with("\r\n")
        && !bare.contains(['\r', '\n', '\0'])
        && text.split("\r\n").all(|line| line.len() <= 998)
}

#[test]
fn every_notice_is_written_in_every_language() {
    let scribe = Scribe::check(&Look::default()).unwrap_or_else(|error| panic!("{error}"));
    let written_in = |kind: NoticeKind| scribe.notices().filter(move |(_, this)| *this == kind);
    for kind in NoticeKind::ALL {
        let staff_only = matches!(
            kind,
            NoticeKind::Receipt | NoticeKind::Bundle | NoticeKind::Queue | NoticeKind::Recipe
        );
        assert_eq!(written_in(kind).count(), if staff_only { 2 } else { 6 });
        for (language, _) in written_in(kind) {
            let language = language.as_str();
            for notice in [
                full(kind, &locale(language)).unwrap(),
                empty(kind, &locale(language)).unwrap(),
            ] {
                let bytes = written(&scribe, &notice);
                let mail = parsed(&bytes);
                let (text, html) = (text_of(&mail), html_of(&mail));
                let what = format!("{language} {}\n{text}\n{html}", kind.word());
                assert!(is_carriable(&bytes), "{what}");
                assert!(
                    text.contains("\n-- \nSupport informatique\n") || text.starts_with("-- \n"),
                    "{what}"
                );
                assert!(!text.contains("\n\n\n"), "{what}");
                assert!(!text.contains("{{") && !html.contains("{{"), "{what}");
                assert!(
                    html.contains(&format!("<html lang=\"{language}\"")),
                    "{what}"
                );
                assert!(
                    html.contains("INC-1042") && html.len() < 20 * 1024,
                    "{what}"
                );
                assert!(!html.contains("<img") && !html.contains("http"), "{what}");
                assert_eq!(header(&mail, "Content-Language"), Some(language));
                assert_eq!(mail.attachment_count(), 0, "{what}");
                if language == "fr" {
                    for wrong in [" :", " ;", " ?", " !", " »", "« ", "d'", "l'a"] {
                        let ours = text
                            .replace("tout l'étage", "")
                            .replace("INC-1042 : pris", "");
                        assert!(!ours.contains(wrong), "{wrong}: {what}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_acknowledgement_says_what_it_must() {
    let notice = full(NoticeKind::Acknowledgement, &locale("fr-CA")).unwrap();
    let bytes = written(&scribe(), &notice);
    let mail = parsed(&bytes);
    assert_eq!(
        names(&mail),
        [
            "Date",
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Message-ID",
            "In-Reply-To",
            "References",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "X-Guichet-Loop",
            "Content-Language",
            "MIME-Version",
            "Content-Type",
        ]
    );
    let head = String::from_utf8(bytes.clone()).unwrap();
    for line in [
        "Date: Sun, 22 Nov 2026 17:00:00 +0000\r\n",
        "From: \"Support informatique\" <support@example.org>\r\n",
        "To: \"Marie Dupont\" <marie@acme.example>\r\n",
        "Reply-To: support+inc-1042.4f1c2a@example.org\r\n",
        "Subject: [INC-1042] =?utf-8?b?",
        "Message-ID: <inc-1042.7.4f1c2a@example.org>\r\n",
        "In-Reply-To: <CAF-4711@mail.acme.example>\r\n",
        "References: <inc-1042.root@example.org>\r\n <CAF-4711@mail.acme.example>\r\n",
        "Auto-Submitted: auto-replied\r\n",
        "X-Auto-Response-Suppress: All\r\n",
        "X-Guichet-Loop: support@example.org\r\n",
        "Content-Language: fr\r\n",
        "Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert_eq!(mail.subject(), Some("[INC-1042] Plus de réseau à l'étage"));
    let text = text_of(&mail).replace(" \n", " ");
    for words in [
        "INC-1042",
        "Objet\u{a0}: Plus de réseau à l'étage",
        "Domaine\u{a0}: réseau",
        "Priorité\u{a0}: importante – nous la traitons avant les demandes courantes",
        "Qui est touché\u{a0}: tout un site",
        "1. Depuis quand",
        "au plus tard le mardi 24 novembre à 18\u{a0}h\u{a0}30",
        "répondez simplement",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn only_a_persons_words_go_without_the_marks_of_a_machine() {
    let scribe = scribe();
    for kind in NoticeKind::ALL {
        let mut notice = full(kind, &locale("en")).unwrap();
        let bytes = written(&scribe, &notice);
        let marks = |bytes: &[u8]| {
            let mail = parsed(bytes);
            let mark = header(&mail, "Auto-Submitted").map(str::to_owned);
            let suppress = header(&mail, "X-Auto-Response-Suppress").map(str::to_owned);
            assert_eq!(suppress.is_some(), mark.is_some());
            assert_eq!(header(&mail, "X-Guichet-Loop"), Some("support@example.org"));
            mark
        };
        let personal = matches!(
            kind,
            NoticeKind::Update | NoticeKind::Message | NoticeKind::Handoff
        );
        assert_eq!(
            marks(&bytes).as_deref(),
            (!personal).then_some("auto-replied")
        );
        notice.answers = None;
        let bytes = written(&scribe, &notice);
        assert_eq!(
            marks(&bytes).as_deref(),
            (!personal).then_some("auto-generated")
        );
        let from = parsed(&bytes).from().unwrap().first().unwrap().clone();
        assert_eq!(from.address.as_deref(), Some("support@example.org"));
        let name = if matches!(kind, NoticeKind::Update | NoticeKind::Handoff) {
            "Ann Martin (Support informatique)"
        } else {
            "Support informatique"
        };
        assert_eq!(from.name.as_deref(), Some(name));
    }
}

#[test]
fn the_same_notice_gives_the_same_bytes() {
    let (one, other) = (scribe(), scribe());
    for kind in NoticeKind::ALL {
        let notice = full(kind, &locale("fr")).unwrap();
        assert_eq!(written(&one, &notice), written(&other, &notice));
    }
}

#[test]
fn one_scribe_serves_every_thread() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&scribe());
}

#[test]
fn no_letter_has_holes_in_its_text() {
    let scribe = scribe();
    for (language, kind) in scribe.notices() {
        for preview in crate::scribe::samples::previews(&scribe, kind, language).unwrap() {
            let name = preview.name;
            assert!(
                !preview.text.contains("\n\n\n"),
                "{language} {} {name}: {}",
                kind.word(),
                preview.text
            );
        }
    }
}

#[test]
fn a_reader_is_written_to_in_the_nearest_language() {
    let scribe = scribe();
    let written_in = |reader: &str, desk: &str| {
        let office = Office::new(&locale(desk)).unwrap();
        let notice = empty(NoticeKind::Closed, &locale(reader)).unwrap();
        let letter = scribe.write(&notice, &office.envelope().unwrap()).unwrap();
        header(&parsed(&letter.bytes), "Content-Language").map(str::to_owned)
    };
    assert_eq!(written_in("fr-CA", "en").as_deref(), Some("fr"));
    assert_eq!(written_in("pt", "fr-BE").as_deref(), Some("fr"));
    assert_eq!(written_in("pt", "sv").as_deref(), Some("en"));
    assert_eq!(written_in("nl", "fr").as_deref(), Some("nl"));
}

#[test]
fn a_link_prepares_an_answer_that_keeps_the_thread() {
    let mut notice = full(NoticeKind::NewTicket, &locale("fr")).unwrap();
    notice.to.role = Role::Technician;
    notice.ticket.subject = "a&b=c d?".to_owned();
    let bytes = written(&scribe(), &notice);
    let html = html_of(&parsed(&bytes));
    assert!(
        html.contains(
            "href=\"mailto:support%2Binc-1042.4f1c2a@example.org?subject=Re%3A%20%5BINC-1042%5D%20a%26b%3Dc%20d%3F&amp;body=%2Fprends%0D%0A\""
        ),
        "{html}"
    );
}

#[test]
fn progress_tells_what_moved() {
    let scribe = scribe();
    let told = |from: Status, to: Status, technician: Option<&str>| {
        let mut notice = full(NoticeKind::Progress, &locale("en")).unwrap();
        notice.ticket.status = to;
        let progress = notice.progress.as_mut().unwrap();
        progress.from = from;
        progress.technician = technician.map(str::to_owned);
        text_of(&parsed(&written(&scribe, &notice))).replace(" \n", " ")
    };
    let ann = Some("Ann Martin");
    for (from, to, who, words) in [
        (
            Status::New,
            Status::Open,
            ann,
            "Ann Martin is now looking after",
        ),
        (
            Status::Resolved,
            Status::Open,
            ann,
            "open again; Ann Martin",
        ),
        (Status::Closed, Status::Open, None, "open again."),
        (
            Status::Open,
            Status::WaitingRequester,
            None,
            "We need your answer",
        ),
        (Status::Open, Status::WaitingProvider, None, "outside firm"),
        (
            Status::Open,
            Status::Snoozed,
            None,
            "until Wednesday 25 November at 17:00",
        ),
        (Status::Open, Status::Merged, None, "another one, INC-1040"),
        (Status::Open, Status::Open, None, "nothing new yet"),
        (
            Status::WaitingRequester,
            Status::Open,
            None,
            "waiting for a technician",
        ),
    ] {
        let text = told(from, to, who);
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn a_very_long_message_is_cut_and_says_so() {
    let mut notice = full(NoticeKind::NewTicket, &locale("en")).unwrap();
    for words in [
        "x".repeat(1_000_000),
        "<>'é \n".repeat(300_000),
        "\n".repeat(1_000_000) + "x",
    ] {
        notice.said.as_mut().unwrap().text = words.clone();
        let bytes = written(&scribe(), &notice);
        let mail = parsed(&bytes);
        assert!(is_carriable(&bytes));
        assert!(html_of(&mail).len() < 80 * 1024, "{}", html_of(&mail).len());
        let cut = words.trim().len() > 100;
        assert_eq!(html_of(&mail).contains("The message is longer"), cut);
        assert_eq!(text_of(&mail).contains("The message is longer"), cut);
    }
}

#[test]
fn a_long_thread_keeps_its_root_and_its_newest() {
    let mut notice = full(NoticeKind::Update, &locale("en")).unwrap();
    let id = |number: usize| {
        MessageId::parse(&format!("{number}.{}@mail.example", "y".repeat(60))).unwrap()
    };
    notice.references.extend((0..1_000).map(id));
    notice.references.push(MessageId::parse("é@x").unwrap());
    notice
        .references
        .push(MessageId::parse(&"z".repeat(950)).unwrap());
    notice.answers = Some(id(999));
    let bytes = written(&scribe(), &notice);
    assert!(is_carriable(&bytes));
    let mail = parsed(&bytes);
    let thread = mail.references().as_text_list().unwrap();
    assert_eq!(thread.first().unwrap(), "inc-1042.root@example.org");
    assert!(thread.last().unwrap().starts_with("999."));
    assert!((80..=120).contains(&thread.len()), "{}", thread.len());
}
