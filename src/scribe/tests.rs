//! Letters as wholes: every notice in every language, headers, hostile words, templates that are wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mail_parser::{HeaderName, Message, MessageParser};

use super::*;
use crate::desk::notice::{Refusal, Refused, Role};
use crate::desk::ticket::Status;
use samples::{Office, empty, full};

fn locale(text: &str) -> Locale {
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

fn written(scribe: &Scribe, notice: &Notice) -> Vec<u8> {
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
            NoticeKind::Receipt | NoticeKind::Bundle | NoticeKind::Queue
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
        let personal = matches!(kind, NoticeKind::Update | NoticeKind::Message);
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
        let name = if kind == NoticeKind::Update {
            "Ann Martin (Support informatique)"
        } else {
            "Support informatique"
        };
        assert_eq!(from.name.as_deref(), Some(name));
    }
}

#[test]
fn an_unverified_address_sees_nothing_a_stranger_chose() {
    let scribe = scribe();
    let canary = "CANARY-4711";
    for language in ["de", "en", "es", "fr", "it", "nl"] {
        for kind in NoticeKind::ALL {
            for by_technician in [false, true] {
                let mut notice = full(kind, &locale(language)).unwrap();
                notice.to.verified = false;
                notice.to.name = Some(canary.to_owned());
                notice.ticket.subject = canary.to_owned();
                notice.ticket.category = canary.to_owned();
                notice.ticket.requester.name = Some(canary.to_owned());
                notice.ticket.reasons[0].because = canary.to_owned();
                let said = notice.said.as_mut().unwrap();
                said.by_technician = by_technician;
                said.attachments = vec![canary.to_owned()];
                let answer = by_technician && kind == NoticeKind::Update;
                said.text = if answer {
                    "été ".repeat(5_000)
                } else {
                    canary.repeat(500)
                };
                if !answer {
                    said.by = canary.to_owned();
                }
                let id = format!("{}@mail.example", "x".repeat(700));
                notice.references = vec![MessageId::parse(&id).unwrap(); 20];
                let bytes = written(&scribe, &notice);
                let mail = parsed(&bytes);
                let source = String::from_utf8_lossy(&bytes).into_owned();
                assert!(
                    !source.contains(canary) && !text_of(&mail).contains(canary),
                    "{source}"
                );
                assert!(!mail.subject().unwrap().contains(canary));
                assert!(bytes.len() <= UNVERIFIED_MAX, "{}", bytes.len());
                assert!(is_carriable(&bytes));
                assert!(
                    source.contains("Content-Type: text/plain;") && !source.contains("text/html")
                );
                assert_eq!(text_of(&mail).contains("été été"), answer);
            }
        }
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

/// Strings that try to leave the place they are put in, 10,000 of them, always the same.
fn hostile() -> impl Iterator<Item = String> {
    const PIECES: [&str; 40] = [
        "\r\nBcc: eve@evil.example",
        "\nX-Evil: 1",
        "\rX-Evil: 1",
        "\0",
        "\u{b}\u{c}\u{85}",
        "\u{2028}To: eve@evil.example",
        "\u{202e}txt.exe",
        "\u{2066}x\u{2069}",
        "\u{200f}\u{feff}",
        "{{7*7}}",
        "{{> layout}}",
        "{{{said.text}}}",
        "{{#each this}}x{{/each}}",
        "{{lookup this \"x\"}}",
        "\\{{x}}",
        "<script>alert(1)</script>",
        "</td></tr></table>",
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=\"x",
        "' style='x",
        "<!--",
        "-->",
        "]]>",
        "&lt;b&gt;",
        "=?utf-8?q?=0D=0ABcc:_eve?=",
        "=?utf-8?b?QmNjOiBl?=",
        "\"<eve@evil.example>",
        "eve@evil.example, ",
        "(comment)",
        ";:,\\",
        "> ",
        "\n> > ",
        "-- \n",
        "\n--=_5553645f7a6819bc2907e8f2--\r\n",
        "\n.\r\n",
        "From eve",
        "%0D%0ABcc:",
        "javascript:alert(1)",
        "é😀ü",
        "Ω≈ç√∫ ﷽",
    ];
    let mut state = 0x2545_f491_u64;
    let mut next = move |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    (0..10_000).map(move |number| {
        if number % 2_500 == 0 {
            return PIECES[number / 2_500].repeat(1_000_000 / PIECES[number / 2_500].len());
        }
        (0..=next(5))
            .map(|_| format!("{}{}", ["", "a", " ", "b c"][next(4)], PIECES[next(40)]))
            .collect()
    })
}

/// The tags of a document, with the addresses of links taken out when they can do no harm.
fn tags(html: &str) -> BTreeSet<String> {
    let tags = html.split('<').skip(1).map(|piece| {
        let tag = piece.split_once('>').map_or(piece, |(tag, _)| tag);
        match tag.split_once("href=\"mailto:") {
            Some((before, rest)) => {
                let (link, after) = rest.split_once('"').unwrap();
                let safe = |c: char| c.is_ascii_alphanumeric() || "%&;=@.+?_~-".contains(c);
                assert!(link.chars().all(safe), "{link}");
                format!("{before}{after}")
            }
            None => tag.to_owned(),
        }
    });
    tags.collect()
}

#[test]
fn ten_thousand_hostile_strings_stay_what_they_are() {
    let scribe = scribe();
    let kinds = [
        NoticeKind::NewTicket,
        NoticeKind::Update,
        NoticeKind::Receipt,
        NoticeKind::Acknowledgement,
    ];
    let fill = |kind: NoticeKind, words: &str| {
        let mut notice = full(kind, &locale("en")).unwrap();
        notice.to.name = Some(words.to_owned());
        notice.ticket.subject = words.to_owned();
        notice.ticket.category = words.to_owned();
        notice.asked = vec![words.to_owned()];
        notice.ticket.requester.name = Some(words.to_owned());
        notice.ticket.organisation = Some(words.to_owned());
        notice.ticket.reasons[0].because = words.to_owned();
        let said = notice.said.as_mut().unwrap();
        said.by = words.to_owned();
        said.text = words.to_owned();
        said.attachments = vec![words.to_owned()];
        notice.receipt.as_mut().unwrap().refused = vec![Refused {
            line: words.to_owned(),
            because: Refusal::Unknown,
            did_you_mean: Some(words.to_owned()),
        }];
        notice
    };
    let expected: Vec<_> = kinds
        .iter()
        .map(|kind| {
            let bytes = written(&scribe, &fill(*kind, "harmless\n  words"));
            let mail = parsed(&bytes);
            (names(&mail), tags(&html_of(&mail)))
        })
        .collect();
    for (number, words) in hostile().enumerate() {
        let which = number % kinds.len();
        let bytes = written(&scribe, &fill(kinds[which], &words));
        let mail = parsed(&bytes);
        assert!(is_carriable(&bytes), "{words:?}");
        assert_eq!(names(&mail), expected[which].0, "{words:?}");
        let subject = format!("[INC-1042] {}", clean::line(&words, 250));
        assert_eq!(
            mail.subject().unwrap(),
            clean::line(&subject, 250),
            "{words:?}"
        );
        for (field, address) in [
            (mail.from(), "support@example.org"),
            (mail.to(), "marie@acme.example"),
        ] {
            let people: Vec<_> = field.unwrap().iter().collect();
            assert_eq!(people.len(), 1, "{words:?}");
            assert_eq!(people[0].address(), Some(address), "{words:?}");
        }
        let name = mail
            .to()
            .unwrap()
            .first()
            .unwrap()
            .name()
            .unwrap_or_default();
        assert_eq!(name, clean::line(&words, 120), "{words:?}");
        assert_eq!(mail.parts.len(), 3, "{words:?}");
        let html = html_of(&mail);
        let strange: Vec<_> = tags(&html)
            .difference(&expected[which].1)
            .cloned()
            .collect();
        assert!(
            strange.iter().all(|tag| tag == "br"),
            "{strange:?} from {words:?}"
        );
        // The words are there as they were written, in both parts.
        let text = text_of(&mail).replace(" \n", " ");
        if words.len() < 1_000 && kinds[which] != NoticeKind::Receipt {
            let line = clean::line(&words, 250);
            let shown = if kinds[which] == NoticeKind::Update {
                clean::lines(&words)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            } else {
                line
            };
            let shown = shown.trim();
            let escaped = helpers::escape(shown);
            assert!(html.contains(&escaped), "{escaped} in {html}");
            let squeezed = |text: &str| text.replace([' ', '>', '\n'], "");
            assert!(
                squeezed(&text).contains(&squeezed(shown)),
                "{shown} in {text}"
            );
        }
    }
}

/// A folder with one file in place of ours, and what loading it says.
fn refused(path: &str, text: &str) -> TemplateError {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    match Scribe::load(&in_folder(folder.path())) {
        Ok(_) => panic!("{path} was accepted: {text}"),
        Err(error) => error,
    }
}

#[test]
fn a_wrong_template_is_refused_by_name_and_line() {
    for (text, line, words) in [
        ("x\n{{tickett.id}}", 2, "there is no variable `tickett.id`"),
        ("{{#if ticket.subjekt}}x{{/if}}", 1, "`ticket.subjekt`"),
        ("{{#unless ticket.id.x}}x{{/unless}}", 1, "`ticket.id.x`"),
        (
            "\n{{#if ticket.id}}\n{{else if sayd}}\n{{/if}}",
            2,
            "`sayd`",
        ),
        (
            "{{#each said.atachments}}x{{/each}}",
            1,
            "`said.atachments`",
        ),
        (
            "{{#each ticket.reasons}}\n\n{{becuse}}{{/each}}",
            3,
            "`becuse`",
        ),
        ("{{#with said}}{{../tickt}}{{/with}}", 1, "`../tickt`"),
        ("{{#each ticket.id}}x{{/each}}", 1, "takes a list"),
        (
            "{{#if (eq ticket.prio \"P1\")}}x{{/if}}",
            1,
            "`ticket.prio`",
        ),
        ("{{url ticket.subjet}}", 1, "`ticket.subjet`"),
        ("{{shout ticket.id}}", 1, "no helper is called `shout`"),
        (
            "{{lookup ticket \"id\"}}",
            1,
            "no helper is called `lookup`",
        ),
        ("{{#log ticket.id}}{{/log}}", 1, "no block is called `log`"),
        ("{{{ticket.id}}}", 1, "without escaping"),
        ("{{&ticket.id}}", 1, "without escaping"),
        ("{{ticket}}", 1, "several parts"),
        ("{{> nosuch}}", 1, "no partial `nosuch`"),
        ("{{#> nosuch}}x{{/nosuch}}", 1, "no partial `nosuch`"),
        ("{{> greeting who=ticket.nobody}}", 1, "`ticket.nobody`"),
        ("{{> @partial-block}}", 1, "called with a block"),
        ("{{@index}}", 1, "`@index`"),
        ("{{#*inline \"x\"}}{{/inline}}", 1, "decorators"),
        ("a\n{{#if ticket.id}}", 2, "syntax"),
    ] {
        let error = refused("fr/closed/text.hbs", text);
        assert_eq!(error.file, "fr/closed/text.hbs", "{error}");
        assert!(error.reason.contains(words), "{error}");
        assert_eq!(error.line, Some(line), "{error}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("fr/closed/text.hbs:{line}: ")),
            "{error}"
        );
    }
    let error = refused("en/closed/html.hbs", "{{quote ticket.id}}");
    assert!(
        error.reason.contains("no helper is called `quote`"),
        "{error}"
    );
    let error = refused("fr/unverified/text.hbs", "{{ticket.subject}}");
    assert!(error.reason.contains("`ticket.subject`"), "{error}");
}

#[test]
fn a_value_that_can_be_missing_must_be_asked_for() {
    let error = refused("fr/closed/text.hbs", "{{said.text}}");
    assert_eq!(
        (error.file.as_str(), error.line),
        ("fr/closed/text.hbs", Some(1)),
        "{error}"
    );
}

#[test]
fn partials_that_include_each_other_are_refused() {
    let error = refused(
        "fr/partials/greeting.hbs",
        "{{> promise}}{{> signature}}{{> greeting}}",
    );
    assert!(error.reason.contains("greeting > greeting"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("en/partials")).unwrap();
    fs::write(
        folder.path().join("en/partials/greeting.hbs"),
        "{{> promise}}",
    )
    .unwrap();
    fs::write(
        folder.path().join("en/partials/promise.hbs"),
        "\n{{> greeting}}",
    )
    .unwrap();
    let error = Scribe::load(&in_folder(folder.path())).err().unwrap();
    assert_eq!(
        (error.file.as_str(), error.line),
        ("en/partials/promise.hbs", Some(2)),
        "{error}"
    );
}

#[test]
fn files_of_the_operator_replace_ours_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    put(
        "fr-CA/closed/text.hbs",
        "C’est réglé, {{ticket.requester.address}}.\n",
    );
    put(
        "en/partials/greeting.hbs",
        "Dear {{#if to.name}}{{to.name}}{{else}}all{{/if}},",
    );
    put("README.md", "not a template");
    let scribe = Scribe::load(&in_folder(folder.path())).unwrap();
    let text = |language: &str| {
        let notice = empty(NoticeKind::Closed, &locale(language)).unwrap();
        text_of(&parsed(&written(&scribe, &notice)))
    };
    assert_eq!(text("fr-CA").trim(), "C’est réglé, marie@acme.example.");
    assert!(text("fr").contains("est close"));
    assert!(text("en").starts_with("Dear all,"));

    assert!(
        refused("fr/clozed/text.hbs", "x")
            .reason
            .contains("no letter uses this file")
    );
    assert!(
        refused("french/closed/text.hbs", "x")
            .reason
            .contains("not a locale")
    );
    assert_eq!(refused("pt/closed/text.hbs", "x").file, "pt/strings.toml");
}

#[test]
fn an_address_no_header_can_show_is_refused() {
    let scribe = scribe();
    let office = Office::new(&locale("fr")).unwrap();
    for address in [
        "józef@example.org",
        "a@exämple.org",
        "a\u{202e}b@example.org",
    ] {
        let mut notice = empty(NoticeKind::Closed, &locale("fr")).unwrap();
        notice.to.address = address.parse().unwrap();
        let error = scribe
            .write(&notice, &office.envelope().unwrap())
            .unwrap_err();
        assert!(matches!(error, WriteError::Address(_)), "{error}");
    }
    let mut notice = empty(NoticeKind::Closed, &locale("fr")).unwrap();
    notice.to.address = "a..b@mobile.example".parse().unwrap();
    assert!(is_carriable(&written(&scribe, &notice)));
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

#[test]
fn unfolded_templates_write_the_same_letters() {
    let files = embedded::files(None).unwrap();
    let compiled = |unfold: bool| {
        let theme = Theme::load(None, None).unwrap();
        let mut locales = BTreeMap::new();
        for name in ["de", "en", "es", "fr", "it", "nl"] {
            let mut templates =
                Templates::compile(&locale(name), &theme, &files, &mut BTreeSet::new()).unwrap();
            if unfold {
                templates.text.unfold();
                templates.html.unfold();
            }
            locales.insert(name.to_owned(), templates);
        }
        Scribe {
            locales: Arc::new(locales),
            questions: Arc::default(),
            theme,
        }
    };
    let (folded, unfolded) = (compiled(false), compiled(true));
    for name in ["de", "en", "es", "fr", "it", "nl"] {
        for kind in NoticeKind::ALL {
            for notice in samples::variants(kind, &locale(name)).unwrap() {
                let (one, other) = (written(&folded, &notice), written(&unfolded, &notice));
                assert_eq!(
                    String::from_utf8(one).unwrap(),
                    String::from_utf8(other).unwrap()
                );
            }
        }
    }
}
